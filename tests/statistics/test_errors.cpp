#include "inrgene/statistics/errors.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using namespace inrgene;

TEST_CASE("mean squared and absolute error, worked by hand") {
  const std::vector<double> prediction{1, 2, 4};
  const std::vector<float> truth{1, 4, 1};
  CHECK(mean_squared_error(prediction, truth) == doctest::Approx(13.0 / 3).epsilon(1e-15));
  CHECK(mean_absolute_error(prediction, truth) == doctest::Approx(5.0 / 3).epsilon(1e-15));
  const std::vector<std::uint8_t> mask{1, 1, 0};
  CHECK(mean_squared_error(prediction, truth, mask) == 2);
  CHECK(mean_absolute_error(prediction, truth, mask) == 1);
}

TEST_CASE("r_squared: perfect is 1, the reference is 0, worse is negative") {
  const std::vector<double> truth{1, 2, 3, 6};
  CHECK(r_squared(truth, truth) == 1);
  CHECK(r_squared(std::vector<double>(4, 3.0), truth) == 0);
  CHECK(r_squared(std::vector<double>(4, 2.0), truth, {.reference_mean = 2}) == 0);
  // Residuals 0, 0, 0, 3 against deviations -2, -1, 0, 3 from the mean 3: 1 − 9/14.
  CHECK(r_squared(std::vector<double>{1, 2, 3, 3}, truth) ==
        doctest::Approx(1 - 9.0 / 14).epsilon(1e-15));
  // Against a training mean of 0 the total is 1 + 4 + 9 + 36.
  CHECK(r_squared(std::vector<double>{1, 2, 3, 3}, truth, {.reference_mean = 0}) ==
        doctest::Approx(1 - 9.0 / 50).epsilon(1e-15));
  CHECK(r_squared(std::vector<double>{6, 3, 2, 1}, truth) < 0);
}

TEST_CASE("r_squared of a constant truth is undefined") {
  const std::vector<double> truth(5, 0.1);
  CHECK(std::isnan(r_squared(std::vector<double>{1, 2, 3, 4, 5}, truth)));
  CHECK(std::isnan(r_squared(truth, std::vector<double>(5, 0.5), {.reference_mean = 0.5})));
}

TEST_CASE("mean_and_sd: the classic eight values, and one value") {
  const MeanAndSd eight = mean_and_sd(std::vector<double>{2, 4, 4, 4, 5, 5, 7, 9});
  CHECK(eight.mean == 5);
  CHECK(eight.sd == doctest::Approx(std::sqrt(32.0 / 7)).epsilon(1e-15));
  CHECK(eight.count == 8);
  const MeanAndSd one = mean_and_sd(std::vector<float>{3});
  CHECK(one.mean == 3);
  CHECK(std::isnan(one.sd));
}

TEST_CASE("sums are compensated: small terms survive beside large ones") {
  CHECK(mean_and_sd(std::vector<double>{1e16, 1, -1e16, 1}).mean == 0.5);
  // A hundred thousand 0.1 added in plain double miss 10000 by 2e-8.
  CHECK(mean_and_sd(std::vector<double>(100000, 0.1)).mean == 0.1);
}

TEST_CASE("bad arguments are refused") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> a{1, 2};
  CHECK_THROWS_AS((void)mean_squared_error(a, std::vector<double>{1}), ArgumentError);
  CHECK_THROWS_AS((void)mean_squared_error(a, std::vector<double>{1, nan}), ArgumentError);
  CHECK_THROWS_AS((void)mean_absolute_error(std::vector<double>{}, std::vector<double>{}),
                  ArgumentError);
  CHECK_THROWS_AS((void)mean_and_sd(std::vector<double>{}), ArgumentError);
  CHECK_THROWS_AS((void)r_squared(a, a, {.reference_mean = nan}), ArgumentError);
}
