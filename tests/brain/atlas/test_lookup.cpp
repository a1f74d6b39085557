#include "inrgene/brain/atlas/lookup.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "brain/atlas/small_atlas.hpp"

using namespace inrgene;

TEST_CASE("label_at: the voxel that holds the point, 0 outside") {
  const Atlas atlas = make_atlas(test::small_labels());
  Eigen::Matrix3Xd points(3, 5);
  points.col(0) << -1, -2, -1;        // centre of (1, 0, 0)
  points.col(1) << -0.1, -1.1, -0.1;  // its far corner
  points.col(2) << 1, 0, -1;          // (2, 1, 0)
  points.col(3) << -3, -2, -1;        // inside the grid, unlabelled
  points.col(4) << 100, 0, 0;
  CHECK(label_at(atlas, points) == std::vector<Index>{5, 5, 9, 0, 0});
}

TEST_CASE("label_at with a tolerance takes the nearest labelled centre") {
  const Atlas atlas = make_atlas(test::small_labels());
  Eigen::Matrix3Xd points(3, 4);
  points.col(0) << -3, -2, -1;  // 2 mm from (1, 0, 0)
  points.col(1) << 3, -2, -1;   // (3, 0, 0): 2 mm from 5 at (2, 0, 0) and from 9 at (3, 1, 0)
  points.col(2) << 3, 2, 4;     // outside the grid, 3 mm above 9 at (3, 2, 1)
  points.col(3) << 1e12, 0, 0;
  CHECK(label_at(atlas, points, {.tolerance_mm = 1.9}) == std::vector<Index>{0, 0, 0, 0});
  CHECK(label_at(atlas, points, {.tolerance_mm = 2.0}) == std::vector<Index>{5, 5, 0, 0});
  CHECK(label_at(atlas, points, {.tolerance_mm = 3.0}) == std::vector<Index>{5, 5, 9, 0});
}

TEST_CASE("label_at refuses what is no point") {
  const Atlas atlas = make_atlas(test::small_labels());
  Eigen::Matrix3Xd points = Eigen::Matrix3Xd::Zero(3, 1);
  CHECK_THROWS_AS((void)label_at(atlas, points, {.tolerance_mm = -1}), ArgumentError);
  points(1, 0) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS((void)label_at(atlas, points), ArgumentError);
}
