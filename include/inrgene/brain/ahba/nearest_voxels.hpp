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
#include <utility>
#include <vector>

#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/brain/interpolation/nearest_sites.hpp"
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

/// Sites on a grid of cubes. Squared distance and number of a site stand in
/// one unsigned Key, the distance in front, so that the least Key is the nearest site and, among
/// equally near ones, the first; the loops have no branch and fill vector registers.
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

  /// The nearest site of each voxel. Voxels that stand together in the image should stand together
  /// here: a few at a time, only those sites are looked at that can be nearest anywhere in the box
  /// around them.
  void find(std::span<const std::int32_t> voxels, std::span<NearestSite> out) const {
    constexpr std::size_t together = 128;
    Some some;
    for (std::size_t v = 0; v < voxels.size(); v += together) {
      const std::size_t count = std::min(together, voxels.size() - v);
      choose(voxels.subspan(v, count), some);
      find_among(voxels.subspan(v, count), some, out.subspan(v, count));
    }
  }

 private:
  /// A few of the sites, and space for what a row of voxels shares.
  struct Some {
    std::vector<Key> x, y, z, number, beside, nearest, farthest;
  };

  /// Picks the sites whose least squared distance to the box around the voxels is not above the
  /// smallest of the sites' largest.
  void choose(std::span<const std::int32_t> voxels, Some& some) const {
    std::array<Key, 3> low, high;
    for (std::size_t v = 0; v < voxels.size(); ++v) {
      const auto voxel = grid_.voxel(voxels[v]);
      for (std::size_t a = 0; a < 3; ++a) {
        const auto at = static_cast<Key>(voxel[a]);
        low[a] = v == 0 ? at : std::min(low[a], at);
        high[a] = v == 0 ? at : std::max(high[a], at);
      }
    }
    const std::size_t sites = x_.size();
    some.nearest.assign(sites, 0);
    some.farthest.assign(sites, 0);
    const auto add_axis = [&](const std::vector<Key>& place, Key lowest, Key highest) {
      for (std::size_t s = 0; s < sites; ++s) {
        const Key inside = std::min(std::max(place[s], lowest), highest);
        const Key near = place[s] - inside;  // may wrap; its square is right all the same
        const Key far =
            std::max(std::max(place[s], highest) - lowest, highest - std::min(place[s], lowest));
        some.nearest[s] += near * near;
        some.farthest[s] += far * far;
      }
    };
    add_axis(x_, low[0], high[0]);
    add_axis(y_, low[1], high[1]);
    add_axis(z_, low[2], high[2]);
    Key bound = ~Key{0};
    for (const Key far : some.farthest) bound = std::min(bound, far);
    some.x.clear(), some.y.clear(), some.z.clear(), some.number.clear();
    for (std::size_t s = 0; s < sites; ++s) {
      if (some.nearest[s] > bound) continue;
      some.x.push_back(x_[s]);
      some.y.push_back(y_[s]);
      some.z.push_back(z_[s]);
      some.number.push_back(static_cast<Key>(s));
    }
    some.beside.resize(some.x.size());
  }

  void find_among(std::span<const std::int32_t> voxels, Some& some,
                  std::span<NearestSite> out) const {
    const std::size_t sites = some.x.size();
    const Key mask = static_cast<Key>((Key{1} << site_bits_) - 1);
    Index row = -1;
    for (std::size_t v = 0; v < voxels.size(); ++v) {
      const auto voxel = grid_.voxel(voxels[v]);
      if (const Index row_of_voxel = voxels[v] / grid_.shape[0]; row_of_voxel != row) {
        row = row_of_voxel;
        const auto y = static_cast<Key>(voxel[1]), z = static_cast<Key>(voxel[2]);
        for (std::size_t s = 0; s < sites; ++s) {
          const Key dy = some.y[s] - y, dz = some.z[s] - z;
          some.beside[s] = static_cast<Key>((dy * dy + dz * dz) << site_bits_) | some.number[s];
        }
      }
      const auto x = static_cast<Key>(voxel[0]);
      Key least = ~Key{0};
      for (std::size_t s = 0; s < sites; ++s) {
        const Key dx = some.x[s] - x;
        least = std::min(least, static_cast<Key>(some.beside[s] + ((dx * dx) << site_bits_)));
      }
      out[v] = {static_cast<std::int32_t>(least & mask),
                edge_mm_ * std::sqrt(static_cast<double>(least >> site_bits_))};
    }
  }

  Grid grid_;
  double edge_mm_;
  int site_bits_;
  std::vector<Key> x_, y_, z_;
};

/// The nearest of `sites` (linear indices of distinct voxels, at least one) for each of `voxels`,
/// by the distance between centres in millimetres; of equally near ones the first.
/// Cost O(voxels · sites / 128 + voxels · sites near them) on a grid of cubes, O(voxels log sites)
/// else.
[[nodiscard]] inline std::vector<NearestSite> nearest_sites_of(const Grid& grid,
                                                               std::span<const std::int32_t> voxels,
                                                               std::span<const Index> sites) {
  std::vector<NearestSite> out(voxels.size());
  if (const auto edge = cube_edge_mm(grid)) {
    Index farthest = 1;
    for (const Index n : grid.shape) farthest += n * n;
    const auto site_bits = static_cast<int>(std::bit_width(sites.size()));
    const int needed =
        site_bits + static_cast<int>(std::bit_width(static_cast<std::uint64_t>(farthest)));
    if (needed <= 32) {
      SitesOnCubes<std::uint32_t>(grid, sites, *edge, site_bits).find(voxels, out);
      return out;
    }
    if (needed <= 64) {
      SitesOnCubes<std::uint64_t>(grid, sites, *edge, site_bits).find(voxels, out);
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
  for (std::size_t v = 0; v < voxels.size(); ++v) {
    const Neighbor neighbor = tree.find(centre(voxels[v]), 1).front();
    out[v] = {static_cast<std::int32_t>(neighbor.index), std::sqrt(neighbor.distance_sqr_mm)};
  }
  return out;
}

}  // namespace inrgene::detail
