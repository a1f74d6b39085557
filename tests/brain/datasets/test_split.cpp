#include "inrgene/brain/datasets/split.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <type_traits>

#include "brain/datasets/sites_for_tests.hpp"

using namespace inrgene;

namespace {

Samples ten_samples() {
  Samples samples;
  samples.sites =
      test::scattered_sites(10, 1).select(std::vector<Index>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  samples.genes = {"G1", "G2"};
  samples.values = Eigen::MatrixXd::Random(2, 10);
  return samples;
}

std::string problem_of(const Split& split, Index size) {
  try {
    split.check(size);
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "no exception";
}

}  // namespace

TEST_CASE("taking a split copies the named sites and no others") {
  Samples samples = ten_samples();
  const Split split{
      .train = {0, 3, 9}, .held_out = {1, 2}, .validation = {4}, .dropped = {5, 6, 7, 8}};
  const SplitSamples parts = take(samples, split);
  CHECK(parts.train.sites.well_ids == std::vector<std::string>{"w0", "w3", "w9"});
  CHECK(parts.held_out.sites.well_ids == std::vector<std::string>{"w1", "w2"});
  CHECK(parts.validation.sites.well_ids == std::vector<std::string>{"w4"});
  CHECK(parts.train.values.col(1) == samples.values.col(3));
  CHECK(parts.held_out.values.col(1) == samples.values.col(2));
  CHECK(parts.train.genes == samples.genes);
}

TEST_CASE("the training part holds no way to a held-out value") {
  static_assert(!std::is_reference_v<decltype(SplitSamples::train)>);
  Samples samples = ten_samples();
  const Split split{.train = {0, 1, 2, 3, 4}, .held_out = {5, 6, 7, 8, 9}};
  const SplitSamples clean = take(samples, split);
  for (const Index i : split.held_out) {
    samples.values.col(i).setConstant(std::numeric_limits<double>::quiet_NaN());
    samples.sites.mni_mm.col(i).setConstant(std::numeric_limits<double>::quiet_NaN());
  }
  // poisoned before the split: the training part is the same, bit for bit
  const SplitSamples poisoned = take(samples, split);
  CHECK(poisoned.train.values == clean.train.values);
  CHECK(poisoned.train.sites.mni_mm == clean.train.sites.mni_mm);
  CHECK(poisoned.held_out.values.array().isNaN().all());
  // poisoned after the split: copies do not follow
  CHECK(clean.held_out.values.allFinite());
  CHECK(clean.train.values.data() != samples.values.data());
}

TEST_CASE("a split must be disjoint, in range, and have both sides") {
  CHECK(problem_of({.train = {0}, .held_out = {1}}, 2) == "no exception");
  CHECK(problem_of({.train = {}, .held_out = {1}}, 2)
            .find("split sizes: found 0 train, 1 held out, 0 validation, 0 dropped of 2") == 0);
  CHECK(problem_of({.train = {0, 1}}, 2).find("split sizes: found 2 train, 0 held out") == 0);
  CHECK(problem_of({.train = {0, 1}, .held_out = {1}}, 2)
            .find("split.held_out: found index 1 a second time") == 0);
  CHECK(problem_of({.train = {0}, .held_out = {1}, .dropped = {0}}, 2).find("split.dropped") == 0);
  CHECK(problem_of({.train = {0}, .held_out = {2}}, 2)
            .find("split.held_out: found 2, expected an index in [0, 2)") == 0);
  CHECK_THROWS_AS(static_cast<void>(take(ten_samples(), {.train = {0}, .held_out = {10}})),
                  ArgumentError);
}
