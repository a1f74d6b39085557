#include "inrgene/brain/ahba/normalise.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "inrgene/core/random.hpp"
#include "inrgene/core/words.hpp"
#include "inrgene/io/csv.hpp"
#include "support/abagen_sets.hpp"
#include "support/paths.hpp"

using namespace inrgene;

namespace {

using Class = StructureClass;
const double nan_value = std::numeric_limits<double>::quiet_NaN();

Eigen::MatrixXd random_matrix(Index genes, Index samples) {
  Random random(11);
  Eigen::MatrixXd out(genes, samples);
  for (Index i = 0; i < out.size(); ++i) out.data()[i] = 5 + 2 * random.normal();
  return out;
}

bool same_bytes(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(double)) == 0;
}

/// Largest difference; infinite where only one of the two is NaN.
double difference(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
  double out = a.rows() == b.rows() && a.cols() == b.cols() ? 0 : INFINITY;
  for (Index i = 0; i < a.size() && out < INFINITY; ++i) {
    const double x = a.data()[i], y = b.data()[i];
    if (std::isnan(x) != std::isnan(y)) return INFINITY;
    if (!std::isnan(x)) out = std::max(out, std::abs(x - y));
  }
  return out;
}

/// A table of samples x genes (first column: sample_id) as [genes x samples].
Eigen::MatrixXd read_transposed(const std::filesystem::path& path) {
  const CsvTable table = read_csv(path);
  Eigen::MatrixXd out(table.columns() - 1, table.rows());
  for (Index s = 0; s < out.cols(); ++s) {
    for (Index g = 0; g < out.rows(); ++g) out(g, s) = table.number(s, g + 1);
  }
  return out;
}

}  // namespace

TEST_CASE("normalise_samples works on columns, normalise_genes on rows") {
  const Eigen::MatrixXd raw = random_matrix(83, 41);
  QuantileScratch scratch;
  Eigen::MatrixXd by_sample = raw, by_gene = raw;
  normalise_samples(by_sample, ScaledRobustSigmoid{});
  normalise_genes(by_gene, {}, ScaledRobustSigmoid{});
  for (Index s = 0; s < raw.cols(); ++s) {
    std::vector<double> column(raw.col(s).begin(), raw.col(s).end());
    ScaledRobustSigmoid{}(column, scratch);
    CHECK(std::vector<double>(by_sample.col(s).begin(), by_sample.col(s).end()) == column);
  }
  for (Index g = 0; g < raw.rows(); ++g) {
    std::vector<double> row(raw.row(g).begin(), raw.row(g).end());
    ScaledRobustSigmoid{}(row, scratch);
    CHECK(std::vector<double>(by_gene.row(g).begin(), by_gene.row(g).end()) == row);
  }
}

TEST_CASE("normalise_genes works within each class, and leaves out samples without one") {
  const Eigen::MatrixXd raw = random_matrix(20, 12);
  const std::vector<Class> groups{Class::cortex,     Class::white_matter, Class::cortex,
                                  Class::none,       Class::cortex,       Class::cerebellum,
                                  Class::cerebellum, Class::cortex,       Class::other,
                                  Class::cerebellum, Class::white_matter, Class::white_matter};
  Eigen::MatrixXd all = raw;
  normalise_genes(all, groups, UnitRange{});
  for (const Class group : {Class::cortex, Class::white_matter, Class::cerebellum}) {
    std::vector<Index> members;
    for (std::size_t s = 0; s < groups.size(); ++s) {
      if (groups[s] == group) members.push_back(static_cast<Index>(s));
    }
    Eigen::MatrixXd alone = raw(Eigen::all, members);
    normalise_genes(alone, {}, UnitRange{});
    CHECK(difference(alone, all(Eigen::all, members)) == 0);
  }
  CHECK(all.col(3).array().isNaN().all());  // no class
  CHECK(all.col(8).array().isNaN().all());  // alone in its class
}

TEST_CASE("samples and genes without any number are left out, and stay NaN") {
  const Eigen::MatrixXd raw = random_matrix(30, 10);
  Eigen::MatrixXd with_hole = raw;
  with_hole.col(4).setConstant(nan_value);
  std::vector<Index> others{0, 1, 2, 3, 5, 6, 7, 8, 9};
  Eigen::MatrixXd expected = raw(Eigen::all, others);
  normalise_genes(with_hole, {}, MixedSigmoid{});
  normalise_genes(expected, {}, MixedSigmoid{});
  CHECK(difference(with_hole(Eigen::all, others), expected) == 0);
  CHECK(with_hole.col(4).array().isNaN().all());

  with_hole = raw;
  with_hole.row(0).setConstant(nan_value);
  with_hole.row(17).setConstant(nan_value);
  others.clear();
  for (Index g = 1; g < 30; ++g) {
    if (g != 17) others.push_back(g);
  }
  expected = raw(others, Eigen::all);
  normalise_samples(with_hole, MixedSigmoid{});
  normalise_samples(expected, MixedSigmoid{});
  CHECK(difference(with_hole(others, Eigen::all), expected) == 0);
  CHECK(with_hole.row(0).array().isNaN().all());
  CHECK(with_hole.row(17).array().isNaN().all());

  // One hole among numbers spoils its gene or sample, and nothing else.
  with_hole = raw;
  with_hole(3, 2) = nan_value;
  Eigen::MatrixXd by_gene = with_hole, by_sample = with_hole;
  normalise_genes(by_gene, {}, ZScore{});
  normalise_samples(by_sample, ZScore{});
  CHECK(by_gene.row(3).array().isNaN().all());
  CHECK(by_gene.array().isNaN().count() == 10);
  CHECK(by_sample.col(2).array().isNaN().all());
  CHECK(by_sample.array().isNaN().count() == 30);
}

TEST_CASE("normalising has the same bytes for any number of threads") {
  const Eigen::MatrixXd raw = random_matrix(517, 203);
  std::vector<Class> groups;
  for (Index s = 0; s < raw.cols(); ++s)
    groups.push_back(s % 3 == 0 ? Class::cortex : Class::other);
  for (const char* word : {"srs", "scaled_sig_qnt", "zscore"}) {
    const NormaliserVariant normaliser = *normaliser_from_text("norm", word);
    Eigen::MatrixXd one = raw;
    normalise_samples(one, normaliser, {.count = 1});
    normalise_genes(one, groups, normaliser, {.count = 1});
    for (const int threads : {2, 3, 8}) {
      Eigen::MatrixXd many = raw;
      normalise_samples(many, normaliser, {.count = threads});
      normalise_genes(many, groups, normaliser, {.count = threads});
      CHECK(same_bytes(one, many));
    }
  }
}

TEST_CASE("normalising refuses groups of another size and does nothing to nothing") {
  Eigen::MatrixXd values = random_matrix(3, 4);
  const std::vector<Class> groups(3, Class::cortex);
  CHECK_THROWS_AS(normalise_genes(values, groups, ZScore{}), ArgumentError);
  for (Eigen::MatrixXd empty : {Eigen::MatrixXd(0, 4), Eigen::MatrixXd(4, 0)}) {
    normalise_samples(empty, ScaledRobustSigmoid{});
    normalise_genes(empty, {}, ScaledRobustSigmoid{});
    CHECK(empty.size() == 0);
  }
}

TEST_CASE("normalise_genes gives the reference values" * doctest::test_suite("parity")) {
  const auto root = test::fixture_folder("abagen");
  if (!root) {
    MESSAGE("no reference values: skipped");
    return;
  }
  int compared = 0;
  for (const std::string& set : test::abagen_sets(*root)) {
    const std::filesystem::path folder = *root / set / "expected";
    if (!std::filesystem::exists(folder / "norm_input.csv")) continue;
    const Eigen::MatrixXd input = read_transposed(folder / "norm_input.csv");
    const CsvTable table = read_csv(folder / "norm_input_structures.csv");
    std::vector<Class> groups;
    for (Index s = 0; s < table.rows(); ++s) {
      groups.push_back(
          from_word("structure", table.cell(s, table.column("structure")), structure_class_words));
    }
    for_each_type(Normalisers{}, [&]<class N>() {
      const std::string name = std::string("norm_").append(N::name);
      CAPTURE(name);
      Eigen::MatrixXd values = input;
      normalise_genes(values, {}, N{});
      CHECK(difference(values, read_transposed(folder / (name + ".csv"))) < 1e-9);
      values = input;
      normalise_genes(values, groups, N{});
      CHECK(difference(values, read_transposed(folder / (name + "_structures.csv"))) < 1e-9);
      compared += 2;
    });
  }
  MESSAGE(compared << " tables compared");
}
