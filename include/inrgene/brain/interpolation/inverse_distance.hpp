// Every point takes a mean of its nearest samples, nearer ones weighing more.
#pragma once

#include <cmath>
#include <string_view>
#include <vector>

#include "inrgene/brain/interpolation/interpolator.hpp"
#include "inrgene/brain/interpolation/neighbor_field.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// Settings of `InverseDistance`; the defaults are those of abagen's dense map.
struct InverseDistanceSettings {
  Index neighbors = 10;
  double power = 1;
  Threads threads = {};
};

/// f(x) = Σ wᵢ vᵢ / Σ wᵢ over the k nearest sites (of the same class, when classes are given),
/// wᵢ = 1/dᵢ^p. At a site its own value is given back; sites on one spot are averaged there.
/// Source: Shepard, "A two-dimensional interpolation function for irregularly-spaced data", ACM
/// 1968.
class InverseDistance {
 public:
  static constexpr std::string_view name = "idw";

  InverseDistance() = default;
  /// Throws ArgumentError for neighbors < 1 and a power that is not above 0 and finite.
  explicit InverseDistance(const InverseDistanceSettings& settings) : settings_(settings) {
    require(settings.neighbors >= 1, "neighbors", settings.neighbors, "at least 1");
    require(settings.power > 0 && std::isfinite(settings.power), "power", settings.power,
            "above 0");
  }

  /// Throws ArgumentError as FieldSamples::check. Cost O(n log n).
  void fit(const FieldSamples& samples) { field_.fit(samples); }

  /// [outputs x points]. Throws ArgumentError as NearestSample::predict.
  /// Cost O(log sites + k outputs) a point.
  [[nodiscard]] Eigen::MatrixXd predict(const FieldPoints& points) const {
    const double power = settings_.power;
    const auto combine = [power](const std::vector<Neighbor>& nearest,
                                 const Eigen::MatrixXd& values, auto out) {
      const double closest_sqr = nearest.front().distance_sqr_mm;
      double total = 0;
      out.setZero();
      for (const Neighbor& neighbor : nearest) {
        // Relative to the nearest: weights lie in (0, 1], whatever the distances and the power.
        double weight = 1;
        if (neighbor.distance_sqr_mm > closest_sqr) {
          weight = std::pow(closest_sqr / neighbor.distance_sqr_mm, 0.5 * power);
        }
        out += weight * values.col(neighbor.index);
        total += weight;
      }
      out /= total;
    };
    return field_.predict(points, settings_.neighbors, settings_.threads, combine);
  }

 private:
  InverseDistanceSettings settings_ = {};
  detail::NeighborField field_;
};

static_assert(Interpolator<InverseDistance>);

}  // namespace inrgene
