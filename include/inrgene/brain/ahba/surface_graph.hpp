// Ways along a surface: a graph over the vertices of a mesh and shortest paths on it.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <queue>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// The nearest source of a vertex along the surface.
struct OnSurface {
  Index source = -1;  ///< position among the sources; -1: none can be reached
  float distance_mm = std::numeric_limits<float>::infinity();
};

/// A graph whose edges are those of a triangle mesh (their length) and, across every edge that
/// exactly two triangles share, a link between their two opposite vertices a and b. A way from a to
/// b over the shared edge is taken through m, halfway between the feet of the two altitudes on the
/// edge's line: its length is |a - m| + |b - m|. Edges at vertices that are left out are absent.
/// Source: abagen (Markello et al. 2021, https://doi.org/10.7554/eLife.72129).
class SurfaceGraph {
 public:
  /// `vertices_mm` [3 x vertices]; `kept[v]` is false for a vertex to leave out.
  /// Throws ArgumentError for a triangle with a vertex that is not there, and when `kept` has
  /// another length. Cost O(triangles log triangles).
  SurfaceGraph(const Eigen::Matrix3Xd& vertices_mm,
               std::span<const std::array<std::int32_t, 3>> triangles,
               const std::vector<bool>& kept) {
    require(std::ssize(kept) == vertices_mm.cols(), "vertices kept or left out", kept.size(),
            text("one a vertex: ", vertices_mm.cols()));
    std::vector<Side> sides;
    sides.reserve(3 * triangles.size());
    for (const auto& triangle : triangles) {
      for (std::size_t c = 0; c < 3; ++c) {
        const std::int32_t a = triangle[c], b = triangle[(c + 1) % 3];
        require(a >= 0 && a < vertices_mm.cols(), "vertex of a triangle", a,
                "a vertex of the surface");
        if (a != b) sides.push_back({std::min(a, b), std::max(a, b), triangle[(c + 2) % 3]});
      }
    }
    std::sort(sides.begin(), sides.end());
    std::vector<Edge> edges;
    const auto join = [&](std::int32_t a, std::int32_t b, double length) {
      if (a == b || !kept[static_cast<std::size_t>(a)] || !kept[static_cast<std::size_t>(b)]) {
        return;
      }
      edges.push_back({a, b, length});
      edges.push_back({b, a, length});
    };
    for (std::size_t first = 0, end = 0; first < sides.size(); first = end) {
      const Side& side = sides[first];
      while (end < sides.size() && sides[end].low == side.low && sides[end].high == side.high) {
        ++end;
      }
      join(side.low, side.high, (vertices_mm.col(side.low) - vertices_mm.col(side.high)).norm());
      if (end - first != 2) continue;
      const std::int32_t a = side.opposite, b = sides[first + 1].opposite;
      join(a, b,
           across(vertices_mm.col(side.low), vertices_mm.col(side.high), vertices_mm.col(a),
                  vertices_mm.col(b)));
    }
    std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) {
      return std::tie(a.from, a.to, a.length_mm) < std::tie(b.from, b.to, b.length_mm);
    });
    begin_.assign(static_cast<std::size_t>(vertices_mm.cols()) + 1, 0);
    for (const Edge& edge : edges) {
      ++begin_[static_cast<std::size_t>(edge.from) + 1];
      to_.push_back(edge.to);
      length_mm_.push_back(edge.length_mm);
    }
    for (std::size_t v = 1; v < begin_.size(); ++v) begin_[v] += begin_[v - 1];
  }

  [[nodiscard]] Index vertices() const { return std::ssize(begin_) - 1; }

  /// The nearest of `sources` (vertices, each once) for each of `targets`, by shortest paths;
  /// lengths are summed in double and returned in single precision, in which abagen compares them.
  /// Equal lengths go to the first source. One search from all sources at once, which ends when all
  /// targets are reached: O(vertices log vertices) at most.
  /// Throws ArgumentError for a vertex that is not there.
  [[nodiscard]] std::vector<OnSurface> nearest(std::span<const Index> sources,
                                               std::span<const Index> targets) const {
    struct Reached {
      double length_mm = std::numeric_limits<double>::infinity();
      Index source = -1;
      bool is_final = false;
      bool is_target = false;
    };
    std::vector<Reached> reached(begin_.size() - 1);
    Index open_targets = 0;
    for (const Index target : targets) {
      Reached& at = reached[checked(target)];
      open_targets += at.is_target ? 0 : 1;
      at.is_target = true;
    }
    using Step = std::tuple<double, Index, std::int32_t>;  // length, source, vertex
    std::priority_queue<Step, std::vector<Step>, std::greater<>> next;
    const auto offer = [&](double length_mm, Index source, std::int32_t vertex) {
      Reached& at = reached[static_cast<std::size_t>(vertex)];
      const bool is_better =
          length_mm < at.length_mm || (length_mm == at.length_mm && source < at.source);
      if (at.is_final || !is_better) return;
      at.length_mm = length_mm;
      at.source = source;
      next.emplace(length_mm, source, vertex);
    };
    for (Index s = 0; s < std::ssize(sources); ++s) {
      const Index vertex = sources[static_cast<std::size_t>(s)];
      offer(0.0, s, static_cast<std::int32_t>(checked(vertex)));
    }
    while (!next.empty() && open_targets > 0) {
      const auto [length_mm, source, vertex] = next.top();
      next.pop();
      Reached& at = reached[static_cast<std::size_t>(vertex)];
      if (at.is_final) continue;
      at.is_final = true;
      open_targets -= at.is_target ? 1 : 0;
      for (std::size_t e = begin_[static_cast<std::size_t>(vertex)];
           e < begin_[static_cast<std::size_t>(vertex) + 1]; ++e) {
        offer(length_mm + length_mm_[e], source, to_[e]);
      }
    }
    std::vector<OnSurface> out;
    out.reserve(targets.size());
    for (const Index target : targets) {
      const Reached& at = reached[static_cast<std::size_t>(target)];
      out.push_back({at.source, static_cast<float>(at.length_mm)});
    }
    return out;
  }

 private:
  struct Side {
    std::int32_t low, high, opposite;
    friend bool operator<(const Side& a, const Side& b) {
      return std::tie(a.low, a.high, a.opposite) < std::tie(b.low, b.high, b.opposite);
    }
  };
  struct Edge {
    std::int32_t from, to;
    double length_mm;
  };

  /// |a - m| + |b - m| over the edge from p to q.
  [[nodiscard]] static double across(const Eigen::Vector3d& p, const Eigen::Vector3d& q,
                                     const Eigen::Vector3d& a, const Eigen::Vector3d& b) {
    const Eigen::Vector3d along = q - p;
    const double square = along.squaredNorm();
    if (!(square > 0)) return (a - p).norm() + (b - p).norm();
    const double middle = ((a - p).dot(along) + (b - p).dot(along)) / (2 * square);
    const Eigen::Vector3d m = p + middle * along;
    return (a - m).norm() + (b - m).norm();
  }

  [[nodiscard]] std::size_t checked(Index vertex) const {
    if (vertex < 0 || vertex >= vertices()) {
      require(false, "vertex", vertex, text("0 to ", vertices() - 1));
    }
    return static_cast<std::size_t>(vertex);
  }

  std::vector<std::size_t> begin_;  // of each vertex's edges, and the end
  std::vector<std::int32_t> to_;
  std::vector<double> length_mm_;
};

}  // namespace inrgene
