#include "inrgene/brain/expression/tissue.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "inrgene/brain/expression/tables.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/io/nifti.hpp"
#include "support/paths.hpp"

using namespace inrgene;

namespace {

using Classes = std::vector<Tissue>;

Volume<float> map_of(std::array<std::size_t, 3> shape, float value, const Affine& affine) {
  Volume<float> map;
  map.values = Array<float, 3>(shape, value);
  map.voxel_to_mm = affine;
  return map;
}

Eigen::Matrix3Xd points(const std::vector<Eigen::Vector3d>& columns) {
  Eigen::Matrix3Xd out(3, std::ssize(columns));
  for (Index i = 0; i < out.cols(); ++i) out.col(i) = columns[static_cast<std::size_t>(i)];
  return out;
}

InputProblem problem_of(const TissueMasks& masks) {
  try {
    static_cast<void>(classify_tissue(points({{0, 0, 0}}), masks));
  } catch (const InputError& error) {
    return error.problem();
  }
  FAIL("no InputError");
  return {};
}

// x = 2 j + 10, y = -3 i + 20, z = 0.5 i + k - 5: axes swapped, flipped and sheared.
constexpr Affine oblique{{{0, 2, 0, 10}, {-3, 0, 0, 20}, {0.5, 0, 1, -5}, {0, 0, 0, 1}}};

}  // namespace

TEST_CASE("the rule: threshold, then the larger, ties to grey") {
  CHECK(tissue_of(0.6F, 0.3F, 0.5F) == Tissue::grey);
  CHECK(tissue_of(0.3F, 0.6F, 0.5F) == Tissue::white);
  CHECK(tissue_of(0.4F, 0.4F, 0.5F) == Tissue::neither);
  CHECK(tissue_of(0.5F, 0.5F, 0.5F) == Tissue::grey);
  CHECK(tissue_of(0.3F, 0.4F, 0.2F) == Tissue::white);
  CHECK(tissue_of(0.4F, 0.3F, 0.2F) == Tissue::grey);
  CHECK(tissue_of(0.0F, 1.0F, 1.0F) == Tissue::white);
}

TEST_CASE("an oblique affine by hand: each voxel is found at its millimetres") {
  TissueMasks masks{.grey = map_of({3, 4, 5}, 0.0F, oblique),
                    .white = map_of({3, 4, 5}, 0.0F, oblique)};
  masks.grey.values(1, 2, 3) = 0.9F;   // at (14, 17, -1.5)
  masks.white.values(2, 0, 4) = 0.8F;  // at (10, 14, 0)
  CHECK(classify_tissue(points({{14, 17, -1.5},
                                {10, 14, 0},
                                {14.9, 17, -1.5},   // j = 2.45 rounds to 2
                                {15.1, 17, -1.5},   // j = 2.55 rounds to 3
                                {14, 18.4, -1.73},  // i = 0.53, k = 3.0
                                {14, 18.6, -1.73},  // i = 0.47 rounds to 0
                                {0, 0, 0}}),
                        masks) == Classes{Tissue::grey, Tissue::white, Tissue::grey,
                                          Tissue::neither, Tissue::grey, Tissue::neither,
                                          Tissue::neither});
}

TEST_CASE("every voxel centre of random affines maps back to its own class") {
  Random random(17);
  for (int trial = 0; trial < 20; ++trial) {
    Affine affine = identity_affine;
    for (std::size_t r = 0; r < 3; ++r) {
      for (std::size_t c = 0; c < 4; ++c) affine[r][c] = random.uniform(-2, 2) + (r == c ? 3 : 0);
    }
    if (std::abs(determinant(affine)) < 1) continue;
    TissueMasks masks{.grey = map_of({4, 3, 5}, 0.0F, affine),
                      .white = map_of({4, 3, 5}, 0.0F, affine)};
    Classes expected;
    std::vector<Eigen::Vector3d> centres;
    for (std::size_t k = 0; k < 5; ++k) {
      for (std::size_t j = 0; j < 3; ++j) {
        for (std::size_t i = 0; i < 4; ++i) {
          const bool grey = random.uniform() < 0.5;
          (grey ? masks.grey : masks.white).values(i, j, k) = 0.75F;
          expected.push_back(grey ? Tissue::grey : Tissue::white);
          const auto mm = transform(
              affine, {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
          centres.emplace_back(mm[0], mm[1], mm[2]);
        }
      }
    }
    CHECK(classify_tissue(points(centres), masks) == expected);
  }
}

TEST_CASE("half-way points belong to the higher voxel, points outside to none") {
  TissueMasks masks{.grey = map_of({2, 1, 1}, 0.0F, identity_affine),
                    .white = map_of({2, 1, 1}, 0.0F, identity_affine)};
  masks.grey.values(0, 0, 0) = 1.0F;
  masks.white.values(1, 0, 0) = 1.0F;
  CHECK(classify_tissue(points({{-0.51, 0, 0},
                                {-0.5, 0, 0},
                                {0.49, 0, 0},
                                {0.5, 0, 0},
                                {1.49, 0, 0},
                                {1.5, 0, 0},
                                {0, 0.6, 0},
                                {0, 0, -1e300}}),
                        masks) == Classes{Tissue::neither, Tissue::grey, Tissue::grey,
                                          Tissue::white, Tissue::white, Tissue::neither,
                                          Tissue::neither, Tissue::neither});
}

TEST_CASE("maps on different grids are each asked by their own affine") {
  const Affine coarse{{{4, 0, 0, -4}, {0, 4, 0, -4}, {0, 0, 4, -4}, {0, 0, 0, 1}}};
  TissueMasks masks{.grey = map_of({3, 3, 3}, 0.6F, coarse),
                    .white = map_of({2, 2, 2}, 0.7F, identity_affine)};
  // inside both the white map wins, outside the fine grid the grey one is alone
  CHECK(
      classify_tissue(points({{0, 0, 0}, {1, 1, 1}, {3, 0, 0}, {-4, -4, -4}, {7, 0, 0}}), masks) ==
      Classes{Tissue::white, Tissue::white, Tissue::grey, Tissue::grey, Tissue::neither});
}

TEST_CASE("the threshold is an option, and scales other than 0 to 1 are divided by their largest") {
  TissueMasks masks{.grey = map_of({4, 1, 1}, 0.0F, identity_affine),
                    .white = map_of({4, 1, 1}, 0.0F, identity_affine)};
  masks.grey.values(0, 0, 0) = 0.7F;
  masks.grey.values(1, 0, 0) = 0.2F;
  masks.white.values(2, 0, 0) = 0.4F;
  const auto line = points({{0, 0, 0}, {1, 0, 0}, {2, 0, 0}, {3, 0, 0}});
  masks.threshold = 0.7;  // 0.7 in single precision reaches it
  CHECK(classify_tissue(line, masks) ==
        Classes{Tissue::grey, Tissue::neither, Tissue::neither, Tissue::neither});
  masks.threshold = 0.2;
  const Classes low{Tissue::grey, Tissue::grey, Tissue::white, Tissue::neither};
  CHECK(classify_tissue(line, masks) == low);
  // the same maps as bytes whose largest value stands for 1
  masks.grey.values(3, 0, 0) = 1.0F;
  masks.white.values(3, 0, 0) = 0.5F;
  const Classes with_one = classify_tissue(line, masks);
  masks.grey.values *= 255.0F;
  CHECK(classify_tissue(line, masks) == with_one);
}

TEST_CASE("maps, thresholds and points without meaning are refused") {
  const TissueMasks good{.grey = map_of({2, 2, 2}, 1.0F, identity_affine),
                         .white = map_of({2, 2, 2}, 1.0F, identity_affine),
                         .grey_file = "g.nii",
                         .white_file = "w.nii"};
  TissueMasks bad = good;
  bad.grey.values(1, 0, 1) = -0.5F;
  CHECK(problem_of(bad).file == "g.nii");
  CHECK(problem_of(bad).place == "voxel (1, 0, 1)");
  CHECK(problem_of(bad).found == "-0.5");
  bad.grey.values(1, 0, 1) = std::numeric_limits<float>::quiet_NaN();
  CHECK(problem_of(bad).found == "nan");
  bad = good;
  bad.white.values.fill(0.0F);
  CHECK(problem_of(bad).file == "w.nii");
  CHECK(problem_of(bad).found == "0 in all voxels");
  bad = good;
  bad.white.voxel_to_mm[1] = bad.white.voxel_to_mm[0];
  CHECK(problem_of(bad).place == "affine");
  bad = good;
  bad.white = {};
  CHECK(problem_of(bad).found == "no voxels");
  for (const double threshold : {0.0, -0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    bad = good;
    bad.threshold = threshold;
    CHECK_THROWS_AS(static_cast<void>(classify_tissue(points({{0, 0, 0}}), bad)), ArgumentError);
  }
  CHECK_THROWS_AS(static_cast<void>(classify_tissue(points({{0, std::nan(""), 0}}), good)),
                  ArgumentError);
}

TEST_CASE("the real sites on the real masks, against a direct look at the voxels") {
  const auto root = test::data_root();
  if (!root || !std::filesystem::exists(*root / "atlas" / "mni152_grey.nii.gz")) {
    MESSAGE("skipped: no real data (set INRGENE_DATA to its folder)");
    return;
  }
  const Sites sites =
      read_annotation(*root / "samples" / "annotation.csv", TissueSign::paper).sites;
  const TissueMasks masks{.grey = read_nifti<float>(*root / "atlas" / "mni152_grey.nii.gz"),
                          .white = read_nifti<float>(*root / "atlas" / "mni152_white.nii.gz")};
  const Classes classes = classify_tissue(sites.mni_mm, masks);
  // These files hold bytes up to 255 at 1 mm with the origin at voxel (98, 134, 72), so half is
  // reached from 128 on.
  Index different = 0, grey_in_cortex = 0, cortex = 0;
  for (Index s = 0; s < sites.size(); ++s) {
    const auto i = static_cast<std::size_t>(std::lround(sites.mni_mm(0, s) + 98));
    const auto j = static_cast<std::size_t>(std::lround(sites.mni_mm(1, s) + 134));
    const auto k = static_cast<std::size_t>(std::lround(sites.mni_mm(2, s) + 72));
    const float grey = masks.grey.values(i, j, k);
    const float white = masks.white.values(i, j, k);
    const Tissue expected = grey >= 128 && grey >= white ? Tissue::grey
                            : white >= 128               ? Tissue::white
                                                         : Tissue::neither;
    const Tissue found = classes[static_cast<std::size_t>(s)];
    if (found != expected) ++different;
    if (sites.slab[static_cast<std::size_t>(s)] != "CX") continue;
    ++cortex;
    if (found == Tissue::grey) ++grey_in_cortex;
  }
  CHECK(different == 0);
  MESSAGE("grey: " << std::count(classes.begin(), classes.end(), Tissue::grey)
                   << ", white: " << std::count(classes.begin(), classes.end(), Tissue::white)
                   << ", neither: " << std::count(classes.begin(), classes.end(), Tissue::neither));
  CHECK(2 * grey_in_cortex > cortex);  // most samples of cortex and subcortex are grey matter
}
