// Maps side by side: a column for each, a row for each cut, one colour scale for all.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/volume.hpp"
#include "inrgene/report/canvas.hpp"
#include "inrgene/report/color.hpp"
#include "inrgene/report/color_bar.hpp"
#include "inrgene/report/colormap.hpp"
#include "inrgene/report/slice_panel.hpp"
#include "inrgene/report/slice_view.hpp"
#include "inrgene/report/text.hpp"

namespace inrgene {

/// One column: a map, samples as dots, or dots on a map.
struct MapColumn {
  std::string title = {};
  std::string subtitle = {};  ///< a quiet second line, such as "R = 0.93, MSE = 0.004"
  std::optional<Volume<float>> map = {};
  std::optional<MapSamples> samples = {};
};

/// A figure of maps on one grid. Write it with `draw(figure).write("maps.png")`.
struct MapFigure {
  std::string title = {};
  std::string value_label = "expression";  ///< along the colour bar
  Volume<std::int32_t> labels = {};        ///< 0 is outside; borders of labels are outlined
  std::vector<MapColumn> columns = {};
  std::vector<SliceView> views = {};         ///< rows; none: three cuts through the middle
  std::optional<ColorScale> colors = {};     ///< none: `shared_scale`
  Colormap colormap = Colormap::sequential;  ///< for `shared_scale`
  PanelStyle style = {};
  Index column_px = 256;  ///< width of a column
};

namespace detail {

/// All finite values a figure could show, ascending: maps inside the labels, and samples.
inline std::vector<double> shown_values(const MapFigure& figure) {
  std::vector<double> out;
  const auto keep = [&](double value) {
    if (std::isfinite(value)) out.push_back(value);
  };
  for (const MapColumn& column : figure.columns) {
    if (column.map) {
      require(column.map->shape() == figure.labels.shape(), text("map '", column.title, "'"),
              "another shape", "the shape of the labels");
      for (Index v = 0; v < figure.labels.size(); ++v) {
        if (figure.labels.values.data()[v] == 0) continue;
        keep(static_cast<double>(column.map->values.data()[v]));
      }
    }
    if (column.samples) {
      for (const double value : column.samples->values) keep(value);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

inline ColorScale scale_of(const std::vector<double>& sorted, Colormap map) {
  if (sorted.empty()) return {0, 1, map};
  const auto quantile = [&](double q) {
    const double at = q * static_cast<double>(sorted.size() - 1);
    return sorted[static_cast<std::size_t>(std::round(at))];
  };
  const double low = quantile(0.005), high = quantile(0.995);
  if (map == Colormap::sequential) return {low, high, map};
  const double reach = std::max(std::abs(low), std::abs(high));
  return {-reach, reach, map};
}

/// Pixels between and around the parts of a map figure.
struct MapLayout {
  double cap = 12;
  Index margin = 36;
  Index row_label = 112;
  Index gap_x = 26;
  Index gap_y = 26;
  Index bar = 150;
};

/// Two letters at the sides of a cut: which side of the subject it is.
inline void draw_sides(Canvas& canvas, Plane plane, const PixelBox& box, double cap) {
  const bool is_sagittal = plane == Plane::sagittal;
  TextStyle style{.cap_px = cap, .color = ink::quiet};
  const double y = box.y + cap + 2;
  draw_text(canvas, {box.x, y}, is_sagittal ? "P" : "L", style);
  style.align = TextAlign::right;
  draw_text(canvas, {box.x + box.width, y}, is_sagittal ? "A" : "R", style);
}

inline void draw_column_titles(Canvas& canvas, const MapColumn& column, double centre, double y,
                               double room, double cap) {
  TextStyle style{.cap_px = 1.2 * cap, .align = TextAlign::centre, .weight = 0.15};
  style = fit_style(column.title, room, style);
  draw_text(canvas, {centre, y}, fit_text(column.title, room, style), style);
  TextStyle quiet{.cap_px = cap, .color = ink::quiet, .align = TextAlign::centre};
  quiet = fit_style(column.subtitle, room, quiet);
  draw_text(canvas, {centre, y + 2.1 * cap}, fit_text(column.subtitle, room, quiet), quiet);
}

}  // namespace detail

/// The scale that all columns share: from the 0.5th to the 99.5th percentile of everything shown;
/// for the diverging map the same distance to both sides of 0. No finite value: 0 to 1.
[[nodiscard]] inline ColorScale shared_scale(const MapFigure& figure) {
  return detail::scale_of(detail::shown_values(figure), figure.colormap);
}

/// Draws the figure: about 1,700 pixels wide for five columns. All cuts have the same scale in
/// millimetres, neurological orientation (marked L and R; sagittal P and A, for back and front).
/// Throws ArgumentError for no columns, labels that are all 0, a map on another grid or samples
/// whose values and points differ in number. Cost O(pixels).
[[nodiscard]] inline Canvas draw(const MapFigure& figure) {
  require(!figure.columns.empty(), "columns", figure.columns.size(), "at least 1");
  require(figure.column_px >= 40 && figure.column_px <= 1000, "column_px", figure.column_px,
          "40 to 1000 pixels");
  const auto views = figure.views.empty() ? middle_views(figure.labels) : figure.views;
  const std::vector<double> values = detail::shown_values(figure);
  const ColorScale scale =
      figure.colors ? *figure.colors : detail::scale_of(values, figure.colormap);
  const ColorTable colors(scale);

  std::vector<SliceFrame> frames;
  double widest_mm = 0;
  for (const SliceView& view : views) {
    SliceFrame frame = frame_of_cut(figure.labels, view);
    // Room for the silhouette's outer half.
    frame.left_mm -= 1.5;
    frame.right_mm += 1.5;
    frame.bottom_mm -= 1.5;
    frame.top_mm += 1.5;
    frames.push_back(frame);
    widest_mm = std::max(widest_mm, frames.back().width_mm());
  }
  const double px_per_mm = static_cast<double>(figure.column_px) / widest_mm;
  std::vector<Index> widths, heights;
  const detail::MapLayout layout;
  Index body = -layout.gap_y;
  for (const SliceFrame& frame : frames) {
    widths.push_back(static_cast<Index>(std::round(frame.width_mm() * px_per_mm)));
    heights.push_back(panel_height(frame, widths.back()));
    body += heights.back() + layout.gap_y;
  }
  const auto columns = std::ssize(figure.columns);
  const bool has_subtitles =
      std::any_of(figure.columns.begin(), figure.columns.end(),
                  [](const MapColumn& column) { return !column.subtitle.empty(); });
  const Index title_height = figure.title.empty() ? 0 : 50;
  const Index head = layout.margin + title_height + (has_subtitles ? 62 : 36);
  const Index left = layout.margin + layout.row_label;
  const Index right = left + columns * (figure.column_px + layout.gap_x) - layout.gap_x;
  // A narrow figure grows to the right for its title, to one and a half times its width at most.
  TextStyle style{.cap_px = 1.55 * layout.cap, .weight = 0.16};
  const auto title_px = static_cast<Index>(std::ceil(text_width(figure.title, style)));
  const Index needed = right + layout.bar;
  Canvas canvas(std::clamp(title_px + 2 * layout.margin, needed, needed * 3 / 2),
                head + body + layout.margin);

  if (!figure.title.empty()) {
    const auto room = static_cast<double>(canvas.width() - 2 * layout.margin);
    style = fit_style(figure.title, room, style);
    draw_text(canvas, {static_cast<double>(layout.margin), static_cast<double>(layout.margin) + 17},
              fit_text(figure.title, room, style), style);
  }
  for (Index c = 0; c < columns; ++c) {
    const MapColumn& column = figure.columns[static_cast<std::size_t>(c)];
    const Index x = left + c * (figure.column_px + layout.gap_x);
    detail::draw_column_titles(
        canvas, column, static_cast<double>(x) + static_cast<double>(figure.column_px) / 2,
        static_cast<double>(layout.margin + title_height + 15),
        static_cast<double>(figure.column_px + layout.gap_x - 8), layout.cap);
    Index y = head;
    for (std::size_t row = 0; row < views.size(); ++row) {
      const PanelPlace place{x + (figure.column_px - widths[row]) / 2, y, widths[row]};
      draw_panel(canvas,
                 {.labels = figure.labels,
                  .map = column.map ? &*column.map : nullptr,
                  .samples = column.samples ? &*column.samples : nullptr},
                 views[row], frames[row], place, colors, figure.style);
      if (c == 0) {
        const double middle = static_cast<double>(y) + static_cast<double>(heights[row]) / 2;
        const auto margin = static_cast<double>(layout.margin);
        draw_text(canvas, {margin, middle - 3}, plane_name(views[row].plane),
                  {.cap_px = 1.08 * layout.cap});
        draw_text(canvas, {margin, middle + 1.7 * layout.cap}, position_text(views[row]),
                  {.cap_px = layout.cap, .color = ink::quiet});
        detail::draw_sides(canvas, views[row].plane,
                           {static_cast<double>(place.x), static_cast<double>(y),
                            static_cast<double>(place.width), static_cast<double>(heights[row])},
                           layout.cap);
      }
      y += heights[row] + layout.gap_y;
    }
  }
  const double span = scale.high - scale.low;
  const double bar_height = std::min(static_cast<double>(body), 420.0);
  draw_color_bar(
      canvas,
      {static_cast<double>(right) + 34,
       static_cast<double>(head) + (static_cast<double>(body) - bar_height) / 2, 18, bar_height},
      {.scale = scale,
       .label = figure.value_label,
       .goes_below = !values.empty() && values.front() < scale.low - 0.001 * span,
       .goes_above = !values.empty() && values.back() > scale.high + 0.001 * span,
       .cap_px = layout.cap});
  return canvas;
}

}  // namespace inrgene
