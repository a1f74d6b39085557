// Probes of the microarrays and the genes they stand for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/tables.hpp"
#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/brain/expression/tables.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/atomic_file.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/number_text.hpp"

namespace inrgene {

/// Probes that take part, each with its gene: what the later steps work on. Rows ascend by id.
struct ProbeTable {
  std::vector<Index> id = {};          ///< probe_id, distinct
  std::vector<std::string> gene = {};  ///< symbol; empty: unknown, and no group of that name
  std::vector<Index> entrez = {};      ///< Entrez id of the gene; 0: none
  std::string file = "Probes.csv";     ///< where the genes came from, for messages

  [[nodiscard]] Index size() const { return std::ssize(id); }

  /// A copy of the rows at `rows`, in that order. Throws ArgumentError for an index out of range.
  [[nodiscard]] ProbeTable select(std::span<const Index> rows) const {
    detail::require_indices(rows, size(), "row of the probe table");
    return {detail::select_elements(id, rows), detail::select_elements(gene, rows),
            detail::select_elements(entrez, rows), file};
  }
};

/// Probes.csv as it stands, in the file's order.
struct ProbeList {
  std::vector<Index> id = {};          ///< probe_id, distinct
  std::vector<std::string> name = {};  ///< probe_name: "A_23_P94689"
  std::vector<std::string> gene = {};  ///< gene_symbol; empty where missing
  std::vector<Index> entrez = {};      ///< entrez_id; 0 where missing
  std::string file = "Probes.csv";

  [[nodiscard]] Index size() const { return std::ssize(id); }
};

namespace detail {

/// The Entrez id of a cell; 0 for a missing one. Throws InputError for anything but a whole number
/// above 0.
[[nodiscard]] inline Index entrez_id(const CsvTable& table, Index row, Index column) {
  if (is_missing(table.cell(row, column))) return 0;
  const Index id = table.integer(row, column);
  if (id <= 0) table.refuse(row, column, text(id), "an Entrez id: a whole number above 0");
  return id;
}

/// "not in reannotated.csv.gz (A_23_P94689)" of probe `p`; `reason` ends in a space.
[[nodiscard]] inline Dropped dropped_probe(const ProbeList& probes, std::size_t p,
                                           const char* reason, const std::string& file) {
  // Thousands of probes are told: plain joining is many times faster than a stream.
  return {std::to_string(probes.id[p]), "probe", reason + file + " (" + probes.name[p] + ")"};
}

/// Tells of the genes of Probes.csv that no probe of `table` is of, in the order in which they
/// come; `reason` says why.
inline void report_lost_genes(const ProbeList& probes, const ProbeTable& table, const char* reason,
                              const std::string& file, const DropSink& dropped) {
  if (!dropped) return;
  std::unordered_set<std::string_view> told(table.gene.begin(), table.gene.end());
  for (const std::string& gene : probes.gene) {
    if (gene.empty() || !told.insert(gene).second) continue;
    dropped({gene, "gene", reason + file});
  }
}

/// Rows of `probes` for which `gene_of(row)` gives a (gene, Entrez id) pair, sorted by probe id.
template <class GeneOf>
[[nodiscard]] ProbeTable probe_table(const ProbeList& probes, std::string file, GeneOf&& gene_of) {
  std::vector<Index> rows;
  ProbeTable found;
  for (Index row = 0; row < probes.size(); ++row) {
    const auto [gene, entrez] = gene_of(row);
    if (entrez == 0) continue;
    rows.push_back(std::ssize(found.id));
    found.id.push_back(probes.id[static_cast<std::size_t>(row)]);
    found.gene.emplace_back(gene);
    found.entrez.push_back(entrez);
  }
  std::sort(rows.begin(), rows.end(), [&](Index a, Index b) {
    return found.id[static_cast<std::size_t>(a)] < found.id[static_cast<std::size_t>(b)];
  });
  found.file = std::move(file);
  return found.select(rows);
}

}  // namespace detail

/// Reads Probes.csv: columns probe_id, probe_name, gene_symbol, entrez_id; others are ignored.
/// A missing symbol or Entrez id (see is_missing) is kept as such.
/// Throws InputError with file and line for a missing column, no rows, a repeated probe_id, an id
/// that is no whole number, and as read_csv. Cost: O(rows).
[[nodiscard]] inline ProbeList read_probes(const std::filesystem::path& path) {
  const CsvTable table = read_csv(path);
  const Index id = table.column("probe_id"), name = table.column("probe_name");
  const Index gene = table.column("gene_symbol"), entrez = table.column("entrez_id");
  detail::require_rows(table);
  const auto rows = static_cast<std::size_t>(table.rows());
  ProbeList out;
  out.file = table.file();
  out.id = detail::distinct_numbers(table, id);
  out.name.reserve(rows);
  out.gene.reserve(rows);
  out.entrez.reserve(rows);
  for (Index row = 0; row < table.rows(); ++row) {
    out.name.emplace_back(table.cell(row, name));
    const std::string_view symbol = table.cell(row, gene);
    out.gene.emplace_back(is_missing(symbol) ? std::string_view() : symbol);
    out.entrez.push_back(detail::entrez_id(table, row, entrez));
  }
  return out;
}

/// The probes that the reannotation table names, with its genes: rows of `path` (columns
/// probe_name, gene_symbol, entrez_id; the file reannotated.csv.gz of abagen) with an Entrez id,
/// joined to `probes` by name, ascending by probe id. Genes of Probes.csv are not used, nor are
/// rows of the table whose probe is not in `probes`; the order of rows in either does not matter.
/// Probes left out are told to `dropped` in the order of `probes`, and after them the genes of
/// Probes.csv that no probe is of any more.
/// Throws InputError when the table is not there (saying where users get it), for a missing
/// column, a repeated probe_name, an Entrez id that is no number, and when no probe is left.
/// Source: Arnatkeviciute et al. 2019, the table; abagen's inner join. Cost: O(rows + n log n).
[[nodiscard]] inline ProbeTable reannotate(const ProbeList& probes,
                                           const std::filesystem::path& path,
                                           const DropSink& dropped = {}) {
  const CsvTable table =
      detail::read_user_table(path, {"the reannotation of the probes", "reannotated.csv.gz"});
  const Index name = table.column("probe_name"), gene = table.column("gene_symbol");
  const Index entrez = table.column("entrez_id");
  std::unordered_map<std::string_view, Index> row_of;
  row_of.reserve(static_cast<std::size_t>(table.rows()));
  for (Index row = 0; row < table.rows(); ++row) {
    const auto [entry, fresh] = row_of.emplace(table.cell(row, name), row);
    if (!fresh) {
      table.refuse(
          row, name,
          text(in_quotes(entry->first), ", which line ", table.line(entry->second), " has too"),
          "each probe once");
    }
  }
  const std::string short_name = path.filename().string();
  using Gene = std::pair<std::string_view, Index>;
  ProbeTable out = detail::probe_table(probes, table.file(), [&](Index row) -> Gene {
    const auto p = static_cast<std::size_t>(row);
    const auto found = row_of.find(probes.name[p]);
    const bool known = found != row_of.end();
    if (const Index id = known ? detail::entrez_id(table, found->second, entrez) : 0; id != 0) {
      const std::string_view symbol = table.cell(found->second, gene);
      return {is_missing(symbol) ? std::string_view() : symbol, id};
    }
    if (dropped) {
      dropped(detail::dropped_probe(probes, p, known ? "no Entrez id in " : "not in ", short_name));
    }
    return {};
  });
  if (out.size() == 0) {
    throw InputError({table.file(), "probe_name",
                      text("none of the ", probes.size(), " probes of ", probes.file, " (",
                           detail::name_list(probes.name, 3), ") with an Entrez id"),
                      "probes in common"});
  }
  detail::report_lost_genes(probes, out, "no probe of it has an Entrez id in ", short_name,
                            dropped);
  return out;
}

/// The probes that Probes.csv itself gives an Entrez id, with its symbols, ascending by probe id.
/// A probe without a symbol stays, with an empty one. Probes left out are told to `dropped`, and
/// after them the genes left without one.
/// Throws InputError when none is left. Cost: O(n log n).
[[nodiscard]] inline ProbeTable annotated_probes(const ProbeList& probes,
                                                 const DropSink& dropped = {}) {
  using Gene = std::pair<std::string_view, Index>;
  const std::string short_name = std::filesystem::path(probes.file).filename().string();
  ProbeTable out = detail::probe_table(probes, probes.file, [&](Index row) -> Gene {
    const auto p = static_cast<std::size_t>(row);
    if (probes.entrez[p] == 0 && dropped) {
      dropped(detail::dropped_probe(probes, p, "no Entrez id in ", short_name));
    }
    return {probes.gene[p], probes.entrez[p]};
  });
  if (out.size() == 0) {
    throw InputError({probes.file, "column 'entrez_id'",
                      text("no Entrez id for any of the ", probes.size(), " probes"),
                      "at least one"});
  }
  detail::report_lost_genes(probes, out, "no probe of it has an Entrez id in ", short_name,
                            dropped);
  return out;
}

/// Throws InputError unless `keys`, the probe ids of the rows of `file`, are the ids of `probes`
/// in any order: a file of another release or another donor's would be joined wrongly or in part.
/// Cost: O(n log n), O(n) when both stand in the same order.
inline void require_same_probes(const ProbeList& probes, std::span<const Index> keys,
                                const std::string& file) {
  if (std::equal(probes.id.begin(), probes.id.end(), keys.begin(), keys.end())) return;
  std::vector<Index> expected = probes.id, found(keys.begin(), keys.end());
  std::sort(expected.begin(), expected.end());
  std::sort(found.begin(), found.end());
  std::vector<Index> lacking, unknown;
  std::set_difference(expected.begin(), expected.end(), found.begin(), found.end(),
                      std::back_inserter(lacking));
  std::set_difference(found.begin(), found.end(), expected.begin(), expected.end(),
                      std::back_inserter(unknown));
  if (lacking.empty() && unknown.empty()) return;
  std::string said = text(keys.size(), " probes");
  if (!lacking.empty()) {
    said += text(", without ", lacking.size(), " of them (first ", lacking.front(), ")");
  }
  if (!unknown.empty()) {
    said += text(", ", unknown.size(), " of them not there (first ", unknown.front(), ")");
  }
  throw InputError({file, "probe ids in the first column", std::move(said),
                    text("the ", probes.size(), " probes of ", probes.file)});
}

/// Throws InputError unless `other` is a Probes.csv of the probes of `first`, of which `probes` has
/// been read: one donor's stands for all. Files of equal bytes, as those of the atlas are, are not
/// read further.
inline void require_same_probes(const ProbeList& probes, const std::filesystem::path& first,
                                const std::filesystem::path& other) {
  if (read_file(first) == read_file(other)) return;
  const ProbeList list = read_probes(other);
  require_same_probes(probes, list.id, list.file);
}

}  // namespace inrgene
