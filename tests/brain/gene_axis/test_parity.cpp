// Gene axes against scikit-learn's SpectralEmbedding and PCA (see the fixtures' README).
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/brain/gene_axis/principal.hpp"
#include "inrgene/brain/gene_axis/spectral.hpp"
#include "inrgene/io/csv.hpp"
#include "support/paths.hpp"

using namespace inrgene;
namespace fs = std::filesystem;

namespace {

struct Expression {
  std::vector<std::string> genes;
  Eigen::MatrixXd values;
};

Expression read_expression(const fs::path& path) {
  const CsvTable table = read_csv(path);
  Expression out;
  out.genes.assign(table.header().begin() + 1, table.header().end());
  out.values.resize(table.columns() - 1, table.rows());
  for (Index s = 0; s < table.rows(); ++s) {
    for (Index g = 1; g < table.columns(); ++g) out.values(g - 1, s) = table.finite(s, g);
  }
  return out;
}

/// Largest differences from the reference, the sign chosen that fits better.
void check_against(const GeneAxis& axis, const fs::path& path) {
  CAPTURE(path.filename().string());
  const CsvTable table = read_csv(path);
  REQUIRE(table.rows() == axis.size());
  const Index symbol = table.column("gene_symbol");
  const Index raw = table.column("raw");
  const Index scaled = table.column("scaled");
  double as_is = 0, flipped = 0, as_is_raw = 0, flipped_raw = 0;
  for (Index r = 0; r < table.rows(); ++r) {
    const auto at = axis.find(table.cell(r, symbol));
    REQUIRE(at);
    const auto g = static_cast<std::size_t>(*at);
    as_is = std::max(as_is, std::abs(axis.position[g] - table.finite(r, scaled)));
    flipped = std::max(flipped, std::abs(1 - axis.position[g] - table.finite(r, scaled)));
    as_is_raw = std::max(as_is_raw, std::abs(axis.raw[g] - table.finite(r, raw)));
    flipped_raw = std::max(flipped_raw, std::abs(axis.raw[g] + table.finite(r, raw)));
  }
  CHECK(std::min(as_is, flipped) < 1e-6);
  CHECK(std::min(as_is_raw, flipped_raw) < 1e-6);
}

std::vector<fs::path> reference_sets() {
  std::vector<fs::path> sets;
  const auto root = test::fixtures_root();
  if (!root || !fs::is_directory(*root / "sklearn")) {
    MESSAGE("skipped: no reference values (INRGENE_FIXTURES is not set to a folder with sklearn)");
    return sets;
  }
  for (const auto& entry : fs::directory_iterator(*root / "sklearn")) {
    if (entry.is_directory()) sets.push_back(entry.path());
  }
  std::sort(sets.begin(), sets.end());
  REQUIRE(!sets.empty());
  return sets;
}

}  // namespace

TEST_SUITE("parity") {
  TEST_CASE("gene axes equal scikit-learn's, all eigenvectors or Lanczos") {
    for (const fs::path& set : reference_sets()) {
      CAPTURE(set.filename().string());
      const Expression data = read_expression(set / "expression.csv");
      for (const Index dense_limit : {Index{1000}, Index{0}}) {
        const AxisSettings axis{.dense_limit = dense_limit};
        check_against(pc1_axis(data.values, data.genes, axis), set / "order_pc1.csv");
        const auto check = [&](Affinity affinity, std::string_view file) {
          check_against(
              spectral_axis(data.values, data.genes, {.affinity = affinity, .axis = axis}),
              set / file);
        };
        check(Affinity::nearest_neighbors, "order_spectral_nearest.csv");
        check(Affinity::rbf, "order_spectral_rbf.csv");
        check(Affinity::correlation, "order_spectral_correlation.csv");
      }
    }
  }
}
