// Places of a list put in ascending order of a value each, many times over.
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
#include "inrgene/core/types.hpp"

namespace inrgene {

/// Places (numbers into some common list) in ascending order of a value each. Assigning again
/// reuses the memory.
class PlaceOrder {
 public:
  /// Sorts `places`, each with the value at its position; those whose value is NaN are kept apart.
  /// Throws ArgumentError for sizes that differ. Cost: O(n) for values that are spread evenly
  /// (buckets, then insertion), O(n log n) for infinite ones, O(n²) at worst.
  void assign(std::span<const std::int32_t> places, std::span<const double> values) {
    if (places.size() != values.size()) {
      require(false, "values", values.size(), text("one a place: ", places.size()));
    }
    missing_.clear();
    double low = 0, high = 0;
    limits(values, low, high);
    const double scale = buckets_per_value * static_cast<double>(values.size()) / (high - low);
    if (has_nan(values)) {
      sort_some(places, values);
    } else if (high - low < std::numeric_limits<double>::infinity() &&
               scale < std::numeric_limits<double>::max() / 2) {
      sort_evenly(places, values, low, scale);
    } else {
      gather(places, values);
      std::sort(sorted_.begin(), sorted_.end(), before);
    }
    store();
  }

  /// The places, smallest value first, without the missing ones.
  [[nodiscard]] std::span<const std::int32_t> ascending() const { return ascending_; }
  /// 1: the value of this place of `ascending` equals that of the one before.
  [[nodiscard]] std::span<const std::uint8_t> as_before() const { return as_before_; }
  [[nodiscard]] bool has_ties() const { return has_ties_; }
  /// The places whose value is NaN.
  [[nodiscard]] std::span<const std::int32_t> missing() const { return missing_; }

 private:
  static constexpr double buckets_per_value = 4;
  struct Placed {
    double value;
    std::int32_t place;
  };
  static bool before(const Placed& a, const Placed& b) { return a.value < b.value; }

  /// Smallest and largest value; four of each at a time, since each waits for the one before.
  static void limits(std::span<const double> values, double& low, double& high) {
    constexpr std::size_t lanes = 4;
    std::array<double, lanes> lows{}, highs{};
    lows.fill(std::numeric_limits<double>::infinity());
    highs.fill(-std::numeric_limits<double>::infinity());
    const auto take = [&](std::size_t lane, double value) {
      lows[lane] = value < lows[lane] ? value : lows[lane];
      highs[lane] = value > highs[lane] ? value : highs[lane];
    };
    std::size_t i = 0;
    for (; i + lanes <= values.size(); i += lanes) {
      for (std::size_t k = 0; k < lanes; ++k) take(k, values[i + k]);
    }
    for (; i < values.size(); ++i) take(0, values[i]);
    low = *std::min_element(lows.begin(), lows.end());
    high = *std::max_element(highs.begin(), highs.end());
  }

  static bool has_nan(std::span<const double> values) {
    unsigned found = 0;
    for (const double value : values) found |= static_cast<unsigned>(value != value);
    return found != 0;
  }

  void gather(std::span<const std::int32_t> places, std::span<const double> values) {
    sorted_.clear();
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (std::isnan(values[i])) {
        missing_.push_back(places[i]);
      } else {
        sorted_.push_back({values[i], places[i]});
      }
    }
  }
  void sort_some(std::span<const std::int32_t> places, std::span<const double> values) {
    gather(places, values);
    std::sort(sorted_.begin(), sorted_.end(), before);
  }

  /// A value's bucket grows with the value, so that only neighbours are left in disorder.
  void sort_evenly(std::span<const std::int32_t> places, std::span<const double> values, double low,
                   double scale) {
    const std::size_t n = values.size();
    bucket_.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
      bucket_[i] = static_cast<std::int32_t>((values[i] - low) * scale);
    }
    // One bucket more for the largest value, and one for what rounding adds.
    begin_.assign(static_cast<std::size_t>(buckets_per_value) * n + 3, 0);
    for (std::size_t i = 0; i < n; ++i) ++begin_[static_cast<std::size_t>(bucket_[i]) + 1];
    std::int32_t total = 0;
    for (std::int32_t& begin : begin_) {
      total += begin;
      begin = total;
    }
    sorted_.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
      const auto at = static_cast<std::size_t>(begin_[static_cast<std::size_t>(bucket_[i])]++);
      sorted_[at] = {values[i], places[i]};
    }
    for (std::size_t i = 1; i < n; ++i) {
      const Placed moved = sorted_[i];
      std::size_t at = i;
      for (; at > 0 && moved.value < sorted_[at - 1].value; --at) sorted_[at] = sorted_[at - 1];
      sorted_[at] = moved;
    }
  }

  void store() {
    const std::size_t n = sorted_.size();
    ascending_.resize(n);
    as_before_.resize(n);
    unsigned ties = 0;
    for (std::size_t i = 0; i < n; ++i) {
      ascending_[i] = sorted_[i].place;
      const bool tied = i > 0 && sorted_[i].value == sorted_[i - 1].value;
      as_before_[i] = static_cast<std::uint8_t>(tied);
      ties |= static_cast<unsigned>(tied);
    }
    has_ties_ = ties != 0;
  }

  std::vector<std::int32_t> ascending_;
  std::vector<std::uint8_t> as_before_;
  std::vector<std::int32_t> missing_;
  bool has_ties_ = false;
  std::vector<Placed> sorted_;
  std::vector<std::int32_t> bucket_, begin_;
};

}  // namespace inrgene
