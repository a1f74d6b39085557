// How alike genes are: the graph whose spectrum gives the gene axis.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/math/gemm.hpp"

namespace inrgene {

/// How two genes a, b (their values over all sites) are compared.
enum class Affinity {
  nearest_neighbors,  ///< 0/1 graph of the k nearest genes, then ½(A + Aᵀ) (the released code)
  rbf,                ///< exp(−‖a − b‖² / sites)
  correlation         ///< Pearson's r, negative values set to 0 (the paper's text)
};

/// "nearest-neighbors", "rbf" or "correlation", as the program's --affinity.
[[nodiscard]] constexpr std::string_view to_text(Affinity affinity) {
  switch (affinity) {
    case Affinity::rbf:
      return "rbf";
    case Affinity::correlation:
      return "correlation";
    default:
      return "nearest-neighbors";
  }
}

/// Inverse of `to_text`, strict. Throws ArgumentError that lists the accepted names.
[[nodiscard]] inline Affinity affinity_from_text(std::string_view name) {
  for (const Affinity a : {Affinity::nearest_neighbors, Affinity::rbf, Affinity::correlation}) {
    if (name == to_text(a)) return a;
  }
  throw ArgumentError(
      text("affinity: found '", name, "', expected one of: nearest-neighbors, rbf, correlation"));
}

/// The paper's neighbourhood: max(⌊genes/10⌋, 1), the gene itself counted among them.
[[nodiscard]] constexpr Index default_neighbors(Index genes) {
  return std::max<Index>(genes / 10, 1);
}

namespace detail {

/// PᵀP for P [sites x genes], in blocks of a fixed width so that the bytes of the result do not
/// depend on the number of threads.
inline Eigen::MatrixXd gram(const Eigen::MatrixXd& profiles, Threads threads) {
  constexpr Index width = 256;
  const Index n = profiles.cols();
  const Index blocks = (n + width - 1) / width;
  const Index sites = profiles.rows();
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(n, n);
  parallel_for(threads, blocks, [&](Index i) {
    // Long and short blocks alternate, so that every worker gets a like share.
    const Index block = i % 2 == 0 ? i / 2 : blocks - 1 - i / 2;
    const Index begin = block * width;
    const Index count = std::min(width, n - begin);
    const double* from = profiles.data() + begin * sites;
    math::gemm_add<math::Factor::transposed, math::Factor::plain, double>(
        {from, sites, n - begin, sites}, {from, sites, count, sites},
        {out.data() + begin + begin * n, n - begin, count, n});
  });
  parallel_for(threads, n, [&](Index column) {
    for (Index row = 0; row < column; ++row) out(row, column) = out(column, row);
  });
  return out;
}

/// Squared Euclidean distances between the columns of `profiles`; exactly 0 on the diagonal.
inline Eigen::MatrixXd squared_distances(Eigen::MatrixXd profiles, Threads threads) {
  // Distances do not change when a site's mean is taken off, and the sums lose fewer digits.
  profiles.colwise() -= profiles.rowwise().mean().eval();
  Eigen::MatrixXd out = gram(profiles, threads);
  const Eigen::VectorXd norms = out.diagonal();
  parallel_for(threads, out.cols(), [&](Index j) {
    for (Index i = 0; i < out.rows(); ++i) {
      out(i, j) = i == j ? 0.0 : std::max(0.0, norms(i) + norms(j) - 2.0 * out(i, j));
    }
  });
  return out;
}

/// Turns squared distances into ½(A + Aᵀ) of the k-nearest graph, the diagonal left 0. Ties go to
/// the lower index.
inline void keep_nearest(Eigen::MatrixXd& distances, Index k, Threads threads) {
  const Index n = distances.cols();
  const Index others = std::min(k, n) - 1;
  std::vector<std::int32_t> neighbors(static_cast<std::size_t>(n * others));
  parallel_for(threads, n, [&](Index j) {
    std::vector<std::int32_t> order;
    for (Index i = 0; i < n; ++i) {
      if (i != j) order.push_back(static_cast<std::int32_t>(i));
    }
    const auto nearer = [&](std::int32_t a, std::int32_t b) {
      return distances(a, j) < distances(b, j) || (distances(a, j) == distances(b, j) && a < b);
    };
    if (others < n - 1)
      std::nth_element(order.begin(), order.begin() + others, order.end(), nearer);
    std::copy_n(order.begin(), others, neighbors.begin() + j * others);
  });
  distances.setZero();
  for (Index j = 0; j < n; ++j) {
    for (Index m = 0; m < others; ++m) {
      const Index i = neighbors[static_cast<std::size_t>(j * others + m)];
      distances(i, j) += 0.5;
      distances(j, i) += 0.5;
    }
  }
}

/// Columns to mean 0 and norm 1. InputError that names a gene whose values are all equal.
inline void standardise(Eigen::MatrixXd& profiles, const std::vector<std::string>& genes,
                        const std::string& file) {
  for (Index g = 0; g < profiles.cols(); ++g) {
    auto column = profiles.col(g);
    if (column.minCoeff() == column.maxCoeff()) {
      throw InputError({file, text("gene '", genes[static_cast<std::size_t>(g)], "'"),
                        text("the value ", column(0), " at all ", column.size(), " sites"),
                        "values that vary (a constant has no correlation)"});
    }
    column.array() -= column.mean();
    column /= column.cwiseAbs().maxCoeff();  // no overflow in the squares of the norm
    column.normalize();
  }
}

}  // namespace detail

/// What `gene_affinity` needs beside the values.
struct AffinitySettings {
  Affinity affinity = Affinity::nearest_neighbors;
  Index neighbors = 0;  ///< k of nearest_neighbors, the gene itself counted; 0: default_neighbors
  Threads threads = {};
  std::string file = "expression";  ///< for messages
};

/// Affinity matrix A [genes x genes] of the columns of `profiles` [sites x genes]: symmetric,
/// entries in [0, 1], self-affinity left out (zeros on the diagonal). All values must be finite.
/// Equal distances go to the lower column. Throws InputError for a constant gene under
/// correlation, ArgumentError for a negative k or names that do not fit.
/// Cost: O(genes² sites) time, genes² doubles (1.8 GB for 15,000 genes).
[[nodiscard]] inline Eigen::MatrixXd gene_affinity(const Eigen::MatrixXd& profiles,
                                                   const std::vector<std::string>& genes,
                                                   const AffinitySettings& settings = {}) {
  require(std::ssize(genes) == profiles.cols(), "genes", genes.size(),
          text("one a column of profiles: ", profiles.cols()));
  require(settings.neighbors >= 0, "neighbors", settings.neighbors, "0 or more");
  if (settings.affinity == Affinity::correlation) {
    Eigen::MatrixXd standard = profiles;
    detail::standardise(standard, genes, settings.file);
    Eigen::MatrixXd out = detail::gram(standard, settings.threads);
    out = out.cwiseMax(0.0).cwiseMin(1.0).eval();
    out.diagonal().setZero();
    return out;
  }
  Eigen::MatrixXd out = detail::squared_distances(profiles, settings.threads);
  if (settings.affinity == Affinity::rbf) {
    out = (out.array() / -static_cast<double>(profiles.rows())).exp().matrix().eval();
    out.diagonal().setZero();
  } else {
    const Index k =
        settings.neighbors > 0 ? settings.neighbors : default_neighbors(profiles.cols());
    detail::keep_nearest(out, k, settings.threads);
  }
  return out;
}

/// Connected components of a graph: component of each node, numbered by their lowest node.
struct Components {
  std::vector<Index> of;    ///< [genes]
  std::vector<Index> size;  ///< nodes of each component
};

/// Components of the graph whose edges are the positive entries of the symmetric `affinity`.
/// Cost O(genes²).
[[nodiscard]] inline Components connected_components(const Eigen::MatrixXd& affinity) {
  Components out;
  out.of.assign(static_cast<std::size_t>(affinity.cols()), -1);
  std::vector<Index> stack;
  for (Index start = 0; start < affinity.cols(); ++start) {
    if (out.of[static_cast<std::size_t>(start)] >= 0) continue;
    const Index component = std::ssize(out.size);
    out.size.push_back(0);
    out.of[static_cast<std::size_t>(start)] = component;
    stack.push_back(start);
    while (!stack.empty()) {
      const Index node = stack.back();
      stack.pop_back();
      ++out.size.back();
      for (Index i = 0; i < affinity.rows(); ++i) {
        if (affinity(i, node) <= 0 || out.of[static_cast<std::size_t>(i)] >= 0) continue;
        out.of[static_cast<std::size_t>(i)] = component;
        stack.push_back(i);
      }
    }
  }
  return out;
}

}  // namespace inrgene
