// Where a sample stands on a volume's grid before its surroundings are searched.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>

#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/volume.hpp"

namespace inrgene {

/// Moves points in millimetres onto a grid, in voxel units (see `GridPlacement`):
/// - `floor`: on every world axis to the largest voxel centre strictly below the coordinate, so a
///   coordinate on a centre moves one voxel down; above the last centre to that one. Below the
///   first centre the grid is continued: the point is outside (abagen wraps it to the far side).
///   Needs voxel axes along the world's axes, in any order and direction.
/// - `nearest`: to the voxel that holds the point; on a face to the neighbour with the lower world
///   coordinate, so that an image stored flipped or with axes exchanged gives the same place.
///   The grid is continued beyond its borders.
/// - `as_given`: the point stays.
class GridPlacer {
 public:
  /// Throws InputError that names `file` for an affine that is oblique under `floor`, and
  /// ArgumentError for one that cannot be inverted.
  GridPlacer(const Grid& grid, GridPlacement placement, const std::string& file)
      : grid_(grid), placement_(placement), finder_(grid) {
    for (std::size_t a = 0; a < 3; ++a) {
      std::size_t w = 0;
      for (std::size_t row = 1; row < 3; ++row) {
        if (std::abs(step(row, a)) > std::abs(step(w, a))) w = row;
      }
      world_axis_[a] = w;
    }
    if (placement_ == GridPlacement::floor) require_straight(file);
  }

  /// The place of a point, voxel units; whole numbers unless `as_given`. Cost: constant.
  [[nodiscard]] std::array<double, 3> place(const std::array<double, 3>& mm) const {
    if (placement_ == GridPlacement::floor) {
      return {below(0, mm), below(1, mm), below(2, mm)};
    }
    std::array<double, 3> point = finder_.voxel_units(mm);
    if (placement_ == GridPlacement::nearest) {
      for (std::size_t a = 0; a < 3; ++a) point[a] = holding(a, point[a]);
    }
    return point;
  }

 private:
  /// What one voxel along axis `a` adds to world coordinate `w`.
  [[nodiscard]] double step(std::size_t w, std::size_t a) const { return grid_.voxel_to_mm[w][a]; }

  void require_straight(const std::string& file) const {
    for (std::size_t a = 0; a < 3; ++a) {
      for (std::size_t w = 0; w < 3; ++w) {
        const double along = std::abs(step(world_axis_[a], a));
        if (w == world_axis_[a] || std::abs(step(w, a)) <= 1e-6 * along) continue;
        throw InputError(
            {.file = file,
             .place = "affine",
             .found = text("voxel axis ", a, " along (", step(0, a), ", ", step(1, a), ", ",
                           step(2, a), ") mm, oblique to the axes of the space"),
             .expected = "voxel axes along x, y and z, for abagen's placement has no meaning "
                         "otherwise; or samples placed at the nearest voxel (--strict-geometry)"});
      }
    }
  }

  /// Index along axis `a` of the largest centre strictly below the point.
  [[nodiscard]] double below(std::size_t a, const std::array<double, 3>& mm) const {
    const std::size_t w = world_axis_[a];
    const double size = step(w, a), origin = grid_.voxel_to_mm[w][3], x = mm[w];
    const auto centre = [&](double index) { return origin + size * index; };
    // `down` leads to the next lower centre; rounding of the quotient is mended by comparing.
    const double down = size > 0 ? -1 : 1;
    double index =
        size > 0 ? std::ceil((x - origin) / size) - 1 : std::floor((x - origin) / size) + 1;
    if (!(centre(index) < x)) index += down;
    if (centre(index - down) < x) index -= down;
    const auto last = static_cast<double>(grid_.shape[a] - 1);
    return size > 0 ? std::min(index, last) : std::max(index, 0.0);
  }

  /// Index along axis `a` of the voxel that holds coordinate `at`; a half goes down in the world.
  [[nodiscard]] double holding(std::size_t a, double at) const {
    constexpr double rounding = 1e-9;
    const double half = at - std::floor(at) - 0.5;
    if (std::abs(half) > rounding) return std::floor(at + 0.5);
    return step(world_axis_[a], a) > 0 ? std::floor(at) : std::floor(at) + 1;
  }

  Grid grid_;
  GridPlacement placement_;
  VoxelFinder finder_;
  std::array<std::size_t, 3> world_axis_{};  // the one each voxel axis runs along most
};

}  // namespace inrgene
