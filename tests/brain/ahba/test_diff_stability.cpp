#include "inrgene/brain/ahba/diff_stability.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "inrgene/core/random.hpp"
#include "inrgene/statistics/correlation.hpp"
#include "support/probe_case.hpp"

using namespace inrgene;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::vector<double> means_of(const std::vector<Index>& structures,
                             const std::vector<double>& values) {
  std::vector<Index> columns;
  for (Index i = 0; i < std::ssize(values); ++i) columns.push_back(i);
  const StructureMeans means(structures, columns);
  std::vector<double> out(static_cast<std::size_t>(means.size()));
  means(values, out);
  return out;
}

}  // namespace

TEST_CASE("StructureMeans: by structure, equal values exactly, missing ones left out") {
  const std::vector<Index> structures{7, 5, 7, 7};
  const std::vector<Index> columns{2, 0, 1, 2};
  const StructureMeans means(structures, columns);
  REQUIRE(means.size() == 2);
  std::vector<double> out(2);
  means(std::vector<double>{10, 1, 4}, out);
  const std::size_t seven = means.ids()[0] == 7 ? 0 : 1;
  CHECK(means.ids()[1 - seven] == 5);
  CHECK(out[seven] == 3);
  CHECK(out[1 - seven] == 10);
  // Three times 0.1 is not 0.3 in double; the mean of equal values is that value all the same.
  CHECK(means_of({1, 1, 1}, {0.1, 0.1, 0.1}) == std::vector<double>{0.1});
  CHECK(means_of({1, 1, 1}, {missing, 2, 4}) == std::vector<double>{3});
  CHECK(std::isnan(means_of({1, 1}, {missing, missing}).front()));
  CHECK_THROWS_AS(means_of({1}, {1, 2}), ArgumentError);
}

TEST_CASE("diff_stability: two donors by hand") {
  // Structure 1 has two samples in donor 9861; 9 is in 10021 alone and does not count.
  test::ProbeCase set;
  set.probe(20, "G").probe(10, "G").probe(30, "H");
  set.donor(9861, {{0, 2, 2, 3, 4}, {0, 2, 2, 3, 4}, {4, 4, 3, 2, 1}}, {1, 1, 2, 3, 4});
  set.donor(10021, {{2, 1, 4, 3, 0}, {1, 2, 4, 3, 0}, {1, 2, 3, 4, 0}}, {1, 2, 3, 4, 9});
  const SelectedExpression out = set.select(ProbeMethod::diff_stability);
  // Rank differences 1, 1, 1, 1 and 0, 0, 1, 1 and the reverse order.
  CHECK(out.statistic[0] == doctest::Approx(0.6).epsilon(1e-14));
  CHECK(out.statistic[1] == doctest::Approx(0.8).epsilon(1e-14));
  CHECK(out.statistic[2] == doctest::Approx(-1.0).epsilon(1e-14));
  CHECK(out.genes == std::vector<std::string>{"G", "H"});
  CHECK(out.probe == std::vector<std::vector<Index>>{{10, 30}, {10, 30}});
  CHECK(out.values[1].row(0) == Eigen::RowVectorXd{{1, 2, 4, 3, 0}});
}

TEST_CASE("diff_stability: the mean over all pairs, by an independent correlation") {
  Random random(11);
  test::ProbeCase set;
  for (Index p = 0; p < 12; ++p) set.probe(100 + p, std::string(1, static_cast<char>('A' + p / 3)));
  std::vector<std::vector<std::vector<double>>> values(4);
  for (std::size_t d = 0; d < 4; ++d) {
    for (int p = 0; p < 12; ++p) {
      std::vector<double> row;
      for (int s = 0; s < 30; ++s) row.push_back(std::sin(0.2 * s * (1 + p)) + random.normal());
      values[d].push_back(row);
    }
    set.donor(9861 + static_cast<int>(d), values[d]);
  }
  const SelectedExpression out = set.select(ProbeMethod::diff_stability);
  for (std::size_t p = 0; p < 12; ++p) {
    double sum = 0;
    for (std::size_t a = 0; a < 4; ++a) {
      for (std::size_t b = a + 1; b < 4; ++b) sum += spearman(values[a][p], values[b][p]);
    }
    CHECK(out.statistic[p] == doctest::Approx(sum / 6).epsilon(1e-13));
  }
}

TEST_CASE("diff_stability: a probe without a figure is passed over, a gene without one is lost") {
  test::ProbeCase set;
  set.probe(1, "G").probe(2, "G").probe(3, "H");
  set.donor(9861, {{1, 2, 3}, {3, 2, 1}, {1, 2, 3}});
  // Probe 1 is constant in the common structures of the second donor, probe 3 too.
  set.donor(10021, {{5, 5, 5}, {1, 2, 3}, {6.1, 6.1, 6.1}});
  std::vector<std::string> lines;
  const SelectedExpression out = set.select({.threads = {1}}, [&](const Dropped& dropped) {
    lines.push_back(dropped.kind + " " + dropped.item + ": " + dropped.reason);
  });
  CHECK(std::isnan(out.statistic[0]));
  CHECK(out.statistic[1] == doctest::Approx(-1));
  CHECK(out.genes == std::vector<std::string>{"G"});
  CHECK(out.probe[0] == std::vector<Index>{2});
  REQUIRE(out.values[0].rows() == 1);
  CHECK(out.values[0].row(0) == Eigen::RowVectorXd{{3, 2, 1}});
  CHECK(lines ==
        std::vector<std::string>{"probe 1: of G: 2 has a diff_stability (-1), this probe has none",
                                 "probe 3: of H: diff_stability is undefined for its only probe",
                                 "gene H: diff_stability is undefined for its only probe"});
}

TEST_CASE("diff_stability: of equal figures the first probe wins, whatever stands around it") {
  Random random(5);
  std::vector<double> a, b, other;
  for (int s = 0; s < 37; ++s) {
    a.push_back(random.normal());
    b.push_back(a.back() + random.normal());
    other.push_back(random.normal());
  }
  for (const int before : {0, 1, 2, 5}) {
    test::ProbeCase set;
    std::vector<std::vector<double>> first, second;
    for (int i = 0; i < before; ++i) {
      set.probe(1 + i, "G");
      first.push_back(a);
      second.push_back(other);
    }
    for (const Index id : {50, 51}) {
      set.probe(id, "G");
      first.push_back(a);
      second.push_back(b);
    }
    set.donor(9861, first).donor(10021, second);
    const SelectedExpression out = set.select(ProbeMethod::diff_stability);
    const auto at = static_cast<std::size_t>(before);
    CHECK(out.statistic[at] == out.statistic[at + 1]);
    CHECK(out.probe[0] == std::vector<Index>{50});
  }
}

TEST_CASE("diff_stability: one donor is refused") {
  test::ProbeCase set;
  set.probe(1, "G").donor(9861, {{1, 2, 3}});
  CHECK_THROWS_WITH_AS((void)set.select(ProbeMethod::diff_stability),
                       doctest::Contains("at least 2"), ArgumentError);
}
