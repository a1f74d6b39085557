// Voxels by linear index, and whether two volumes stand on the same grid.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>

#include "inrgene/core/annotations.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/volume.hpp"

namespace inrgene {

/// Size and place of a volume without its values. Linear index = i + nx (j + ny k).
struct Grid {
  std::array<Index, 3> shape{};
  Affine voxel_to_mm = identity_affine;

  [[nodiscard]] Index size() const { return shape[0] * shape[1] * shape[2]; }

  /// (i, j, k) of a linear index.
  INRGENE_HD [[nodiscard]] std::array<Index, 3> voxel(Index linear) const {
    return {linear % shape[0], linear / shape[0] % shape[1], linear / (shape[0] * shape[1])};
  }
  [[nodiscard]] Index linear(const std::array<Index, 3>& voxel) const {
    return voxel[0] + shape[0] * (voxel[1] + shape[1] * voxel[2]);
  }
  [[nodiscard]] bool contains(const std::array<Index, 3>& voxel) const {
    for (std::size_t a = 0; a < 3; ++a) {
      if (voxel[a] < 0 || voxel[a] >= shape[a]) return false;
    }
    return true;
  }

  /// Millimetres of a point in voxel units.
  INRGENE_HD [[nodiscard]] std::array<double, 3> mm(
      const std::array<double, 3>& point_voxel) const {
    return transform(voxel_to_mm, point_voxel);
  }
  /// Millimetres of a voxel's centre.
  [[nodiscard]] std::array<double, 3> centre_mm(Index linear) const {
    const auto v = voxel(linear);
    return mm({static_cast<double>(v[0]), static_cast<double>(v[1]), static_cast<double>(v[2])});
  }
};

/// The grid of a volume.
template <class T>
[[nodiscard]] Grid grid_of(const Volume<T>& volume) {
  return {volume.shape(), volume.voxel_to_mm};
}

/// Finds the voxel that holds a point: the nearest centre in voxel units; a point on a face goes
/// to the higher index. The inverse of the affine is taken once.
class VoxelFinder {
 public:
  /// Throws ArgumentError for an affine that cannot be inverted.
  explicit VoxelFinder(const Grid& grid) : grid_(grid), mm_to_voxel_(inverse(grid.voxel_to_mm)) {
    const double d = determinant(grid.voxel_to_mm);
    require(std::isfinite(d) && d != 0, "determinant of the affine", d, "finite and not 0");
  }

  /// Voxel units of a point in millimetres.
  [[nodiscard]] std::array<double, 3> voxel_units(const std::array<double, 3>& point_mm) const {
    return transform(mm_to_voxel_, point_mm);
  }
  /// Linear index of the voxel that holds the point; nothing outside the grid or for NaN.
  [[nodiscard]] std::optional<Index> find(const std::array<double, 3>& point_mm) const {
    const auto point = voxel_units(point_mm);
    std::array<Index, 3> voxel{};
    for (std::size_t a = 0; a < 3; ++a) {
      const double rounded = std::floor(point[a] + 0.5);
      // Compared as double: a far point would not fit an integer.
      if (!(rounded >= 0 && rounded < static_cast<double>(grid_.shape[a]))) return std::nullopt;
      voxel[a] = static_cast<Index>(rounded);
    }
    return grid_.linear(voxel);
  }
  [[nodiscard]] const Grid& grid() const { return grid_; }

 private:
  Grid grid_;
  Affine mm_to_voxel_;
};

/// How far two grids' corners may lie apart to count as the same place: files keep affines in
/// single precision, which moves a corner by about 0.00001 mm.
inline constexpr double same_grid_tolerance_mm = 0.01;

/// Largest distance in millimetres between corners of two grids of equal shape.
[[nodiscard]] inline double corner_distance_mm(const Grid& a, const Grid& b) {
  double largest = 0;
  for (int corner = 0; corner < 8; ++corner) {
    std::array<double, 3> point{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const bool is_far = ((corner >> axis) & 1) != 0;
      point[axis] = is_far ? static_cast<double>(a.shape[axis] - 1) : 0.0;
    }
    const auto p = a.mm(point);
    const auto q = b.mm(point);
    largest = std::max(largest, std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
  }
  return largest;
}

/// Throws InputError that names `file` unless `grid` has the shape and, within
/// `same_grid_tolerance_mm`, the place of `expected` (which is called `expected_name`).
inline void require_same_grid(const Grid& grid, const Grid& expected, const std::string& file,
                              const std::string& expected_name = "the atlas") {
  const auto shape_text = [](const Grid& g) {
    return text(g.shape[0], " x ", g.shape[1], " x ", g.shape[2], " voxels");
  };
  if (grid.shape != expected.shape) {
    throw InputError(
        {file, "shape", shape_text(grid), text(shape_text(expected), " as in ", expected_name)});
  }
  const double apart = corner_distance_mm(grid, expected);
  if (!(apart <= same_grid_tolerance_mm)) {
    throw InputError(
        {file, "affine", text("corners up to ", apart, " mm away"),
         text("at most ", same_grid_tolerance_mm, " mm from those of ", expected_name)});
  }
}

}  // namespace inrgene
