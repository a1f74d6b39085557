// One gene at every voxel of an atlas, from samples alone.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "inrgene/brain/ahba/dense_block.hpp"
#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/brain/atlas/atlas.hpp"
#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/core/words.hpp"
#include "inrgene/math/volume.hpp"

namespace inrgene {

/// Whether a voxel takes its value from any samples, or from those of its region's class only.
enum class StructureConstraint { none, same_class };

/// Settings of `dense_map`.
struct DenseMapSettings {
  Index neighbors = 10;
  StructureConstraint constraint = StructureConstraint::none;
  Threads threads = {};

  /// Throws ArgumentError for neighbors < 1.
  void validate() const { require(neighbors >= 1, "neighbors", neighbors, "at least 1"); }
};

/// The value at each labelled voxel of `atlas`: Σ vᵢ/dᵢ / Σ 1/dᵢ over the k nearest samples to the
/// voxel's centre, dᵢ in millimetres; where samples lie on it, their mean. Equal distances go to
/// the first samples. 0 outside the atlas. Samples whose value is NaN are left out.
/// With `StructureConstraint::same_class`, `region_structure` has the class of each of the atlas's
/// regions, and a voxel takes samples of its class only; regions of a class without samples are NaN
/// and reported.
/// The result has the same bytes for any number of threads. Memory beside the samples: the volume,
/// and 24 bytes for each block of 4 mm. Cost O(log samples) a block and a few dozen distances a
/// voxel.
/// Throws ArgumentError as the `check` and `validate` of the arguments, for no sample with a value,
/// and for `region_structure` of another size than the regions.
/// Source: abagen's get_interpolated_map (Markello et al., eLife 2021), with mirrored copies where
/// they belong; Shepard, "A two-dimensional interpolation function for irregularly-spaced data",
/// ACM 1968.
template <class T = float>
[[nodiscard]] Volume<T> dense_map(const DenseMapSamples& samples, const Atlas& atlas,
                                  std::span<const StructureClass> region_structure = {},
                                  const DenseMapSettings& settings = {},
                                  const DropSink& sink = {}) {
  samples.check();
  settings.validate();
  const bool by_class = settings.constraint == StructureConstraint::same_class;
  require(!by_class || region_structure.size() == atlas.regions.size(), "region_structure",
          region_structure.size(), text("one a region: ", atlas.regions.size()));
  // The sites that each region draws from, by position in `sites`.
  std::vector<detail::DenseSites> sites;
  std::vector<std::size_t> sites_of(atlas.regions.size(), 0);
  if (by_class) {
    for (std::size_t r = 0; r < sites_of.size(); ++r) {
      std::size_t same = 0;
      while (same < r && region_structure[same] != region_structure[r]) ++same;
      sites_of[r] = same < r ? sites_of[same] : sites.size();
      if (same == r) sites.push_back(detail::dense_sites(samples, region_structure[r]));
      if (sites[sites_of[r]].tree || !sink) continue;
      sink({text(atlas.regions[r].id), "region",
            text("no sample of its class, ", to_word(region_structure[r], structure_class_words))});
    }
  } else {
    sites.push_back(detail::dense_sites(samples, std::nullopt));
  }
  const bool any = std::any_of(sites.begin(), sites.end(),
                               [](const detail::DenseSites& s) { return s.tree.has_value(); });
  require(any, "samples with a value", 0, "at least 1");

  Volume<T> out = atlas.labels.like<T>(T{0});
  const Grid grid = atlas.grid();
  const std::array<Index, 3> edge = detail::dense_block_edge(grid);
  const std::vector<std::array<Index, 3>> blocks = detail::labelled_blocks(atlas, edge);
  const int workers = static_cast<int>(
      std::min<Index>(settings.threads.resolved(), std::max<Index>(std::ssize(blocks), 1)));
  run_workers(workers, [&](int worker) {
    std::vector<detail::DenseBlock> answers;
    answers.reserve(sites.size());
    for (const detail::DenseSites& s : sites) answers.emplace_back(s, samples, settings.neighbors);
    std::vector<std::vector<detail::DenseVoxel>> voxels(sites.size());
    const Index end = std::ssize(blocks) * (worker + 1) / workers;
    for (Index b = std::ssize(blocks) * worker / workers; b < end; ++b) {
      const auto& corner = blocks[static_cast<std::size_t>(b)];
      detail::collect_block(atlas, grid, corner, edge, sites_of, voxels);
      for (std::size_t s = 0; s < sites.size(); ++s) {
        if (voxels[s].empty()) continue;
        const bool can_answer = sites[s].tree.has_value();
        if (can_answer) answers[s].prepare(voxels[s]);
        for (const detail::DenseVoxel& voxel : voxels[s]) {
          out.values.data()[voxel.linear] = can_answer ? static_cast<T>(answers[s].at(voxel.mm))
                                                       : std::numeric_limits<T>::quiet_NaN();
        }
        voxels[s].clear();
      }
    }
  });
  return out;
}

}  // namespace inrgene
