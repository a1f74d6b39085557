// Lettering on a canvas, drawn from strokes so that it is smooth at every size.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/report/canvas.hpp"
#include "inrgene/report/color.hpp"
#include "inrgene/report/glyphs.hpp"

namespace inrgene {

enum class TextAlign { left, centre, right };
enum class TextTurn { level, upward };  ///< `upward` reads from bottom to top

/// How a text looks. Small letters are 0.7 and a line is about 2 capital heights tall.
struct TextStyle {
  double cap_px = 11;     ///< height of a capital letter
  Rgb color = ink::text;  ///< of the strokes
  TextAlign align = TextAlign::left;
  TextTurn turn = TextTurn::level;
  double weight = 0.125;  ///< stroke width as a part of cap_px; 0.17 looks bold
};

namespace detail::lettering {

/// A character as drawn: raised or lowered digits are small copies of the plain ones.
struct Letter {
  const Glyph* glyph = nullptr;
  double scale = 1;
  double rise = 0;  // units of a capital's tenth
};

/// Next code point of UTF-8 text from `at`, which moves on; a broken byte gives U+FFFD.
inline char32_t next_code(std::string_view words, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(words[i]); };
  const unsigned first = byte(at++);
  if (first < 0x80U) return first;
  const std::size_t more = first >= 0xF0U ? 3 : first >= 0xE0U ? 2 : 1;
  if (first < 0xC0U || at + more > words.size()) return U'\uFFFD';
  char32_t code = first & (0x3FU >> more);
  for (std::size_t i = 0; i < more; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return U'\uFFFD';
    code = (code << 6U) | (byte(at + i) & 0x3FU);
  }
  at += more;
  return code;
}

inline Letter letter_of(char32_t code) {
  constexpr std::u32string_view raised = U"⁰¹²³⁴⁵⁶⁷⁸⁹", lowered = U"₀₁₂₃₄₅₆₇₈₉";
  constexpr double small = 0.62;
  const auto digit = [](std::size_t i) { return &find_glyph(U'0' + static_cast<char32_t>(i)); };
  if (const auto i = raised.find(code); i != std::u32string_view::npos)
    return {digit(i), small, 4.6};
  if (const auto i = lowered.find(code); i != std::u32string_view::npos)
    return {digit(i), small, -2.2};
  if (code == U'⁻') return {&find_glyph(U'−'), small, 4.6};
  return {&find_glyph(code)};
}

inline std::vector<Letter> letters_of(std::string_view words) {
  std::vector<Letter> out;
  for (std::size_t at = 0; at < words.size();) out.push_back(letter_of(next_code(words, at)));
  return out;
}

inline double bearing(Edge edge) {
  switch (edge) {
    case Edge::stem:
      return 1.6;
    case Edge::round:
      return 1.25;
    case Edge::open:
      return 1.05;
    case Edge::slant:
      return 0.8;
  }
  return 1;
}

inline double advance(const Letter& l) {
  return l.scale * (bearing(l.glyph->left) + l.glyph->width + bearing(l.glyph->right));
}

/// Calls `stroke(points)` with each stroke of a glyph, in glyph units, curves as short pieces.
template <class F>
void for_each_stroke(const Glyph& glyph, F&& stroke) {
  constexpr int pieces = 10;
  std::vector<PixelPoint> points;
  std::string_view rest = glyph.strokes;
  const auto number = [&] {
    while (rest.front() == ' ') rest.remove_prefix(1);
    double value = 0;
    const auto end = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    rest.remove_prefix(static_cast<std::size_t>(end.ptr - rest.data()));
    return value;
  };
  const auto point = [&] {
    const double x = number();
    return PixelPoint{x, number()};
  };
  // With the control points on the box's corner, this share of a side draws a quarter ellipse.
  constexpr double kappa = 0.5523;
  const auto cubic = [&](PixelPoint c, PixelPoint d, PixelPoint to) {
    const PixelPoint from = points.back();
    for (int i = 1; i <= pieces; ++i) {
      const double t = static_cast<double>(i) / pieces, s = 1 - t;
      const double w0 = s * s * s, w1 = 3 * s * s * t, w2 = 3 * s * t * t, w3 = t * t * t;
      points.push_back({w0 * from.x + w1 * c.x + w2 * d.x + w3 * to.x,
                        w0 * from.y + w1 * c.y + w2 * d.y + w3 * to.y});
    }
  };
  while (!rest.empty()) {
    const char command = rest.front();
    rest.remove_prefix(1);
    if (command == ' ') continue;
    if (command == 'm') {
      if (!points.empty()) stroke(points);
      points.assign(1, point());
    } else if (command == 'l') {
      points.push_back(point());
    } else if (command == 'q') {
      const PixelPoint from = points.back(), c = point(), to = point();
      const auto third = [](double a, double b) { return a + (b - a) * 2 / 3; };
      cubic({third(from.x, c.x), third(from.y, c.y)}, {third(to.x, c.x), third(to.y, c.y)}, to);
    } else {
      const PixelPoint from = points.back(), to = point();
      const double dx = kappa * (to.x - from.x), dy = kappa * (to.y - from.y);
      if (command == 'h') {
        cubic({from.x + dx, from.y}, {to.x, to.y - dy}, to);
      } else {
        cubic({from.x, from.y + dy}, {to.x - dx, to.y}, to);
      }
    }
  }
  if (!points.empty()) stroke(points);
}

/// Moves heights so that the edges of strokes along the baseline, the small letters' top and the
/// capitals' top fall between pixels, which keeps small text sharp.
class Heights {
 public:
  explicit Heights(const TextStyle& style)
      : width_(std::max(1.0, style.weight * style.cap_px)),
        small_(std::max(2.0, std::round(0.7 * style.cap_px + 0.3 * width_)) - width_),
        capital_(std::max(small_ + 1, std::round(style.cap_px) - width_)) {}

  /// Pixels above the lower edge of the baseline's strokes.
  [[nodiscard]] double operator()(double y) const {
    const double above = y <= 7 ? y / 7 * small_ : small_ + (y - 7) / 3 * (capital_ - small_);
    return above + width_ / 2;
  }
  [[nodiscard]] double stroke_px() const { return width_; }

 private:
  double width_, small_, capital_;
};

}  // namespace detail::lettering

/// Width in pixels of UTF-8 text in one line, side bearings included.
[[nodiscard]] inline double text_width(std::string_view words, const TextStyle& style = {}) {
  double units = 0;
  for (const auto& letter : detail::lettering::letters_of(words)) {
    units += detail::lettering::advance(letter);
  }
  return units * style.cap_px / 10;
}

/// The text, or when it is wider than `room_px` its beginning and "…"; empty when not even that
/// fits.
[[nodiscard]] inline std::string fit_text(std::string_view words, double room_px,
                                          const TextStyle& style = {}) {
  if (text_width(words, style) <= room_px) return std::string(words);
  std::string fitting;
  for (std::size_t at = 0; at < words.size();) {
    detail::lettering::next_code(words, at);
    std::string longer(words.substr(0, at));
    while (!longer.empty() && longer.back() == ' ') longer.pop_back();
    longer += "…";
    if (text_width(longer, style) > room_px) break;
    fitting = std::move(longer);
  }
  return fitting;
}

/// The style made smaller, to `smallest` of its size at most, so that the text fits the room.
[[nodiscard]] inline TextStyle fit_style(std::string_view words, double room_px, TextStyle style,
                                         double smallest = 0.8) {
  const double width = text_width(words, style);
  if (width > room_px) style.cap_px *= std::clamp(room_px / width, smallest, 1.0);
  return style;
}

/// Draws one line of UTF-8 text; `at` is the left end, middle or right end (by `align`) of its
/// baseline. Drawn: ASCII, ° ± µ · × – — … → − ≤ ≥, raised and lowered digits and ⁻; any other
/// character is an empty box. Throws ArgumentError unless cap_px lies in [4, 400] and the weight
/// in (0, 0.4].
inline void draw_text(Canvas& canvas, PixelPoint at, std::string_view words,
                      const TextStyle& style = {}) {
  require(style.cap_px >= 4 && style.cap_px <= 400, "cap_px", style.cap_px, "4 to 400 pixels");
  require(style.weight > 0 && style.weight <= 0.4, "weight", style.weight, "above 0, at most 0.4");
  detail::require_finite(at);
  const detail::lettering::Heights height(style);
  const double width = text_width(words, style), unit = style.cap_px / 10;
  double pen = style.align == TextAlign::left     ? 0.0
               : style.align == TextAlign::centre ? -width / 2
                                                  : -width;
  // Baselines lie between pixels, whatever the caller computed.
  const bool is_level = style.turn == TextTurn::level;
  const PixelPoint origin =
      is_level ? PixelPoint{at.x, std::round(at.y)} : PixelPoint{std::round(at.x), at.y};
  for (const auto& letter : detail::lettering::letters_of(words)) {
    const double start = pen + letter.scale * unit * detail::lettering::bearing(letter.glyph->left);
    const auto place = [&](PixelPoint p) {
      const double along = start + letter.scale * unit * p.x;
      const double above = height(letter.rise + letter.scale * p.y);
      return is_level ? PixelPoint{origin.x + along, origin.y - above}
                      : PixelPoint{origin.x - above, origin.y - along};
    };
    const double advance_px = unit * detail::lettering::advance(letter);
    const double reach = 1.6 * style.cap_px;
    const double along_box = advance_px + 2 * reach;
    const PixelBox box =
        is_level
            ? PixelBox{origin.x + pen - reach, origin.y - reach, along_box, 2 * reach}
            : PixelBox{origin.x - reach, origin.y - pen - advance_px - reach, 2 * reach, along_box};
    detail::Coverage area(box, canvas.width(), canvas.height());
    const double half = height.stroke_px() / 2 * (letter.scale < 1 ? 0.85 : 1.0);
    detail::lettering::for_each_stroke(*letter.glyph, [&](const std::vector<PixelPoint>& points) {
      const PixelPoint first = place(points.front());
      if (points.size() == 1) area.add_segment(first, first, 1.3 * half);
      for (std::size_t i = 1; i < points.size(); ++i) {
        area.add_segment(place(points[i - 1]), place(points[i]), half);
      }
    });
    canvas.apply(area, style.color);
    pen += advance_px;
  }
}

}  // namespace inrgene
