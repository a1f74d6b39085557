// Where a model is asked: every labelled voxel, one region, points inside voxels, random points.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "inrgene/brain/atlas/atlas.hpp"
#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/core/annotations.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/math/volume.hpp"

namespace inrgene {

/// Points asked for in each voxel.
struct SubVoxel {
  Index points = 1;        ///< 1: the centre
  std::uint64_t seed = 0;  ///< of the shift of each voxel's points
};

/// Points inside a voxel. They spread evenly: the R3 sequence (multiples of the powers of 1/g,
/// g⁴ = g + 1, modulo 1; Roberts 2018) shifted at random for each voxel, so that a mean over them
/// estimates the mean over the voxel without bias. Plain numbers, which a device can compute with.
struct VoxelPoints {
  Grid grid;
  SubVoxel how;

  /// The shift of the voxel with this linear index; half a voxel, its centre, where there is one
  /// point.
  INRGENE_HD [[nodiscard]] std::array<double, 3> shift(Index linear) const {
    if (how.points == 1) return {0.5, 0.5, 0.5};
    Random random(how.seed, static_cast<std::uint64_t>(linear));
    std::array<double, 3> drawn{};
    for (double& s : drawn) s = random.uniform();
    return drawn;
  }
  /// Point p of [0, how.points), millimetres.
  INRGENE_HD [[nodiscard]] std::array<double, 3> mm(Index linear, Index p,
                                                    const std::array<double, 3>& shift) const {
    constexpr double g = 1.2207440846057596;
    constexpr double step[3]{1 / g, 1 / (g * g), 1 / (g * g * g)};
    const auto voxel = grid.voxel(linear);
    std::array<double, 3> point{};
    for (std::size_t a = 0; a < 3; ++a) {
      const double along = shift[a] + static_cast<double>(p) * step[a];
      point[a] = static_cast<double>(voxel[a]) + (along - std::floor(along)) - 0.5;
    }
    return grid.mm(point);
  }
};

/// Some voxels of a grid, by ascending linear index. Coordinates are made on demand in blocks, so
/// that a whole atlas (819,621 voxels) never stands in memory as points.
struct VoxelSet {
  Grid grid;
  std::vector<Index> voxels;

  [[nodiscard]] Index size() const { return std::ssize(voxels); }

  /// Centres of voxels [begin, begin + count) as [3 x count], millimetres.
  /// Throws ArgumentError for a block that leaves the set. Cost O(count).
  [[nodiscard]] Eigen::Matrix3Xd mni_mm(Index begin, Index count) const {
    return mni_mm(begin, count, SubVoxel{});
  }

  /// `how.points` points inside each of the voxels [begin, begin + count) as
  /// [3 x (count · points)], millimetres, as VoxelPoints places them; those of one voxel stand
  /// together, for the caller to average. They depend on the voxel and seed, not on the block.
  [[nodiscard]] Eigen::Matrix3Xd mni_mm(Index begin, Index count, const SubVoxel& how) const {
    require(begin >= 0 && count >= 0 && begin + count <= size(), "block of voxels",
            text("[", begin, ", ", begin + count, ")"), text("inside [0, ", size(), ")"));
    require(how.points >= 1, "points", how.points, "at least 1");
    const VoxelPoints points{grid, how};
    Eigen::Matrix3Xd out(3, count * how.points);
    for (Index i = 0; i < count; ++i) {
      const Index linear = voxels[static_cast<std::size_t>(begin + i)];
      const auto shift = points.shift(linear);
      for (Index p = 0; p < how.points; ++p) {
        const auto mm = points.mm(linear, p, shift);
        out.col(i * how.points + p) << mm[0], mm[1], mm[2];
      }
    }
    return out;
  }
};

/// The voxels for whose value `keep` returns true. Cost: one pass over the volume.
template <class T, class Keep>
[[nodiscard]] VoxelSet voxels_where(const Volume<T>& volume, Keep&& keep) {
  VoxelSet set{grid_of(volume), {}};
  const T* value = volume.values.data();
  for (Index v = 0; v < volume.size(); ++v) {
    if (keep(value[v])) set.voxels.push_back(v);
  }
  return set;
}

/// Every voxel of the atlas with a label.
[[nodiscard]] inline VoxelSet labelled_voxels(const Atlas& atlas) {
  return voxels_where(atlas.labels, [](std::int32_t label) { return label != 0; });
}

/// The voxels of one region. Throws ArgumentError for an id the atlas does not have.
[[nodiscard]] inline VoxelSet region_voxels(const Atlas& atlas, Index id) {
  require(atlas.find(id).has_value(), "region id", id, text("a label of ", atlas.file));
  return voxels_where(atlas.labels, [id](std::int32_t label) { return label == id; });
}

/// What `random_points` draws.
struct RandomPoints {
  Index count = 0;
  std::uint64_t seed = 0;
  std::uint64_t stream = 0;  ///< e.g. the number of a training step
};

/// Points with the voxel each lies in.
struct PointsInVoxels {
  Eigen::Matrix3Xd mni_mm;
  std::vector<Index> voxel;  ///< linear index
};

/// `how.count` points spread uniformly over the volume of the set's voxels, with repetition; the
/// same (seed, stream) gives the same points. Throws ArgumentError for a negative count and an
/// empty set. Cost O(count).
[[nodiscard]] inline PointsInVoxels random_points(const VoxelSet& set, const RandomPoints& how) {
  require(how.count >= 0, "count", how.count, "0 or more");
  require(set.size() > 0, "voxels in the mask", set.size(), "at least 1");
  PointsInVoxels out{Eigen::Matrix3Xd(3, how.count), {}};
  out.voxel.reserve(static_cast<std::size_t>(how.count));
  Random random(how.seed, how.stream);
  for (Index i = 0; i < how.count; ++i) {
    const Index linear = set.voxels[static_cast<std::size_t>(random.below(set.size()))];
    const auto voxel = set.grid.voxel(linear);
    std::array<double, 3> point{};
    for (std::size_t a = 0; a < 3; ++a) {
      point[a] = static_cast<double>(voxel[a]) + random.uniform() - 0.5;
    }
    const auto mm = set.grid.mm(point);
    out.mni_mm.col(i) << mm[0], mm[1], mm[2];
    out.voxel.push_back(linear);
  }
  return out;
}

}  // namespace inrgene
