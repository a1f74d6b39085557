// Probes grouped by gene.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/brain/ahba/probes.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

/// Probes with the same gene symbol. Genes ascend by code point; the rows of a group ascend.
struct GeneGroups {
  std::vector<std::string> gene = {};  ///< distinct
  std::vector<Index> begin = {0};      ///< of each group in `row`, and the number of all
  std::vector<Index> row = {};         ///< of the probe table

  [[nodiscard]] Index size() const { return std::ssize(gene); }
  [[nodiscard]] std::span<const Index> rows(Index group) const {
    const auto g = static_cast<std::size_t>(group);
    return std::span(row).subspan(static_cast<std::size_t>(begin[g]),
                                  static_cast<std::size_t>(begin[g + 1] - begin[g]));
  }
};

/// Groups the probes of `probes` whose gene is known and, unless `genes` is empty, in `genes`.
/// Cost O(probes log probes).
[[nodiscard]] inline GeneGroups group_by_gene(const ProbeTable& probes,
                                              std::span<const std::string> genes = {}) {
  std::vector<std::string_view> wanted(genes.begin(), genes.end());
  std::sort(wanted.begin(), wanted.end());
  const auto symbol = [&](Index row) {
    return std::string_view(probes.gene[static_cast<std::size_t>(row)]);
  };
  GeneGroups out;
  for (Index row = 0; row < probes.size(); ++row) {
    const bool is_wanted =
        wanted.empty() || std::binary_search(wanted.begin(), wanted.end(), symbol(row));
    if (is_wanted && !symbol(row).empty()) out.row.push_back(row);
  }
  std::sort(out.row.begin(), out.row.end(), [&](Index a, Index b) {
    const int order = symbol(a).compare(symbol(b));
    return order < 0 || (order == 0 && a < b);
  });
  for (std::size_t i = 0; i < out.row.size(); ++i) {
    if (i > 0 && symbol(out.row[i]) == symbol(out.row[i - 1])) continue;
    out.gene.emplace_back(symbol(out.row[i]));
    if (i > 0) out.begin.push_back(static_cast<Index>(i));
  }
  if (!out.row.empty()) out.begin.push_back(std::ssize(out.row));
  return out;
}

}  // namespace inrgene
