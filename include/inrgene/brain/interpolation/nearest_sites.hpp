// The k nearest of a set of points. The one file that names nanoflann.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <nanoflann.hpp>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// A neighbour of a point.
struct Neighbor {
  double distance_sqr_mm;
  Index index;

  friend bool operator<(const Neighbor& a, const Neighbor& b) {
    return a.distance_sqr_mm < b.distance_sqr_mm ||
           (a.distance_sqr_mm == b.distance_sqr_mm && a.index < b.index);
  }
};

namespace detail {

/// What the tree asks of its points.
struct TreePoints {
  Eigen::Matrix3Xd mm;

  [[nodiscard]] std::size_t kdtree_get_point_count() const {
    return static_cast<std::size_t>(mm.cols());
  }
  [[nodiscard]] double kdtree_get_pt(std::size_t point, std::size_t axis) const {
    return mm(static_cast<Index>(axis), static_cast<Index>(point));
  }
  template <class Box>
  bool kdtree_get_bbox(Box& /*box*/) const {
    return false;
  }
};

/// Keeps the k smallest by (distance, index). The tree's own result set keeps whichever of equally
/// distant points it met first, which depends on the shape of the tree.
class LowestNeighbors {
 public:
  using DistanceType = double;
  using IndexType = std::size_t;

  explicit LowestNeighbors(std::size_t capacity) : capacity_(capacity) {
    kept_.reserve(capacity + 1);
  }
  [[nodiscard]] std::size_t size() const { return kept_.size(); }
  [[nodiscard]] bool empty() const { return kept_.empty(); }
  [[nodiscard]] bool full() const { return kept_.size() == capacity_; }
  bool addPoint(double distance_sqr_mm, std::size_t index) {  // NOLINT: nanoflann's name
    const Neighbor neighbor{distance_sqr_mm, static_cast<Index>(index)};
    if (full() && !(neighbor < kept_.back())) return true;
    kept_.insert(std::lower_bound(kept_.begin(), kept_.end(), neighbor), neighbor);
    if (kept_.size() > capacity_) kept_.pop_back();
    return true;
  }
  /// Just above the worst kept distance, so that equally distant points are offered too.
  [[nodiscard]] double worstDist() const {  // NOLINT: nanoflann's name
    constexpr double infinity = std::numeric_limits<double>::infinity();
    return full() ? std::nextafter(kept_.back().distance_sqr_mm, infinity) : infinity;
  }
  void sort() {}  // kept sorted
  [[nodiscard]] std::vector<Neighbor> take() { return std::move(kept_); }

 private:
  std::size_t capacity_;
  std::vector<Neighbor> kept_;
};

}  // namespace detail

/// A search tree over points in millimetres. Copies share the tree, which never changes.
class NearestSites {
 public:
  /// Builds the tree over `mni_mm` [3 x points], at least one. Throws ArgumentError for none.
  /// Cost O(n log n).
  explicit NearestSites(Eigen::Matrix3Xd mni_mm) {
    require(mni_mm.cols() >= 1, "points", mni_mm.cols(), "at least 1");
    index_ = std::make_shared<const Indexed>(std::move(mni_mm));
  }

  [[nodiscard]] Index size() const { return index_->points.mm.cols(); }

  /// The k nearest of the points to `point_mm` (all when there are fewer), nearest first, equal
  /// distances by lowest index. Throws ArgumentError for k < 1 and a point that is not finite.
  /// Cost O(log n + k).
  [[nodiscard]] std::vector<Neighbor> find(const Eigen::Vector3d& point_mm, Index k) const {
    require(k >= 1, "k", k, "at least 1");
    if (!point_mm.allFinite()) {
      require(false, "point", point_mm.transpose(), "finite millimetres");
    }
    detail::LowestNeighbors nearest(static_cast<std::size_t>(std::min(k, size())));
    index_->tree.findNeighbors(nearest, point_mm.data(), {});
    return nearest.take();
  }

 private:
  using Tree =
      nanoflann::KDTreeSingleIndexAdaptor<nanoflann::L2_Simple_Adaptor<double, detail::TreePoints>,
                                          detail::TreePoints, 3, std::size_t>;
  struct Indexed {
    explicit Indexed(Eigen::Matrix3Xd mm)
        : points{std::move(mm)}, tree(3, points, nanoflann::KDTreeSingleIndexAdaptorParams(8)) {
      tree.buildIndex();
    }
    Indexed(const Indexed&) = delete;  // the tree points at `points`
    Indexed& operator=(const Indexed&) = delete;

    detail::TreePoints points;
    Tree tree;
  };
  std::shared_ptr<const Indexed> index_;
};

}  // namespace inrgene
