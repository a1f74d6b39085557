#include "inrgene/brain/atlas/samplers.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <vector>

#include "brain/atlas/small_atlas.hpp"

using namespace inrgene;

namespace {

std::array<double, 3> point(const Eigen::Matrix3Xd& points, Index p) {
  return {points(0, p), points(1, p), points(2, p)};
}

}  // namespace

TEST_CASE("labelled and region voxels, with centres in millimetres") {
  const Atlas atlas = make_atlas(test::small_labels());
  const VoxelSet all = labelled_voxels(atlas);
  CHECK(all.voxels == std::vector<Index>{1, 2, 5, 6, 7, 23});
  const VoxelSet nine = region_voxels(atlas, 9);
  CHECK(nine.voxels == std::vector<Index>{6, 7, 23});
  const Eigen::Matrix3Xd centres = nine.mni_mm(0, 3);
  CHECK(centres.col(0) == Eigen::Vector3d(1, 0, -1));
  CHECK(centres.col(2) == Eigen::Vector3d(3, 2, 1));
  CHECK_THROWS_AS((void)region_voxels(atlas, 7), ArgumentError);
  CHECK_THROWS_AS((void)all.mni_mm(4, 3), ArgumentError);
  CHECK_THROWS_AS((void)all.mni_mm(0, 1, {.points = 0}), ArgumentError);
}

TEST_CASE("blocks put together are the whole, at any number of points a voxel") {
  const VoxelSet all = labelled_voxels(make_atlas(test::small_labels()));
  for (const Index points : {Index{1}, Index{5}}) {
    const SubVoxel how{.points = points, .seed = 3};
    const Eigen::Matrix3Xd whole = all.mni_mm(0, all.size(), how);
    CHECK(whole.cols() == all.size() * points);
    CHECK(whole.leftCols(2 * points) == all.mni_mm(0, 2, how));
    CHECK(whole.rightCols(4 * points) == all.mni_mm(2, 4, how));
  }
}

TEST_CASE("sub-voxel points stay in their voxel and spread evenly over it") {
  const VoxelSet all = labelled_voxels(make_atlas(test::small_labels()));
  const VoxelFinder finder(all.grid);
  constexpr Index n = 64;
  const Eigen::Matrix3Xd points = all.mni_mm(0, all.size(), {.points = n, .seed = 1});
  for (Index v = 0; v < all.size(); ++v) {
    const auto linear = all.voxels[static_cast<std::size_t>(v)];
    std::array<int, 8> octant{};
    for (Index p = 0; p < n; ++p) {
      CHECK(finder.find(point(points, v * n + p)) == linear);
      const auto centre = all.grid.centre_mm(linear);
      std::size_t o = 0;
      for (std::size_t a = 0; a < 3; ++a) {
        if (points(static_cast<Index>(a), v * n + p) > centre[a]) o |= std::size_t{1} << a;
      }
      ++octant[o];
    }
    // 64 independent points would leave 8 ± 2.6 an octant; evenly spread ones do better.
    for (const int count : octant) CHECK(std::abs(count - 8) <= 3);
  }
  CHECK(all.mni_mm(0, 2, {.points = 4, .seed = 1}) != all.mni_mm(0, 2, {.points = 4, .seed = 2}));
}

TEST_CASE("random points lie in the mask, reach all of it, and follow seed and stream") {
  const VoxelSet all = labelled_voxels(make_atlas(test::small_labels()));
  const VoxelFinder finder(all.grid);
  const PointsInVoxels drawn = random_points(all, {.count = 6000, .seed = 4});
  std::vector<int> hits(24, 0);
  for (Index p = 0; p < 6000; ++p) {
    const Index voxel = drawn.voxel[static_cast<std::size_t>(p)];
    CHECK(finder.find(point(drawn.mni_mm, p)) == voxel);
    ++hits[static_cast<std::size_t>(voxel)];
  }
  // 1000 expected in each of six voxels, standard deviation 29: five of them are 145.
  for (const Index v : all.voxels) CHECK(std::abs(hits[static_cast<std::size_t>(v)] - 1000) < 145);
  CHECK(drawn.mni_mm == random_points(all, {.count = 6000, .seed = 4}).mni_mm);
  CHECK(drawn.mni_mm != random_points(all, {.count = 6000, .seed = 4, .stream = 1}).mni_mm);
  CHECK(random_points(all, {.count = 0}).mni_mm.cols() == 0);
  CHECK_THROWS_AS((void)random_points({all.grid, {}}, {.count = 1}), ArgumentError);
}
