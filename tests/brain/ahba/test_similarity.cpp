#include "inrgene/brain/ahba/similarity.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/core/random.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/keyed_rows.hpp"
#include "support/input_problem.hpp"
#include "support/paths.hpp"
#include "support/sample_columns.hpp"
#include "support/temp_dir.hpp"

using namespace inrgene;
using test::input_problem;
using test::kept_samples;
using test::samples_of_columns;
using test::TempDir;

static_assert(ProbeRows<KeyedRows>);

namespace {

using Ids = std::vector<Index>;

ProbeTable probes(Index count) {
  ProbeTable out;
  for (Index p = 0; p < count; ++p) {
    out.id.push_back(100 + 2 * p);
    out.gene.emplace_back("G");
    out.entrez.push_back(1);
  }
  return out;
}

/// `values` [columns x probes] under the ids of `probes(n)`, rows in reverse order.
MatrixRows in_memory(const Eigen::MatrixXd& values) {
  std::vector<Index> keys = probes(values.cols()).id;
  std::reverse(keys.begin(), keys.end());
  return {std::move(keys), values.rowwise().reverse(), "E.csv"};
}

/// Expression of `columns` samples: a common profile, an offset and noise that grows with the
/// column; the last one is another profile.
Eigen::MatrixXd smooth_values(Index columns, Index count) {
  Random random(99);
  Eigen::MatrixXd out(columns, count);
  for (Index p = 0; p < count; ++p) {
    const double common = 6 + 3 * random.uniform(-1, 1);
    for (Index c = 0; c < columns; ++c) {
      const double noise = random.uniform(-1, 1);
      out(c, p) = c + 1 == columns ? 6 + noise
                                   : common + 0.3 * static_cast<double>(c) +
                                         0.1 * static_cast<double>(c + 1) * noise;
    }
  }
  return out;
}

/// Samples kept by the definition: the whole matrix of correlations, its row sums, their spread.
Ids kept_by_definition(const Eigen::MatrixXd& values, const DonorSamples& samples, double sds) {
  const Index n = samples.size();
  Eigen::MatrixXd z(n, values.cols());
  for (Index s = 0; s < n; ++s) {
    z.row(s) = values.row(samples.column[static_cast<std::size_t>(s)]);
    z.row(s).array() -= z.row(s).mean();
    z.row(s) /= z.row(s).norm();
  }
  const Eigen::VectorXd sums = (z * z.transpose()).rowwise().sum();
  const double mean = sums.mean();
  const double sd = std::sqrt((sums.array() - mean).square().sum() / static_cast<double>(n - 1));
  Ids kept;
  for (Index s = 0; s < n; ++s) {
    if (sums(s) >= mean - sds * sd) kept.push_back(samples.column[static_cast<std::size_t>(s)]);
  }
  return kept;
}

}  // namespace

TEST_CASE("similarity: three samples by hand") {
  // b = 2 a + 1 and c = -a: r_ab = 1, r_ac = r_bc = -1, so s = (1, 1, -1), mean 1/3, sd 1.1547.
  Eigen::MatrixXd values(4, 3);
  values << 1, 2, 4, 3, 5, 9, -1, -2, -4, 7, 7, 7;  // the last column belongs to no sample
  const DonorSamples samples = samples_of_columns({0, 1, 2}, 4);
  const MatrixRows rows = in_memory(values);
  std::vector<Dropped> dropped;
  const auto sink = [&](Dropped d) { dropped.push_back(std::move(d)); };
  CHECK(filter_by_similarity(samples, rows, probes(3), 1.0, {1}, sink).column == Ids{0, 1});
  REQUIRE(dropped.size() == 1);
  CHECK(dropped[0].item == "9861/1002");
  CHECK(dropped[0].kind == "sample");
  CHECK(dropped[0].reason ==
        "unlike the other samples: mean correlation with all 3 of -0.333, below -0.274 (the mean "
        "less 1 SD)");
  CHECK(filter_by_similarity(samples, rows, probes(3), 1.2).column == Ids{0, 1, 2});
  // A mirrored copy of c: s = (0, 0, 0, 0), which is no reason to drop anything.
  const DonorSamples copied = samples_of_columns({0, 1, 2, 2}, 4);
  CHECK(filter_by_similarity(copied, rows, probes(3), 0.01).size() == 4);
  // Two samples have the same sum, a single one has none to differ from.
  CHECK(filter_by_similarity(samples_of_columns({0, 2}, 4), rows, probes(3), 0.01).size() == 2);
  CHECK(filter_by_similarity(samples_of_columns({2}, 4), rows, probes(3), 1.0).size() == 1);
}

TEST_CASE("similarity: streamed sums choose as the whole matrix of correlations does") {
  const Index columns = 24, count = 900;  // several blocks of rows
  const Eigen::MatrixXd values = smooth_values(columns, count);
  Ids used;
  for (Index c = 0; c < columns; ++c) {
    if (c % 5 != 3) used.push_back(c);
  }
  used.insert(used.end(), {0, 4, 23, 23, 7});  // copies
  const DonorSamples samples = samples_of_columns(used, columns);
  Index dropped_once = 0;
  for (const double sds : {0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0}) {
    CAPTURE(sds);
    const Ids wanted = kept_by_definition(values, samples, sds);
    dropped_once += std::ssize(wanted) < samples.size() ? 1 : 0;
    for (const int threads : {1, 3}) {
      CHECK(
          filter_by_similarity(samples, in_memory(values), probes(count), sds, {threads}).column ==
          wanted);
    }
  }
  CHECK(dropped_once >= 4);
  // Offsets and scales of samples do not matter, nor do levels far from 0.
  Eigen::MatrixXd moved = values;
  for (Index c = 0; c < columns; ++c) {
    moved.row(c) = (values.row(c).array() + 1e4) * (1.0 + 0.5 * static_cast<double>(c));
  }
  CHECK(filter_by_similarity(samples, in_memory(moved), probes(count), 1.0).column ==
        kept_by_definition(values, samples, 1.0));
}

TEST_CASE("similarity: sums of correlations to rounding, alike on any number of threads") {
  const Eigen::MatrixXd values = smooth_values(12, 1500);
  const DonorSamples samples = samples_of_columns({3, 1, 7, 7, 11}, 12);
  const MatrixRows rows = in_memory(values);
  const Eigen::ArrayXd one = detail::correlation_sums(samples, rows, probes(1500), {1});
  const Eigen::ArrayXd three = detail::correlation_sums(samples, rows, probes(1500), {3});
  for (Index s = 0; s < samples.size(); ++s) {
    CHECK(one(s) == three(s));
    double wanted = 0;
    const auto column = [&](Index i) -> Eigen::RowVectorXd {
      const Eigen::RowVectorXd x = values.row(samples.column[static_cast<std::size_t>(i)]);
      return (x.array() - x.mean()).matrix().normalized();
    };
    for (Index k = 0; k < samples.size(); ++k) wanted += column(s).dot(column(k));
    CHECK(std::abs(one(s) - wanted) < 1e-12 * 1500);
  }
}

TEST_CASE("similarity: bad input and settings") {
  const TempDir dir;
  const auto path = dir.write("E.csv", "100,1,2,5\n102,2,,5\n104,4,1,5\n");
  const KeyedRows rows(path);
  const auto problem = [&](Ids columns, Index measured, Index count) {
    return input_problem([&] {
      (void)filter_by_similarity(samples_of_columns(std::move(columns), measured), rows,
                                 probes(count), 2.0);
    });
  };
  InputProblem p = problem({0, 1}, 3, 3);
  CHECK(p.file == path.string());
  CHECK(p.place == "row of probe 102, field 3");
  CHECK(p.found == "a missing value");
  CHECK(p.expected == "numbers by which to compare the samples of donor 9861");
  p = problem({0, 2}, 3, 3);
  CHECK(p.place == "field 4");
  CHECK(p.found == "the same value for every probe");
  p = problem({0, 1}, 3, 4);
  CHECK(p.found == "no row of probe 106");
  p = problem({0, 1}, 2, 3);
  CHECK(p.found == "3");  // columns in the file, 2 in the annotation
  const DonorSamples good = samples_of_columns({0, 0}, 3);
  for (const double sds : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_AS((void)filter_by_similarity(good, rows, probes(3), sds), ArgumentError);
  }
  CHECK_THROWS_AS((void)filter_by_similarity(good, rows, probes(1), 2.0), ArgumentError);
}

TEST_CASE("similarity: abagen's choice of samples" * doctest::test_suite("parity")) {
  const auto root = test::fixture_folder("abagen");
  if (!root) {
    MESSAGE("no reference values for abagen");
    return;
  }
  int donors = 0;
  for (const auto& set : std::filesystem::directory_iterator(*root)) {
    const std::filesystem::path expected = set.path() / "expected";
    // H and A differ before matching by the similarity threshold of 2 alone.
    if (!std::filesystem::exists(expected / "H_samples.csv")) continue;
    const auto expression_of = [&](int donor) {
      return set.path() / "microarray" / text("normalized_microarray_donor", donor) /
             "MicroarrayExpression.csv";
    };
    const auto columns_of = [&](int donor) { return KeyedRows(expression_of(donor)).columns(); };
    const auto before = kept_samples(expected / "A_samples.csv", columns_of);
    const auto after = kept_samples(expected / "H_samples.csv", columns_of);
    const CsvTable table = read_csv(expected / "H_ibf.csv");
    ProbeTable all;
    for (Index row = 0; row < table.rows(); ++row) {
      all.id.push_back(table.integer(row, table.column("probe_id")));
      all.gene.emplace_back("G");
      all.entrez.push_back(1);
    }
    REQUIRE(before.size() == after.size());
    for (std::size_t d = 0; d < before.size(); ++d) {
      CAPTURE(set.path().string());
      CAPTURE(before[d].donor);
      const KeyedRows rows(expression_of(before[d].donor));
      Index told = 0;
      const DonorSamples kept =
          filter_by_similarity(before[d], rows, all, 2.0, {}, [&](const Dropped&) { ++told; });
      CHECK(kept.column == after[d].column);
      CHECK(told == before[d].size() - after[d].size());
      ++donors;
    }
  }
  MESSAGE(donors << " donors compared");
  CHECK(donors > 0);
}
