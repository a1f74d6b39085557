// Values for regions of an atlas in which no sample lies.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/region_geometry.hpp"
#include "inrgene/brain/ahba/region_info.hpp"
#include "inrgene/brain/ahba/region_samples.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

namespace detail {

/// A column of some donor's values and its weight.
struct WeightedColumn {
  const double* values;
  double weight;
};

/// out[g] = Σ weight · value / Σ weight over the columns; NaN counts as 0 above and with its weight
/// below.
inline void weighted_mean(std::span<const WeightedColumn> columns, Index first, Index genes,
                          double* out) {
  double total = 0;
  for (Index g = 0; g < genes; ++g) out[g] = 0;
  for (const WeightedColumn& column : columns) {
    const double* values = column.values + first;
    for (Index g = 0; g < genes; ++g) {
      out[g] += column.weight * (values[g] == values[g] ? values[g] : 0.0);
    }
    total += column.weight;
  }
  for (Index g = 0; g < genes; ++g) out[g] /= total;
}

/// A donor's stand-in for a region, and its weight among the donors'.
struct CandidateWeight {
  std::size_t donor;  ///< position
  Index sample;
  double weight;
};

/// 1 / distance, and 1 for distance 0.
inline double inverse_distance_weight(double distance_mm) {
  return distance_mm == 0 ? 1 : 1 / distance_mm;
}

}  // namespace detail

/// Fills the regions in which this donor has no sample, ascending by label: the mean of the
/// donor's samples, weighted as `geometry.fill_weights` says, becomes one more column of `values`.
/// NaN counts as 0 in the sum. A region that cannot be filled is reported. Nothing happens when
/// every region has a sample, and to a donor of whom no sample has a region. Only samples in
/// `donor` are used: all that were kept, or only those with a region.
/// The result has the same bytes for any number of threads. Returns how many regions were filled.
/// Throws ArgumentError as RegionSamples::check. Cost: that of the weights, and O(genes) for each
/// sample with a weight.
/// Source: abagen's `missing='interpolate'` (Markello et al., eLife 2021).
template <RegionGeometry G>
Index interpolate_missing(RegionSamples& donor, const G& geometry, Threads threads = {},
                          const DropSink& sink = {}) {
  donor.check();
  if (!donor.matched()) return 0;
  const std::vector<Index> empty = donor.missing(geometry.labels());
  // Kept sparse: a region has few neighbours among the samples.
  std::vector<std::vector<std::pair<Index, double>>> parts(empty.size());  // (sample, weight)
  const auto weigh = [&](const auto&... places) {
    parallel_for(threads, std::ssize(empty), [&](Index r) {
      const auto at = static_cast<std::size_t>(r);
      const std::vector<double> weights =
          geometry.fill_weights(empty[at], donor.samples, places...);
      require(weights.empty() || std::ssize(weights) == donor.samples.size(), "fill weights",
              weights.size(), text("none, or one a sample: ", donor.samples.size()));
      for (std::size_t s = 0; s < weights.size(); ++s) {
        if (weights[s] > 0) parts[at].emplace_back(static_cast<Index>(s), weights[s]);
      }
    });
  };
  if constexpr (requires { geometry.nearest_places(donor.samples); }) {
    // Where samples stand is the same for every region: looked up once.
    weigh(geometry.nearest_places(donor.samples));
  } else {
    weigh();
  }
  for (std::size_t r = 0; r < empty.size(); ++r) {
    if (!parts[r].empty()) {
      donor.filled.push_back(empty[r]);
    } else if (sink) {
      sink({text(empty[r]), "region",
            text("donor ", donor.samples.donor,
                 " has no sample in it, and none of its class and side to interpolate from")});
    }
  }
  std::erase_if(parts, [](const auto& part) { return part.empty(); });
  const Index first_column = donor.values.cols();
  donor.values.conservativeResize(Eigen::NoChange, first_column + std::ssize(parts));
  detail::for_gene_blocks(threads, donor.values.rows(), [&](Index first, Index genes) {
    std::vector<detail::WeightedColumn> columns;
    for (std::size_t r = 0; r < parts.size(); ++r) {
      columns.clear();
      for (const auto& part : parts[r]) {
        columns.push_back({donor.values.col(part.first).data(), part.second});
      }
      detail::weighted_mean(columns, first, genes,
                            donor.values.col(first_column + static_cast<Index>(r)).data() + first);
    }
  });
  return std::ssize(parts);
}

/// For each region in which a donor has no sample, which of the donor's samples lies nearest to the
/// region's centroid.
struct CentroidCandidates {
  bool matched = false;                  ///< some sample of the donor has a region
  std::vector<Index> label = {};         ///< regions without a sample, ascending
  std::vector<Index> sample = {};        ///< one a region; -1: none may stand for it
  std::vector<double> distance_mm = {};  ///< one a region; infinite without a sample
};

/// The candidates of one donor: among samples of exactly the region's class and side when the
/// atlas has a table, else among all; equal distances by first sample. Throws ArgumentError as
/// RegionSamples::check. Cost O(regions samples).
template <RegionGeometry G>
[[nodiscard]] CentroidCandidates centroid_candidates(const RegionSamples& donor,
                                                     const G& geometry) {
  donor.check();
  CentroidCandidates out;
  out.matched = donor.matched();
  if (!out.matched) return out;
  out.label = donor.missing(geometry.labels());
  for (const Index label : out.label) {
    const std::vector<double> distance = geometry.distance_to_centroid(label, donor.samples);
    Index nearest = -1;
    double nearest_mm = std::numeric_limits<double>::infinity();
    for (Index s = 0; s < donor.samples.size(); ++s) {
      const auto at = static_cast<std::size_t>(s);
      if (!(distance[at] < nearest_mm)) continue;
      if (geometry.has_info() && !may_fill(geometry.info(label), donor.samples.structure[at],
                                           donor.samples.hemisphere[at])) {
        continue;
      }
      nearest = s;
      nearest_mm = distance[at];
    }
    out.sample.push_back(nearest);
    out.distance_mm.push_back(nearest_mm);
  }
  return out;
}

/// Fills the regions in which no donor has a sample: the mean over donors of their candidates,
/// weighted by 1 / distance (1 at distance 0), is appended to every donor alike; NaN counts as 0 in
/// the sum. Donors without any matched sample take no part. A region for which no donor has a
/// candidate is reported and stays empty. `candidates` has one entry a donor, taken from the same
/// samples. Returns the labels filled, ascending.
/// Throws ArgumentError for numbers of donors or genes that differ, and for candidates of other
/// samples. Cost O(genes) for each donor and region.
/// Source: abagen's `missing='centroids'` (Markello et al., eLife 2021).
inline std::vector<Index> fill_from_centroids(std::span<RegionSamples> donors,
                                              std::span<const CentroidCandidates> candidates,
                                              Threads threads = {}, const DropSink& sink = {}) {
  require(donors.size() == candidates.size(), "candidates", candidates.size(),
          text("one a donor: ", donors.size()));
  std::vector<Index> empty;  // in all donors
  bool is_first = true;
  for (std::size_t d = 0; d < donors.size(); ++d) {
    donors[d].check();
    require(donors[d].values.rows() == donors[0].values.rows(), "genes of a donor",
            donors[d].values.rows(), text(donors[0].values.rows(), ", as the first"));
    if (!candidates[d].matched) continue;
    if (is_first) empty = candidates[d].label;
    std::erase_if(empty, [&](Index label) {
      return !std::binary_search(candidates[d].label.begin(), candidates[d].label.end(), label);
    });
    is_first = false;
  }
  std::vector<Index> filled;
  std::vector<std::vector<detail::CandidateWeight>> parts;
  for (const Index label : empty) {
    std::vector<detail::CandidateWeight> part;
    for (std::size_t d = 0; d < donors.size(); ++d) {
      if (!candidates[d].matched) continue;
      const auto& labels = candidates[d].label;
      const auto at = static_cast<std::size_t>(
          std::lower_bound(labels.begin(), labels.end(), label) - labels.begin());
      const Index sample = candidates[d].sample[at];
      if (sample < 0) continue;
      require(sample < donors[d].samples.size(), "candidate", sample,
              text("a sample of donor ", donors[d].samples.donor));
      part.push_back({d, sample, detail::inverse_distance_weight(candidates[d].distance_mm[at])});
    }
    if (!part.empty()) {
      filled.push_back(label);
      parts.push_back(std::move(part));
    } else if (sink) {
      sink({text(label), "region",
            "no donor has a sample in it, or one of its class and side to stand for it"});
    }
  }
  if (filled.empty()) return filled;
  const Index genes = donors[0].values.rows();
  Eigen::MatrixXd rows(genes, std::ssize(filled));
  detail::for_gene_blocks(threads, genes, [&](Index first, Index count) {
    std::vector<detail::WeightedColumn> columns;
    for (std::size_t r = 0; r < parts.size(); ++r) {
      columns.clear();
      for (const detail::CandidateWeight& part : parts[r]) {
        columns.push_back({donors[part.donor].values.col(part.sample).data(), part.weight});
      }
      detail::weighted_mean(columns, first, count, rows.col(static_cast<Index>(r)).data() + first);
    }
  });
  for (std::size_t d = 0; d < donors.size(); ++d) {
    if (!candidates[d].matched) continue;
    Eigen::MatrixXd& values = donors[d].values;
    values.conservativeResize(Eigen::NoChange, values.cols() + rows.cols());
    values.rightCols(rows.cols()) = rows;
    donors[d].filled.insert(donors[d].filled.end(), filled.begin(), filled.end());
  }
  return filled;
}

}  // namespace inrgene
