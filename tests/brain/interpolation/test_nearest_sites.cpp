#include "inrgene/brain/interpolation/nearest_sites.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include "inrgene/core/random.hpp"

using namespace inrgene;

namespace {

std::vector<Neighbor> by_hand(const Eigen::Matrix3Xd& points, const Eigen::Vector3d& at, Index k) {
  std::vector<Neighbor> all;
  for (Index i = 0; i < points.cols(); ++i) {
    all.push_back({(points.col(i) - at).squaredNorm(), i});
  }
  std::sort(all.begin(), all.end());
  all.resize(static_cast<std::size_t>(std::min(k, points.cols())));
  return all;
}

}  // namespace

TEST_CASE("NearestSites equals a full search, with ties by lowest index") {
  // Whole-number coordinates in a small box: most distances come up many times.
  Random random(7);
  Eigen::Matrix3Xd points(3, 500);
  for (Index i = 0; i < points.size(); ++i) {
    points.data()[i] = static_cast<double>(random.below(6));
  }
  const NearestSites sites(points);
  for (Index query = 0; query < 200; ++query) {
    Eigen::Vector3d at;
    for (Index a = 0; a < 3; ++a) at(a) = static_cast<double>(random.below(8)) - 1;
    for (const Index k : {Index{1}, Index{4}, Index{37}, Index{1000}}) {
      const auto found = sites.find(at, k);
      const auto expected = by_hand(points, at, k);
      REQUIRE(found.size() == expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].index == expected[i].index);
        CHECK(found[i].distance_sqr_mm == expected[i].distance_sqr_mm);
      }
    }
  }
}

TEST_CASE("NearestSites: a copy outlives the original, and bad arguments are refused") {
  auto original = std::make_unique<NearestSites>(Eigen::Matrix3Xd::Identity(3, 3));
  const NearestSites copy = *original;
  original.reset();
  CHECK(copy.find({0, 0, 2}, 1).front().index == 2);
  CHECK_THROWS_AS((void)copy.find({0, 0, 2}, 0), ArgumentError);
  CHECK_THROWS_AS((void)copy.find({0, 0, std::numeric_limits<double>::quiet_NaN()}, 1),
                  ArgumentError);
  CHECK_THROWS_AS(NearestSites(Eigen::Matrix3Xd(3, 0)), ArgumentError);
}
