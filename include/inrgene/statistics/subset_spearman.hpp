// Spearman's correlation over many subsets of two lists, each list sorted once.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/statistics/place_order.hpp"

namespace inrgene {

namespace detail {

/// Σ values as numpy adds a contiguous axis: halves down to 128 values, those in eight sums. It is
/// written out because equal figures are told apart by its rounding.
[[nodiscard]] inline double pairwise_sum(std::span<const double> values) {
  constexpr std::size_t lanes = 8, block = 128;
  const std::size_t n = values.size();
  if (n < lanes) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum;
  }
  if (n > block) {
    const std::size_t half = n / 2 - n / 2 % lanes;
    return pairwise_sum(values.first(half)) + pairwise_sum(values.subspan(half));
  }
  std::array<double, lanes> s{};
  std::copy_n(values.begin(), lanes, s.begin());
  std::size_t i = lanes;
  for (; i + lanes <= n; i += lanes) {
    for (std::size_t k = 0; k < lanes; ++k) s[k] += values[i + k];
  }
  double sum = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
  for (; i < n; ++i) sum += values[i];
  return sum;
}

}  // namespace detail

/// The places over which two lists are compared, with what depends on their number alone.
class PlaceSubset {
 public:
  /// Keeps the places i with `kept[i]` = 1 (the others 0).
  explicit PlaceSubset(std::vector<std::uint8_t> kept) : kept_(std::move(kept)) {
    for (std::size_t place = 0; place < kept_.size(); ++place) {
      if (kept_[place] != 0) places_.push_back(static_cast<std::int32_t>(place));
    }
    const auto n = static_cast<double>(places_.size());
    const double deviation = std::sqrt(n * (n * n - 1) / 12 / (n - 1));
    standard_.push_back(0);
    for (double rank = 1; rank <= n; ++rank) {
      standard_.push_back((rank - (n + 1) / 2) / deviation);
    }
  }

  [[nodiscard]] std::span<const std::uint8_t> kept() const { return kept_; }
  /// Ascending.
  [[nodiscard]] std::span<const std::int32_t> places() const { return places_; }
  /// [rank]: ranks 1 … n without ties, less their mean, over their standard deviation (n − 1).
  [[nodiscard]] std::span<const double> standard() const { return standard_; }

 private:
  std::vector<std::uint8_t> kept_;
  std::vector<std::int32_t> places_;
  std::vector<double> standard_;
};

/// Spearman's ρ of two lists over the places of a subset: Σ z z′/(n−1) of the standardised ranks,
/// equal values sharing their mean rank. Ranks are counted along the sorted lists. Deviations and
/// their squares are exact; the products are added in the order of the places, as abagen adds them,
/// so that figures that are equal but for rounding compare as abagen's do.
class SubsetSpearman {
 public:
  /// For places below `places`.
  explicit SubsetSpearman(Index places = 0)
      : a_(static_cast<std::size_t>(places)),
        b_(static_cast<std::size_t>(places)),
        product_(static_cast<std::size_t>(places)),
        doubled_(static_cast<std::size_t>(places)) {}

  /// ρ over the places of the subset, which both lists must hold.
  /// NaN for fewer than 2 places, where all values of a list are equal there, and where a value is
  /// missing (NaN) there. Throws ArgumentError where a list lacks a place.
  /// Cost O(length of both lists).
  [[nodiscard]] double operator()(const PlaceOrder& a, const PlaceOrder& b,
                                  const PlaceSubset& subset) {
    if (!standardise(a, subset, a_) || !standardise(b, subset, b_)) {
      return std::numeric_limits<double>::quiet_NaN();
    }
    const std::span<const std::int32_t> places = subset.places();
    // Apart from the sum, so that no compiler rounds product and sum at once.
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto p = static_cast<std::size_t>(places[i]);
      product_[i] = a_[p] * b_[p];
    }
    return detail::pairwise_sum(std::span(product_).first(places.size())) /
           static_cast<double>(places.size() - 1);
  }

 private:
  /// Standardised ranks at the places of the subset; false where there are none.
  bool standardise(const PlaceOrder& order, const PlaceSubset& subset, std::vector<double>& out) {
    const std::span<const std::uint8_t> kept = subset.kept();
    const auto n = static_cast<std::int64_t>(subset.places().size());
    if (n < 2) return false;
    for (const std::int32_t place : order.missing()) {
      if (kept[static_cast<std::size_t>(place)] != 0) return false;
    }
    std::int64_t count = 0;
    if (order.has_ties()) {
      // Ranks are kept doubled, hence whole: Σ(2r − (n+1))² = Σ(2r)² − n(n+1)².
      const std::int64_t squares = walk_tied(order, kept, count);
      const std::int64_t spread = squares - n * (n + 1) * (n + 1);
      require_all(count, n);
      if (spread <= 0) return false;
      const double deviation =
          std::sqrt(static_cast<double>(spread) / 4 / static_cast<double>(n - 1));
      for (const std::int32_t place : subset.places()) {
        const auto p = static_cast<std::size_t>(place);
        out[p] = static_cast<double>(doubled_[p] - (n + 1)) / 2 / deviation;
      }
      return true;
    }
    const double* const standard = subset.standard().data();
    const std::uint8_t* const is_kept = kept.data();
    for (const std::int32_t place : order.ascending()) {
      const auto p = static_cast<std::size_t>(place);
      count += is_kept[p];
      out[p] = standard[count];  // anything where the place is not kept
    }
    require_all(count, n);
    return true;
  }

  static void require_all(std::int64_t count, std::int64_t n) {
    if (count == n) return;
    require(false, "places of the subset in a list", count, text("all ", n));
  }

  /// Doubled ranks of the kept places; returns the sum of their squares.
  std::int64_t walk_tied(const PlaceOrder& order, std::span<const std::uint8_t> kept,
                         std::int64_t& count) {
    const std::span<const std::int32_t> ascending = order.ascending();
    std::int64_t squares = 0;
    for (std::size_t begin = 0; begin < ascending.size();) {
      std::size_t end = begin;
      std::int64_t members = 0;
      do {
        members += kept[static_cast<std::size_t>(ascending[end++])];
      } while (end < ascending.size() && order.as_before()[end] != 0);
      const std::int64_t shared = 2 * count + members + 1;
      for (; begin < end; ++begin) doubled_[static_cast<std::size_t>(ascending[begin])] = shared;
      count += members;
      squares += members * shared * shared;
    }
    return squares;
  }

  std::vector<double> a_, b_, product_;
  std::vector<std::int64_t> doubled_;
};

}  // namespace inrgene
