// One cut of a map on a canvas: smooth silhouette, outlines of regions, dots for samples.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/math/volume.hpp"
#include "inrgene/report/canvas.hpp"
#include "inrgene/report/color.hpp"
#include "inrgene/report/colormap.hpp"
#include "inrgene/report/slice_view.hpp"
#include "inrgene/report/slices.hpp"

namespace inrgene {

enum class Outlines : std::uint8_t { none, silhouette, regions };

/// Values at points, to lie as dots on the cuts near them.
struct MapSamples {
  Eigen::Matrix3Xd mni_mm;  ///< [3 x samples], millimetres
  Eigen::VectorXd values;   ///< [samples]; NaN draws a grey dot
  double within_mm = 5;     ///< farthest distance from the plane at which a dot is drawn
};

/// How a cut is drawn.
struct PanelStyle {
  Sampling sampling = Sampling::smooth;
  Outlines outlines = Outlines::regions;
  double outline_px = 1.1;
  double outline_opacity = 0.5;
  double dot_px = 4.2;  ///< radius
};

/// What a cut shows: the labels give silhouette and outlines; without a map the tissue is grey.
struct PanelContent {
  const Volume<std::int32_t>& labels;
  const Volume<float>* map = nullptr;
  const MapSamples* samples = nullptr;
};

/// Where on the canvas a cut stands.
struct PanelPlace {
  Index x = 0;      ///< left edge
  Index y = 0;      ///< upper edge
  Index width = 0;  ///< pixels
};

namespace detail {

inline constexpr Index panel_oversampling = 3;

/// Grey with slanted stripes: inside, but without a value.
inline Rgb missing_color(Index x, Index y) {
  const bool is_stripe = (x + y) % (6 * panel_oversampling) < 2 * panel_oversampling;
  return is_stripe ? Rgb{0.70F, 0.71F, 0.73F} : Rgb{0.86F, 0.865F, 0.875F};
}

/// Which pixels of a cut lie within `radius` pixels of a pixel with another label.
inline std::vector<std::uint8_t> outline_pixels(const Slice& slice, Outlines kind, double radius) {
  std::vector<std::uint8_t> out(slice.label.size(), 0);
  if (kind == Outlines::none) return out;
  std::vector<std::pair<Index, Index>> reach;
  const auto far = static_cast<Index>(std::floor(radius));
  for (Index dy = -far; dy <= far; ++dy) {
    for (Index dx = -far; dx <= far; ++dx) {
      if (static_cast<double>(dx * dx + dy * dy) <= radius * radius) reach.emplace_back(dx, dy);
    }
  }
  const auto label = [&](Index x, Index y) {
    const bool is_inside = x >= 0 && x < slice.width && y >= 0 && y < slice.height;
    const std::int32_t found = is_inside ? slice.label[slice.offset(x, y)] : 0;
    return kind == Outlines::silhouette ? static_cast<std::int32_t>(found != 0) : found;
  };
  for (Index y = 0; y < slice.height; ++y) {
    for (Index x = 0; x < slice.width; ++x) {
      const std::int32_t here = label(x, y);
      const bool is_edge = std::any_of(reach.begin(), reach.end(), [&](const auto& step) {
        return label(x + step.first, y + step.second) != here;
      });
      out[slice.offset(x, y)] = is_edge ? 1 : 0;
    }
  }
  return out;
}

}  // namespace detail

/// Height in pixels of a cut that is `width` pixels wide.
[[nodiscard]] inline Index panel_height(const SliceFrame& frame, Index width) {
  return static_cast<Index>(
      std::ceil(frame.height_mm() / frame.width_mm() * static_cast<double>(width) - 1e-6));
}

/// Draws the dots of samples near a plane, the nearest to it last. Values are finite or NaN.
/// Throws ArgumentError when there is not one value for each point.
inline void draw_samples(Canvas& canvas, const MapSamples& samples, const SliceView& view,
                         const SliceFrame& frame, const PanelPlace& place, const ColorTable& colors,
                         double dot_px) {
  require(samples.values.size() == samples.mni_mm.cols(), "values of samples",
          samples.values.size(), "one for each point");
  const double px_per_mm = static_cast<double>(place.width) / frame.width_mm();
  const auto normal = static_cast<Index>(view.normal_axis());
  const auto right = static_cast<Index>(view.right_axis()), up = static_cast<Index>(view.up_axis());
  std::vector<std::pair<double, Index>> near;
  for (Index s = 0; s < samples.mni_mm.cols(); ++s) {
    const double distance = std::abs(samples.mni_mm(normal, s) - view.position_mm);
    if (distance <= samples.within_mm) near.emplace_back(-distance, s);
  }
  std::sort(near.begin(), near.end());
  for (const auto& [order, s] : near) {
    const PixelPoint at{
        static_cast<double>(place.x) + (samples.mni_mm(right, s) - frame.left_mm) * px_per_mm,
        static_cast<double>(place.y) + (frame.top_mm - samples.mni_mm(up, s)) * px_per_mm};
    const double value = samples.values(s);
    canvas.disc(at, dot_px + 1.6, ink::white);
    canvas.disc(at, dot_px + 0.6, ink::text);
    canvas.disc(at, dot_px - 0.4, std::isfinite(value) ? colors(value) : ink::axis);
  }
}

/// Draws one cut at a place, over what is there. Pixels inside the labels take the map's colour,
/// grey stripes where the map holds NaN, plain grey without a map; pixels outside are left alone.
/// Throws as `cut` and `draw_samples`.
inline void draw_panel(Canvas& canvas, const PanelContent& content, const SliceView& view,
                       const SliceFrame& frame, const PanelPlace& place, const ColorTable& colors,
                       const PanelStyle& style = {}) {
  constexpr Index fine = detail::panel_oversampling;
  const std::optional<Volume<float>> blank =
      content.map == nullptr ? std::optional(content.labels.like<float>()) : std::nullopt;
  const Slice slice =
      cut(content.map != nullptr ? *content.map : *blank, content.labels,
          {.view = view, .frame = frame, .width = fine * place.width, .sampling = style.sampling});
  const auto is_outline = detail::outline_pixels(slice, style.outlines,
                                                 style.outline_px / 2 * static_cast<double>(fine));
  const double share = 1.0 / static_cast<double>(fine * fine);
  for (Index y = 0; y < panel_height(frame, place.width); ++y) {
    for (Index x = 0; x < place.width; ++x) {
      Rgb sum{};
      double inside = 0, outline = 0;
      for (Index part = 0; part < fine * fine; ++part) {
        const Index fx = fine * x + part % fine, fy = fine * y + part / fine;
        if (fy >= slice.height) continue;
        const std::size_t at = slice.offset(fx, fy);
        if (is_outline[at] != 0) outline += share;
        if (slice.label[at] == 0) continue;
        const auto value = static_cast<double>(slice.value[at]);
        const Rgb color = content.map == nullptr ? ink::tissue
                          : std::isnan(value)    ? detail::missing_color(fx, fy)
                                                 : colors(value);
        sum = {sum.r + color.r, sum.g + color.g, sum.b + color.b};
        inside += 1;
      }
      if (inside > 0) {
        const auto scale = static_cast<float>(1 / inside);
        canvas.blend(place.x + x, place.y + y, {sum.r * scale, sum.g * scale, sum.b * scale},
                     inside * share);
      }
      canvas.blend(place.x + x, place.y + y, ink::text, outline * style.outline_opacity);
    }
  }
  if (content.samples != nullptr) {
    draw_samples(canvas, *content.samples, view, frame, place, colors, style.dot_px);
  }
}

}  // namespace inrgene
