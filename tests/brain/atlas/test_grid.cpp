#include "inrgene/brain/atlas/grid.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace inrgene;

namespace {

/// 2 mm voxels, x flipped, origin at (10, -20, 30) mm.
Grid flipped() {
  return {{4, 5, 6}, {{{-2, 0, 0, 10}, {0, 2, 0, -20}, {0, 0, 2, 30}, {0, 0, 0, 1}}}};
}

}  // namespace

TEST_CASE("linear indices and voxels are each other's inverse, first axis fastest") {
  const Grid grid = flipped();
  CHECK(grid.size() == 120);
  CHECK(grid.linear({1, 0, 0}) == 1);
  CHECK(grid.linear({0, 1, 0}) == 4);
  CHECK(grid.linear({0, 0, 1}) == 20);
  for (Index v = 0; v < grid.size(); ++v) CHECK(grid.linear(grid.voxel(v)) == v);
}

TEST_CASE("a point is found in the voxel whose centre is nearest") {
  const Grid grid = flipped();
  const VoxelFinder finder(grid);
  for (Index v = 0; v < grid.size(); ++v) {
    auto point = grid.centre_mm(v);
    CHECK(finder.find(point) == v);
    for (double& coordinate : point) coordinate += 0.99;
    CHECK(finder.find(point) == v);
  }
  CHECK(finder.find({10, -20, 30}) == 0);
  CHECK(!finder.find({11.01, -20, 30}));  // half a voxel and more beyond the first centre
  CHECK(!finder.find({10, -20, 1e300}));
  CHECK(!finder.find({10, std::numeric_limits<double>::quiet_NaN(), 30}));
  Grid flat = grid;
  flat.voxel_to_mm[2][2] = 0;
  CHECK_THROWS_AS(VoxelFinder{flat}, ArgumentError);
}

TEST_CASE("grids agree within a hundredth of a millimetre at the corners") {
  const Grid grid = flipped();
  Grid other = grid;
  other.voxel_to_mm[0][3] += 0.009;
  CHECK_NOTHROW(require_same_grid(other, grid, "map.nii"));
  other.voxel_to_mm[0][3] += 0.002;
  CHECK_THROWS_AS(require_same_grid(other, grid, "map.nii"), InputError);
  // A step off by 0.003 mm adds up over five voxels.
  other = grid;
  other.voxel_to_mm[2][2] += 0.003;
  CHECK(corner_distance_mm(other, grid) == doctest::Approx(0.015));
  CHECK_THROWS_AS(require_same_grid(other, grid, "map.nii"), InputError);
  other = grid;
  other.shape = {4, 5, 7};
  try {
    require_same_grid(other, grid, "map.nii");
    FAIL("no InputError");
  } catch (const InputError& error) {
    CHECK(std::string(error.what()) ==
          "map.nii: shape: found 4 x 5 x 7 voxels, expected 4 x 5 x 6 voxels as in the atlas");
  }
}
