// Bars in groups: a score of several methods, gene by gene, with each method's mean.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/report/canvas.hpp"
#include "inrgene/report/color.hpp"
#include "inrgene/report/plot_axes.hpp"
#include "inrgene/report/text.hpp"

namespace inrgene {

/// One method: a bar in every group.
struct BarSeries {
  std::string name = {};
  std::vector<double> values = {};  ///< [groups]; NaN draws a small grey cross instead of a bar
  std::optional<Rgb> color = {};    ///< none: `series_color`
};

enum class MeanLines : std::uint8_t { none, shown };

/// A grouped bar chart. Write it with `draw(figure).write("r_by_gene.png")`.
struct BarFigure {
  std::string title = {};
  std::string y_label = {};
  std::vector<std::string> groups = {};  ///< along the x axis: genes
  std::vector<BarSeries> series = {};    ///< methods
  MeanLines means = MeanLines::shown;    ///< of the finite values of each method
  Index width = 1600;
  Index height = 640;
};

namespace detail {

inline double finite_mean(const std::vector<double>& values) {
  double sum = 0, count = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    sum += value;
    count += 1;
  }
  return sum / count;
}

/// Draws names under groups: level when they fit, else read upwards and cut to `room`.
inline void draw_group_names(Canvas& canvas, const std::vector<std::string>& names,
                             const PixelBox& plot, bool is_level, double room) {
  const double slot = plot.width / static_cast<double>(names.size());
  const double y = plot.y + plot.height;
  for (std::size_t g = 0; g < names.size(); ++g) {
    const double x = plot.x + slot * (static_cast<double>(g) + 0.5);
    TextStyle style{.cap_px = plot_cap, .align = TextAlign::centre};
    if (is_level) {
      draw_text(canvas, {x, y + 14 + plot_cap}, names[g], style);
      continue;
    }
    style.turn = TextTurn::upward;
    style.align = TextAlign::right;
    style.cap_px = std::clamp(slot * 0.6, 7.0, plot_cap);
    draw_text(canvas, {x + style.cap_px / 2, y + 10}, fit_text(names[g], room, style), style);
  }
}

/// Moves label heights apart so that none overlaps another, in the order of their values.
inline void spread(std::vector<std::pair<double, std::size_t>>& at, double apart, double low,
                   double high) {
  std::sort(at.begin(), at.end());
  for (std::size_t i = 0; i < at.size(); ++i) {
    at[i].first = std::max(at[i].first, i == 0 ? low : at[i - 1].first + apart);
  }
  double limit = high;
  for (std::size_t i = at.size(); i-- > 0; limit -= apart) {
    at[i].first = std::min(at[i].first, limit);
    limit = at[i].first;
  }
}

/// Draws each method's mean as a dashed line with its number right of the plot.
inline void draw_means(Canvas& canvas, const std::vector<BarSeries>& series,
                       const std::vector<LegendEntry>& legend, const PixelBox& plot,
                       const Axis& axis) {
  std::vector<std::pair<double, std::size_t>> labels;
  for (std::size_t s = 0; s < series.size(); ++s) {
    const double mean = finite_mean(series[s].values);
    if (!std::isfinite(mean)) continue;
    const double y = plot.y + plot.height * (1 - axis.part(mean));
    canvas.line({plot.x, y}, {plot.x + plot.width, y},
                {.color = legend[s].color, .width_px = 2, .dash_px = 6});
    labels.emplace_back(y, s);
  }
  if (labels.empty()) return;
  spread(labels, 1.75 * plot_cap, plot.y + 0.5 * plot_cap, plot.y + plot.height - plot_cap);
  const double x = plot.x + plot.width + 12;
  const TextStyle head{.cap_px = 0.9 * plot_cap, .color = ink::quiet};
  draw_text(canvas, {x, labels.front().first - 1.4 * plot_cap}, "mean", head);
  for (const auto& [y, s] : labels) {
    draw_text(canvas, {x, y + plot_cap / 2}, fixed_text(finite_mean(series[s].values), 2),
              {.cap_px = plot_cap, .color = mix(legend[s].color, ink::text, 0.25), .weight = 0.15});
  }
}

}  // namespace detail

/// Draws the chart: bars from 0, methods in order within a group, a legend above the plot, means
/// as dashed lines. Without any value the frame stays empty and says so. Throws ArgumentError when
/// there is no group, a method has not one value for each group, or the picture is smaller than
/// 300 x 240 or larger than 8192 pixels a side. Cost O(bars).
[[nodiscard]] inline Canvas draw(const BarFigure& figure) {
  require(!figure.groups.empty(), "groups", figure.groups.size(), "at least 1");
  require(figure.width >= 300 && figure.width <= 8192, "width", figure.width, "300 to 8192 pixels");
  require(figure.height >= 240 && figure.height <= 8192, "height", figure.height,
          "240 to 8192 pixels");
  const auto groups = figure.groups.size();
  detail::ValueRange range;
  std::vector<LegendEntry> legend;
  for (const BarSeries& series : figure.series) {
    require(series.values.size() == groups, text("values of '", series.name, "'"),
            series.values.size(), text(groups, ", one for each group"));
    range.add(series.values, AxisScale::linear);
    const auto index = static_cast<Index>(legend.size());
    legend.push_back({series.name, series.color.value_or(series_color(index))});
  }
  const bool is_empty = range.is_empty();
  Axis axis = rounded_axis(is_empty ? 0 : std::min(range.low, 0.0),
                           is_empty ? 1 : std::max(range.high, 0.0), 5);
  if (!is_empty && range.low == 0 && range.high == 0) axis = rounded_axis(0, 1, 5);

  Canvas canvas(figure.width, figure.height);
  constexpr double cap = detail::plot_cap;
  const double left = std::round(detail::left_room(axis, figure.y_label));
  const double mean_room = figure.means == MeanLines::shown ? 46 : 0;
  const double room =
      std::round(static_cast<double>(figure.width) - left - detail::plot_margin - mean_room);
  const double slot = room / static_cast<double>(groups);
  double widest = 0;
  for (const std::string& name : figure.groups) {
    widest = std::max(widest, text_width(name, {.cap_px = cap}));
  }
  const bool is_level = widest <= slot - 6;
  const double name_room = is_level ? cap : std::min(widest, 110.0);
  double top = detail::draw_plot_title(canvas, figure.title);
  top += detail::draw_legend(canvas, {left, top + 10}, room, legend, detail::LegendMark::box) + 14;
  const double bottom = static_cast<double>(figure.height) - detail::plot_margin - name_room - 14;
  require(bottom - top >= 60 && room >= 60, "room for the plot",
          text(room, " x ", bottom - top, " pixels"), "at least 60 x 60; a larger picture");
  const PixelBox plot{left, std::round(top), room, std::round(bottom) - std::round(top)};
  detail::draw_value_axis(canvas, plot, axis, figure.y_label);

  // Behind the bars: the lines show in the gaps and lead to their numbers.
  if (figure.means == MeanLines::shown) {
    detail::draw_means(canvas, figure.series, legend, plot, axis);
  }
  const double zero = std::round(plot.y + plot.height * (1 - axis.part(0)));
  const auto count = static_cast<double>(std::max<std::size_t>(1, figure.series.size()));
  const double bar = std::min(0.76 * slot / count, 60.0);
  for (std::size_t g = 0; g < groups; ++g) {
    const double middle = plot.x + slot * (static_cast<double>(g) + 0.5);
    for (std::size_t s = 0; s < figure.series.size(); ++s) {
      const double value = figure.series[s].values[g];
      const double x = middle + bar * (static_cast<double>(s) - count / 2);
      if (!std::isfinite(value)) {
        draw_text(canvas, {x + bar / 2, zero - 4}, "×",
                  {.cap_px = cap, .color = ink::axis, .align = TextAlign::centre});
        continue;
      }
      const double y = plot.y + plot.height * (1 - axis.part(value));
      const double inset = bar > 6 ? 1 : 0;
      canvas.fill({x + inset, std::min(y, zero), bar - 2 * inset, std::abs(y - zero)},
                  legend[s].color);
    }
  }
  canvas.fill({plot.x, zero - 0.75, plot.width, 1.5}, ink::axis);
  if (is_empty) detail::draw_no_values(canvas, plot);
  detail::draw_group_names(canvas, figure.groups, plot, is_level, name_room);
  return canvas;
}

}  // namespace inrgene
