// Tissue class of points from grey and white matter probability maps.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "inrgene/brain/expression/tissue_class.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/math/volume.hpp"

namespace inrgene {

/// Grey and white matter maps, each on a grid of its own, and the probability from which a point
/// counts. A map whose largest value is at most 1 holds probabilities or a 0/1 mask and is taken
/// as it is. One with a larger value (bytes 0 … 255, per cent) is divided by its largest value.
struct TissueMasks {
  Volume<float> grey = {};
  Volume<float> white = {};
  double threshold = 0.5;                 ///< in (0, 1]
  std::string grey_file = "grey mask";    ///< where `grey` came from, for messages
  std::string white_file = "white mask";  ///< where `white` came from, for messages
};

/// The rule: grey when p_grey reaches the threshold and p_white; else white when p_white reaches
/// the threshold; else neither. Equal probabilities at or above the threshold are grey. In single
/// precision, as maps are stored: a voxel written as 0.7 reaches the threshold 0.7.
[[nodiscard]] constexpr Tissue tissue_of(float p_grey, float p_white, float threshold) {
  if (p_grey >= threshold && p_grey >= p_white) return Tissue::grey;
  if (p_white >= threshold && p_white > p_grey) return Tissue::white;
  return Tissue::neither;
}

namespace detail {

/// One map ready to be asked: the inverse affine and the divisor, checked once.
class ProbabilityLookup {
 public:
  ProbabilityLookup(const Volume<float>& map, const std::string& file) : map_(map) {
    if (map.size() == 0) throw InputError({file, "shape", "no voxels", "a volume"});
    const double volume = determinant(map.voxel_to_mm);
    if (!std::isfinite(volume) || volume == 0.0) {
      throw InputError({file, "affine", text("determinant ", volume), "an invertible affine"});
    }
    mm_to_voxel_ = inverse(map.voxel_to_mm);
    const float* values = map.values.data();
    for (Index i = 0; i < map.size(); ++i) {
      if (!(values[i] >= 0.0F) || std::isinf(values[i])) {
        const auto [nx, ny, nz] = map.shape();
        throw InputError({file,
                          text("voxel (", i % nx, ", ", i / nx % ny, ", ", i / (nx * ny), ")"),
                          text(values[i]), "a probability: finite and not negative"});
      }
      divisor_ = std::max(divisor_, static_cast<double>(values[i]));
      any_ = any_ || values[i] > 0.0F;
    }
    if (!any_) throw InputError({file, "values", "0 in all voxels", "a probability map"});
  }

  /// Probability at the nearest voxel; none outside the grid. A point half-way between two voxel
  /// centres belongs to the one of higher index on that axis.
  [[nodiscard]] std::optional<float> at(const Eigen::Vector3d& point_mm) const {
    const auto voxel = transform(mm_to_voxel_, {point_mm.x(), point_mm.y(), point_mm.z()});
    const auto shape = map_.shape();
    std::array<std::size_t, 3> index{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double nearest = std::floor(voxel[axis] + 0.5);
      if (!(nearest >= 0.0 && nearest < static_cast<double>(shape[axis]))) return std::nullopt;
      index[axis] = static_cast<std::size_t>(nearest);
    }
    const double value = map_.values(index[0], index[1], index[2]);
    return static_cast<float>(value / divisor_);
  }

 private:
  const Volume<float>& map_;
  Affine mm_to_voxel_ = identity_affine;
  double divisor_ = 1.0;
  bool any_ = false;
};

}  // namespace detail

/// Two maps read over and over: checked once, then asked point by point.
///
/// Each map is read at its voxel nearest to the point and `tissue_of` decides. A point outside both
/// grids is neither; outside one of them, its probability there is 0. The maps must outlive it.
class TissueClassifier {
 public:
  /// Throws InputError for a map without voxels or positive values, with a negative or non-finite
  /// value or a singular affine; ArgumentError for a threshold outside (0, 1]. Cost: O(voxels).
  explicit TissueClassifier(const TissueMasks& masks)
      : threshold_(checked_threshold(masks)),
        grey_(masks.grey, masks.grey_file),
        white_(masks.white, masks.white_file) {}

  /// Throws ArgumentError for a point that is not finite, which `number` names.
  [[nodiscard]] Tissue operator()(const Eigen::Vector3d& point_mm, Index number = 0) const {
    require(point_mm.allFinite(), text("point ", number),
            text(point_mm.x(), ", ", point_mm.y(), ", ", point_mm.z()), "finite millimetres");
    return tissue_of(grey_.at(point_mm).value_or(0.0F), white_.at(point_mm).value_or(0.0F),
                     threshold_);
  }

 private:
  static float checked_threshold(const TissueMasks& masks) {
    require(masks.threshold > 0 && masks.threshold <= 1, "tissue threshold", masks.threshold,
            "a probability in (0, 1]");
    return static_cast<float>(masks.threshold);
  }

  float threshold_;
  detail::ProbabilityLookup grey_;
  detail::ProbabilityLookup white_;
};

/// Tissue class of each point of `mni_mm` [3 x points], millimetres, as TissueClassifier gives it;
/// throws what it throws. Cost: O(voxels + points).
[[nodiscard]] inline std::vector<Tissue> classify_tissue(const Eigen::Matrix3Xd& mni_mm,
                                                         const TissueMasks& masks) {
  const TissueClassifier classify(masks);
  std::vector<Tissue> out;
  out.reserve(static_cast<std::size_t>(mni_mm.cols()));
  for (Index i = 0; i < mni_mm.cols(); ++i) out.push_back(classify(mni_mm.col(i), i));
  return out;
}

}  // namespace inrgene
