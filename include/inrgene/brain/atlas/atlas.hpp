// A parcellation: a label for every voxel, and what the labels are called.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/progress.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/nifti.hpp"
#include "inrgene/math/volume.hpp"

namespace inrgene {

/// One label of an atlas.
struct Region {
  Index id = 0;                 ///< the label of its voxels, above 0
  std::string label = {};       ///< name; the id as text when the atlas has no table
  std::string hemisphere = {};  ///< "L", "R", "B" or empty
  std::string structure = {};   ///< "cortex", "subcortex/brainstem", … or empty
  Index voxels = 0;             ///< how many carry the label
};

/// A parcellation. Label 0 is outside; `regions` are those with a voxel, ascending by id.
struct Atlas {
  Volume<std::int32_t> labels;
  std::vector<Region> regions;
  std::string file = "atlas";  ///< where it came from, for messages

  [[nodiscard]] Grid grid() const { return grid_of(labels); }

  /// Position of the region with this id in `regions`, or nothing. Cost O(log regions).
  [[nodiscard]] std::optional<Index> find(Index id) const {
    const auto at = std::lower_bound(regions.begin(), regions.end(), id,
                                     [](const Region& r, Index wanted) { return r.id < wanted; });
    if (at == regions.end() || at->id != id) return std::nullopt;
    return at - regions.begin();
  }
  /// Number of voxels with a label.
  [[nodiscard]] Index labelled() const {
    Index count = 0;
    for (const Region& region : regions) count += region.voxels;
    return count;
  }
};

/// An atlas from labels in memory; each region is named by its id. Throws InputError for a
/// negative label (with its voxel) and when every label is 0. Cost: one pass.
[[nodiscard]] inline Atlas make_atlas(Volume<std::int32_t> labels, std::string file = "atlas") {
  Atlas atlas{std::move(labels), {}, std::move(file)};
  const Grid grid = atlas.grid();
  std::map<Index, Index> count;
  const std::int32_t* label = atlas.labels.values.data();
  for (Index v = 0; v < grid.size(); ++v) {
    if (label[v] == 0) continue;
    if (label[v] < 0) {
      const auto at = grid.voxel(v);
      throw InputError({atlas.file, text("voxel (", at[0], ", ", at[1], ", ", at[2], ")"),
                        text("label ", label[v]), "0 (outside) or a positive label"});
    }
    ++count[label[v]];
  }
  if (count.empty()) {
    throw InputError({atlas.file, "labels", text("0 in all ", grid.size(), " voxels"),
                      "at least one voxel with a label"});
  }
  for (const auto& [id, voxels] : count) {
    atlas.regions.push_back({.id = id, .label = std::to_string(id), .voxels = voxels});
  }
  return atlas;
}

/// Reads a label image (NIfTI, whole numbers from 0) and, when given, its table
/// (`id,label` and optionally `hemisphere,structure`; other columns are ignored).
/// A label of the image that the table lacks is named by its id; an id of the table without a
/// voxel is left out; both are listed in a warning.
/// Throws InputError as `read_nifti` and `make_atlas`, and for a repeated, zero or negative id.
[[nodiscard]] inline Atlas read_atlas(const std::filesystem::path& image,
                                      const std::optional<std::filesystem::path>& info = {},
                                      const WarningCallback& warn = {}) {
  Atlas atlas = make_atlas(read_nifti<std::int32_t>(image), image.string());
  if (!info) return atlas;
  const CsvTable table = read_csv(*info);
  const Index id_column = table.column("id");
  const Index label_column = table.column("label");
  const auto optional_cell = [&](Index row, const char* name) {
    return table.has(name) ? std::string(table.cell(row, table.column(name))) : std::string();
  };
  std::map<Index, Index> line_of;
  std::string without_voxel, without_row;
  for (Index row = 0; row < table.rows(); ++row) {
    const Index id = table.integer(row, id_column);
    if (id <= 0) table.refuse(row, id_column, text(id), "an id above 0");
    const auto [first, is_new] = line_of.emplace(id, table.line(row));
    if (!is_new) {
      table.refuse(row, id_column, text(id, ", as on line ", first->second), "each id once");
    }
    const auto at = atlas.find(id);
    if (!at) {
      without_voxel += text(without_voxel.empty() ? "" : ", ", id);
      continue;
    }
    Region& region = atlas.regions[static_cast<std::size_t>(*at)];
    region.label = std::string(table.cell(row, label_column));
    region.hemisphere = optional_cell(row, "hemisphere");
    region.structure = optional_cell(row, "structure");
  }
  for (const Region& region : atlas.regions) {
    if (!line_of.contains(region.id)) {
      without_row += text(without_row.empty() ? "" : ", ", region.id);
    }
  }
  if (warn && !without_voxel.empty()) {
    warn(text(table.file(), ": ids with no voxel in ", atlas.file, ": ", without_voxel));
  }
  if (warn && !without_row.empty()) {
    warn(text(table.file(), ": no row for these labels of ", atlas.file, ": ", without_row));
  }
  return atlas;
}

/// Writes `id,label,hemisphere,structure`, whole or not at all.
inline void write_atlas_info(const Atlas& atlas, const std::filesystem::path& path) {
  CsvWriter writer;
  writer.row("id", "label", "hemisphere", "structure");
  for (const Region& r : atlas.regions) writer.row(r.id, r.label, r.hemisphere, r.structure);
  writer.write(path);
}

}  // namespace inrgene
