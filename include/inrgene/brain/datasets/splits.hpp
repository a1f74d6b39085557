// One division into training and held-out parts, by row, site, spatial block or donor.
//
// Splits by site, block and donor hold all genes of a site on one side. The split by rows does not
// (the same site then trains under other genes) and is here to repeat published figures.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/brain/datasets/site_groups.hpp"
#include "inrgene/brain/datasets/split.hpp"
#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

namespace detail {

/// Streams of the random generator, so that equal seeds in different roles stay independent.
enum class SplitStream : std::uint64_t { rows = 0x73706c6901, sites, blocks };

[[nodiscard]] inline Random split_random(std::uint64_t seed, SplitStream stream) {
  return Random(seed, static_cast<std::uint64_t>(stream));
}

/// Holds out whole groups, drawn at random, until `fraction` of the sites is reached; the group
/// that crosses it is taken when that ends nearer to the fraction (or nothing was taken yet).
[[nodiscard]] inline Split hold_out_groups(SiteGroups groups, double fraction, Random random) {
  require(fraction > 0 && fraction < 1, "held_out_fraction", fraction, "a number in (0, 1)");
  Index total = 0;
  for (const auto& group : groups) total += std::ssize(group);
  const Index target =
      std::max<Index>(1, static_cast<Index>(std::llround(fraction * static_cast<double>(total))));
  random.shuffle(groups);
  Split split;
  bool open = true;
  for (const auto& group : groups) {
    const Index held = std::ssize(split.held_out);
    const Index overshoot = held + std::ssize(group) - target;
    open = open && held < target && (overshoot <= target - held || held == 0);
    auto& side = open ? split.held_out : split.train;
    side.insert(side.end(), group.begin(), group.end());
  }
  std::sort(split.train.begin(), split.train.end());
  std::sort(split.held_out.begin(), split.held_out.end());
  return split;
}

/// Moves training sites nearer than `buffer_mm` to any held-out site to `dropped`.
/// Cost: O(train held_out).
inline void drop_buffer(const Sites& sites, double buffer_mm, Split& split) {
  require(buffer_mm >= 0 && std::isfinite(buffer_mm), "buffer_mm", buffer_mm,
          "a finite number of millimetres, 0 or more");
  std::vector<Index> kept;
  for (const Index i : split.train) {
    const bool near = std::any_of(split.held_out.begin(), split.held_out.end(), [&](Index j) {
      return (sites.mni_mm.col(i) - sites.mni_mm.col(j)).norm() < buffer_mm;
    });
    (near ? split.dropped : kept).push_back(i);
  }
  split.train = std::move(kept);
}

}  // namespace detail

/// Settings of `split_rows`.
struct RowSplit {
  std::array<Index, 3> parts = {18, 1, 1};  ///< train : validation : held out
  std::uint64_t seed = 42;
};

/// Splits rows 0 … n_rows-1 at random in the proportion of `parts`; the smaller two are rounded
/// down and training has the rest. A part of 0 stays empty; every other must get a row. Throws
/// ArgumentError otherwise. Source: the paper's 18:1:1. Cost: O(rows log rows).
[[nodiscard]] inline Split split_rows(Index n_rows, const RowSplit& settings = {}) {
  const auto& [train, validation, held_out] = settings.parts;
  constexpr Index largest = 1'000'000;
  for (const Index part : settings.parts) {
    require(part >= 0 && part <= largest, "parts of a row split", part,
            text("a whole number in [0, ", largest, "]"));
  }
  require(train > 0 && held_out > 0, "parts of a row split",
          text(train, ":", validation, ":", held_out), "train and held out above 0");
  require(n_rows > 0, "rows to split", n_rows, "at least 1");
  const double sum = static_cast<double>(train + validation + held_out);
  const auto share = [&](Index part) {
    return static_cast<Index>(
        std::floor(static_cast<double>(n_rows) * static_cast<double>(part) / sum));
  };
  std::vector<Index> rows(static_cast<std::size_t>(n_rows));
  std::iota(rows.begin(), rows.end(), Index{0});
  Random random = detail::split_random(settings.seed, detail::SplitStream::rows);
  random.shuffle(rows);
  const auto held_end = rows.begin() + share(held_out);
  const auto validation_end = held_end + share(validation);
  Split split;
  split.held_out.assign(rows.begin(), held_end);
  split.validation.assign(held_end, validation_end);
  split.train.assign(validation_end, rows.end());
  require(validation == 0 || !split.validation.empty(), "rows to split", n_rows,
          text("enough for one validation row at ", train, ":", validation, ":", held_out));
  for (auto* side : {&split.train, &split.held_out, &split.validation}) {
    std::sort(side->begin(), side->end());
  }
  split.check(n_rows);
  return split;
}

/// Settings of `split_sites`.
struct SiteSplit {
  double held_out_fraction = 0.2;
  std::uint64_t seed = 0;
  double twin_tolerance_mm = 1e-3;  ///< see `twin_groups`
};

/// Holds out sites at random, twins and repeated positions together (see `twin_groups`), as near
/// to the fraction as the groups allow. Throws ArgumentError when a side would be empty.
/// Cost: O(sites log sites).
[[nodiscard]] inline Split split_sites(const Sites& sites, const SiteSplit& settings = {}) {
  Split split = detail::hold_out_groups(
      twin_groups(sites, settings.twin_tolerance_mm), settings.held_out_fraction,
      detail::split_random(settings.seed, detail::SplitStream::sites));
  split.check(sites.size());
  return split;
}

/// Settings of `split_blocks`.
struct BlockSplit {
  double block_mm = 20;  ///< edge of the cubes
  double held_out_fraction = 0.2;
  double buffer_mm = 5;  ///< training sites nearer than this to a held-out site are dropped
  std::uint64_t seed = 0;
  double twin_tolerance_mm = 1e-3;  ///< cubes that share twins are held out together
};

/// Holds out whole cubes of sites at random (see `block_groups`) and drops training sites at a
/// Euclidean distance below `buffer_mm` from any held-out site. Throws ArgumentError when a side
/// would be empty. Cost: O(train held_out).
[[nodiscard]] inline Split split_blocks(const Sites& sites, const BlockSplit& settings = {}) {
  Split split = detail::hold_out_groups(
      block_groups(sites, settings.block_mm, settings.twin_tolerance_mm),
      settings.held_out_fraction, detail::split_random(settings.seed, detail::SplitStream::blocks));
  detail::drop_buffer(sites, settings.buffer_mm, split);
  split.check(sites.size());
  return split;
}

/// Holds out all sites of `donor`. Throws ArgumentError, with the donors there are, when the sites
/// have no donor column, this donor is not among them or is the only one. Cost: O(sites log sites).
[[nodiscard]] inline Split split_donors(const Sites& sites, std::string_view donor) {
  sites.check();
  const std::set<std::string> known(sites.donor.begin(), sites.donor.end());
  const std::vector<std::string> names(known.begin(), known.end());
  require(known.contains(std::string(donor)), "donor to hold out", donor,
          names.empty() ? std::string("sites with a donor column")
                        : "one of " + detail::name_list(names, 20));
  Split split;
  for (Index i = 0; i < sites.size(); ++i) {
    const bool held = sites.donor[static_cast<std::size_t>(i)] == donor;
    (held ? split.held_out : split.train).push_back(i);
  }
  split.check(sites.size());
  return split;
}

}  // namespace inrgene
