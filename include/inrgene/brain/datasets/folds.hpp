// Cross-validation: every site is held out exactly once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "inrgene/brain/datasets/site_groups.hpp"
#include "inrgene/brain/datasets/split.hpp"
#include "inrgene/brain/datasets/splits.hpp"
#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

namespace detail {

/// Deals groups into folds of nearly equal numbers of sites: largest groups first, equal ones in
/// random order, each to the fold with the fewest sites so far.
[[nodiscard]] inline std::vector<Split> deal_groups(SiteGroups groups, Index folds, Random random) {
  require(folds >= 2 && folds <= std::ssize(groups), "folds", folds,
          text("at least 2 and at most the ", groups.size(), " groups of sites there are"));
  random.shuffle(groups);
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  std::vector<Split> out(static_cast<std::size_t>(folds));
  for (const auto& group : groups) {
    const auto fold = std::min_element(out.begin(), out.end(), [](const auto& a, const auto& b) {
      return a.held_out.size() < b.held_out.size();
    });
    fold->held_out.insert(fold->held_out.end(), group.begin(), group.end());
  }
  for (Split& split : out) {
    std::sort(split.held_out.begin(), split.held_out.end());
    for (const Split& other : out) {
      if (&other == &split) continue;
      split.train.insert(split.train.end(), other.held_out.begin(), other.held_out.end());
    }
    std::sort(split.train.begin(), split.train.end());
  }
  return out;
}

}  // namespace detail

/// Settings of `fold_sites`.
struct SiteFolds {
  Index folds = 5;
  std::uint64_t seed = 0;
  double twin_tolerance_mm = 1e-3;  ///< see `twin_groups`
};

/// K folds of sites, twins and repeated positions together; fold k is held out in entry k. Throws
/// ArgumentError for fewer than 2 folds or more folds than groups. Cost: O(folds sites log sites).
[[nodiscard]] inline std::vector<Split> fold_sites(const Sites& sites,
                                                   const SiteFolds& settings = {}) {
  auto out = detail::deal_groups(twin_groups(sites, settings.twin_tolerance_mm), settings.folds,
                                 detail::split_random(settings.seed, detail::SplitStream::sites));
  for (const Split& split : out) split.check(sites.size());
  return out;
}

/// Settings of `fold_blocks`.
struct BlockFolds {
  double block_mm = 20;  ///< edge of the cubes
  Index folds = 5;
  double buffer_mm = 5;  ///< training sites nearer than this to a held-out site are dropped
  std::uint64_t seed = 0;
  double twin_tolerance_mm = 1e-3;  ///< cubes that share twins stay in one fold
};

/// K folds of whole cubes (see `block_groups`), each with the buffer of `split_blocks`. Throws
/// ArgumentError for fewer than 2 folds, more folds than groups of cubes, or a fold whose buffer
/// leaves nothing to train on. Cost: O(sites^2).
[[nodiscard]] inline std::vector<Split> fold_blocks(const Sites& sites,
                                                    const BlockFolds& settings = {}) {
  auto out = detail::deal_groups(block_groups(sites, settings.block_mm, settings.twin_tolerance_mm),
                                 settings.folds,
                                 detail::split_random(settings.seed, detail::SplitStream::blocks));
  for (Split& split : out) {
    detail::drop_buffer(sites, settings.buffer_mm, split);
    split.check(sites.size());
  }
  return out;
}

/// Leave one donor out: a split for each donor, in the order of their names. Throws ArgumentError
/// when the sites have no donor column or a single donor. Cost: O(donors sites).
[[nodiscard]] inline std::vector<Split> fold_donors(const Sites& sites) {
  const std::set<std::string> donors(sites.donor.begin(), sites.donor.end());
  require(donors.size() >= 2, "donors to leave out one by one", donors.size(), "at least 2");
  std::vector<Split> out;
  out.reserve(donors.size());
  for (const std::string& donor : donors) out.push_back(split_donors(sites, donor));
  return out;
}

}  // namespace inrgene
