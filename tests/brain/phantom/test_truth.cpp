#include "inrgene/brain/phantom/truth.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include "inrgene/core/random.hpp"

using namespace inrgene;

namespace {

Eigen::Vector3d random_point(Random& random) {
  Eigen::Vector3d point;
  for (Index a = 0; a < 3; ++a) point(a) = random.uniform(-80, 80);
  return point;
}

}  // namespace

TEST_CASE("the truth is smooth: slopes keep to the bound of the shortest wave") {
  const PhantomTruth truth({0, 0.5, 1}, 3);
  Random random(2);
  constexpr double step_mm = 0.01;
  const double per_mm = 2 * std::numbers::pi / phantom_shortest_wave_mm;
  for (Index gene = 0; gene < 3; ++gene) {
    const double bound = per_mm * truth.amplitude(gene);
    double steepest = 0;
    for (int draw = 0; draw < 2000; ++draw) {
      const Eigen::Vector3d at = random_point(random);
      for (const Tissue tissue : {Tissue::grey, Tissue::white}) {
        Eigen::Vector3d slope;
        for (Index a = 0; a < 3; ++a) {
          Eigen::Vector3d ahead = at, behind = at;
          ahead(a) += step_mm;
          behind(a) -= step_mm;
          slope(a) = (truth.value(gene, ahead, tissue) - truth.value(gene, behind, tissue)) /
                     (2 * step_mm);
        }
        steepest = std::max(steepest, slope.norm());
      }
    }
    CHECK(steepest <= bound);
    CHECK(steepest > 0.05 * bound);  // the bound is of the field, not of something far larger
  }
}

TEST_CASE("tissue classes differ by the stated form, and neither is half way") {
  // f(white) − c = 0.7 (f(grey) − c) + shift: the same line for all points of a gene.
  const PhantomTruth truth({0.25}, 5);
  Random random(2);
  for (int draw = 0; draw < 50; ++draw) {
    const Eigen::Vector3d at = random_point(random);
    const double grey = truth.value(0, at, Tissue::grey);
    const double white = truth.value(0, at, Tissue::white);
    CHECK(white == doctest::Approx(0.7 * grey + 0.7).epsilon(1e-12));  // 1.2 − 2 · 0.25
    CHECK(truth.value(0, at, Tissue::neither) == doctest::Approx(0.5 * (grey + white)));
  }
}

TEST_CASE("values of many points are those of the points one by one, in the range asked for") {
  PhantomTruth truth({0, 0.3, 0.6, 1}, 8);
  Random random(2);
  Eigen::Matrix3Xd points(3, 40);
  std::vector<Tissue> tissue;
  for (Index p = 0; p < 40; ++p) {
    points.col(p) = random_point(random);
    tissue.push_back(p % 3 == 0 ? Tissue::white : Tissue::grey);
  }
  truth.fit_range(points, tissue, 0.25, 0.75);
  const Eigen::MatrixXd all = truth.values(points, tissue);
  for (Index g = 0; g < 4; ++g) {
    CHECK(all.row(g).minCoeff() == doctest::Approx(0.25));
    CHECK(all.row(g).maxCoeff() == doctest::Approx(0.75));
    for (Index p = 0; p < 40; ++p) {
      CHECK(all(g, p) == truth.value(g, points.col(p), tissue[static_cast<std::size_t>(p)]));
    }
  }
  CHECK_THROWS_AS((void)truth.values(points, std::vector<Tissue>(3)), ArgumentError);
  CHECK_THROWS_AS((void)truth.value(4, points.col(0), Tissue::grey), ArgumentError);
  CHECK_THROWS_AS(PhantomTruth({1.5}, 0), ArgumentError);
}
