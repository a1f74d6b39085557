// Labels of samples on volumes against abagen's own.
#include <doctest/doctest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "brain/ahba/expected_samples.hpp"
#include "inrgene/brain/ahba/volume_regions.hpp"
#include "support/abagen_sets.hpp"
#include "support/paths.hpp"

using namespace inrgene;

namespace {

struct Case {
  const char* key;
  const char* atlas = nullptr;  // nullptr: the 1-mm atlas of the data, else a fixture
  bool info = true;
  double tolerance = 2;
};

}  // namespace

TEST_CASE("volume regions: abagen's labels" * doctest::test_suite("parity")) {
  const auto fixtures = test::fixture_folder("abagen");
  const auto data = test::data_root();
  if (!fixtures || !data) {
    MESSAGE("no reference values or no atlas here: skipped");
    return;
  }
  const auto folder = *data / "atlas";
  Index compared = 0;
  for (const Case& one :
       {Case{"A"}, Case{"A0", nullptr, false}, Case{"B"}, Case{"B0", nullptr, false}, Case{"C"},
        Case{"D", nullptr, true, -3}, Case{"E", nullptr, true, 0}, Case{"F1"},
        Case{"F2", nullptr, true, 3}, Case{"F3", nullptr, false}, Case{"H"}, Case{"I"}, Case{"J"},
        Case{"L"}, Case{"M", nullptr, false}, Case{"V2", "dk_2mm.nii.gz", true, 4},
        Case{"VL", "dk_1mm_flipx.nii.gz"}}) {
    const auto image =
        one.atlas != nullptr ? *fixtures / one.atlas : folder / "atlas-desikankilliany.nii.gz";
    Atlas atlas = read_atlas(image);
    std::optional<std::vector<RegionInfo>> info;
    if (one.info) {
      std::vector<Index> labels;
      for (const Region& region : atlas.regions) labels.push_back(region.id);
      info = read_region_info(folder / "atlas-desikankilliany.csv", labels);
    }
    const VolumeRegions regions(std::move(atlas), info, {.tolerance = one.tolerance});
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

TEST_CASE("volume regions: a donor's own space, axes exchanged and turned") {
  const auto data = test::data_root();
  if (!data) {
    MESSAGE("no atlas here: skipped");
    return;
  }
  const Atlas atlas =
      read_atlas(*data / "atlas" / "native" / "9861" / "atlas-desikankilliany.nii.gz");
  const Grid grid = atlas.grid();
  std::vector<Eigen::Vector3d> mm;
  std::vector<Index> expected;
  for (Index v = 0; v < grid.size(); v += 977) {  // samples stand on voxel centres of the T1
    const auto at = grid.centre_mm(v);
    mm.emplace_back(at[0], at[1], at[2]);
    expected.push_back(atlas.labels.values.data()[v]);
  }
  const VolumeRegions regions(atlas, std::nullopt,
                              {.tolerance = 0, .placement = GridPlacement::as_given});
  CHECK(regions.match(test::samples_at(mm)) == expected);
}
