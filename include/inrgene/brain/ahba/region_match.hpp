// What matching samples to a volume's and a surface's regions have in common.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// How samples are matched to regions.
struct MatchSettings {
  /// Volumes: how far, in millimetres, a voxel of the region may be; searched in steps of 1 mm, so
  /// that 2.5 acts as 2; the sign does not matter. Surfaces: from 0, a sample farther from the
  /// surface than the mean plus so many standard deviations is left out; below 0, one farther than
  /// so many millimetres.
  double tolerance = 2;
  GridPlacement placement = GridPlacement::floor;  ///< volumes only
  Threads threads = {};

  /// Throws ArgumentError for a tolerance that is not finite or beyond ±1000.
  void validate() const {
    require(std::abs(tolerance) <= 1000, "tolerance", tolerance, "-1000 to 1000");
  }
};

namespace detail {

/// A label seen around a sample: its position among the labels, and how many voxels showed it.
struct SeenLabel {
  std::size_t position = 0;
  Index voxels = 0;
};

inline void count_label(std::vector<SeenLabel>& seen, std::size_t position) {
  for (SeenLabel& label : seen) {
    if (label.position == position) {
      ++label.voxels;
      return;
    }
  }
  seen.push_back({position, 1});
}

/// The label a sample gets out of those seen (at least one): the most frequent when it is alone at
/// that and `by_distance` is false, else the one whose centroid is nearest to `mm`, equal distances
/// by the lower label. Returns its position.
[[nodiscard]] inline std::size_t choose_label(std::span<const SeenLabel> seen,
                                              std::span<const Eigen::Vector3d> centroids,
                                              const Eigen::Vector3d& mm, bool by_distance) {
  if (!by_distance) {
    const SeenLabel* most = &seen.front();
    Index as_many = 0;
    for (const SeenLabel& label : seen) {
      if (label.voxels > most->voxels) most = &label;
    }
    for (const SeenLabel& label : seen) as_many += label.voxels == most->voxels ? 1 : 0;
    if (as_many == 1) return most->position;
  }
  double nearest = std::numeric_limits<double>::infinity();
  std::size_t chosen = seen.front().position;
  for (const SeenLabel& label : seen) {
    const double distance = (centroids[label.position] - mm).norm();
    if (distance < nearest || (distance == nearest && label.position < chosen)) {
      nearest = distance;
      chosen = label.position;
    }
  }
  return chosen;
}

/// Position of a label among ascending ones. Throws ArgumentError when it is not there.
[[nodiscard]] inline std::size_t label_position(std::span<const Index> labels, Index label,
                                                const std::string& file) {
  const auto at = std::lower_bound(labels.begin(), labels.end(), label);
  if (at == labels.end() || *at != label) {
    require(false, "region", label, text("one of the ", labels.size(), " labels of ", file));
  }
  return static_cast<std::size_t>(at - labels.begin());
}

/// Throws ArgumentError naming the first sample whose coordinate is not finite.
inline void require_finite_places(const DonorSamples& samples) {
  if (samples.mni_mm.allFinite()) return;
  for (Index s = 0; s < samples.size(); ++s) {
    if (!samples.mni_mm.col(s).allFinite()) {
      require(false, text("mni_mm of sample ", samples.name(s)), samples.mni_mm.col(s).transpose(),
              "finite millimetres");
    }
  }
}

/// Millimetres from a point to each sample.
[[nodiscard]] inline std::vector<double> distances_to(const Eigen::Vector3d& mm,
                                                      const DonorSamples& samples) {
  std::vector<double> out(static_cast<std::size_t>(samples.size()));
  for (Index s = 0; s < samples.size(); ++s) {
    out[static_cast<std::size_t>(s)] = (samples.mni_mm.col(s) - mm).norm();
  }
  return out;
}

/// Weight of a voxel or vertex at a distance: its inverse, and 1 at none (so below 1 mm less than
/// at 0.5 mm, as in abagen).
[[nodiscard]] inline double fill_weight(double distance_mm) {
  return distance_mm == 0 ? 1.0 : 1.0 / distance_mm;
}

/// The places some samples stand on, each once, with the first sample on it.
struct DistinctPlaces {
  std::vector<Index> place;
  std::vector<Index> sample;
};

/// The places of the samples for which `counts(sample)` holds, in the samples' order.
template <class Counts>
[[nodiscard]] DistinctPlaces distinct_places(std::span<const Index> places, Counts&& counts) {
  std::map<Index, Index> first;
  DistinctPlaces out;
  for (std::size_t s = 0; s < places.size(); ++s) {
    if (!counts(s)) continue;
    if (!first.emplace(places[s], static_cast<Index>(s)).second) continue;
    out.place.push_back(places[s]);
    out.sample.push_back(static_cast<Index>(s));
  }
  return out;
}

/// Corners of a box in millimetres.
struct BoxMm {
  Eigen::Vector3d low = Eigen::Vector3d::Constant(std::numeric_limits<double>::infinity());
  Eigen::Vector3d high = Eigen::Vector3d::Constant(-std::numeric_limits<double>::infinity());

  void extend(const Eigen::Vector3d& mm) {
    low = low.cwiseMin(mm);
    high = high.cwiseMax(mm);
  }
  [[nodiscard]] bool holds(const Eigen::Vector3d& mm) const {
    return (mm.array() >= low.array()).all() && (mm.array() <= high.array()).all();
  }
};

/// Throws InputError that names `file` when the box holds no sample of any donor. No samples at
/// all pass.
inline void require_any_inside(const BoxMm& box, std::span<const DonorSamples> donors,
                               const std::string& file) {
  BoxMm around;
  for (const DonorSamples& donor : donors) {
    for (Index s = 0; s < donor.size(); ++s) {
      if (box.holds(donor.mni_mm.col(s))) return;
      around.extend(donor.mni_mm.col(s));
    }
  }
  if (!around.low.allFinite()) return;
  const auto corners = [](const BoxMm& b) {
    return text("x ", b.low[0], " to ", b.high[0], ", y ", b.low[1], " to ", b.high[1], ", z ",
                b.low[2], " to ", b.high[2], " mm");
  };
  throw InputError(
      {.file = file,
       .place = "place of its regions",
       .found = text("no sample of any donor in their box (", corners(box), ")"),
       .expected = text("regions in the space of the samples (", corners(around), ")")});
}

}  // namespace detail

}  // namespace inrgene
