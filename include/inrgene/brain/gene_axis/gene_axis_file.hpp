// The gene order table: `gene_symbol,se,raw` (or `pc1` in place of `se`).
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/gene_axis/gene_axis.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/csv.hpp"

namespace inrgene {

/// Writes `gene_symbol,se,raw` (`pc1` in place of `se` by the axis's method), one gene a line in
/// ascending order; numbers read back as the same doubles, the file whole or not at all.
/// Throws ArgumentError for columns of different lengths, InputError when it cannot be written.
inline void write_gene_axis(const GeneAxis& axis, const std::filesystem::path& path) {
  require(axis.method == "se" || axis.method == "pc1", "axis.method", axis.method, "se or pc1");
  require(std::ssize(axis.position) == axis.size(), "axis.position", axis.position.size(),
          text("as many as genes: ", axis.size()));
  require(std::ssize(axis.raw) == axis.size(), "axis.raw", axis.raw.size(),
          text("as many as genes: ", axis.size()));
  CsvWriter writer;
  writer.row("gene_symbol", axis.method, "raw");
  for (std::size_t g = 0; g < axis.genes.size(); ++g) {
    writer.row(axis.genes[g], axis.position[g], axis.raw[g]);
  }
  writer.write(path);
}

/// Reads such a table; other columns are ignored, lines may come in any order, and without a
/// column `raw` the raw entries are the positions. `components` is not in the file and reads as 1.
/// Throws InputError for neither or both of `se` and `pc1`, no line, an empty or repeated symbol,
/// and a position outside [0, 1].
[[nodiscard]] inline GeneAxis read_gene_axis(const std::filesystem::path& path) {
  const CsvTable table = read_csv(path);
  const Index symbol = table.column("gene_symbol");
  const bool is_pc1 = table.has("pc1");
  if (is_pc1 && table.has("se")) {
    throw InputError({table.file(), "header", "both 'se' and 'pc1'", "one of them"});
  }
  const Index position = table.column(is_pc1 ? "pc1" : "se");
  if (table.rows() == 0) {
    throw InputError({table.file(), "line 2", "no line after the header", "at least one gene"});
  }
  struct Row {
    double position;
    std::string gene;
    double raw;
  };
  std::vector<Row> rows;
  std::map<std::string, Index, std::less<>> line_of;
  for (Index r = 0; r < table.rows(); ++r) {
    Row row{table.finite(r, position), std::string(table.cell(r, symbol)), 0};
    if (row.gene.empty()) table.refuse(r, symbol, "an empty cell", "a gene symbol");
    if (row.position < 0 || row.position > 1) {
      table.refuse(r, position, text(row.position), "a position in [0, 1]");
    }
    const auto [first, is_new] = line_of.emplace(row.gene, table.line(r));
    if (!is_new) {
      table.refuse(r, symbol, text("'", row.gene, "', as on line ", first->second),
                   "each gene once");
    }
    row.raw = table.has("raw") ? table.finite(r, table.column("raw")) : row.position;
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.position < b.position || (a.position == b.position && a.gene < b.gene);
  });
  GeneAxis axis;
  axis.method = is_pc1 ? "pc1" : "se";
  for (Row& row : rows) {
    axis.genes.push_back(std::move(row.gene));
    axis.position.push_back(row.position);
    axis.raw.push_back(row.raw);
  }
  return axis;
}

}  // namespace inrgene
