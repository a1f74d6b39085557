// An atlas small enough to work out by hand.
#pragma once

#include <cstdint>

#include "inrgene/brain/atlas/atlas.hpp"

namespace inrgene::test {

/// 4 × 3 × 2 voxels of 2 mm, the first centre at (-3, -2, -1) mm. Plane k = 0 reads, row by row
/// (j = 0, 1, 2): 0 5 5 0 / 0 5 9 9 / 0 0 0 0; plane k = 1 is 0 but for 9 at (3, 2, 1).
inline Volume<std::int32_t> small_labels() {
  Volume<std::int32_t> labels;
  labels.values = Array<std::int32_t, 3>::from_shape({4, 3, 2});
  labels.values.fill(0);
  labels.voxel_to_mm = {{{2, 0, 0, -3}, {0, 2, 0, -2}, {0, 0, 2, -1}, {0, 0, 0, 1}}};
  labels.values(1, 0, 0) = labels.values(2, 0, 0) = labels.values(1, 1, 0) = 5;
  labels.values(2, 1, 0) = labels.values(3, 1, 0) = labels.values(3, 2, 1) = 9;
  return labels;
}

}  // namespace inrgene::test
