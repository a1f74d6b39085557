// Which thread of a launch does what: plain arithmetic, the same on a device and in the loops that
// a test runs in its place.
#pragma once

#include <algorithm>
#include <cstdint>

#include "inrgene/core/annotations.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene::detail {

/// Threads of every block.
inline constexpr int block_threads = 256;

/// One thread of a launch.
struct LaunchPlace {
  Index block;
  Index blocks;
  int thread;
};

/// Row and column of a matrix's element.
struct Cell {
  Index row;
  Index col;
};

/// ⌈a/b⌉ for a ≥ 0, b > 0.
INRGENE_HD constexpr Index divided_up(Index a, Index b) {
  return (a + b - 1) / b;
}

/// The elements of some matrices of one shape, numbered column by column. Where no matrix has gaps
/// or repeats a column, they are taken as one long column, which saves a division an element.
struct ElementLine {
  Index rows = 0;
  Index count = 0;
  bool flat = false;

  constexpr ElementLine() = default;
  INRGENE_HD constexpr ElementLine(Index r, Index c, bool without_gaps)
      : rows(r), count(r * c), flat(without_gaps) {}

  INRGENE_HD constexpr Cell operator[](Index k) const {
    if (flat) return {k, 0};
    // A division of 32 bits takes a quarter of one of 64.
    if (count <= Index{UINT32_MAX}) {
      const auto number = static_cast<std::uint32_t>(k);
      const auto height = static_cast<std::uint32_t>(rows);
      const std::uint32_t column = number / height;
      return {static_cast<Index>(number - column * height), static_cast<Index>(column)};
    }
    return {k % rows, k / rows};
  }
};

/// Elements that a thread works on at once, so that several loads are under way: fewer where an
/// element's numbers fill many registers.
INRGENE_HD constexpr int elements_a_thread(std::size_t bytes_an_element) {
  return bytes_an_element <= 16 ? 4 : bytes_an_element <= 32 ? 2 : 1;
}

/// Blocks of a sum over `count` elements, `chunk` at a time: a function of the count alone, so that
/// the order of a sum does not depend on the card. Each block adds up to the tree's 512 leaves.
INRGENE_HD constexpr Index sum_blocks(Index count, Index chunk) {
  constexpr Index most = 512;
  const Index chunks = divided_up(count, chunk);
  return chunks < most ? chunks : most;
}

/// How a sum over samples is shared: a block takes 32 features (neighbours in memory) and a slice
/// of the samples, eight of them at a time.
struct SampleGrid {
  static constexpr int lanes = 32;
  static constexpr int sample_rows = block_threads / lanes;

  Index features = 0;
  Index samples = 0;
  Index slices = 1;

  /// As many slices as a sum of this length is worth, at most `most`; a function of the shape.
  INRGENE_HD static constexpr SampleGrid of(Index features, Index samples, Index most) {
    constexpr Index least_in_slice = 128;
    const Index wanted = divided_up(samples, least_in_slice);
    return {features, samples, wanted < 1 ? 1 : (wanted < most ? wanted : most)};
  }

  INRGENE_HD constexpr Index blocks() const { return divided_up(features, lanes) * slices; }
  INRGENE_HD constexpr Index slice(const LaunchPlace& at) const { return at.block % slices; }
  INRGENE_HD constexpr Index feature(const LaunchPlace& at) const {
    return at.block / slices * lanes + at.thread % lanes;
  }
  /// First sample of slice s; slices differ by one at most.
  INRGENE_HD constexpr Index begin(Index s) const { return samples * s / slices; }
};

}  // namespace inrgene::detail
