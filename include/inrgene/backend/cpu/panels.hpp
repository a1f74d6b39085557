// A matrix repacked for the kernel: panels of as many features as a block has, [k][feature], the
// last one filled up with zeros.
#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "inrgene/backend/cpu/formats.hpp"
#include "inrgene/backend/host_buffer.hpp"
#include "inrgene/backend/matrix_view.hpp"
#include "inrgene/math/complex.hpp"

namespace inrgene::detail {

/// Memory for plain numbers of any type that grows when it must and is kept.
class Workspace {
 public:
  template <class E>
  E* reserve(Index size) {
    const std::size_t wanted = static_cast<std::size_t>(size) * sizeof(E);
    if (memory_.size() < wanted) memory_ = HostBuffer<std::byte>(wanted);
    return reinterpret_cast<E*>(memory_.data());
  }

 private:
  HostBuffer<std::byte> memory_;
};

/// Part of an axis.
struct Range {
  Index begin;
  Index count;
};

/// Packed panels of a factor.
template <class Format>
struct Panels {
  const typename Format::element* data;
  Index features;
  Index depth;

  /// Elements along the depth.
  [[nodiscard]] Index elements() const { return (depth + Format::steps - 1) / Format::steps; }
};

/// Elements of all panels of [features × depth].
template <class Format>
[[nodiscard]] constexpr Index panel_elements(Index features, Index depth) {
  constexpr Index width = KernelShape<typename Format::scalar>::features;
  constexpr Index steps = Format::steps;
  return (features + width - 1) / width * width * ((depth + steps - 1) / steps);
}

/// A factor of real numbers as products see it, [features × depth]: `m`, or its transpose.
template <class E>
struct PanelSource {
  using T = E;
  static constexpr Index width = KernelShape<T>::features;

  MatrixView<const E> m;
  bool transposed;

  [[nodiscard]] Index features() const { return transposed ? m.cols : m.rows; }
  [[nodiscard]] Index depth() const { return transposed ? m.rows : m.cols; }

  /// Writes the panel of some features (at most `width`), at some steps of the depth.
  void write(Range features, Range depth, T* to) const {
    if (transposed) {
      for (Index f = 0; f < features.count; ++f) {
        const T* from = &m(depth.begin, features.begin + f);
        for (Index k = 0; k < depth.count; ++k) to[k * width + f] = from[k];
      }
      for (Index k = 0; k < depth.count; ++k) {
        std::fill(to + k * width + features.count, to + (k + 1) * width, T(0));
      }
      return;
    }
    using Vector = typename Simd<T>::type;
    using Loose = typename Simd<T>::loose;
    const T* from = &m(features.begin, depth.begin);
    for (Index k = 0; k < depth.count; ++k, from += m.stride, to += width) {
      // The same features some columns on, for which no processor looks ahead by itself.
      __builtin_prefetch(from + 4 * m.stride);
      __builtin_prefetch(from + 4 * m.stride + width - 1);
      if (features.count == width) {
        const Vector low = *reinterpret_cast<const Loose*>(from);
        const Vector high = *reinterpret_cast<const Loose*>(from + width / 2);
        *reinterpret_cast<Vector*>(to) = low;
        *reinterpret_cast<Vector*>(to + width / 2) = high;
      } else {
        std::fill(std::copy_n(from, features.count, to), to + width, T(0));
      }
    }
  }
};

/// Which of the rows that a complex factor makes in depth: both of a step follow one another.
enum class ComplexRows { both, of_real, of_imaginary };

/// A factor of complex numbers as a real one: a product a·b is
/// [[re a, −im a], [im a, re a]]·[re b, im b], so that the other factor and the result are used as
/// their numbers lie, real and imaginary parts in turn. Conjugating either factor changes signs
/// here alone.
template <class R>
struct PanelSource<math::Complex<R>> {
  using T = R;
  static constexpr Index width = KernelShape<T>::features;

  MatrixView<const math::Complex<T>> m;
  bool transposed;
  bool conjugated = false;
  bool other_conjugated = false;
  ComplexRows rows = ComplexRows::both;

  [[nodiscard]] Index features() const { return 2 * (transposed ? m.cols : m.rows); }
  [[nodiscard]] Index depth() const {
    return (rows == ComplexRows::both ? 2 : 1) * (transposed ? m.rows : m.cols);
  }

  void write(Range features, Range depth, T* to) const {
    const Index first = features.begin / 2;
    const Index count = features.count / 2;
    const T im_sign = conjugated ? T(-1) : T(1);
    const T other = other_conjugated ? T(-1) : T(1);
    for (Index d = depth.begin; d < depth.begin + depth.count; ++d, to += width) {
      const Index k = rows == ComplexRows::both ? d / 2 : d;
      const math::Complex<T>* from = transposed ? &m(k, first) : &m(first, k);
      const Index step = transposed ? m.stride : 1;
      if (rows == ComplexRows::both ? d % 2 == 0 : rows == ComplexRows::of_real) {
        for (Index f = 0; f < count; ++f) {
          to[2 * f] = from[f * step].re;
          to[2 * f + 1] = im_sign * from[f * step].im;
        }
      } else {
        for (Index f = 0; f < count; ++f) {
          to[2 * f] = -other * im_sign * from[f * step].im;
          to[2 * f + 1] = other * from[f * step].re;
        }
      }
      std::fill(to + 2 * count, to + width, T(0));
    }
  }
};

/// Packs part of a factor. Both ranges begin at a multiple of 2.
template <class Format, class E>
Panels<Format> pack_panels(const PanelSource<E>& source, Range features, Range depth,
                           typename Format::element* to) {
  using T = typename Format::scalar;
  constexpr Index width = KernelShape<T>::features;
  constexpr Index line = 64 / static_cast<Index>(sizeof(T));
  constexpr Index most = line * width;
  const Panels<Format> packed{to, features.count, depth.count};
  // In the order in which the factor lies, since it comes from third-level cache more often than
  // not: a cache line of each column, or columns by whole lines.
  const Index run = source.transposed ? line : 4;
  const auto pack = [&](Index i, Index k) {
    const Range some{features.begin + i, std::min(width, features.count - i)};
    const Range steps{depth.begin + k, std::min(run, depth.count - k)};
    auto* out = to + i * packed.elements() + k / Format::steps * width;
    if constexpr (std::is_same_v<typename Format::element, T>) {
      source.write(some, steps, out);
    } else {
      alignas(64) T rows[most];
      source.write(some, steps, rows);
      Format::pack(rows, steps.count, out);
    }
  };
  if (source.transposed) {
    for (Index i = 0; i < features.count; i += width) {
      for (Index k = 0; k < depth.count; k += run) pack(i, k);
    }
  } else {
    for (Index k = 0; k < depth.count; k += run) {
      for (Index i = 0; i < features.count; i += width) pack(i, k);
    }
  }
  return packed;
}

/// Packs all of a factor.
template <class Format, class E>
Panels<Format> pack_panels(const PanelSource<E>& source, typename Format::element* to) {
  return pack_panels<Format>(source, {0, source.features()}, {0, source.depth()}, to);
}

}  // namespace inrgene::detail
