// Ways to bring the values of one vector to a common scale.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/exponential.hpp"
#include "inrgene/statistics/quantiles.hpp"

namespace inrgene {

/// Replaces the values of a vector by normalised ones, with scratch memory so that a loop over
/// vectors allocates nothing. NaN in the vector makes all of it NaN, unless said otherwise.
template <class N>
concept Normaliser = std::copyable<N> &&
    requires(const N normaliser, std::span<double> values, QuantileScratch& scratch) {
  { normaliser(values, scratch) } -> std::same_as<void>;
};

/// A normaliser with its word on the command line (`name`) and the others that mean it (`aliases`).
template <class N>
concept NamedNormaliser = Normaliser<N> && requires {
  { N::name } -> std::convertible_to<std::string_view>;
  { N::aliases[0] } -> std::convertible_to<std::string_view>;
};

namespace detail {

/// Interquartile range of the standard normal distribution, 2 √2 erfinv(1/2).
inline constexpr double normal_interquartile_range = 1.3489795003921634;

/// Sum of f(v) over the values in eight interleaved chains, added in a fixed order: fast, and the
/// same whatever the alignment.
template <class F>
double lane_sum(std::span<const double> values, const F& f) {
  constexpr std::size_t lanes = 8;
  std::array<double, lanes> sums{};
  const std::size_t whole = values.size() / lanes * lanes;
  for (std::size_t i = 0; i < whole; i += lanes) {
    for (std::size_t k = 0; k < lanes; ++k) sums[k] += f(values[i + k]);
  }
  double sum = 0;
  for (const double lane : sums) sum += lane;
  for (std::size_t i = whole; i < values.size(); ++i) sum += f(values[i]);
  return sum;
}

/// A centre and a scale.
struct Standard {
  double centre;
  double scale;
};

/// Mean and standard deviation (divisor n − 1). Deviations are taken from the first value, so that
/// equal values have exactly their mean and the deviation 0.
inline Standard mean_standard(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  const double first = values.empty() ? 0 : values.front();
  const double mean = first + lane_sum(values, [&](double v) { return v - first; }) / n;
  const double squares = lane_sum(values, [&](double v) { return (v - mean) * (v - mean); });
  return {mean, std::sqrt(squares / (n - 1))};
}

/// Median and interquartile range, the latter in standard deviations of a normal distribution.
inline Standard robust_standard(std::span<const double> values, QuantileScratch& scratch) {
  const auto q = quantiles(values, std::array{0.25, 0.5, 0.75}, scratch);
  return {q[1], (q[2] - q[0]) / normal_interquartile_range};
}

inline void standardise(std::span<double> values, const Standard& by) {
  for (double& v : values) v = (v - by.centre) / by.scale;
}

inline void sigmoid(std::span<double> values, const Standard& by) {
  for (double& v : values) v = 1 / (1 + math::exp((by.centre - v) / by.scale));
}

inline void to_unit_interval(std::span<double> values) {
  const NumberBounds range = number_bounds(values);
  const double width = range.high - range.low;
  for (double& v : values) v = (v - range.low) / width;
}

}  // namespace detail

/// v − mean.
struct Centre {
  static constexpr std::string_view name = "center";
  static constexpr std::array<std::string_view, 1> aliases{"demean"};
  void operator()(std::span<double> values, QuantileScratch& /*scratch*/) const {
    const double mean = detail::mean_standard(values).centre;
    for (double& v : values) v -= mean;
  }
};

/// (v − mean) / sd, divisor n − 1. Equal values, and a single one, become NaN.
struct ZScore {
  static constexpr std::string_view name = "zscore";
  static constexpr std::array<std::string_view, 0> aliases{};
  void operator()(std::span<double> values, QuantileScratch& /*scratch*/) const {
    detail::standardise(values, detail::mean_standard(values));
  }
};

/// (v − min) / (max − min). Equal values become NaN.
struct UnitRange {
  static constexpr std::string_view name = "minmax";
  static constexpr std::array<std::string_view, 0> aliases{};
  void operator()(std::span<double> values, QuantileScratch& /*scratch*/) const {
    detail::to_unit_interval(values);
  }
};

/// 1 / (1 + exp(−(v − mean) / sd)). Equal values become NaN.
/// Source: Fulcher, Little, Jones, "Highly comparative time-series analysis", Journal of the Royal
/// Society Interface 2013.
struct Sigmoid {
  static constexpr std::string_view name = "sig";
  static constexpr std::array<std::string_view, 1> aliases{"sigmoid"};
  void operator()(std::span<double> values, QuantileScratch& /*scratch*/) const {
    detail::sigmoid(values, detail::mean_standard(values));
  }
};

/// `Sigmoid`, then `UnitRange`.
struct ScaledSigmoid {
  static constexpr std::string_view name = "scaled_sig";
  static constexpr std::array<std::string_view, 1> aliases{"scaled_sigmoid"};
  void operator()(std::span<double> values, QuantileScratch& scratch) const {
    Sigmoid{}(values, scratch);
    detail::to_unit_interval(values);
  }
};

/// As `ScaledSigmoid`, with mean and standard deviation of the values from the 5th to the 95th
/// percentile only; no value is clipped. Where fewer than two lie there, or only equal ones, every
/// value becomes 1 (as in abagen).
struct ScaledSigmoidQuantiles {
  static constexpr std::string_view name = "scaled_sig_qnt";
  static constexpr std::array<std::string_view, 1> aliases{"scaled_sigmoid_quantiles"};
  void operator()(std::span<double> values, QuantileScratch& scratch) const {
    if (values.empty()) return;
    const auto bounds = quantiles(values, std::array{0.05, 0.95}, scratch);
    if (std::isnan(bounds[0])) {
      std::fill(values.begin(), values.end(), std::numeric_limits<double>::quiet_NaN());
      return;
    }
    const std::span<double> inner = scratch.numbers(values.size());
    std::size_t count = 0;
    for (const double v : values) {
      inner[count] = v;
      count += static_cast<std::size_t>(v >= bounds[0] && v <= bounds[1]);
    }
    const detail::Standard standard = detail::mean_standard(inner.first(count));
    if (count < 2 || standard.scale == 0) {
      std::fill(values.begin(), values.end(), 1.0);
      return;
    }
    detail::sigmoid(values, standard);
    detail::to_unit_interval(values);
  }
};

/// 1 / (1 + exp(−(v − median) / s)), s = interquartile range / 1.349, which is the standard
/// deviation of normal values. With s = 0 values above the median become 1, below it 0, at it NaN.
/// Source: Fulcher and Fornito, "A transcriptional signature of hub connectivity in the mouse
/// connectome", PNAS 2016.
struct RobustSigmoid {
  static constexpr std::string_view name = "rs";
  static constexpr std::array<std::string_view, 2> aliases{"rsig", "robust_sigmoid"};
  void operator()(std::span<double> values, QuantileScratch& scratch) const {
    if (values.empty()) return;
    detail::sigmoid(values, detail::robust_standard(values, scratch));
  }
};

/// `RobustSigmoid`, then `UnitRange`: [0, 1], both ends taken. All NaN when the interquartile range
/// is 0 and for a single value.
struct ScaledRobustSigmoid {
  static constexpr std::string_view name = "srs";
  static constexpr std::array<std::string_view, 2> aliases{"scaled_rsig", "scaled_robust_sigmoid"};
  void operator()(std::span<double> values, QuantileScratch& scratch) const {
    RobustSigmoid{}(values, scratch);
    detail::to_unit_interval(values);
  }
};

/// `ScaledSigmoid` where the interquartile range is 0, else `ScaledRobustSigmoid`; whatever is NaN
/// afterwards becomes 0, so that equal values are 0 (and so is a vector with NaN).
struct MixedSigmoid {
  static constexpr std::string_view name = "mixed_sig";
  static constexpr std::array<std::string_view, 1> aliases{"mixed_sigmoid"};
  void operator()(std::span<double> values, QuantileScratch& scratch) const {
    if (values.empty()) return;
    const detail::Standard robust = detail::robust_standard(values, scratch);
    detail::sigmoid(values, robust.scale == 0 ? detail::mean_standard(values) : robust);
    detail::to_unit_interval(values);
    for (double& v : values) v = std::isnan(v) ? 0 : v;
  }
};

/// One of N..., chosen at run time: a Normaliser that does what the one it holds does. Cost: one
/// std::visit a vector.
template <NamedNormaliser... N>
class NormaliserOf {
 public:
  NormaliserOf() = default;
  template <class T>
  requires(std::same_as<T, N> || ...) NormaliserOf(T normaliser)  // NOLINT: holds any of them
      : normaliser_(std::move(normaliser)) {}

  /// The word of the normaliser held.
  [[nodiscard]] std::string_view word() const {
    return std::visit([](const auto& n) -> std::string_view { return n.name; }, normaliser_);
  }
  void operator()(std::span<double> values, QuantileScratch& scratch) const {
    std::visit([&](const auto& n) { n(values, scratch); }, normaliser_);
  }

 private:
  std::variant<N...> normaliser_;
};

/// All normalisers of the library.
using Normalisers = TypeList<ScaledRobustSigmoid, RobustSigmoid, MixedSigmoid, ScaledSigmoid,
                             ScaledSigmoidQuantiles, Sigmoid, ZScore, UnitRange, Centre>;

namespace detail {
template <class List>
struct NormaliserVariantOf;
template <class... N>
struct NormaliserVariantOf<TypeList<N...>> {
  using type = NormaliserOf<N...>;
};
}  // namespace detail

/// Any of `Normalisers`; by default the scaled robust sigmoid.
using NormaliserVariant = detail::NormaliserVariantOf<Normalisers>::type;

static_assert(Normaliser<NormaliserVariant>);

/// "srs, rs, …, none": the words of `normaliser_from_text`, without the aliases.
[[nodiscard]] inline std::string normaliser_words() {
  std::string out;
  for_each_type(Normalisers{}, [&]<class N>() { out += std::string(N::name) + ", "; });
  return out + "none";
}

/// The normaliser that a word stands for; nothing for "none". `what` is the option in the message.
/// Throws ArgumentError, which lists the words, for any other.
[[nodiscard]] inline std::optional<NormaliserVariant> normaliser_from_text(std::string_view what,
                                                                           std::string_view word) {
  if (word == "none") return std::nullopt;
  std::optional<NormaliserVariant> out;
  for_each_type(Normalisers{}, [&]<class N>() {
    if (word == N::name ||
        std::find(N::aliases.begin(), N::aliases.end(), word) != N::aliases.end()) {
      out = NormaliserVariant(N{});
    }
  });
  if (!out) {
    throw ArgumentError(text(what, ": found '", word, "', expected one of: ", normaliser_words()));
  }
  return out;
}

}  // namespace inrgene
