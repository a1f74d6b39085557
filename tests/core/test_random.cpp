#include "inrgene/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

using namespace inrgene;

namespace {

constexpr Index draws = 200000;

/// Mean over `draws` calls.
template <class F>
double mean(F&& draw) {
  double sum = 0;
  for (Index i = 0; i < draws; ++i) sum += draw();
  return sum / static_cast<double>(draws);
}

/// Five standard deviations of a mean of `draws` values of this variance: one run in 2 million
/// goes beyond, and the seeds are fixed.
double five_sigma(double variance) {
  return 5 * std::sqrt(variance / static_cast<double>(draws));
}

}  // namespace

// Known answers: the file kat_vectors of Random123, the authors' own implementation.
TEST_CASE("philox gives the published words") {
  using Words = std::array<std::uint32_t, 4>;
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const std::uint32_t ones = 0xffffffff;
  CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a draw is a function of seed, stream and counter") {
  Random first(0);
  CHECK(first.bits() == 0xe169c58d6627e8d5U);
  Random a(7, 3), b(7, 3), other_seed(8, 3), other_stream(7, 4);
  std::vector<std::uint64_t> drawn;
  for (int i = 0; i < 10; ++i) drawn.push_back(a.bits());
  CHECK(a.counter() == 10);
  b.seek(4);
  for (std::size_t i = 4; i < 10; ++i) CHECK(b.bits() == drawn[i]);
  CHECK(other_seed.bits() != drawn[0]);
  CHECK(other_stream.bits() != drawn[0]);
}

TEST_CASE("uniform has the moments of U(0, 1) and stays inside its bounds") {
  Random random(1);
  double lowest = 1, highest = 0;
  const double first = mean([&] {
    const double u = random.uniform();
    lowest = std::min(lowest, u);
    highest = std::max(highest, u);
    return u;
  });
  CHECK(std::abs(first - 0.5) < five_sigma(1.0 / 12));
  CHECK(lowest >= 0);
  CHECK(highest < 1);
  // P(max < 1 - 20/n) = e^-20.
  CHECK(highest > 1 - 20.0 / static_cast<double>(draws));
  CHECK(lowest < 20.0 / static_cast<double>(draws));
  const double second = mean([&] {
    const double u = random.uniform();
    return u * u;
  });
  CHECK(std::abs(second - 1.0 / 3) < five_sigma(1.0 / 5 - 1.0 / 9));
  const double shifted = mean([&] { return random.uniform(-3, 5); });
  CHECK(std::abs(shifted - 1) < five_sigma(64.0 / 12));
}

TEST_CASE("normal has the moments of N(0, 1)") {
  Random random(2);
  const auto moment = [&](int k) { return mean([&] { return std::pow(random.normal(), k); }); };
  // E x^2k = (2k - 1)!!; the variance of x^k is E x^2k - (E x^k)^2.
  CHECK(std::abs(moment(1)) < five_sigma(1));
  CHECK(std::abs(moment(2) - 1) < five_sigma(2));
  CHECK(std::abs(moment(3)) < five_sigma(15));
  CHECK(std::abs(moment(4) - 3) < five_sigma(96));
  const double within = mean([&] { return std::abs(random.normal()) < 1 ? 1.0 : 0.0; });
  const double p = std::erf(std::sqrt(0.5));
  CHECK(std::abs(within - p) < five_sigma(p * (1 - p)));
}

TEST_CASE("gamma has mean and variance of its shape") {
  for (const double shape : {0.3, 1.0, 2.5, 20.0}) {
    CAPTURE(shape);
    Random random(3);
    double lowest = 1;
    const double first = mean([&] {
      const double g = random.gamma(shape);
      lowest = std::min(lowest, g);
      return g;
    });
    CHECK(lowest > 0);
    CHECK(std::abs(first - shape) < five_sigma(shape));
    const double second = mean([&] { return std::pow(random.gamma(shape) - shape, 2); });
    // The fourth central moment is 3 k² + 6 k.
    CHECK(std::abs(second - shape) < five_sigma(2 * shape * shape + 6 * shape));
  }
}

TEST_CASE("below gives every number equally often") {
  Random random(4);
  for (const Index n : {1, 2, 3, 10, 100}) {
    CAPTURE(n);
    std::vector<double> counts(static_cast<std::size_t>(n));
    for (Index i = 0; i < draws; ++i) {
      const Index value = random.below(n);
      REQUIRE(value >= 0);
      REQUIRE(value < n);
      ++counts[static_cast<std::size_t>(value)];
    }
    const double expected = static_cast<double>(draws) / static_cast<double>(n);
    double chi_square = 0;
    for (const double c : counts) chi_square += (c - expected) * (c - expected) / expected;
    // Mean n - 1, variance 2(n - 1); six deviations leave room for the skew of few cells.
    const auto freedom = static_cast<double>(n - 1);
    CHECK(chi_square <= freedom + 6 * std::sqrt(2 * freedom));
  }
}

TEST_CASE("below has no bias where 2^64 is no multiple of n") {
  // Without rejection, every third value of a range of 3 · 2^61 would come with weight 2 of 8.
  Random random(5);
  double rare = 0;
  for (Index i = 0; i < draws; ++i) {
    if (random.below(Index{3} << 61) % 3 == 2) ++rare;
  }
  const double share = rare / static_cast<double>(draws);
  CHECK(std::abs(share - 1.0 / 3) < five_sigma(2.0 / 9));
}

TEST_CASE("shuffle gives every permutation equally often") {
  Random random(6);
  std::vector<double> counts(6);
  for (Index i = 0; i < draws; ++i) {
    std::vector<int> v{0, 1, 2};
    random.shuffle(v);
    ++counts[static_cast<std::size_t>(2 * v[0] + (v[1] > v[2] ? 1 : 0))];
  }
  const double expected = static_cast<double>(draws) / 6;
  double chi_square = 0;
  for (const double c : counts) chi_square += (c - expected) * (c - expected) / expected;
  CHECK(chi_square < 5 + 6 * std::sqrt(10.0));
}

TEST_CASE("shuffle keeps every element once and depends on the seed alone") {
  std::vector<Index> order(1000);
  std::iota(order.begin(), order.end(), Index{0});
  const std::vector<Index> sorted = order;
  std::vector<Index> again = order, other = order;
  Random a(9), b(9), c(10);
  a.shuffle(order);
  b.shuffle(again);
  c.shuffle(other);
  CHECK(order == again);
  CHECK(order != other);
  CHECK(order != sorted);
  std::sort(order.begin(), order.end());
  CHECK(order == sorted);
}
