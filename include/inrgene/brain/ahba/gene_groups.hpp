// Probes grouped by gene, and the words for those that a choice leaves out.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/probes.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/number_text.hpp"

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

namespace detail {

/// A figure for a sentence, four digits.
[[nodiscard]] inline std::string short_number(double value) {
  std::array<char, 32> digits{};
  const int length = std::snprintf(digits.data(), digits.size(), "%.4g", value);
  return {digits.data(), static_cast<std::size_t>(length)};
}

/// Two figures that differ, with as many digits as it takes to see it.
[[nodiscard]] inline std::string larger_and_smaller(double larger, double smaller) {
  std::string a = short_number(larger), b = short_number(smaller);
  if (a == b) {
    a = number_text(larger);
    b = number_text(smaller);
  }
  return a + " against " + b;
}

/// Why `chosen` was preferred to a probe of its gene, by their figures.
[[nodiscard]] inline std::string why_not(std::string_view method, Index chosen, double its_figure,
                                         double figure) {
  std::string out = std::to_string(chosen);
  if (std::isnan(figure) && !std::isnan(its_figure)) {
    return out + " has a " + std::string(method) + " (" + short_number(its_figure) +
           "), this probe has none";
  }
  if (std::isnan(figure) || std::isnan(its_figure)) {
    return out + " comes first and " + std::string(method) + " cannot tell them apart";
  }
  if (figure == its_figure) {
    return out + " has the same " + std::string(method) + " (" + short_number(figure) +
           ") and comes first";
  }
  return out + " has the larger " + std::string(method) + " (" +
         larger_and_smaller(its_figure, figure) + ")";
}

}  // namespace detail
}  // namespace inrgene
