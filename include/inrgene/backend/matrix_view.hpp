// A matrix somewhere in a backend's memory: pointer, shape, stride. No arithmetic of its own, so
// that it means the same on a host, in a vectorised loop and in a kernel.
#pragma once

#include <type_traits>

#include "inrgene/core/annotations.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

/// Column-major view [rows × cols] = [features × samples]; element (i, j) is data[i + j·stride].
/// A stride of 0 repeats one column for every sample (a bias, a per-feature constant).
template <class E>
struct MatrixView {
  E* data = nullptr;
  Index rows = 0;
  Index cols = 0;
  Index stride = 0;

  constexpr MatrixView() = default;
  INRGENE_HD constexpr MatrixView(E* d, Index r, Index c) : data(d), rows(r), cols(c), stride(r) {}
  INRGENE_HD constexpr MatrixView(E* d, Index r, Index c, Index s)
      : data(d), rows(r), cols(c), stride(s) {}
  /// A view to constants of a view to variables.
  template <class F>
  requires(std::is_same_v<const F, E> && !std::is_same_v<F, E>) INRGENE_HD
      constexpr MatrixView(const MatrixView<F>& v)  // NOLINT: a view to const is implied
      : data(v.data), rows(v.rows), cols(v.cols), stride(v.stride) {}

  INRGENE_HD constexpr E& operator()(Index i, Index j) const { return data[i + j * stride]; }
  INRGENE_HD [[nodiscard]] constexpr bool empty() const { return data == nullptr; }
  /// Samples [begin, begin + count).
  INRGENE_HD [[nodiscard]] constexpr MatrixView columns(Index begin, Index count) const {
    return {data + begin * stride, rows, count, stride};
  }
  /// Features [begin, begin + count) of every sample.
  INRGENE_HD [[nodiscard]] constexpr MatrixView features(Index begin, Index count) const {
    return {data + begin, count, cols, stride};
  }
};

/// One column repeated for `samples` samples.
template <class E>
[[nodiscard]] constexpr MatrixView<E> broadcast(E* column, Index features, Index samples) {
  return {column, features, samples, 0};
}

}  // namespace inrgene
