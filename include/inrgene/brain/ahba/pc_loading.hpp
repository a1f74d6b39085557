// The probe that lies furthest along the first principal component of its gene's probes.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "inrgene/brain/ahba/probe_source.hpp"
#include "inrgene/brain/gene_axis/leading_eigenvector.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// With D [probes x samples] = the probes minus their mean in each sample: scores D v, where v is
/// the first right singular vector of D with the sign that makes its largest entry by magnitude
/// (the first such) positive. v is Dᵀu for the leading eigenvector u of the small matrix D Dᵀ; all
/// scores are the same sum of products, so that equal probes have equal scores. For two probes the
/// sign rule takes the probe that is larger where the two differ most. Samples in which a probe
/// has no value are left out.
/// Source: abagen's `pc_loading`, after Parkes et al., Genes, Brain and Behavior 2017.
/// Cost: O(probes² x columns).
struct PcLoading {
  static constexpr std::string_view name = "pc_loading";
  static constexpr bool single_stands = true;
  static constexpr bool nan_wins = false;
  static constexpr bool pooled_only = false;
  struct Scratch {
    std::vector<double> centred = {};  ///< D, row after row
    std::vector<double> loading = {};  ///< v
  };

  void score(const ProbeGroup& group, std::span<double> scores, Scratch& scratch) const {
    const auto n = static_cast<std::size_t>(group.columns());
    const auto probes = static_cast<std::size_t>(group.probes);
    centre(group, scratch.centred);
    const double* const weight = group.weight().data();
    const auto row = [&](std::size_t p) { return scratch.centred.data() + p * n; };
    const auto product = [&](const double* a, const double* b) {
      return detail::interleaved_sum(static_cast<Index>(n),
                                     [=](std::size_t i) { return weight[i] * (a[i] * b[i]); });
    };
    Eigen::VectorXd mix(group.probes);
    if (probes == 1) {
      mix << 1;
    } else if (probes == 2) {
      mix << 1, -1;  // known, and not left to rounding
    } else {
      Eigen::MatrixXd gram(group.probes, group.probes);
      for (std::size_t a = 0; a < probes; ++a) {
        for (std::size_t b = 0; b <= a; ++b) {
          const auto i = static_cast<Index>(a), j = static_cast<Index>(b);
          gram(i, j) = gram(j, i) = product(row(a), row(b));
        }
      }
      mix = detail::leading_eigenvector(gram);
    }
    std::vector<double>& v = scratch.loading;
    v.assign(n, 0.0);
    for (std::size_t p = 0; p < probes; ++p) {
      const double share = mix(static_cast<Index>(p));
      for (std::size_t i = 0; i < n; ++i) v[i] += share * row(p)[i];
    }
    const double length = std::sqrt(product(v.data(), v.data()));
    const double scale = length > 0 ? sign_of_largest(group, v) / length : 0.0;
    for (std::size_t p = 0; p < probes; ++p) scores[p] = scale * product(row(p), v.data());
  }

 private:
  /// D; 0 in columns where a probe has no value and where no sample looks.
  static void centre(const ProbeGroup& group, std::vector<double>& out) {
    const auto n = static_cast<std::size_t>(group.columns());
    const auto probes = static_cast<std::size_t>(group.probes);
    out.resize(probes * n);
    const std::span<const double> weight = group.weight(), first = group.row(0);
    for (std::size_t i = 0; i < n; ++i) {
      double sum = 0;
      for (Index p = 1; p < group.probes; ++p) sum += group.row(p)[i] - first[i];
      const double mean = first[i] + sum / static_cast<double>(probes);
      const bool counts = weight[i] > 0 && std::isfinite(mean);
      for (std::size_t p = 0; p < probes; ++p) {
        out[p * n + i] = counts ? group.row(static_cast<Index>(p))[i] - mean : 0.0;
      }
    }
  }

  static double sign_of_largest(const ProbeGroup& group, std::span<const double> v) {
    double largest = 0;
    for (const Index column : group.sample_columns()) {
      const double value = v[static_cast<std::size_t>(column - group.begin_column())];
      if (std::abs(value) > std::abs(largest)) largest = value;
    }
    return largest < 0 ? -1.0 : 1.0;
  }
};
static_assert(ProbeScore<PcLoading>);

}  // namespace inrgene
