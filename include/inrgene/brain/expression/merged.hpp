// The merged table of the paper's released code: one row for each (gene, well) pair.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/brain/expression/tissue_class.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/number_text.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// A merged table taken apart.
struct Merged {
  Samples samples = {};           ///< values [genes x wells]; sites have a tissue class
  std::vector<double> axis = {};  ///< position of each gene on the gene axis, as in the file
  std::string axis_name = "se";   ///< "se" (spectral embedding) or "pc1"
};

namespace detail {

/// Names in the order of their first row, that row, and the name of every row.
struct RowKeys {
  std::vector<std::string> names = {};
  std::vector<Index> first_row = {};
  std::vector<Index> of_row = {};
};

[[nodiscard]] inline RowKeys row_keys(const CsvTable& table, std::string_view name) {
  const Index column = table.column(name);
  RowKeys keys;
  std::map<std::string_view, Index> known;
  for (Index row = 0; row < table.rows(); ++row) {
    const std::string_view key = table.cell(row, column);
    if (key.empty()) table.refuse(row, column, "an empty cell", "a name");
    const auto [entry, fresh] = known.emplace(key, std::ssize(keys.names));
    if (fresh) {
      keys.names.emplace_back(key);
      keys.first_row.push_back(row);
    }
    keys.of_row.push_back(entry->second);
  }
  return keys;
}

/// One number for each key, from a column that must repeat it in all rows of the key. Throws
/// InputError at the first row that says something else.
[[nodiscard]] inline std::vector<double> repeated_numbers(const CsvTable& table,
                                                          const RowKeys& keys,
                                                          std::string_view name) {
  const Index column = table.column(name);
  std::vector<double> out;
  for (const Index row : keys.first_row) out.push_back(table.finite(row, column));
  for (Index row = 0; row < table.rows(); ++row) {
    const auto key = static_cast<std::size_t>(keys.of_row[static_cast<std::size_t>(row)]);
    const double value = table.finite(row, column);
    if (value != out[key]) {
      table.refuse(row, column, number_text(value),
                   text(number_text(out[key]), " as on line ", table.line(keys.first_row[key]),
                        " for ", in_quotes(keys.names[key])));
    }
  }
  return out;
}

/// Throws InputError unless the rows hold every (gene, well) pair once. Needs memory for the rows
/// alone, so that a broken table cannot ask for genes x wells.
inline void require_every_pair(const CsvTable& table, const RowKeys& genes, const RowKeys& wells) {
  const Index n_wells = std::ssize(wells.names);
  const Index n_pairs = std::ssize(genes.names) * n_wells;
  std::vector<std::pair<Index, Index>> pairs;  // position in the table of values, row
  pairs.reserve(static_cast<std::size_t>(table.rows()));
  for (Index row = 0; row < table.rows(); ++row) {
    const auto at = static_cast<std::size_t>(row);
    pairs.emplace_back(genes.of_row[at] * n_wells + wells.of_row[at], row);
  }
  std::sort(pairs.begin(), pairs.end());
  const auto place = [&](Index pair) {
    return text("gene ", in_quotes(genes.names[static_cast<std::size_t>(pair / n_wells)]),
                ", well_id ", in_quotes(wells.names[static_cast<std::size_t>(pair % n_wells)]));
  };
  const auto twice = std::adjacent_find(
      pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first == b.first; });
  if (twice != pairs.end()) {
    throw InputError(
        {table.file(), text("line ", table.line((twice + 1)->second)),
         text(place(twice->first), ", which line ", table.line(twice->second), " has too"),
         "each (gene, well) pair once"});
  }
  if (std::ssize(pairs) < n_pairs) {
    Index missing = 0;
    while (missing < std::ssize(pairs) &&
           pairs[static_cast<std::size_t>(missing)].first == missing) {
      ++missing;
    }
    throw InputError({table.file(), place(missing),
                      text("no row (", pairs.size(), " rows for ", genes.names.size(), " genes x ",
                           n_wells, " wells)"),
                      "a row for every (gene, well) pair"});
  }
}

}  // namespace detail

/// Reads the released code's merged table: columns `gene_symbol, well_id, mni_x, mni_y, mni_z,
/// classification, value` and one of `se`, `pc1`, in any order; others are ignored. Genes and wells
/// keep the order of their first rows. Throws InputError with file and line for a missing column,
/// both axis columns, no rows, text or a missing value where a number should be, a class other
/// than -1, 0, 1, a repeated or missing (gene, well) pair, a well whose coordinates or class differ
/// between rows, and a gene whose axis position does. Cost: O(rows log rows).
[[nodiscard]] inline Merged read_merged(const std::filesystem::path& path, TissueSign sign) {
  const CsvTable table = read_csv(path);
  if (table.has("se") == table.has("pc1")) {
    throw InputError({table.file(), "header",
                      table.has("se") ? "both columns 'se' and 'pc1'" : "no column 'se' or 'pc1'",
                      "one of them, the position of each gene on the gene axis"});
  }
  Merged out;
  out.axis_name = table.has("se") ? "se" : "pc1";
  const Index class_column = table.column("classification");
  const Index value_column = table.column("value");
  const detail::RowKeys genes = detail::row_keys(table, "gene_symbol");
  const detail::RowKeys wells = detail::row_keys(table, "well_id");
  if (table.rows() == 0) {
    throw InputError({table.file(), "", "a header and no rows", "at least one row"});
  }
  const auto x = detail::repeated_numbers(table, wells, "mni_x");
  const auto y = detail::repeated_numbers(table, wells, "mni_y");
  const auto z = detail::repeated_numbers(table, wells, "mni_z");
  const auto classes = detail::repeated_numbers(table, wells, "classification");
  out.axis = detail::repeated_numbers(table, genes, out.axis_name);
  detail::require_every_pair(table, genes, wells);

  Sites& sites = out.samples.sites;
  sites.file = table.file();
  sites.well_ids = wells.names;
  sites.mni_mm.resize(3, std::ssize(x));
  for (std::size_t w = 0; w < x.size(); ++w) {
    sites.mni_mm.col(static_cast<Index>(w)) = Eigen::Vector3d(x[w], y[w], z[w]);
    sites.tissue.push_back(tissue_from_value(
        classes[w], sign, {table.file(), table.place(wells.first_row[w], class_column)}));
  }
  out.samples.genes = genes.names;
  out.samples.file = table.file();
  out.samples.values.resize(std::ssize(genes.names), std::ssize(wells.names));
  for (Index row = 0; row < table.rows(); ++row) {
    const auto at = static_cast<std::size_t>(row);
    out.samples.values(genes.of_row[at], wells.of_row[at]) = table.finite(row, value_column);
  }
  return out;
}

/// Writes a merged table, gene after gene, that `read_merged` reads back to the same doubles.
/// Throws ArgumentError when the parts do not fit, sites have no tissue class or the axis is
/// neither se nor pc1; InputError when it cannot be written.
inline void write_merged(const std::filesystem::path& path, const Merged& merged, TissueSign sign) {
  const Samples& samples = merged.samples;
  samples.check();
  require(merged.axis_name == "se" || merged.axis_name == "pc1", "gene axis", merged.axis_name,
          "se or pc1");
  require(merged.axis.size() == samples.genes.size(), "positions on the gene axis",
          merged.axis.size(), text("one for each of the ", samples.genes.size(), " genes"));
  require(std::ssize(samples.sites.tissue) == samples.size(), "sites with a tissue class",
          samples.sites.tissue.size(), text("all ", samples.size()));
  CsvWriter writer;
  writer.row("gene_symbol", "well_id", "mni_x", "mni_y", "mni_z", "classification", "value",
             merged.axis_name);
  for (Index g = 0; g < std::ssize(samples.genes); ++g) {
    for (Index w = 0; w < samples.size(); ++w) {
      const auto site = static_cast<std::size_t>(w);
      const auto& mni_mm = samples.sites.mni_mm;
      writer.row(samples.genes[static_cast<std::size_t>(g)], samples.sites.well_ids[site],
                 mni_mm(0, w), mni_mm(1, w), mni_mm(2, w),
                 static_cast<int>(tissue_value(samples.sites.tissue[site], sign)),
                 samples.values(g, w), merged.axis[static_cast<std::size_t>(g)]);
    }
  }
  writer.write(path);
}

}  // namespace inrgene
