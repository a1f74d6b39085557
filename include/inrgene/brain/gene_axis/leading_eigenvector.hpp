// One eigenvector of a symmetric operator, by Lanczos steps.
#pragma once

#include <algorithm>
#include <cmath>

#include "inrgene/brain/gene_axis/tridiagonal.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene::detail {

/// Σ_k weight_k · column k, for the first weights.size() columns.
inline Eigen::VectorXd combine(const Eigen::MatrixXd& columns, const Eigen::VectorXd& weights) {
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(columns.rows());
  for (Index k = 0; k < weights.size(); ++k) sum += weights(k) * columns.col(k);
  return sum;
}

/// Unit eigenvector of the algebraically largest eigenvalue of a symmetric operator, given as
/// `apply(x)` = Mx of size n, by Lanczos steps with full reorthogonalisation, restarted from the
/// best vector so far. An operator of few distinct eigenvalues ends the steps early with the exact
/// answer, which is why this is not left to a general solver: those refuse such operators (a table
/// of rank one is enough). The start is a fixed random vector. NumericalError when it does not
/// converge. Source: Golub & Van Loan, Matrix Computations, section 10.3 (4th edition).
/// `most_steps` bounds the memory (as many vectors); with n or more no restart is ever needed.
/// Cost: some tens to hundreds of products.
template <class Apply>
Eigen::VectorXd leading_eigenvector(Index n, const Apply& apply, Index most_steps = 200) {
  constexpr Index restarts = 100;
  constexpr Index between_checks = 20;
  constexpr double tolerance = 1e-12;
  const Index steps = std::min(n, most_steps);
  Random random(1);
  Eigen::VectorXd best(n);
  for (Index i = 0; i < n; ++i) best(i) = random.normal();
  best.normalize();
  Eigen::MatrixXd basis(n, steps);
  Eigen::VectorXd diagonal(steps), beside(steps);
  for (Index restart = 0; restart < restarts; ++restart) {
    basis.col(0) = best;
    double scale = 0;
    for (Index j = 0; j < steps; ++j) {
      Eigen::VectorXd next = apply(basis.col(j));
      diagonal(j) = basis.col(j).dot(next);
      // Twice is enough (Giraud, Langou, Rozložník 2005) for a basis orthogonal to rounding.
      for (int pass = 0; pass < 2; ++pass) {
        for (Index k = 0; k <= j; ++k) next -= basis.col(k).dot(next) * basis.col(k);
      }
      beside(j) = next.norm();
      scale = std::max({scale, std::abs(diagonal(j)), beside(j)});
      const bool is_invariant = !(beside(j) > 1e-14 * scale) || j + 1 == n;
      const bool is_last = is_invariant || j + 1 == steps;
      if (is_last || (j + 1) % between_checks == 0) {
        const RitzPair ritz = largest_ritz_pair(diagonal.head(j + 1), beside.head(j));
        const double residual = beside(j) * std::abs(ritz.vector(j));
        const bool is_done = is_invariant || residual <= tolerance * scale;
        if (is_done || is_last) best = combine(basis, ritz.vector).normalized();
        if (is_done) return best;
      }
      if (!is_last) basis.col(j + 1) = next / beside(j);
    }
  }
  throw NumericalError(text("leading eigenvector of an operator of size ", n, ": not found in ",
                            restarts, " restarts of ", steps, " Lanczos steps"));
}

/// Unit eigenvector of the algebraically largest eigenvalue of a symmetric matrix. Cost: at most n
/// products and n² memory. (A dense solver would cost every program seconds of compile time.)
inline Eigen::VectorXd leading_eigenvector(const Eigen::MatrixXd& matrix) {
  return leading_eigenvector(
      matrix.cols(), [&matrix](const Eigen::VectorXd& x) { return combine(matrix, x); },
      matrix.cols());
}

}  // namespace inrgene::detail
