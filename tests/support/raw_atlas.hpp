// The atlas that fits the raw folders of the tests.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/atomic_file.hpp"
#include "inrgene/io/nifti.hpp"
#include "support/raw_set.hpp"

namespace inrgene::test {

/// An atlas for the set: 4-mm voxels, boxes of 20 mm about the pairs of grey matter without the
/// cerebellum (labels 1 to 6 left, 11 to 16 right), a box of cortex without samples (7 and 17) and
/// the pons (20); with its table id,label,hemisphere,structure.
struct RawAtlas {
  std::filesystem::path volume;
  std::filesystem::path info;
};

inline RawAtlas write_raw_atlas(const std::filesystem::path& folder) {
  Volume<std::int32_t> atlas;
  atlas.values = Array<std::int32_t, 3>({37, 45, 33}, 0);
  atlas.voxel_to_mm = {{{4, 0, 0, -72}, {0, 4, 0, -104}, {0, 0, 4, -68}, {0, 0, 0, 1}}};
  std::string table = "id,label,hemisphere,structure\n";
  const auto add_box = [&](std::int32_t label, const std::array<double, 3>& centre,
                           std::string_view hemisphere, std::string_view structure) {
    for (Index k = 0; k < 33; ++k) {
      for (Index j = 0; j < 45; ++j) {
        for (Index i = 0; i < 37; ++i) {
          const std::array<double, 3> mm{-72.0 + 4.0 * static_cast<double>(i),
                                         -104.0 + 4.0 * static_cast<double>(j),
                                         -68.0 + 4.0 * static_cast<double>(k)};
          bool inside = true;
          for (std::size_t a = 0; a < 3; ++a) inside &= std::abs(mm[a] - centre[a]) <= 10;
          if (inside) atlas.values(i, j, k) = label;
        }
      }
    }
    table += text(label, ",region", label, ",", hemisphere, ",", structure, "\n");
  };
  for (std::int32_t p = 0; p < 6; ++p) {
    const RawPair& pair = raw_pairs[static_cast<std::size_t>(p)];
    const auto& left = pair.left_mm;
    add_box(p + 1, left, "L", pair.tissue);
    add_box(p + 11, {-left[0], left[1], left[2]}, "R", pair.tissue);
  }
  add_box(7, {-12, 58, -6}, "L", "cortex");
  add_box(17, {12, 58, -6}, "R", "cortex");
  add_box(20, raw_midline_mm, "B", "subcortex/brainstem");
  RawAtlas out{folder / "atlas.nii.gz", folder / "atlas.csv"};
  write_nifti(atlas, out.volume);
  write_file(out.info, table);
  return out;
}

}  // namespace inrgene::test
