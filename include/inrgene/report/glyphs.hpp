// The library's own lettering: every character as a few strokes.
#pragma once

#include <algorithm>
#include <array>

namespace inrgene::detail::lettering {

/// White space beside a letter, by the kind of its edge: upright stem, round, open, slanted.
enum class Edge : char { stem = 's', round = 'r', open = 'o', slant = 'd' };

/// One character. Units: baseline 0, top of small letters 7, of capitals 10, tails to -3; x from
/// the left edge 0 to `width`. `strokes` is read as: "m x y" start a stroke (a dot when nothing
/// follows), "l x y" straight to, "h x y" a quarter of an ellipse that leaves horizontally,
/// "v x y" one that leaves vertically, "q cx cy x y" a quadratic Bézier curve.
struct Glyph {
  char32_t code;
  double width;
  Edge left;
  Edge right;
  const char* strokes;
};

inline constexpr Edge S = Edge::stem;
inline constexpr Edge R = Edge::round;
inline constexpr Edge O = Edge::open;
inline constexpr Edge D = Edge::slant;

/// All characters, ascending by code point.
inline constexpr auto glyphs = std::to_array<Glyph>({
    {U' ', 1.5, O, O, ""},
    {U'!', 0, S, S, "m 0 10 l 0 3.2 m 0 .2"},
    {U'"', 2, S, S, "m 0 10 l 0 7.4 m 2 10 l 2 7.4"},
    {U'#', 7.2, O, O, "m 1.4 0 l 2.8 10 m 4.6 0 l 6 10 m .2 3.3 l 6.6 3.3 m .7 6.7 l 7.1 6.7"},
    {U'$', 6, R, R,
     "m 5.8 8.3 q 5 10 3 10 h .3 7.5 q .3 5.8 3 5.1 q 6 4.4 6 2.6 v 3 0 q .8 0 0 1.9 "
     "m 3 11.4 l 3 -1.4"},
    {U'%', 8.8, R, R,
     "m 1.9 10 h 0 7.8 v 1.9 5.6 h 3.8 7.8 v 1.9 10 m 6.9 4.4 h 5 2.2 v 6.9 0 h 8.8 2.2 v 6.9 4.4 "
     "m 7.2 10 l 1.6 0"},
    {U'&', 7.2, R, D,
     "m 7.2 0 l 1.6 6.9 q 1 7.6 1 8.2 v 2.9 10 h 4.7 8.2 q 4.7 6.8 2.9 5.8 q 0 4.4 0 2.5 v 2.7 0 "
     "q 5.5 0 6.9 4.4"},
    {U'\'', 0, S, S, "m 0 10 l 0 7.4"},
    {U'(', 2.2, R, O, "m 2.2 11 q 0 8.6 0 4.5 q 0 .4 2.2 -2"},
    {U')', 2.2, O, R, "m 0 11 q 2.2 8.6 2.2 4.5 q 2.2 .4 0 -2"},
    {U'*', 3.8, O, O, "m 1.9 10 l 1.9 5.6 m 0 8.9 l 3.8 6.7 m 3.8 8.9 l 0 6.7"},
    {U'+', 5.6, R, R, "m 0 4.6 l 5.6 4.6 m 2.8 1.8 l 2.8 7.4"},
    {U',', .6, R, S, "m .5 .3 l 0 -1.8"},
    {U'-', 2.8, R, R, "m 0 4 l 2.8 4"},
    {U'.', 0, S, S, "m 0 .2"},
    {U'/', 4, D, D, "m 0 -1.2 l 4 11"},
    {U'0', 5.8, R, R, "m 2.9 10 h 0 5 v 2.9 0 h 5.8 5 v 2.9 10"},
    {U'1', 5.8, R, R, "m .9 8 l 3.4 10 l 3.4 0"},
    {U'2', 5.8, R, R, "m .2 7.5 q .5 10 2.9 10 h 5.5 7.3 q 5.5 5.5 3.4 3.4 l .1 0 l 5.8 0"},
    {U'3', 5.8, R, R,
     "m .3 8.2 q 1 10 2.9 10 h 5.4 7.6 v 2.7 5.3 l 2 5.3 m 2.7 5.3 h 5.8 2.7 v 2.9 0 q .7 0 0 1.9"},
    {U'4', 5.9, R, R, "m 4.4 0 l 4.4 10 l 0 2.9 l 5.9 2.9"},
    {U'5', 5.8, R, R, "m 5.3 10 l .9 10 l .5 5.3 q 1.4 6.3 3 6.3 h 5.8 3.2 v 2.8 0 q .8 0 0 1.6"},
    {U'6', 5.8, R, R, "m 5 8.7 q 4.3 10 3 10 h 0 4.6 l 0 3.2 v 2.9 0 h 5.8 3.1 v 2.9 6.2 h 0 3.2"},
    {U'7', 5.8, R, R, "m 0 10 l 5.8 10 l 2.1 0"},
    {U'8', 5.8, R, R,
     "m 2.9 10 h .4 7.65 v 2.9 5.3 h 5.4 7.65 v 2.9 10 m 2.9 5.3 h 0 2.65 v 2.9 0 h 5.8 2.65 "
     "v 2.9 5.3"},
    {U'9', 5.8, R, R,
     "m .8 1.3 q 1.5 0 2.8 0 h 5.8 5.4 l 5.8 6.8 v 2.9 10 h 0 6.9 v 2.9 3.8 h 5.8 6.8"},
    {U':', 0, S, S, "m 0 .2 m 0 5.8"},
    {U';', .6, R, S, "m .5 .3 l 0 -1.8 m .5 5.8"},
    {U'<', 5.4, R, R, "m 5.4 7.6 l 0 4.6 l 5.4 1.6"},
    {U'=', 5.6, R, R, "m 0 5.9 l 5.6 5.9 m 0 3.3 l 5.6 3.3"},
    {U'>', 5.4, R, R, "m 0 7.6 l 5.4 4.6 l 0 1.6"},
    {U'?', 4.9, O, O, "m 0 8 q .4 10 2.5 10 h 4.9 7.6 q 4.9 6.2 3.6 5.3 q 2.5 4.5 2.5 3 m 2.5 .2"},
    {U'@', 9.6, R, R,
     "m 6.9 6.6 l 6.4 3.6 q 6.4 2.3 7.6 2.3 q 9.6 2.3 9.6 5.2 v 5 10 h 0 4.4 v 4.8 -1.4 "
     "q 6.6 -1.4 7.8 -.6 m 6.7 4.9 v 4.8 6.7 h 2.8 4.4 v 4.4 2.3 h 6.5 4.2"},
    {U'A', 7.6, D, D, "m 0 0 l 3.8 10 l 7.6 0 m 1.25 3.3 l 6.35 3.3"},
    {U'B', 6, S, R,
     "m 0 0 l 0 10 l 3.2 10 h 5.6 7.65 v 3.2 5.3 l 0 5.3 m 3.2 5.3 h 6 2.65 v 3.2 0 l 0 0"},
    {U'C', 7.2, R, O, "m 7.2 7.9 q 6.2 10 4 10 h 0 5 v 4 0 q 6.2 0 7.2 2.1"},
    {U'D', 7, S, R, "m 0 0 l 0 10 l 2.6 10 h 7 5 v 2.6 0 l 0 0"},
    {U'E', 5.4, S, O, "m 5.4 0 l 0 0 l 0 10 l 5.4 10 m 0 5.2 l 4.8 5.2"},
    {U'F', 5.2, S, O, "m 0 0 l 0 10 l 5.2 10 m 0 5.2 l 4.6 5.2"},
    {U'G', 7.6, R, S, "m 7.2 8.1 q 6.2 10 4.1 10 h 0 5 v 4 0 q 6.6 0 7.6 1.6 l 7.6 4.7 l 4.6 4.7"},
    {U'H', 7, S, S, "m 0 0 l 0 10 m 7 0 l 7 10 m 0 5.2 l 7 5.2"},
    {U'I', 0, S, S, "m 0 0 l 0 10"},
    {U'J', 4, O, S, "m 4 10 l 4 2.6 v 2 0 q .7 0 0 1.2"},
    {U'K', 6.4, S, D, "m 0 0 l 0 10 m 6 10 l 0 3.9 m 2.3 6.25 l 6.4 0"},
    {U'L', 5, S, D, "m 0 10 l 0 0 l 5 0"},
    {U'M', 8.4, S, S, "m 0 0 l 0 10 l 4.2 2.6 l 8.4 10 l 8.4 0"},
    {U'N', 7, S, S, "m 0 0 l 0 10 l 7 0 l 7 10"},
    {U'O', 8, R, R, "m 4 10 h 0 5 v 4 0 h 8 5 v 4 10"},
    {U'P', 5.8, S, O, "m 0 0 l 0 10 l 3 10 h 5.8 7.25 v 3 4.5 l 0 4.5"},
    {U'Q', 8, R, R, "m 4 10 h 0 5 v 4 0 h 8 5 v 4 10 m 5.2 2.6 l 8 -.8"},
    {U'R', 6.2, S, D, "m 0 0 l 0 10 l 3 10 h 5.8 7.3 v 3 4.6 l 0 4.6 m 3.2 4.6 l 6.2 0"},
    {U'S', 6, R, R,
     "m 5.8 8.3 q 5 10 3 10 h .3 7.5 q .3 5.8 3 5.1 q 6 4.4 6 2.6 v 3 0 q .8 0 0 1.9"},
    {U'T', 7, D, D, "m 0 10 l 7 10 m 3.5 10 l 3.5 0"},
    {U'U', 6.8, S, S, "m 0 10 l 0 3.4 v 3.4 0 h 6.8 3.4 l 6.8 10"},
    {U'V', 7.4, D, D, "m 0 10 l 3.7 0 l 7.4 10"},
    {U'W', 11, D, D, "m 0 10 l 2.75 0 l 5.5 9.4 l 8.25 0 l 11 10"},
    {U'X', 6.8, D, D, "m 0 0 l 6.8 10 m 0 10 l 6.8 0"},
    {U'Y', 6.8, D, D, "m 0 10 l 3.4 4.8 l 6.8 10 m 3.4 4.8 l 3.4 0"},
    {U'Z', 6.6, O, O, "m 0 10 l 6.6 10 l 0 0 l 6.6 0"},
    {U'[', 2, S, O, "m 2 11 l 0 11 l 0 -2 l 2 -2"},
    {U'\\', 4, D, D, "m 0 11 l 4 -1.2"},
    {U']', 2, O, S, "m 0 11 l 2 11 l 2 -2 l 0 -2"},
    {U'^', 4.4, O, O, "m 0 6.6 l 2.2 10 l 4.4 6.6"},
    {U'_', 5.6, D, D, "m 0 -1.8 l 5.6 -1.8"},
    {U'`', 1.4, O, O, "m 0 10 l 1.4 8.2"},
    {U'a', 4.9, R, S,
     "m .5 5.8 q 1.1 7 2.6 7 h 4.9 4.7 l 4.9 0 m 4.9 4.1 l 2.4 4.1 h 0 2 v 2.1 0 q 4.1 0 4.9 1.9"},
    {U'b', 5.4, S, R, "m 0 0 l 0 10 m 0 4.2 q .5 7 2.8 7 h 5.4 3.5 v 2.8 0 q .5 0 0 2.8"},
    {U'c', 4.9, R, O, "m 4.9 5.6 q 4.2 7 2.7 7 h 0 3.5 v 2.7 0 q 4.2 0 4.9 1.4"},
    {U'd', 5.4, R, S, "m 5.4 0 l 5.4 10 m 5.4 4.2 q 4.9 7 2.6 7 h 0 3.5 v 2.6 0 q 4.9 0 5.4 2.8"},
    {U'e', 5.3, R, R, "m 0 3.7 l 5.3 3.7 v 2.7 7 h 0 3.5 v 2.8 0 q 4.3 0 5.1 1.3"},
    {U'f', 3.6, O, D, "m 3.6 10 l 3.2 10 h 1.3 8 l 1.3 0 m 0 7 l 3.3 7"},
    {U'g', 5.4, R, S,
     "m 5.4 7 l 5.4 -.4 v 2.7 -3 q 1 -3 .4 -1.9 m 5.4 4.2 q 4.9 7 2.6 7 h 0 3.5 v 2.6 0 "
     "q 4.9 0 5.4 2.8"},
    {U'h', 5, S, S, "m 0 0 l 0 10 m 0 4 q .4 7 2.7 7 h 5 4.6 l 5 0"},
    {U'i', 0, S, S, "m 0 0 l 0 7 m 0 9.8"},
    {U'j', 1.8, D, S, "m 1.8 7 l 1.8 -1.2 v .2 -3 l 0 -3 m 1.8 9.8"},
    {U'k', 4.8, S, D, "m 0 0 l 0 10 m 4.5 7 l 0 2.7 m 1.7 4.3 l 4.8 0"},
    {U'l', 1.3, S, D, "m 0 10 l 0 1.6 v 1.3 0"},
    {U'm', 8.2, S, S,
     "m 0 0 l 0 7 m 0 4.4 q .3 7 2.2 7 h 4.1 4.8 l 4.1 0 m 4.1 4.4 q 4.4 7 6.3 7 h 8.2 4.8 l 8.2 "
     "0"},
    {U'n', 5, S, S, "m 0 0 l 0 7 m 0 4 q .4 7 2.7 7 h 5 4.6 l 5 0"},
    {U'o', 5.6, R, R, "m 2.8 7 h 0 3.5 v 2.8 0 h 5.6 3.5 v 2.8 7"},
    {U'p', 5.4, S, R, "m 0 -3 l 0 7 m 0 4.2 q .5 7 2.8 7 h 5.4 3.5 v 2.8 0 q .5 0 0 2.8"},
    {U'q', 5.4, R, S, "m 5.4 -3 l 5.4 7 m 5.4 4.2 q 4.9 7 2.6 7 h 0 3.5 v 2.6 0 q 4.9 0 5.4 2.8"},
    {U'r', 3, S, D, "m 0 0 l 0 7 m 0 3.8 q .4 7.1 3 6.9"},
    {U's', 4.5, R, R,
     "m 4.3 5.8 q 3.8 7 2.2 7 h .3 5.3 q .3 4.1 2.3 3.6 q 4.5 3.1 4.5 1.8 v 2.2 0 q .6 0 0 1.2"},
    {U't', 3.4, D, O, "m 1.3 9.3 l 1.3 1.9 v 2.9 0 l 3.4 0 m 0 7 l 3.3 7"},
    {U'u', 5, S, S, "m 5 0 l 5 7 m 5 3 q 4.6 0 2.3 0 h 0 2.4 l 0 7"},
    {U'v', 5.4, D, D, "m 0 7 l 2.7 0 l 5.4 7"},
    {U'w', 8, D, D, "m 0 7 l 2 0 l 4 6.7 l 6 0 l 8 7"},
    {U'x', 5, D, D, "m 0 0 l 5 7 m 0 7 l 5 0"},
    {U'y', 5.4, D, D, "m 0 7 l 2.7 0 m 5.4 7 l 2.47 -.6 q 1.6 -3 .2 -3"},
    {U'z', 4.8, O, O, "m 0 7 l 4.8 7 l 0 0 l 4.8 0"},
    {U'{', 2.6, O, O, "m 2.6 11 h 1.3 9.5 l 1.3 6 v 0 4.5 m 0 4.5 h 1.3 3 l 1.3 -.5 v 2.6 -2"},
    {U'|', 0, S, S, "m 0 11 l 0 -2"},
    {U'}', 2.6, O, O, "m 0 11 h 1.3 9.5 l 1.3 6 v 2.6 4.5 m 2.6 4.5 h 1.3 3 l 1.3 -.5 v 0 -2"},
    {U'~', 6, R, R, "m 0 3.9 q .1 5.6 1.6 5.6 q 2.2 5.6 3 4.8 q 3.8 4 4.4 4 q 5.9 4 6 5.7"},
    {U'°', 3, O, O, "m 1.5 10 h 0 8.5 v 1.5 7 h 3 8.5 v 1.5 10"},
    {U'±', 5.6, R, R, "m 0 5.8 l 5.6 5.8 m 2.8 3 l 2.8 8.6 m 0 .6 l 5.6 .6"},
    {U'µ', 5, S, S, "m 0 -3 l 0 7 m 5 0 l 5 7 m 5 3 q 4.6 0 2.3 0 h 0 2.4"},
    {U'·', 0, S, S, "m 0 4.6"},
    {U'×', 4.8, R, R, "m 0 2.2 l 4.8 7 m 0 7 l 4.8 2.2"},
    {U'–', 4.6, R, R, "m 0 4 l 4.6 4"},
    {U'—', 8, R, R, "m 0 4 l 8 4"},
    {U'…', 5.6, S, S, "m 0 .2 m 2.8 .2 m 5.6 .2"},
    {U'→', 7.4, R, R, "m 0 4.6 l 7.4 4.6 m 4.9 7 l 7.4 4.6 l 4.9 2.2"},
    {U'−', 5.6, R, R, "m 0 4.6 l 5.6 4.6"},
    {U'≤', 5.4, R, R, "m 5.4 8.6 l 0 5.8 l 5.4 3 m 0 .6 l 5.4 .6"},
    {U'≥', 5.4, R, R, "m 0 8.6 l 5.4 5.8 l 0 3 m 0 .6 l 5.4 .6"},
});

/// What stands for a character that the table lacks: an empty box.
inline constexpr Glyph unknown_glyph{U'\uFFFD', 5, S, S, "m 0 0 l 5 0 l 5 10 l 0 10 l 0 0"};

/// The character's strokes, or the empty box. Cost O(log characters).
[[nodiscard]] inline const Glyph& find_glyph(char32_t code) {
  const auto at = std::lower_bound(glyphs.begin(), glyphs.end(), code,
                                   [](const Glyph& g, char32_t wanted) { return g.code < wanted; });
  return at != glyphs.end() && at->code == code ? *at : unknown_glyph;
}

}  // namespace inrgene::detail::lettering
