#include "inrgene/brain/atlas/atlas.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "brain/atlas/small_atlas.hpp"
#include "support/paths.hpp"
#include "support/temp_dir.hpp"

using namespace inrgene;

TEST_CASE("make_atlas lists its regions by ascending label") {
  const Atlas atlas = make_atlas(test::small_labels());
  REQUIRE(atlas.regions.size() == 2);
  CHECK(atlas.regions[0].id == 5);
  CHECK(atlas.regions[0].label == "5");
  CHECK(atlas.regions[0].voxels == 3);
  CHECK(atlas.regions[1].id == 9);
  CHECK(atlas.labelled() == 6);
  CHECK(*atlas.find(9) == 1);
  CHECK(!atlas.find(7));
}

TEST_CASE("an atlas without labels or with a negative one is refused") {
  auto labels = test::small_labels();
  labels.values(1, 1, 0) = -5;
  try {
    (void)make_atlas(labels, "atlas.nii");
    FAIL("no InputError");
  } catch (const InputError& error) {
    CHECK(std::string(error.what()) ==
          "atlas.nii: voxel (1, 1, 0): found label -5, expected 0 (outside) or a positive label");
  }
  labels.values.fill(0);
  CHECK_THROWS_AS((void)make_atlas(labels), InputError);
}

TEST_CASE("read_atlas names regions from the table and reports what does not match") {
  const test::TempDir dir;
  write_nifti(test::small_labels(), dir / "atlas.nii.gz");
  dir.write("info.csv", "id,label,hemisphere,structure\n7,nowhere,L,cortex\n5,left,L,cortex\n");
  std::vector<std::string> warnings;
  const Atlas atlas = read_atlas(dir / "atlas.nii.gz", dir / "info.csv",
                                 [&](std::string_view words) { warnings.emplace_back(words); });
  CHECK(atlas.regions[0].label == "left");
  CHECK(atlas.regions[0].hemisphere == "L");
  CHECK(atlas.regions[0].structure == "cortex");
  CHECK(atlas.regions[1].label == "9");
  CHECK(atlas.labels.voxel_to_mm == test::small_labels().voxel_to_mm);
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0].ends_with(": 7"));
  CHECK(warnings[1].ends_with(": 9"));
  write_atlas_info(atlas, dir / "again.csv");
  CHECK(dir.read("again.csv") == "id,label,hemisphere,structure\n5,left,L,cortex\n9,9,,\n");
}

TEST_CASE("bad atlas tables and images are refused") {
  const test::TempDir dir;
  write_nifti(test::small_labels(), dir / "atlas.nii");
  const auto read = [&](std::string_view table) {
    return read_atlas(dir / "atlas.nii", dir.write("info.csv", table));
  };
  CHECK_THROWS_AS((void)read("id,name\n5,left\n"), InputError);
  CHECK_THROWS_AS((void)read("id,label\n5,left\n5,right\n"), InputError);
  CHECK_THROWS_AS((void)read("id,label\n0,outside\n"), InputError);
  CHECK_THROWS_AS((void)read("id,label\nfive,left\n"), InputError);
  auto fractions = test::small_labels().like<float>(0.5F);
  write_nifti(fractions, dir / "fractions.nii");
  CHECK_THROWS_AS((void)read_atlas(dir / "fractions.nii"), InputError);
  CHECK_THROWS_AS((void)read_atlas(dir / "none.nii"), InputError);
}

TEST_CASE("the Desikan-Killiany atlas has 83 regions and 819,621 labelled voxels") {
  const auto root = test::data_root();
  if (!root) {
    MESSAGE("skipped: no real data (INRGENE_DATA)");
    return;
  }
  const Atlas atlas = read_atlas(*root / "atlas" / "atlas-desikankilliany.nii.gz",
                                 *root / "atlas" / "atlas-desikankilliany.csv");
  CHECK(atlas.regions.size() == 83);
  CHECK(atlas.labelled() == 819621);
  CHECK(atlas.regions[0].label == "bankssts");
  CHECK(atlas.regions[0].hemisphere == "L");
}
