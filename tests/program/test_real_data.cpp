// The main job on the real samples and the Desikan-Killiany atlas, with few steps.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <string>

#include "inrgene/brain/atlas/region_table.hpp"
#include "inrgene/io/nifti.hpp"
#include "program/run_program.hpp"
#include "support/paths.hpp"
#include "support/temp_dir.hpp"

namespace inrgene::test {

TEST_SUITE("program") {
  TEST_CASE("real samples become a map of the real atlas") {
    const auto root = data_root();
    if (!root) {
      MESSAGE("skipped: no real data (set INRGENE_DATA to the folder that holds samples/)");
      return;
    }
    const TempDir dir;
    const auto in = [&](const char* name) { return (*root / name).string(); };
    const auto out = [&](const char* name) { return (dir / name).string(); };
    const std::string atlas_file = in("atlas/atlas-desikankilliany.nii.gz");
    succeed({"tissue", "--annotation", in("samples/annotation.csv"), "--grey",
             in("atlas/mni152_grey.nii.gz"), "--white", in("atlas/mni152_white.nii.gz"), "--out",
             out("annotation.csv")});
    succeed({"order", "--expression", in("samples/expression.csv"), "--out", out("order.csv")});
    succeed({"train", "--expression", in("samples/expression.csv"), "--annotation",
             out("annotation.csv"), "--order", out("order.csv"), "--hidden-features", "16",
             "--hidden-layers", "1", "--steps", "5", "--lr", "0.001", "--out",
             out("m.safetensors")});
    succeed({"predict", "--model", out("m.safetensors"), "--atlas", atlas_file, "--grey",
             in("atlas/mni152_grey.nii.gz"), "--white", in("atlas/mni152_white.nii.gz"), "--gene",
             "p500_spcr", "--out-dir", out("maps")});
    const Volume<std::int32_t> atlas = read_nifti<std::int32_t>(atlas_file);
    const Volume<float> map = read_nifti<float>(dir / "maps/p500_spcr.nii.gz");
    REQUIRE(map.shape() == atlas.shape());
    CHECK(map.voxel_to_mm == atlas.voxel_to_mm);
    Index filled = 0, wrong = 0;
    for (Index v = 0; v < map.size(); ++v) {
      const float value = map.values.data()[v];
      const bool inside = atlas.values.data()[v] != 0;
      wrong += inside ? !(std::isfinite(value) && value != 0.0F) : value != 0.0F;
      filled += inside;
    }
    CHECK(filled == 819621);
    CHECK(wrong == 0);
    succeed({"parcellate", "--atlas", atlas_file, "--atlas-info",
             in("atlas/atlas-desikankilliany.csv"), "--maps", out("maps"), "--out",
             out("regions.csv")});
    CHECK(read_regions(dir / "regions.csv").label.size() == 83);
  }
}

}  // namespace inrgene::test
