// Differential stability: the probe whose pattern over structures the donors agree on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/probe_source.hpp"
#include "inrgene/brain/ahba/structure_means.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/statistics/subset_spearman.hpp"

namespace inrgene {

namespace detail {

/// Places for structure ids: ascending ids have ascending places.
class StructurePlaces {
 public:
  void add(std::span<const Index> ids) {
    ids_.insert(ids_.end(), ids.begin(), ids.end());
    std::sort(ids_.begin(), ids_.end());
    ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
  }
  /// The places of ids that have been added.
  [[nodiscard]] std::vector<std::int32_t> of(std::span<const Index> ids) const {
    std::vector<std::int32_t> out;
    for (const Index id : ids) {
      const auto at = std::lower_bound(ids_.begin(), ids_.end(), id);
      out.push_back(static_cast<std::int32_t>(at - ids_.begin()));
    }
    return out;
  }
  [[nodiscard]] std::size_t size() const { return ids_.size(); }

 private:
  std::vector<Index> ids_;
};

/// The places that both lists hold.
[[nodiscard]] inline PlaceSubset common_places(std::span<const std::int32_t> a,
                                               std::span<const std::int32_t> b,
                                               std::size_t places) {
  std::vector<std::uint8_t> in_a(places, 0), out(places, 0);
  for (const std::int32_t place : a) in_a[static_cast<std::size_t>(place)] = 1;
  for (const std::int32_t place : b) {
    out[static_cast<std::size_t>(place)] = in_a[static_cast<std::size_t>(place)];
  }
  return PlaceSubset(std::move(out));
}

}  // namespace detail

/// DS of a probe: the mean over all pairs of donors of Spearman's ρ between the donors' means by
/// structure, over the structures that both have (left and right halves are two structures). NaN
/// where any pair's ρ is: a probe that is the same in all common structures of a donor, or fewer
/// than two common structures.
/// Source: Hawrylycz et al., "Canonical genetic signatures of the adult human brain", Nature
/// Neuroscience 2015. Cost a probe: the samples once, and D (D−1) walks over the structures.
class DiffStability {
 public:
  static constexpr std::string_view name = "diff_stability";
  static constexpr bool single_stands = false;
  static constexpr bool nan_wins = false;
  static constexpr bool pooled_only = true;

  struct Scratch {
    std::vector<double> means = {};
    std::vector<PlaceOrder> order = {};  ///< one a donor
    std::vector<double> of_pair = {};
    SubsetSpearman correlate{0};
  };

  /// Throws ArgumentError for fewer than two donors.
  explicit DiffStability(std::span<const DonorSamples* const> donors) {
    require(donors.size() >= 2, "donors for diff_stability", donors.size(),
            "at least 2: it compares donors; choose another probe selection for one donor");
    detail::StructurePlaces places;
    for (const DonorSamples* const samples : donors) {
      means_.emplace_back(samples->structure_id, samples->column);
      places.add(means_.back().ids());
    }
    for (const StructureMeans& means : means_) places_.push_back(places.of(means.ids()));
    universe_ = places.size();
    for (std::size_t a = 0; a < donors.size(); ++a) {
      for (std::size_t b = a + 1; b < donors.size(); ++b) {
        pairs_.push_back({a, b, detail::common_places(places_[a], places_[b], universe_)});
      }
    }
  }

  /// One DS a probe of the group, whose donors are those of the constructor.
  void score(const ProbeGroup& group, std::span<double> scores, Scratch& scratch) const {
    scratch.order.resize(means_.size());
    if (scratch.means.size() < universe_) {
      scratch.means.resize(universe_);
      scratch.correlate = SubsetSpearman(static_cast<Index>(universe_));
    }
    for (Index probe = 0; probe < group.probes; ++probe) {
      scores[static_cast<std::size_t>(probe)] = of(group, probe, scratch);
    }
  }

 private:
  struct Pair {
    std::size_t a, b;
    PlaceSubset common;
  };

  [[nodiscard]] double of(const ProbeGroup& group, Index probe, Scratch& scratch) const {
    const std::span<const double> row = group.row(probe);
    for (std::size_t d = 0; d < means_.size(); ++d) {
      const std::span<double> means(scratch.means.data(), places_[d].size());
      means_[d](row.subspan(static_cast<std::size_t>(group.joined->first_column[d])), means);
      scratch.order[d].assign(places_[d], means);
    }
    scratch.of_pair.resize(pairs_.size());
    for (std::size_t k = 0; k < pairs_.size(); ++k) {
      const Pair& pair = pairs_[k];
      scratch.of_pair[k] =
          scratch.correlate(scratch.order[pair.a], scratch.order[pair.b], pair.common);
    }
    return detail::pairwise_sum(scratch.of_pair) / static_cast<double>(pairs_.size());
  }

  std::vector<StructureMeans> means_;              // one a donor
  std::vector<std::vector<std::int32_t>> places_;  // of each donor's structures
  std::size_t universe_ = 0;                       // structures of all donors
  std::vector<Pair> pairs_;
};
static_assert(ProbeScore<DiffStability>);

}  // namespace inrgene
