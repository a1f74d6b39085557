// Labels of samples on the cortical surface against abagen's own .
#include <doctest/doctest.h>

#include <string>

#include "brain/ahba/expected_samples.hpp"
#include "inrgene/brain/ahba/surface_regions.hpp"
#include "support/abagen_sets.hpp"
#include "support/paths.hpp"

using namespace inrgene;

namespace {

struct Case {
  const char* key;
  double tolerance;
};

}  // namespace

TEST_CASE("surface regions: abagen's labels" * doctest::test_suite("parity")) {
  const auto fixtures = test::fixture_folder("abagen");
  const auto data = test::data_root();
  if (!fixtures || !data) {
    MESSAGE("no reference values or no surfaces here: skipped");
    return;
  }
  const auto folder = *data / "atlas" / "surface";
  const SurfaceAtlas atlas =
      read_surface_atlas({.left_labels = folder / "atlas-desikankilliany-lh.label.gii.gz",
                          .right_labels = folder / "atlas-desikankilliany-rh.label.gii.gz",
                          .left_surface = folder / "fsaverage5-pial-lh.surf.gii.gz",
                          .right_surface = folder / "fsaverage5-pial-rh.surf.gii.gz"});
  CHECK(atlas.info.size() == 68);
  CHECK(atlas.info.back().label == "insula");
  CHECK(atlas.info.back().hemisphere == Hemisphere::right);
  Index compared = 0;
  for (const Case& one : {Case{"S1", 2}, Case{"S2", -4}, Case{"S3", 1}}) {
    const SurfaceRegions regions(atlas, {.tolerance = one.tolerance});
    for (const std::string& set : test::abagen_sets(*fixtures)) {
      const auto path = *fixtures / set / "expected" / (std::string(one.key) + "_samples.csv");
      if (!std::filesystem::exists(path)) continue;
      const auto donors = test::read_expected_samples(path);
      INFO(set, " ", one.key);
      CHECK(test::labels_that_differ(regions, donors) == 0);
      for (const auto& donor : donors) compared += donor.samples.size();
    }
  }
  MESSAGE(compared, " labels compared");
  CHECK(compared > 0);
}
