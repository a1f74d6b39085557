#include "inrgene/brain/datasets/site_groups.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "brain/datasets/sites_for_tests.hpp"

using namespace inrgene;

namespace {

Sites sites_at(const std::vector<std::array<double, 3>>& points) {
  Sites sites;
  sites.mni_mm.resize(3, std::ssize(points));
  for (Index i = 0; i < std::ssize(points); ++i) {
    const auto& p = points[static_cast<std::size_t>(i)];
    sites.mni_mm.col(i) << p[0], p[1], p[2];
    sites.well_ids.push_back(text(i));
  }
  return sites;
}

std::vector<Index> group_of_site(const SiteGroups& groups, Index size) {
  std::vector<Index> out(static_cast<std::size_t>(size), -1);
  for (Index g = 0; g < std::ssize(groups); ++g) {
    for (const Index i : groups[static_cast<std::size_t>(g)]) {
      CHECK(out[static_cast<std::size_t>(i)] == -1);
      out[static_cast<std::size_t>(i)] = g;
    }
  }
  for (const Index g : out) CHECK(g >= 0);
  return out;
}

}  // namespace

TEST_CASE("twins by hand: mirrored, repeated, on the midline, nearly and not quite") {
  const Sites sites = sites_at({
      {10, 20, 30},       // 0
      {-10, 20, 30},      // 1: mirror of 0
      {10, 20, 30.5},     // 2: half a millimetre above 0
      {10, 20, 30},       // 3: 0 again
      {0, 5, 5},          // 4: its own mirror image
      {-10.0005, 20, 30}  // 5: mirror of 0 within a micrometre
  });
  CHECK(twin_groups(sites, 1e-3) == SiteGroups{{0, 1, 3, 5}, {2}, {4}});
  CHECK(twin_groups(sites, 0.0) == SiteGroups{{0, 1, 3}, {2}, {4}, {5}});
  CHECK(twin_groups(sites, 0.6) == SiteGroups{{0, 1, 2, 3, 5}, {4}});
  CHECK(twin_groups(Sites{}, 1e-3).empty());
}

TEST_CASE("twin groups are the components of the twin relation, by brute force") {
  const Sites sites = test::scattered_sites(200, 5);
  for (const double tolerance_mm : {1e-3, 4.0, 8.0}) {
    std::vector<Index> colour(static_cast<std::size_t>(sites.size()));
    for (Index i = 0; i < sites.size(); ++i) colour[static_cast<std::size_t>(i)] = i;
    for (bool changed = true; changed;) {  // relax until stable
      changed = false;
      for (Index i = 0; i < sites.size(); ++i) {
        for (Index j = 0; j < sites.size(); ++j) {
          const bool twins = std::abs(std::abs(sites.mni_mm(0, i)) -
                                      std::abs(sites.mni_mm(0, j))) <= tolerance_mm &&
                             std::abs(sites.mni_mm(1, i) - sites.mni_mm(1, j)) <= tolerance_mm &&
                             std::abs(sites.mni_mm(2, i) - sites.mni_mm(2, j)) <= tolerance_mm;
          Index& a = colour[static_cast<std::size_t>(i)];
          const Index b = colour[static_cast<std::size_t>(j)];
          if (twins && b < a) {
            a = b;
            changed = true;
          }
        }
      }
    }
    const SiteGroups groups = twin_groups(sites, tolerance_mm);
    const auto group = group_of_site(groups, sites.size());
    CHECK(groups.size() == std::set<Index>(colour.begin(), colour.end()).size());
    for (Index i = 0; i < sites.size(); ++i) {
      const Index leader = colour[static_cast<std::size_t>(i)];
      CHECK(group[static_cast<std::size_t>(i)] == group[static_cast<std::size_t>(leader)]);
    }
  }
}

TEST_CASE("cubes by hand: edges belong to one cube, mirrored points to mirrored cubes") {
  using Block = std::array<Index, 3>;
  CHECK(block_of({0, 0, 0}, 20) == Block{0, 0, 0});
  CHECK(block_of({-0.0, 0, 0}, 20) == Block{0, 0, 0});
  CHECK(block_of({19.9, 20, -0.1}, 20) == Block{0, 1, -1});
  CHECK(block_of({-0.1, -20, -20.1}, 20) == Block{-1, -1, -2});
  CHECK(block_of({20, 0, 0}, 20) == Block{1, 0, 0});
  CHECK(block_of({-20, 0, 0}, 20) == Block{-2, 0, 0});
  Random random(11);
  for (int trial = 0; trial < 200; ++trial) {
    // whole numbers fall on the edges of cubes often
    const double x = std::floor(random.uniform(1, 70));
    const Block right = block_of({x, 3, 4}, 10);
    const Block left = block_of({-x, 3, 4}, 10);
    CHECK(left[0] == -1 - right[0]);
  }
}

TEST_CASE("a group of blocks is a cube, joined to its mirror image only by twins") {
  const Sites sites = sites_at({{5, 5, 5}, {15, 15, 15}, {-5, 9, 9}, {25, 5, 5}, {-25, 5, 5}});
  CHECK(block_groups(sites, 20, 1e-3) == SiteGroups{{0, 1}, {2}, {3, 4}});
  CHECK(block_groups(sites, 200, 1e-3) == SiteGroups{{0, 1, 2, 3, 4}});
  CHECK(block_groups(sites, 1, 1e-3) == SiteGroups{{0}, {1}, {2}, {3, 4}});
}

TEST_CASE("groups refuse coordinates and settings that have no meaning") {
  Sites sites = sites_at({{1, 2, 3}, {4, 5, 6}});
  for (const double edge : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), 1e-12}) {
    CHECK_THROWS_AS(static_cast<void>(block_groups(sites, edge, 1e-3)), ArgumentError);
  }
  CHECK_THROWS_AS(static_cast<void>(twin_groups(sites, -1)), ArgumentError);
  CHECK_THROWS_AS(static_cast<void>(block_groups(sites, 20, -1)), ArgumentError);
  sites.mni_mm(1, 1) = std::numeric_limits<double>::quiet_NaN();
  try {
    static_cast<void>(twin_groups(sites, 1e-3));
    FAIL("no exception");
  } catch (const ArgumentError& error) {
    CHECK(std::string(error.what()).find("MNI coordinate of site 1: found 4, nan, 6") == 0);
  }
}
