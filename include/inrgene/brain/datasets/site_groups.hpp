// Groups of sites that must not be torn apart by a split.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// Groups of site indices: each index in one group, ascending inside; groups in the order of their
/// first index.
using SiteGroups = std::vector<std::vector<Index>>;

namespace detail {

inline void require_finite_sites(const Sites& sites) {
  sites.check();
  for (Index i = 0; i < sites.size(); ++i) {
    require(sites.mni_mm.col(i).allFinite(), text("MNI coordinate of site ", i),
            text(sites.mni_mm(0, i), ", ", sites.mni_mm(1, i), ", ", sites.mni_mm(2, i)),
            "three finite numbers");
  }
}

/// Disjoint sets of 0 … n-1 with path halving; the smallest member leads its set.
class DisjointSets {
 public:
  explicit DisjointSets(Index n) : parent_(static_cast<std::size_t>(n)) {
    std::iota(parent_.begin(), parent_.end(), Index{0});
  }

  [[nodiscard]] Index leader(Index i) {
    while (at(i) != i) {
      at(i) = at(at(i));
      i = at(i);
    }
    return i;
  }

  void merge(Index a, Index b) {
    a = leader(a);
    b = leader(b);
    at(std::max(a, b)) = std::min(a, b);
  }

  [[nodiscard]] SiteGroups groups() {
    SiteGroups out;
    std::vector<Index> group_of(parent_.size(), -1);
    for (Index i = 0; i < std::ssize(parent_); ++i) {
      Index& group = group_of[static_cast<std::size_t>(leader(i))];
      if (group < 0) {
        group = std::ssize(out);
        out.emplace_back();
      }
      out[static_cast<std::size_t>(group)].push_back(i);
    }
    return out;
  }

 private:
  Index& at(Index i) { return parent_[static_cast<std::size_t>(i)]; }

  std::vector<Index> parent_;
};

/// Merges sites whose (|x|, y, z) agree within `tolerance_mm` on every axis. Sorted by |x|, each
/// site looks ahead only over its window. Cost: O(sites log sites) for scattered sites.
inline void merge_twins(const Sites& sites, double tolerance_mm, DisjointSets& sets) {
  const auto lateral = [&](Index i) { return std::abs(sites.mni_mm(0, i)); };
  std::vector<Index> order(static_cast<std::size_t>(sites.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::sort(order.begin(), order.end(),
            [&](Index a, Index b) { return std::pair(lateral(a), a) < std::pair(lateral(b), b); });
  for (std::size_t first = 0; first < order.size(); ++first) {
    const Index a = order[first];
    for (std::size_t next = first + 1; next < order.size(); ++next) {
      const Index b = order[next];
      if (lateral(b) - lateral(a) > tolerance_mm) break;
      if (std::abs(sites.mni_mm(1, a) - sites.mni_mm(1, b)) <= tolerance_mm &&
          std::abs(sites.mni_mm(2, a) - sites.mni_mm(2, b)) <= tolerance_mm) {
        sets.merge(a, b);
      }
    }
  }
}

}  // namespace detail

/// Sites that stand at the same place or at its mirror image across x = 0, where each axis may
/// differ by `tolerance_mm`: left-right twins (a sample and its copy mirrored into the other
/// hemisphere) and repeated positions. Throws ArgumentError for a coordinate that is not finite or
/// a negative tolerance. Cost: O(sites log sites) for scattered sites.
[[nodiscard]] inline SiteGroups twin_groups(const Sites& sites, double tolerance_mm) {
  detail::require_finite_sites(sites);
  require(tolerance_mm >= 0 && std::isfinite(tolerance_mm), "twin_tolerance_mm", tolerance_mm,
          "a finite number of millimetres, 0 or more");
  detail::DisjointSets sets(sites.size());
  detail::merge_twins(sites, tolerance_mm, sets);
  return sets.groups();
}

/// The cube of edge `block_mm` that a point (millimetres) is in. Cubes are half open away from 0 in
/// x (so that mirrored points are in mirrored cubes) and upwards in y and z.
[[nodiscard]] inline std::array<Index, 3> block_of(const Eigen::Vector3d& point_mm,
                                                   double block_mm) {
  const auto cell = [&](double value) { return static_cast<Index>(std::floor(value / block_mm)); };
  const Index x = point_mm.x() < 0 ? -1 - cell(-point_mm.x()) : cell(point_mm.x());
  return {x, cell(point_mm.y()), cell(point_mm.z())};
}

/// Sites by cube of edge `block_mm`; cubes that share twins (see `twin_groups`) are one group.
/// Throws ArgumentError for a coordinate that is not finite, an edge that is not positive, or a
/// negative tolerance. Cost: O(sites log sites).
[[nodiscard]] inline SiteGroups block_groups(const Sites& sites, double block_mm,
                                             double tolerance_mm) {
  detail::require_finite_sites(sites);
  require(block_mm > 0 && std::isfinite(block_mm), "block_mm", block_mm,
          "a positive, finite number of millimetres");
  require(tolerance_mm >= 0 && std::isfinite(tolerance_mm), "twin_tolerance_mm", tolerance_mm,
          "a finite number of millimetres, 0 or more");
  const double reach = sites.size() == 0 ? 0.0 : sites.mni_mm.cwiseAbs().maxCoeff() / block_mm;
  require(reach < 1e9, "block_mm", block_mm, "an edge in proportion to the coordinates");
  detail::DisjointSets sets(sites.size());
  std::map<std::array<Index, 3>, Index> first_in_block;
  for (Index i = 0; i < sites.size(); ++i) {
    const auto [entry, fresh] = first_in_block.emplace(block_of(sites.mni_mm.col(i), block_mm), i);
    if (!fresh) sets.merge(entry->second, i);
  }
  detail::merge_twins(sites, tolerance_mm, sets);
  return sets.groups();
}

}  // namespace inrgene
