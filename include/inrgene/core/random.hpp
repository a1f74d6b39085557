// Reproducible random numbers: Philox-4x32-10, a counter-based generator.
//
// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
// A draw is a pure function of (seed, stream, counter): the same on every machine, standard
// library, thread count and backend, and a training run resumes from three integers.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>
#include <vector>

#include "inrgene/core/annotations.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

/// Philox-4x32 with ten rounds: four 32-bit words for a 128-bit counter and a 64-bit key.
INRGENE_HD inline std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                      std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53U} * counter[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57U} * counter[2];
    counter = {static_cast<std::uint32_t>(p1 >> 32U) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(p1),
               static_cast<std::uint32_t>(p0 >> 32U) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(p0)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return counter;
}

/// A stream of draws. Different (seed, stream) pairs are independent sequences.
class Random {
 public:
  INRGENE_HD explicit Random(std::uint64_t seed, std::uint64_t stream = 0)
      : seed_(seed), stream_(stream) {}

  /// Next 64 random bits.
  INRGENE_HD std::uint64_t bits() {
    const auto words = philox({low(counter_), high(counter_), low(stream_), high(stream_)},
                              {low(seed_), high(seed_)});
    ++counter_;
    return std::uint64_t{words[0]} | (std::uint64_t{words[1]} << 32U);
  }

  /// Uniform in [0, 1), 53 random bits.
  INRGENE_HD double uniform() { return static_cast<double>(bits() >> 11U) * 0x1.0p-53; }
  /// Uniform in [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  /// Uniform integer in [0, n), without modulo bias (Lemire 2019); n > 0.
  Index below(Index n) {
    const auto range = static_cast<std::uint64_t>(n);
    const std::uint64_t threshold = (0 - range) % range;
    for (;;) {
      __extension__ using Wide = unsigned __int128;
      const Wide product = static_cast<Wide>(bits()) * range;
      if (static_cast<std::uint64_t>(product) >= threshold) {
        return static_cast<Index>(product >> 64U);
      }
    }
  }

  /// Standard normal (Box-Muller, one value a call so that the counter alone is the state).
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

  /// Gamma(shape, 1) by Marsaglia and Tsang (2000); shape > 0.
  double gamma(double shape) {
    if (shape < 1.0) return gamma(shape + 1.0) * std::pow(1.0 - uniform(), 1.0 / shape);
    const double d = shape - 1.0 / 3.0;
    const double c = 1.0 / std::sqrt(9.0 * d);
    for (;;) {
      const double x = normal();
      const double cube = 1.0 + c * x;
      if (cube <= 0.0) continue;
      const double v = cube * cube * cube;
      if (std::log(1.0 - uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
    }
  }

  /// Fisher-Yates shuffle; the result depends on (seed, stream, counter) alone.
  template <class T>
  void shuffle(std::vector<T>& values) {
    for (Index i = static_cast<Index>(values.size()) - 1; i > 0; --i) {
      std::swap(values[static_cast<std::size_t>(i)],
                values[static_cast<std::size_t>(below(i + 1))]);
    }
  }

  /// Draws made so far; `seek` continues from there.
  [[nodiscard]] std::uint64_t counter() const { return counter_; }
  void seek(std::uint64_t counter) { counter_ = counter; }

 private:
  INRGENE_HD static constexpr std::uint32_t low(std::uint64_t x) {
    return static_cast<std::uint32_t>(x);
  }
  INRGENE_HD static constexpr std::uint32_t high(std::uint64_t x) {
    return static_cast<std::uint32_t>(x >> 32U);
  }

  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t counter_ = 0;
};

}  // namespace inrgene
