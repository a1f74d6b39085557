// A small brain for the program: sites, five genes of smooth known fields, an atlas and masks.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/brain/expression/tables.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/nifti.hpp"
#include "program/run_program.hpp"
#include "support/temp_dir.hpp"

namespace inrgene::test {

/// A folder with expression.csv, annotation.csv, atlas.nii.gz (6 × 5 × 4 voxels of 10 mm, labels 1,
/// 2, 4), grey.nii.gz and white.nii.gz; order.csv once `order` has run.
class SmallData {
 public:
  static constexpr Index sites = 40;
  static constexpr Index labelled = 6 * 4 * 4;
  const std::vector<std::string> genes{"AAA", "BBB", "CCC", "DDD", "EEE"};

  SmallData() {
    CsvWriter expression, annotation;
    expression.row("well_id", "AAA", "BBB", "CCC", "DDD", "EEE");
    annotation.row("well_id", "mni_x", "mni_y", "mni_z", "donor", "note");
    Random random(5);
    for (Index s = 0; s < sites; ++s) {
      const std::array<double, 3> mm{random.uniform(-30, 30), random.uniform(-25, 25),
                                     random.uniform(-20, 20)};
      expression.field(100 + s);
      for (Index g = 0; g < 5; ++g) expression.field(value(g, mm));
      expression.end_row();
      annotation.row(100 + s, mm[0], mm[1], mm[2], s % 2 == 0 ? "d1" : "d2", "a, \"b\"");
    }
    dir.write("expression.csv", expression.str());
    dir.write("annotation.csv", annotation.str());
    write_volumes();
  }

  /// Expression of gene g at a place: smooth, in (0, 1).
  static double value(Index g, const std::array<double, 3>& mm) {
    const double phase = 0.3 * static_cast<double>(g);
    return 0.5 + 0.4 * std::sin(mm[0] / 25 + phase) * std::cos(mm[1] / 30 - mm[2] / 40);
  }

  [[nodiscard]] std::string operator/(std::string_view name) const { return (dir / name).string(); }
  void order() const {
    succeed({"order", "--expression", *this / "expression.csv", "--out", *this / "order.csv"});
  }

  /// A `train` command on these data with a small net, and `more` options.
  [[nodiscard]] std::vector<std::string> train(const std::string& out,
                                               const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"train",
                                   "--expression",
                                   *this / "expression.csv",
                                   "--annotation",
                                   *this / "annotation.csv",
                                   "--order",
                                   *this / "order.csv",
                                   "--out",
                                   *this / out};
    std::istringstream small_net(
        "--hidden-features 16 --hidden-layers 1 --first-omega 3 --hidden-omega 3 --frequencies 2 "
        "--lr 0.01");
    for (std::string word; small_net >> word;) words.push_back(word);
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  TempDir dir;

 private:
  void write_volumes() const {
    Volume<std::int32_t> labels;
    labels.values = Array<std::int32_t, 3>({6, 5, 4}, 0);
    labels.voxel_to_mm = {{{10, 0, 0, -25}, {0, 10, 0, -20}, {0, 0, 10, -15}, {0, 0, 0, 1}}};
    Volume<float> grey = labels.like<float>(0.0F);
    Volume<float> white = grey;
    for (std::size_t k = 0; k < 4; ++k) {
      for (std::size_t j = 0; j < 5; ++j) {
        for (std::size_t i = 0; i < 6; ++i) {
          if (j > 0) labels.values(i, j, k) = i < 2 ? 1 : (i < 4 ? 2 : 4);
          (i % 2 == 0 ? grey : white).values(i, j, k) = 0.75F;
        }
      }
    }
    write_nifti(labels, dir / "atlas.nii.gz");
    write_nifti(grey, dir / "grey.nii.gz");
    write_nifti(white, dir / "white.nii.gz");
  }
};

}  // namespace inrgene::test
