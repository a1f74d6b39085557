// How far a prediction is from the truth: MSE, MAE, R²; and mean ± standard deviation.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/statistics/ranges.hpp"

namespace inrgene {

/// Mean of (pᵢ − tᵢ)² over the pairs that `mask` keeps (empty: all).
/// Throws ArgumentError for sizes that differ, for no kept pair, and for a kept value that is not
/// finite (with its index). Cost O(n).
template <NumberRange P, NumberRange T>
[[nodiscard]] double mean_squared_error(const P& prediction, const T& truth, Mask mask = {}) {
  const detail::Pairs pairs = detail::kept_pairs(prediction, truth, mask, 1);
  detail::CompensatedSum sum;
  for (std::size_t i = 0; i < pairs.a.size(); ++i) {
    const double difference = pairs.a[i] - pairs.b[i];
    sum.add(difference * difference);
  }
  return sum.value() / static_cast<double>(pairs.a.size());
}

/// Mean of |pᵢ − tᵢ|; mask, errors and cost as in `mean_squared_error`.
template <NumberRange P, NumberRange T>
[[nodiscard]] double mean_absolute_error(const P& prediction, const T& truth, Mask mask = {}) {
  const detail::Pairs pairs = detail::kept_pairs(prediction, truth, mask, 1);
  detail::CompensatedSum sum;
  for (std::size_t i = 0; i < pairs.a.size(); ++i) sum.add(std::abs(pairs.a[i] - pairs.b[i]));
  return sum.value() / static_cast<double>(pairs.a.size());
}

/// What R² compares a prediction with, and where.
struct RSquared {
  double reference_mean = 0;  ///< the constant guess to beat: the mean of the training values
  Mask mask = {};             ///< as in `mean_squared_error`
};

/// R² = 1 − Σ(pᵢ−tᵢ)² / Σ(tᵢ−m)², m = `settings.reference_mean`: 1 is perfect, 0 is no better than
/// the constant m, below 0 is worse. Held-out data take the mean of the training values, so that
/// nothing of the truth is known in advance.
/// NaN when every kept truth equals m. Throws ArgumentError as `pearson`, and for an m that is not
/// finite. Cost O(n).
template <NumberRange P, NumberRange T>
[[nodiscard]] double r_squared(const P& prediction, const T& truth, const RSquared& settings) {
  require(std::isfinite(settings.reference_mean), "reference_mean", settings.reference_mean,
          "a finite number");
  const detail::Pairs pairs = detail::kept_pairs(prediction, truth, settings.mask, 2);
  detail::CompensatedSum residual, total;
  for (std::size_t i = 0; i < pairs.a.size(); ++i) {
    const double miss = pairs.a[i] - pairs.b[i];
    const double spread = pairs.b[i] - settings.reference_mean;
    residual.add(miss * miss);
    total.add(spread * spread);
  }
  if (total.value() == 0) return std::numeric_limits<double>::quiet_NaN();
  return 1.0 - residual.value() / total.value();
}

/// R² against the mean of the kept truth itself: the usual coefficient of determination. NaN when
/// the truth is constant.
template <NumberRange P, NumberRange T>
[[nodiscard]] double r_squared(const P& prediction, const T& truth) {
  const detail::Pairs pairs = detail::kept_pairs(prediction, truth, {}, 2);
  if (detail::is_constant(pairs.b)) return std::numeric_limits<double>::quiet_NaN();
  return r_squared(pairs.a, pairs.b, {.reference_mean = detail::mean(pairs.b)});
}

/// A mean, the sample standard deviation beside it, and how many values stand behind both.
struct MeanAndSd {
  double mean = 0;
  double sd = 0;  ///< √(Σ(xᵢ−x̄)²/(n−1)); NaN for a single value
  Index count = 0;
};

/// Mean and sample standard deviation (divisor n − 1) of the values that `mask` keeps.
/// Throws ArgumentError for no kept value and for one that is not finite (with its index).
/// Cost O(n), two passes.
template <NumberRange R>
[[nodiscard]] MeanAndSd mean_and_sd(const R& values, Mask mask = {}) {
  const std::vector<double> kept = detail::kept(values, mask, "values");
  require(!kept.empty(), "values", kept.size(), "at least 1");
  MeanAndSd out{.mean = detail::mean(kept),
                .sd = std::numeric_limits<double>::quiet_NaN(),
                .count = static_cast<Index>(kept.size())};
  if (kept.size() == 1) return out;
  detail::CompensatedSum squares;
  for (const double value : kept) squares.add((value - out.mean) * (value - out.mean));
  out.sd = std::sqrt(squares.value() / static_cast<double>(kept.size() - 1));
  return out;
}

}  // namespace inrgene
