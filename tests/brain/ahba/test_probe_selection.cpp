#include "inrgene/brain/ahba/probe_selection.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "inrgene/core/random.hpp"
#include "support/input_problem.hpp"
#include "support/probe_case.hpp"

using namespace inrgene;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// 47 genes of one to five probes, three donors with copies; all values different.
test::ProbeCase random_case() {
  Random random(2);
  test::ProbeCase set;
  Index id = 500;
  for (int g = 0; g < 47; ++g) {
    for (int p = 0; p <= (g * 7) % 5; ++p) set.probe(id++, "G" + std::to_string(g));
  }
  for (const int donor : {9861, 10021, 12876}) {
    std::vector<std::vector<double>> values(set.probes.id.size());
    for (std::vector<double>& row : values) {
      for (int c = 0; c < 29; ++c) row.push_back(7 + random.normal());
    }
    std::vector<Index> columns, structures;
    for (Index s = 0; s < 33; ++s) {
      columns.push_back(s % 27);
      structures.push_back(4000 + s % 13);
    }
    set.donor(donor, values, structures, columns);
  }
  return set;
}

constexpr ProbeMethod every_method[] = {ProbeMethod::average,       ProbeMethod::max_intensity,
                                        ProbeMethod::max_variance,  ProbeMethod::pc_loading,
                                        ProbeMethod::corr_variance, ProbeMethod::corr_intensity,
                                        ProbeMethod::diff_stability};

bool same_number(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

}  // namespace

TEST_CASE("every method has the name that is written for it") {
  const auto word = [](ProbeMethod method) { return to_word(method, probe_method_words); };
  CHECK(AverageProbes::name == word(ProbeMethod::average));
  CHECK(MaxIntensity::name == word(ProbeMethod::max_intensity));
  CHECK(MaxVariance::name == word(ProbeMethod::max_variance));
  CHECK(PcLoading::name == word(ProbeMethod::pc_loading));
  CHECK(CorrVariance::name == word(ProbeMethod::corr_variance));
  CHECK(CorrIntensity::name == word(ProbeMethod::corr_intensity));
  CHECK(DiffStability::name == word(ProbeMethod::diff_stability));
  CHECK(RnaAgreement::name == word(ProbeMethod::rnaseq));
}

TEST_CASE("average: the mean of a gene's probes, missing values left out") {
  test::ProbeCase set;
  set.probe(5, "B").probe(6, "A").probe(7, "B");
  set.donor(9861, {{1, 2, missing}, {9, 9, 9}, {3, 5, 4}});
  const SelectedExpression out = set.select(ProbeMethod::average);
  CHECK(out.genes == std::vector<std::string>{"A", "B"});
  CHECK(out.probe[0] == std::vector<Index>{-1, -1});
  CHECK(out.values[0] == Eigen::MatrixXd{{9, 9, 9}, {2, 3.5, 4}});
}

TEST_CASE("max_intensity and max_variance see copies again, and samples left out not at all") {
  test::ProbeCase set;
  set.probe(1, "G").probe(2, "G");
  // Column 1 is looked at twice, column 2 by none.
  set.donor(9861, {{1, 4, 100}, {3.4, 2.7, missing}}, {4001, 4002, 4003}, {0, 1, 1});
  SelectedExpression out = set.select(ProbeMethod::max_intensity);
  CHECK(out.statistic[0] == 3);
  CHECK(out.statistic[1] == doctest::Approx(8.8 / 3).epsilon(1e-15));
  CHECK(out.probe[0] == std::vector<Index>{1});
  CHECK(out.values[0] == Eigen::MatrixXd{{1, 4, 100}});
  out = set.select(ProbeMethod::max_variance);
  CHECK(out.statistic[0] == doctest::Approx(std::sqrt(3.0)).epsilon(1e-15));  // 1, 4, 4
  CHECK(out.statistic[1] == doctest::Approx(0.7 / std::sqrt(3.0)).epsilon(1e-14));
}

TEST_CASE("max_variance: missing values are left out, equal ones have none") {
  test::ProbeCase set;
  set.probe(1, "G").probe(2, "H").probe(3, "I");
  set.donor(9861, {{0.1, 0.1, 0.1}, {missing, 1, 3}, {missing, 1, missing}});
  const SelectedExpression out = set.select(ProbeMethod::max_variance);
  CHECK(out.statistic[0] == 0);
  CHECK(out.statistic[1] == doctest::Approx(std::sqrt(2.0)));
  CHECK(std::isnan(out.statistic[2]));
  CHECK(out.genes == std::vector<std::string>{"G", "H"});
}

TEST_CASE("pc_loading: of two probes the one that is larger where they differ most") {
  test::ProbeCase set;
  set.probe(1, "G").probe(2, "G").probe(3, "H");
  set.donor(9861, {{9, 1, 1}, {8, 3, 3.5}, {missing, missing, missing}});
  const SelectedExpression out = set.select(ProbeMethod::pc_loading);
  // The differences 1, −2, −2.5 have length √11.25; the probes lie half of it from their mean.
  CHECK(out.statistic[0] == doctest::Approx(-std::sqrt(11.25) / 2).epsilon(1e-14));
  CHECK(out.statistic[1] == doctest::Approx(std::sqrt(11.25) / 2).epsilon(1e-14));
  CHECK(out.probe[0] == std::vector<Index>{2, 3});  // the only probe of H stands as it is
}

TEST_CASE("pc_loading: three probes along one direction") {
  // m + k t with t = (1, −3, 2): its largest entry is negative, so that −t is the direction.
  const auto along = [](double k) { return std::vector<double>{5 + k, 6 - 3 * k, 7 + 2 * k}; };
  test::ProbeCase set;
  set.probe(1, "G").probe(2, "G").probe(3, "G").donor(9861, {along(1), along(0), along(-1)});
  SelectedExpression out = set.select(ProbeMethod::pc_loading);
  CHECK(out.statistic[0] == doctest::Approx(-std::sqrt(14.0)).epsilon(1e-13));
  CHECK(std::abs(out.statistic[1]) < 1e-13);
  CHECK(out.statistic[2] == doctest::Approx(std::sqrt(14.0)).epsilon(1e-13));
  CHECK(out.probe[0] == std::vector<Index>{3});
  // A sample in which a probe has no value is as if it were not there: t = (1, −3), length √10.
  test::ProbeCase holed;
  holed.probe(1, "G").probe(2, "G").probe(3, "G");
  std::vector<double> first = along(1);
  first[2] = missing;
  holed.donor(9861, {first, along(0), along(-1)});
  out = holed.select(ProbeMethod::pc_loading);
  CHECK(out.statistic[2] == doctest::Approx(std::sqrt(10.0)).epsilon(1e-13));
}

TEST_CASE("pc_loading: equal probes have equal scores wherever they stand") {
  Random random(9);
  std::vector<double> twin, other, third;
  for (int c = 0; c < 45; ++c) {
    twin.push_back(8 + random.normal());
    other.push_back(7 + random.normal());
    third.push_back(7 + random.normal());
  }
  const std::vector<std::vector<std::vector<double>>> orders{
      {twin, twin, other}, {twin, other, twin}, {other, twin, third, twin}, {twin, twin, twin}};
  for (const auto& rows : orders) {
    test::ProbeCase set;
    for (std::size_t p = 0; p < rows.size(); ++p) set.probe(1 + static_cast<Index>(p), "G");
    set.donor(9861, rows);
    const SelectedExpression out = set.select(ProbeMethod::pc_loading);
    std::vector<double> scores;
    for (std::size_t p = 0; p < rows.size(); ++p) {
      if (rows[p] == twin) scores.push_back(out.statistic[p]);
    }
    for (const double score : scores) CHECK(score == scores.front());
  }
  test::ProbeCase equal;
  equal.probe(1, "G").probe(2, "G").probe(3, "G").donor(9861, {twin, twin, twin});
  CHECK(equal.select(ProbeMethod::pc_loading).probe[0] == std::vector<Index>{1});
}

TEST_CASE("corr_*: three probes and more by their mean correlation") {
  test::ProbeCase set;
  set.probe(1, "G").probe(2, "G").probe(3, "G");
  set.donor(9861, {{4, 3, 2, 1}, {1, 2, 3, 4}, {2, 4, 6, 8}});
  for (const ProbeMethod method : {ProbeMethod::corr_variance, ProbeMethod::corr_intensity}) {
    const SelectedExpression out = set.select(method);
    CHECK(out.statistic[0] == doctest::Approx(1.0 / 3).epsilon(1e-14));
    CHECK(out.statistic[1] == doctest::Approx(2.0 / 3).epsilon(1e-14));
    CHECK(out.statistic[1] == out.statistic[2]);
    CHECK(out.probe[0] == std::vector<Index>{2});
  }
}

TEST_CASE("corr_*: a constant probe leaves the first one") {
  test::ProbeCase set;
  set.probe(1, "G").probe(2, "G").probe(3, "G");
  set.donor(9861, {{4, 3, 2, 1}, {1, 2, 3, 4}, {0.1, 0.1, 0.1, 0.1}});
  const SelectedExpression out = set.select(ProbeMethod::corr_variance);
  CHECK(std::isnan(out.statistic[1]));
  CHECK(out.probe[0] == std::vector<Index>{1});
}

TEST_CASE("corr_*: of two probes the more variable or the stronger one") {
  test::ProbeCase set;
  set.probe(1, "G").probe(2, "G").probe(3, "H");
  set.donor(9861, {{7, 8, 9}, {1, 4, 1}, {1, 1, 1}});
  SelectedExpression out = set.select(ProbeMethod::corr_variance);
  CHECK(out.statistic[0] == doctest::Approx(std::sqrt(2.0 / 3)).epsilon(1e-14));
  CHECK(out.statistic[1] == doctest::Approx(std::sqrt(2.0)).epsilon(1e-14));
  CHECK(out.probe[0] == std::vector<Index>{2, 3});
  out = set.select(ProbeMethod::corr_intensity);
  CHECK(out.statistic[0] == 8);
  CHECK(out.probe[0] == std::vector<Index>{1, 3});
}

TEST_CASE("donors choose together, apart, or by the majority") {
  test::ProbeCase set;
  set.probe(1, "G").probe(2, "G");
  set.donor(9861, {{9, 9}, {1, 1}}).donor(10021, {{1, 1}, {2, 2}}).donor(12876, {{1, 1}, {2, 2}});
  ProbeSelectionSettings settings{.method = ProbeMethod::max_intensity, .threads = {1}};
  SelectedExpression out = set.select(settings);
  CHECK(out.probe == std::vector<std::vector<Index>>{{1}, {1}, {1}});
  settings.donors = DonorProbes::independent;
  out = set.select(settings);
  CHECK(out.probe == std::vector<std::vector<Index>>{{1}, {2}, {2}});
  CHECK(out.values[0](0, 0) == 9);
  CHECK(out.values[1](0, 0) == 2);
  CHECK(out.statistic[0] == doctest::Approx(11.0 / 3));  // over all donors, as ever
  settings.donors = DonorProbes::common;
  out = set.select(settings);
  CHECK(out.probe == std::vector<std::vector<Index>>{{2}, {2}, {2}});
  CHECK(out.values[0](0, 0) == 1);
}

TEST_CASE("common: of equally frequent choices the smallest probe id") {
  test::ProbeCase set;
  set.probe(30, "G").probe(20, "G");
  set.donor(9861, {{9, 9}, {1, 1}}).donor(10021, {{1, 1}, {2, 2}});
  const SelectedExpression out = set.select(
      {.method = ProbeMethod::max_intensity, .donors = DonorProbes::common, .threads = {1}});
  CHECK(out.probe == std::vector<std::vector<Index>>{{20}, {20}});
}

TEST_CASE("a gene that one donor cannot have, none has where donors choose apart") {
  test::ProbeCase set;
  set.probe(1, "G").probe(2, "H");
  set.donor(9861, {{1, 2}, {1, 2}}).donor(10021, {{missing, missing}, {1, 2}});
  for (const DonorProbes donors : {DonorProbes::independent, DonorProbes::common}) {
    std::vector<Dropped> dropped;
    const SelectedExpression out =
        set.select({.method = ProbeMethod::max_intensity, .donors = donors, .threads = {1}},
                   [&](Dropped line) { dropped.push_back(std::move(line)); });
    CHECK(out.genes == std::vector<std::string>{"H"});
    REQUIRE(dropped.size() == 2);
    CHECK(dropped[1].item == "G");
    CHECK(dropped[1].reason ==
          "max_intensity is undefined for its only probe in at least one donor");
  }
}

TEST_CASE("every probe not chosen is reported with its figure") {
  test::ProbeCase set;
  set.probe(1, "G").probe(2, "G").probe(3, "G").probe(4, "").probe(5, "H");
  set.donor(9861, {{5, 5}, {6.25, 6.25}, {6.25, 6.25}, {1, 1}, {1, 1}});
  std::vector<std::string> lines;
  const DropSink sink = [&](const Dropped& d) { lines.push_back(d.item + " " + d.reason); };
  ProbeSelectionSettings settings{.method = ProbeMethod::max_intensity, .threads = {1}};
  SelectedExpression out = set.select(settings, sink);
  CHECK(out.genes == std::vector<std::string>{"G", "H"});
  CHECK(lines ==
        std::vector<std::string>{"4 without a gene symbol in Probes.csv",
                                 "1 of G: 2 has the larger max_intensity (6.25 against 5)",
                                 "3 of G: 2 has the same max_intensity (6.25) and comes first"});
  // Genes asked for: the others are passed over without a word.
  lines.clear();
  settings.genes = {"H", "Z"};
  out = set.select(settings, sink);
  CHECK(out.genes == std::vector<std::string>{"H"});
  CHECK(out.values[0].rows() == 1);
  CHECK(std::isnan(out.statistic[0]));
  REQUIRE(lines.size() == 2);
  CHECK(lines[1] == "Z asked for, but none of the probes that are left is of it");
}

TEST_CASE("the number of threads changes no byte") {
  const test::ProbeCase set = random_case();
  for (const ProbeMethod method : every_method) {
    for (const DonorProbes donors : {DonorProbes::aggregate, DonorProbes::common}) {
      ProbeSelectionSettings settings{.method = method, .donors = donors, .threads = {1}};
      const SelectedExpression expected = set.select(settings);
      CHECK(expected.genes.size() == 47);
      for (const int threads : {2, 3, 64}) {
        settings.threads = {threads};
        const SelectedExpression out = set.select(settings);
        CHECK(out.probe == expected.probe);
        CHECK(out.values == expected.values);
        CHECK(out.genes == expected.genes);
      }
    }
  }
}

TEST_CASE("the order of probes changes no choice, and no figure but by rounding") {
  const test::ProbeCase set = random_case();
  test::ProbeCase turned = set;
  std::vector<Index> backwards;
  for (Index row = set.probes.size() - 1; row >= 0; --row) backwards.push_back(row);
  turned.probes = set.probes.select(backwards);
  for (const ProbeMethod method : every_method) {
    const SelectedExpression out = set.select(method), other = turned.select(method);
    CHECK(out.genes == other.genes);
    CHECK(out.probe == other.probe);
    for (std::size_t row = 0; row < out.statistic.size(); ++row) {
      const double a = out.statistic[row], b = other.statistic[out.statistic.size() - 1 - row];
      if (method == ProbeMethod::pc_loading) {
        CHECK((same_number(a, b) || std::abs(a - b) < 1e-11));
      } else {
        CHECK(same_number(a, b));
      }
    }
  }
}

TEST_CASE("files that do not fit are refused") {
  test::ProbeCase set;
  set.probe(1, "G").probe(2, "G").donor(9861, {{1, 2}, {3, 4}}).donor(10021, {{1, 2}, {3, 4}});
  test::ProbeCase lacking = set;
  lacking.probes.id[1] = 77;
  InputProblem problem =
      test::input_problem([&] { (void)lacking.select(ProbeMethod::diff_stability); });
  CHECK(problem.file == "expression of 9861");
  CHECK(problem.found == "no row with probe_id 77");
  CHECK(test::says(problem.expected, "this one is of G"));
  test::ProbeCase wide = set;
  wide.samples[1].measured = 3;
  problem = test::input_problem([&] { (void)wide.select(ProbeMethod::average); });
  CHECK(problem.file == "expression of 10021");
  CHECK(problem.found == "2 numbers a row");
  CHECK(test::says(problem.expected, "3, one for each row of SampleAnnot.csv"));
  CHECK_THROWS_AS((void)test::ProbeCase{}.select(ProbeMethod::average), ArgumentError);
}

TEST_CASE("no probe is no gene, and not an error") {
  test::ProbeCase set;
  set.probe(1, "").donor(9861, {{1, 2}}).donor(10021, {{1, 2}});
  const SelectedExpression out = set.select(ProbeMethod::diff_stability);
  CHECK(out.genes.empty());
  CHECK(out.values[0].rows() == 0);
  CHECK(out.values[1].cols() == 2);
}

TEST_CASE("expand: a column for every sample") {
  const DonorSamples samples = test::samples_of_columns({2, 0, 2}, 3);
  const Eigen::MatrixXd by_column{{1, 2, 3}, {4, 5, 6}};
  CHECK(expand(by_column, samples) == Eigen::MatrixXd{{3, 1, 3}, {6, 4, 6}});
  CHECK_THROWS_AS((void)expand(by_column.leftCols(2), samples), ArgumentError);
}

TEST_CASE("MatrixRows: keys once, one a row, read by number") {
  const MatrixRows rows({7, 5}, Eigen::MatrixXd{{1, 4}, {2, 5}, {3, 6}}, "here");
  std::vector<double> out(3);
  rows.read(rows.find(5).value(), out);
  CHECK(out == std::vector<double>{4, 5, 6});
  CHECK(!rows.find(6));
  CHECK_THROWS_AS(rows.read(2, out), ArgumentError);
  CHECK_THROWS_AS(rows.read(0, std::span(out).first(2)), ArgumentError);
  CHECK_THROWS_AS(MatrixRows({7, 7}, Eigen::MatrixXd(1, 2)), ArgumentError);
  CHECK_THROWS_AS(MatrixRows({7}, Eigen::MatrixXd(1, 2)), ArgumentError);
}
