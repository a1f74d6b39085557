// How alike two lists of numbers are: Pearson's and Spearman's correlation.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include "inrgene/statistics/ranges.hpp"
#include "inrgene/statistics/ranks.hpp"

namespace inrgene {
namespace detail {

inline double pearson_of(std::span<const double> a, std::span<const double> b) {
  if (is_constant(a) || is_constant(b)) return std::numeric_limits<double>::quiet_NaN();
  const double mean_a = mean(a);
  const double mean_b = mean(b);
  // Scaling by the largest deviation keeps the squares inside the range of double.
  double scale_a = 0, scale_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    scale_a = std::max(scale_a, std::abs(a[i] - mean_a));
    scale_b = std::max(scale_b, std::abs(b[i] - mean_b));
  }
  CompensatedSum aa, bb, ab;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double da = (a[i] - mean_a) / scale_a;
    const double db = (b[i] - mean_b) / scale_b;
    aa.add(da * da);
    bb.add(db * db);
    ab.add(da * db);
  }
  return std::clamp(ab.value() / std::sqrt(aa.value() * bb.value()), -1.0, 1.0);
}

}  // namespace detail

/// Pearson's r = Σ(aᵢ−ā)(bᵢ−b̄) / √(Σ(aᵢ−ā)² Σ(bᵢ−b̄)²), in [-1, 1], over the pairs that `mask`
/// keeps (empty: all). Two passes in double with compensated sums.
/// NaN when either side is constant: the correlation is then undefined.
/// Throws ArgumentError for sizes that differ, for fewer than 2 kept pairs, and for a kept value
/// that is not finite (the message has its index). Cost O(n).
template <NumberRange A, NumberRange B>
[[nodiscard]] double pearson(const A& a, const B& b, Mask mask = {}) {
  const detail::Pairs pairs = detail::kept_pairs(a, b, mask, 2);
  return detail::pearson_of(pairs.a, pairs.b);
}

/// Spearman's ρ: Pearson's r of the ranks, equal values sharing their mean rank. NaN and errors as
/// in `pearson`. Source: Spearman, "The proof and measurement of association between two things",
/// American Journal of Psychology 1904. Cost O(n log n).
template <NumberRange A, NumberRange B>
[[nodiscard]] double spearman(const A& a, const B& b, Mask mask = {}) {
  const detail::Pairs pairs = detail::kept_pairs(a, b, mask, 2);
  return detail::pearson_of(average_ranks(pairs.a), average_ranks(pairs.b));
}

}  // namespace inrgene
