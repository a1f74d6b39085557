// The phantom's shape: two mirrored hemispheres of nested ellipsoids, and a stem.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "inrgene/brain/atlas/atlas.hpp"
#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/brain/expression/tissue_class.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/array.hpp"
#include "inrgene/math/volume.hpp"

namespace inrgene {

/// Labels and tissue of the phantom. Every labelled voxel is either grey or white.
struct PhantomAnatomy {
  Atlas atlas;
  Volume<float> grey;   ///< 1 in grey voxels, else 0
  Volume<float> white;  ///< 1 in white voxels, else 0

  /// Tissue class of a voxel by linear index.
  [[nodiscard]] Tissue tissue(Index linear) const {
    if (grey.values.data()[linear] > 0.5F) return Tissue::grey;
    return white.values.data()[linear] > 0.5F ? Tissue::white : Tissue::neither;
  }
};

namespace detail {

/// An ellipsoid by its centre and half axes in millimetres.
struct Ellipsoid {
  std::array<double, 3> centre_mm;
  std::array<double, 3> half_mm;

  /// 0 at the centre, 1 on the surface.
  [[nodiscard]] constexpr double radius_sqr(const std::array<double, 3>& p) const {
    double sum = 0;
    for (std::size_t a = 0; a < 3; ++a) {
      const double u = (p[a] - centre_mm[a]) / half_mm[a];
      sum += u * u;
    }
    return sum;
  }
  [[nodiscard]] constexpr bool contains(const std::array<double, 3>& p) const {
    return radius_sqr(p) <= 1;
  }
};

// Millimetres of MNI space, for the right hemisphere (x > 0); the left one mirrors it.
inline constexpr Ellipsoid phantom_brain{{0, -18, 14}, {66, 86, 62}};
inline constexpr Ellipsoid phantom_striatum{{22, 8, 4}, {10, 18, 12}};
inline constexpr Ellipsoid phantom_pallidum{{21, 5, 2}, {5, 9, 6}};
inline constexpr Ellipsoid phantom_thalamus{{10, -20, 8}, {9, 14, 10}};
inline constexpr Ellipsoid phantom_stem{{0, -30, -46}, {14, 15, 26}};
inline constexpr Ellipsoid phantom_stem_core{{0, -30, -46}, {8, 9, 20}};

/// Parts of one hemisphere in the order of their labels; the stem is a part of its own.
enum class PhantomPart : std::uint8_t {
  outside,
  frontal,
  parietal,
  temporal,
  occipital,
  striatum,
  pallidum,
  thalamus,
  white,
  stem
};
inline constexpr Index phantom_parts_a_side = 8;

struct PhantomPlace {
  PhantomPart part = PhantomPart::outside;
  Tissue tissue = Tissue::neither;
};

inline PhantomPlace phantom_place(std::array<double, 3> p) {
  p[0] = std::abs(p[0]);
  if (phantom_pallidum.contains(p)) return {PhantomPart::pallidum, Tissue::grey};
  if (phantom_striatum.contains(p)) return {PhantomPart::striatum, Tissue::grey};
  if (phantom_thalamus.contains(p)) return {PhantomPart::thalamus, Tissue::grey};
  if (phantom_stem.contains(p) && p[2] < -24) {
    return {PhantomPart::stem, phantom_stem_core.contains(p) ? Tissue::grey : Tissue::white};
  }
  if (!phantom_brain.contains(p)) return {};
  // The ribbon's inner edge waves, as folds make it.
  const double depth_mm = (1 - std::sqrt(phantom_brain.radius_sqr(p))) * 66;
  const double ribbon_mm = 12 + 3 * std::sin(p[1] / 8) * std::sin((p[0] + p[2]) / 7);
  if (depth_mm > ribbon_mm) return {PhantomPart::white, Tissue::white};
  if (p[1] > 12) return {PhantomPart::frontal, Tissue::grey};
  if (p[1] < -66) return {PhantomPart::occipital, Tissue::grey};
  return {p[2] > 14 ? PhantomPart::parietal : PhantomPart::temporal, Tissue::grey};
}

/// Left labels are 1 … 8, right ones 9 … 16, the stem 17.
inline std::int32_t phantom_label(PhantomPart part, bool is_left) {
  if (part == PhantomPart::outside) return 0;
  if (part == PhantomPart::stem) return static_cast<std::int32_t>(2 * phantom_parts_a_side + 1);
  const Index side = is_left ? 0 : phantom_parts_a_side;
  return static_cast<std::int32_t>(static_cast<Index>(part) + side);
}

inline void name_phantom_regions(Atlas& atlas) {
  constexpr std::array<std::pair<const char*, const char*>, 8> names{{{"frontal", "cortex"},
                                                                      {"parietal", "cortex"},
                                                                      {"temporal", "cortex"},
                                                                      {"occipital", "cortex"},
                                                                      {"striatum", "subcortex"},
                                                                      {"pallidum", "subcortex"},
                                                                      {"thalamus", "subcortex"},
                                                                      {"white", "white matter"}}};
  for (Region& region : atlas.regions) {
    const Index part = (region.id - 1) % phantom_parts_a_side;
    const Index side = (region.id - 1) / phantom_parts_a_side;
    if (side == 2) {
      region.label = "stem";
      region.structure = "brainstem";
      region.hemisphere = "B";
      continue;
    }
    region.label = names[static_cast<std::size_t>(part)].first;
    region.structure = names[static_cast<std::size_t>(part)].second;
    region.hemisphere = side == 0 ? "L" : "R";
  }
}

}  // namespace detail

/// The phantom on a grid of cubic voxels of `voxel_mm`, placed in MNI space (x to the right). No
/// voxel centre lies on the midplane, so that left and right mirror each other voxel by voxel. At
/// 4 mm it has about 23,000 labelled voxels and 17 regions.
/// Throws ArgumentError for a voxel size outside [1, 6] mm. Cost: one pass over the grid.
[[nodiscard]] inline PhantomAnatomy make_phantom_anatomy(double voxel_mm) {
  require(voxel_mm >= 1 && voxel_mm <= 6, "voxel_mm", voxel_mm, "between 1 and 6 mm");
  const auto count = [&](double extent_mm) {
    return static_cast<Index>(std::ceil(extent_mm / voxel_mm)) + 2;
  };
  const Index half_x = count(66);
  const Grid grid{{2 * half_x, count(172), count(150)},
                  {{{voxel_mm, 0, 0, -voxel_mm * (static_cast<double>(half_x) - 0.5)},
                    {0, voxel_mm, 0, -105},
                    {0, 0, voxel_mm, -74},
                    {0, 0, 0, 1}}}};
  Volume<std::int32_t> labels;
  labels.values = Array<std::int32_t, 3>::from_shape({static_cast<std::size_t>(grid.shape[0]),
                                                      static_cast<std::size_t>(grid.shape[1]),
                                                      static_cast<std::size_t>(grid.shape[2])});
  labels.voxel_to_mm = grid.voxel_to_mm;
  Volume<float> grey = labels.like<float>(0.0F);
  Volume<float> white = grey;
  for (Index v = 0; v < grid.size(); ++v) {
    const auto centre = grid.centre_mm(v);
    const detail::PhantomPlace place = detail::phantom_place(centre);
    labels.values.data()[v] = detail::phantom_label(place.part, centre[0] < 0);
    if (place.tissue == Tissue::grey) grey.values.data()[v] = 1;
    if (place.tissue == Tissue::white) white.values.data()[v] = 1;
  }
  PhantomAnatomy out{make_atlas(std::move(labels), "phantom"), std::move(grey), std::move(white)};
  detail::name_phantom_regions(out.atlas);
  return out;
}

}  // namespace inrgene
