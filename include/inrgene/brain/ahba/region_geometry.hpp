// What the pipeline asks of an atlas, be it a volume or a surface.
#pragma once

#include <concepts>
#include <span>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/region_info.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

/// The regions of an atlas as places: where samples belong, how far they are, and which of them
/// stand in for a region without samples. A region is named by its label (not by its position).
/// `VolumeRegions` and `SurfaceRegions` are two; all of it is const and may be called from several
/// threads.
///
/// - `labels()`: all labels, ascending, without 0.
/// - `match(samples)`: the label of each sample, 0 where it belongs to none.
/// - `distance_to_centroid(region, samples)`: millimetres from the region's centroid to each
///   sample's coordinate as it is (`mni_mm`), one a sample; no rule of class or side is applied.
/// - `has_info()`, `info(region)`: the atlas's table; ArgumentError from `info` when there is none.
/// - `fill_weights(region, samples)`: the weight of each of `samples` (those that are available) in
///   the interpolated row of a region without samples, not normalised; empty when the region
///   cannot be filled. The row is Σ weight · expression / Σ weight.
///
/// An argument `region` that is none of the labels is an ArgumentError.
template <class G>
concept RegionGeometry = requires(const G geometry, Index region, const DonorSamples& samples) {
  { geometry.labels() } -> std::same_as<std::span<const Index>>;
  { geometry.match(samples) } -> std::same_as<std::vector<Index>>;
  { geometry.distance_to_centroid(region, samples) } -> std::same_as<std::vector<double>>;
  { geometry.has_info() } -> std::same_as<bool>;
  { geometry.info(region) } -> std::same_as<const RegionInfo&>;
  { geometry.fill_weights(region, samples) } -> std::same_as<std::vector<double>>;
};

}  // namespace inrgene
