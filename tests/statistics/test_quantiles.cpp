#include "inrgene/statistics/quantiles.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "inrgene/core/random.hpp"

using namespace inrgene;

namespace {

/// The definition, on sorted values.
double by_sorting(std::vector<double> values, double at) {
  std::sort(values.begin(), values.end());
  const double h = static_cast<double>(values.size() - 1) * at;
  const auto low = static_cast<std::size_t>(h);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (values[high] - values[low]) * (h - static_cast<double>(low));
}

constexpr std::array fractions{0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0};

void check_against_sorting(const std::vector<double>& values) {
  CAPTURE(values.size());
  QuantileScratch scratch;
  const auto found = quantiles(values, fractions, scratch);
  for (std::size_t q = 0; q < fractions.size(); ++q) {
    CAPTURE(fractions[q]);
    const double expected = by_sorting(values, fractions[q]);
    CHECK(found[q] == doctest::Approx(expected).epsilon(1e-14));
    CHECK(quantile(values, fractions[q], scratch) == found[q]);
  }
}

}  // namespace

TEST_CASE("quantiles worked by hand") {
  QuantileScratch scratch;
  const std::vector<double> values{40, 10, 30, 20};
  const auto q = quantiles(values, std::array{0.0, 0.25, 0.5, 1.0}, scratch);
  CHECK(q[0] == 10);
  CHECK(q[1] == 17.5);
  CHECK(q[2] == 25);
  CHECK(q[3] == 40);
  CHECK(median(std::vector<double>{7}, scratch) == 7);
  CHECK(median(std::vector<double>{3, 1, 2}, scratch) == 2);
  // (21 − 1) 0.05 is 1: the second value itself.
  std::vector<double> twenty_one(21);
  for (std::size_t i = 0; i < 21; ++i) twenty_one[i] = 100 - static_cast<double>(i * i) / 7;
  CHECK(quantile(twenty_one, 0.05, scratch) == twenty_one[19]);
}

TEST_CASE("quantiles agree with sorting for any shape of values") {
  Random random(7);
  for (const std::size_t n : {1U, 2U, 3U, 5U, 48U, 95U, 96U, 97U, 500U, 501U, 4001U, 20000U}) {
    std::vector<double> uniform(n), skewed(n), tied(n), outlier(n), two(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double u = random.uniform();
      uniform[i] = 10 * u - 3;
      skewed[i] = std::exp(30 * u);
      tied[i] = std::floor(6 * u);
      outlier[i] = i == n / 2 ? 1e300 : u;
      two[i] = u < 0.25 ? -1.5 : 2.5;
    }
    for (const auto* values : {&uniform, &skewed, &tied, &outlier, &two}) {
      check_against_sorting(*values);
    }
  }
  check_against_sorting(std::vector<double>(300, 3.7));
  check_against_sorting({-1e308, 1e308, 0, 1, 2});
}

TEST_CASE("quantiles with values that are no numbers, and infinite ones") {
  QuantileScratch scratch;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> values(200, 1.0);
  values[199] = nan;
  for (const double q : quantiles(values, fractions, scratch)) CHECK(std::isnan(q));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  values[3] = infinity;
  CHECK(median(values, scratch) == 100.5);
  CHECK(quantile(values, 1.0, scratch) == infinity);
}

TEST_CASE("quantiles refuse no values and fractions out of order") {
  QuantileScratch scratch;
  const std::vector<double> values{1, 2};
  CHECK_THROWS_AS((void)median(std::vector<double>{}, scratch), ArgumentError);
  CHECK_THROWS_AS((void)quantile(values, -0.1, scratch), ArgumentError);
  CHECK_THROWS_AS((void)quantile(values, 1.1, scratch), ArgumentError);
  CHECK_THROWS_AS((void)quantiles(values, std::array{0.5, 0.25}, scratch), ArgumentError);
  CHECK_THROWS_AS((void)quantile(values, std::nan(""), scratch), ArgumentError);
}
