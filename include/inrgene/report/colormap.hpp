// Values to colours: one map for amounts, one for differences.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "inrgene/core/error.hpp"
#include "inrgene/report/color.hpp"

namespace inrgene {

/// `sequential`: dark indigo over teal and green to pale yellow, for amounts. `diverging`: blue
/// over near-white to red-brown, for differences around a middle.
enum class Colormap { sequential, diverging };

namespace detail {

/// Between points (0, y₀), (1/(n−1), y₁), …: a Catmull-Rom curve through them.
template <std::size_t N>
double curve_through(const std::array<double, N>& y, double t) {
  const double at = t * static_cast<double>(N - 1);
  const auto i = std::min(static_cast<std::size_t>(at), N - 2);
  const double u = at - static_cast<double>(i);
  const double p0 = i == 0 ? 2 * y[0] - y[1] : y[i - 1], p1 = y[i], p2 = y[i + 1];
  const double p3 = i + 2 == N ? 2 * y[N - 1] - y[N - 2] : y[i + 2];
  return p1 +
         0.5 * u * (p2 - p0 + u * (2 * p0 - 5 * p1 + 4 * p2 - p3 + u * (3 * (p1 - p2) + p3 - p0)));
}

/// Lightness grows in proportion to t, so that equal steps look equal and grey print keeps order.
inline OkLch sequential_color(double t) {
  constexpr std::array<double, 6> hue{302, 276, 240, 192, 148, 104};
  constexpr std::array<double, 6> chroma{0.105, 0.128, 0.105, 0.100, 0.150, 0.165};
  return {0.25 + 0.67 * t, curve_through(chroma, t), curve_through(hue, t)};
}

/// Both arms darken in the same proportion; blue and red-brown stay apart for colour-blind eyes.
inline OkLch diverging_color(double t) {
  const double arm = std::abs(2 * t - 1);
  const double hue = t < 0.5 ? 256 - 8 * arm : 52 - 20 * arm;
  return {0.965 - 0.535 * arm, 0.135 * std::sin(arm * 1.9) / std::sin(1.57), hue};
}

}  // namespace detail

/// Colour of t in [0, 1]; t outside is clamped. Throws ArgumentError for NaN, which has no colour.
[[nodiscard]] inline Rgb color_at(Colormap map, double t) {
  require(!std::isnan(t), "t", t, "a number");
  t = std::clamp(t, 0.0, 1.0);
  return to_rgb(map == Colormap::sequential ? detail::sequential_color(t)
                                            : detail::diverging_color(t));
}

/// Lowest and highest value shown, and the colours between them.
struct ColorScale {
  double low = 0;
  double high = 1;
  Colormap map = Colormap::sequential;
};

/// Colours of a scale looked up from 1024 steps, for pictures with many pixels. Values beyond the
/// ends take the colour of the end; a scale of no width gives its middle colour everywhere.
class ColorTable {
 public:
  /// Throws ArgumentError unless low <= high and both are finite.
  explicit ColorTable(const ColorScale& scale) : scale_(scale) {
    require(std::isfinite(scale.low) && std::isfinite(scale.high) && scale.low <= scale.high,
            "color scale", text(scale.low, " to ", scale.high), "finite ends, low <= high");
    for (std::size_t i = 0; i < steps; ++i) {
      colors_[i] = color_at(scale.map, static_cast<double>(i) / (steps - 1));
    }
  }
  /// Colour of a value that is not NaN.
  [[nodiscard]] Rgb operator()(double value) const {
    const double width = scale_.high - scale_.low;
    const double t = width > 0 ? std::clamp((value - scale_.low) / width, 0.0, 1.0) : 0.5;
    return colors_[static_cast<std::size_t>(std::lround(t * (steps - 1)))];
  }
  [[nodiscard]] const ColorScale& scale() const { return scale_; }

 private:
  static constexpr std::size_t steps = 1024;
  ColorScale scale_;
  std::array<Rgb, steps> colors_{};
};

}  // namespace inrgene
