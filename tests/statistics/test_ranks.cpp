#include "inrgene/statistics/ranks.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <vector>

using namespace inrgene;

TEST_CASE("average_ranks: equal values share the mean of their ranks") {
  CHECK(average_ranks(std::vector<double>{30, 10, 20}) == std::vector<double>{3, 1, 2});
  CHECK(average_ranks(std::vector<double>{2, 1, 2, 2}) == std::vector<double>{3, 1, 3, 3});
  CHECK(average_ranks(std::vector<float>{5, 5}) == std::vector<double>{1.5, 1.5});
  CHECK(average_ranks(std::vector<double>{}).empty());
}

TEST_CASE("average_ranks always sum to n(n+1)/2") {
  const std::vector<double> values{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};
  double sum = 0;
  for (const double rank : average_ranks(values)) sum += rank;
  CHECK(sum == 66);
}

TEST_CASE("average_ranks ranks only what the mask keeps, and refuses NaN") {
  const std::vector<std::uint8_t> mask{1, 0, 1};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(average_ranks(std::vector<double>{7, nan, 3}, mask) == std::vector<double>{2, 1});
  CHECK_THROWS_AS((void)average_ranks(std::vector<double>{7, nan, 3}), ArgumentError);
}
