// What the statistics accept: contiguous numbers and an optional mask, checked once at the door.
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ranges>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

/// Contiguous float or double values: std::vector, std::span, std::array, the storage of a volume.
/// An Eigen vector is passed as `std::span(v.data(), size)`.
template <class R>
concept NumberRange =
    std::ranges::contiguous_range<R> && std::ranges::sized_range<R> && std::floating_point<
        std::remove_cv_t<std::remove_reference_t<std::ranges::range_reference_t<R>>>>;

/// One byte a value: 0 leaves the value out, anything else keeps it. Empty keeps all.
using Mask = std::span<const std::uint8_t>;

namespace detail {

/// A sum whose rounding error does not grow with the number of terms (Neumaier 1974).
class CompensatedSum {
 public:
  void add(double term) {
    const double next = sum_ + term;
    correction_ += std::abs(sum_) >= std::abs(term) ? (sum_ - next) + term : (term - next) + sum_;
    sum_ = next;
  }
  [[nodiscard]] double value() const { return sum_ + correction_; }

 private:
  double sum_ = 0;
  double correction_ = 0;
};

inline bool is_kept(Mask mask, std::size_t i) {
  return mask.empty() || mask[i] != 0;
}

/// The values that the mask keeps, as double; all finite.
template <NumberRange R>
std::vector<double> kept(const R& values, Mask mask, std::string_view name) {
  const std::size_t n = std::ranges::size(values);
  require(mask.empty() || mask.size() == n, "mask size", mask.size(), text("size ", n));
  std::vector<double> out;
  out.reserve(n);
  const auto* data = std::ranges::data(values);
  for (std::size_t i = 0; i < n; ++i) {
    if (!is_kept(mask, i)) continue;
    const double value = static_cast<double>(data[i]);
    // The message is built only when it is needed: this loop runs over whole volumes.
    if (!std::isfinite(value)) require(false, text(name, "[", i, "]"), value, "a finite number");
    out.push_back(value);
  }
  return out;
}

/// Two lists of equal length, the pairs that the mask keeps.
struct Pairs {
  std::vector<double> a;
  std::vector<double> b;
};

template <NumberRange A, NumberRange B>
Pairs kept_pairs(const A& a, const B& b, Mask mask, std::size_t at_least) {
  require(std::ranges::size(a) == std::ranges::size(b), "size of the second range",
          std::ranges::size(b), text("the size of the first, ", std::ranges::size(a)));
  Pairs pairs{kept(a, mask, "first"), kept(b, mask, "second")};
  require(pairs.a.size() >= at_least, "pairs", pairs.a.size(), text("at least ", at_least));
  return pairs;
}

inline double mean(std::span<const double> values) {
  CompensatedSum sum;
  for (const double value : values) sum.add(value);
  return sum.value() / static_cast<double>(values.size());
}

inline bool is_constant(std::span<const double> values) {
  for (const double value : values) {
    if (value != values.front()) return false;
  }
  return true;
}

}  // namespace detail
}  // namespace inrgene
