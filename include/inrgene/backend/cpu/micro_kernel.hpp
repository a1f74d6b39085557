// The innermost product: a block of features × samples held in registers while the depth runs by.
#pragma once

#include <cstddef>
#include <utility>

#include "inrgene/backend/cpu/formats.hpp"

namespace inrgene::detail {

/// The factor that is spread over vectors: element (k, j) at data[k·step + j·sample].
template <class E>
struct SpreadFactor {
  const E* data;
  Index step;
  Index sample;

  [[nodiscard]] SpreadFactor at(Index k, Index j) const {
    return {data + k * step + j * sample, step, sample};
  }
};

/// Where a block goes: column j at data + j·stride.
template <class T>
struct BlockOut {
  T* data;
  Index stride;
  bool add;  ///< to what stands there
};

/// What is brought into second-level cache meanwhile: `stride` bytes further at each step.
struct FetchAhead {
  const char* at;
  Index stride;
};

/// One block of a product: out(i, j) (+)= start(i) + Σ_k panel(i, k)·spread(k, j).
///
/// Handed on by reference and changed field by field: copies made with wider moves than the fields
/// were written with would wait for the stores of the block before.
template <class Format>
struct KernelTask {
  using T = typename Format::scalar;
  using E = typename Format::element;

  Index elements;  ///< along the depth
  const E* panel;  ///< [k][feature], aligned to a vector
  SpreadFactor<E> spread;
  const T* start;  ///< [feature], aligned to a vector
  BlockOut<T> out;
  FetchAhead fetch;
};

/// Computes KernelShape<T>::features × samples of it. Sums run over k in order, in fused
/// multiply-adds where the processor has them. The pointers of every third sample are kept: the two
/// samples between are reached by the processor's addressing, and all of it fits the general
/// registers.
template <class Format, int samples>
__attribute__((noinline)) void micro_kernel(const KernelTask<Format>& task) {
  using T = typename Format::scalar;
  using E = typename Format::element;
  using Sum = typename Format::Sum;
  using Vector = typename Format::Vector;
  using Loose = typename Simd<T>::loose;
  constexpr Index lanes = Simd<T>::lanes;
  static_assert(Simd<E>::lanes == lanes, "an element for every sum");
  constexpr Index ahead = Index{32} * 2 * lanes;  // elements of the panel fetched in advance
  const Index elements = task.elements;
  const E* panel = task.panel;
  const SpreadFactor<E> spread = task.spread;
  const BlockOut<T> out = task.out;
  FetchAhead fetch = task.fetch;
  const auto run = [&]<int... J, int... G>(std::integer_sequence<int, J...>,
                                           std::integer_sequence<int, G...>)
      __attribute__((always_inline)) {
    Sum low[samples];
    Sum high[samples];
    const E* base[] = {(spread.data + 3 * G * spread.sample)...};
    (__builtin_prefetch(out.data + J * out.stride, 1), ...);
    (__builtin_prefetch(out.data + J * out.stride + 2 * lanes - 1, 1), ...);
    ((low[J] = *reinterpret_cast<const Sum*>(task.start),
      high[J] = *reinterpret_cast<const Sum*>(task.start + lanes)),
     ...);
    for (Index k = 0; k < elements; ++k) {
      __builtin_prefetch(panel + ahead);
      __builtin_prefetch(panel + ahead + 2 * lanes - 1);
      __builtin_prefetch(fetch.at, 0, 2);
      fetch.at += fetch.stride;
      const Vector a = *reinterpret_cast<const Vector*>(panel);
      const Vector b = *reinterpret_cast<const Vector*>(panel + lanes);
      const auto add = [&](Sum & l, Sum & h, E value) __attribute__((always_inline)) {
        const Vector all = Format::spread(value);
        Format::multiply_add(l, a, all);
        Format::multiply_add(h, b, all);
      };
      (add(low[J], high[J], base[J / 3][(J % 3) * spread.sample]), ...);
      ((base[G] += spread.step), ...);
      panel += 2 * lanes;
    }
    const auto store = [&](const Sum& l, const Sum& h, T* to) __attribute__((always_inline)) {
      auto* first = reinterpret_cast<Loose*>(to);
      auto* second = reinterpret_cast<Loose*>(to + lanes);
      *first = out.add ? *first + l : l;
      *second = out.add ? *second + h : h;
    };
    (store(low[J], high[J], out.data + J * out.stride), ...);
  };
  run(std::make_integer_sequence<int, samples>{},
      std::make_integer_sequence<int, (samples + 2) / 3>{});
}

}  // namespace inrgene::detail
