// For each voxel of a region the nearest of a few other voxels: the heart of interpolation.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/brain/interpolation/nearest_sites.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene::detail {

/// The nearest of some sites and how far it is.
struct NearestSite {
  std::int32_t site = 0;
  double distance_mm = 0;
};

/// Edge of the voxels when they are cubes: then squared distances are whole multiples of its
/// square, and equally distant sites are told exactly.
[[nodiscard]] inline std::optional<double> cube_edge_mm(const Grid& grid) {
  const Affine& m = grid.voxel_to_mm;
  const auto dot = [&](std::size_t a, std::size_t b) {
    return m[0][a] * m[0][b] + m[1][a] * m[1][b] + m[2][a] * m[2][b];
  };
  const double square = dot(0, 0);
  for (std::size_t a = 0; a < 3; ++a) {
    if (std::abs(dot(a, a) - square) > 1e-6 * square) return std::nullopt;
    if (std::abs(dot(a, (a + 1) % 3)) > 1e-6 * square) return std::nullopt;
  }
  return std::sqrt(square);
}

/// Sites on a grid of cubes, searched exhaustively. Squared distance and number of a site stand in
/// one unsigned Key, the distance in front, so that the least Key is the nearest site and, among
/// equally near ones, the first; the loop has no branch and fills vector registers. (With a few
/// hundred sites that is faster than a tree.)
template <class Key>
class SitesOnCubes {
 public:
  SitesOnCubes(const Grid& grid, std::span<const Index> sites, double edge_mm, int site_bits)
      : grid_(grid), edge_mm_(edge_mm), site_bits_(site_bits) {
    for (const Index site : sites) {
      const auto voxel = grid.voxel(site);
      x_.push_back(static_cast<Key>(voxel[0]));
      y_.push_back(static_cast<Key>(voxel[1]));
      z_.push_back(static_cast<Key>(voxel[2]));
    }
  }

  /// The nearest site of each voxel. Voxels of one row of the image should stand together.
  void find(std::span<const std::int32_t> voxels, std::span<NearestSite> out) const {
    const std::size_t sites = x_.size();
    const Key mask = static_cast<Key>((Key{1} << site_bits_) - 1);
    std::vector<Key> beside(sites);  // of the row: (dy² + dz²) and the number
    Index row = -1;
    for (std::size_t v = 0; v < voxels.size(); ++v) {
      const auto voxel = grid_.voxel(voxels[v]);
      if (const Index row_of_voxel = voxels[v] / grid_.shape[0]; row_of_voxel != row) {
        row = row_of_voxel;
        const auto y = static_cast<Key>(voxel[1]), z = static_cast<Key>(voxel[2]);
        for (std::size_t s = 0; s < sites; ++s) {
          // Differences below zero wrap; their squares are right all the same.
          const Key dy = y_[s] - y, dz = z_[s] - z;
          beside[s] = static_cast<Key>((dy * dy + dz * dz) << site_bits_) | static_cast<Key>(s);
        }
      }
      const auto x = static_cast<Key>(voxel[0]);
      Key least = ~Key{0};
      for (std::size_t s = 0; s < sites; ++s) {
        const Key dx = x_[s] - x;
        least = std::min(least, static_cast<Key>(beside[s] + ((dx * dx) << site_bits_)));
      }
      out[v] = {static_cast<std::int32_t>(least & mask),
                edge_mm_ * std::sqrt(static_cast<double>(least >> site_bits_))};
    }
  }

 private:
  Grid grid_;
  double edge_mm_;
  int site_bits_;
  std::vector<Key> x_, y_, z_;
};

/// The nearest of `sites` (linear indices of distinct voxels, at least one) for each of `voxels`,
/// by the distance between centres in millimetres; of equally near ones the first.
/// Cost O(voxels · sites) on a grid of cubes, O(voxels log sites) else.
[[nodiscard]] inline std::vector<NearestSite> nearest_sites_of(const Grid& grid,
                                                               std::span<const std::int32_t> voxels,
                                                               std::span<const Index> sites,
                                                               Threads threads) {
  std::vector<NearestSite> out(voxels.size());
  constexpr Index block = 4096;
  const auto in_blocks = [&](const auto& find) {
    const Index count = std::ssize(voxels);
    parallel_for(threads, (count + block - 1) / block, [&](Index b) {
      const auto begin = static_cast<std::size_t>(b * block);
      const auto size = static_cast<std::size_t>(std::min(block, count - b * block));
      find(voxels.subspan(begin, size), std::span(out).subspan(begin, size));
    });
  };
  if (const auto edge = cube_edge_mm(grid)) {
    Index farthest = 1;
    for (const Index n : grid.shape) farthest += n * n;
    const auto site_bits = static_cast<int>(std::bit_width(sites.size()));
    const int needed =
        site_bits + static_cast<int>(std::bit_width(static_cast<std::uint64_t>(farthest)));
    if (needed <= 32) {
      const SitesOnCubes<std::uint32_t> cubes(grid, sites, *edge, site_bits);
      in_blocks([&](auto some, auto nearest) { cubes.find(some, nearest); });
      return out;
    }
    if (needed <= 64) {
      const SitesOnCubes<std::uint64_t> cubes(grid, sites, *edge, site_bits);
      in_blocks([&](auto some, auto nearest) { cubes.find(some, nearest); });
      return out;
    }
  }
  const auto centre = [&](Index linear) {
    const auto mm = grid.centre_mm(linear);
    return Eigen::Vector3d(mm[0], mm[1], mm[2]);
  };
  Eigen::Matrix3Xd places(3, std::ssize(sites));
  for (Index s = 0; s < places.cols(); ++s) {
    places.col(s) = centre(sites[static_cast<std::size_t>(s)]);
  }
  const NearestSites tree(std::move(places));
  in_blocks([&](auto some, auto nearest) {
    for (std::size_t v = 0; v < some.size(); ++v) {
      const Neighbor neighbor = tree.find(centre(some[v]), 1).front();
      nearest[v] = {static_cast<std::int32_t>(neighbor.index), std::sqrt(neighbor.distance_sqr_mm)};
    }
  });
  return out;
}

}  // namespace inrgene::detail
