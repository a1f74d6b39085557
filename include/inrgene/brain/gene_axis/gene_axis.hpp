// The gene axis: one number a gene, so that genes with similar maps lie close together.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/progress.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// Genes in the order of their position e_g, equal positions in the order of their symbols. It
/// depends on the data alone: not on the order of the table's columns, nor on any hash.
struct GeneAxis {
  std::vector<std::string> genes;  ///< distinct symbols
  std::vector<double> position;    ///< e_g in [0, 1], ascending
  std::vector<double> raw;         ///< the entries of the eigenvector before scaling
  std::string method = "se";       ///< "se" (spectral embedding) or "pc1", as the file's column
  Index components = 1;            ///< connected components of the affinity graph; 1 for pc1

  [[nodiscard]] Index size() const { return std::ssize(genes); }

  /// Where `gene` stands, or nothing when it is not on the axis. Cost O(genes).
  [[nodiscard]] std::optional<Index> find(std::string_view gene) const {
    const auto at = std::find(genes.begin(), genes.end(), gene);
    if (at == genes.end()) return std::nullopt;
    return at - genes.begin();
  }
};

/// What every construction of an axis shares.
struct AxisSettings {
  /// Up to this many genes the matrix is stored and Lanczos needs no restart; above it, products.
  Index dense_limit = 1000;
  Threads threads = {};
  WarningCallback warn = {};
  std::string file = "expression";  ///< where the values came from, for messages
};

namespace detail {

/// A table ready for an axis: genes ascending by symbol, one column a gene.
struct AxisTable {
  std::vector<std::string> genes;
  Eigen::MatrixXd profiles;  // [sites x genes]
};

/// Sorts by symbol, so that nothing after this depends on the order of the input's columns.
/// InputError for fewer than 3 genes, fewer than 2 sites, a gene twice, a value not finite.
inline AxisTable axis_table(const Eigen::MatrixXd& values, const std::vector<std::string>& genes,
                            const std::string& file) {
  require(values.rows() == std::ssize(genes), "values rows", values.rows(),
          text("as many as genes: ", genes.size()));
  if (genes.size() < 3) {
    throw InputError({file, "genes", text(genes.size()), "at least 3 for a gene axis"});
  }
  if (values.cols() < 2) {
    throw InputError({file, "sites", text(values.cols()), "at least 2 for a gene axis"});
  }
  std::vector<std::size_t> order(genes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return genes[a] < genes[b]; });
  AxisTable table;
  table.profiles.resize(values.cols(), values.rows());
  for (Index g = 0; g < values.rows(); ++g) {
    const std::size_t from = order[static_cast<std::size_t>(g)];
    if (g > 0 && genes[from] == table.genes.back()) {
      throw InputError({file, "genes", text("'", genes[from], "' twice"), "distinct genes"});
    }
    table.genes.push_back(genes[from]);
    table.profiles.col(g) = values.row(static_cast<Index>(from)).transpose();
    for (Index s = 0; s < values.cols(); ++s) {
      if (std::isfinite(table.profiles(s, g))) continue;
      throw InputError({file, text("gene '", genes[from], "', site ", s + 1),
                        text(table.profiles(s, g)), "a finite number (a gene axis needs all)"});
    }
  }
  return table;
}

/// Makes the entry of largest magnitude positive. Entries that differ in magnitude by rounding
/// count as equal, and the first symbol decides.
inline void fix_sign(Eigen::VectorXd& vector) {
  Index largest = 0;
  for (Index i = 1; i < vector.size(); ++i) {
    if (std::abs(vector(i)) > std::abs(vector(largest)) * (1 + 1e-9)) largest = i;
  }
  if (vector(largest) < 0) vector = -vector;
}

/// Sign, scaling to [0, 1] and order of an eigenvector whose entries belong to `genes` (ascending).
inline GeneAxis finish_axis(const std::vector<std::string>& genes, Eigen::VectorXd raw,
                            const std::string& file) {
  fix_sign(raw);
  const double low = raw.minCoeff();
  const double range = raw.maxCoeff() - low;
  if (!raw.allFinite() || !(range > 1e-12 * raw.cwiseAbs().maxCoeff())) {
    throw NumericalError(text(file, ": gene axis: found the same entry, ", low, ", for all ",
                              genes.size(), " genes, expected genes that differ"));
  }
  std::vector<Index> order(genes.size());
  std::iota(order.begin(), order.end(), Index{0});
  // Stable: genes of equal entries stay in the order of their symbols.
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return raw(a) < raw(b); });
  GeneAxis axis;
  for (const Index g : order) {
    axis.genes.push_back(genes[static_cast<std::size_t>(g)]);
    axis.raw.push_back(raw(g));
    axis.position.push_back(std::clamp((raw(g) - low) / range, 0.0, 1.0));
  }
  return axis;
}

}  // namespace detail
}  // namespace inrgene
