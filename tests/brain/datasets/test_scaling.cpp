#include "inrgene/brain/datasets/scaling.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "inrgene/core/random.hpp"

using namespace inrgene;

TEST_CASE("min-max by hand: ends and middle, both intervals, and beyond the range") {
  const MinMax range{-2.0, 6.0};
  CHECK(range.to_unit(-2.0) == 0.0);
  CHECK(range.to_unit(6.0) == 1.0);
  CHECK(range.to_unit(0.0) == 0.25);
  CHECK(range.to_unit(8.0) == 1.25);
  CHECK(range.to_signed(-2.0) == -1.0);
  CHECK(range.to_signed(6.0) == 1.0);
  CHECK(range.to_signed(2.0) == 0.0);
  CHECK(range.to_signed(-4.0) == -1.5);
  CHECK(range.from_unit(0.25) == 0.0);
  CHECK(range.from_signed(0.0) == 2.0);
}

TEST_CASE("scaling and back is the identity up to rounding; ends are exact") {
  Random random(3);
  for (int trial = 0; trial < 1000; ++trial) {
    const double low = random.uniform(-200, 200);
    const MinMax range{low, low + random.uniform(1e-3, 300)};
    CHECK(range.to_unit(range.low) == 0.0);
    CHECK(range.to_unit(range.high) == 1.0);
    CHECK(range.to_signed(range.high) == 1.0);
    CHECK(range.from_signed(-1.0) == range.low);
    CHECK(range.from_signed(1.0) == range.high);
    const double x = random.uniform(range.low, range.high);
    // The map divides by the range and multiplies back: a few roundings of numbers up to 500.
    CHECK(std::abs(range.from_unit(range.to_unit(x)) - x) < 500 * 8 * 0x1p-53);
    CHECK(std::abs(range.from_signed(range.to_signed(x)) - x) < 500 * 8 * 0x1p-53);
  }
}

TEST_CASE("coordinates share one range over the three axes, so shapes are kept") {
  Eigen::Matrix3Xd mni_mm(3, 3);
  mni_mm << -60, 0, 60,  //
      -100, 10, 70,      //
      -40, 5, 80;
  const MinMax range = fit_coordinates(mni_mm);
  CHECK(range.low == -100);
  CHECK(range.high == 80);
  const Eigen::Matrix3Xd scaled = to_signed(range, mni_mm);
  CHECK(scaled.minCoeff() == -1.0);
  CHECK(scaled.maxCoeff() == 1.0);
  const double ratio = (mni_mm.col(0) - mni_mm.col(1)).norm() /  //
                       (mni_mm.col(2) - mni_mm.col(1)).norm();
  const double scaled_ratio = (scaled.col(0) - scaled.col(1)).norm() /  //
                              (scaled.col(2) - scaled.col(1)).norm();
  CHECK(scaled_ratio == doctest::Approx(ratio).epsilon(1e-14));
  CHECK((from_signed(range, scaled) - mni_mm).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("constant, empty and non-finite values cannot be scaled") {
  const auto message_of = [](std::vector<double> values) -> std::string {
    try {
      static_cast<void>(fit_values(values, "APOE"));
    } catch (const Error& error) {
      return error.what();
    }
    return "no exception";
  };
  CHECK(message_of({3, 3, 3}) ==
        "APOE: min-max scaling: found 3 values, all 3, expected at least two different values");
  CHECK(message_of({3}).find("found 1 value, 3") != std::string::npos);
  CHECK(message_of({1, std::numeric_limits<double>::quiet_NaN()}) ==
        "APOE: entry 1: found nan, expected a finite number");
  CHECK(message_of({1, std::numeric_limits<double>::infinity()}).find("found inf") !=
        std::string::npos);
  CHECK(message_of({}).find("number of APOE to scale: found 0, expected at least 1") == 0);
  CHECK_THROWS_AS(static_cast<void>(fit_coordinates(Eigen::Matrix3Xd(3, 0))), ArgumentError);
  const double huge = std::numeric_limits<double>::max();
  CHECK_THROWS_AS(static_cast<void>(fit_values(std::vector<double>{-huge, huge})), ArgumentError);
  CHECK_THROWS_AS((MinMax{1, 1}.check()), ArgumentError);
}
