#include "inrgene/math/volume.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "inrgene/core/random.hpp"

using namespace inrgene;

TEST_CASE("an affine and its inverse undo each other") {
  Random random(1);
  for (int repeat = 0; repeat < 20; ++repeat) {
    Affine a = identity_affine;
    for (std::size_t r = 0; r < 3; ++r) {
      for (std::size_t c = 0; c < 4; ++c) a[r][c] = random.uniform(-2, 2) + (r == c ? 5 : 0);
    }
    const Affine back = inverse(a);
    CHECK(determinant(a) * determinant(back) == doctest::Approx(1));
    const std::array<double, 3> p{random.normal(), random.normal(), random.normal()};
    const auto q = transform(back, transform(a, p));
    for (std::size_t i = 0; i < 3; ++i) CHECK(std::abs(q[i] - p[i]) < 1e-13);
    CHECK(back[3] == identity_affine[3]);
  }
}

TEST_CASE("an affine of 2 mm voxels, worked by hand") {
  const Affine a{{{-2, 0, 0, 90}, {0, 2, 0, -126}, {0, 0, 2, -72}, {0, 0, 0, 1}}};
  CHECK(determinant(a) == -8);
  CHECK(transform(a, {45, 63, 36}) == std::array<double, 3>{0, 0, 0});
  const Affine back = inverse(a);
  CHECK(back[0] == std::array<double, 4>{-0.5, 0, 0, 45});
  CHECK(back[1] == std::array<double, 4>{0, 0.5, 0, 63});
}

TEST_CASE("a singular affine has no finite inverse") {
  Affine a = identity_affine;
  a[1] = a[0];
  CHECK(determinant(a) == 0);
  CHECK_FALSE(std::isfinite(inverse(a)[0][0]));
}

TEST_CASE("a volume of the same grid takes the affine along") {
  Volume<float> v;
  v.values = Array<float, 3>({2, 3, 4}, 1.5F);
  v.voxel_to_mm[0][3] = 7;
  const auto labels = v.like<int>(3);
  CHECK(labels.shape() == std::array<Index, 3>{2, 3, 4});
  CHECK(labels.size() == 24);
  CHECK(labels.values(1, 2, 3) == 3);
  CHECK(labels.voxel_to_mm == v.voxel_to_mm);
}
