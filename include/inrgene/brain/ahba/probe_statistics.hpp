// The strongest and the most variable probe, and the mean of all.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>

#include "inrgene/brain/ahba/probe_source.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

namespace detail {

/// Number, mean and squared deviations of the samples of a probe.
struct RowMoments {
  double count = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();
  double squares = 0;  ///< Σ(v − mean)²

  /// √(squares / (count − less)): with `less` = 1 the sample's standard deviation. NaN where the
  /// divisor is not positive.
  [[nodiscard]] double deviation(double less) const {
    return count > less ? std::sqrt(squares / (count - less))
                        : std::numeric_limits<double>::quiet_NaN();
  }
};

/// Sums over the samples; `known(i)` leaves a column out.
template <class Known>
[[nodiscard]] RowMoments moments_where(std::span<const double> row, std::span<const double> weight,
                                       double first, const Known& known) {
  const Index n = std::ssize(row);
  RowMoments out;
  out.count = interleaved_sum(n, [&](std::size_t i) { return known(i) ? weight[i] : 0.0; });
  const double sum = interleaved_sum(
      n, [&](std::size_t i) { return known(i) ? weight[i] * (row[i] - first) : 0.0; });
  out.mean = first + sum / out.count;
  out.squares = interleaved_sum(n, [&](std::size_t i) {
    const double off = row[i] - out.mean;
    return known(i) ? weight[i] * (off * off) : 0.0;
  });
  return out;
}

/// Moments over the samples, missing values left out. Equal values have exactly that mean and no
/// deviation. Two passes.
[[nodiscard]] inline RowMoments row_moments(std::span<const double> row,
                                            std::span<const double> weight) {
  // A column without samples, or without a value, must not spread what stands there.
  const auto known = [&](std::size_t i) { return weight[i] > 0 && row[i] == row[i]; };
  std::size_t start = 0;
  while (start < row.size() && !known(start)) ++start;
  if (start == row.size()) return {};
  const RowMoments out =
      moments_where(row, weight, row[start], [](std::size_t /*column*/) { return true; });
  // Finite values of weight 0 add nothing; anything else shows in the sums.
  return std::isfinite(out.squares) ? out : moments_where(row, weight, row[start], known);
}

}  // namespace detail

/// Mean over all samples of the donors together.
/// Source: abagen's `max_intensity`, after Romero-Garcia et al., NeuroImage 2018.
struct MaxIntensity {
  static constexpr std::string_view name = "max_intensity";
  static constexpr bool single_stands = false;
  static constexpr bool nan_wins = false;
  static constexpr bool pooled_only = false;
  struct Scratch {};

  void score(const ProbeGroup& group, std::span<double> scores, Scratch& /*unused*/) const {
    for (Index p = 0; p < group.probes; ++p) {
      scores[static_cast<std::size_t>(p)] = detail::row_moments(group.row(p), group.weight()).mean;
    }
  }
};
static_assert(ProbeScore<MaxIntensity>);

/// Standard deviation (n − 1) over all samples of the donors together; NaN for one sample.
/// Source: abagen's `max_variance`, after Negi & Guda, Scientific Reports 2017.
struct MaxVariance {
  static constexpr std::string_view name = "max_variance";
  static constexpr bool single_stands = false;
  static constexpr bool nan_wins = false;
  static constexpr bool pooled_only = false;
  struct Scratch {};

  void score(const ProbeGroup& group, std::span<double> scores, Scratch& /*unused*/) const {
    for (Index p = 0; p < group.probes; ++p) {
      scores[static_cast<std::size_t>(p)] =
          detail::row_moments(group.row(p), group.weight()).deviation(1);
    }
  }
};
static_assert(ProbeScore<MaxVariance>);

/// The `average` method: nothing is chosen, a gene is the mean of its probes in every column.
/// Missing values are left out; equal values have exactly that mean.
struct AverageProbes {
  static constexpr std::string_view name = "average";
  struct Scratch {};

  /// `out` has one place a column of the group.
  void operator()(const ProbeGroup& group, std::span<double> out) const {
    const auto n = static_cast<std::size_t>(group.columns());
    const std::span<const double> first = group.row(0);
    for (std::size_t i = 0; i < n; ++i) out[i] = 0;
    for (Index p = 1; p < group.probes; ++p) {
      const std::span<const double> row = group.row(p);
      for (std::size_t i = 0; i < n; ++i) out[i] += row[i] - first[i];
    }
    const double share = 1.0 / static_cast<double>(group.probes);
    for (std::size_t i = 0; i < n; ++i) {
      out[i] = first[i] + out[i] * share;
      if (out[i] == out[i]) continue;
      double sum = 0;
      Index known = 0;
      for (Index p = 0; p < group.probes; ++p) {
        const double value = group.row(p)[i];
        if (std::isnan(value)) continue;
        sum += value;
        ++known;
      }
      out[i] = sum / static_cast<double>(known);
    }
  }
};

}  // namespace inrgene
