// Which region a point lies in.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "inrgene/brain/atlas/atlas.hpp"
#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// How `label_at` looks a point up.
struct LabelLookup {
  /// 0: the label of the voxel that holds the point. Above 0: when that is 0, the label of the
  /// nearest labelled voxel centre within so many millimetres, equal distances by lowest index.
  double tolerance_mm = 0;
};

namespace detail {

/// Label of the nearest labelled centre within `radius_mm` of a point, or 0. Looks at the box of
/// voxels around the sphere.
inline Index nearest_label(const Atlas& atlas, const VoxelFinder& finder,
                           const std::array<double, 3>& point_mm, double radius_mm) {
  const Grid& grid = finder.grid();
  const auto centre = finder.voxel_units(point_mm);
  std::array<Index, 3> low{}, high{};
  const Affine to_voxel = inverse(grid.voxel_to_mm);
  for (std::size_t a = 0; a < 3; ++a) {
    // A sphere of radius r reaches r ‖row a of the inverse‖ along voxel axis a.
    const double reach = radius_mm * std::hypot(to_voxel[a][0], to_voxel[a][1], to_voxel[a][2]);
    const double last = static_cast<double>(grid.shape[a]) - 1;
    if (!(centre[a] + reach >= 0 && centre[a] - reach <= last)) return 0;
    low[a] = static_cast<Index>(std::ceil(std::max(0.0, centre[a] - reach)));
    high[a] = static_cast<Index>(std::floor(std::min(last, centre[a] + reach)));
  }
  double nearest = std::numeric_limits<double>::infinity();
  Index found = 0;
  for (Index k = low[2]; k <= high[2]; ++k) {
    for (Index j = low[1]; j <= high[1]; ++j) {
      for (Index i = low[0]; i <= high[0]; ++i) {
        const Index linear = grid.linear({i, j, k});
        const std::int32_t label = atlas.labels.values.data()[linear];
        if (label == 0) continue;
        const auto mm = grid.centre_mm(linear);
        const double distance =
            std::hypot(mm[0] - point_mm[0], mm[1] - point_mm[1], mm[2] - point_mm[2]);
        if (distance > radius_mm || distance >= nearest) continue;
        nearest = distance;
        found = label;
      }
    }
  }
  return found;
}

}  // namespace detail

/// Label of each point of `mni_mm` [3 x points], millimetres: that of the voxel that holds it, 0
/// outside the grid and outside all regions (see `LabelLookup` for a tolerance).
/// Throws ArgumentError for a point that is not finite and a negative tolerance.
/// Cost O(points), with a tolerance O(points · voxels in the sphere).
[[nodiscard]] inline std::vector<Index> label_at(const Atlas& atlas, const Eigen::Matrix3Xd& mni_mm,
                                                 const LabelLookup& how = {}) {
  require(how.tolerance_mm >= 0 && std::isfinite(how.tolerance_mm), "tolerance_mm",
          how.tolerance_mm, "0 or more");
  const VoxelFinder finder(atlas.grid());
  std::vector<Index> out;
  out.reserve(static_cast<std::size_t>(mni_mm.cols()));
  for (Index p = 0; p < mni_mm.cols(); ++p) {
    if (!mni_mm.col(p).allFinite()) {
      require(false, text("point ", p), mni_mm.col(p).transpose(), "finite millimetres");
    }
    const std::array<double, 3> point{mni_mm(0, p), mni_mm(1, p), mni_mm(2, p)};
    const auto voxel = finder.find(point);
    Index label = voxel ? atlas.labels.values.data()[*voxel] : 0;
    if (label == 0 && how.tolerance_mm > 0) {
      label = detail::nearest_label(atlas, finder, point, how.tolerance_mm);
    }
    out.push_back(label);
  }
  return out;
}

}  // namespace inrgene
