// Gene axis by the first principal component of the genes.
#pragma once

#include <algorithm>
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

/// Gene axis of `values` [genes x sites]: the first right singular vector (one entry a gene, unit
/// norm) of the sites × genes table centred per gene, signed so that its entry of largest magnitude
/// is positive, scaled to [0, 1], genes ascending, ties by symbol.
/// Throws InputError for fewer than 3 genes or 2 sites, a gene twice, a value not finite;
/// NumericalError when all values of every gene are equal or all genes have the same entry.
/// Source: Pearson 1901. Cost: O(genes² sites + genes³) up to `dense_limit` genes; beyond,
/// O(genes sites) a Lanczos step.
[[nodiscard]] inline GeneAxis pc1_axis(const Eigen::MatrixXd& values,
                                       const std::vector<std::string>& genes,
                                       const AxisSettings& settings = {}) {
  detail::AxisTable table = detail::axis_table(values, genes, settings.file);
  Eigen::MatrixXd& profiles = table.profiles;
  bool varies = false;
  for (Index g = 0; g < profiles.cols(); ++g) {
    // A mean of equal values may round; an equal gene is exactly 0.
    const bool constant = profiles.col(g).minCoeff() == profiles.col(g).maxCoeff();
    varies = varies || !constant;
    profiles.col(g).array() -= constant ? profiles(0, g) : profiles.col(g).mean();
  }
  if (!varies) {
    throw NumericalError(text(settings.file, ": gene axis: found ", genes.size(),
                              " genes that are constant over the sites, expected some to vary"));
  }
  profiles /= profiles.cwiseAbs().maxCoeff();  // the vector stays; squares cannot overflow
  const Index n = profiles.cols();
  Eigen::VectorXd raw;
  if (n <= std::max<Index>(settings.dense_limit, 3)) {
    raw = detail::leading_eigenvector(detail::gram(profiles, settings.threads));
  } else {
    const auto apply = [&](const Eigen::VectorXd& x) {
      const Eigen::VectorXd scores = detail::combine(profiles, x);
      Eigen::VectorXd y(n);
      parallel_for(settings.threads, n, [&](Index g) { y(g) = profiles.col(g).dot(scores); });
      return y;
    };
    raw = detail::leading_eigenvector(n, apply);
  }
  GeneAxis out = detail::finish_axis(table.genes, raw, settings.file);
  out.method = "pc1";
  return out;
}

}  // namespace inrgene
