// The samples of one donor as the microarray pipeline carries them from step to step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// Something left out on the way, and why: a line of a run's report.
struct Dropped {
  std::string item;    ///< "1058685", "APOE", "9861/2795", "83"
  std::string kind;    ///< "probe", "gene", "sample" or "region"
  std::string reason;  ///< a sentence part: "present in 12 of 268 samples (0.045), below 0.5"
};

/// Receives what a step leaves out, in the order of the step's input, from the calling thread.
using DropSink = std::function<void(Dropped)>;

/// Samples of one donor, in the pipeline's order: as in the file, then left samples copied to the
/// right, then right ones copied to the left. All columns have one entry a sample.
struct DonorSamples {
  int donor = 0;                    ///< 9861, 10021, …
  Index measured = 0;               ///< samples in the donor's files: columns of its expression
  std::vector<Index> column = {};   ///< column of the expression, from 0; a copy has its source's
  std::vector<Index> well_id = {};  ///< a copy has its source's
  std::vector<std::uint8_t> copied = {};         ///< 1: a mirrored copy, 0: measured there
  Eigen::Matrix3Xd mni_mm = {};                  ///< [3 x samples], mirrored where mirrored
  Eigen::Matrix3Xd mri_voxel = {};               ///< [3 x samples], voxels of the donor's own T1
  std::vector<Index> structure_id = {};          ///< ontology id; a copy's is the other side's
  std::vector<std::string> acronym = {};         ///< the ontology's structure_acronym
  std::vector<std::string> structure_name = {};  ///< the ontology's name
  std::vector<std::string> slab = {};            ///< slab_type: CX, BS, CB
  std::vector<Hemisphere> hemisphere = {};       ///< by the ontology
  std::vector<StructureClass> structure = {};    ///< by the ontology
  bool mirrored = false;                         ///< `mirror` has been applied
  std::string file = "SampleAnnot.csv";          ///< for messages

  [[nodiscard]] Index size() const { return std::ssize(column); }

  /// "9861/2795", and for a mirrored copy "9861/2795 (mirrored)".
  [[nodiscard]] std::string name(Index sample) const {
    const auto s = static_cast<std::size_t>(sample);
    return text(donor, "/", well_id[s], copied[s] != 0 ? " (mirrored)" : "");
  }

  /// Throws ArgumentError when a column has another length than the others, or points outside the
  /// expression.
  void check() const {
    const auto same = [&](std::string_view what, Index length) {
      require(length == size(), what, length, text("one a sample: ", size()));
    };
    same("well_id", std::ssize(well_id));
    same("copied", std::ssize(copied));
    same("mni_mm columns", mni_mm.cols());
    same("mri_voxel columns", mri_voxel.cols());
    same("structure_id", std::ssize(structure_id));
    same("acronym", std::ssize(acronym));
    same("structure_name", std::ssize(structure_name));
    same("slab", std::ssize(slab));
    same("hemisphere", std::ssize(hemisphere));
    same("structure", std::ssize(structure));
    detail::require_indices(column, measured, "column of a sample");
  }

  /// A copy of the samples at `chosen`, in that order. Throws ArgumentError for an index out of
  /// range.
  [[nodiscard]] DonorSamples select(std::span<const Index> chosen) const {
    detail::require_indices(chosen, size(), "sample");
    DonorSamples out;
    out.donor = donor;
    out.measured = measured;
    out.column = detail::select_elements(column, chosen);
    out.well_id = detail::select_elements(well_id, chosen);
    out.copied = detail::select_elements(copied, chosen);
    out.mni_mm.resize(3, std::ssize(chosen));
    out.mri_voxel.resize(3, std::ssize(chosen));
    for (Index i = 0; i < std::ssize(chosen); ++i) {
      out.mni_mm.col(i) = mni_mm.col(chosen[static_cast<std::size_t>(i)]);
      out.mri_voxel.col(i) = mri_voxel.col(chosen[static_cast<std::size_t>(i)]);
    }
    out.structure_id = detail::select_elements(structure_id, chosen);
    out.acronym = detail::select_elements(acronym, chosen);
    out.structure_name = detail::select_elements(structure_name, chosen);
    out.slab = detail::select_elements(slab, chosen);
    out.hemisphere = detail::select_elements(hemisphere, chosen);
    out.structure = detail::select_elements(structure, chosen);
    out.mirrored = mirrored;
    out.file = file;
    return out;
  }
};

}  // namespace inrgene
