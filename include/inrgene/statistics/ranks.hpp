// Ranks with ties averaged: what Spearman's correlation correlates.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "inrgene/statistics/ranges.hpp"

namespace inrgene {

/// Ranks 1 … n of the values, smallest first; equal values share the mean of their ranks.
/// `mask` as in `pearson`; the result has one entry a kept value, in order.
/// Throws ArgumentError for a value that is not finite (with its index).
/// Source: Kendall, "The treatment of ties in ranking problems", Biometrika 1945. Cost O(n log n).
template <NumberRange R>
[[nodiscard]] std::vector<double> average_ranks(const R& values, Mask mask = {}) {
  const std::vector<double> kept = detail::kept(values, mask, "values");
  std::vector<std::size_t> order(kept.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    return kept[i] < kept[j] || (kept[i] == kept[j] && i < j);
  });
  std::vector<double> ranks(kept.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && kept[order[end]] == kept[order[begin]]) ++end;
    const double shared = 0.5 * static_cast<double>(begin + 1 + end);
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = shared;
    begin = end;
  }
  return ranks;
}

}  // namespace inrgene
