#include "inrgene/statistics/correlation.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

using namespace inrgene;

namespace {

std::string message_of(auto&& call) {
  try {
    call();
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "no ArgumentError";
}

}  // namespace

// Anscombe, "Graphs in statistical analysis", American Statistician 1973.
TEST_CASE("pearson: Anscombe's quartet") {
  const std::vector<double> x{10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
  const std::vector<double> x4{8, 8, 8, 8, 8, 8, 8, 19, 8, 8, 8};
  const std::vector<double> y1{8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68};
  const std::vector<double> y2{9.14, 8.14, 8.74, 8.77, 9.26, 8.10, 6.13, 3.10, 9.13, 7.26, 4.74};
  const std::vector<double> y3{7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73};
  const std::vector<double> y4{6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.50, 5.56, 7.91, 6.89};
  CHECK(pearson(x, y1) == doctest::Approx(0.81642051634484).epsilon(1e-12));
  CHECK(pearson(x, y2) == doctest::Approx(0.81623650600024).epsilon(1e-12));
  CHECK(pearson(x, y3) == doctest::Approx(0.81628673948960).epsilon(1e-12));
  CHECK(pearson(x4, y4) == doctest::Approx(0.81652143688850).epsilon(1e-12));
}

TEST_CASE("pearson: worked by hand") {
  // Deviations of a: -1, 0, 1; of b: -2, 1, 1; r = 3 / sqrt(2 · 6).
  const std::vector<double> a{1, 2, 3};
  const std::vector<double> b{0, 3, 3};
  CHECK(pearson(a, b) == doctest::Approx(std::sqrt(3.0) / 2).epsilon(1e-15));
  CHECK(pearson(a, a) == 1.0);
  CHECK(pearson(a, std::vector<double>{-1, -2, -3}) == -1.0);
}

TEST_CASE("pearson does not lose digits on a large offset or a wide range") {
  const std::vector<double> a{1, 2, 3};
  const std::vector<double> b{0, 3, 3};
  std::vector<double> shifted, huge, tiny;
  for (const double value : b) {
    shifted.push_back(value + 1e9);
    huge.push_back(value * 1e300);
    tiny.push_back(value * 1e-300);
  }
  CHECK(pearson(a, shifted) == doctest::Approx(std::sqrt(3.0) / 2).epsilon(1e-15));
  CHECK(pearson(a, huge) == doctest::Approx(std::sqrt(3.0) / 2).epsilon(1e-15));
  CHECK(pearson(a, tiny) == doctest::Approx(std::sqrt(3.0) / 2).epsilon(1e-15));
}

TEST_CASE("pearson takes float, double and mixtures, and the kinds of contiguous range") {
  const std::vector<float> a{1, 2, 3};
  const std::array<double, 3> b{0, 3, 3};
  CHECK(pearson(a, b) == doctest::Approx(std::sqrt(3.0) / 2));
  CHECK(pearson(std::span<const float>(a), std::span<const double>(b)) ==
        doctest::Approx(std::sqrt(3.0) / 2));
  static_assert(!NumberRange<std::vector<int>>);
}

TEST_CASE("a masked-out value takes no part, even when it is NaN") {
  const std::vector<double> a{1, std::numeric_limits<double>::quiet_NaN(), 2, 3};
  const std::vector<double> b{0, 100, 3, 3};
  const std::vector<std::uint8_t> mask{1, 0, 1, 1};
  CHECK(pearson(a, b, mask) == doctest::Approx(std::sqrt(3.0) / 2));
  CHECK(spearman(a, b, mask) == doctest::Approx(std::sqrt(3.0) / 2));
}

TEST_CASE("correlation with a constant is undefined") {
  // 0.1 is no double: a mean of many of them may round away from it.
  const std::vector<double> constant(7, 0.1);
  const std::vector<double> rising{1, 2, 3, 4, 5, 6, 7};
  CHECK(std::isnan(pearson(constant, rising)));
  CHECK(std::isnan(pearson(rising, constant)));
  CHECK(std::isnan(spearman(constant, rising)));
}

TEST_CASE("bad arguments name what came") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> a{1, 2, 3};
  const std::vector<double> with_nan{1, 2, nan};
  CHECK(message_of([&] { (void)pearson(a, with_nan); }).find("second[2]: found nan") == 0);
  CHECK(message_of([&] { (void)spearman(with_nan, a); }).find("first[2]: found nan") == 0);
  CHECK(message_of([&] {
          (void)pearson(a, std::vector<double>{1, 2});
        }).find("found 2") != std::string::npos);
  CHECK(message_of([] {
          (void)pearson(std::vector<double>{1}, std::vector<double>{1});
        }).find("pairs: found 1, expected at least 2") == 0);
  const std::vector<std::uint8_t> one{0, 1, 0};
  CHECK_THROWS_AS((void)pearson(a, a, one), ArgumentError);
  CHECK(message_of([&] {
          (void)pearson(a, a, std::vector<std::uint8_t>{1, 1});
        }).find("mask size: found 2, expected size 3") == 0);
}

TEST_CASE("spearman: monotone, textbook and tied cases") {
  const std::vector<double> x{1, 2, 3, 4, 5};
  const std::vector<double> cubes{1, 8, 27, 64, 125};
  CHECK(spearman(x, cubes) == 1.0);
  // Without ties 1 − 6Σd²/(n(n²−1)): hours of television against IQ, Σd² = 194, n = 10.
  const std::vector<double> iq{106, 100, 86, 101, 99, 103, 97, 113, 112, 110};
  const std::vector<double> tv{7, 27, 2, 50, 28, 29, 20, 12, 6, 17};
  CHECK(spearman(iq, tv) == doctest::Approx(1 - 6.0 * 194 / 990).epsilon(1e-14));
  // Ranks of b: 1, 2.5, 2.5: deviations -1, .5, .5 against -1, 0, 1.
  CHECK(spearman(std::vector<double>{1, 2, 3}, std::vector<double>{0, 3, 3}) ==
        doctest::Approx(1.5 / std::sqrt(2 * 1.5)).epsilon(1e-15));
}
