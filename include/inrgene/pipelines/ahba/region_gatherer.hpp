// Donors go in one after another, regions come out (steps 8 to 11 of the microarray pipeline).
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/aggregate.hpp"
#include "inrgene/brain/ahba/missing.hpp"
#include "inrgene/brain/ahba/region_geometry.hpp"
#include "inrgene/brain/ahba/region_samples.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/pipelines/ahba/expression.hpp"
#include "inrgene/pipelines/ahba/settings.hpp"

namespace inrgene::detail {

/// Fills the regions without samples and averages. A donor's samples are let go at once, except
/// that filling from centroids needs all donors' until the last is there.
class RegionGatherer {
 public:
  /// `labels` ascend; as many genes as every donor will have. Keeps references to the last two.
  RegionGatherer(std::vector<Index> labels, Index genes, const AhbaSettings& settings,
                 const AhbaHooks& hooks)
      : settings_(settings),
        hooks_(hooks),
        labels_(std::move(labels)),
        pool_(labels_, genes, settings.agg_metric) {}

  template <RegionGeometry G>
  void add(RegionSamples donor, const G& geometry) {
    if (settings_.missing == MissingRegions::interpolate) {
      filled_ =
          std::max(filled_, interpolate_missing(donor, geometry, hooks_.threads, hooks_.drop));
    }
    if (settings_.missing != MissingRegions::centroids) return average(donor);
    candidates_.push_back(centroid_candidates(donor, geometry));
    held_.push_back(std::move(donor));
  }

  /// [genes x regions], to be called once, after the last donor.
  [[nodiscard]] Eigen::MatrixXd finish() {
    if (settings_.missing == MissingRegions::centroids) {
      filled_ = std::ssize(fill_from_centroids(held_, candidates_, hooks_.threads, hooks_.drop));
    }
    for (RegionSamples& donor : held_) {
      average(donor);
      donor.values = Eigen::MatrixXd();
    }
    return pooled() ? pool_.result(hooks_.threads)
                    : aggregate_donors(by_donor_, settings_.agg_metric, hooks_.threads);
  }

  /// Regions that were given a value: in all donors alike, or the most in one donor.
  [[nodiscard]] Index filled() const { return filled_; }
  /// [genes x regions] a donor; none when all donors' samples are pooled.
  [[nodiscard]] std::vector<Eigen::MatrixXd> take_donors() { return std::move(by_donor_); }

 private:
  [[nodiscard]] bool pooled() const { return settings_.region_agg == RegionAggregation::samples; }
  void average(const RegionSamples& donor) {
    if (pooled()) {
      pool_.add(donor, hooks_.threads);
    } else {
      by_donor_.push_back(aggregate_regions(donor, labels_, settings_.agg_metric, hooks_.threads));
    }
  }

  const AhbaSettings& settings_;
  const AhbaHooks& hooks_;
  std::vector<Index> labels_;
  SamplePool pool_;
  std::vector<Eigen::MatrixXd> by_donor_;
  std::vector<RegionSamples> held_;
  std::vector<CentroidCandidates> candidates_;
  Index filled_ = 0;
};

}  // namespace inrgene::detail
