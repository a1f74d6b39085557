// The parts of a dense map: the samples it is drawn from, and small blocks of voxels answered at
// once.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/brain/atlas/atlas.hpp"
#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/brain/interpolation/nearest_sites.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// What one gene was measured at: samples of all donors, mirrored copies at their mirrored places.
struct DenseMapSamples {
  Eigen::Matrix3Xd mni_mm = {};                ///< [3 x samples]
  std::vector<double> values = {};             ///< one a sample; NaN: not measured
  std::vector<StructureClass> structure = {};  ///< one a sample

  /// Adds the samples of a donor with their values of the gene. Throws ArgumentError when there is
  /// not one value a sample.
  void add(const DonorSamples& samples, std::span<const double> gene) {
    require(std::ssize(gene) == samples.size(), "values of the gene", gene.size(),
            text("one a sample: ", samples.size()));
    const Index before = mni_mm.cols();
    mni_mm.conservativeResize(Eigen::NoChange, before + samples.size());
    mni_mm.rightCols(samples.size()) = samples.mni_mm;
    values.insert(values.end(), gene.begin(), gene.end());
    structure.insert(structure.end(), samples.structure.begin(), samples.structure.end());
  }
  /// Throws ArgumentError for columns of different lengths and for a coordinate that is not finite.
  void check() const {
    require(std::ssize(values) == mni_mm.cols(), "values", values.size(),
            text("one a sample: ", mni_mm.cols()));
    require(std::ssize(structure) == mni_mm.cols(), "structure", structure.size(),
            text("one a sample: ", mni_mm.cols()));
    require(mni_mm.allFinite(), "mni_mm", "a coordinate that is not finite", "finite millimetres");
  }
};

namespace detail {

/// The measured samples of one class (or of all), searchable.
struct DenseSites {
  std::vector<Index> sample;
  std::optional<NearestSites> tree;  ///< none without samples
};

inline DenseSites dense_sites(const DenseMapSamples& samples,
                              std::optional<StructureClass> structure) {
  DenseSites out;
  for (std::size_t s = 0; s < samples.values.size(); ++s) {
    if (std::isnan(samples.values[s])) continue;
    if (!structure || samples.structure[s] == *structure) {
      out.sample.push_back(static_cast<Index>(s));
    }
  }
  if (!out.sample.empty()) out.tree.emplace(samples.mni_mm(Eigen::all, out.sample));
  return out;
}

/// A voxel and the place of its centre.
struct DenseVoxel {
  Index linear;
  std::array<double, 3> mm;
};

/// Answers the voxels of a small block at once. The k nearest samples of any point within h of the
/// block's centre lie within d + 2h of the centre, d being the centre's distance to its k-th
/// nearest: one search finds all that matter, and each point has few distances to look at.
class DenseBlock {
 public:
  DenseBlock(const DenseSites& sites, const DenseMapSamples& samples, Index neighbors)
      : sites_(&sites),
        samples_(&samples),
        neighbors_(std::min<Index>(neighbors, std::ssize(sites.sample))) {
    nearest_sqr_.resize(static_cast<std::size_t>(neighbors_));
    nearest_.resize(static_cast<std::size_t>(neighbors_));
  }

  /// Looks up the samples that matter to these voxels, at least one.
  void prepare(std::span<const DenseVoxel> voxels) {
    Eigen::Vector3d centre = Eigen::Vector3d::Zero();
    for (const DenseVoxel& voxel : voxels) {
      centre += Eigen::Vector3d(voxel.mm[0], voxel.mm[1], voxel.mm[2]);
    }
    centre /= static_cast<double>(voxels.size());
    double radius_sqr = 0;
    for (const DenseVoxel& voxel : voxels) {
      const Eigen::Vector3d mm(voxel.mm[0], voxel.mm[1], voxel.mm[2]);
      radius_sqr = std::max(radius_sqr, (mm - centre).squaredNorm());
    }
    const double radius_mm = std::sqrt(radius_sqr);
    const Index all = std::ssize(sites_->sample);
    std::vector<Neighbor> found;
    double reach_sqr = 0;
    for (Index wanted = std::min(all, std::max(guess_, neighbors_));;
         wanted = std::min(all, 2 * wanted)) {
      found = sites_->tree->find(centre, wanted);
      const auto last = static_cast<std::size_t>(neighbors_ - 1);
      const double reach = std::sqrt(found[last].distance_sqr_mm) + 2 * radius_mm;
      reach_sqr = reach * reach * (1 + 1e-12);  // rounding must not lose a sample
      if (wanted == all || found.back().distance_sqr_mm > reach_sqr) break;
    }
    std::erase_if(found, [&](const Neighbor& n) { return n.distance_sqr_mm > reach_sqr; });
    guess_ = std::ssize(found) + std::ssize(found) / 4 + 8;
    // By index, so that of equally distant samples the first is met first.
    std::sort(found.begin(), found.end(),
              [](const Neighbor& a, const Neighbor& b) { return a.index < b.index; });
    x_.clear();
    y_.clear();
    z_.clear();
    value_.clear();
    for (const Neighbor& neighbor : found) {
      const Index s = sites_->sample[static_cast<std::size_t>(neighbor.index)];
      x_.push_back(samples_->mni_mm(0, s));
      y_.push_back(samples_->mni_mm(1, s));
      z_.push_back(samples_->mni_mm(2, s));
      value_.push_back(samples_->values[static_cast<std::size_t>(s)]);
    }
    distance_sqr_.resize(value_.size());
  }

  /// The value at a point of the prepared block.
  [[nodiscard]] double at(const std::array<double, 3>& point_mm) {
    const std::size_t n = value_.size();
    for (std::size_t i = 0; i < n; ++i) {
      const double dx = x_[i] - point_mm[0], dy = y_[i] - point_mm[1], dz = z_[i] - point_mm[2];
      distance_sqr_[i] = dx * dx + dy * dy + dz * dz;
    }
    const std::size_t k = nearest_.size();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double distance_sqr = distance_sqr_[i];
      if (kept == k && !(distance_sqr < nearest_sqr_[k - 1])) continue;
      std::size_t place = kept < k ? kept++ : k - 1;
      for (; place > 0 && distance_sqr < nearest_sqr_[place - 1]; --place) {
        nearest_sqr_[place] = nearest_sqr_[place - 1];
        nearest_[place] = nearest_[place - 1];
      }
      nearest_sqr_[place] = distance_sqr;
      nearest_[place] = i;
    }
    double sum = 0, total = 0;
    for (std::size_t i = 0; i < k; ++i) {
      // A sample on the spot has an infinite weight: only such samples count then, equally.
      const bool is_hit = nearest_sqr_[0] == 0;
      if (is_hit && nearest_sqr_[i] > 0) break;
      const double weight = is_hit ? 1 : 1 / std::sqrt(nearest_sqr_[i]);
      sum += weight * value_[nearest_[i]];
      total += weight;
    }
    return sum / total;
  }

 private:
  const DenseSites* sites_;
  const DenseMapSamples* samples_;
  Index neighbors_;
  Index guess_ = 64;                                           // samples that matter to a block
  std::vector<double> x_, y_, z_, value_, distance_sqr_ = {};  // of the samples that matter
  std::vector<double> nearest_sqr_ = {};
  std::vector<std::size_t> nearest_ = {};
};

/// Corner voxels of the blocks, `edge` voxels wide, that hold a labelled voxel.
inline std::vector<std::array<Index, 3>> labelled_blocks(const Atlas& atlas,
                                                         const std::array<Index, 3>& edge) {
  const Grid grid = atlas.grid();
  const auto blocks_along = [&](std::size_t a) { return (grid.shape[a] + edge[a] - 1) / edge[a]; };
  const Index nx = blocks_along(0), ny = blocks_along(1), nz = blocks_along(2);
  std::vector<std::uint8_t> is_labelled(static_cast<std::size_t>(nx * ny * nz), 0);
  const std::int32_t* label = atlas.labels.values.data();
  Index voxel = 0;
  for (Index k = 0; k < grid.shape[2]; ++k) {
    for (Index j = 0; j < grid.shape[1]; ++j) {
      std::uint8_t* row = is_labelled.data() + nx * (j / edge[1] + ny * (k / edge[2]));
      for (Index i = 0; i < grid.shape[0]; ++i, ++voxel) {
        if (label[voxel] != 0) row[i / edge[0]] = 1;
      }
    }
  }
  std::vector<std::array<Index, 3>> out;
  for (Index b = 0; b < std::ssize(is_labelled); ++b) {
    if (is_labelled[static_cast<std::size_t>(b)] == 0) continue;
    out.push_back({b % nx * edge[0], b / nx % ny * edge[1], b / (nx * ny) * edge[2]});
  }
  return out;
}

/// Appends the labelled voxels of a block to the list of the sites that their region draws from.
inline void collect_block(const Atlas& atlas, const Grid& grid, const std::array<Index, 3>& corner,
                          const std::array<Index, 3>& edge, std::span<const std::size_t> sites_of,
                          std::vector<std::vector<DenseVoxel>>& voxels) {
  std::int32_t last_label = 0;
  std::size_t from = 0;
  for (Index k = corner[2]; k < std::min(corner[2] + edge[2], grid.shape[2]); ++k) {
    for (Index j = corner[1]; j < std::min(corner[1] + edge[1], grid.shape[1]); ++j) {
      for (Index i = corner[0]; i < std::min(corner[0] + edge[0], grid.shape[0]); ++i) {
        const Index linear = grid.linear({i, j, k});
        const std::int32_t label = atlas.labels.values.data()[linear];
        if (label == 0) continue;
        if (label != last_label) {
          const auto region = atlas.find(label);
          if (!region) require(false, "label", label, "one of the atlas's regions");
          from = sites_of[static_cast<std::size_t>(*region)];
          last_label = label;
        }
        voxels[from].push_back({linear, grid.mm({static_cast<double>(i), static_cast<double>(j),
                                                 static_cast<double>(k)})});
      }
    }
  }
}

/// Voxels along each axis of a block: about 4 mm.
inline std::array<Index, 3> dense_block_edge(const Grid& grid) {
  std::array<Index, 3> edge{};
  for (std::size_t a = 0; a < 3; ++a) {
    const double size_mm =
        std::hypot(grid.voxel_to_mm[0][a], grid.voxel_to_mm[1][a], grid.voxel_to_mm[2][a]);
    const double wide = std::round(4 / size_mm);
    edge[a] = wide >= 1 && wide <= 8 ? static_cast<Index>(wide) : (wide > 8 ? 8 : 1);
  }
  return edge;
}

}  // namespace detail

}  // namespace inrgene
