#include "inrgene/brain/gene_axis/leading_eigenvector.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

using namespace inrgene;

TEST_CASE("leading eigenvector of the second-difference matrix, dense and by Lanczos") {
  // tridiag(-1, 2, -1) of size n: λ = 2 − 2cos(nπ/(n+1)), entries sin(knπ/(n+1)). The gap to the
  // next eigenvalue shrinks as 1/n², so that n = 600 takes restarts.
  for (const Index n : {Index{3}, Index{50}, Index{600}}) {
    CAPTURE(n);
    Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(n, n);
    Eigen::VectorXd expected(n);
    for (Index k = 0; k < n; ++k) {
      matrix(k, k) = 2;
      if (k > 0) matrix(k, k - 1) = matrix(k - 1, k) = -1;
      expected(k) = std::sin(std::numbers::pi * static_cast<double>((k + 1) * n) /
                             static_cast<double>(n + 1));
    }
    expected.normalize();
    const auto apply = [&](const Eigen::VectorXd& x) -> Eigen::VectorXd { return matrix * x; };
    const Eigen::VectorXd dense = detail::leading_eigenvector(matrix);
    const Eigen::VectorXd lanczos = detail::leading_eigenvector(n, apply);
    CHECK(std::abs(dense.dot(expected)) == doctest::Approx(1).epsilon(1e-12));
    CHECK(std::abs(lanczos.dot(expected)) == doctest::Approx(1).epsilon(1e-10));
  }
}

TEST_CASE("Lanczos ends early, and exactly, on operators of few distinct eigenvalues") {
  for (const Index n : {Index{3}, Index{10}, Index{500}}) {
    CAPTURE(n);
    Eigen::VectorXd u(n);
    for (Index i = 0; i < n; ++i) u(i) = std::cos(static_cast<double>(i));
    u.normalize();
    const auto rank_one = [&](const Eigen::VectorXd& x) -> Eigen::VectorXd { return u * u.dot(x); };
    CHECK(std::abs(detail::leading_eigenvector(n, rank_one).dot(u)) ==
          doctest::Approx(1).epsilon(1e-13));
    // The largest eigenvalue, not the one of largest magnitude: here -1 is below 1/2.
    const auto reflected = [&](const Eigen::VectorXd& x) -> Eigen::VectorXd {
      return 0.5 * x - 1.5 * u * u.dot(x);
    };
    const Eigen::VectorXd other = detail::leading_eigenvector(n, reflected);
    CHECK(std::abs(other.dot(u)) < 1e-12);
    CHECK(other.norm() == doctest::Approx(1));
  }
}
