// Min-max scaling, the only one the model uses, with the range it was fitted on.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <string_view>

#include "inrgene/core/annotations.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// A closed range and the affine maps between it and the unit and signed intervals. Values outside
/// the range map outside the interval (nothing is clamped), so every map has an exact inverse up
/// to rounding. The end points map exactly onto the end points.
struct MinMax {
  double low = 0;
  double high = 1;

  /// (x - low) / (high - low): [low, high] to [0, 1].
  INRGENE_HD [[nodiscard]] constexpr double to_unit(double x) const {
    return (x - low) / (high - low);
  }
  /// 2 (x - low) / (high - low) - 1: [low, high] to [-1, 1].
  INRGENE_HD [[nodiscard]] constexpr double to_signed(double x) const {
    return 2.0 * to_unit(x) - 1.0;
  }
  /// Inverse of `to_unit`.
  [[nodiscard]] constexpr double from_unit(double u) const { return low * (1.0 - u) + high * u; }
  /// Inverse of `to_signed`.
  [[nodiscard]] constexpr double from_signed(double s) const { return from_unit(0.5 * (s + 1.0)); }

  /// Throws ArgumentError unless low and high are finite, their difference too, and low < high.
  void check() const {
    require(std::isfinite(low) && std::isfinite(high) && low < high && std::isfinite(high - low),
            "min-max range", text("[", low, ", ", high, "]"), "finite bounds with low < high");
  }
};

namespace detail {

/// Smallest and largest of `size` values at `data`. `what` names them in messages.
[[nodiscard]] inline MinMax fit_range(const double* data, Index size, std::string_view what) {
  require(size > 0, text("number of ", what, " to scale"), size, "at least 1");
  MinMax range{data[0], data[0]};
  for (Index i = 0; i < size; ++i) {
    if (!std::isfinite(data[i])) {
      throw InputError({std::string(what), text("entry ", i), text(data[i]), "a finite number"});
    }
    range.low = std::min(range.low, data[i]);
    range.high = std::max(range.high, data[i]);
  }
  if (!(range.low < range.high)) {
    throw InputError({std::string(what), "min-max scaling",
                      text(size, size == 1 ? " value, " : " values, all ", range.low),
                      "at least two different values"});
  }
  range.check();
  return range;
}

}  // namespace detail

/// One joint minimum and maximum over all three axes, so that scaling by `to_signed` keeps angles
/// and ratios of distances (spec/model.md: x, y, z are scaled jointly). Fit it on training sites.
/// `mni_mm` [3 x sites], millimetres. Throws ArgumentError when empty, InputError when an entry is
/// not finite or all are equal. Cost: O(sites).
[[nodiscard]] inline MinMax fit_coordinates(const Eigen::Matrix3Xd& mni_mm) {
  return detail::fit_range(mni_mm.data(), mni_mm.size(), "coordinates");
}

/// Minimum and maximum of `values`, which `what` names in messages (a gene, say). Throws
/// ArgumentError when empty, InputError when a value is not finite or all are equal.
[[nodiscard]] inline MinMax fit_values(std::span<const double> values,
                                       std::string_view what = "values") {
  return detail::fit_range(values.data(), std::ssize(values), what);
}

/// `to_signed` of every coordinate: [3 x sites] millimetres to [3 x sites], [-1, 1] on the range.
[[nodiscard]] inline Eigen::Matrix3Xd to_signed(const MinMax& range,
                                                const Eigen::Matrix3Xd& mni_mm) {
  return mni_mm.unaryExpr([range](double x) { return range.to_signed(x); });
}

/// Inverse of `to_signed`: [3 x sites] scaled to [3 x sites] millimetres.
[[nodiscard]] inline Eigen::Matrix3Xd from_signed(const MinMax& range,
                                                  const Eigen::Matrix3Xd& scaled) {
  return scaled.unaryExpr([range](double s) { return range.from_signed(s); });
}

}  // namespace inrgene
