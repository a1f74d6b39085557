// A matrix repacked for the kernel: panels of as many features as a block has, [k][feature], the
// last one filled up with zeros.
#pragma once

#include <algorithm>

#include "inrgene/backend/cpu/simd.hpp"
#include "inrgene/backend/host_buffer.hpp"
#include "inrgene/backend/matrix_view.hpp"

namespace inrgene::detail {

/// Memory that grows when it must and is kept.
template <class T>
class Workspace {
 public:
  T* reserve(Index size) {
    const auto wanted = static_cast<std::size_t>(size);
    if (memory_.size() < wanted) memory_ = HostBuffer<T>(wanted);
    return memory_.data();
  }

 private:
  HostBuffer<T> memory_;
};

/// Packed panels of a factor [features × depth].
template <class T>
struct Panels {
  const T* data;
  Index features;
  Index depth;
};

/// Elements of all panels of [features × depth].
template <class T>
[[nodiscard]] constexpr Index panel_elements(Index features, Index depth) {
  constexpr Index width = KernelShape<T>::features;
  return (features + width - 1) / width * width * depth;
}

/// Packs m [features × depth] as it lies.
template <class T>
Panels<T> pack_panels(MatrixView<const T> m, T* to) {
  constexpr Index width = KernelShape<T>::features;
  using Vector = typename Simd<T>::type;
  using Loose = typename Simd<T>::loose;
  T* out = to;
  for (Index i = 0; i < m.rows; i += width) {
    const Index count = std::min(width, m.rows - i);
    const T* from = m.data + i;
    for (Index k = 0; k < m.cols; ++k, from += m.stride, out += width) {
      // The next panel's part of this column, for which no processor looks ahead by itself.
      __builtin_prefetch(from + width);
      __builtin_prefetch(from + 2 * width - 1);
      if (count == width) {
        const Vector low = *reinterpret_cast<const Loose*>(from);
        const Vector high = *reinterpret_cast<const Loose*>(from + width / 2);
        *reinterpret_cast<Vector*>(out) = low;
        *reinterpret_cast<Vector*>(out + width / 2) = high;
      } else {
        std::fill(std::copy_n(from, count, out), out + width, T(0));
      }
    }
  }
  return {to, m.rows, m.cols};
}

/// Packs the transpose of m [depth × features].
template <class T>
Panels<T> pack_transposed_panels(MatrixView<const T> m, T* to) {
  constexpr Index width = KernelShape<T>::features;
  constexpr Index run = 64 / static_cast<Index>(sizeof(T));  // a cache line of each column
  T* panel = to;
  for (Index i = 0; i < m.cols; i += width, panel += width * m.rows) {
    const Index count = std::min(width, m.cols - i);
    for (Index begin = 0; begin < m.rows; begin += run) {
      const Index end = std::min(begin + run, m.rows);
      for (Index f = 0; f < count; ++f) {
        const T* from = m.data + (i + f) * m.stride;
        for (Index k = begin; k < end; ++k) panel[k * width + f] = from[k];
      }
      for (Index k = begin; k < end; ++k) {
        std::fill(panel + k * width + count, panel + (k + 1) * width, T(0));
      }
    }
  }
  return {to, m.cols, m.rows};
}

}  // namespace inrgene::detail
