#include "inrgene/report/text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/report/canvas.hpp"

using inrgene::Canvas;
using inrgene::Index;
using inrgene::TextAlign;
using inrgene::TextStyle;
using inrgene::TextTurn;

namespace {

/// Columns and rows that hold ink: left, right, top, bottom; an empty canvas gives left > right.
struct InkBox {
  Index left = 1 << 20;
  Index right = -1;
  Index top = 1 << 20;
  Index bottom = -1;
};

InkBox ink_box(const Canvas& canvas) {
  InkBox box;
  for (Index y = 0; y < canvas.height(); ++y) {
    for (Index x = 0; x < canvas.width(); ++x) {
      if (canvas.pixel(x, y).g > 0.9F) continue;
      box = {std::min(box.left, x), std::max(box.right, x), std::min(box.top, y),
             std::max(box.bottom, y)};
    }
  }
  return box;
}

std::vector<std::uint8_t> picture(const std::string& words,
                                  const TextStyle& style = {.cap_px = 20}) {
  Canvas canvas(60, 60);
  inrgene::draw_text(canvas, {15, 40}, words, style);
  return canvas.bytes();
}

}  // namespace

TEST_CASE("text: every printable ASCII character and the named others have a shape of their own") {
  const std::vector<std::uint8_t> box = picture("\u4E2D");
  std::set<std::vector<std::uint8_t>> seen;
  std::vector<std::string> all;
  for (char c = '!'; c <= '~'; ++c) all.emplace_back(1, c);
  for (const char* more :
       {"°", "±", "µ", "·", "×", "–", "—", "…", "→", "−", "≤", "≥", "²", "₂", "⁻", "⁰"}) {
    all.emplace_back(more);
  }
  for (const std::string& one : all) {
    CAPTURE(one);
    const auto drawn = picture(one);
    CHECK(drawn != box);
    CHECK(drawn != picture(""));
    CHECK(seen.insert(drawn).second);
  }
  CHECK(picture("é") == box);
  CHECK(picture("\xFF") == box);
  CHECK(picture("\xE2\x80") != picture(""));
}

TEST_CASE("text: the table is in order, as its search needs") {
  const auto& all = inrgene::detail::lettering::glyphs;
  CHECK(std::is_sorted(all.begin(), all.end(),
                       [](const auto& a, const auto& b) { return a.code < b.code; }));
}

TEST_CASE("text: a capital is as tall as asked and stands on the baseline") {
  for (const double cap : {9.0, 12.0, 20.0, 40.0}) {
    Canvas canvas(80, 80);
    inrgene::draw_text(canvas, {20, 60}, "H", {.cap_px = cap});
    const InkBox box = ink_box(canvas);
    CHECK(box.bottom == 59);
    CHECK(box.top == 60 - static_cast<Index>(cap));
  }
}

TEST_CASE("text: alignment moves the same letters") {
  const std::string words = "Hill H";
  TextStyle style{.cap_px = 20};
  const double width = inrgene::text_width(words, style);
  Canvas left(300, 60), centre(300, 60), right(300, 60);
  inrgene::draw_text(left, {100, 40}, words, style);
  style.align = TextAlign::centre;
  inrgene::draw_text(centre, {100 + width / 2, 40}, words, style);
  style.align = TextAlign::right;
  inrgene::draw_text(right, {100 + width, 40}, words, style);
  CHECK(left.bytes() == centre.bytes());
  CHECK(left.bytes() == right.bytes());
  const InkBox box = ink_box(left);
  CHECK(box.left >= 100);
  CHECK(static_cast<double>(box.right) <= 100 + width);
}

TEST_CASE("text: upward text is level text turned by a quarter") {
  Canvas level(100, 100), upward(100, 100);
  inrgene::draw_text(level, {10, 50}, "Fg2", {.cap_px = 20});
  inrgene::draw_text(upward, {50, 90}, "Fg2", {.cap_px = 20, .turn = TextTurn::upward});
  double most = 0;
  for (Index y = 0; y < 100; ++y) {
    for (Index x = 0; x < 100; ++x) {
      const double apart = double{level.pixel(x, y).g} - double{upward.pixel(y, 99 - x).g};
      most = std::max(most, std::abs(apart));
    }
  }
  CHECK(most < 1e-5);
}

TEST_CASE("text: width adds up, grows with size, and long words are cut") {
  const TextStyle style{.cap_px = 10};
  const auto width = [&](const std::string& words) { return inrgene::text_width(words, style); };
  CHECK(width("ab") == doctest::Approx(width("a") + width("b")));
  CHECK(width("") == 0);
  CHECK(inrgene::text_width("abc", {.cap_px = 30}) == doctest::Approx(3 * width("abc")));
  CHECK(width("0123456789") == doctest::Approx(10 * width("7")).epsilon(0.01));

  const std::string name = "A gene with a very long name";
  CHECK(inrgene::fit_text(name, 1000, style) == name);
  const std::string cut = inrgene::fit_text(name, 80, style);
  CHECK(cut.ends_with("…"));
  CHECK(name.starts_with(cut.substr(0, cut.size() - 3)));
  CHECK(width(cut) <= 80);
  CHECK(cut.size() > 6);
  CHECK(inrgene::fit_text(name, 1, style).empty());
  // Never inside a character of several bytes.
  for (double room = 5; room < 100; room += 1) {
    CHECK(picture(inrgene::fit_text("µµµµµµµµ", room, style)) != picture("\u4E2D"));
  }
  CHECK(inrgene::fit_style(name, 1000, style).cap_px == 10);
  CHECK(inrgene::fit_style(name, 1, style).cap_px == doctest::Approx(8));
}

TEST_CASE("text: styles that cannot be drawn") {
  Canvas canvas(20, 20);
  CHECK_THROWS_AS(inrgene::draw_text(canvas, {1, 1}, "a", {.cap_px = 1}), inrgene::ArgumentError);
  CHECK_THROWS_AS(inrgene::draw_text(canvas, {1, 1}, "a", {.weight = 0}), inrgene::ArgumentError);
  CHECK_THROWS_AS(inrgene::draw_text(canvas, {NAN, 1}, "a"), inrgene::ArgumentError);
}
