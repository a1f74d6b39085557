// The tables that users bring: expression, annotation and lists of genes, read strictly.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/brain/expression/tissue_class.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/progress.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/atomic_file.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/number_text.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

namespace detail {

/// Throws InputError when the table has a header only.
inline void require_rows(const CsvTable& table) {
  if (table.rows() == 0) {
    throw InputError({table.file(), "", "a header and no rows", "at least one row"});
  }
}

/// The texts of a column that names rows. Throws InputError for an empty name and for a repeated
/// one, with both lines. Cost: O(rows log rows).
[[nodiscard]] inline std::vector<std::string> distinct_ids(const CsvTable& table, Index column) {
  std::vector<std::string> ids;
  std::map<std::string_view, Index> first_row;
  for (Index row = 0; row < table.rows(); ++row) {
    const std::string_view id = table.cell(row, column);
    if (id.empty()) table.refuse(row, column, "an empty cell", "a name");
    const auto [entry, fresh] = first_row.emplace(id, row);
    if (!fresh) {
      table.refuse(row, column,
                   text(in_quotes(id), ", which line ", table.line(entry->second), " has too"),
                   "each name once");
    }
    ids.emplace_back(id);
  }
  return ids;
}

/// As `distinct_ids` for a table where mirrored copies carry their source's well_id: the k-th row
/// of a well is called "WELL#k" from the second on, so that tables with the same rows meet row by
/// row.
[[nodiscard]] inline std::vector<std::string> numbered_ids(const CsvTable& table, Index column) {
  std::vector<std::string> ids;
  std::map<std::string_view, Index> rows_of;
  for (Index row = 0; row < table.rows(); ++row) {
    const std::string_view id = table.cell(row, column);
    if (id.empty()) table.refuse(row, column, "an empty cell", "a name");
    const Index k = ++rows_of[id];
    ids.push_back(k == 1 ? std::string(id) : text(id, "#", k));
  }
  return ids;
}

[[nodiscard]] inline std::vector<Index> row_lines(const CsvTable& table) {
  std::vector<Index> lines;
  for (Index row = 0; row < table.rows(); ++row) lines.push_back(table.line(row));
  return lines;
}

/// The texts of the column `name`, or nothing when the table has no such column.
[[nodiscard]] inline std::vector<std::string> optional_texts(const CsvTable& table,
                                                             std::string_view name) {
  std::vector<std::string> out;
  if (!table.has(name)) return out;
  const Index column = table.column(name);
  for (Index row = 0; row < table.rows(); ++row) out.emplace_back(table.cell(row, column));
  return out;
}

}  // namespace detail

/// Reads a table of expression: first column `well_id` (samples) or `label` (regions, whole
/// numbers), then one column per gene; or `label,well_id` and then genes (samples with their
/// regions, as `inrgene ahba` writes them): there a well may repeat, its copy mirrored into the
/// other hemisphere, and its k-th row is called "WELL#k". Missing values stay NaN; `join` and its
/// likes decide about them. Throws InputError with file, line and column for another first column,
/// no genes, no rows, a gene without a name, an empty or repeated id, and text where a number
/// should be; repeated genes, ragged rows and unreadable files as read_csv. Cost: O(genes ids).
[[nodiscard]] inline ExpressionTable read_expression(const std::filesystem::path& path) {
  const CsvTable table = read_csv(path);
  ExpressionTable out;
  out.file = table.file();
  out.key = table.header().front();
  if (out.key != "well_id" && out.key != "label") {
    throw InputError({out.file, "header", text("the first column ", in_quotes(out.key)),
                      "'well_id' (samples) or 'label' (regions), then one column per gene"});
  }
  const bool with_label =
      out.key == "label" && table.columns() > 1 && table.header()[1] == "well_id";
  if (with_label) out.key = "well_id";
  const Index keys = with_label ? 2 : 1;
  out.genes.assign(table.header().begin() + keys, table.header().end());
  if (out.genes.empty()) {
    throw InputError({out.file, "header", text("only the column ", in_quotes(out.key)),
                      "one column per gene after it"});
  }
  for (Index g = 0; g < std::ssize(out.genes); ++g) {
    if (out.genes[static_cast<std::size_t>(g)].empty()) {
      throw InputError(
          {out.file, text("header, column ", g + keys + 1), "an empty name", "a gene symbol"});
    }
  }
  detail::require_rows(table);
  out.ids = with_label ? detail::numbered_ids(table, 1) : detail::distinct_ids(table, 0);
  if (out.key == "label" || with_label) {
    for (Index row = 0; row < table.rows(); ++row) static_cast<void>(table.integer(row, 0));
  }
  out.lines = detail::row_lines(table);
  out.values.resize(std::ssize(out.genes), table.rows());
  for (Index row = 0; row < table.rows(); ++row) {
    for (Index g = 0; g < out.values.rows(); ++g) out.values(g, row) = table.number(row, g + keys);
  }
  return out;
}

/// Writes a table that `read_expression` reads back to the same doubles. Throws ArgumentError when
/// the parts do not fit, NumericalError for an infinity, InputError when it cannot be written.
inline void write_expression(const std::filesystem::path& path, const ExpressionTable& table) {
  require(table.key == "well_id" || table.key == "label", "expression key", table.key,
          "well_id or label");
  require(table.values.rows() == std::ssize(table.genes), "expression rows", table.values.rows(),
          text("as many as genes: ", table.genes.size()));
  require(table.values.cols() == std::ssize(table.ids), "expression columns", table.values.cols(),
          text("as many as ids: ", table.ids.size()));
  CsvWriter writer;
  writer.field(table.key);
  for (const std::string& gene : table.genes) writer.field(gene);
  writer.end_row();
  for (Index column = 0; column < table.values.cols(); ++column) {
    writer.field(table.ids[static_cast<std::size_t>(column)]);
    for (Index g = 0; g < table.values.rows(); ++g) writer.field(table.values(g, column));
    writer.end_row();
  }
  writer.write(path);
}

/// An annotation file: its sites, and the text of all its columns so that it can be rewritten.
struct Annotation {
  CsvTable table;
  Sites sites;
};

/// Reads an annotation: `well_id, mni_x, mni_y, mni_z` (millimetres) and, when there,
/// `classification` (signed by `sign`), `donor`, `slab`, `structure` (or `structure_name`),
/// `hemisphere`, and `label` (a whole number; 0 where empty). Other columns stay in `table` only.
/// A table with a column `mirrored` (0 or 1) may hold a well again as its mirrored copy: its k-th
/// row is then called "WELL#k", as in `read_expression`.
/// Throws InputError with file, line and column for a missing column, no rows, an empty or repeated
/// well_id, a coordinate that is text or missing, and a class other than -1, 0, 1.
[[nodiscard]] inline Annotation read_annotation(const std::filesystem::path& path,
                                                TissueSign sign) {
  CsvTable table = read_csv(path);
  const Index key = table.column("well_id");
  const Index x = table.column("mni_x");
  const Index y = table.column("mni_y");
  const Index z = table.column("mni_z");
  detail::require_rows(table);
  Sites sites;
  sites.file = table.file();
  sites.well_ids =
      table.has("mirrored") ? detail::numbered_ids(table, key) : detail::distinct_ids(table, key);
  sites.mni_mm.resize(3, table.rows());
  for (Index row = 0; row < table.rows(); ++row) {
    sites.mni_mm.col(row) =
        Eigen::Vector3d(table.finite(row, x), table.finite(row, y), table.finite(row, z));
  }
  if (table.has("classification")) {
    const Index column = table.column("classification");
    for (Index row = 0; row < table.rows(); ++row) {
      sites.tissue.push_back(tissue_from_value(table.finite(row, column), sign,
                                               {table.file(), table.place(row, column)}));
    }
  }
  sites.donor = detail::optional_texts(table, "donor");
  sites.slab = detail::optional_texts(table, "slab");
  sites.structure =
      detail::optional_texts(table, table.has("structure") ? "structure" : "structure_name");
  sites.hemisphere = detail::optional_texts(table, "hemisphere");
  if (table.has("label")) {
    const Index column = table.column("label");
    for (Index row = 0; row < table.rows(); ++row) {
      sites.label.push_back(table.cell(row, column).empty() ? 0 : table.integer(row, column));
    }
  }
  return {std::move(table), std::move(sites)};
}

/// A column of tissue classes and how it is signed in a file.
struct Classification {
  std::vector<Tissue> tissue = {};
  TissueSign sign = TissueSign::paper;
};

/// Writes `table` again, all columns and rows as they are, with the column `classification` added:
/// in its place when the table has one, else as the last column. Throws
/// ArgumentError when there are not as many classes as rows, InputError when it cannot be written.
inline void write_annotation(const std::filesystem::path& path, const CsvTable& table,
                             const Classification& classification) {
  const auto& [tissue, sign] = classification;
  require(std::ssize(tissue) == table.rows(), "tissue classes", tissue.size(),
          text("one for each of the ", table.rows(), " rows of ", table.file()));
  const Index replaced =
      table.has("classification") ? table.column("classification") : table.columns();
  CsvWriter writer;
  for (const std::string& name : table.header()) writer.field(name);
  if (replaced == table.columns()) writer.field("classification");
  writer.end_row();
  for (Index row = 0; row < table.rows(); ++row) {
    const auto value = static_cast<int>(tissue_value(tissue[static_cast<std::size_t>(row)], sign));
    for (Index column = 0; column < table.columns(); ++column) {
      if (column == replaced) {
        writer.field(value);
      } else {
        writer.field(table.cell(row, column));
      }
    }
    if (replaced == table.columns()) writer.field(value);
    writer.end_row();
  }
  writer.write(path);
}

/// Reads a list of gene symbols, one a line, LF or CRLF, in the file's order. Spaces and tabs
/// around a symbol and blank lines are dropped; a repeated symbol counts once, at its first line,
/// and the number of repeats is told to `warn`. Throws InputError for a file without symbols and
/// for a line with a comma, semicolon, quote or tab inside (a table was given instead of a list).
[[nodiscard]] inline std::vector<std::string> read_gene_list(const std::filesystem::path& path,
                                                             const WarningCallback& warn = {}) {
  const std::string bytes = read_file(path);
  std::string_view rest = bytes;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  std::vector<std::string> genes;
  std::set<std::string_view> seen;
  std::vector<std::string> repeats;
  for (Index line = 1; !rest.empty(); ++line) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view symbol = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t first = symbol.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) continue;
    symbol = symbol.substr(first, symbol.find_last_not_of(" \t\r") - first + 1);
    if (symbol.find_first_of(std::string_view(",;\"'\t\r\0", 7)) != std::string_view::npos) {
      throw InputError(
          {path.string(), text("line ", line), in_quotes(symbol), "one gene symbol a line"});
    }
    if (seen.insert(symbol).second) {
      genes.emplace_back(symbol);
    } else {
      repeats.emplace_back(symbol);
    }
  }
  if (genes.empty()) {
    throw InputError({path.string(), "", bytes.empty() ? "an empty file" : "blank lines only",
                      "gene symbols, one a line"});
  }
  if (!repeats.empty() && warn) {
    warn(text(path.string(), ": ", repeats.size(), " repeated ",
              repeats.size() == 1 ? "symbol counts" : "symbols count",
              " once: ", detail::name_list(repeats, 10)));
  }
  return genes;
}

}  // namespace inrgene
