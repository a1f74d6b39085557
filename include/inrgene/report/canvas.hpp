// A picture to draw on: filled boxes, strokes and discs with smooth edges, written as PNG.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/png.hpp"
#include "inrgene/report/color.hpp"

namespace inrgene {

/// A place on a canvas in pixels: x to the right, y downwards, the first pixel covers [0, 1)².
struct PixelPoint {
  double x = 0;
  double y = 0;
};

/// An upright rectangle in pixels; sides may fall between pixels.
struct PixelBox {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};

/// How a line looks. `dash_px` = 0 draws it whole, else dashes and gaps of that length.
struct Stroke {
  Rgb color = ink::text;
  double width_px = 1;
  double opacity = 1;
  double dash_px = 0;
};

namespace detail {

inline void require_finite(PixelPoint p) {
  require(std::isfinite(p.x) && std::isfinite(p.y), "point", text("(", p.x, ", ", p.y, ")"),
          "finite pixels");
}

/// How much of each pixel of a rectangle a shape covers. Parts of one shape join by their maximum,
/// so that crossings and joints of a translucent line do not show.
class Coverage {
 public:
  /// Covers the pixels that the box touches, clipped to a picture of width x height.
  Coverage(const PixelBox& box, Index width, Index height)
      : x0_(clip(std::floor(box.x), width)),
        y0_(clip(std::floor(box.y), height)),
        x1_(clip(std::ceil(box.x + box.width), width)),
        y1_(clip(std::ceil(box.y + box.height), height)),
        part_(static_cast<std::size_t>((x1_ - x0_) * (y1_ - y0_))) {}

  /// Joins a round-ended segment with the half width `half` (a disc when a = b).
  void add_segment(PixelPoint a, PixelPoint b, double half) {
    // A line thinner than a pixel is drawn as wide as one and paler.
    const double strength = std::min(1.0, 2 * half);
    half = std::max(half, 0.5);
    const double reach = half + 1;
    const Index left = std::max(x0_, clip(std::floor(std::min(a.x, b.x) - reach), x1_));
    const Index right = std::min(x1_, clip(std::ceil(std::max(a.x, b.x) + reach), x1_));
    const Index top = std::max(y0_, clip(std::floor(std::min(a.y, b.y) - reach), y1_));
    const Index bottom = std::min(y1_, clip(std::ceil(std::max(a.y, b.y) + reach), y1_));
    const double dx = b.x - a.x, dy = b.y - a.y, length_sqr = dx * dx + dy * dy;
    for (Index y = top; y < bottom; ++y) {
      for (Index x = left; x < right; ++x) {
        const double px = static_cast<double>(x) + 0.5 - a.x;
        const double py = static_cast<double>(y) + 0.5 - a.y;
        const double t =
            length_sqr > 0 ? std::clamp((px * dx + py * dy) / length_sqr, 0.0, 1.0) : 0.0;
        const double distance = std::hypot(px - t * dx, py - t * dy);
        const double part = strength * std::clamp(half + 0.5 - distance, 0.0, 1.0);
        float& here = at(x, y);
        here = std::max(here, static_cast<float>(part));
      }
    }
  }

  [[nodiscard]] float& at(Index x, Index y) {
    return part_[static_cast<std::size_t>((x - x0_) + (y - y0_) * (x1_ - x0_))];
  }
  [[nodiscard]] Index left() const { return x0_; }
  [[nodiscard]] Index right() const { return x1_; }
  [[nodiscard]] Index top() const { return y0_; }
  [[nodiscard]] Index bottom() const { return y1_; }

 private:
  static Index clip(double value, Index last) {
    return static_cast<Index>(std::clamp(value, 0.0, static_cast<double>(last)));
  }
  Index x0_, y0_, x1_, y1_;
  std::vector<float> part_;
};

}  // namespace detail

/// An RGB picture. What falls outside is cut off. Equal calls give equal bytes.
class Canvas {
 public:
  /// Throws ArgumentError when a side is not in 1 … 16384.
  Canvas(Index width, Index height, Rgb background = ink::white) : width_(width), height_(height) {
    require(width >= 1 && width <= 16384, "width", width, "1 to 16384 pixels");
    require(height >= 1 && height <= 16384, "height", height, "1 to 16384 pixels");
    pixels_.assign(static_cast<std::size_t>(width * height), background);
  }

  [[nodiscard]] Index width() const { return width_; }
  [[nodiscard]] Index height() const { return height_; }

  /// The pixel in column x, row y from the top. Throws ArgumentError outside the picture.
  [[nodiscard]] Rgb pixel(Index x, Index y) const {
    require(contains(x, y), "pixel", text("(", x, ", ", y, ")"), "a place inside the picture");
    return pixels_[offset(x, y)];
  }

  /// Mixes a colour into one pixel; opacity 1 replaces it. Outside the picture: nothing.
  void blend(Index x, Index y, Rgb color, double opacity) {
    if (!contains(x, y) || !(opacity > 0)) return;
    Rgb& here = pixels_[offset(x, y)];
    here = mix(here, color, std::min(opacity, 1.0));
  }

  /// Fills a rectangle; pixels on its edge take the part that it covers.
  void fill(const PixelBox& box, Rgb color, double opacity = 1) {
    detail::require_finite({box.x, box.y});
    detail::require_finite({box.width, box.height});
    detail::Coverage area(box, width_, height_);
    const auto overlap = [](double low, double high, Index pixel) {
      const auto p = static_cast<double>(pixel);
      return std::max(0.0, std::min(high, p + 1) - std::max(low, p));
    };
    for (Index y = area.top(); y < area.bottom(); ++y) {
      for (Index x = area.left(); x < area.right(); ++x) {
        const double part =
            overlap(box.x, box.x + box.width, x) * overlap(box.y, box.y + box.height, y);
        blend(x, y, color, opacity * part);
      }
    }
  }

  /// Outline of a rectangle, inside it, `width_px` thick.
  void frame(const PixelBox& b, Rgb color, double width_px = 1) {
    const double w = width_px;
    fill({b.x, b.y, b.width, w}, color);
    fill({b.x, b.y + b.height - w, b.width, w}, color);
    fill({b.x, b.y + w, w, b.height - 2 * w}, color);
    fill({b.x + b.width - w, b.y + w, w, b.height - 2 * w}, color);
  }

  /// A line through all points, round at ends and joints. Throws ArgumentError for a point that is
  /// not finite. Cost: the pixels it touches.
  void polyline(std::span<const PixelPoint> points, const Stroke& stroke) {
    if (points.empty()) return;
    PixelPoint low = points.front(), high = points.front();
    for (const PixelPoint& p : points) {
      detail::require_finite(p);
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
    const double reach = stroke.width_px / 2 + 2;
    detail::Coverage area(
        {low.x - reach, low.y - reach, high.x - low.x + 2 * reach, high.y - low.y + 2 * reach},
        width_, height_);
    if (points.size() == 1) area.add_segment(low, low, stroke.width_px / 2);
    double along = 0;
    for (std::size_t i = 1; i < points.size(); ++i) {
      const PixelPoint a = points[i - 1], b = points[i];
      if (stroke.dash_px > 0) {
        add_dashes(area, a, b, stroke, along);
        along += std::hypot(b.x - a.x, b.y - a.y);
      } else {
        area.add_segment(a, b, stroke.width_px / 2);
      }
    }
    apply(area, stroke.color, stroke.opacity);
  }

  /// One straight line.
  void line(PixelPoint from, PixelPoint to, const Stroke& stroke) {
    const std::vector<PixelPoint> points{from, to};
    polyline(points, stroke);
  }

  /// A filled disc.
  void disc(PixelPoint centre, double radius_px, Rgb color, double opacity = 1) {
    polyline({&centre, 1}, {.color = color, .width_px = 2 * radius_px, .opacity = opacity});
  }

  /// A filled convex polygon, corners in either direction.
  void convex(std::span<const PixelPoint> corners, Rgb color, double opacity = 1) {
    require(corners.size() >= 3, "corners", corners.size(), "at least 3");
    double twice_area = 0;
    PixelPoint low = corners.front(), high = corners.front();
    for (std::size_t i = 0; i < corners.size(); ++i) {
      const PixelPoint a = corners[i], b = corners[(i + 1) % corners.size()];
      detail::require_finite(a);
      twice_area += a.x * b.y - a.y * b.x;
      low = {std::min(low.x, a.x), std::min(low.y, a.y)};
      high = {std::max(high.x, a.x), std::max(high.y, a.y)};
    }
    const double side = twice_area < 0 ? -1 : 1;
    detail::Coverage area({low.x - 1, low.y - 1, high.x - low.x + 2, high.y - low.y + 2}, width_,
                          height_);
    for (Index y = area.top(); y < area.bottom(); ++y) {
      for (Index x = area.left(); x < area.right(); ++x) {
        double part = 1;
        for (std::size_t i = 0; i < corners.size(); ++i) {
          const PixelPoint a = corners[i], b = corners[(i + 1) % corners.size()];
          const double dx = b.x - a.x, dy = b.y - a.y, length = std::hypot(dx, dy);
          if (length == 0) continue;
          const double inward = side *
                                (dx * (static_cast<double>(y) + 0.5 - a.y) -
                                 dy * (static_cast<double>(x) + 0.5 - a.x)) /
                                length;
          part = std::min(part, std::clamp(inward + 0.5, 0.0, 1.0));
        }
        blend(x, y, color, opacity * part);
      }
    }
  }

  /// Mixes a colour in wherever `area` covers.
  void apply(detail::Coverage& area, Rgb color, double opacity = 1) {
    for (Index y = area.top(); y < area.bottom(); ++y) {
      for (Index x = area.left(); x < area.right(); ++x) {
        blend(x, y, color, opacity * static_cast<double>(area.at(x, y)));
      }
    }
  }

  /// Three bytes a pixel, rows from the top.
  [[nodiscard]] std::vector<std::uint8_t> bytes() const {
    std::vector<std::uint8_t> out;
    out.reserve(3 * pixels_.size());
    for (const Rgb& p : pixels_) out.insert(out.end(), {to_byte(p.r), to_byte(p.g), to_byte(p.b)});
    return out;
  }

  /// Writes a PNG. Throws InputError when the file cannot be written.
  void write(const std::filesystem::path& path) const { write_png(path, width_, height_, bytes()); }

 private:
  [[nodiscard]] bool contains(Index x, Index y) const {
    return x >= 0 && x < width_ && y >= 0 && y < height_;
  }
  [[nodiscard]] std::size_t offset(Index x, Index y) const {
    return static_cast<std::size_t>(x + y * width_);
  }

  /// The parts of a segment that lie in dashes, when it begins `along` pixels into the line.
  static void add_dashes(detail::Coverage& area, PixelPoint a, PixelPoint b, const Stroke& stroke,
                         double along) {
    const double length = std::hypot(b.x - a.x, b.y - a.y), period = 2 * stroke.dash_px;
    // The round ends belong to the dash.
    const double inset = std::min(stroke.width_px, 0.9 * stroke.dash_px) / 2;
    for (double start = std::floor(along / period) * period; start < along + length;
         start += period) {
      const double from = std::max(start + inset, along) - along;
      const double to = std::min(start + stroke.dash_px - inset, along + length) - along;
      if (to <= from) continue;
      const auto point = [&](double s) {
        return PixelPoint{a.x + (b.x - a.x) * s / length, a.y + (b.y - a.y) * s / length};
      };
      area.add_segment(point(from), point(to), stroke.width_px / 2);
    }
  }

  Index width_, height_;
  std::vector<Rgb> pixels_;
};

}  // namespace inrgene
