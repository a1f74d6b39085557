#include "inrgene/report/colormap.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "inrgene/core/error.hpp"

using inrgene::color_at;
using inrgene::Colormap;
using inrgene::luminance;
using inrgene::Rgb;

TEST_CASE("colour: OKLab's own examples") {
  // Black, white, and pure red as the source gives it: L 0.628, a 0.225, b 0.126.
  CHECK(luminance(inrgene::to_rgb({0, 0, 0})) == doctest::Approx(0).epsilon(1e-4));
  CHECK(luminance(inrgene::to_rgb({1, 0, 0})) == doctest::Approx(1).epsilon(1e-3));
  const Rgb red = inrgene::to_rgb(
      {0.62796, std::hypot(0.22486, 0.12585), std::atan2(0.12585, 0.22486) * 180 / 3.14159265});
  CHECK(double{red.r} == doctest::Approx(1).epsilon(0.01));
  CHECK(double{red.g} < 0.03);
  CHECK(double{red.b} < 0.03);
}

TEST_CASE("colour: a chroma beyond the screen is lowered and keeps its lightness") {
  const Rgb strong = inrgene::to_rgb({0.6, 0.5, 150});
  for (const float channel : {strong.r, strong.g, strong.b}) {
    CHECK(channel >= 0.0F);
    CHECK(channel <= 1.0F);
  }
  const double grey = luminance(inrgene::to_rgb({0.6, 0, 0}));
  CHECK(luminance(strong) == doctest::Approx(grey).epsilon(0.25));
}

TEST_CASE("colour map: lightness rises all along the sequential map") {
  double before = -1, smallest = 1, largest = 0;
  for (int i = 0; i <= 256; ++i) {
    // CIE lightness: the cube root of luminance.
    const double lightness = std::cbrt(luminance(color_at(Colormap::sequential, i / 256.0)));
    CHECK(lightness > before);
    if (i > 0) {
      smallest = std::min(smallest, lightness - before);
      largest = std::max(largest, lightness - before);
    }
    before = lightness;
  }
  // Equal steps in value are nearly equal steps to the eye.
  CHECK(largest < 3 * smallest);
  CHECK(luminance(color_at(Colormap::sequential, 0)) < 0.03);
  CHECK(luminance(color_at(Colormap::sequential, 1)) > 0.7);
}

TEST_CASE("colour map: the diverging map rises to the middle and falls with the same lightness") {
  const auto lightness = [](double t) {
    return std::cbrt(luminance(color_at(Colormap::diverging, t)));
  };
  for (int i = 0; i < 64; ++i) {
    CHECK(lightness(i / 128.0) < lightness((i + 1) / 128.0));
    CHECK(lightness(1 - i / 128.0) < lightness(1 - (i + 1) / 128.0));
    CHECK(lightness(i / 128.0) == doctest::Approx(lightness(1 - i / 128.0)).epsilon(0.08));
  }
  const Rgb low = color_at(Colormap::diverging, 0), high = color_at(Colormap::diverging, 1);
  CHECK(low.b > low.r + 0.2F);
  CHECK(high.r > high.b + 0.2F);
  CHECK(luminance(color_at(Colormap::diverging, 0.5)) > 0.85);
}

TEST_CASE("colour scale: ends, beyond the ends, no width, no number") {
  const inrgene::ColorTable table({.low = -2, .high = 3});
  CHECK(table(-2) == color_at(Colormap::sequential, 0));
  CHECK(table(3) == color_at(Colormap::sequential, 1));
  CHECK(table(-50) == table(-2));
  CHECK(table(INFINITY) == table(3));
  const inrgene::ColorTable flat({.low = 5, .high = 5});
  CHECK(flat(5) == flat(9));
  CHECK_THROWS_AS(inrgene::ColorTable({.low = 1, .high = 0}), inrgene::ArgumentError);
  CHECK_THROWS_AS(inrgene::ColorTable({.low = NAN, .high = 0}), inrgene::ArgumentError);
  CHECK_THROWS_AS((void)color_at(Colormap::sequential, NAN), inrgene::ArgumentError);
}
