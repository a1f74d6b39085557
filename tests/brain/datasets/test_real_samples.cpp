// Splits and scaling on the six donors' samples.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "inrgene/brain/datasets/folds.hpp"
#include "inrgene/brain/datasets/scaling.hpp"
#include "inrgene/brain/datasets/splits.hpp"
#include "inrgene/brain/expression/join.hpp"
#include "inrgene/brain/expression/tables.hpp"
#include "support/paths.hpp"

using namespace inrgene;

namespace {

std::optional<Samples> real_samples() {
  const auto root = test::data_root();
  if (!root || !std::filesystem::exists(*root / "samples")) {
    MESSAGE("skipped: no real data (set INRGENE_DATA to its folder)");
    return std::nullopt;
  }
  return join(read_expression(*root / "samples" / "expression.csv"),
              read_annotation(*root / "samples" / "annotation.csv", TissueSign::paper).sites);
}

}  // namespace

TEST_CASE("real samples: a site split, its parts, and the scaling fitted on training sites") {
  const auto samples = real_samples();
  if (!samples) return;
  const Split split = split_sites(samples->sites);
  CHECK(std::abs(static_cast<double>(split.held_out.size()) - 0.2 * 3702) < 3);
  const SplitSamples parts = take(*samples, split);
  CHECK(parts.train.size() + parts.held_out.size() == 3702);
  Samples poisoned = *samples;
  for (const Index i : split.held_out) {
    poisoned.values.col(i).setConstant(std::numeric_limits<double>::quiet_NaN());
  }
  CHECK(take(poisoned, split).train.values == parts.train.values);
  const MinMax range = fit_coordinates(parts.train.sites.mni_mm);
  CHECK(range.low == parts.train.sites.mni_mm.minCoeff());
  CHECK(range.high == parts.train.sites.mni_mm.maxCoeff());
}

TEST_CASE("real samples: leaving one donor out gives the donors' published numbers of sites") {
  const auto samples = real_samples();
  if (!samples) return;
  const auto folds = fold_donors(samples->sites);
  std::vector<std::size_t> held_out;
  for (const Split& split : folds) held_out.push_back(split.held_out.size());
  // by name: 10021, 12876, 14380, 15496, 15697, 9861
  CHECK(held_out == std::vector<std::size_t>{893, 363, 529, 470, 501, 946});
}

TEST_CASE("real samples: block folds tile the sites and keep their distance") {
  const auto samples = real_samples();
  if (!samples) return;
  for (const double block_mm : {20.0, 40.0}) {
    const auto folds = fold_blocks(samples->sites, {.block_mm = block_mm, .buffer_mm = 5});
    std::vector<int> held(3702, 0);
    for (const Split& split : folds) {
      for (const Index j : split.held_out) ++held[static_cast<std::size_t>(j)];
      double nearest_mm = std::numeric_limits<double>::infinity();
      for (const Index i : split.train) {
        for (const Index j : split.held_out) {
          const auto& mni_mm = samples->sites.mni_mm;
          nearest_mm = std::min(nearest_mm, (mni_mm.col(i) - mni_mm.col(j)).norm());
        }
      }
      CHECK(nearest_mm >= 5.0);
      CHECK(std::abs(static_cast<double>(split.held_out.size()) - 3702 / 5.0) < 0.1 * 3702 / 5.0);
      MESSAGE(block_mm << " mm blocks: " << split.train.size() << " train, "
                       << split.held_out.size() << " held out, " << split.dropped.size()
                       << " in the buffer");
    }
    CHECK(std::all_of(held.begin(), held.end(), [](int n) { return n == 1; }));
  }
}
