// The probe that agrees best with the other probes of its gene.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "inrgene/brain/ahba/probe_source.hpp"
#include "inrgene/brain/ahba/probe_statistics.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

namespace detail {

/// Mean of (r + 1)/2 over the correlations of a probe with every probe of the group, itself
/// included. A probe without variation, or with a missing value, has no correlation: the scores of
/// all are NaN then. The correlations of a row are added from small to large, so that a probe's
/// place in the group does not show.
class MeanCorrelation {
 public:
  void operator()(const ProbeGroup& group, std::span<double> scores) {
    const auto n = static_cast<std::size_t>(group.columns());
    const auto probes = static_cast<std::size_t>(group.probes);
    const double* const weight = group.weight().data();
    standard_.resize(probes * n);
    for (std::size_t p = 0; p < probes; ++p) {
      if (!standardise(group, p, standard_.data() + p * n)) {
        std::fill(scores.begin(), scores.end(), std::numeric_limits<double>::quiet_NaN());
        return;
      }
    }
    shares_.assign(probes * probes, 1.0);
    for (std::size_t a = 0; a < probes; ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        const double *const za = standard_.data() + a * n, *const zb = standard_.data() + b * n;
        const double r = interleaved_sum(
            static_cast<Index>(n), [=](std::size_t i) { return weight[i] * (za[i] * zb[i]); });
        shares_[a * probes + b] = shares_[b * probes + a] = (std::clamp(r, -1.0, 1.0) + 1) / 2;
      }
    }
    for (std::size_t p = 0; p < probes; ++p) {
      const std::span<double> row(shares_.data() + p * probes, probes);
      std::sort(row.begin(), row.end());
      double sum = 0;
      for (const double share : row) sum += share;
      scores[p] = sum / static_cast<double>(probes);
    }
  }

 private:
  /// (v − mean)/√Σ(v − mean)²; false where there is none.
  static bool standardise(const ProbeGroup& group, std::size_t probe, double* out) {
    const std::span<const double> row = group.row(static_cast<Index>(probe));
    const std::span<const double> weight = group.weight();
    const RowMoments moments = row_moments(row, weight);
    double samples = 0;
    for (const double w : weight) samples += w;
    if (!(moments.squares > 0) || moments.count < samples) return false;
    const double length = std::sqrt(moments.squares);
    for (std::size_t i = 0; i < row.size(); ++i) {
      out[i] = weight[i] > 0 ? (row[i] - moments.mean) / length : 0.0;
    }
    return true;
  }

  std::vector<double> standard_;  // row after row
  std::vector<double> shares_;    // (r + 1)/2
};

}  // namespace detail

/// Three probes and more: the mean of (r + 1)/2 over the probe's correlations with all (its own,
/// 1, included); where one cannot be had, none can and the first probe is taken. Of two probes the
/// one with the larger standard deviation (n).
/// Source: abagen's `corr_variance`, after Burt et al., Nature Neuroscience 2018.
/// Cost: O(probes² x columns).
struct CorrVariance {
  static constexpr std::string_view name = "corr_variance";
  static constexpr bool single_stands = true;
  static constexpr bool nan_wins = true;
  static constexpr bool pooled_only = false;
  using Scratch = detail::MeanCorrelation;

  void score(const ProbeGroup& group, std::span<double> scores, Scratch& scratch) const {
    if (group.probes > 2) return scratch(group, scores);
    for (Index p = 0; p < group.probes; ++p) {
      scores[static_cast<std::size_t>(p)] =
          detail::row_moments(group.row(p), group.weight()).deviation(0);
    }
  }
};
static_assert(ProbeScore<CorrVariance>);

/// As CorrVariance; of two probes the one with the larger mean.
/// Source: abagen's `corr_intensity`, after Myers et al., Methods 2015.
struct CorrIntensity {
  static constexpr std::string_view name = "corr_intensity";
  static constexpr bool single_stands = true;
  static constexpr bool nan_wins = true;
  static constexpr bool pooled_only = false;
  using Scratch = detail::MeanCorrelation;

  void score(const ProbeGroup& group, std::span<double> scores, Scratch& scratch) const {
    if (group.probes > 2) return scratch(group, scores);
    for (Index p = 0; p < group.probes; ++p) {
      scores[static_cast<std::size_t>(p)] = detail::row_moments(group.row(p), group.weight()).mean;
    }
  }
};
static_assert(ProbeScore<CorrIntensity>);

}  // namespace inrgene
