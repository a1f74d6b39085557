// Elementwise passes as loops that a compiler vectorises: over matrices, and over the blocks that a
// product finishes.
#pragma once

#include <algorithm>
#include <tuple>
#include <type_traits>
#include <utility>

#include "inrgene/backend/cpu/tiled_product.hpp"
#include "inrgene/math/complex.hpp"

namespace inrgene::detail {

/// Elements a vectorised loop works on at a time, in registers or first-level cache.
inline constexpr Index cpu_block = 32;

/// Room for one block of a map; not filled, unlike an array in a tuple.
template <class E>
struct LocalBlock {
  LocalBlock() {}  // NOLINT: a defaulted constructor would fill it with zeros
  alignas(64) E values[cpu_block];

  INRGENE_INLINE void load(const E* from, Index n) { std::copy_n(from, n, values); }
  INRGENE_INLINE void store(E* to, Index n) const { std::copy_n(values, n, to); }
  [[nodiscard]] INRGENE_INLINE const E& get(Index k) const { return values[k]; }
  INRGENE_INLINE void set(Index k, const E& value) { values[k] = value; }
};

/// Complex numbers with their parts apart, as vector registers want them.
template <class T>
struct LocalBlock<math::Complex<T>> {
  LocalBlock() {}  // NOLINT: as above
  alignas(64) T re[cpu_block];
  alignas(64) T im[cpu_block];

  INRGENE_INLINE void load(const math::Complex<T>* from, Index n) {
    for (Index k = 0; k < n; ++k) {
      re[k] = from[k].re;
      im[k] = from[k].im;
    }
  }
  INRGENE_INLINE void store(math::Complex<T>* to, Index n) const {
    for (Index k = 0; k < n; ++k) {
      to[k].re = re[k];
      to[k].im = im[k];
    }
  }
  [[nodiscard]] INRGENE_INLINE math::Complex<T> get(Index k) const { return {re[k], im[k]}; }
  INRGENE_INLINE void set(Index k, const math::Complex<T>& value) {
    re[k] = value.re;
    im[k] = value.im;
  }
};

/// Runs f on `count` elements: loads all inputs to local arrays first, stores all outputs last. The
/// arrays cannot overlap, so the loop between them vectorises even when the map is in place. A
/// count that is a constant makes plain vector code of all of it.
template <class Count, class F, class... Outs, class... Ins>
INRGENE_INLINE auto map_elements(const F& f, Count count, std::tuple<Outs*...> outs,
                                 const Ins*... ins) {
  using Result = decltype(f(*ins..., std::declval<Outs&>()...));
  const Index n = count;
  std::tuple<LocalBlock<Ins>...> in;
  std::tuple<LocalBlock<Outs>...> out;
  return [&]<std::size_t... I, std::size_t... O>(std::index_sequence<I...>,
                                                 std::index_sequence<O...>) {
    (std::get<I>(in).load(ins, n), ...);
    const auto element = [&](Index k) __attribute__((always_inline)) {
      std::tuple<Outs...> results;
      if constexpr (std::is_void_v<Result>) {
        f(std::get<I>(in).get(k)..., std::get<O>(results)...);
        (std::get<O>(out).set(k, std::get<O>(results)), ...);
      } else {
        const Result result = f(std::get<I>(in).get(k)..., std::get<O>(results)...);
        (std::get<O>(out).set(k, std::get<O>(results)), ...);
        return result;
      }
    };
    if constexpr (std::is_void_v<Result>) {
      for (Index k = 0; k < n; ++k) element(k);
      (std::get<O>(out).store(std::get<O>(outs), n), ...);
    } else {
      LocalBlock<Result> sums;
      for (Index k = 0; k < n; ++k) sums.values[k] = element(k);
      (std::get<O>(out).store(std::get<O>(outs), n), ...);
      double sum = 0;
      for (Index k = 0; k < n; ++k) sum += static_cast<double>(sums.values[k]);
      return sum;
    }
  }
  (std::index_sequence_for<Ins...>{}, std::index_sequence_for<Outs...>{});
}

/// Runs f on one block of n ≤ `cpu_block` elements.
template <class F, class... Outs, class... Ins>
INRGENE_INLINE auto map_block(const F& f, Index n, std::tuple<Outs*...> outs, const Ins*... ins) {
  if (n == cpu_block) {
    return map_elements(f, std::integral_constant<Index, cpu_block>{}, outs, ins...);
  }
  return map_elements(f, n, outs, ins...);
}

/// Calls `visit(i, j, n)` for blocks of n ≤ `cpu_block` features of sample j; matrices without gaps
/// are walked as one long column.
template <class Visit, class... Views>
void visit_blocks(const Visit& visit, const Views&... views) {
  const auto& shape = std::get<0>(std::tie(views...));
  Index rows = shape.rows;
  Index cols = shape.cols;
  if (((views.stride == views.rows) && ...)) {
    rows *= cols;
    cols = rows == 0 ? 0 : 1;
  }
  for (Index j = 0; j < cols; ++j) {
    for (Index i = 0; i < rows; i += cpu_block) visit(i, j, std::min(cpu_block, rows - i));
  }
}

/// Applies `f(z, outs&...)` to each block of z, numbers of E, that a product finishes.
template <class E, class F, class... Outs>
struct MapEpilogue {
  using T = math::real_of<E>;
  static constexpr Index parts = math::components<E>;
  static constexpr Index stride = KernelShape<T>::features / parts;

  const F& f;
  std::tuple<MatrixView<Outs>...> outs;

  static void finish(const void* self, MatrixView<const T> block,
                     const typename BlockEpilogue<T>::Place& at) {
    const MapEpilogue& e = *static_cast<const MapEpilogue*>(self);
    const Index features = at.features / parts;
    [&]<std::size_t... O>(std::index_sequence<O...>) {
      for (Index s = 0; s < at.samples; ++s) {
        const E* z = reinterpret_cast<const E*>(block.data) + s * stride;
        // What fills up a narrow block is mapped too, and left behind.
        std::tuple<KernelColumn<Outs>...> column;
        for (Index i = 0; i < stride; ++i) e.f(z[i], std::get<O>(column).values[i]...);
        const auto store = [&](const auto& from, auto* to) {
          if (features == stride) {
            std::copy_n(from.values, stride, to);
          } else {
            std::copy_n(from.values, features, to);
          }
        };
        (store(std::get<O>(column), &std::get<O>(e.outs)(at.feature / parts, at.sample + s)), ...);
      }
    }
    (std::index_sequence_for<Outs...>{});
  }

 private:
  template <class Out>
  struct KernelColumn {
    KernelColumn() {}  // NOLINT: as LocalBlock
    alignas(64) Out values[stride];
  };
};

}  // namespace inrgene::detail
