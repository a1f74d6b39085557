#include "inrgene/brain/ahba/stability.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "brain/ahba/region_samples_for_tests.hpp"

using namespace inrgene;
using namespace inrgene::test;

namespace {

/// Three donors, [5 genes x 7 regions]; regions and genes without values among them.
std::vector<Eigen::MatrixXd> three_donors() {
  const double nan = nan_value;
  return {matrix_of({{-0.875, 0.25, nan, -1.625, -0.75, 0.875, -1.375},
                     {-1.875, -0.25, nan, -0.625, 1.25, -1.25, 0.125},
                     {-1.625, -2.75, nan, -0.375, 0.5, -0.875, -0.0},
                     {0.875, 1.25, nan, -2.875, 4.25, -1.125, 0.875},
                     {-3.25, -2.75, nan, -1.875, 3.0, 5.25, -2.5}}),
          matrix_of({{-0.875, -0.0, 0.125, -1.625, -0.75, nan, -1.375},
                     {-1.25, -1.125, -1.75, -0.625, 1.25, nan, -0.25},
                     {-0.125, -2.125, -0.5, -1.5, -0.625, nan, 0.125},
                     {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0},
                     {4.75, 0.25, -4.875, -2.25, -6.875, nan, -0.625}}),
          matrix_of({{-0.625, 0.0, 0.125, -1.5, -0.875, 0.875, -1.125},
                     {-1.125, -0.125, -1.25, -0.75, 0.5, -1.5, 0.375},
                     {-1.875, -0.75, 0.125, -0.875, 0.375, 0.625, 0.125},
                     {3.875, -0.5, 1.0, -1.25, -1.625, -0.0, 1.125},
                     {nan, -0.875, 1.875, -4.75, 0.625, 1.75, -4.75}})};
}

void check_stability(const StableGenesSettings& settings, const std::vector<double>& expected) {
  const std::vector<Eigen::MatrixXd> donors = three_donors();
  for (const int threads : {1, 2, 8}) {
    StableGenesSettings with = settings;
    with.threads = {threads};
    const StableGenes found = keep_stable_genes(donors, with);
    REQUIRE(found.stability.size() == expected.size());
    for (std::size_t g = 0; g < expected.size(); ++g) {
      CHECK(found.stability[g] == doctest::Approx(expected[g]).epsilon(1e-12));
    }
    CHECK(found.kept == std::vector<Index>{0, 1, 2});
  }
}

}  // namespace

TEST_CASE("keep_stable_genes gives abagen's figures (0.1.3, NumPy 1.24)") {
  check_stability({.threshold = 0.5}, {0.9402561526802475, 0.8907689867497084, 0.4697360281253837,
                                       -0.1872829397596786, 0.0});
  check_stability(
      {.threshold = 0.5, .measure = StabilityMeasure::values},
      {0.9816409791407985, 0.8987546670960398, 0.5470631435709523, -0.01827168702933375, 0.0});
}

TEST_CASE("keep_stable_genes worked by hand") {
  // Gene 0: equal order. Gene 1: opposite. Gene 2: equal values in one donor. Gene 3: ranks
  // 1 2 3 4 against 1 2 4 3, 1 - 6 (1 + 1) / (4 15) = 0.8.
  const std::vector<Eigen::MatrixXd> donors{
      matrix_of({{1, 2, 3, 9}, {1, 2, 3, 9}, {1, 2, 3, 9}, {1, 2, 3, 4}}),
      matrix_of({{0, 1, 5, 6}, {6, 5, 1, 0}, {0.1, 0.1, 0.1, 0.1}, {10, 20, 40, 30}})};
  const StableGenes all = keep_stable_genes(donors, {.threshold = 0});
  CHECK(all.stability[0] == doctest::Approx(1));
  CHECK(all.stability[1] == doctest::Approx(-1));
  CHECK(all.stability[2] == 0);
  CHECK(all.stability[3] == doctest::Approx(0.8));
  CHECK(all.kept == std::vector<Index>{0, 1, 2, 3});
  const StableGenes some =
      keep_stable_genes(donors, {.threshold = 0.79, .kind = StabilityThreshold::correlation});
  CHECK(some.threshold == 0.79);
  CHECK(some.kept == std::vector<Index>{0, 3});
  // The upper third: the quantile 2/3 of four values is the third.
  CHECK(keep_stable_genes(donors, {.threshold = 2.0 / 3}).kept == std::vector<Index>{0, 3});
}

TEST_CASE("keep_stable_genes looks at regions that both donors have") {
  const double nan = nan_value;
  const std::vector<Eigen::MatrixXd> donors{matrix_of({{1, nan, 2, 3, 50}, {3, nan, 2, 1, 0}}),
                                            matrix_of({{1, 70, 2, 3, nan}, {4, 90, 5, 6, nan}})};
  const StableGenes found = keep_stable_genes(donors, {.measure = StabilityMeasure::values});
  CHECK(found.stability[0] == doctest::Approx(1));
  CHECK(found.stability[1] == doctest::Approx(-1));
  // One region in common: nothing to correlate.
  const std::vector<Eigen::MatrixXd> apart{matrix_of({{1, 2, nan}}), matrix_of({{nan, 2, 3}})};
  CHECK(keep_stable_genes(apart).stability[0] == 0);
}

TEST_CASE("keep_stable_genes refuses what it cannot compare") {
  const std::vector<Eigen::MatrixXd> one{matrix_of({{1, 2}})};
  CHECK_THROWS_AS((void)keep_stable_genes(one), ArgumentError);
  const std::vector<Eigen::MatrixXd> shapes{matrix_of({{1, 2}}), matrix_of({{1, 2, 3}})};
  CHECK_THROWS_AS((void)keep_stable_genes(shapes), ArgumentError);
  const std::vector<Eigen::MatrixXd> none(2, Eigen::MatrixXd(0, 3));
  CHECK_THROWS_AS((void)keep_stable_genes(none), ArgumentError);
  const std::vector<Eigen::MatrixXd> good(2, matrix_of({{1, 2}}));
  CHECK_THROWS_AS((void)keep_stable_genes(good, {.threshold = 1.5}), ArgumentError);
  CHECK_THROWS_AS((void)keep_stable_genes(good, {.threshold = -0.1}), ArgumentError);
}

TEST_CASE("remove_distance gives abagen's residuals") {
  Eigen::Matrix3Xd centroids(3, 4);
  centroids << -7, 31, 39, 28, 16, 0, 22, 1, 13, -29, -21, -36;
  const Eigen::MatrixXd r = matrix_of({{1.0, 0.109375, 0.09375, 0.25},
                                       {0.109375, 1.0, -0.28125, -0.34375},
                                       {0.09375, -0.28125, 1.0, 0.359375},
                                       {0.25, -0.34375, 0.359375, 1.0}});
  const double a = -0.07278978164689195, b = -0.07778882108017043, c = 0.04246471009646424,
               d = -0.19298118092350153, e = -0.12027288627674218, f = 0.42136795983084174;
  const Eigen::MatrixXd expected =
      matrix_of({{1, a, b, c}, {a, 1, d, e}, {b, d, 1, f}, {c, e, f, 1}});
  CHECK(nan_difference(remove_distance(r, centroids), expected) < 1e-13);
}

TEST_CASE("remove_distance: lines by classes of regions") {
  // Regions on a line at 0, 1, 3 (cortex) and 10, 14 (cerebellum).
  using Class = StructureClass;
  Eigen::Matrix3Xd centroids = Eigen::Matrix3Xd::Zero(3, 5);
  centroids.row(0) << 0, 1, 3, 10, 14;
  const std::vector<Class> classes{Class::cortex, Class::cortex, Class::cortex, Class::cerebellum,
                                   Class::cerebellum};
  Eigen::MatrixXd r = Eigen::MatrixXd::Identity(5, 5);
  for (Index i = 0; i < 5; ++i) {
    for (Index j = 0; j < i; ++j) {
      const double distance = std::abs(centroids(0, i) - centroids(0, j));
      // Each pair of classes has its own line.
      const double line = i < 3 ? 0.9 - 0.1 * distance : (j < 3 ? 0.5 - 0.02 * distance : 0.3);
      r(i, j) = r(j, i) = line;
    }
  }
  const Eigen::MatrixXd clean = remove_distance(r, centroids, DistancePairs::by_class, classes);
  CHECK(nan_difference(clean, Eigen::MatrixXd::Identity(5, 5)) < 1e-14);
  // A bump of 0.6 on cortex pair (0, 1), distances 1, 3, 2: the line takes a third of it and the
  // slope -0.3, so 0.6 - (0.2 + 0.3), -(0.2 - 0.3), -0.2 remain.
  r(0, 1) = r(1, 0) += 0.6;
  const Eigen::MatrixXd bump = remove_distance(r, centroids, DistancePairs::by_class, classes);
  CHECK(bump(0, 1) == doctest::Approx(0.1));
  CHECK(bump(0, 2) == doctest::Approx(0.1));
  CHECK(bump(2, 1) == doctest::Approx(-0.2));
  CHECK(std::abs(bump(0, 3)) < 1e-14);
  const Eigen::MatrixXd cortex = remove_distance(r, centroids, DistancePairs::cortex_only, classes);
  CHECK(cortex(0, 1) == doctest::Approx(0.1));
  CHECK(cortex(0, 3) == 0);
  CHECK(cortex(3, 4) == 0);
  CHECK(cortex(4, 4) == 1);
}

TEST_CASE("remove_distance refuses what does not fit") {
  Eigen::Matrix3Xd centroids = Eigen::Matrix3Xd::Random(3, 2);
  Eigen::MatrixXd r = matrix_of({{1, 0.5}, {0.5, 1}});
  CHECK(nan_difference(remove_distance(r, centroids), Eigen::MatrixXd::Identity(2, 2)) < 1e-15);
  CHECK_THROWS_AS((void)remove_distance(r, centroids, DistancePairs::by_class), ArgumentError);
  CHECK_THROWS_AS((void)remove_distance(matrix_of({{1, 0.5}}), centroids), ArgumentError);
  CHECK_THROWS_AS((void)remove_distance(matrix_of({{1, 0.5}, {0.4, 1}}), centroids), ArgumentError);
  CHECK_THROWS_AS((void)remove_distance(matrix_of({{1, nan_value}, {nan_value, 1}}), centroids),
                  ArgumentError);
  CHECK_THROWS_AS((void)remove_distance(r, Eigen::Matrix3Xd::Zero(3, 3)), ArgumentError);
  centroids(0, 0) = nan_value;
  CHECK_THROWS_AS((void)remove_distance(r, centroids), ArgumentError);
}
