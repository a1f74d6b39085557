#include "inrgene/statistics/subset_spearman.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "inrgene/core/random.hpp"
#include "inrgene/statistics/correlation.hpp"

using namespace inrgene;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

PlaceOrder order_of(const std::vector<double>& values) {
  std::vector<std::int32_t> places(values.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = static_cast<std::int32_t>(i);
  PlaceOrder out;
  out.assign(places, values);
  return out;
}

double rho(const std::vector<double>& a, const std::vector<double>& b,
           const std::vector<std::uint8_t>& kept) {
  SubsetSpearman correlate(std::ssize(a));
  return correlate(order_of(a), order_of(b), PlaceSubset(kept));
}

/// The values in the order's own order.
std::vector<double> sorted_by(const PlaceOrder& order, const std::vector<double>& values) {
  std::vector<double> out;
  for (const std::int32_t place : order.ascending()) {
    out.push_back(values[static_cast<std::size_t>(place)]);
  }
  return out;
}

}  // namespace

TEST_CASE("PlaceOrder: every list is sorted, however its values lie") {
  Random random(7);
  std::vector<std::vector<double>> lists{{},
                                         {3},
                                         {2, 1},
                                         {5, 5, 5},
                                         {1e300, -1e300, 0, 1e308, -1e308},
                                         {0, -0.0},
                                         {1, infinity, -infinity, 2},
                                         {5e-324, 0, 1e-323, 5e-324}};
  std::vector<double> normal, outlier{1e9}, rounded, ramp;
  for (int i = 0; i < 211; ++i) {
    normal.push_back(random.normal());
    outlier.push_back(random.normal() * 1e-3);
    rounded.push_back(std::round(random.normal() * 3));
    ramp.push_back(211 - i);
  }
  lists.insert(lists.end(), {normal, outlier, rounded, ramp});
  for (const std::vector<double>& list : lists) {
    const PlaceOrder order = order_of(list);
    std::vector<double> expected = list;
    std::sort(expected.begin(), expected.end());
    CHECK(sorted_by(order, list) == expected);
    bool has_ties = false;
    for (std::size_t i = 1; i < expected.size(); ++i) {
      const bool tied = expected[i] == expected[i - 1];
      has_ties = has_ties || tied;
      CHECK((order.as_before()[i] != 0) == tied);
    }
    CHECK(order.has_ties() == has_ties);
  }
}

TEST_CASE("PlaceOrder: missing values are kept apart, and memory is used again") {
  PlaceOrder order = order_of({3, missing, 1, missing});
  CHECK(std::vector(order.ascending().begin(), order.ascending().end()) ==
        std::vector<std::int32_t>{2, 0});
  CHECK(std::vector(order.missing().begin(), order.missing().end()) ==
        std::vector<std::int32_t>{1, 3});
  order.assign(std::vector<std::int32_t>{9, 4}, std::vector<double>{2, 1});
  CHECK(std::vector(order.ascending().begin(), order.ascending().end()) ==
        std::vector<std::int32_t>{4, 9});
  CHECK(order.missing().empty());
  CHECK_THROWS_AS(order.assign(std::vector<std::int32_t>{1}, std::vector<double>{}), ArgumentError);
}

TEST_CASE("SubsetSpearman: by hand") {
  // d = 0, 0, 1, 1: 1 − 6·2/(4·15).
  CHECK(rho({1, 2, 3, 4}, {10, 20, 40, 30}, {1, 1, 1, 1}) == doctest::Approx(0.8).epsilon(1e-15));
  // The third place left out: d = 0, 0, 0.
  CHECK(rho({1, 2, 9, 4}, {10, 20, 0, 30}, {1, 1, 0, 1}) == doctest::Approx(1).epsilon(1e-15));
  CHECK(rho({1, 2, 3}, {3, 2, 1}, {1, 1, 1}) == doctest::Approx(-1).epsilon(1e-15));
  // Ranks 1.5, 1.5, 3 and 1, 2, 3: (−0.5)(−1) + 0 + 1·1 over √1.5 √2.
  CHECK(rho({1, 1, 2}, {1, 2, 3}, {1, 1, 1}) ==
        doctest::Approx(1.5 / std::sqrt(3.0)).epsilon(1e-15));
}

TEST_CASE("SubsetSpearman: undefined where it is") {
  CHECK(std::isnan(rho({1, 1, 1}, {1, 2, 3}, {1, 1, 1})));
  CHECK(std::isnan(rho({1, 2, 3}, {7, 7, 3}, {1, 1, 0})));
  CHECK(std::isnan(rho({1, 2, 3}, {1, 2, 3}, {0, 1, 0})));
  CHECK(std::isnan(rho({1, 2, 3}, {1, 2, 3}, {0, 0, 0})));
  CHECK(std::isnan(rho({1, missing, 3}, {1, 2, 3}, {1, 1, 1})));
  CHECK(rho({1, missing, 3}, {1, 2, 3}, {1, 0, 1}) == doctest::Approx(1));
}

TEST_CASE("SubsetSpearman: that of statistics/correlation.hpp, ties or not") {
  Random random(3);
  for (const double grid : {0.0, 0.5}) {
    for (int round = 0; round < 20; ++round) {
      std::vector<double> a, b;
      std::vector<std::uint8_t> kept;
      for (int i = 0; i < 40 + 20 * round; ++i) {
        const double x = random.normal(), y = random.normal() + 0.5 * x;
        a.push_back(grid > 0 ? std::round(x / grid) : x);
        b.push_back(grid > 0 && round % 2 == 0 ? std::round(y / grid) : y);
        kept.push_back(random.normal() > -0.5 ? 1 : 0);
      }
      CHECK(rho(a, b, kept) == doctest::Approx(spearman(a, b, kept)).epsilon(1e-13));
    }
  }
}

TEST_CASE("SubsetSpearman: a list that lacks a place is refused") {
  SubsetSpearman correlate(3);
  PlaceOrder a = order_of({1, 2, 3}), b;
  b.assign(std::vector<std::int32_t>{0, 1}, std::vector<double>{1, 2});
  CHECK_THROWS_AS((void)correlate(a, b, PlaceSubset({1, 1, 1})), ArgumentError);
  CHECK(correlate(a, b, PlaceSubset({1, 1, 0})) == doctest::Approx(1));
}

TEST_CASE("pairwise_sum: numpy's bits") {
  // numpy.add.reduce(1 / numpy.arange(1, n + 1)), numpy 1.24.
  const auto harmonic = [](int n) {
    std::vector<double> terms;
    for (int k = 1; k <= n; ++k) terms.push_back(1.0 / k);
    return detail::pairwise_sum(terms);
  };
  CHECK(harmonic(0) == 0);
  CHECK(harmonic(7) == 0x1.4be2be2be2be2p+1);
  CHECK(harmonic(15) == 0x1.a8bbba47475d4p+1);
  CHECK(harmonic(128) == 0x1.5bb8ae9541ca7p+2);
  CHECK(harmonic(129) == 0x1.5c37b09149ba9p+2);
  CHECK(harmonic(300) == 0x1.92172a3e6965ap+2);
  CHECK(harmonic(1001) == 0x1.df22527c7605ap+2);
}
