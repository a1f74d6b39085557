// Every point takes the value of the nearest sample.
#pragma once

#include <string_view>
#include <vector>

#include "inrgene/brain/interpolation/interpolator.hpp"
#include "inrgene/brain/interpolation/neighbor_field.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// f(x) = value of the nearest site (of the same class, when classes are given); equal distances go
/// to the lowest index. No setting to choose, and the least a method must beat.
class NearestSample {
 public:
  static constexpr std::string_view name = "nearest";

  NearestSample() = default;
  explicit NearestSample(Threads threads) : threads_(threads) {}

  /// Throws ArgumentError as FieldSamples::check. Cost O(n log n).
  void fit(const FieldSamples& samples) { field_.fit(samples); }

  /// [outputs x points]. Throws ArgumentError before `fit`, for classes that do not fit those of
  /// the samples or that no sample has, and for a point that is not finite.
  /// Cost O(log sites + outputs) a point.
  [[nodiscard]] Eigen::MatrixXd predict(const FieldPoints& points) const {
    return field_.predict(points, 1, threads_,
                          [](const std::vector<Neighbor>& nearest, const Eigen::MatrixXd& values,
                             auto out) { out = values.col(nearest.front().index); });
  }

 private:
  Threads threads_ = {};
  detail::NeighborField field_;
};

static_assert(Interpolator<NearestSample>);

}  // namespace inrgene
