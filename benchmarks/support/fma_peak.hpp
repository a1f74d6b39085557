// How fast this machine multiplies and adds: what every other speed is held against.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <vector>

#include "inrgene/core/parallel.hpp"

namespace inrgene::bench {

/// Bytes of the widest vector that this program was compiled for.
#if defined(__AVX512F__)
inline constexpr std::size_t vector_bytes = 64;
#elif defined(__AVX__)
inline constexpr std::size_t vector_bytes = 32;
#else
inline constexpr std::size_t vector_bytes = 16;
#endif

/// What `vector_bytes` and the multiplication mean here, for a table.
[[nodiscard]] inline const char* vector_name() {
#if defined(__AVX512F__)
  return "AVX-512";
#elif defined(__AVX2__) && defined(__FMA__)
  return "AVX2 + FMA";
#elif defined(__AVX__)
  return "AVX without FMA";
#else
  return "128-bit vectors";
#endif
}

template <class T>
struct VectorOf {
  typedef T type __attribute__((vector_size(vector_bytes)));  // NOLINT: `using` drops it in GCC
};

/// acc ← acc·a + b, `rounds` times, in 12 independent chains: enough to fill two pipelines of a
/// latency of up to 6 cycles, few enough for 16 registers. No memory is touched.
template <class T>
[[gnu::noinline]] T multiply_add(long rounds, T factor, T summand) {
  using V = typename VectorOf<T>::type;
  constexpr std::size_t chains = 12;
  const V a = V{} + factor, b = V{} + summand;
  std::array<V, chains> acc;
  for (std::size_t k = 0; k < chains; ++k) acc[k] = V{} + static_cast<T>(k);
  for (long i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
    for (std::size_t k = 0; k < chains; ++k) acc[k] = acc[k] * a + b;
  }
  V sum{};
  for (const V& v : acc) sum += v;
  T out{};
  for (std::size_t k = 0; k < vector_bytes / sizeof(T); ++k) out += sum[k];
  return out;
}

/// FLOP a second of `threads` workers together, two a fused multiplication and addition: the best
/// of three runs, which take about `seconds` together.
template <class T>
[[nodiscard]] double fma_peak(int threads, double seconds = 0.1) {
  constexpr double flop_a_round = 2.0 * 12 * static_cast<double>(vector_bytes / sizeof(T));
  static volatile T factor = T(0.999), summand = T(1e-3);
  std::vector<T> sink(static_cast<std::size_t>(threads));
  const auto run = [&](long rounds) {
    const auto began = std::chrono::steady_clock::now();
    run_workers(threads, [&](int worker) {
      sink[static_cast<std::size_t>(worker)] = multiply_add<T>(rounds, factor, summand);
    });
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  // A short run tells how long the measured one must be.
  constexpr long few = 200'000;
  run(few);
  const double once = std::max(run(few), 1e-6);
  const long rounds =
      std::max(few, static_cast<long>(seconds / 3 / once * static_cast<double>(few)));
  const double best = std::min({run(rounds), run(rounds), run(rounds)});
  return flop_a_round * static_cast<double>(rounds) * threads / best;
}

}  // namespace inrgene::bench
