#include "inrgene/brain/ahba/surface_graph.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "inrgene/core/random.hpp"

using namespace inrgene;

namespace {

using Triangles = std::vector<std::array<std::int32_t, 3>>;

/// A square of side 1: vertices 0 (0, 0), 1 (1, 0), 2 (1, 1), 3 (0, 1), cut from 0 to 2.
Eigen::Matrix3Xd square() {
  Eigen::Matrix3Xd mm(3, 4);
  mm << 0, 1, 1, 0,  //
      0, 0, 1, 1,    //
      0, 0, 0, 0;
  return mm;
}
const Triangles square_triangles{{0, 1, 2}, {0, 2, 3}};

float way(const SurfaceGraph& graph, Index from, Index to) {
  const std::vector<Index> sources{from}, targets{to};
  return graph.nearest(sources, targets).at(0).distance_mm;
}

/// A hilly sheet of n x n vertices.
struct Sheet {
  Eigen::Matrix3Xd mm;
  Triangles triangles;
};
Sheet hills(Index n, Random& random) {
  Sheet sheet{Eigen::Matrix3Xd(3, n * n), {}};
  for (Index v = 0; v < n * n; ++v) {
    sheet.mm.col(v) << static_cast<double>(v % n) + 0.4 * random.uniform(),
        static_cast<double>(v / n) + 0.4 * random.uniform(), random.uniform();
  }
  for (Index j = 0; j + 1 < n; ++j) {
    for (Index i = 0; i + 1 < n; ++i) {
      const auto a = static_cast<std::int32_t>(j * n + i), b = a + 1;
      const auto c = static_cast<std::int32_t>(a + n), d = c + 1;
      sheet.triangles.push_back({a, b, d});
      sheet.triangles.push_back({d, c, a});
    }
  }
  return sheet;
}

/// Foot of the altitude from v on the line through p and q.
Eigen::Vector3d foot(const Eigen::Vector3d& v, const Eigen::Vector3d& p, const Eigen::Vector3d& q) {
  const Eigen::Vector3d u = (q - p).normalized();
  return p + u * u.dot(v - p);
}

/// All shortest ways by the definition of the edges and Floyd and Warshall's recursion.
Eigen::MatrixXd all_ways(const Sheet& sheet, const std::vector<bool>& kept) {
  const Index n = sheet.mm.cols();
  Eigen::MatrixXd ways = Eigen::MatrixXd::Constant(n, n, std::numeric_limits<double>::infinity());
  const auto join = [&](Index a, Index b, double length) {
    if (!kept[static_cast<std::size_t>(a)] || !kept[static_cast<std::size_t>(b)]) return;
    ways(a, b) = ways(b, a) = std::min(ways(a, b), length);
  };
  for (const auto& one : sheet.triangles) {
    for (int c = 0; c < 3; ++c) {
      const Index a = one[static_cast<std::size_t>(c)],
                  b = one[static_cast<std::size_t>((c + 1) % 3)];
      join(a, b, (sheet.mm.col(a) - sheet.mm.col(b)).norm());
    }
    for (const auto& other : sheet.triangles) {
      std::set<Index> shared, apart(one.begin(), one.end());
      for (const Index v : other) {
        if (apart.erase(v) == 1) shared.insert(v);
      }
      if (shared.size() != 2) continue;
      const Index a = *apart.begin();
      const Index b =
          *std::find_if(other.begin(), other.end(), [&](Index v) { return !shared.contains(v); });
      const Eigen::Vector3d p = sheet.mm.col(*shared.begin()), q = sheet.mm.col(*shared.rbegin());
      const Eigen::Vector3d m = (foot(sheet.mm.col(a), p, q) + foot(sheet.mm.col(b), p, q)) / 2;
      join(a, b, (sheet.mm.col(a) - m).norm() + (sheet.mm.col(b) - m).norm());
    }
  }
  for (Index v = 0; v < n; ++v) ways(v, v) = 0;
  for (Index k = 0; k < n; ++k) {
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < n; ++j) ways(i, j) = std::min(ways(i, j), ways(i, k) + ways(k, j));
    }
  }
  return ways;
}

}  // namespace

TEST_CASE("surface graph: edges, and the link over a shared edge") {
  const SurfaceGraph graph(square(), square_triangles, std::vector<bool>(4, true));
  CHECK(way(graph, 0, 1) == 1.0F);
  CHECK(way(graph, 0, 2) == doctest::Approx(std::sqrt(2.0)).epsilon(1e-7));
  CHECK(way(graph, 1, 3) == doctest::Approx(std::sqrt(2.0)).epsilon(1e-7));  // not 2
  CHECK(way(graph, 2, 2) == 0.0F);
  // The altitudes' feet lie apart: (0.5, 0, 1) over the edge from (0, 0, 0) to (4, 0, 0) and
  // (2.5, 1, 0); m = (1.5, 0, 0), both halves √2.
  Eigen::Matrix3Xd mm(3, 4);
  mm << 0, 4, 0.5, 2.5,  //
      0, 0, 0, 1,        //
      0, 0, 1, 0;
  const SurfaceGraph bent(mm, Triangles{{0, 1, 2}, {1, 0, 3}}, std::vector<bool>(4, true));
  CHECK(way(bent, 2, 3) == doctest::Approx(2 * std::sqrt(2.0)).epsilon(1e-7));
}

TEST_CASE("surface graph: no way through vertices that are left out, no link at three triangles") {
  const SurfaceGraph without(square(), square_triangles, {true, false, true, true});
  CHECK(std::isinf(way(without, 0, 1)));
  CHECK(way(without, 0, 3) == 1.0F);
  Eigen::Matrix3Xd mm(3, 5);
  mm << square(), Eigen::Vector3d(0.5, 0.5, 9);
  const SurfaceGraph book(mm, Triangles{{0, 1, 2}, {0, 2, 3}, {0, 2, 4}},
                          std::vector<bool>(5, true));
  CHECK(way(book, 1, 3) == 2.0F);
  const std::vector<Index> sources{1}, targets{0, 1};
  const auto out = without.nearest(sources, targets);
  CHECK(out[0].source == -1);
  CHECK(out[1].source == 0);
}

TEST_CASE("surface graph: equal ways go to the first source") {
  const SurfaceGraph graph(square(), square_triangles, std::vector<bool>(4, true));
  const std::vector<Index> targets{0, 2};
  for (const std::vector<Index>& sources : {std::vector<Index>{1, 3}, std::vector<Index>{3, 1}}) {
    for (const OnSurface& at : graph.nearest(sources, targets)) {
      CHECK(at.source == 0);
      CHECK(at.distance_mm == 1.0F);
    }
  }
}

TEST_CASE("surface graph: shortest ways against a recursion over all vertices") {
  Random random(11, 2);
  for (int trial = 0; trial < 4; ++trial) {
    const Sheet sheet = hills(7, random);
    std::vector<bool> kept(49, true);
    for (int gap = 0; gap < 8 * trial; ++gap)
      kept[static_cast<std::size_t>(random.below(49))] = false;
    const SurfaceGraph graph(sheet.mm, sheet.triangles, kept);
    const Eigen::MatrixXd ways = all_ways(sheet, kept);
    const std::vector<Index> sources{3, 17, 40};
    std::vector<Index> targets;
    for (Index v = 0; v < 49; v += 2) targets.push_back(v);
    const auto found = graph.nearest(sources, targets);
    for (std::size_t t = 0; t < targets.size(); ++t) {
      double shortest = std::numeric_limits<double>::infinity();
      Index source = -1;
      for (std::size_t s = 0; s < sources.size(); ++s) {
        if (ways(sources[s], targets[t]) < shortest) {
          shortest = ways(sources[s], targets[t]);
          source = static_cast<Index>(s);
        }
      }
      CHECK(found[t].source == source);
      if (source < 0) continue;
      CHECK(found[t].distance_mm == doctest::Approx(shortest).epsilon(1e-6));
    }
  }
}

TEST_CASE("surface graph: what it refuses") {
  CHECK_THROWS_AS(SurfaceGraph(square(), Triangles{{0, 1, 4}}, std::vector<bool>(4, true)),
                  ArgumentError);
  CHECK_THROWS_AS(SurfaceGraph(square(), square_triangles, std::vector<bool>(3, true)),
                  ArgumentError);
  const SurfaceGraph graph(square(), square_triangles, std::vector<bool>(4, true));
  CHECK_THROWS_AS((void)way(graph, 0, 4), ArgumentError);
  CHECK_THROWS_AS((void)way(graph, -1, 0), ArgumentError);
}
