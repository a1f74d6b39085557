// The part shared by interpolators that answer from the nearest sites of a point's class.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "inrgene/brain/interpolation/interpolator.hpp"
#include "inrgene/brain/interpolation/nearest_sites.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene::detail {

/// One search tree a class, with the values at all sites.
class NeighborField {
 public:
  void fit(const FieldSamples& samples) {
    samples.check();
    SitesByClass by_class = sites_by_class(samples);
    std::vector<NearestSites> trees;
    for (const std::vector<Index>& sites : by_class.sites) {
      trees.emplace_back(samples.mni_mm(Eigen::all, sites));
    }
    values_ = samples.values;
    by_class_ = std::move(by_class);
    trees_ = std::move(trees);
    has_classes_ = !samples.classes.empty();
  }

  /// Calls `combine(neighbours, values, out)` for each point, with the k nearest sites of its class
  /// (indices into the columns of `values`) and the column to fill.
  template <class Combine>
  [[nodiscard]] Eigen::MatrixXd predict(const FieldPoints& points, Index k, Threads threads,
                                        const Combine& combine) const {
    require(!trees_.empty(), "fitted", "predict before fit", "fit first");
    require(points.classes.empty() != has_classes_, "classes of the points", points.classes.size(),
            has_classes_ ? "one a point, as the samples had" : "none");
    require(!has_classes_ || std::ssize(points.classes) == points.mni_mm.cols(),
            "classes of the points", points.classes.size(),
            text("one a point: ", points.mni_mm.cols()));
    Eigen::MatrixXd out(values_.rows(), points.mni_mm.cols());
    parallel_for(threads, points.mni_mm.cols(), [&](Index p) {
      const std::size_t c =
          has_classes_ ? position_of(points.classes[static_cast<std::size_t>(p)]) : 0;
      std::vector<Neighbor> neighbors = trees_[c].find(points.mni_mm.col(p), k);
      for (Neighbor& neighbor : neighbors) {
        neighbor.index = by_class_.sites[c][static_cast<std::size_t>(neighbor.index)];
      }
      combine(neighbors, values_, out.col(p));
    });
    return out;
  }

 private:
  [[nodiscard]] std::size_t position_of(int wanted) const {
    const auto& classes = by_class_.classes;
    const auto at = std::lower_bound(classes.begin(), classes.end(), wanted);
    if (at == classes.end() || *at != wanted) {
      require(false, "class of a point", wanted, "a class that some sample has");
    }
    return static_cast<std::size_t>(at - classes.begin());
  }

  Eigen::MatrixXd values_;
  SitesByClass by_class_;
  std::vector<NearestSites> trees_;
  bool has_classes_ = false;
};

}  // namespace inrgene::detail
