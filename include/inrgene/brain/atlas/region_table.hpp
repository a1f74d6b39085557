// The regional expression table: `label`, then one column a gene.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// Expression by region.
struct RegionTable {
  std::vector<Index> label;
  std::vector<std::string> genes;
  Eigen::MatrixXd values;  ///< [genes x regions]; NaN where a region has no value
};

/// Writes `label,GENE…`, one region a line; numbers read back as the same doubles, the file whole
/// or not at all. Throws ArgumentError when the shapes do not agree.
inline void write_regions(const RegionTable& table, const std::filesystem::path& path) {
  require(table.values.rows() == std::ssize(table.genes), "values rows", table.values.rows(),
          text("as many as genes: ", table.genes.size()));
  require(table.values.cols() == std::ssize(table.label), "values columns", table.values.cols(),
          text("as many as labels: ", table.label.size()));
  CsvWriter writer;
  writer.field("label");
  for (const std::string& gene : table.genes) writer.field(gene);
  writer.end_row();
  for (Index r = 0; r < table.values.cols(); ++r) {
    writer.field(table.label[static_cast<std::size_t>(r)]);
    for (Index g = 0; g < table.values.rows(); ++g) writer.field(table.values(g, r));
    writer.end_row();
  }
  writer.write(path);
}

/// Reads such a table. Missing values are NaN. Throws InputError for a first column that is not
/// `label`, no gene, no region, a label that is no whole number or stands twice, and text in a
/// number.
[[nodiscard]] inline RegionTable read_regions(const std::filesystem::path& path) {
  const CsvTable csv = read_csv(path);
  if (csv.header().front() != "label") {
    throw InputError({csv.file(), "header", text("'", csv.header().front(), "' first"),
                      "'label', then one column a gene"});
  }
  if (csv.columns() < 2) throw InputError({csv.file(), "header", "no gene", "at least one"});
  if (csv.rows() == 0) {
    throw InputError({csv.file(), "line 2", "no line after the header", "at least one region"});
  }
  RegionTable table;
  table.genes.assign(csv.header().begin() + 1, csv.header().end());
  table.values.resize(csv.columns() - 1, csv.rows());
  std::map<Index, Index> line_of;
  for (Index r = 0; r < csv.rows(); ++r) {
    const Index label = csv.integer(r, 0);
    const auto [first, is_new] = line_of.emplace(label, csv.line(r));
    if (!is_new) {
      csv.refuse(r, 0, text(label, ", as on line ", first->second), "each label once");
    }
    table.label.push_back(label);
    for (Index g = 1; g < csv.columns(); ++g) table.values(g - 1, r) = csv.number(r, g);
  }
  return table;
}

}  // namespace inrgene
