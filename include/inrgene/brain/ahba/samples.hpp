// Samples of a donor from its annotation: places, corrected places, and those that contradict it.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/folder.hpp"
#include "inrgene/brain/ahba/ontology.hpp"
#include "inrgene/brain/ahba/tables.hpp"
#include "inrgene/brain/expression/tables.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/number_text.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/math/volume.hpp"

namespace inrgene {

namespace detail {

/// Three columns of a table as [3 x rows], all finite.
[[nodiscard]] inline Eigen::Matrix3Xd read_points(const CsvTable& table,
                                                  const std::array<std::string_view, 3>& names) {
  Eigen::Matrix3Xd out(3, table.rows());
  for (Index axis = 0; axis < 3; ++axis) {
    const Index column = table.column(names[static_cast<std::size_t>(axis)]);
    for (Index row = 0; row < table.rows(); ++row) out(axis, row) = table.finite(row, column);
  }
  return out;
}

inline void require_unmirrored(const DonorSamples& samples, std::string_view what) {
  require(!samples.mirrored, text(what, " of donor ", samples.donor), "mirrored samples",
          "samples that are not yet mirrored");
}

}  // namespace detail

/// Reads SampleAnnot.csv of one donor: its rows in order are the columns of the expression. Columns
/// structure_id, well_id, slab_type, structure_acronym, structure_name, mri_voxel_x, _y, _z,
/// mni_x, mni_y, mni_z (millimetres); others are ignored. Side and kind of tissue are those that
/// `ontology` gives the structure.
/// Throws InputError with file and line for a missing column, no rows, a repeated well, an id that
/// is no whole number, a coordinate that is missing or text, a structure that is not in the
/// ontology (naming both files), and as read_csv.
[[nodiscard]] inline DonorSamples read_samples_annotation(const DonorFiles& files,
                                                          const Ontology& ontology) {
  const CsvTable table = read_csv(files.samples);
  const Index structure = table.column("structure_id"), slab = table.column("slab_type");
  const Index acronym = table.column("structure_acronym"), name = table.column("structure_name");
  detail::require_rows(table);
  DonorSamples out;
  out.donor = files.donor;
  out.measured = table.rows();
  out.file = table.file();
  out.well_id = detail::distinct_numbers(table, table.column("well_id"));
  out.mni_mm = detail::read_points(table, {"mni_x", "mni_y", "mni_z"});
  out.mri_voxel = detail::read_points(table, {"mri_voxel_x", "mri_voxel_y", "mri_voxel_z"});
  out.copied.assign(static_cast<std::size_t>(table.rows()), 0);
  for (Index row = 0; row < table.rows(); ++row) {
    out.column.push_back(row);
    out.structure_id.push_back(table.integer(row, structure));
    out.acronym.emplace_back(table.cell(row, acronym));
    out.structure_name.emplace_back(table.cell(row, name));
    out.slab.emplace_back(table.cell(row, slab));
    const OntologyStructure* found = ontology.find(out.structure_id.back());
    if (found == nullptr) {
      static_cast<void>(
          ontology.at(out.structure_id.back(), text(table.file(), ", line ", table.line(row))));
    }
    out.hemisphere.push_back(found->hemisphere);
    out.structure.push_back(found->tissue);
  }
  return out;
}

/// Throws InputError unless `file`, of the samples' donor, has `columns` = one column a sample
/// measured.
inline void require_same_samples(const DonorSamples& samples, Index columns,
                                 const std::string& file) {
  if (columns == samples.measured) return;
  throw InputError({file, "numbers in a row", text(columns),
                    text(samples.measured, ", one for each row of ", samples.file)});
}

/// Better places of the wells in MNI space than the annotation's.
class CorrectedCoordinates {
 public:
  /// Reads the table (abagen's corrected_mni_coordinates.csv.gz): columns well_id,
  /// corrected_mni_x, _y, _z in millimetres; the order of rows does not matter. Throws InputError
  /// when it is not there (saying where users get it), for a missing column, no rows, a repeated
  /// well, and a coordinate that is missing or text.
  [[nodiscard]] static CorrectedCoordinates read(const std::filesystem::path& path) {
    const CsvTable table = detail::read_user_table(
        path, {"the corrected MNI coordinates of the wells", "corrected_mni_coordinates.csv.gz"});
    CorrectedCoordinates out;
    out.file_ = table.file();
    const std::vector<Index> wells = detail::distinct_numbers(table, table.column("well_id"));
    out.mni_mm_ =
        detail::read_points(table, {"corrected_mni_x", "corrected_mni_y", "corrected_mni_z"});
    detail::require_rows(table);
    for (Index row = 0; row < table.rows(); ++row) {
      out.row_of_.emplace(wells[static_cast<std::size_t>(row)], row);
    }
    return out;
  }

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] Index size() const { return mni_mm_.cols(); }
  /// Millimetres of a well; nothing when the table does not have it.
  [[nodiscard]] std::optional<Eigen::Vector3d> find(Index well) const {
    const auto found = row_of_.find(well);
    if (found == row_of_.end()) return std::nullopt;
    return mni_mm_.col(found->second);
  }

 private:
  std::string file_ = "corrected_mni_coordinates.csv.gz";
  Eigen::Matrix3Xd mni_mm_;
  std::unordered_map<Index, Index> row_of_;
};

/// Puts the corrected places in the place of the annotation's. Throws InputError that names both
/// files and the wells without a row, and leaves `samples` as they were; ArgumentError when the
/// samples are mirrored. Cost: O(samples).
/// Source: Gorgolewski's alleninf, whose coordinates abagen ships.
inline void correct_coordinates(DonorSamples& samples, const CorrectedCoordinates& corrected) {
  detail::require_unmirrored(samples, "coordinates to correct");
  Eigen::Matrix3Xd places(3, samples.size());
  std::vector<std::string> unknown;
  for (Index s = 0; s < samples.size(); ++s) {
    const Index well = samples.well_id[static_cast<std::size_t>(s)];
    const auto place = corrected.find(well);
    if (place) {
      places.col(s) = *place;
    } else {
      unknown.push_back(text(well));
    }
  }
  if (!unknown.empty()) {
    throw InputError({corrected.file(), "column 'well_id'",
                      text("no row of ", unknown.size() == 1 ? "well " : "the wells ",
                           detail::name_list(unknown, 5)),
                      text("a row for each of the ", samples.size(), " wells of ", samples.file)});
  }
  samples.mni_mm = std::move(places);
}

/// Puts places in the donor's own space (millimetres of its T1 image) in the place of the MNI ones:
/// mni_mm = t1 (mri_voxel, 1), for atlases drawn on that image. Throws ArgumentError when the
/// samples are mirrored.
inline void to_native_space(DonorSamples& samples, const Affine& t1) {
  detail::require_unmirrored(samples, "coordinates to take to the T1's space");
  for (Index s = 0; s < samples.size(); ++s) {
    const auto voxel = samples.mri_voxel.col(s);
    const auto mm = transform(t1, {voxel(0), voxel(1), voxel(2)});
    samples.mni_mm.col(s) = Eigen::Vector3d(mm[0], mm[1], mm[2]);
  }
}

/// The samples whose place agrees with their structure's side: x < 0 for left, x > 0 for right,
/// and x exactly 0 for structures without a side (so that corrected coordinates lose nearly all of
/// these, as in abagen). Those left out are told to `dropped`. Throws ArgumentError when columns
/// have different lengths. Cost: O(samples).
[[nodiscard]] inline DonorSamples drop_mismatched(const DonorSamples& samples,
                                                  const DropSink& dropped = {}) {
  samples.check();
  std::vector<Index> kept;
  for (Index s = 0; s < samples.size(); ++s) {
    const double x = samples.mni_mm(0, s);
    const Hemisphere side = samples.hemisphere[static_cast<std::size_t>(s)];
    if ((side == Hemisphere::left && x < 0) || (side == Hemisphere::right && x > 0) ||
        (side == Hemisphere::both && x == 0)) {
      kept.push_back(s);
    } else if (dropped) {
      const std::string_view expected = side == Hemisphere::left    ? "left, so x < 0"
                                        : side == Hemisphere::right ? "right, so x > 0"
                                                                    : "without a side, so x = 0";
      dropped({samples.name(s), "sample",
               text("x = ", rounded_text(x, 4), " mm, but structure ",
                    samples.structure_id[static_cast<std::size_t>(s)], " (",
                    samples.acronym[static_cast<std::size_t>(s)], ") is ", expected)});
    }
  }
  return samples.select(kept);
}

}  // namespace inrgene
