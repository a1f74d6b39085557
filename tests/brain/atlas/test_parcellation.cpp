#include "inrgene/brain/atlas/parcellation.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "brain/atlas/small_atlas.hpp"

using namespace inrgene;

TEST_CASE("parcellate: means by hand, whatever stands outside the regions") {
  const Atlas atlas = make_atlas(test::small_labels());
  auto map = atlas.labels.like<float>(std::numeric_limits<float>::quiet_NaN());
  map.values(1, 0, 0) = 1;
  map.values(2, 0, 0) = 2;
  map.values(1, 1, 0) = 6;
  map.values(2, 1, 0) = map.values(3, 1, 0) = 0.25F;
  map.values(3, 2, 1) = 1;
  const RegionMeans means = parcellate(map, atlas);
  CHECK(means.label == std::vector<Index>{5, 9});
  CHECK(means.mean == std::vector<double>{3, 0.5});
  CHECK(means.count == std::vector<Index>{3, 3});

  const Volume<float> painted = paint_regions(means.mean, atlas);
  CHECK(painted.values(2, 0, 0) == 3);
  CHECK(painted.values(3, 2, 1) == 0.5F);
  CHECK(painted.values(0, 0, 0) == 0);
  CHECK(parcellate(painted, atlas).mean == means.mean);
  CHECK_THROWS_AS((void)paint_regions(std::vector<double>{1}, atlas), ArgumentError);
}

TEST_CASE("the mean of a map of whole label numbers is the label itself, summed without drift") {
  const Atlas atlas = make_atlas(test::small_labels());
  auto map = atlas.labels.like<float>(0.1F);
  for (const double mean : parcellate(map, atlas).mean) {
    CHECK(mean == doctest::Approx(static_cast<double>(0.1F)).epsilon(1e-15));
  }
}

TEST_CASE("parcellate refuses another grid and values that are not finite") {
  const Atlas atlas = make_atlas(test::small_labels());
  auto map = atlas.labels.like<float>(0);
  map.values(2, 0, 0) = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS((void)parcellate(map, atlas, "map.nii"), InputError);
  map = atlas.labels.like<float>(0);
  map.voxel_to_mm[0][3] += 1;
  CHECK_THROWS_AS((void)parcellate(map, atlas), InputError);
}

TEST_CASE("mean_by_label over sites, label 0 left out") {
  Eigen::MatrixXd values(2, 5);
  values << 1, 2, 3, 4, std::numeric_limits<double>::quiet_NaN(), 10, 20, 30, 40, 50;
  const LabelMeans means = mean_by_label(values, std::vector<Index>{7, 2, 7, 2, 0});
  CHECK(means.label == std::vector<Index>{2, 7});
  CHECK(means.count == std::vector<Index>{2, 2});
  Eigen::MatrixXd expected(2, 2);
  expected << 3, 2, 30, 20;
  CHECK(means.values == expected);
  CHECK_THROWS_AS((void)mean_by_label(values, std::vector<Index>{7, 2, 7, 2, 2}), ArgumentError);
  CHECK_THROWS_AS((void)mean_by_label(values, std::vector<Index>{7}), ArgumentError);
  CHECK_THROWS_AS((void)mean_by_label(values, std::vector<Index>{7, 2, -7, 2, 0}), ArgumentError);
}
