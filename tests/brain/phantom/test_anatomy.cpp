#include "inrgene/brain/phantom/anatomy.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstddef>

#include "inrgene/core/random.hpp"

using namespace inrgene;

TEST_CASE("the pallidum lies inside the striatum, both inside the brain") {
  Random random(1);
  for (int draw = 0; draw < 20000; ++draw) {
    std::array<double, 3> p{};
    for (std::size_t a = 0; a < 3; ++a) {
      const double half = detail::phantom_striatum.half_mm[a];
      p[a] = detail::phantom_striatum.centre_mm[a] + random.uniform(-half, half);
    }
    if (detail::phantom_pallidum.contains(p)) CHECK(detail::phantom_striatum.contains(p));
    if (detail::phantom_striatum.contains(p)) CHECK(detail::phantom_brain.contains(p));
    CHECK_FALSE((detail::phantom_striatum.contains(p) && detail::phantom_thalamus.contains(p)));
  }
}

TEST_CASE("left and right mirror each other voxel by voxel") {
  for (const double voxel_mm : {3.0, 4.0}) {
    const PhantomAnatomy anatomy = make_phantom_anatomy(voxel_mm);
    const Grid grid = anatomy.atlas.grid();
    Index compared = 0;
    for (Index v = 0; v < grid.size(); ++v) {
      auto mirrored = grid.voxel(v);
      CHECK(std::abs(grid.centre_mm(v)[0]) >= 0.5 * voxel_mm * (1 - 1e-12));
      mirrored[0] = grid.shape[0] - 1 - mirrored[0];
      const Index w = grid.linear(mirrored);
      const Index a = anatomy.atlas.labels.values.data()[v];
      const Index b = anatomy.atlas.labels.values.data()[w];
      const bool is_stem = a == 17 && b == 17;
      const bool are_twins = a > 0 && b > 0 && a != 17 && std::abs(a - b) == 8;
      CHECK((is_stem || are_twins || (a == 0 && b == 0)));
      CHECK(anatomy.tissue(v) == anatomy.tissue(w));
      ++compared;
    }
    CHECK(compared == grid.size());
    for (Index id = 1; id <= 8; ++id) {
      const Region& left = anatomy.atlas.regions[static_cast<std::size_t>(id - 1)];
      const Region& right = anatomy.atlas.regions[static_cast<std::size_t>(id + 7)];
      CHECK(left.voxels == right.voxels);
      CHECK(left.label == right.label);
      CHECK(left.hemisphere == "L");
      CHECK(right.hemisphere == "R");
    }
  }
}

TEST_CASE("every labelled voxel is grey or white, never both, and nothing outside is") {
  const PhantomAnatomy anatomy = make_phantom_anatomy(4);
  CHECK(anatomy.atlas.regions.size() == 17);
  CHECK(anatomy.atlas.labelled() > 20000);
  CHECK(anatomy.atlas.labelled() < 30000);
  Index grey = 0;
  for (Index v = 0; v < anatomy.atlas.labels.size(); ++v) {
    const bool is_grey = anatomy.grey.values.data()[v] == 1;
    const bool is_white = anatomy.white.values.data()[v] == 1;
    CHECK_FALSE((is_grey && is_white));
    CHECK((is_grey || is_white) == (anatomy.atlas.labels.values.data()[v] != 0));
    if (is_grey) ++grey;
  }
  const double share = static_cast<double>(grey) / static_cast<double>(anatomy.atlas.labelled());
  CHECK(share > 0.35);
  CHECK(share < 0.65);
  // White matter is a core: no white voxel of a hemisphere touches the outside.
  const Grid grid = anatomy.atlas.grid();
  for (Index v = 0; v < grid.size(); ++v) {
    const Index label = anatomy.atlas.labels.values.data()[v];
    if (label != 8 && label != 16) continue;
    const auto at = grid.voxel(v);
    for (std::size_t a = 0; a < 3; ++a) {
      for (const Index step : {Index{-1}, Index{1}}) {
        auto next = at;
        next[a] += step;
        CHECK(anatomy.atlas.labels.values.data()[grid.linear(next)] != 0);
      }
    }
  }
}

TEST_CASE("voxel sizes outside 1 to 6 mm are refused") {
  CHECK_THROWS_AS((void)make_phantom_anatomy(0.5), ArgumentError);
  CHECK_THROWS_AS((void)make_phantom_anatomy(7), ArgumentError);
}
