#include "inrgene/brain/ahba/aggregate.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "brain/ahba/region_samples_for_tests.hpp"
#include "inrgene/core/random.hpp"

using namespace inrgene;
using namespace inrgene::test;

namespace {

constexpr AggregationMetric mean = AggregationMetric::mean;
constexpr AggregationMetric median = AggregationMetric::median;

/// Two genes, six samples: region 5 has three, 2 has two, one is outside; 9 is filled.
RegionSamples first_donor() {
  RegionSamples out = plain_donor(1, {5, 2, 5, 0, 2, 5},
                                  {{1, 10, 2, 1000, 30, 9}, {4, nan_value, 6, 7, 8, nan_value}});
  out.values.conservativeResize(2, 7);
  out.values.col(6) << 0.5, 0.25;
  out.filled = {9};
  out.check();
  return out;
}

RegionSamples second_donor() {
  return plain_donor(2, {5, 7}, {{20, 3}, {nan_value, nan_value}});
}

const std::vector<Index> labels{2, 5, 7, 9};

RegionSamples random_donor(int number, Index genes, Index samples) {
  Random random(static_cast<std::uint64_t>(number));
  std::vector<Index> label;
  for (Index s = 0; s < samples; ++s)
    label.push_back(labels[static_cast<std::size_t>(4 * random.uniform())]);
  RegionSamples out;
  out.samples = plain_samples(number, samples);
  out.label = label;
  out.values.resize(genes, samples);
  for (Index i = 0; i < out.values.size(); ++i) {
    out.values.data()[i] = random.uniform() < 0.1 ? nan_value : random.normal();
  }
  return out;
}

bool same_bytes(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
  return a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(double)) == 0;
}

}  // namespace

TEST_CASE("aggregate_regions: mean and median within a donor, holes passed over") {
  CHECK(nan_difference(aggregate_regions(first_donor(), labels, mean),
                       matrix_of({{20, 4, nan_value, 0.5}, {8, 5, nan_value, 0.25}})) < 1e-15);
  CHECK(nan_difference(aggregate_regions(first_donor(), labels, median),
                       matrix_of({{20, 2, nan_value, 0.5}, {8, 5, nan_value, 0.25}})) == 0);
}

TEST_CASE("aggregate_donors: mean and median over donors, holes passed over") {
  const std::vector<Eigen::MatrixXd> donors{matrix_of({{1, 2, nan_value}}),
                                            matrix_of({{3, nan_value, nan_value}}),
                                            matrix_of({{8, 4, nan_value}})};
  CHECK(nan_difference(aggregate_donors(donors, mean), matrix_of({{4, 3, nan_value}})) == 0);
  CHECK(nan_difference(aggregate_donors(donors, median), matrix_of({{3, 3, nan_value}})) == 0);
}

TEST_CASE("aggregate_samples pools the samples of all donors") {
  const std::vector<RegionSamples> donors{first_donor(), second_donor()};
  CHECK(nan_difference(aggregate_samples(donors, labels, mean),
                       matrix_of({{20, 8, 3, 0.5}, {8, 5, nan_value, 0.25}})) < 1e-15);
  CHECK(nan_difference(aggregate_samples(donors, labels, median),
                       matrix_of({{20, 5.5, 3, 0.5}, {8, 5, nan_value, 0.25}})) == 0);
  // One after another, without keeping them.
  for (const AggregationMetric metric : {mean, median}) {
    SamplePool pool(labels, 2, metric);
    pool.add(first_donor());
    pool.add(second_donor());
    CHECK(same_bytes(pool.result(), aggregate_samples(donors, labels, metric)));
  }
}

TEST_CASE("aggregating has the same bytes for any number of threads, and over many genes") {
  std::vector<RegionSamples> donors{random_donor(1, 1337, 40), random_donor(2, 1337, 23)};
  for (const AggregationMetric metric : {mean, median}) {
    std::vector<Eigen::MatrixXd> one, many;
    for (const RegionSamples& donor : donors) {
      one.push_back(aggregate_regions(donor, labels, metric, {.count = 1}));
      many.push_back(aggregate_regions(donor, labels, metric, {.count = 3}));
      CHECK(same_bytes(one.back(), many.back()));
      // The last gene alone gives what it gives among the others.
      RegionSamples last = donor;
      last.values = Eigen::MatrixXd(donor.values.bottomRows(1));
      CHECK(nan_difference(aggregate_regions(last, labels, metric), one.back().bottomRows(1)) == 0);
    }
    CHECK(same_bytes(aggregate_donors(one, metric, {.count = 1}),
                     aggregate_donors(many, metric, {.count = 3})));
    CHECK(same_bytes(aggregate_samples(donors, labels, metric, {.count = 1}),
                     aggregate_samples(donors, labels, metric, {.count = 2})));
  }
}

TEST_CASE("count_samples counts samples, not filled regions") {
  CHECK(count_samples(first_donor().label, labels) == std::vector<Index>{2, 3, 0, 0});
}

TEST_CASE("drop_incomplete_genes: a hole in a region with data takes the gene out") {
  Eigen::MatrixXd values = matrix_of({{1, nan_value, 2},
                                      {nan_value, nan_value, 4},
                                      {5, nan_value, 6},
                                      {nan_value, nan_value, nan_value}});
  std::vector<std::string> genes{"A", "B", "C", "D"};
  std::vector<Dropped> dropped;
  const std::vector<Index> regions{3, 4, 8};
  drop_incomplete_genes(values, genes, regions,
                        [&](Dropped d) { dropped.push_back(std::move(d)); });
  CHECK(genes == std::vector<std::string>{"A", "C"});
  CHECK(nan_difference(values, matrix_of({{1, nan_value, 2}, {5, nan_value, 6}})) == 0);
  REQUIRE(dropped.size() == 2);
  CHECK(dropped[0].item == "B");
  CHECK(dropped[0].kind == "gene");
  CHECK(dropped[0].reason.find("region 3") != std::string::npos);
  CHECK(dropped[1].item == "D");
  CHECK(dropped[1].reason.find("region 3 and 1 more") != std::string::npos);

  dropped.clear();
  report_empty_regions(values, regions, [&](Dropped d) { dropped.push_back(std::move(d)); });
  REQUIRE(dropped.size() == 1);
  CHECK(dropped[0].item == "4");
  CHECK(dropped[0].kind == "region");
}

TEST_CASE("complete_genes of a donor: a number in every sample") {
  std::vector<Dropped> dropped;
  const std::vector<std::string> genes{"A", "B"};
  const auto sink = [&](Dropped d) { dropped.push_back(std::move(d)); };
  CHECK(complete_genes(first_donor(), genes, {}, sink) == std::vector<Index>{0});
  REQUIRE(dropped.size() == 1);
  CHECK(dropped[0].item == "B");
  CHECK(dropped[0].reason.find("sample 1/101 and 1 more") != std::string::npos);
  RegionSamples empty_sample = first_donor();
  empty_sample.values.col(3).setConstant(nan_value);
  CHECK(complete_genes(empty_sample, genes).empty());
}

TEST_CASE("aggregating refuses sizes and labels that do not fit") {
  RegionSamples donor = first_donor();
  const std::vector<Index> without_5{2, 7, 9}, unordered{5, 2, 7, 9}, zero{0, 2, 5, 7, 9};
  for (const auto& wrong : {without_5, unordered, zero}) {
    CHECK_THROWS_AS((void)aggregate_regions(donor, wrong, mean), ArgumentError);
    CHECK_THROWS_AS((void)aggregate_regions(donor, wrong, median), ArgumentError);
  }
  donor.filled.clear();
  CHECK_THROWS_AS((void)aggregate_regions(donor, labels, mean), ArgumentError);
  donor = first_donor();
  donor.label.pop_back();
  CHECK_THROWS_AS((void)aggregate_regions(donor, labels, mean), ArgumentError);
  CHECK_THROWS_AS((void)aggregate_donors({}, mean), ArgumentError);
  const std::vector<Eigen::MatrixXd> shapes{matrix_of({{1, 2}}), matrix_of({{1}})};
  CHECK_THROWS_AS((void)aggregate_donors(shapes, mean), ArgumentError);
  CHECK_THROWS_AS(SamplePool(labels, 3, mean).add(first_donor()), ArgumentError);
  Eigen::MatrixXd values(2, 2);
  std::vector<std::string> one_gene{"A"};
  const std::vector<Index> two{1, 2};
  CHECK_THROWS_AS(drop_incomplete_genes(values, one_gene, two), ArgumentError);
}
