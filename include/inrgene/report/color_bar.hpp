// The scale beside a map: which colour stands for which value.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>

#include "inrgene/core/types.hpp"
#include "inrgene/report/canvas.hpp"
#include "inrgene/report/color.hpp"
#include "inrgene/report/colormap.hpp"
#include "inrgene/report/text.hpp"
#include "inrgene/report/ticks.hpp"

namespace inrgene {

/// A vertical colour bar. A pointed end says that values go on beyond it.
struct ColorBar {
  ColorScale scale = {};
  std::string label = {};  ///< along the bar, bottom to top
  bool goes_below = false;
  bool goes_above = false;
  double cap_px = 12;  ///< height of the ticks' digits
};

/// Draws the bar in `box` (points included); ticks and label stand right of it and take about
/// 9 cap heights.
inline void draw_color_bar(Canvas& canvas, const PixelBox& box, const ColorBar& bar) {
  const ColorTable colors(bar.scale);
  const double low = bar.scale.low, high = bar.scale.high, tip = 0.9 * box.width;
  const double top = std::round(box.y + (bar.goes_above ? tip : 0));
  const double bottom = std::round(box.y + box.height - (bar.goes_below ? tip : 0));
  const double left = std::round(box.x), right = left + std::round(box.width);
  const double middle = (left + right) / 2;
  const auto value_at = [&](double y) {
    return high > low ? low + (bottom - y) / (bottom - top) * (high - low) : low;
  };
  for (double y = top; y < bottom; y += 1) {
    canvas.fill({left, y, right - left, 1}, colors(value_at(y + 0.5)));
  }
  if (bar.goes_above) {
    const std::array<PixelPoint, 3> corners{{{left, top}, {middle, top - tip}, {right, top}}};
    canvas.convex(corners, colors(high));
  }
  if (bar.goes_below) {
    const std::array<PixelPoint, 3> corners{
        {{left, bottom}, {middle, bottom + tip}, {right, bottom}}};
    canvas.convex(corners, colors(low));
  }
  const auto room = static_cast<Index>((bottom - top) / (3.2 * bar.cap_px));
  const Ticks ticks = nice_ticks(low, high, std::clamp<Index>(room, 2, 10));
  const TextStyle style{.cap_px = bar.cap_px, .color = ink::quiet};
  double widest = 0;
  for (std::size_t i = 0; i < ticks.values.size(); ++i) {
    const double part = high > low ? (ticks.values[i] - low) / (high - low) : 0.5;
    const double y = std::round(bottom - part * (bottom - top));
    canvas.fill({right, y - 0.75, 6, 1.5}, ink::axis);
    draw_text(canvas, {right + 10, y + bar.cap_px / 2}, ticks.labels[i], style);
    widest = std::max(widest, text_width(ticks.labels[i], style));
  }
  TextStyle along{.cap_px = 1.08 * bar.cap_px,
                  .color = ink::text,
                  .align = TextAlign::centre,
                  .turn = TextTurn::upward};
  along = fit_style(bar.label, box.height, along);
  draw_text(canvas, {right + 18 + widest + 1.6 * bar.cap_px, box.y + box.height / 2},
            fit_text(bar.label, box.height, along), along);
}

}  // namespace inrgene
