// The factor of a product that is not packed: as it lies where the kernel can read it so, else
// copied, tile by tile.
#pragma once

#include <algorithm>
#include <type_traits>

#include "inrgene/backend/cpu/micro_kernel.hpp"
#include "inrgene/backend/cpu/panels.hpp"

namespace inrgene::detail {

/// Elements from one copied column to the next: not a whole page, whatever the length.
template <class E>
[[nodiscard]] constexpr Index copied_stride(Index length) {
  constexpr Index line = 64 / static_cast<Index>(sizeof(E));
  return (length + line - 1) / line * line + line;
}

/// Columns whose distance is a multiple of a page share a set of the first-level cache, which then
/// holds too few of them for a block: copies such a factor to columns that lie otherwise.
template <class T>
SpreadFactor<T> unaliased(SpreadFactor<T> from, Index depth, Index samples, Workspace& workspace) {
  constexpr Index page = 4096 / static_cast<Index>(sizeof(T));
  if (from.step != 1 || from.sample == 0 || from.sample % page != 0 || samples < 4) return from;
  const Index stride = copied_stride<T>(depth);
  T* to = workspace.reserve<T>(stride * samples);
  for (Index j = 0; j < samples; ++j) {
    std::copy_n(from.data + j * from.sample, depth, to + j * stride);
  }
  return {to, 1, stride};
}

/// The factor in elements of a format; those along the depth lie where the numbers did.
template <class Format>
SpreadFactor<typename Format::element> elements_of(SpreadFactor<typename Format::scalar> from,
                                                   Index depth, Index samples,
                                                   Workspace& workspace) {
  using E = typename Format::element;
  if constexpr (std::is_same_v<E, typename Format::scalar>) {
    return unaliased(from, depth, samples, workspace);
  } else {
    const Index elements = (depth + Format::steps - 1) / Format::steps;
    if (from.step == 1) {
      const Index stride = copied_stride<E>(elements);
      E* to = workspace.reserve<E>(stride * samples);
      for (Index j = 0; j < samples; ++j) {
        Format::along_depth(from.data + j * from.sample, depth, to + j * stride);
      }
      return {to, 1, stride};
    }
    const Index stride = copied_stride<E>(samples);
    E* to = workspace.reserve<E>(stride * elements);
    for (Index k = 0; k < depth; k += 2) {
      Format::across_depth(from.at(k, 0).data, k + 1 < depth ? from.at(k + 1, 0).data : nullptr,
                           samples, from.sample, to + k / 2 * stride);
    }
    return {to, stride, 1};
  }
}

}  // namespace inrgene::detail
