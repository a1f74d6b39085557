// Tables of several donors as one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/progress.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

namespace detail {

/// "a.csv", or "a.csv and 5 more files".
[[nodiscard]] inline std::string files_text(const std::string& first, Index files) {
  if (files == 1) return first;
  return text(first, " and ", files - 1, files == 2 ? " more file" : " more files");
}

}  // namespace detail

/// The samples (or regions) of all tables behind each other, with the genes that every table has,
/// in the order of the first. Genes that some table lacks are told to `warn`. One table is returned
/// as it is. Throws ArgumentError for no table; InputError when tables of samples and of regions
/// meet, an id stands in two tables, or no gene is common. Cost: O(genes ids).
[[nodiscard]] inline ExpressionTable concatenate(std::span<const ExpressionTable> tables,
                                                 const WarningCallback& warn = {}) {
  require(!tables.empty(), "expression tables", 0, "at least 1");
  if (tables.size() == 1) return tables.front();
  ExpressionTable out;
  out.key = tables.front().key;
  out.file = detail::files_text(tables.front().file, std::ssize(tables));
  out.genes = tables.front().genes;
  std::set<std::string> everywhere(out.genes.begin(), out.genes.end()), anywhere = everywhere;
  std::set<std::string_view> ids;
  Index columns = 0;
  for (const ExpressionTable& table : tables) {
    if (table.key != out.key) {
      throw InputError({table.file, "header", text("a table by '", table.key, "'"),
                        text("a table by '", out.key, "', as ", tables.front().file)});
    }
    std::set<std::string> shared;
    for (const std::string& gene : table.genes) {
      anywhere.insert(gene);
      if (everywhere.contains(gene)) shared.insert(gene);
    }
    everywhere = std::move(shared);
    for (const std::string& id : table.ids) {
      if (!ids.insert(id).second) {
        throw InputError({table.file, table.key, text("'", id, "', which another table has too"),
                          "each one once in all tables"});
      }
    }
    columns += table.values.cols();
  }
  std::erase_if(out.genes, [&](const std::string& gene) { return !everywhere.contains(gene); });
  if (out.genes.empty()) {
    throw InputError({out.file, "genes", "no gene that all of them have", "genes in common"});
  }
  if (warn && anywhere.size() > everywhere.size()) {
    std::vector<std::string> left_out;
    for (const std::string& gene : anywhere) {
      if (!everywhere.contains(gene)) left_out.push_back(gene);
    }
    warn(text(out.file, ": ", left_out.size(), left_out.size() == 1 ? " gene" : " genes",
              " not in all of them and left out: ", detail::name_list(left_out, 10)));
  }
  out.values.resize(std::ssize(out.genes), columns);
  Index begin = 0;
  for (const ExpressionTable& table : tables) {
    const std::vector<Index> rows = detail::find_genes(table.genes, out.genes, table.file, {});
    out.values.middleCols(begin, table.values.cols()) = table.values(rows, Eigen::all);
    begin += table.values.cols();
    out.ids.insert(out.ids.end(), table.ids.begin(), table.ids.end());
  }
  return out;
}

/// All sites behind each other. An optional column that only some have is told to `warn` and left
/// out. Throws ArgumentError for nothing to join. Cost: O(sites).
[[nodiscard]] inline Sites concatenate(std::span<const Sites> parts,
                                       const WarningCallback& warn = {}) {
  require(!parts.empty(), "tables of sites", 0, "at least 1");
  if (parts.size() == 1) return parts.front();
  Sites out;
  out.file = detail::files_text(parts.front().file, std::ssize(parts));
  Index sites = 0;
  for (const Sites& part : parts) {
    part.check();
    sites += part.size();
  }
  out.mni_mm.resize(3, sites);
  Index begin = 0;
  for (const Sites& part : parts) {
    out.well_ids.insert(out.well_ids.end(), part.well_ids.begin(), part.well_ids.end());
    out.mni_mm.middleCols(begin, part.size()) = part.mni_mm;
    begin += part.size();
  }
  const auto join_column = [&](auto column, std::string_view name) {
    const auto with = std::count_if(parts.begin(), parts.end(),
                                    [&](const Sites& part) { return !(part.*column).empty(); });
    if (with == 0) return;
    if (with < std::ssize(parts)) {
      if (warn) warn(text(out.file, ": the column '", name, "' is in only ", with, " of them"));
      return;
    }
    for (const Sites& part : parts) {
      (out.*column).insert((out.*column).end(), (part.*column).begin(), (part.*column).end());
    }
  };
  join_column(&Sites::tissue, "classification");
  join_column(&Sites::donor, "donor");
  join_column(&Sites::slab, "slab");
  join_column(&Sites::structure, "structure");
  join_column(&Sites::hemisphere, "hemisphere");
  join_column(&Sites::label, "label");
  return out;
}

}  // namespace inrgene
