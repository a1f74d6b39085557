// What holds for every interpolator, and the two first ones worked by hand.
#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "inrgene/brain/interpolation/inverse_distance.hpp"
#include "inrgene/brain/interpolation/nearest_sample.hpp"
#include "inrgene/core/random.hpp"

using namespace inrgene;

namespace {

FieldSamples random_samples(Index sites) {
  Random random(3);
  FieldSamples samples{Eigen::Matrix3Xd(3, sites), Eigen::MatrixXd(2, sites)};
  for (Index i = 0; i < sites; ++i) {
    for (Index a = 0; a < 3; ++a) samples.mni_mm(a, i) = random.uniform(-50, 50);
    samples.values.col(i) << random.uniform(), random.normal();
  }
  return samples;
}

}  // namespace

TEST_CASE_TEMPLATE("every interpolator", Method, NearestSample, InverseDistance) {
  static_assert(Interpolator<Method>);
  const FieldSamples samples = random_samples(80);
  Method method;
  CHECK_THROWS_AS((void)method.predict({samples.mni_mm}), ArgumentError);
  method.fit(samples);

  SUBCASE("gives back the samples at their sites") {
    CHECK((method.predict({samples.mni_mm}) - samples.values).cwiseAbs().maxCoeff() == 0);
  }
  SUBCASE("gives a constant everywhere when the samples are constant") {
    FieldSamples constant = samples;
    constant.values.setConstant(0.3);
    method.fit(constant);
    const Eigen::MatrixXd out = method.predict({(samples.mni_mm.array() + 1.7).matrix()});
    CHECK((out.array() - 0.3).abs().maxCoeff() < 1e-15);
  }
  SUBCASE("is linear in the values and does not change under a shift of the world") {
    const Eigen::Matrix3Xd points = (samples.mni_mm.array() * 0.9).matrix();
    const Eigen::MatrixXd out = method.predict({points});
    FieldSamples moved = samples;
    moved.values *= 2.0;
    moved.mni_mm.array() += 16;
    method.fit(moved);
    const Eigen::MatrixXd out_moved = method.predict({(points.array() + 16).matrix()});
    CHECK((out_moved - 2 * out).cwiseAbs().maxCoeff() < 1e-11);
  }
  SUBCASE("answers from the point's own class alone") {
    FieldSamples classed = samples;
    for (Index i = 0; i < 80; ++i) classed.classes.push_back(i % 2 == 0 ? 1 : -1);
    FieldSamples odd = classed;
    for (Index i = 0; i < 80; i += 2) odd.values.col(i).setConstant(1e6);
    method.fit(classed);
    const FieldPoints points{samples.mni_mm, std::vector<int>(80, -1)};
    const Eigen::MatrixXd out = method.predict(points);
    method.fit(odd);
    CHECK(method.predict(points) == out);
    CHECK_THROWS_AS((void)method.predict({samples.mni_mm}), ArgumentError);
    CHECK_THROWS_AS((void)method.predict({samples.mni_mm, std::vector<int>(80, 0)}), ArgumentError);
    CHECK_THROWS_AS((void)method.predict({samples.mni_mm, std::vector<int>(79, 1)}), ArgumentError);
  }
  SUBCASE("refuses bad samples") {
    FieldSamples bad = samples;
    bad.values.conservativeResize(2, 79);
    CHECK_THROWS_AS(method.fit(bad), ArgumentError);
    bad = samples;
    bad.values(0, 3) = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS(method.fit(bad), ArgumentError);
    CHECK_THROWS_AS(method.fit({Eigen::Matrix3Xd(3, 0), Eigen::MatrixXd(1, 0)}), ArgumentError);
    CHECK_THROWS_AS((void)method.predict({samples.mni_mm, std::vector<int>(80, 0)}), ArgumentError);
  }
}

TEST_CASE("NearestSample: the nearest, and the lowest index of equals") {
  FieldSamples samples{Eigen::Matrix3Xd::Zero(3, 3), Eigen::MatrixXd(1, 3)};
  samples.mni_mm.row(0) << -1, 1, 5;
  samples.values << 10, 20, 30;
  NearestSample method;
  method.fit(samples);
  Eigen::Matrix3Xd points = Eigen::Matrix3Xd::Zero(3, 3);
  points.row(0) << 0, 2, 100;
  Eigen::MatrixXd expected(1, 3);
  expected << 10, 20, 30;
  CHECK(method.predict({points}) == expected);
}

TEST_CASE("InverseDistance worked by hand") {
  FieldSamples samples{Eigen::Matrix3Xd::Zero(3, 3), Eigen::MatrixXd(1, 3)};
  samples.mni_mm.row(0) << 0, 3, 100;
  samples.values << 1, 4, 1000;
  const Eigen::Matrix3Xd point = Eigen::Vector3d(1, 0, 0);
  // Distances 1 and 2, the third left out by k = 2: weights 1, 1/2 for p = 1 and 1, 1/4 for p = 2.
  InverseDistance linear({.neighbors = 2});
  linear.fit(samples);
  CHECK(linear.predict({point})(0, 0) == doctest::Approx((1 + 4 * 0.5) / 1.5).epsilon(1e-15));
  InverseDistance square({.neighbors = 2, .power = 2});
  square.fit(samples);
  CHECK(square.predict({point})(0, 0) == doctest::Approx((1 + 4 * 0.25) / 1.25).epsilon(1e-15));
  // Two samples on one spot are averaged there.
  samples.mni_mm(0, 1) = 0;
  linear.fit(samples);
  CHECK(linear.predict({Eigen::Matrix3Xd::Zero(3, 1)})(0, 0) == 2.5);
  CHECK_THROWS_AS(InverseDistance({.neighbors = 0}), ArgumentError);
  CHECK_THROWS_AS(InverseDistance({.power = 0}), ArgumentError);
}

TEST_CASE("InverseDistance gives the same bytes on any number of threads") {
  const FieldSamples samples = random_samples(200);
  const Eigen::Matrix3Xd points = (samples.mni_mm.array() * 1.1).matrix();
  InverseDistance one({.threads = {1}});
  InverseDistance two({.threads = {2}});
  one.fit(samples);
  two.fit(samples);
  CHECK(one.predict({points}) == two.predict({points}));
}
