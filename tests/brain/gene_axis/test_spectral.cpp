#include "inrgene/brain/gene_axis/spectral.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace inrgene;

namespace {

/// Genes along a curve: gene i has phase i, sites sample it; neighbours on the curve look alike.
Eigen::MatrixXd curve(Index genes, Index sites = 40) {
  Eigen::MatrixXd values(genes, sites);
  for (Index g = 0; g < genes; ++g) {
    for (Index s = 0; s < sites; ++s) {
      values(g, s) = std::sin(0.1 * static_cast<double>(s) +
                              2.0 * static_cast<double>(g) / static_cast<double>(genes));
    }
  }
  return values;
}

std::vector<std::string> names(Index genes) {
  std::vector<std::string> out;
  for (Index g = 0; g < genes; ++g) out.push_back(text("G", g / 100, g / 10 % 10, g % 10));
  return out;
}

bool is_monotone(const std::vector<std::string>& genes) {
  return std::is_sorted(genes.begin(), genes.end()) || std::is_sorted(genes.rbegin(), genes.rend());
}

}  // namespace

TEST_CASE("spectral_axis orders genes that lie along a curve") {
  for (const Affinity affinity :
       {Affinity::nearest_neighbors, Affinity::rbf, Affinity::correlation}) {
    CAPTURE(to_text(affinity));
    const GeneAxis axis = spectral_axis(curve(60), names(60), {.affinity = affinity});
    CHECK(axis.size() == 60);
    CHECK(axis.components == 1);
    CHECK(axis.method == "se");
    CHECK(axis.position.front() == 0);
    CHECK(axis.position.back() == 1);
    CHECK(std::is_sorted(axis.position.begin(), axis.position.end()));
    CHECK(std::abs(axis.raw.back()) >= std::abs(axis.raw.front()) * (1 - 1e-9));
    CHECK(axis.raw.back() > 0);
    if (affinity != Affinity::nearest_neighbors) CHECK(is_monotone(axis.genes));
  }
}

TEST_CASE("raw entries solve L v = λ v with v = √degree · raw, orthogonal to √degree") {
  const Index n = 30;
  for (const Affinity affinity :
       {Affinity::nearest_neighbors, Affinity::rbf, Affinity::correlation}) {
    CAPTURE(to_text(affinity));
    const Eigen::MatrixXd values = curve(n);
    const GeneAxis axis = spectral_axis(values, names(n), {.affinity = affinity});
    Eigen::VectorXd raw(n);
    for (Index g = 0; g < n; ++g) {
      raw(g) =
          axis.raw[static_cast<std::size_t>(*axis.find(names(n)[static_cast<std::size_t>(g)]))];
    }
    const Eigen::MatrixXd a = gene_affinity(values.transpose(), names(n), {.affinity = affinity});
    const Eigen::VectorXd degree = a.rowwise().sum();
    // L v = λ v is (D − A) raw = λ D raw, the generalised problem.
    const Eigen::VectorXd left = degree.cwiseProduct(raw) - a * raw;
    const double lambda = raw.dot(left) / raw.dot(degree.cwiseProduct(raw));
    CHECK((left - lambda * degree.cwiseProduct(raw)).norm() < 1e-10);
    CHECK(std::abs(degree.dot(raw)) < 1e-9);
    CHECK(raw.dot(degree.cwiseProduct(raw)) == doctest::Approx(1).epsilon(1e-10));
    // Fiedler (1973): no other vector orthogonal to the trivial one has a smaller quotient.
    for (Index probe = 1; probe < 5; ++probe) {
      Eigen::VectorXd x(n);
      for (Index g = 0; g < n; ++g) x(g) = std::cos(static_cast<double>((g + 1) * probe) * 0.1);
      x.array() -= degree.dot(x) / degree.sum();
      const double quotient =
          (x.dot(degree.cwiseProduct(x)) - x.dot(a * x)) / x.dot(degree.cwiseProduct(x));
      CHECK(quotient >= lambda - 1e-12);
    }
  }
}

TEST_CASE("the axis is the same bytes whatever the order of the columns and the threads") {
  const Index n = 40;
  const Eigen::MatrixXd values = curve(n);
  const std::vector<std::string> genes = names(n);
  std::vector<Index> order;
  for (Index g = 0; g < n; ++g) order.push_back((g * 17 + 5) % n);
  std::vector<std::string> shuffled;
  for (const Index g : order) shuffled.push_back(genes[static_cast<std::size_t>(g)]);
  for (const Index dense_limit : {Index{1000}, Index{0}}) {
    SpectralAxis settings{.axis = {.dense_limit = dense_limit, .threads = {1}}};
    const GeneAxis a = spectral_axis(values, genes, settings);
    settings.axis.threads = {2};
    const GeneAxis b = spectral_axis(values(order, Eigen::all), shuffled, settings);
    CHECK(a.genes == b.genes);
    CHECK(a.position == b.position);
    CHECK(a.raw == b.raw);
  }
}

TEST_CASE(
    "too few genes for the default neighbourhood: the smallest that connects, and a warning") {
  std::vector<std::string> warnings;
  const GeneAxis axis = spectral_axis(
      curve(9), names(9),
      {.axis = {.warn = [&](std::string_view words) { warnings.emplace_back(words); }}});
  CHECK(axis.components == 1);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("using the 2 nearest") != std::string::npos);
  CHECK(is_monotone(axis.genes));
}

TEST_CASE("two components: the axis separates them, and a warning says so") {
  // Genes 0..2 and 3..5 are far apart; correlation between the groups is negative, so 0.
  Eigen::MatrixXd values(6, 4);
  values << 1, 2, 3, 4.1, 1, 2, 3.1, 4, 1.1, 2, 3, 4, 4, 3, 2, 1.1, 4, 3, 2.1, 1, 4.1, 3, 2, 1;
  std::vector<std::string> warnings;
  const GeneAxis axis = spectral_axis(
      values, names(6),
      {.affinity = Affinity::correlation,
       .axis = {.warn = [&](std::string_view words) { warnings.emplace_back(words); }}});
  CHECK(axis.components == 2);
  CHECK(axis.position[2] == 0);
  CHECK(axis.position[3] == 1);
  std::vector<std::string> low(axis.genes.begin(), axis.genes.begin() + 3);
  // Equal positions stay in the order of their symbols.
  const bool first_group_low = low == std::vector<std::string>{"G000", "G001", "G002"};
  const bool second_group_low = low == std::vector<std::string>{"G003", "G004", "G005"};
  CHECK((first_group_low || second_group_low));
  CHECK(warnings.size() == 1);
}

TEST_CASE("an isolated gene keeps raw entry 0 between the others") {
  Eigen::MatrixXd values(4, 4);
  values << 1, 2, 3, 4, 1, 2, 4, 3, 2, 1, 3, 4, 4, 3, 2, 1;
  const GeneAxis axis = spectral_axis(values, names(4), {.affinity = Affinity::correlation});
  CHECK(axis.components == 2);
  CHECK(axis.raw[static_cast<std::size_t>(*axis.find("G003"))] == 0);
}

TEST_CASE("affinities, worked by hand") {
  Eigen::MatrixXd profiles(2, 3);  // [sites x genes]
  profiles << 0, 0, 3, 0, 1, 4;
  const Eigen::MatrixXd rbf = gene_affinity(profiles, names(3), {.affinity = Affinity::rbf});
  CHECK(rbf(0, 0) == 0);
  CHECK(rbf(0, 1) == doctest::Approx(std::exp(-0.5)).epsilon(1e-14));
  CHECK(rbf(2, 1) == doctest::Approx(std::exp(-9.0)).epsilon(1e-13));
  // Two nearest, itself counted: 0 → 1, 1 → 0, 2 → 1.
  const Eigen::MatrixXd near = gene_affinity(profiles, names(3), {.neighbors = 2});
  Eigen::MatrixXd expected(3, 3);
  expected << 0, 1, 0, 1, 0, 0.5, 0, 0.5, 0;
  CHECK(near == expected);
  CHECK(default_neighbors(9) == 1);
  CHECK(default_neighbors(109) == 10);
}

TEST_CASE("bad expression is refused and named") {
  Eigen::MatrixXd values = curve(5);
  const auto message = [&](const SpectralAxis& settings, std::vector<std::string> genes) {
    try {
      (void)spectral_axis(values, genes, settings);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("no InputError");
  };
  const SpectralAxis named{.axis = {.file = "table.csv"}};
  CHECK(message(named, {"A", "B", "C", "B", "E"}).find("table.csv: genes: found 'B' twice") == 0);
  values(2, 7) = std::numeric_limits<double>::quiet_NaN();
  CHECK(message(named, names(5)).find("table.csv: gene 'G002', site 8: found nan") == 0);
  values.row(2).setConstant(0.1);
  CHECK(message({.affinity = Affinity::correlation}, names(5)).find("gene 'G002'") !=
        std::string::npos);
  CHECK_THROWS_AS((void)spectral_axis(values.topRows(2), names(2)), InputError);
  CHECK_THROWS_AS((void)spectral_axis(values, names(4)), ArgumentError);
  CHECK_THROWS_AS((void)spectral_axis(curve(5), names(5), {.neighbors = -1}), ArgumentError);
  CHECK_THROWS_AS((void)spectral_axis(curve(5), names(5), {.neighbors = 1}), NumericalError);
}

TEST_CASE("affinity names are read strictly") {
  for (const Affinity a : {Affinity::nearest_neighbors, Affinity::rbf, Affinity::correlation}) {
    CHECK(affinity_from_text(to_text(a)) == a);
  }
  CHECK_THROWS_AS((void)affinity_from_text("nearest"), ArgumentError);
}
