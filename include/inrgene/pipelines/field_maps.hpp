// Maps of a field's genes: how they are asked for, and how numbers become volumes.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "inrgene/brain/atlas/atlas.hpp"
#include "inrgene/brain/atlas/samplers.hpp"
#include "inrgene/brain/datasets/scaling.hpp"
#include "inrgene/brain/expression/tissue.hpp"
#include "inrgene/math/volume.hpp"

namespace inrgene {

/// Where maps get a voxel's tissue class from, and how finely a voxel is sampled.
struct MapSettings {
  const TissueMasks* masks = nullptr;  ///< none: every voxel counts as grey matter
  SubVoxel sub_voxel{};                ///< points averaged in each voxel
};

/// A gene's map with its exact derivatives in space, the tissue class held fixed.
struct DerivativeMaps {
  Volume<float> value;      ///< Φ
  Volume<float> dx;         ///< ∂Φ/∂x, per millimetre
  Volume<float> dy;         ///< ∂Φ/∂y, per millimetre
  Volume<float> dz;         ///< ∂Φ/∂z, per millimetre
  Volume<float> laplacian;  ///< ∂²Φ/∂x² + ∂²Φ/∂y² + ∂²Φ/∂z², per square millimetre
};

namespace detail {

/// Where a gene's numbers stand in a block [genes × voxels · channels], column-major.
struct GenePlace {
  Index row, genes, voxels;
};

/// Such a block, and which of its genes is meant.
template <class T>
struct GeneNumbers {
  std::span<const T> numbers;
  GenePlace place;
};

/// One gene at some voxels, in the units of the data and in millimetres: channel 0 the value, then
/// ∂/∂x, ∂/∂y, ∂/∂z and the Laplacian. `range` is what [0, 1] of the numbers stands for, `per_mm`
/// the slope of the scaled coordinates.
template <class T>
class GeneValues {
 public:
  GeneValues(const GeneNumbers<T>& gene, const MinMax& range, double per_mm)
      : numbers_(gene.numbers), place_(gene.place), range_(range) {
    const double slope = (range.high - range.low) * per_mm;
    scale_ = {1, slope, slope, slope, slope * per_mm};
  }
  [[nodiscard]] double operator()(Index voxel, Index channel) const {
    const double u = static_cast<double>(numbers_[static_cast<std::size_t>(
        (channel * place_.voxels + voxel) * place_.genes + place_.row)]);
    return channel == 0 ? range_.from_unit(u) : u * scale_[static_cast<std::size_t>(channel)];
  }

 private:
  std::span<const T> numbers_;
  GenePlace place_;
  MinMax range_;
  std::array<double, 5> scale_{};
};

/// A volume on the atlas's grid with a channel at the voxels of a set, 0 elsewhere.
template <class T>
[[nodiscard]] Volume<float> filled_map(const Atlas& atlas, const VoxelSet& set,
                                       const GeneValues<T>& values, Index channel) {
  Volume<float> map = atlas.labels.template like<float>(0.0F);
  for (Index v = 0; v < set.size(); ++v) {
    map.values.data()[set.voxels[static_cast<std::size_t>(v)]] =
        static_cast<float>(values(v, channel));
  }
  return map;
}

}  // namespace detail

}  // namespace inrgene
