// Quantiles without sorting, for loops over many vectors.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "inrgene/core/error.hpp"

namespace inrgene {

/// Memory of the functions below. It grows to the longest vector seen and stays, so that a loop
/// over many vectors allocates once; one a thread.
class QuantileScratch {
 public:
  /// Room for n numbers, to work in.
  [[nodiscard]] std::span<double> numbers(std::size_t n) {
    if (numbers_.size() < n) numbers_.resize(n);
    return std::span(numbers_).first(n);
  }
  [[nodiscard]] std::span<std::uint16_t> bins(std::size_t n) {
    if (bins_.size() < n) bins_.resize(n);
    return std::span(bins_).first(n);
  }
  [[nodiscard]] std::span<std::uint32_t> counts(std::size_t n) {
    if (counts_.size() < n) counts_.resize(n);
    return std::span(counts_).first(n);
  }
  [[nodiscard]] std::span<std::uint8_t> marks(std::size_t n) {
    if (marks_.size() < n) marks_.resize(n);
    return std::span(marks_).first(n);
  }

 private:
  std::vector<double> numbers_;
  std::vector<std::uint16_t> bins_;
  std::vector<std::uint32_t> counts_;
  std::vector<std::uint8_t> marks_;
};

namespace detail {

/// Smallest and largest value; both NaN when a value is.
struct NumberBounds {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
};

inline NumberBounds number_bounds(std::span<const double> values) {
  constexpr std::size_t lanes = 8;  // independent chains, which a compiler turns into vectors
  std::array<double, lanes> low, high;
  std::array<std::uint64_t, lanes> nans{};
  low.fill(NumberBounds{}.low);
  high.fill(NumberBounds{}.high);
  const std::size_t whole = values.size() / lanes * lanes;
  for (std::size_t i = 0; i < whole; i += lanes) {
    for (std::size_t k = 0; k < lanes; ++k) {
      const double v = values[i + k];
      low[k] = v < low[k] ? v : low[k];
      high[k] = v > high[k] ? v : high[k];
      nans[k] |= static_cast<std::uint64_t>(v != v);
    }
  }
  NumberBounds out;
  std::uint64_t nan = 0;
  for (std::size_t k = 0; k < lanes; ++k) {
    out.low = std::min(out.low, low[k]);
    out.high = std::max(out.high, high[k]);
    nan |= nans[k];
  }
  for (std::size_t i = whole; i < values.size(); ++i) {
    out.low = std::min(out.low, values[i]);
    out.high = std::max(out.high, values[i]);
    nan |= static_cast<std::uint64_t>(values[i] != values[i]);
  }
  if (nan != 0) out.low = out.high = std::numeric_limits<double>::quiet_NaN();
  return out;
}

/// The values of the ascending ranks (0: smallest) of `values`, whose order changes.
template <std::size_t N>
void select_ranks(std::span<double> values, const std::array<std::size_t, N>& ranks,
                  std::array<double, N>& out) {
  const auto at = [&](std::size_t i) { return values.begin() + static_cast<std::ptrdiff_t>(i); };
  std::size_t from = 0;  // all before are in their places
  for (std::size_t k = 0; k < N; ++k) {
    if (ranks[k] == from && k > 0) {
      std::iter_swap(at(from), std::min_element(at(from), values.end()));
    } else if (ranks[k] >= from) {
      std::nth_element(at(from), at(ranks[k]), values.end());
    }
    out[k] = values[ranks[k]];
    from = ranks[k] + 1;
  }
}

/// As `select_ranks`, in linear time with predictable branches: values are counted into equal bins
/// over their range, and only the few bins that hold the ranks are looked into.
inline constexpr std::size_t smallest_binned = 96;  // below, counting costs more than it saves

template <std::size_t N>
void select_ranks_of(std::span<const double> values, const NumberBounds& range,
                     const std::array<std::size_t, N>& ranks, std::array<double, N>& out,
                     QuantileScratch& scratch) {
  const std::size_t n = values.size();
  std::size_t bin_count = 64;
  while (bin_count < 2048 && bin_count * 8 < n) bin_count *= 2;
  const double scale = static_cast<double>(bin_count) / (range.high - range.low);
  const std::span<double> kept = scratch.numbers(n);
  if (n < smallest_binned || !(scale > 0 && std::isfinite(scale)) ||
      !std::isfinite(range.high - range.low)) {
    std::copy(values.begin(), values.end(), kept.begin());
    select_ranks(kept, ranks, out);
    return;
  }
  const std::span<std::uint16_t> bins = scratch.bins(n);
  const std::span<std::uint32_t> counts = scratch.counts(bin_count + 1);
  const std::span<std::uint8_t> wanted = scratch.marks(bin_count + 1);
  std::fill(counts.begin(), counts.end(), 0U);
  std::fill(wanted.begin(), wanted.end(), std::uint8_t{0});
  // A larger value never falls into a lower bin: difference and product round monotonically. The
  // largest falls into bin `bin_count`.
  for (std::size_t i = 0; i < n; ++i) {
    bins[i] =
        static_cast<std::uint16_t>(static_cast<std::int32_t>((values[i] - range.low) * scale));
  }
  for (std::size_t i = 0; i < n; ++i) ++counts[bins[i]];
  std::array<std::size_t, N> place{};  // of the ranks among the values kept
  std::size_t below = 0, kept_below = 0, next = 0;
  for (std::size_t bin = 0; bin <= bin_count && next < N; ++bin) {
    const std::size_t above = below + counts[bin];
    const bool holds = ranks[next] < above;
    while (next < N && ranks[next] < above) {
      place[next] = kept_below + ranks[next] - below;
      ++next;
    }
    if (holds) {
      wanted[bin] = 1;
      kept_below += counts[bin];
    }
    below = above;
  }
  std::size_t count = 0;
  for (std::size_t i = 0; i < n; ++i) {
    kept[count] = values[i];
    count += wanted[bins[i]];
  }
  select_ranks(kept.first(kept_below), place, out);
}

}  // namespace detail

/// The quantiles at the fractions `at`, ascending and in [0, 1]: with the n values in order,
/// x₀ … xₙ₋₁, and h = (n − 1) q, x[⌊h⌋] + (h − ⌊h⌋) (x[⌊h⌋+1] − x[⌊h⌋]).
/// All NaN when a value is NaN. Throws ArgumentError for no value and for fractions that are not
/// ascending or outside [0, 1].
/// Source: definition 7 of Hyndman and Fan, "Sample quantiles in statistical packages", American
/// Statistician 1996. Cost O(n) on average.
template <std::size_t Q>
[[nodiscard]] std::array<double, Q> quantiles(std::span<const double> values,
                                              const std::array<double, Q>& at,
                                              QuantileScratch& scratch) {
  if (values.empty()) require(false, "values", 0, "at least 1");
  std::array<double, Q> out;
  const detail::NumberBounds range = detail::number_bounds(values);
  out.fill(std::numeric_limits<double>::quiet_NaN());
  if (std::isnan(range.low)) return out;

  const std::size_t last = values.size() - 1;
  std::array<std::size_t, 2 * Q> ranks{};  // the two neighbours of each quantile
  std::array<double, Q> part{};
  for (std::size_t q = 0; q < Q; ++q) {
    const bool fits = at[q] >= (q == 0 ? 0.0 : at[q - 1]) && at[q] <= 1;
    if (!fits) require(false, "fraction of a quantile", at[q], "ascending fractions in [0, 1]");
    const double h = static_cast<double>(last) * at[q];
    ranks[2 * q] = static_cast<std::size_t>(h);
    ranks[2 * q + 1] = std::min(ranks[2 * q] + 1, last);
    part[q] = h - std::floor(h);
  }
  std::array<std::size_t, 2 * Q> ascending = ranks;
  std::sort(ascending.begin(), ascending.end());
  std::array<double, 2 * Q> found{};
  detail::select_ranks_of(values, range, ascending, found, scratch);
  const auto value_of = [&](std::size_t rank) {
    return found[static_cast<std::size_t>(std::find(ascending.begin(), ascending.end(), rank) -
                                          ascending.begin())];
  };
  for (std::size_t q = 0; q < Q; ++q) {
    const double low = value_of(ranks[2 * q]);
    const double high = value_of(ranks[2 * q + 1]);
    // From the nearer end, so that a fraction that is 1 but for rounding gives that value.
    out[q] = part[q] < 0.5 ? low + (high - low) * part[q] : high - (high - low) * (1 - part[q]);
    if (part[q] == 0 || low == high) out[q] = low;  // infinities have no difference
  }
  return out;
}

/// The quantile at one fraction; see `quantiles`.
[[nodiscard]] inline double quantile(std::span<const double> values, double at,
                                     QuantileScratch& scratch) {
  return quantiles(values, std::array{at}, scratch)[0];
}

/// The middle value, or the mean of the two middle ones; see `quantiles`.
[[nodiscard]] inline double median(std::span<const double> values, QuantileScratch& scratch) {
  return quantile(values, 0.5, scratch);
}

}  // namespace inrgene
