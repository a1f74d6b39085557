#include "inrgene/math/exponential.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace inrgene;

TEST_CASE("exp of a double is within 4e-16 of e^x over its whole range") {
  double worst = 0;
  for (int i = 0; i <= 400000; ++i) {
    const double x = -707.9 + 1417.6 * i / 400000.0;
    const long double exact = std::exp(static_cast<long double>(x));
    const long double error = (static_cast<long double>(math::exp(x)) - exact) / exact;
    worst = std::max(worst, static_cast<double>(std::abs(error)));
  }
  for (int i = -100000; i <= 100000; ++i) {  // where sigmoids live
    const double x = 4e-4 * i;
    const long double exact = std::exp(static_cast<long double>(x));
    const long double error = (static_cast<long double>(math::exp(x)) - exact) / exact;
    worst = std::max(worst, static_cast<double>(std::abs(error)));
  }
  CHECK(worst < 4e-16);
}

TEST_CASE("exp of a double at the ends of its range and for what is no number") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(math::exp(0.0) == 1);
  CHECK(math::exp(-0.0) == 1);
  CHECK(math::exp(709.78) == doctest::Approx(std::exp(709.78)).epsilon(1e-15));
  CHECK(math::exp(709.79) == infinity);
  CHECK(math::exp(infinity) == infinity);
  CHECK(math::exp(-708.01) == 0);
  CHECK(math::exp(-infinity) == 0);
  CHECK(std::isnan(math::exp(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("exp of a double gives the same bits in a loop as alone") {
  std::vector<double> x(1003), y(1003);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = -40.0 + 0.08 * static_cast<double>(i);
  for (std::size_t i = 0; i < x.size(); ++i) y[i] = math::exp(x[i]);
  for (std::size_t i = 0; i < x.size(); ++i) {
    volatile double alone = x[i];
    CHECK(y[i] == math::exp(alone));
  }
}
