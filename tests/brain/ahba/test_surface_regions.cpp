#include "inrgene/brain/ahba/surface_regions.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "brain/ahba/expected_samples.hpp"
#include "support/gifti_text.hpp"
#include "support/temp_dir.hpp"

using namespace inrgene;
using test::samples_at;

namespace {

constexpr auto cortex = StructureClass::cortex;
constexpr auto left = Hemisphere::left;
constexpr auto right = Hemisphere::right;

/// A strip of 2 x 5 vertices in the plane z = 0: at (x, y), (x + 1, y), …, y and y + 1.
SurfaceHemisphere strip(double x, std::vector<std::int32_t> labels) {
  SurfaceHemisphere half;
  half.labels.label = std::move(labels);
  half.surface.vertices_mm.resize(3, 10);
  for (Index v = 0; v < 10; ++v) {
    half.surface.vertices_mm.col(v) << x + static_cast<double>(v % 5), static_cast<double>(v / 5),
        0;
  }
  for (std::int32_t v = 0; v < 4; ++v) {
    half.surface.triangles.push_back({v, v + 1, v + 6});
    half.surface.triangles.push_back({v, v + 6, v + 5});
  }
  return half;
}

/// Left of x = 0 labels 1 1 0 2 2, right of it 5 5 5 6 6, each along both rows.
SurfaceAtlas two_strips() {
  return join_hemispheres(strip(-10, {1, 1, 0, 2, 2, 1, 1, 0, 2, 2}),
                          strip(6, {5, 5, 5, 6, 6, 5, 5, 5, 6, 6}), SurfaceSpace::mni152);
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

TEST_CASE("surface atlas: both sides as one, names and sides from the files") {
  auto west = strip(-10, {1, 1, 0, 2, 2, 1, 1, 0, 2, 2});
  west.labels.names = {{0, "unknown"}, {1, "cuneus"}, {8, "not there"}};
  const SurfaceAtlas atlas =
      join_hemispheres(west, strip(6, {5, 5, 5, 6, 6, 5, 5, 5, 6, 6}), SurfaceSpace::mni152);
  CHECK(atlas.label ==
        std::vector<Index>{1, 1, 0, 2, 2, 1, 1, 0, 2, 2, 5, 5, 5, 6, 6, 5, 5, 5, 6, 6});
  CHECK(atlas.mni_mm.col(13) == Eigen::Vector3d(9, 0, 0));
  CHECK(atlas.triangles.at(8) == std::array<std::int32_t, 3>{10, 11, 16});
  REQUIRE(atlas.info.size() == 4);
  CHECK(atlas.info[0].label == "cuneus");
  CHECK(atlas.info[1].label == "2");  // the table has no name for it
  CHECK(atlas.info[1].hemisphere == left);
  CHECK(atlas.info[2].id == 5);
  CHECK(atlas.info[2].hemisphere == right);
  CHECK(atlas.info[2].structure == cortex);
}

TEST_CASE("surface atlas: shared labels are told apart, outside stays outside") {
  const auto right_label = [](std::vector<std::int32_t> west, std::vector<std::int32_t> east) {
    return join_hemispheres(strip(-10, std::move(west)), strip(6, std::move(east)),
                            SurfaceSpace::mni152)
        .label;
  };
  // Values 0, 1, 2: three are added.
  const auto shared = right_label({1, 1, 0, 2, 2, 1, 1, 0, 2, 2}, {1, 1, 0, 2, 2, 1, 1, 0, 2, 2});
  CHECK(std::vector<Index>(shared.begin() + 10, shared.begin() + 15) ==
        std::vector<Index>{4, 4, 0, 5, 5});
  // Values 0, 1, 4: three would make a 4 of the right 1; so counted from the largest.
  const auto sparse = right_label({1, 1, 0, 4, 4, 1, 1, 0, 4, 4}, {1, 1, 0, 4, 4, 1, 1, 0, 4, 4});
  CHECK(sparse.at(10) == 6);
  CHECK(sparse.at(13) == 9);
}

TEST_CASE("surface atlas: fsaverage's coordinates to MNI152") {
  const auto half = strip(-40, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  const SurfaceAtlas atlas = join_hemispheres(half, strip(30, {2, 2, 2, 2, 2, 2, 2, 2, 2, 2}));
  for (Index v = 0; v < 10; ++v) {
    const auto back = transform(mni152_to_fsaverage,
                                {atlas.mni_mm(0, v), atlas.mni_mm(1, v), atlas.mni_mm(2, v)});
    for (Index a = 0; a < 3; ++a) {
      CHECK(back[static_cast<std::size_t>(a)] ==
            doctest::Approx(half.surface.vertices_mm(a, v)).epsilon(1e-12));
    }
  }
}

TEST_CASE("surface atlas: files that do not belong together") {
  const test::TempDir dir;
  const std::vector<int> labels{1, 1, 2, 2}, triangles{0, 1, 2, 0, 2, 3};
  const std::vector<double> corners{-9, 0, 0, -8, 0, 0, -8, 1, 0, -9, 1, 0};
  const auto write = [&](const char* name, const std::string& bytes) {
    return dir.write(name, bytes);
  };
  const SurfaceFiles files{
      .left_labels = write("l.label.gii", test::gifti_labels(labels, {}, "CortexLeft")),
      .right_labels = write("r.label.gii", test::gifti_labels({7, 7, 0, 8})),
      .left_surface = write("l.surf.gii", test::gifti_surface(corners, triangles, "CortexLeft")),
      .right_surface = write("r.surf.gii", test::gifti_surface(corners, triangles, "CortexRight"))};
  CHECK(read_surface_atlas(files).info.size() == 4);

  SurfaceFiles swapped = files;
  std::swap(swapped.left_surface, swapped.right_surface);
  CHECK(
      has(message_of([&] { (void)read_surface_atlas(swapped); }),
          "r.surf.gii: AnatomicalStructurePrimary: found CortexRight, expected CortexLeft, as the "
          "left hemisphere's file"));
  swapped = files;
  std::swap(swapped.left_labels, swapped.right_labels);
  CHECK(has(message_of([&] { (void)read_surface_atlas(swapped); }),
            "l.label.gii: AnatomicalStructurePrimary: found CortexLeft, expected CortexRight"));

  SurfaceFiles other = files;
  other.right_labels = write("few.label.gii", test::gifti_labels({7, 7, 0}));
  CHECK(has(message_of([&] { (void)read_surface_atlas(other); }),
            "few.label.gii: labels: found 3 labels, expected one for each of the 4 vertices"));
  other.right_labels = write("below.label.gii", test::gifti_labels({7, -1, 0, 8}));
  CHECK(has(message_of([&] { (void)read_surface_atlas(other); }),
            "vertex 1: found label -1, expected 0 (outside) or a positive label"));
  other.left_labels = other.right_labels =
      write("zero.label.gii", test::gifti_labels({0, 0, 0, 0}));
  CHECK(has(message_of([&] { (void)read_surface_atlas(other); }), "0 at all vertices"));
  other = files;
  other.left_labels = files.left_surface;
  CHECK(has(message_of([&] { (void)read_surface_atlas(other); }), "found 2 arrays"));
}

TEST_CASE("surface matching: nearest labelled vertex, class, side and millimetres") {
  const SurfaceRegions regions(two_strips(), {.tolerance = -2});
  CHECK(std::vector<Index>(regions.labels().begin(), regions.labels().end()) ==
        std::vector<Index>{1, 2, 5, 6});
  auto samples = samples_at({{-10, 0, 1},     // above label 1
                             {-8.4, 0.5, 0},  // beside the gap: vertices at -9 are nearer
                             {-6, 0.2, 1.9},  // within 2 mm
                             {-6, 0, 2.01},   // not
                             {7, 0, 0},       // right surface, a left sample
                             {7, 0, 0},       // a right one
                             {-10, 0, 0}});   // another class
  samples.hemisphere[5] = right;
  samples.structure[6] = StructureClass::subcortex_brainstem;
  CHECK(regions.match(samples) == std::vector<Index>{1, 1, 2, 0, 0, 5, 0});
  CHECK(regions.match(samples_at({})).empty());
}

TEST_CASE("surface matching: the cut by standard deviations takes all cortical samples") {
  // Distances 1, 1, 1, 5 mm: mean 2, standard deviation 2. The far one is on the wrong side, and
  // still counts; a sample of another class does not.
  auto samples = samples_at({{-10, 0, 1}, {-9, 0, 1}, {-6, 0, 1}, {6, 0, 5}, {-6, 0, 400}});
  samples.structure[4] = StructureClass::other;
  const auto labels = [&](double tolerance) {
    return SurfaceRegions(two_strips(), {.tolerance = tolerance}).match(samples);
  };
  CHECK(labels(1.0) == std::vector<Index>{1, 1, 2, 0, 0});
  samples.hemisphere[3] = right;
  CHECK(labels(1.51) == std::vector<Index>{1, 1, 2, 5, 0});  // 5 <= 2 + 1.51 x 2
  CHECK(labels(1.49) == std::vector<Index>{1, 1, 2, 0, 0});
  CHECK(labels(0.0) == std::vector<Index>{1, 1, 2, 0, 0});
  // A single cortical sample is never cut from 0 on.
  CHECK(SurfaceRegions(two_strips(), {.tolerance = 0}).match(samples_at({{-10, 0, 300}})) ==
        std::vector<Index>{1});
}

TEST_CASE("surface filling: along the surface, by side, nobody through the gap") {
  const SurfaceRegions regions(two_strips());
  // Region 6 has vertices at x = 9 and 10 in two rows; a sample at (8, 0) and one at (8, 1).
  auto samples = samples_at({{8.1, 0, 0.3}, {8, 1.1, 0}, {-10, 0, 0}, {8, 0, 2}}, cortex, right);
  samples.hemisphere[2] = left;
  const auto weight = regions.fill_weights(6, samples);
  REQUIRE(weight.size() == 4);
  CHECK(weight[0] == doctest::Approx(1 + 1.0 / 2).epsilon(1e-6));
  CHECK(weight[1] == doctest::Approx(1 + 1.0 / 2).epsilon(1e-6));
  CHECK(weight[2] == 0);
  CHECK(weight[3] == 0);  // at the vertex of the first sample
  // A gap without labels parts regions, unless it is so narrow that a link leads over it.
  const std::vector<std::int32_t> east{5, 5, 5, 6, 6, 5, 5, 5, 6, 6};
  const SurfaceRegions parted(join_hemispheres(strip(-10, {1, 0, 0, 2, 2, 1, 0, 0, 2, 2}),
                                               strip(6, east), SurfaceSpace::mni152));
  CHECK(parted.fill_weights(2, samples_at({{-10, 0, 0}})).empty());
  CHECK_FALSE(regions.fill_weights(2, samples_at({{-10, 0, 0}})).empty());
  CHECK(regions.fill_weights(2, samples_at({{-7, 0, 0}}, cortex, right)).empty());
  CHECK(regions.fill_weights(2, samples_at({{-7, 0, 0}})).at(0) ==
        doctest::Approx(1 + 1 + 1 + 1 / std::sqrt(2.0)).epsilon(1e-6));
}

TEST_CASE("surface regions: centroids lie on the surface") {
  const SurfaceRegions regions(two_strips());
  const Eigen::Vector3d centroid = regions.centroid_mm(5);  // mean (7, 0.5, 0)
  CHECK(centroid[0] == 7);
  CHECK((centroid[1] == 0 || centroid[1] == 1));
  const auto samples = samples_at({{7, centroid[1], 3}, {7, centroid[1] + 4, 3}});
  CHECK(regions.distance_to_centroid(5, samples) == std::vector<double>{3, 5});
  CHECK(regions.has_info());
  CHECK(regions.info(6).hemisphere == right);
}

TEST_CASE("surface regions: what they refuse") {
  const SurfaceRegions regions(two_strips());
  CHECK_THROWS_AS((void)regions.info(3), ArgumentError);
  CHECK_THROWS_AS(
      SurfaceRegions(two_strips(), {}, std::vector<RegionInfo>{{1, "one", left, cortex}}),
      ArgumentError);
  SurfaceAtlas bare = two_strips();
  bare.label.assign(bare.label.size(), 0);
  CHECK_THROWS_AS(SurfaceRegions{bare}, ArgumentError);
  const std::vector<DonorSamples> far{samples_at({{80, 90, 70}})};
  CHECK(has(message_of([&] { regions.require_inside(far); }), "found no sample of any donor"));
}
