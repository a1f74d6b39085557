// A sampled volume: values on a voxel grid and the affine that places the grid in the world.
#pragma once

#include <array>

#include "inrgene/core/annotations.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/array.hpp"

namespace inrgene {

/// Row-major 4 × 4 matrix; (x, y, z, 1)_mm = A (i, j, k, 1)_voxel, voxel centres at integers.
using Affine = std::array<std::array<double, 4>, 4>;

inline constexpr Affine identity_affine{{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}};

/// A · (p, 1): a point in voxel units to millimetres, or back with the inverse.
INRGENE_HD [[nodiscard]] constexpr std::array<double, 3> transform(const Affine& a,
                                                                   const std::array<double, 3>& p) {
  std::array<double, 3> out{};
  for (std::size_t r = 0; r < 3; ++r) {
    out[r] = a[r][0] * p[0] + a[r][1] * p[1] + a[r][2] * p[2] + a[r][3];
  }
  return out;
}

/// Inverse of an affine; a singular 3 × 3 part gives non-finite entries (check before with
/// `determinant`). Cost: constant.
[[nodiscard]] constexpr double determinant(const Affine& a) {
  return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
         a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
         a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
}

[[nodiscard]] constexpr Affine inverse(const Affine& a) {
  const double d = 1.0 / determinant(a);
  Affine inv = identity_affine;
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t c = 0; c < 3; ++c) {
      const std::size_t r1 = (c + 1) % 3, r2 = (c + 2) % 3;
      const std::size_t c1 = (r + 1) % 3, c2 = (r + 2) % 3;
      inv[r][c] = d * (a[r1][c1] * a[r2][c2] - a[r1][c2] * a[r2][c1]);
    }
  }
  for (std::size_t r = 0; r < 3; ++r) {
    inv[r][3] = -(inv[r][0] * a[0][3] + inv[r][1] * a[1][3] + inv[r][2] * a[2][3]);
  }
  return inv;
}

/// Values on a grid [nx, ny, nz], x fastest, with the affine from voxel to millimetres.
template <class T>
struct Volume {
  Array<T, 3> values;
  Affine voxel_to_mm = identity_affine;

  [[nodiscard]] std::array<Index, 3> shape() const {
    return {static_cast<Index>(values.shape(0)), static_cast<Index>(values.shape(1)),
            static_cast<Index>(values.shape(2))};
  }
  [[nodiscard]] Index size() const { return static_cast<Index>(values.size()); }

  /// A volume of the same grid filled with `value`.
  template <class U = T>
  [[nodiscard]] Volume<U> like(U value = U{}) const {
    Volume<U> out;
    out.values = Array<U, 3>(values.shape(), value);
    out.voxel_to_mm = voxel_to_mm;
    return out;
  }
};

}  // namespace inrgene
