#include "inrgene/brain/gene_axis/principal.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace inrgene;

TEST_CASE("pc1_axis of a rank-one table gives back the loadings") {
  // Gene g = offset_g + w_g · score_s: the first right singular vector is w / ‖w‖.
  const std::vector<std::string> genes{"D", "A", "C", "B"};
  const Eigen::Vector4d loading(3, -1, 2, 0.5);
  const Eigen::Vector4d offset(10, 20, -5, 0);
  Eigen::MatrixXd values(4, 6);
  for (Index s = 0; s < 6; ++s) {
    values.col(s) = offset + loading * (std::pow(static_cast<double>(s), 1.5) - 4);
  }
  for (const Index dense_limit : {Index{1000}, Index{0}}) {
    const GeneAxis axis = pc1_axis(values, genes, {.dense_limit = dense_limit});
    CHECK(axis.method == "pc1");
    CHECK(axis.genes == std::vector<std::string>{"A", "B", "C", "D"});
    const double norm = loading.norm();
    CHECK(axis.raw[0] == doctest::Approx(-1 / norm).epsilon(1e-12));
    CHECK(axis.raw[1] == doctest::Approx(0.5 / norm).epsilon(1e-12));
    CHECK(axis.raw[3] == doctest::Approx(3 / norm).epsilon(1e-12));
    CHECK(axis.position[2] == doctest::Approx(0.75).epsilon(1e-12));
  }
}

TEST_CASE("a constant gene has entry 0, and constant tables are refused") {
  Eigen::MatrixXd values(3, 3);
  values << 0.1, 0.1, 0.1, 1, 2, 3, 3, 2, 1.5;
  const GeneAxis axis = pc1_axis(values, {"A", "B", "C"});
  CHECK(axis.raw[static_cast<std::size_t>(*axis.find("A"))] == doctest::Approx(0));
  CHECK_THROWS_AS((void)pc1_axis(Eigen::MatrixXd::Constant(3, 5, 0.1), {"A", "B", "C"}),
                  NumericalError);
  values.row(0) = values.row(1);
  values.row(2) = values.row(1);
  CHECK_THROWS_AS((void)pc1_axis(values, {"A", "B", "C"}), NumericalError);
}

TEST_CASE("pc1_axis refuses bad tables") {
  Eigen::MatrixXd values = Eigen::MatrixXd::Random(3, 4);
  CHECK_THROWS_AS((void)pc1_axis(values, {"A", "B", "A"}), InputError);
  CHECK_THROWS_AS((void)pc1_axis(values.leftCols(1), {"A", "B", "C"}), InputError);
  values(1, 1) = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS((void)pc1_axis(values, {"A", "B", "C"}), InputError);
}
