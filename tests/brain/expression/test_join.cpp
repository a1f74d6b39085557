#include "inrgene/brain/expression/join.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "inrgene/brain/expression/tables.hpp"
#include "inrgene/core/random.hpp"
#include "support/paths.hpp"

using namespace inrgene;

namespace {

using Names = std::vector<std::string>;

/// Value of gene g at well "wN" is 10 N + g; its site stands at (N, -N, 2 N).
ExpressionTable table_of(const std::vector<int>& wells) {
  ExpressionTable table{.genes = {"G0", "G1"}, .file = "e.csv"};
  table.values.resize(2, std::ssize(wells));
  for (Index i = 0; i < std::ssize(wells); ++i) {
    const int n = wells[static_cast<std::size_t>(i)];
    table.ids.push_back(text("w", n));
    table.lines.push_back(i + 2);
    table.values.col(i) << 10.0 * n, 10.0 * n + 1;
  }
  return table;
}

Sites sites_of(const std::vector<int>& wells) {
  Sites sites;
  sites.file = "a.csv";
  sites.mni_mm.resize(3, std::ssize(wells));
  for (Index i = 0; i < std::ssize(wells); ++i) {
    const int n = wells[static_cast<std::size_t>(i)];
    sites.well_ids.push_back(text("w", n));
    sites.donor.push_back(text("d", n % 2));
    sites.mni_mm.col(i) << n, -n, 2 * n;
  }
  return sites;
}

InputProblem problem_of(const ExpressionTable& table, const Sites& sites,
                        MissingPolicy missing = MissingPolicy::refuse) {
  try {
    static_cast<void>(join(table, sites, {.missing = missing}));
  } catch (const InputError& error) {
    return error.problem();
  }
  FAIL("no InputError");
  return {};
}

}  // namespace

TEST_CASE("join keeps the order of the expression table and pairs by well") {
  const Samples samples = join(table_of({5, 1, 3}), sites_of({1, 3, 5}));
  CHECK(samples.sites.well_ids == Names{"w5", "w1", "w3"});
  CHECK(samples.sites.donor == Names{"d1", "d1", "d1"});
  CHECK(samples.genes == Names{"G0", "G1"});
  CHECK(samples.values(1, 0) == 51);
  CHECK(samples.sites.mni_mm.col(0) == Eigen::Vector3d(5, -5, 10));
  CHECK_NOTHROW(samples.check());
}

TEST_CASE("the order of the sites has no influence; that of the wells moves columns only") {
  std::vector<int> wells(50);
  std::iota(wells.begin(), wells.end(), 0);
  const Samples reference = join(table_of(wells), sites_of(wells));
  Random random(2);
  for (int trial = 0; trial < 10; ++trial) {
    std::vector<int> shuffled = wells;
    random.shuffle(shuffled);
    const Samples same = join(table_of(wells), sites_of(shuffled));
    CHECK(same.values == reference.values);
    CHECK(same.sites.mni_mm == reference.sites.mni_mm);
    CHECK(same.sites.well_ids == reference.sites.well_ids);
    const Samples moved = join(table_of(shuffled), sites_of(wells));
    for (Index i = 0; i < 50; ++i) {
      const int n = shuffled[static_cast<std::size_t>(i)];
      CHECK(moved.values.col(i) == reference.values.col(n));
      CHECK(moved.sites.mni_mm.col(i) == reference.sites.mni_mm.col(n));
    }
  }
}

TEST_CASE("wells on one side are left out and told, with numbers and names") {
  Names warnings;
  const JoinSettings settings{.warn = [&](std::string_view line) { warnings.emplace_back(line); }};
  const Samples samples =
      join(table_of({1, 2, 30, 4}), sites_of({4, 2, 1, 11, 12, 13, 14, 15, 16, 17}), settings);
  CHECK(samples.sites.well_ids == Names{"w1", "w2", "w4"});
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0] == "1 well is only in e.csv and left out: w30");
  CHECK(warnings[1] ==
        "7 wells are only in a.csv and left out: w11, w12, w13, w14, w15 and 2 more");
  warnings.clear();
  static_cast<void>(join(table_of({1, 2}), sites_of({2, 1}), settings));
  CHECK(warnings.empty());
}

TEST_CASE("no common well names both files") {
  const InputProblem problem = problem_of(table_of({1, 2}), sites_of({3, 4, 5, 6}));
  CHECK(problem.file == "e.csv");
  CHECK(problem.found == "no well of a.csv (4 wells: w3, w4, w5 and 1 more)");
  CHECK(problem.expected == "wells in common with its 2 (w1, w2)");
}

TEST_CASE("missing values are refused by well and gene, or their sites dropped") {
  ExpressionTable table = table_of({1, 2, 3});
  table.values(1, 2) = std::numeric_limits<double>::quiet_NaN();
  const InputProblem problem = problem_of(table, sites_of({1, 2, 3}));
  CHECK(problem.file == "e.csv");
  CHECK(problem.place == "line 4, well_id 'w3', gene 'G1'");
  CHECK(problem.found == "a missing value");
  CHECK(problem.expected == "a number");
  // a well without a site does not count
  CHECK(join(table, sites_of({1, 2})).size() == 2);

  Names warnings;
  const Samples dropped =
      join(table, sites_of({1, 2, 3}),
           {.missing = MissingPolicy::drop_site,
            .warn = [&](std::string_view line) { warnings.emplace_back(line); }});
  CHECK(dropped.sites.well_ids == Names{"w1", "w2"});
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0] == "e.csv: 1 site with missing values left out: w3");

  table.values.setConstant(std::numeric_limits<double>::quiet_NaN());
  table.lines.clear();
  CHECK(problem_of(table, sites_of({1, 2, 3})).place == "well_id 'w1', gene 'G0'");
  CHECK(problem_of(table, sites_of({1, 2, 3}), MissingPolicy::drop_site).found ==
        "missing values in all 3 wells that a.csv has too");
}

TEST_CASE("tables that cannot be joined") {
  const InputProblem twice = problem_of(table_of({1, 2}), sites_of({1, 2, 1}));
  CHECK(twice.file == "a.csv");
  CHECK(twice.place == "site 3");
  CHECK(twice.found == "'w1', which is site 1 too");
  CHECK(problem_of(table_of({7, 7}), sites_of({7})).file == "e.csv");
  ExpressionTable regions = table_of({1});
  regions.key = "label";
  CHECK(problem_of(regions, sites_of({1})).found == "a table by 'label'");
  ExpressionTable ragged = table_of({1, 2});
  ragged.ids.pop_back();
  CHECK_THROWS_AS(static_cast<void>(join(ragged, sites_of({1}))), ArgumentError);
}

TEST_CASE("the real tables join completely") {
  const auto root = test::data_root();
  if (!root || !std::filesystem::exists(*root / "samples")) {
    MESSAGE("skipped: no real data (set INRGENE_DATA to its folder)");
    return;
  }
  Names warnings;
  const Samples samples =
      join(read_expression(*root / "samples" / "expression.csv"),
           read_annotation(*root / "samples" / "annotation.csv", TissueSign::paper).sites,
           {.warn = [&](std::string_view line) { warnings.emplace_back(line); }});
  CHECK(samples.size() == 3702);
  CHECK(samples.genes.size() == 9);
  CHECK(warnings.empty());
}
