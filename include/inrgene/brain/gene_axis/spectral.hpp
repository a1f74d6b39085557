// Gene axis by spectral embedding of the genes' affinity graph.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "inrgene/brain/gene_axis/affinity.hpp"
#include "inrgene/brain/gene_axis/gene_axis.hpp"
#include "inrgene/brain/gene_axis/leading_eigenvector.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// Settings of `spectral_axis`.
struct SpectralAxis {
  Affinity affinity = Affinity::nearest_neighbors;
  Index neighbors = 0;  ///< k of nearest_neighbors, the gene itself counted; 0: default_neighbors
  AxisSettings axis = {};
};

namespace detail {

/// Eigenvector of the second smallest eigenvalue of I − D^−½ A D^−½ for a connected graph, divided
/// by √degree. The trivial eigenvector √degree is moved out of the way, so that the wanted one is
/// the leading one of what remains, however small its eigenvalue.
inline Eigen::VectorXd fiedler_entries(Eigen::MatrixXd affinity, const AxisSettings& settings) {
  const Index n = affinity.cols();
  const Eigen::VectorXd root = affinity.colwise().sum().transpose().cwiseSqrt();
  for (Index j = 0; j < n; ++j) affinity.col(j).array() /= root.array() * root(j);
  const Eigen::VectorXd trivial = root.normalized();
  Eigen::VectorXd vector;
  if (n <= std::max<Index>(settings.dense_limit, 3)) {
    for (Index j = 0; j < n; ++j) affinity.col(j) -= 2.0 * trivial(j) * trivial;
    vector = leading_eigenvector(affinity);
  } else {
    const auto apply = [&](const Eigen::VectorXd& x) {
      const double along = 2.0 * trivial.dot(x);
      Eigen::VectorXd y(n);
      parallel_for(settings.threads, n,
                   [&](Index i) { y(i) = affinity.col(i).dot(x) - along * trivial(i); });
      return y;
    };
    vector = leading_eigenvector(n, apply);
  }
  return vector.cwiseQuotient(root);
}

/// Several components: the eigenvalue 0 is repeated, and every vector constant on each component
/// belongs to it. Taken here: levels 0, 1, 2, … for the components in the order of their first
/// symbols, made orthogonal to the trivial vector and of unit norm.
inline Eigen::VectorXd component_entries(const Eigen::MatrixXd& affinity,
                                         const Components& components) {
  std::vector<Index> level(components.size.size(), -1);
  Index levels = 0;
  for (std::size_t c = 0; c < level.size(); ++c) {
    if (components.size[c] > 1) level[c] = levels++;
  }
  const Eigen::VectorXd degree = affinity.colwise().sum().transpose();
  const auto level_of = [&](Index i) {
    return level[static_cast<std::size_t>(components.of[static_cast<std::size_t>(i)])];
  };
  double weighted = 0;
  for (Index i = 0; i < degree.size(); ++i) {
    if (level_of(i) >= 0) weighted += degree(i) * static_cast<double>(level_of(i));
  }
  const double mean = weighted / degree.sum();
  Eigen::VectorXd out = Eigen::VectorXd::Zero(degree.size());
  for (Index i = 0; i < degree.size(); ++i) {
    if (level_of(i) >= 0) out(i) = static_cast<double>(level_of(i)) - mean;
  }
  return out / std::sqrt(degree.dot(out.cwiseAbs2()));
}

/// Entries of the wanted eigenvector over √degree, for any graph with an edge; isolated genes 0.
inline Eigen::VectorXd spectral_entries(const Eigen::MatrixXd& affinity,
                                        const Components& components,
                                        const AxisSettings& settings) {
  Index linked = 0;
  std::size_t only = 0;
  for (std::size_t c = 0; c < components.size.size(); ++c) {
    if (components.size[c] < 2) continue;
    ++linked;
    only = c;
  }
  if (linked == 0) {
    throw NumericalError(text(settings.file, ": gene axis: found no two of ", affinity.cols(),
                              " genes with any affinity, expected a graph with edges: choose ",
                              "another affinity"));
  }
  if (linked > 1) return component_entries(affinity, components);
  if (components.size.size() == 1) return fiedler_entries(affinity, settings);
  std::vector<Index> members;
  for (Index i = 0; i < affinity.cols(); ++i) {
    if (components.of[static_cast<std::size_t>(i)] == static_cast<Index>(only))
      members.push_back(i);
  }
  const Eigen::VectorXd entries = fiedler_entries(affinity(members, members), settings);
  Eigen::VectorXd out = Eigen::VectorXd::Zero(affinity.cols());
  out(members) = entries;
  return out;
}

}  // namespace detail

/// Gene axis of `values` [genes x sites]: with A the affinity of the genes (self-affinity left
/// out), D its degrees, L = I − D^−½ A D^−½, the eigenvector of the smallest non-trivial eigenvalue
/// of L, divided by √degree, signed so that its entry of largest magnitude is positive, scaled to
/// [0, 1], genes ascending, ties by symbol.
///
/// A graph of several components is warned of: the axis then separates the components, and genes
/// of one component share a position (isolated genes have raw entry 0). With fewer than 20 genes
/// the default k of nearest_neighbors is 1, the gene itself, and the graph has no edge; k is then
/// raised to the smallest that connects the genes, with a warning.
///
/// Throws InputError for fewer than 3 genes or 2 sites, a gene twice, a value not finite, and a
/// constant gene under correlation; NumericalError when no two genes have any affinity.
/// Source: Belkin & Niyogi 2003; Yu et al. 2025 (arXiv 2506.11158).
/// Cost: O(genes² sites) for the affinity, O(genes³) for the eigenvector up to `dense_limit` genes
/// and O(genes²) a Lanczos step beyond; two matrices of genes² doubles.
[[nodiscard]] inline GeneAxis spectral_axis(const Eigen::MatrixXd& values,
                                            const std::vector<std::string>& genes,
                                            const SpectralAxis& settings = {}) {
  require(settings.neighbors >= 0, "neighbors", settings.neighbors, "0 or more");
  const AxisSettings& axis = settings.axis;
  const detail::AxisTable table = detail::axis_table(values, genes, axis.file);
  const Index n = std::ssize(table.genes);
  AffinitySettings how{.affinity = settings.affinity,
                       .neighbors = settings.neighbors,
                       .threads = axis.threads,
                       .file = axis.file};
  const bool raise = settings.affinity == Affinity::nearest_neighbors && settings.neighbors == 0 &&
                     default_neighbors(n) == 1;
  if (raise) how.neighbors = 2;
  Eigen::MatrixXd affinity = gene_affinity(table.profiles, table.genes, how);
  Components components = connected_components(affinity);
  while (raise && components.size.size() > 1) {
    ++how.neighbors;
    affinity = gene_affinity(table.profiles, table.genes, how);
    components = connected_components(affinity);
  }
  if (raise && axis.warn) {
    axis.warn(text("gene axis: ", n, " genes are too few for the default neighbourhood (a tenth ",
                   "of the genes, itself counted); using the ", how.neighbors,
                   " nearest, the fewest that connect all"));
  }
  const Index parts = std::ssize(components.size);
  if (parts > 1 && axis.warn) {
    axis.warn(text("gene axis: the ", to_text(settings.affinity), " graph of ", n, " genes has ",
                   parts, " components; the axis separates them, and genes of one component share ",
                   "a position: more neighbours or another affinity would tell them apart"));
  }
  GeneAxis out = detail::finish_axis(
      table.genes, detail::spectral_entries(affinity, components, axis), axis.file);
  out.method = "se";
  out.components = parts;
  return out;
}

}  // namespace inrgene
