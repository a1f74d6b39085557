// A parcellation of both cerebral hemispheres' surfaces.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/region_info.hpp"
#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/core/words.hpp"
#include "inrgene/io/gifti.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/math/volume.hpp"

namespace inrgene {

/// The space of a surface's coordinates: that of fsaverage (MNI305), or MNI152 already.
enum class SurfaceSpace { fsaverage, mni152 };

inline constexpr std::array surface_space_words{
    Word<SurfaceSpace>{"fsaverage", SurfaceSpace::fsaverage},
    Word<SurfaceSpace>{"mni152", SurfaceSpace::mni152}};

/// From MNI152 to fsaverage's space, as FreeSurfer gives it
/// (https://surfer.nmr.mgh.harvard.edu/fswiki/CoordinateSystems).
inline constexpr Affine mni152_to_fsaverage{{{1.0022, 0.0071, -0.0177, 0.0528},
                                             {-0.0146, 0.9990, 0.0027, -1.5519},
                                             {0.0129, 0.0094, 1.0027, -1.2012},
                                             {0, 0, 0, 1}}};

/// One hemisphere: labels and the geometry they belong to, as read.
struct SurfaceHemisphere {
  GiftiLabels labels;
  GiftiSurface surface;
};

/// Both hemispheres as one: the left one's vertices, then the right one's. Label 0 is outside.
struct SurfaceAtlas {
  std::vector<Index> label;                                 ///< one a vertex
  Eigen::Matrix3Xd mni_mm;                                  ///< [3 x vertices]
  std::vector<std::array<std::int32_t, 3>> triangles = {};  ///< vertices of both
  std::vector<RegionInfo> info = {};   ///< one a label that occurs, ascending: cortex, its side
  std::string file = "surface atlas";  ///< for messages
};

namespace detail {

/// Throws InputError for a hemisphere whose files do not belong together or to that side.
inline void check_hemisphere(const SurfaceHemisphere& half, std::string_view side,
                             std::string_view structure) {
  if (std::ssize(half.labels.label) != half.surface.vertices_mm.cols()) {
    throw InputError({.file = half.labels.file,
                      .place = "labels",
                      .found = text(half.labels.label.size(), " labels"),
                      .expected = text("one for each of the ", half.surface.vertices_mm.cols(),
                                       " vertices of ", half.surface.file)});
  }
  for (const auto& [said, file] : {std::pair(half.labels.structure, half.labels.file),
                                   std::pair(half.surface.structure, half.surface.file)}) {
    const bool is_cortex = said == "CortexLeft" || said == "CortexRight";
    if (!is_cortex || said == structure) continue;
    throw InputError(
        {.file = file,
         .place = "AnatomicalStructurePrimary",
         .found = said,
         .expected = text(structure, ", as the ", side, " hemisphere's file (left before right)")});
  }
  for (std::size_t v = 0; v < half.labels.label.size(); ++v) {
    if (half.labels.label[v] >= 0) continue;
    throw InputError({.file = half.labels.file,
                      .place = text("vertex ", v),
                      .found = text("label ", half.labels.label[v]),
                      .expected = "0 (outside) or a positive label"});
  }
}

/// What is added to the right labels: 0 when the sides share no label. Else, as in abagen, how many
/// different values both have, 0 among them; or, where that would meet a left label, the number
/// after the largest left one.
[[nodiscard]] inline Index right_offset(const std::set<Index>& left, const std::set<Index>& right) {
  std::set<Index> values{0};
  values.insert(left.begin(), left.end());
  values.insert(right.begin(), right.end());
  const auto meets = [&](Index offset) {
    return std::any_of(right.begin(), right.end(),
                       [&](Index label) { return left.contains(label + offset); });
  };
  if (!meets(0)) return 0;
  const Index count = std::ssize(values);
  return meets(count) ? *left.rbegin() + 1 : count;
}

}  // namespace detail

/// Joins the hemispheres: coordinates to MNI152, right labels shifted when the sides share some (so
/// that no region has two sides), names by the label tables. Vertices with label 0 stay outside
/// (abagen shifts the right ones too and makes a region of them).
/// Throws InputError for labels and geometry of different numbers of vertices, a negative label, a
/// file that says it is the other side's, and when no vertex has a label.
[[nodiscard]] inline SurfaceAtlas join_hemispheres(const SurfaceHemisphere& left,
                                                   const SurfaceHemisphere& right,
                                                   SurfaceSpace space = SurfaceSpace::fsaverage) {
  detail::check_hemisphere(left, "left", "CortexLeft");
  detail::check_hemisphere(right, "right", "CortexRight");
  const auto labels_of = [](const SurfaceHemisphere& half) {
    std::set<Index> labels(half.labels.label.begin(), half.labels.label.end());
    labels.erase(0);
    return labels;
  };
  const std::set<Index> left_labels = labels_of(left), right_labels = labels_of(right);
  if (left_labels.empty() && right_labels.empty()) {
    throw InputError({.file = left.labels.file,
                      .place = "labels",
                      .found = "0 at all vertices of both hemispheres",
                      .expected = "at least one vertex with a label"});
  }
  const Affine to_mni =
      space == SurfaceSpace::fsaverage ? inverse(mni152_to_fsaverage) : identity_affine;
  SurfaceAtlas out;
  out.file = left.labels.file;
  out.mni_mm.resize(3, left.surface.vertices_mm.cols() + right.surface.vertices_mm.cols());
  std::map<Index, RegionInfo> info;
  const auto add = [&](const SurfaceHemisphere& half, Hemisphere side, Index offset) {
    const Index first = std::ssize(out.label);
    for (Index v = 0; v < half.surface.vertices_mm.cols(); ++v) {
      const auto mm = half.surface.vertices_mm.col(v);
      const auto moved = transform(to_mni, {mm[0], mm[1], mm[2]});
      out.mni_mm.col(first + v) << moved[0], moved[1], moved[2];
      const std::int32_t stored = half.labels.label[static_cast<std::size_t>(v)];
      out.label.push_back(stored == 0 ? 0 : stored + offset);
      if (stored == 0 || info.contains(stored + offset)) continue;
      const auto name = half.labels.names.find(stored);
      info[stored + offset] = {
          .id = stored + offset,
          .label = name == half.labels.names.end() ? std::to_string(stored) : name->second,
          .hemisphere = side,
          .structure = StructureClass::cortex};
    }
    for (auto triangle : half.surface.triangles) {
      for (std::int32_t& vertex : triangle) vertex += static_cast<std::int32_t>(first);
      out.triangles.push_back(triangle);
    }
  };
  add(left, Hemisphere::left, 0);
  add(right, Hemisphere::right, detail::right_offset(left_labels, right_labels));
  for (auto& [label, region] : info) out.info.push_back(std::move(region));
  return out;
}

/// The four files of a surface atlas, plain or gzip-compressed.
struct SurfaceFiles {
  std::filesystem::path left_labels, right_labels;
  std::filesystem::path left_surface, right_surface;
};

/// Reads labels and geometry of both hemispheres and joins them. Throws InputError as
/// `read_gifti_labels`, `read_gifti_surface` and `join_hemispheres`.
[[nodiscard]] inline SurfaceAtlas read_surface_atlas(const SurfaceFiles& files,
                                                     SurfaceSpace space = SurfaceSpace::fsaverage) {
  return join_hemispheres(
      {read_gifti_labels(files.left_labels), read_gifti_surface(files.left_surface)},
      {read_gifti_labels(files.right_labels), read_gifti_surface(files.right_surface)}, space);
}

}  // namespace inrgene
