#include "inrgene/report/canvas.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "inrgene/core/error.hpp"
#include "support/temp_dir.hpp"

using inrgene::Canvas;
using inrgene::Index;
using inrgene::PixelPoint;
using inrgene::Rgb;
namespace ink = inrgene::ink;

namespace {

constexpr Rgb black{0, 0, 0};

/// Pixels that are black, grey ones in part.
double ink_area(const Canvas& canvas) {
  double sum = 0;
  for (Index y = 0; y < canvas.height(); ++y) {
    for (Index x = 0; x < canvas.width(); ++x) sum += 1 - double{canvas.pixel(x, y).g};
  }
  return sum;
}

}  // namespace

TEST_CASE("canvas: a box covers pixels by their share") {
  Canvas canvas(6, 5);
  canvas.fill({1, 1, 2.5, 2}, black);
  CHECK(canvas.pixel(1, 1) == black);
  CHECK(canvas.pixel(2, 2) == black);
  CHECK(canvas.pixel(3, 1).r == doctest::Approx(0.5));
  CHECK(canvas.pixel(0, 1) == ink::white);
  CHECK(canvas.pixel(4, 1) == ink::white);
  CHECK(canvas.pixel(1, 3) == ink::white);
  CHECK(ink_area(canvas) == doctest::Approx(5));
}

TEST_CASE("canvas: areas of smooth shapes are those of geometry") {
  Canvas disc(60, 60);
  disc.disc({30.3, 29.6}, 20, black);
  CHECK(ink_area(disc) == doctest::Approx(std::numbers::pi * 400).epsilon(0.002));

  // A line with round ends: length x width and one disc.
  Canvas line(80, 60);
  line.line({10, 12}, {60, 44}, {.color = black, .width_px = 5});
  const double length = std::hypot(50, 32);
  CHECK(ink_area(line) == doctest::Approx(5 * length + std::numbers::pi * 6.25).epsilon(0.01));

  // Thinner than a pixel: paler, not narrower.
  Canvas hair(80, 20);
  hair.line({10, 10.5}, {70, 10.5}, {.color = black, .width_px = 0.5});
  CHECK(hair.pixel(40, 10).g == doctest::Approx(0.5));

  Canvas triangle(60, 60);
  const std::array<PixelPoint, 3> corners{{{5, 5}, {50, 10}, {20, 48}}};
  triangle.convex(corners, black);
  const double area = std::abs(45.0 * 43 - 15.0 * 5) / 2;
  CHECK(ink_area(triangle) == doctest::Approx(area).epsilon(0.01));
  Canvas turned(60, 60);
  const std::array<PixelPoint, 3> reversed{corners[2], corners[1], corners[0]};
  turned.convex(reversed, black);
  CHECK(turned.bytes() == triangle.bytes());
}

TEST_CASE("canvas: a translucent line is even where it crosses itself") {
  Canvas canvas(40, 40);
  const std::vector<PixelPoint> cross{{5, 5}, {35, 35}, {35, 5}, {5, 35}};
  canvas.polyline(cross, {.color = black, .width_px = 4, .opacity = 0.5});
  CHECK(canvas.pixel(20, 20).g == doctest::Approx(0.5));
  CHECK(canvas.pixel(10, 10).g == doctest::Approx(0.5));
}

TEST_CASE("canvas: dashes take half of a line and go on around a corner") {
  Canvas whole(220, 20), dashed(220, 20), bent(220, 20);
  whole.line({10, 10.5}, {210, 10.5}, {.color = black, .width_px = 1});
  const inrgene::Stroke dashes{.color = black, .width_px = 1, .dash_px = 10};
  dashed.line({10, 10.5}, {210, 10.5}, dashes);
  CHECK(ink_area(dashed) == doctest::Approx(ink_area(whole) / 2).epsilon(0.02));
  CHECK(dashed.pixel(15, 10).g == doctest::Approx(0));
  CHECK(dashed.pixel(25, 10) == ink::white);
  // The same line in pieces.
  const std::vector<PixelPoint> pieces{{10, 10.5}, {13, 10.5}, {77, 10.5}, {210, 10.5}};
  bent.polyline(pieces, dashes);
  CHECK(std::abs(ink_area(bent) - ink_area(dashed)) < 1.5);
}

TEST_CASE("canvas: what lies outside is cut off") {
  Canvas canvas(10, 10);
  canvas.fill({-100, -100, 105, 105}, black);
  CHECK(ink_area(canvas) == doctest::Approx(25));
  canvas.disc({500, 500}, 30, black);
  canvas.line({-1e9, 5}, {1e9, 5}, {.color = black});
  canvas.blend(-1, 3, black, 1);
  canvas.blend(3, 10, black, 1);
  CHECK(canvas.pixel(9, 9) == ink::white);
}

TEST_CASE("canvas: writes what it holds, equal calls give equal bytes") {
  const inrgene::test::TempDir dir;
  const auto paint = [] {
    Canvas canvas(64, 48, {0.5F, 0.25F, 1.0F});
    canvas.disc({20, 20}, 9.3, black, 0.7);
    canvas.frame({2, 2, 60, 44}, ink::text, 1.5);
    return canvas;
  };
  paint().write(dir / "a.png");
  paint().write(dir / "b.png");
  CHECK(dir.read("a.png") == dir.read("b.png"));
  const std::vector<std::uint8_t> bytes = Canvas(1, 1, {0.5F, 0.25F, 1.0F}).bytes();
  CHECK(bytes == std::vector<std::uint8_t>{128, 64, 255});
}

TEST_CASE("canvas: sizes and points that cannot be drawn") {
  CHECK_THROWS_AS(Canvas(0, 5), inrgene::ArgumentError);
  CHECK_THROWS_AS(Canvas(5, 20000), inrgene::ArgumentError);
  Canvas canvas(8, 8);
  CHECK_THROWS_AS(canvas.disc({std::nan(""), 2}, 2, black), inrgene::ArgumentError);
  CHECK_THROWS_AS(canvas.fill({0, 0, INFINITY, 2}, black), inrgene::ArgumentError);
  CHECK_THROWS_AS((void)canvas.pixel(8, 0), inrgene::ArgumentError);
  CHECK_NOTHROW(canvas.polyline({}, {}));
}
