// Elementwise passes as loops that a compiler vectorises: over matrices, and over the blocks that a
// product finishes.
#pragma once

#include <algorithm>
#include <tuple>
#include <type_traits>
#include <utility>

#include "inrgene/backend/cpu/tiled_product.hpp"

namespace inrgene::detail {

/// Elements a vectorised loop works on at a time, in registers or first-level cache.
inline constexpr Index cpu_block = 32;

/// Room for one block of a map; not filled, unlike an array in a tuple.
template <class E>
struct LocalBlock {
  LocalBlock() {}  // NOLINT: a defaulted constructor would fill it with zeros
  alignas(64) E values[cpu_block];
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
    (std::copy_n(ins, n, std::get<I>(in).values), ...);
    if constexpr (std::is_void_v<Result>) {
      for (Index k = 0; k < n; ++k) f(std::get<I>(in).values[k]..., std::get<O>(out).values[k]...);
      (std::copy_n(std::get<O>(out).values, n, std::get<O>(outs)), ...);
    } else {
      LocalBlock<Result> results;
      for (Index k = 0; k < n; ++k) {
        results.values[k] = f(std::get<I>(in).values[k]..., std::get<O>(out).values[k]...);
      }
      (std::copy_n(std::get<O>(out).values, n, std::get<O>(outs)), ...);
      double sum = 0;
      for (Index k = 0; k < n; ++k) sum += static_cast<double>(results.values[k]);
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

/// Applies `f(z, outs&...)` to each block of z that a product finishes.
template <class T, class F, class... Outs>
struct MapEpilogue {
  static constexpr Index width = KernelShape<T>::features;

  const F& f;
  std::tuple<MatrixView<Outs>...> outs;

  static void finish(const void* self, MatrixView<const T> block,
                     const typename BlockEpilogue<T>::Place& at) {
    const MapEpilogue& e = *static_cast<const MapEpilogue*>(self);
    [&]<std::size_t... O>(std::index_sequence<O...>) {
      for (Index s = 0; s < at.samples; ++s) {
        const T* z = block.data + s * width;
        // What fills up a narrow block is mapped too, and left behind.
        std::tuple<KernelColumn<Outs>...> column;
        for (Index i = 0; i < width; ++i) e.f(z[i], std::get<O>(column).values[i]...);
        const auto store = [&](const auto& from, auto* to) {
          if (at.features == width) {
            std::copy_n(from.values, width, to);
          } else {
            std::copy_n(from.values, at.features, to);
          }
        };
        (store(std::get<O>(column), &std::get<O>(e.outs)(at.feature, at.sample + s)), ...);
      }
    }
    (std::index_sequence_for<Outs...>{});
  }

 private:
  template <class E>
  struct KernelColumn {
    KernelColumn() {}  // NOLINT: as LocalBlock
    alignas(64) E values[width];
  };
};

}  // namespace inrgene::detail
