#include "inrgene/brain/ahba/dense_map.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "brain/ahba/region_samples_for_tests.hpp"
#include "brain/atlas/small_atlas.hpp"
#include "inrgene/brain/interpolation/inverse_distance.hpp"
#include "inrgene/core/random.hpp"

using namespace inrgene;
using namespace inrgene::test;

namespace {

using Class = StructureClass;

DenseMapSamples samples_at(const std::vector<std::array<double, 3>>& mm,
                           const std::vector<double>& values) {
  DenseMapSamples out;
  out.mni_mm.resize(3, std::ssize(mm));
  for (std::size_t s = 0; s < mm.size(); ++s) {
    out.mni_mm.col(static_cast<Index>(s)) << mm[s][0], mm[s][1], mm[s][2];
  }
  out.values = values;
  out.structure.assign(mm.size(), Class::cortex);
  return out;
}

/// A ball of two regions, left and right of x = 0, on an oblique grid; a hole of label 0 between.
Atlas ball_atlas(double voxel_mm, Index n) {
  Volume<std::int32_t> labels;
  const auto side = static_cast<std::size_t>(n);
  labels.values = Array<std::int32_t, 3>::from_shape({side, side, side});
  labels.values.fill(0);
  const double c = std::cos(0.3) * voxel_mm, s = std::sin(0.3) * voxel_mm;
  const double middle = 0.5 * static_cast<double>(n - 1);
  labels.voxel_to_mm = {{{-c, s, 0, (c - s) * middle},
                         {s, c, 0, -(s + c) * middle},
                         {0, 0, voxel_mm, -voxel_mm * middle},
                         {0, 0, 0, 1}}};
  Volume<std::int32_t> out = labels;
  const Grid grid = grid_of(labels);
  for (Index v = 0; v < grid.size(); ++v) {
    const auto mm = grid.centre_mm(v);
    const bool is_inside = std::hypot(mm[0], mm[1], mm[2]) < voxel_mm * middle * 0.9;
    if (is_inside && std::abs(mm[0]) > voxel_mm) out.values.data()[v] = mm[0] < 0 ? 4 : 7;
  }
  return make_atlas(std::move(out));
}

DenseMapSamples random_samples(Index n, double reach_mm) {
  Random random(21);
  DenseMapSamples out;
  out.mni_mm.resize(3, n);
  for (Index s = 0; s < n; ++s) {
    for (Index a = 0; a < 3; ++a) out.mni_mm(a, s) = random.uniform(-reach_mm, reach_mm);
    out.values.push_back(random.normal());
    out.structure.push_back(s % 3 == 0 ? Class::cerebellum : Class::cortex);
  }
  return out;
}

/// The same from the general interpolator, at one voxel.
double reference(const DenseMapSamples& samples, const std::vector<Index>& chosen, Index neighbors,
                 const std::array<double, 3>& mm) {
  FieldSamples field;
  field.mni_mm = samples.mni_mm(Eigen::all, chosen);
  field.values.resize(1, std::ssize(chosen));
  for (Index i = 0; i < std::ssize(chosen); ++i) {
    field.values(0, i) =
        samples.values[static_cast<std::size_t>(chosen[static_cast<std::size_t>(i)])];
  }
  InverseDistance method({.neighbors = neighbors});
  method.fit(field);
  FieldPoints point;
  point.mni_mm.resize(3, 1);
  point.mni_mm.col(0) << mm[0], mm[1], mm[2];
  return method.predict(point)(0, 0);
}

}  // namespace

TEST_CASE("dense_map worked by hand: inverse distances, and only samples on the spot") {
  const Atlas atlas = make_atlas(small_labels());
  // Voxel (1, 0, 0) lies at (-1, -2, -1) mm.
  const DenseMapSamples samples = samples_at(
      {{-1, -2, 1}, {-1, 2, -1}, {-1, -2, 99}, {1, 0, -1}, {1, 0, -1}}, {6, 3, 1000, 10, 20});
  const Volume<double> map = dense_map<double>(samples, atlas, {}, {.neighbors = 4});
  // Distances 2, 4, √8, √8; the fifth nearest is the far one.
  const double near = 1 / std::sqrt(8.0);
  CHECK(map.values(1, 0, 0) ==
        doctest::Approx((6 / 2.0 + 3 / 4.0 + 30 * near) / (0.75 + 2 * near)).epsilon(1e-14));
  CHECK(map.values(2, 1, 0) == 15);  // two samples on it
  CHECK(map.values(0, 0, 0) == 0);   // outside the atlas
  CHECK(map.voxel_to_mm == atlas.labels.voxel_to_mm);
  // With one neighbour, the first of the equally distant.
  CHECK(dense_map<double>(samples, atlas, {}, {.neighbors = 1}).values(2, 1, 0) == 10);
  // More neighbours than samples: all of them.
  const Volume<double> all = dense_map<double>(samples, atlas, {}, {.neighbors = 50});
  const double total = 0.75 + 2 * near + 1 / 100.0;
  CHECK(all.values(1, 0, 0) == doctest::Approx((3.75 + 30 * near + 10) / total).epsilon(1e-14));
}

TEST_CASE("dense_map agrees with the general interpolator on any grid") {
  for (const double voxel_mm : {0.4, 1.0, 2.0, 9.0}) {
    CAPTURE(voxel_mm);
    const Atlas atlas = ball_atlas(voxel_mm, 17);
    const double reach = voxel_mm * 10;
    for (const Index n : {3, 40, 900}) {
      CAPTURE(n);
      const DenseMapSamples samples = random_samples(n, reach);
      std::vector<Index> all;
      for (Index s = 0; s < n; ++s) all.push_back(s);
      const Volume<double> map = dense_map<double>(samples, atlas);
      double worst = 0;
      for (Index v = 0; v < map.size(); v += 7) {
        if (atlas.labels.values.data()[v] == 0) {
          CHECK(map.values.data()[v] == 0);
        } else {
          const double expected = reference(samples, all, 10, atlas.grid().centre_mm(v));
          worst = std::max(worst, std::abs(map.values.data()[v] - expected));
        }
      }
      CHECK(worst < 1e-12);
    }
  }
}

TEST_CASE("dense_map within classes: voxels ask samples of their region's class only") {
  const Atlas atlas = ball_atlas(1.0, 15);
  const DenseMapSamples samples = random_samples(300, 9);
  const std::vector<Class> regions{Class::cortex, Class::cerebellum};
  const DenseMapSettings within{.constraint = StructureConstraint::same_class};
  const Volume<double> map = dense_map<double>(samples, atlas, regions, within);
  for (std::size_t r = 0; r < 2; ++r) {
    std::vector<Index> same;
    for (std::size_t s = 0; s < samples.values.size(); ++s) {
      if (samples.structure[s] == regions[r]) same.push_back(static_cast<Index>(s));
    }
    for (Index v = 0; v < map.size(); v += 11) {
      if (atlas.labels.values.data()[v] != atlas.regions[r].id) continue;
      CHECK(
          map.values.data()[v] ==
          doctest::Approx(reference(samples, same, 10, atlas.grid().centre_mm(v))).epsilon(1e-12));
    }
  }
  // A class without samples: no value, and it is said.
  std::vector<Dropped> dropped;
  const std::vector<Class> without{Class::white_matter, Class::cerebellum};
  const Volume<float> holes = dense_map(samples, atlas, without, within,
                                        [&](Dropped d) { dropped.push_back(std::move(d)); });
  for (Index v = 0; v < holes.size(); ++v) {
    CHECK(std::isnan(holes.values.data()[v]) == (atlas.labels.values.data()[v] == 4));
  }
  REQUIRE(dropped.size() == 1);
  CHECK(dropped[0].item == "4");
  CHECK(dropped[0].kind == "region");
  CHECK(dropped[0].reason.find("white matter") != std::string::npos);
}

TEST_CASE("dense_map leaves out samples without a value") {
  const Atlas atlas = ball_atlas(1.0, 11);
  DenseMapSamples samples = random_samples(60, 6);
  DenseMapSamples measured;
  for (Index s = 0; s < 60; ++s) {
    const auto at = static_cast<std::size_t>(s);
    if (s % 4 == 1) {
      samples.values[at] = nan_value;
      continue;
    }
    DonorSamples one = plain_samples(1, 1);
    one.mni_mm = samples.mni_mm.col(s);
    measured.add(one, std::array{samples.values[at]});
  }
  const Volume<double> a = dense_map<double>(samples, atlas);
  const Volume<double> b = dense_map<double>(measured, atlas);
  CHECK(a.values == b.values);
}

TEST_CASE("dense_map has the same bytes for any number of threads") {
  const Atlas atlas = ball_atlas(1.5, 23);
  const DenseMapSamples samples = random_samples(500, 20);
  const Volume<float> one = dense_map(samples, atlas, {}, {.threads = {1}});
  for (const int threads : {2, 3, 8}) {
    const Volume<float> many = dense_map(samples, atlas, {}, {.threads = {threads}});
    CHECK(std::memcmp(one.values.data(), many.values.data(),
                      static_cast<std::size_t>(one.size()) * sizeof(float)) == 0);
  }
}

TEST_CASE("dense_map refuses what it cannot answer") {
  const Atlas atlas = make_atlas(small_labels());
  const DenseMapSamples good = samples_at({{0, 0, 0}, {1, 0, 0}}, {1, 2});
  CHECK_THROWS_AS((void)dense_map(DenseMapSamples{}, atlas), ArgumentError);
  CHECK_THROWS_AS((void)dense_map(good, atlas, {}, {.neighbors = 0}), ArgumentError);
  const DenseMapSettings within{.constraint = StructureConstraint::same_class};
  CHECK_THROWS_AS((void)dense_map(good, atlas, {}, within), ArgumentError);
  const std::vector<Class> other(2, Class::other);
  CHECK_THROWS_AS((void)dense_map(good, atlas, other, within), ArgumentError);
  DenseMapSamples bad = good;
  bad.values.pop_back();
  CHECK_THROWS_AS((void)dense_map(bad, atlas), ArgumentError);
  bad = good;
  bad.structure.clear();
  CHECK_THROWS_AS((void)dense_map(bad, atlas), ArgumentError);
  bad = good;
  bad.mni_mm(1, 1) = nan_value;
  CHECK_THROWS_AS((void)dense_map(bad, atlas), ArgumentError);
  bad = good;
  bad.values = {nan_value, nan_value};
  CHECK_THROWS_AS((void)dense_map(bad, atlas), ArgumentError);
  CHECK_THROWS_AS(bad.add(plain_samples(1, 2), std::array{1.0}), ArgumentError);
}
