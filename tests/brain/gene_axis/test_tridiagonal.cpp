// The largest eigenpair of tridiagonal matrices: closed forms, Eigen's solver, awkward cases.
#include <doctest/doctest.h>

#include <Eigen/Eigenvalues>
#include <cmath>
#include <numbers>

#include "inrgene/brain/gene_axis/tridiagonal.hpp"
#include "inrgene/core/random.hpp"

using namespace inrgene;

namespace {

double residual(const Eigen::VectorXd& d, const Eigen::VectorXd& e, const detail::RitzPair& pair) {
  Eigen::VectorXd product = d.cwiseProduct(pair.vector);
  for (Index i = 0; i + 1 < d.size(); ++i) {
    product(i) += e(i) * pair.vector(i + 1);
    product(i + 1) += e(i) * pair.vector(i);
  }
  return (product - pair.value * pair.vector).cwiseAbs().maxCoeff();
}

}  // namespace

TEST_CASE("the second difference matrix has its known largest eigenvalue") {
  for (const Index n : {1, 2, 3, 10, 200, 1000}) {
    const Eigen::VectorXd d = Eigen::VectorXd::Constant(n, 2.0);
    const Eigen::VectorXd e = Eigen::VectorXd::Constant(n - 1, -1.0);
    const auto pair = detail::largest_ritz_pair(d, e);
    const double angle = std::numbers::pi * static_cast<double>(n) / static_cast<double>(n + 1);
    CHECK(std::abs(pair.value - (2.0 - 2.0 * std::cos(angle))) < 1e-14 * 4);
    CHECK(residual(d, e, pair) < 1e-13);
    CHECK(std::abs(pair.vector.norm() - 1.0) < 1e-14);
  }
}

TEST_CASE("random matrices agree with Eigen's solver") {
  Random random(3);
  for (const Index n : {2, 5, 40, 300}) {
    Eigen::VectorXd d(n), e(n - 1);
    for (Index i = 0; i < n; ++i) d(i) = random.normal();
    for (Index i = 0; i + 1 < n; ++i) e(i) = random.normal();
    const auto pair = detail::largest_ritz_pair(d, e);
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
    solver.computeFromTridiagonal(d, e);
    CHECK(std::abs(pair.value - solver.eigenvalues()(n - 1)) < 1e-13 * 6);
    CHECK(std::abs(std::abs(pair.vector.dot(solver.eigenvectors().col(n - 1))) - 1.0) < 1e-10);
    CHECK(residual(d, e, pair) < 1e-13);
  }
}

TEST_CASE("zeros, tiny and huge entries") {
  for (const double scale : {1e-200, 1.0, 1e200}) {
    Eigen::VectorXd d(4), e(3);
    d << 1, 3, 2, -5;
    e << 0, 0, 0;  // falls apart into numbers
    auto pair = detail::largest_ritz_pair(d * scale, e * scale);
    CHECK(std::abs(pair.value - 3 * scale) <= 1e-15 * scale);
    CHECK(std::abs(std::abs(pair.vector(1)) - 1.0) < 1e-14);
    e << 1, 1e-30, 1;
    pair = detail::largest_ritz_pair(d * scale, e * scale);
    CHECK(std::abs(pair.value - (2 + std::sqrt(2.0)) * scale) <= 1e-14 * scale);
    CHECK(residual(d * scale, e * scale, pair) < 1e-13 * scale);
  }
  const auto zero = detail::largest_ritz_pair(Eigen::VectorXd::Zero(3), Eigen::VectorXd::Zero(2));
  CHECK(zero.value == 0.0);
  CHECK(std::abs(zero.vector.norm() - 1.0) < 1e-14);
}
