#include "inrgene/brain/ahba/volume_regions.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "brain/ahba/expected_samples.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/io/nifti.hpp"
#include "support/temp_dir.hpp"

using namespace inrgene;
using test::samples_at;

namespace {

constexpr auto cortex = StructureClass::cortex;
constexpr auto subcortex = StructureClass::subcortex_brainstem;
constexpr auto left = Hemisphere::left;
constexpr auto right = Hemisphere::right;

/// A 1-mm volume of this shape with voxel (0, 0, 0) centred at `origin`.
Volume<std::int32_t> empty_volume(std::array<std::size_t, 3> shape, std::array<double, 3> origin) {
  Volume<std::int32_t> labels;
  labels.values = Array<std::int32_t, 3>::from_shape({shape[0], shape[1], shape[2]});
  labels.values.fill(0);
  for (std::size_t a = 0; a < 3; ++a) labels.voxel_to_mm[a][3] = origin[a];
  return labels;
}

/// A row of ten voxels along x, the first at x = -5: 2 2 2 0 0 0 0 7 7 0.
Atlas row_of_voxels() {
  auto labels = empty_volume({10, 1, 1}, {-5, 0, 0});
  for (const std::size_t i : {0U, 1U, 2U}) labels.values(i, 0U, 0U) = 2;
  for (const std::size_t i : {7U, 8U}) labels.values(i, 0U, 0U) = 7;
  return make_atlas(std::move(labels), "row.nii");
}

std::vector<RegionInfo> row_info() {
  return {{2, "two", left, cortex}, {7, "seven", right, subcortex}};
}

Index match_x(const VolumeRegions& regions, double x) {
  return regions.match(samples_at({{x, 0.5, 0.5}})).at(0);
}

template <class Call>
std::string message_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool has(const std::string& words, const std::string& part) {
  return words.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("placement: strictly below, the top kept, the bottom outside") {
  const VolumeRegions regions(row_of_voxels(), std::nullopt, {.tolerance = 0});
  CHECK(match_x(regions, -2.9) == 2);  // above the centre at -3: that voxel
  CHECK(match_x(regions, -2.0) == 2);  // on the centre at -2: down to -3
  CHECK(match_x(regions, -1.9) == 0);
  CHECK(match_x(regions, 2.0) == 0);
  CHECK(match_x(regions, 2.1) == 7);
  CHECK(match_x(regions, 4.0) == 7);   // on 4: down to 3
  CHECK(match_x(regions, -5.0) == 0);  // below the first centre: not at the far side (x = 4)
  CHECK(match_x(regions, -4.9) == 2);
  const VolumeRegions wide(row_of_voxels(), std::nullopt, {.tolerance = -1.9});
  CHECK(match_x(wide, -5.0) == 2);   // placed at -6, a millimetre from the first voxel
  CHECK(match_x(wide, -6.5) == 0);   // placed at -7
  CHECK(match_x(wide, 900.0) == 7);  // placed at the last voxel, 4, beside 3
}

TEST_CASE("placement: whole millimetres of tolerance whatever its fraction and sign") {
  // Label 7 begins at x = 2; a sample at x = 0.5 is placed at 0, two millimetres away.
  for (const double tolerance : {2.0, 2.9, -2.0, -2.5}) {
    const VolumeRegions regions(row_of_voxels(), std::nullopt, {.tolerance = tolerance});
    CHECK(match_x(regions, 0.5) == 7);
  }
  const VolumeRegions near(row_of_voxels(), std::nullopt, {.tolerance = 1.99});
  CHECK(match_x(near, 0.5) == 0);
}

TEST_CASE("without a table: most voxels win; equals go to the nearest centroid of all seen") {
  // Plane z = 0, a sample placed at the middle (0, 0): 4 beside it on the left, 5 on the right.
  auto labels = empty_volume({7, 3, 1}, {-3, -1, 0});
  labels.values(2U, 1U, 0U) = 4;
  labels.values(4U, 1U, 0U) = 5;
  labels.values(5U, 1U, 0U) = 5;
  labels.values(6U, 1U, 0U) = 5;
  const auto place = samples_at({{0.5, 0.5, 0.5}});
  {
    const VolumeRegions regions(make_atlas(labels), std::nullopt, {.tolerance = 1});
    CHECK(regions.match(place).at(0) == 4);  // one voxel each; centroids at -1 and 2
    CHECK(regions.centroid_mm(5) == Eigen::Vector3d(2, 0, 0));
  }
  labels.values(3U, 0U, 0U) = 5;  // now 5 has two of the three voxels within 1 mm
  const VolumeRegions more(make_atlas(labels), std::nullopt, {.tolerance = 1});
  CHECK(more.match(place).at(0) == 5);
  // 4 and 6 tie with two voxels each; 5 has one, but the nearest centroid: abagen gives it to 5.
  auto tied = empty_volume({9, 3, 3}, {-4, -1, -1});
  tied.values(3U, 1U, 1U) = tied.values(4U, 1U, 0U) = 4;
  tied.values(5U, 1U, 1U) = tied.values(4U, 1U, 2U) = 6;
  tied.values(0U, 1U, 1U) = 4;
  tied.values(8U, 1U, 1U) = 6;
  tied.values(4U, 2U, 1U) = 5;
  const VolumeRegions all_seen(make_atlas(tied), std::nullopt, {.tolerance = 1});
  CHECK(all_seen.match(samples_at({{0.5, 0.5, 0.5}})).at(0) == 5);
}

TEST_CASE("with a table: class and side bind, within the tolerance, and then the centroid") {
  const VolumeRegions regions(row_of_voxels(), row_info(), {.tolerance = 3});
  const auto at = [&](double x, StructureClass structure, Hemisphere hemisphere) {
    return regions.match(samples_at({{x, 0.5, 0.5}}, structure, hemisphere)).at(0);
  };
  CHECK(at(-3.5, cortex, left) == 2);
  CHECK(at(-3.5, cortex, right) == 0);
  CHECK(at(-3.5, subcortex, left) == 0);
  CHECK(at(-0.5, subcortex, right) == 7);  // placed at -1: 2 is nearer but of the other class
  CHECK(at(-0.5, cortex, left) == 2);
  CHECK(at(-0.5, StructureClass::none, left) == 0);
  // Many voxels of a far centroid lose to one of a near centroid.
  auto labels = empty_volume({30, 3, 1}, {-1, -1, 0});
  labels.values(1U, 1U, 0U) = 1;
  for (std::size_t i = 2; i < 30; ++i) labels.values(i, 0U, 0U) = labels.values(i, 1U, 0U) = 3;
  const std::vector<RegionInfo> info{{1, "a", Hemisphere::both, cortex}, {3, "b", left, cortex}};
  const auto place = samples_at({{2.5, 0.5, 0.5}});  // at (2, 0): 3 of label 3 and 1 within 2 mm
  const VolumeRegions by_centroid(make_atlas(labels), info, {.tolerance = 2});
  CHECK(by_centroid.match(place).at(0) == 3);          // r = 0 holds 3 alone
  const auto between = samples_at({{1.5, 2.5, 0.5}});  // at (1, 1): empty, r = 1: only 3
  CHECK(by_centroid.match(between).at(0) == 3);
  labels.values(2U, 1U, 0U) = labels.values(2U, 0U, 0U) = 0;
  const VolumeRegions tie(make_atlas(labels), info, {.tolerance = 2});
  CHECK(tie.match(samples_at({{1.5, 0.5, 0.5}})).at(0) == 1);  // at (1, 0), beside 1 and 3
}

TEST_CASE("nearest placement: an atlas stored in another orientation gives the same labels") {
  // Blobs of labels on an even grid of 2 mm, then stored with axes exchanged and turned round.
  auto labels = empty_volume({12, 14, 10}, {-11, -13, -7});
  for (std::size_t a = 0; a < 3; ++a) labels.voxel_to_mm[a][a] = 2;
  Random random(5, 1);
  for (std::int32_t& label : labels.values) label = static_cast<std::int32_t>(random.below(12));
  for (std::int32_t& label : labels.values) label = label > 6 ? 0 : label;
  std::vector<Eigen::Vector3d> mm;
  for (int s = 0; s < 400; ++s) {
    mm.emplace_back(30 * random.uniform() - 15, 34 * random.uniform() - 17,
                    24 * random.uniform() - 11);
    if (s % 4 == 0) mm.back() = mm.back().array().round();  // on faces, edges and centres
  }
  const DonorSamples samples = samples_at(mm);
  const MatchSettings settings{.tolerance = 2, .placement = GridPlacement::nearest};
  const std::vector<Index> expected =
      VolumeRegions(make_atlas(labels), std::nullopt, settings).match(samples);
  Index matched = 0;
  for (const Index label : expected) matched += label != 0 ? 1 : 0;
  CHECK(matched > 100);

  const std::array<std::array<std::size_t, 3>, 6> orders{
      {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}};
  for (const auto& order : orders) {
    for (unsigned flips = 0; flips < 8; ++flips) {
      Volume<std::int32_t> stored;
      const auto shape = labels.values.shape();
      stored.values =
          Array<std::int32_t, 3>::from_shape({shape[order[0]], shape[order[1]], shape[order[2]]});
      stored.voxel_to_mm = labels.voxel_to_mm;
      const auto is_flipped = [&](std::size_t axis) { return (flips >> axis & 1U) != 0; };
      for (std::size_t axis = 0; axis < 3; ++axis) {
        for (std::size_t w = 0; w < 3; ++w) {
          const double step = labels.voxel_to_mm[w][order[axis]];
          stored.voxel_to_mm[w][axis] = is_flipped(axis) ? -step : step;
          if (is_flipped(axis)) {
            stored.voxel_to_mm[w][3] += step * static_cast<double>(shape[order[axis]] - 1);
          }
        }
      }
      std::array<std::size_t, 3> at{};
      for (at[0] = 0; at[0] < shape[0]; ++at[0]) {
        for (at[1] = 0; at[1] < shape[1]; ++at[1]) {
          for (at[2] = 0; at[2] < shape[2]; ++at[2]) {
            std::array<std::size_t, 3> to{};
            for (std::size_t axis = 0; axis < 3; ++axis) {
              const std::size_t from = at[order[axis]];
              to[axis] = is_flipped(axis) ? shape[order[axis]] - 1 - from : from;
            }
            stored.values(to[0], to[1], to[2]) = labels.values(at[0], at[1], at[2]);
          }
        }
      }
      CHECK(VolumeRegions(make_atlas(stored), std::nullopt, settings).match(samples) == expected);
      const MatchSettings below{.tolerance = 2};
      CHECK(VolumeRegions(make_atlas(stored), std::nullopt, below).match(samples) ==
            VolumeRegions(make_atlas(labels), std::nullopt, below).match(samples));
    }
  }

  // Atlas and samples turned together: oblique axes.
  const double c = std::cos(0.4), s = std::sin(0.4);
  Eigen::Matrix3d turn;
  turn << c, -s * c, s * s, s, c * c, -s * c, 0, s, c;
  Volume<std::int32_t> oblique = labels;
  for (Index r = 0; r < 3; ++r) {
    for (Index k = 0; k < 4; ++k) {
      double sum = 0;
      for (Index i = 0; i < 3; ++i) {
        sum += turn(r, i) *
               labels.voxel_to_mm[static_cast<std::size_t>(i)][static_cast<std::size_t>(k)];
      }
      oblique.voxel_to_mm[static_cast<std::size_t>(r)][static_cast<std::size_t>(k)] = sum;
    }
  }
  std::vector<Eigen::Vector3d> inner, turned;  // faces are told by the world's axes: not those
  std::vector<Index> inner_label;
  for (std::size_t i = 0; i < mm.size(); ++i) {
    if (i % 4 == 0) continue;
    turned.emplace_back(turn * mm[i]);
    inner_label.push_back(expected[i]);
  }
  CHECK(VolumeRegions(make_atlas(oblique), std::nullopt, settings).match(samples_at(turned)) ==
        inner_label);
  const std::string message =
      message_of([&] { (void)VolumeRegions(make_atlas(oblique, "turned.nii"), std::nullopt); });
  CHECK(has(message, "turned.nii: affine: found voxel axis 0 along ("));
  CHECK(has(message, "--strict-geometry"));
}

TEST_CASE("coordinates as given: a sample must stand on a centre, or within the tolerance") {
  const MatchSettings settings{.tolerance = 0, .placement = GridPlacement::as_given};
  const VolumeRegions exact(row_of_voxels(), std::nullopt, settings);
  CHECK(exact.match(samples_at({{-3, 0, 0}, {-3 + 1e-9, 0, 0}, {-3.1, 0, 0}, {2, 0, 0}})) ==
        std::vector<Index>{2, 2, 0, 7});
  const VolumeRegions near(row_of_voxels(), std::nullopt,
                           {.tolerance = 1, .placement = GridPlacement::as_given});
  CHECK(near.match(samples_at({{-2.1, 0, 0}, {-1.9, 0.3, 0}, {1.2, 0.7, 0}, {1.2, 0.1, 0}})) ==
        std::vector<Index>{2, 0, 0, 7});
}

TEST_CASE("what a volume's regions refuse") {
  CHECK(has(message_of([] { (void)VolumeRegions(row_of_voxels(), row_info()).info(3); }),
            "region: found 3, expected one of the 2 labels of row.nii"));
  const VolumeRegions plain(row_of_voxels(), std::nullopt);
  CHECK_FALSE(plain.has_info());
  CHECK_THROWS_AS((void)plain.info(2), ArgumentError);
  CHECK_THROWS_AS((void)plain.fill_weights(1, samples_at({{0, 0, 0}})), ArgumentError);
  CHECK_THROWS_AS(VolumeRegions(row_of_voxels(), std::vector<RegionInfo>{row_info()[0]}),
                  ArgumentError);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(VolumeRegions(row_of_voxels(), std::nullopt, {.tolerance = nan}), ArgumentError);
  CHECK(has(message_of([&] {
              (void)plain.match(samples_at({{0, 0, 0}, {0, nan, 0}}));
            }),
            "mni_mm of sample 9861/1001"));

  const std::vector<DonorSamples> donors{samples_at({{90, 0, 0}}), samples_at({{-1, 50, 0}})};
  const std::string elsewhere = message_of([&] { plain.require_inside(donors); });
  CHECK(has(elsewhere, "row.nii: place of its regions: found no sample of any donor in their box"));
  CHECK(has(elsewhere, "x -5 to 3"));
  CHECK(has(elsewhere, "x -1 to 90, y 0 to 50"));
  CHECK_NOTHROW(plain.require_inside(std::vector{donors[0], samples_at({{-1, 0, 0}})}));
  // Half a voxel and the tolerance of 2 mm count as inside.
  CHECK_NOTHROW(plain.require_inside(std::vector{samples_at({{-7.4, 0, 0}})}));
  CHECK_THROWS_AS(plain.require_inside(std::vector{samples_at({{-7.6, 0, 0}})}), InputError);

  const test::TempDir dir;
  Volume<float> fractions = row_of_voxels().labels.like<float>(1.0F);
  fractions.values(3U, 0U, 0U) = 1.5F;
  write_nifti(fractions, dir / "fractions.nii");
  const std::string message = message_of([&] { (void)read_atlas(dir / "fractions.nii"); });
  CHECK(has(message, "voxel (3, 0, 0): found 1.5, expected a whole number"));
}
