#include "inrgene/math/elementary.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "inrgene/core/random.hpp"

using namespace inrgene;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// Largest absolute error of both functions against long double.
template <class T>
double sincos_error(T x) {
  const auto sc = math::sincos(x);
  const long double wide = static_cast<long double>(x);
  return static_cast<double>(std::max(std::abs(static_cast<long double>(sc.sin) - std::sin(wide)),
                                      std::abs(static_cast<long double>(sc.cos) - std::cos(wide))));
}

}  // namespace

TEST_CASE("sincos of a float is right to 1e-7 up to 1e6 rad") {
  Random random(1);
  for (const double range : {1e-30, 1e-3, 1.0, 10.0, 1e3, 1e5, 1e6}) {
    CAPTURE(range);
    double worst = 0;
    for (int i = 0; i < 200000; ++i) {
      worst = std::max(worst, sincos_error(static_cast<float>(random.uniform(-range, range))));
    }
    CHECK(worst <= 1e-7);
  }
}

TEST_CASE("sincos of a float is right to 1e-7 at the borders of its quadrants") {
  double worst = 0;
  for (int k = -200000; k <= 200000; ++k) {
    // Multiples of π/4: zeros, extrema and the ends of the reduced interval.
    const auto x = static_cast<float>(k * std::numbers::pi / 4);
    worst = std::max({worst, sincos_error(x), sincos_error(std::nextafter(x, infinity)),
                      sincos_error(std::nextafter(x, -infinity))});
  }
  CHECK(worst <= 1e-7);
}

TEST_CASE("sincos of a double is right to 3e-16 up to 1e12 rad") {
  Random random(3);
  for (const double range : {1e-300, 1e-3, 1.0, 10.0, 1e3, 1e6, 1e9, 1e12}) {
    CAPTURE(range);
    double worst = 0;
    for (int i = 0; i < 200000; ++i) {
      worst = std::max(worst, sincos_error(random.uniform(-range, range)));
    }
    CHECK(worst <= 3e-16);
  }
  double worst = 0;
  for (int k = -200000; k <= 200000; ++k) {
    const double x = k * std::numbers::pi / 4;
    worst = std::max({worst, sincos_error(x), sincos_error(std::nextafter(x, 1e300)),
                      sincos_error(std::nextafter(x, -1e300))});
  }
  CHECK(worst <= 3e-16);
}

TEST_CASE("sincos keeps symmetries, zero and what is not a number") {
  CHECK(math::sin(0.0F) == 0.0F);
  CHECK(math::cos(0.0F) == 1.0F);
  for (const float x : {0.3F, 1.7F, 45.0F, 1e4F}) {
    CHECK(math::sin(-x) == -math::sin(x));
    CHECK(math::cos(-x) == math::cos(x));
  }
  for (const float x : {not_a_number, infinity, -infinity}) {
    CHECK(std::isnan(math::sin(x)));
    CHECK(std::isnan(math::cos(x)));
  }
  for (const double x : {0.3, 1.7, 45.0, 1e9}) {
    CHECK(math::sin(-x) == -math::sin(x));
    CHECK(math::cos(-x) == math::cos(x));
  }
  for (const double x : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    CHECK(std::isnan(math::sin(x)));
    CHECK(std::isnan(math::cos(x)));
  }
}

TEST_CASE("exp of a float is right to 2e-7 of its value") {
  Random random(2);
  double worst = 0;
  for (int i = 0; i < 1000000; ++i) {
    const auto x = static_cast<float>(random.uniform(-87.0, 88.7));
    const long double right = std::exp(static_cast<long double>(x));
    worst = std::max(worst, static_cast<double>(
                                std::abs(static_cast<long double>(math::exp(x)) - right) / right));
  }
  CHECK(worst <= 2e-7);
}

TEST_CASE("exp at and beyond the ends of a float") {
  CHECK(math::exp(0.0F) == 1.0F);
  CHECK(std::abs(math::exp(-87.0F) / std::exp(-87.0) - 1) <= 2e-7);
  CHECK(std::abs(math::exp(88.7228F) / std::exp(static_cast<double>(88.7228F)) - 1) <= 2e-7);
  CHECK(std::isfinite(math::exp(88.7228F)));
  CHECK(math::exp(std::nextafter(-87.0F, -infinity)) == 0.0F);
  CHECK(math::exp(-1e30F) == 0.0F);
  CHECK(math::exp(-infinity) == 0.0F);
  CHECK(math::exp(88.73F) == infinity);
  CHECK(math::exp(infinity) == infinity);
  CHECK(std::isnan(math::exp(not_a_number)));
}

TEST_CASE("the other elementary functions do what they are called") {
  CHECK(math::abs(-2.5F) == 2.5F);
  CHECK(math::abs(2.5) == 2.5);
  CHECK(math::sqrt(2.25F) == 1.5F);
  CHECK(math::log(1.0) == 0.0);
  CHECK(math::positive_part(-1.0F) == 0.0F);
  CHECK(math::positive_part(1.5) == 1.5);
  CHECK(std::isnan(math::positive_part(not_a_number)));
  CHECK(math::at_most(3.0F, 2.0F) == 2.0F);
  CHECK(math::at_most(1.0, 2.0) == 1.0);
  CHECK(std::isnan(math::at_most(not_a_number, 2.0F)));
  CHECK(math::detach(1.5F) == 1.5F);
}
