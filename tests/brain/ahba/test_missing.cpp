#include "inrgene/brain/ahba/missing.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <map>
#include <span>
#include <vector>

#include "brain/ahba/region_samples_for_tests.hpp"
#include "inrgene/brain/ahba/aggregate.hpp"

using namespace inrgene;
using namespace inrgene::test;

namespace {

/// Regions as points on the x axis; weights 1/distance over the samples of its class and side.
struct PointRegions {
  std::vector<Index> label;
  std::map<Index, double> x_mm;
  std::map<Index, RegionInfo> table = {};

  [[nodiscard]] std::span<const Index> labels() const { return label; }
  [[nodiscard]] std::vector<Index> match(const DonorSamples& samples) const {
    return std::vector<Index>(static_cast<std::size_t>(samples.size()), label.front());
  }
  [[nodiscard]] std::vector<double> distance_to_centroid(Index region,
                                                         const DonorSamples& samples) const {
    std::vector<double> out;
    for (Index s = 0; s < samples.size(); ++s) {
      out.push_back(std::abs(samples.mni_mm(0, s) - x_mm.at(region)));
    }
    return out;
  }
  [[nodiscard]] bool has_info() const { return !table.empty(); }
  [[nodiscard]] const RegionInfo& info(Index region) const { return table.at(region); }
  [[nodiscard]] std::vector<double> fill_weights(Index region, const DonorSamples& samples) const {
    std::vector<double> out = distance_to_centroid(region, samples);
    bool any = false;
    for (std::size_t s = 0; s < out.size(); ++s) {
      const bool fits =
          !has_info() || may_fill(info(region), samples.structure[s], samples.hemisphere[s]);
      out[s] = !fits ? 0 : (out[s] == 0 ? 1 : 1 / out[s]);
      any = any || fits;
    }
    return any ? out : std::vector<double>{};
  }
};
static_assert(RegionGeometry<PointRegions>);

RegionInfo info(Index id, Hemisphere hemisphere, StructureClass structure) {
  return {.id = id, .label = "r", .hemisphere = hemisphere, .structure = structure};
}

}  // namespace

TEST_CASE("interpolate_missing: weighted means of the donor's samples, one column a region") {
  // Samples at 0, 1, 2 mm; regions 3 at 4 mm and 8 at 1 mm have none.
  RegionSamples donor = plain_donor(1, {5, 5, 0}, {{1, 2, 4}, {nan_value, 8, 1}});
  const PointRegions geometry{{3, 5, 8}, {{3, 4.0}, {5, 0.0}, {8, 1.0}}};
  CHECK(interpolate_missing(donor, geometry) == 2);
  CHECK(donor.filled == std::vector<Index>{3, 8});
  donor.check();
  // Weights 1/4, 1/3, 1/2 for region 3; 1, 1 (distance 0), 1 for region 8. NaN counts as 0.
  const double total = 1.0 / 4 + 1.0 / 3 + 1.0 / 2;
  const Eigen::MatrixXd expected = matrix_of(
      {{(1.0 / 4 + 2.0 / 3 + 4.0 / 2) / total, 7.0 / 3}, {(8.0 / 3 + 1.0 / 2) / total, 9.0 / 3}});
  CHECK(nan_difference(donor.values.rightCols(2), expected) < 1e-14);
  CHECK(donor.values(1, 1) == 8);  // samples stay
  CHECK(donor.missing(geometry.labels()).empty());
  CHECK(interpolate_missing(donor, geometry) == 0);  // nothing left to fill
  // The filled region is one sample of its region.
  const Eigen::MatrixXd regions =
      aggregate_regions(donor, geometry.labels(), AggregationMetric::mean);
  CHECK(nan_difference(regions.col(0), expected.col(0)) < 1e-14);
}

TEST_CASE("interpolate_missing keeps to class and side, and reports what it cannot fill") {
  RegionSamples donor = plain_donor(9861, {1, 1, 1}, {{1, 2, 3}});
  donor.samples.structure[2] = StructureClass::cerebellum;
  const PointRegions geometry{{1, 2, 3, 4},
                              {{1, 0.0}, {2, 3.0}, {3, 3.0}, {4, 3.0}},
                              {{1, info(1, Hemisphere::left, StructureClass::cortex)},
                               {2, info(2, Hemisphere::left, StructureClass::cerebellum)},
                               {3, info(3, Hemisphere::right, StructureClass::cortex)},
                               {4, info(4, Hemisphere::both, StructureClass::cortex)}}};
  std::vector<Dropped> dropped;
  CHECK(interpolate_missing(donor, geometry, {},
                            [&](Dropped d) { dropped.push_back(std::move(d)); }) == 1);
  CHECK(donor.filled == std::vector<Index>{2});
  CHECK(donor.values(0, 3) == 3);
  REQUIRE(dropped.size() == 2);
  CHECK(dropped[0].item == "3");
  CHECK(dropped[1].item == "4");
  CHECK(dropped[0].kind == "region");
  CHECK(dropped[0].reason.find("donor 9861") != std::string::npos);
}

TEST_CASE("missing regions stay missing in a donor without any matched sample") {
  RegionSamples unmatched = plain_donor(2, {0, 0}, {{1, 2}});
  const PointRegions geometry{{1, 2}, {{1, 0.0}, {2, 5.0}}};
  CHECK(interpolate_missing(unmatched, geometry) == 0);
  CHECK(unmatched.values.cols() == 2);
  CHECK(!centroid_candidates(unmatched, geometry).matched);

  std::vector<RegionSamples> donors{unmatched, plain_donor(3, {1, 0}, {{10, 20}})};
  std::vector<CentroidCandidates> candidates;
  for (const RegionSamples& donor : donors) {
    candidates.push_back(centroid_candidates(donor, geometry));
  }
  CHECK(fill_from_centroids(donors, candidates) == std::vector<Index>{2});
  CHECK(donors[0].filled.empty());
  CHECK(donors[1].filled == std::vector<Index>{2});
  CHECK(donors[1].values(0, 2) == 20);
}

TEST_CASE("fill_from_centroids: regions that no donor has, from the nearest sample of each") {
  // Region 1 is in the first donor only, 2 in both, 7 in none (centroid at 2.5 mm), nor 9 (1 mm).
  const PointRegions geometry{{1, 2, 7, 9}, {{1, 0.0}, {2, 1.0}, {7, 2.5}, {9, 1.0}}};
  std::vector<RegionSamples> donors{plain_donor(1, {1, 2, 2}, {{1, 2, 3}, {4, 5, nan_value}}),
                                    plain_donor(2, {2, 2}, {{10, 20}, {30, 40}})};
  std::vector<CentroidCandidates> candidates;
  for (const RegionSamples& donor : donors) {
    candidates.push_back(centroid_candidates(donor, geometry));
  }
  CHECK(candidates[0].label == std::vector<Index>{7, 9});
  CHECK(candidates[0].sample == std::vector<Index>{2, 1});
  CHECK(candidates[0].distance_mm == std::vector<double>{0.5, 0});
  CHECK(candidates[1].label == std::vector<Index>{1, 7, 9});
  CHECK(candidates[1].sample == std::vector<Index>{0, 1, 1});
  CHECK(fill_from_centroids(donors, candidates) == std::vector<Index>{7, 9});
  // Region 7: weights 1/0.5 and 1/1.5; region 9: both at distance 0, weight 1.
  const double total = 2 + 2.0 / 3;
  const Eigen::MatrixXd expected =
      matrix_of({{(2 * 3 + 20 * 2.0 / 3) / total, 11}, {(40 * 2.0 / 3) / total, 22.5}});
  for (const RegionSamples& donor : donors) {
    CHECK(donor.filled == std::vector<Index>{7, 9});
    CHECK(nan_difference(donor.values.rightCols(2), expected) < 1e-14);
  }
  CHECK(donors[1].missing(geometry.labels()) == std::vector<Index>{1});  // the first donor has it
  CHECK(fill_from_centroids({}, {}).empty());
}

TEST_CASE("centroid candidates are of exactly the region's class and side, the first of equals") {
  const PointRegions geometry{{1, 2, 3, 4},
                              {{1, 0.0}, {2, 2.0}, {3, 2.0}, {4, 0.5}},
                              {{1, info(1, Hemisphere::left, StructureClass::cortex)},
                               {2, info(2, Hemisphere::left, StructureClass::cerebellum)},
                               {3, info(3, Hemisphere::both, StructureClass::cortex)},
                               {4, info(4, Hemisphere::left, StructureClass::cortex)}}};
  RegionSamples donor = plain_donor(1, {1, 1, 1, 1}, {{1, 2, 3, 4}});
  donor.samples.structure[3] = StructureClass::cerebellum;
  const CentroidCandidates found = centroid_candidates(donor, geometry);
  CHECK(found.label == std::vector<Index>{2, 3, 4});
  CHECK(found.sample == std::vector<Index>{3, -1, 0});
  CHECK(std::isinf(found.distance_mm[1]));

  std::vector<RegionSamples> donors{donor};
  const std::vector<CentroidCandidates> candidates{found};
  std::vector<Dropped> dropped;
  CHECK(fill_from_centroids(donors, candidates, {}, [&](Dropped d) {
          dropped.push_back(std::move(d));
        }) == std::vector<Index>{2, 4});
  REQUIRE(dropped.size() == 1);
  CHECK(dropped[0].item == "3");
  CHECK(dropped[0].kind == "region");
}

TEST_CASE("filling has the same bytes for any number of threads") {
  const Index genes = 1500;
  RegionSamples raw =
      plain_donor(1, {1, 1, 1, 1, 1}, std::vector<std::vector<double>>(1500, {1, 2, 3, 4, 5}));
  for (Index g = 0; g < genes; ++g) raw.values.row(g) *= std::sin(static_cast<double>(g));
  PointRegions geometry{{1}, {{1, 0.0}}};
  for (Index r = 2; r < 30; ++r) {
    geometry.label.push_back(r);
    geometry.x_mm[r] = 0.37 * static_cast<double>(r);
  }
  RegionSamples one = raw, many = raw;
  CHECK(interpolate_missing(one, geometry, {.count = 1}) == 28);
  CHECK(interpolate_missing(many, geometry, {.count = 3}) == 28);
  const auto bytes = static_cast<std::size_t>(one.values.size()) * sizeof(double);
  CHECK(std::memcmp(one.values.data(), many.values.data(), bytes) == 0);
}

TEST_CASE("filling refuses parts that do not fit") {
  const PointRegions geometry{{1, 2}, {{1, 0.0}, {2, 5.0}}};
  RegionSamples donor = plain_donor(1, {1, 1}, {{1, 2}});
  std::vector<RegionSamples> donors{donor};
  CHECK_THROWS_AS((void)fill_from_centroids(donors, {}), ArgumentError);
  donors.push_back(plain_donor(2, {1, 1}, {{1, 2}, {3, 4}}));  // two genes, not one
  const std::vector<CentroidCandidates> two{centroid_candidates(donors[0], geometry),
                                            centroid_candidates(donors[1], geometry)};
  CHECK_THROWS_AS((void)fill_from_centroids(donors, two), ArgumentError);
  donors = {plain_donor(1, {1}, {{1}})};  // candidates of more samples than there are
  std::vector<CentroidCandidates> other{two[0]};
  other[0].sample[0] = 1;
  CHECK_THROWS_AS((void)fill_from_centroids(donors, other), ArgumentError);
  donor.label.pop_back();
  CHECK_THROWS_AS((void)interpolate_missing(donor, geometry), ArgumentError);
  CHECK_THROWS_AS((void)centroid_candidates(donor, geometry), ArgumentError);
}
