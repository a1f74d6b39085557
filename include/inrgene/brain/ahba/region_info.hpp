// The side and the kind of tissue of an atlas's regions.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/core/words.hpp"
#include "inrgene/io/csv.hpp"

namespace inrgene {

/// What an atlas's table says about one label.
struct RegionInfo {
  Index id = 0;            ///< the label of its voxels or vertices
  std::string label = {};  ///< name; the id as text when the table has none
  Hemisphere hemisphere = Hemisphere::both;
  StructureClass structure = StructureClass::none;
};

/// Whether a sample may belong to a region: of the same class, and on the same side or the region
/// on both. (abagen's rule for matching, with a table.)
[[nodiscard]] inline bool may_match(const RegionInfo& region, StructureClass structure,
                                    Hemisphere hemisphere) {
  return region.structure == structure &&
         (region.hemisphere == Hemisphere::both || region.hemisphere == hemisphere);
}

/// Whether a sample may fill a region without samples: of the same class and literally the same
/// side, so that a region of both sides is filled only by samples without a side.
[[nodiscard]] inline bool may_fill(const RegionInfo& region, StructureClass structure,
                                   Hemisphere hemisphere) {
  return region.structure == structure && region.hemisphere == hemisphere;
}

namespace detail {

/// A word of a table's cell. Throws InputError that lists the accepted words.
template <class E, std::size_t N>
[[nodiscard]] E cell_word(const CsvTable& table, Index row, Index column,
                          const std::array<Word<E>, N>& vocabulary) {
  const std::string_view cell = table.cell(row, column);
  for (const Word<E>& entry : vocabulary) {
    if (entry.word == cell) return entry.value;
  }
  table.refuse(row, column, cell.empty() ? "an empty cell" : text("'", cell, "'"),
               "one of: " + words_of(vocabulary));
}

/// Throws ArgumentError unless `labels` ascend strictly and `info` has exactly one row for each.
inline void require_info(std::span<const Index> labels, std::span<const RegionInfo> info) {
  require(info.size() == labels.size(), "rows of the region table", info.size(),
          text("one a label: ", labels.size()));
  for (std::size_t r = 0; r < labels.size(); ++r) {
    require(info[r].id == labels[r], text("id of row ", r, " of the region table"), info[r].id,
            text("label ", labels[r]));
  }
}

}  // namespace detail

/// Reads the table of an atlas: columns `id`, `hemisphere`, `structure` and, when it is there,
/// `label`; others are ignored. Sides are L, R, B or one of their aliases (lh, left, bilateral,
/// …), structures one of the five classes or subcortex, brainstem. Returns one entry for each of
/// `labels` (ascending), in that order; rows for other ids are passed over.
/// Throws InputError for a file that cannot be read, a column that is missing, an id that stands
/// twice, another word than the accepted ones (the message lists them), and when the table lacks
/// some of the labels (the message lists those). Cost: one pass.
[[nodiscard]] inline std::vector<RegionInfo> read_region_info(const std::filesystem::path& path,
                                                              std::span<const Index> labels) {
  const CsvTable table = read_csv(path);
  const Index id_column = table.column("id");
  const Index hemisphere_column = table.column("hemisphere");
  const Index structure_column = table.column("structure");
  std::map<Index, Index> row_of;
  for (Index row = 0; row < table.rows(); ++row) {
    const Index id = table.integer(row, id_column);
    const auto [first, is_new] = row_of.emplace(id, row);
    if (!is_new) {
      table.refuse(row, id_column, text(id, ", as on line ", table.line(first->second)),
                   "each id once");
    }
  }
  std::vector<RegionInfo> out;
  out.reserve(labels.size());
  std::string missing;
  for (const Index label : labels) {
    const auto at = row_of.find(label);
    if (at == row_of.end()) {
      missing += text(missing.empty() ? "" : ", ", label);
      continue;
    }
    const Index row = at->second;
    out.push_back(
        {.id = label,
         .label = table.has("label") ? std::string(table.cell(row, table.column("label")))
                                     : std::to_string(label),
         .hemisphere = detail::cell_word(table, row, hemisphere_column, hemisphere_words),
         .structure = detail::cell_word(table, row, structure_column, structure_class_words)});
  }
  if (!missing.empty()) {
    throw InputError({.file = table.file(),
                      .place = "column 'id'",
                      .found = "no row for the atlas's labels " + missing,
                      .expected = text("a row for each of its ", labels.size(), " labels")});
  }
  return out;
}

}  // namespace inrgene
