// The largest eigenvalue of a symmetric tridiagonal matrix and its eigenvector.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene::detail {

/// Eigenvalues of the tridiagonal matrix (diagonal d, off-diagonal e) that lie above x, by the
/// signs of the pivots of T - xI. Source: Golub & Van Loan, Matrix Computations, section 8.4.1 (4th
/// ed.).
inline Index eigenvalues_above(const Eigen::VectorXd& d, const Eigen::VectorXd& e, double x) {
  Index above = 0;
  double pivot = d(0) - x;
  for (Index i = 0;; ++i) {
    // A pivot of exactly 0 moves down by less than rounding.
    if (pivot == 0) pivot = -std::numeric_limits<double>::min();
    if (pivot > 0) ++above;
    if (i + 1 == d.size()) return above;
    pivot = d(i + 1) - x - e(i) * (e(i) / pivot);
  }
}

/// Solves (T - xI) v = b in place of b by Gaussian elimination with row exchanges; a pivot of 0 is
/// moved by `tiny`, which is what inverse iteration wants of a singular matrix. Cost O(n).
inline void solve_shifted(const Eigen::VectorXd& d, const Eigen::VectorXd& e, double x, double tiny,
                          Eigen::VectorXd& b) {
  const Index n = d.size();
  const auto size = static_cast<std::size_t>(n);
  std::vector<double> first(size), second(size, 0.0),
      third(size, 0.0);  // of each row, from its pivot
  double here = d(0) - x;
  double next = n > 1 ? e(0) : 0.0;
  for (Index i = 0; i + 1 < n; ++i) {
    const auto k = static_cast<std::size_t>(i);
    const double below = e(i);
    const double below_next = d(i + 1) - x;
    const double below_third = i + 2 < n ? e(i + 1) : 0.0;
    if (std::abs(here) >= std::abs(below)) {
      first[k] = here == 0 ? tiny : here;
      second[k] = next;
      const double factor = below / first[k];
      here = below_next - factor * next;
      next = below_third;
      b(i + 1) -= factor * b(i);
    } else {
      first[k] = below;
      second[k] = below_next;
      third[k] = below_third;
      const double factor = here / below;
      here = next - factor * below_next;
      next = -factor * below_third;
      std::swap(b(i), b(i + 1));
      b(i + 1) -= factor * b(i);
    }
  }
  first[size - 1] = here == 0 ? tiny : here;
  for (Index i = n - 1; i >= 0; --i) {
    const auto k = static_cast<std::size_t>(i);
    double sum = b(i);
    if (i + 1 < n) sum -= second[k] * b(i + 1);
    if (i + 2 < n) sum -= third[k] * b(i + 2);
    b(i) = sum / first[k];
  }
}

/// An eigenvalue with its unit eigenvector.
struct RitzPair {
  double value = 0;
  Eigen::VectorXd vector;
};

/// The largest eigenvalue, by bisection to the last bit, and its eigenvector, by inverse iteration.
/// `e` has one entry fewer than `d`; where one is 0 the matrix falls apart and any of the parts'
/// eigenvectors may come. A hand-written pair of loops, since Eigen's solver for all eigenvalues
/// costs a program that includes it two seconds of compile time. Cost O(n).
inline RitzPair largest_ritz_pair(const Eigen::VectorXd& d, const Eigen::VectorXd& e) {
  const Index n = d.size();
  double low = d.maxCoeff();
  double high = low;
  double norm = 0;
  for (Index i = 0; i < n; ++i) {
    const double radius = (i > 0 ? std::abs(e(i - 1)) : 0.0) + (i + 1 < n ? std::abs(e(i)) : 0.0);
    high = std::max(high, d(i) + radius);
    norm = std::max(norm, std::abs(d(i)) + radius);
  }
  // The largest eigenvalue is at least the largest diagonal entry and at most Gershgorin's bound.
  for (double middle = low + (high - low) / 2; low < middle && middle < high;
       middle = low + (high - low) / 2) {
    (eigenvalues_above(d, e, middle) > 0 ? low : high) = middle;
  }
  RitzPair pair{high, Eigen::VectorXd(n)};
  // A start with no symmetry that an eigenvector could be orthogonal to.
  for (Index i = 0; i < n; ++i) pair.vector(i) = 1.0 + 0.5 * std::sin(static_cast<double>(i + 1));
  const double tiny = std::numeric_limits<double>::epsilon() * std::max(norm, 1e-280);
  for (int pass = 0; pass < 4; ++pass) {
    solve_shifted(d, e, pair.value, tiny, pair.vector);
    const double largest = pair.vector.cwiseAbs().maxCoeff();
    pair.vector /= largest;  // before the norm: its squares could overflow
    pair.vector.normalize();
  }
  return pair;
}

}  // namespace inrgene::detail
