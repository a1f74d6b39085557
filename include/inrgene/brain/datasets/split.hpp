// A split owns its rows: who may be learned from, and who is only asked afterwards.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

/// Disjoint sets of indices, each ascending. What is in none of them was left out of the protocol.
struct Split {
  std::vector<Index> train = {};
  std::vector<Index> held_out = {};
  std::vector<Index> validation = {};  ///< only where the protocol has one
  std::vector<Index> dropped = {};     ///< training candidates inside the buffer of a block split

  /// Throws ArgumentError unless all indices are in [0, size), none is used twice, and both train
  /// and held_out hold something. Cost: O(size).
  void check(Index size) const {
    require(!train.empty() && !held_out.empty(), "split sizes",
            text(train.size(), " train, ", held_out.size(), " held out, ", validation.size(),
                 " validation, ", dropped.size(), " dropped of ", size),
            "at least one on the training side and one held out");
    std::vector<char> used(static_cast<std::size_t>(std::max<Index>(size, 0)), 0);
    const auto mark = [&](const std::vector<Index>& side, std::string_view name) {
      detail::require_indices(side, size, name);
      for (const Index i : side) {
        char& seen = used[static_cast<std::size_t>(i)];
        require(seen == 0, name, text("index ", i, " a second time"), "each index once");
        seen = 1;
      }
    };
    mark(train, "split.train");
    mark(held_out, "split.held_out");
    mark(validation, "split.validation");
    mark(dropped, "split.dropped");
  }
};

/// The parts of a split as objects of their own: code that is handed `train` holds no reference to
/// a held-out value.
struct SplitSamples {
  Samples train = {};
  Samples held_out = {};
  Samples validation = {};  ///< without sites when the split has no validation part
};

/// Copies the parts of `samples` [genes x sites] that `split` names; dropped sites are in none.
/// `split` is over sites, not (site, gene) rows. Values are copied unread, NaN included. Throws
/// ArgumentError when the split does not fit the samples. Cost: O(genes sites).
[[nodiscard]] inline SplitSamples take(const Samples& samples, const Split& split) {
  split.check(samples.size());
  return {samples.select(split.train), samples.select(split.held_out),
          samples.select(split.validation)};
}

}  // namespace inrgene
