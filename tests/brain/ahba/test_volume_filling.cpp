// Weights of samples that stand in for a region of a volume without samples.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "brain/ahba/expected_samples.hpp"
#include "inrgene/brain/ahba/volume_regions.hpp"
#include "inrgene/core/random.hpp"

using namespace inrgene;

namespace {

constexpr auto cortex = StructureClass::cortex;
constexpr auto subcortex = StructureClass::subcortex_brainstem;

Volume<std::int32_t> random_labels(std::array<std::size_t, 3> shape, Random& random) {
  Volume<std::int32_t> labels;
  labels.values = Array<std::int32_t, 3>::from_shape({shape[0], shape[1], shape[2]});
  for (std::int32_t& label : labels.values) {
    label = static_cast<std::int32_t>(std::max<Index>(0, random.below(9) - 4));
  }
  return labels;
}

/// Sides and classes of labels 1 to 4.
std::vector<RegionInfo> four_regions() {
  return {{1, "a", Hemisphere::left, cortex},
          {2, "b", Hemisphere::left, cortex},
          {3, "c", Hemisphere::left, subcortex},
          {4, "d", Hemisphere::both, cortex}};
}

/// The rule word by word: every voxel of the region against every sample.
std::vector<double> by_definition(const Atlas& atlas,
                                  const std::optional<std::vector<RegionInfo>>& info, Index region,
                                  const DonorSamples& samples) {
  const Grid grid = atlas.grid();
  const auto centre = [&](Index voxel) {
    const auto mm = grid.centre_mm(voxel);
    return Eigen::Vector3d(mm[0], mm[1], mm[2]);
  };
  const auto label = [&](Index voxel) { return Index{atlas.labels.values.data()[voxel]}; };
  std::vector<Index> place;
  std::vector<bool> counts;
  for (Index s = 0; s < samples.size(); ++s) {
    double nearest = std::numeric_limits<double>::infinity();
    Index found = -1;
    for (Index v = 0; v < grid.size(); ++v) {
      const double distance = (centre(v) - samples.mni_mm.col(s)).norm();
      if (label(v) == 0 || distance >= nearest) continue;
      nearest = distance;
      found = v;
    }
    place.push_back(found);
    const auto at = static_cast<std::size_t>(s);
    bool may = true;
    if (info) {
      const RegionInfo& empty = (*info)[static_cast<std::size_t>(region - 1)];
      const RegionInfo& under = (*info)[static_cast<std::size_t>(label(found) - 1)];
      may = empty.structure == samples.structure[at] &&
            empty.hemisphere == samples.hemisphere[at] &&
            under.structure == samples.structure[at] &&
            (under.hemisphere == Hemisphere::both || under.hemisphere == samples.hemisphere[at]);
    }
    counts.push_back(may);
  }
  std::vector<double> weight(place.size(), 0.0);
  bool is_any = false;
  for (Index v = 0; v < grid.size(); ++v) {
    if (label(v) != region) continue;
    double nearest = std::numeric_limits<double>::infinity();
    std::size_t chosen = 0;
    for (std::size_t s = 0; s < place.size(); ++s) {
      const double distance = (centre(v) - centre(place[s])).norm();
      if (!counts[s] || distance >= nearest) continue;
      nearest = distance;
      chosen = s;
    }
    if (std::isinf(nearest)) continue;
    is_any = true;
    weight[chosen] += nearest == 0 ? 1 : 1 / nearest;
  }
  return is_any ? weight : std::vector<double>{};
}

void check_against_definition(const Volume<std::int32_t>& labels, const DonorSamples& samples,
                              bool with_info) {
  const Atlas atlas = make_atlas(labels);
  std::optional<std::vector<RegionInfo>> info;
  if (with_info) info = four_regions();
  const VolumeRegions regions(atlas, info, {.placement = GridPlacement::nearest});
  const auto places = regions.nearest_places(samples);
  for (const Index region : regions.labels()) {
    const auto expected = by_definition(atlas, info, region, samples);
    const auto weight = regions.fill_weights(region, samples);
    REQUIRE(weight.size() == expected.size());
    for (std::size_t s = 0; s < weight.size(); ++s) {
      CHECK(weight[s] == doctest::Approx(expected[s]).epsilon(1e-12));
    }
    CHECK(regions.fill_weights(region, samples, places) == weight);
  }
}

}  // namespace

TEST_CASE("filling: a region between two samples, by hand") {
  // A row along x from 0: labels 1 1 2 2 2 2 1; samples on voxels 1 and 6, the last twice.
  Volume<std::int32_t> labels;
  labels.values = Array<std::int32_t, 3>::from_shape({7, 1, 1});
  labels.values.fill(2);
  for (const std::size_t i : {0U, 1U, 6U}) labels.values(i, 0U, 0U) = 1;
  labels.voxel_to_mm[0][0] = 2;
  const VolumeRegions regions(make_atlas(labels), std::nullopt);
  const auto samples = test::samples_at({{2.4, 0.3, 0}, {12, 0, 0}, {11.5, 0, 0}});
  // Voxels 2, 3 are 2 and 4 mm from the first, voxels 5, 4 as far from the second.
  const auto weight = regions.fill_weights(2, samples);
  REQUIRE(weight.size() == 3);
  CHECK(weight[0] == doctest::Approx(0.75).epsilon(1e-15));
  CHECK(weight[1] == doctest::Approx(0.75).epsilon(1e-15));
  CHECK(weight[2] == 0);
  CHECK(regions.distance_to_centroid(2, samples).at(1) == doctest::Approx(5).epsilon(1e-15));
  // Distance 0 weighs 1, although 1/d at 0.4 mm would be more.
  CHECK(regions.fill_weights(1, test::samples_at({{0, 0, 0}})).at(0) ==
        doctest::Approx(1 + 1.0 / 2 + 1.0 / 12).epsilon(1e-15));
}

TEST_CASE("filling: nobody of the class and side") {
  Random random(1, 1);
  const VolumeRegions regions(make_atlas(random_labels({5, 5, 5}, random)), four_regions());
  const auto left = test::samples_at({{1, 1, 1}, {3, 3, 3}}, cortex, Hemisphere::left);
  CHECK(regions.fill_weights(3, left).empty());  // another class
  CHECK(regions.fill_weights(4, left).empty());  // a region of both sides takes no left sample
  CHECK(regions.fill_weights(1, test::samples_at({}, cortex)).empty());
}

TEST_CASE("filling: against the rule word by word, with ties, on any grid") {
  Random random(3, 7);
  for (const bool with_info : {false, true}) {
    for (int kind = 0; kind < 4; ++kind) {
      CAPTURE(with_info);
      CAPTURE(kind);
      auto labels = random_labels({9, 8, 7}, random);
      auto& m = labels.voxel_to_mm;
      if (kind == 1) m = {{{0, -2, 0, 5}, {0, 0, 2, -3}, {2, 0, 0, -8}, {0, 0, 0, 1}}};
      if (kind == 2) m = {{{1, 0, 0, 0}, {0, 1.5, 0, 0}, {0, 0, 1, 2}, {0, 0, 0, 1}}};
      if (kind == 3) m = {{{1, 0.3, 0, 0}, {0.1, 1, 0, 0}, {0, 0.2, 1.1, 2}, {0, 0, 0, 1}}};
      std::vector<Eigen::Vector3d> mm;
      for (int s = 0; s < 40; ++s) {
        const auto at = grid_of(labels).mm(
            {11 * random.uniform() - 1, 10 * random.uniform() - 1, 9 * random.uniform() - 1});
        mm.emplace_back(at[0], at[1], at[2]);
      }
      auto samples = test::samples_at(mm);
      for (std::size_t s = 0; s < mm.size(); ++s) {
        if (random.below(4) == 0) samples.structure[s] = subcortex;
        if (random.below(5) == 0) samples.hemisphere[s] = Hemisphere::right;
        if (random.below(5) == 0) samples.hemisphere[s] = Hemisphere::both;
      }
      check_against_definition(labels, samples, with_info);
    }
  }
}

TEST_CASE("filling: a grid too long for distances in 32 bits") {
  Volume<std::int32_t> labels;
  labels.values = Array<std::int32_t, 3>::from_shape({2100, 1, 2});
  labels.values.fill(1);
  for (std::size_t i = 0; i < 2100; i += 7) labels.values(i, 0U, 0U) = 2;
  std::vector<Eigen::Vector3d> mm;
  for (int s = 0; s < 1100; ++s) mm.emplace_back(s % 2 == 0 ? 3 * s / 2 : 2099 - s, 0, 1);
  const VolumeRegions regions(make_atlas(labels), std::nullopt);
  const auto weight = regions.fill_weights(2, test::samples_at(mm));
  double sum = 0, expected = 0;
  for (const double w : weight) sum += w;
  for (int i = 0; i < 2100; i += 7) {
    double nearest = 1e9;
    for (const auto& place : mm) nearest = std::min(nearest, std::hypot(place[0] - i, 1.0));
    expected += 1 / nearest;
  }
  CHECK(sum == doctest::Approx(expected).epsilon(1e-12));
}
