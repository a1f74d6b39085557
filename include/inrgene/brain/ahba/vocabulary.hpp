// The choices of the microarray pipeline, and the words for them.
#pragma once

#include <array>

#include "inrgene/core/words.hpp"

namespace inrgene {

/// Side of the brain by the ontology or an atlas's table; `both` is the brainstem's and that of
/// structures without a side.
enum class Hemisphere : signed char { left, right, both };

inline constexpr std::array hemisphere_words{
    Word<Hemisphere>{"L", Hemisphere::left},      Word<Hemisphere>{"R", Hemisphere::right},
    Word<Hemisphere>{"B", Hemisphere::both},      Word<Hemisphere>{"l", Hemisphere::left},
    Word<Hemisphere>{"lh", Hemisphere::left},     Word<Hemisphere>{"LH", Hemisphere::left},
    Word<Hemisphere>{"left", Hemisphere::left},   Word<Hemisphere>{"r", Hemisphere::right},
    Word<Hemisphere>{"rh", Hemisphere::right},    Word<Hemisphere>{"RH", Hemisphere::right},
    Word<Hemisphere>{"right", Hemisphere::right}, Word<Hemisphere>{"bilateral", Hemisphere::both}};

/// Broad kind of tissue of a structure. `none`: the ontology puts it into none of the five.
enum class StructureClass : signed char {
  none = -1,
  cortex,
  subcortex_brainstem,
  cerebellum,
  white_matter,
  other
};

inline constexpr std::array structure_class_words{
    Word<StructureClass>{"cortex", StructureClass::cortex},
    Word<StructureClass>{"subcortex/brainstem", StructureClass::subcortex_brainstem},
    Word<StructureClass>{"cerebellum", StructureClass::cerebellum},
    Word<StructureClass>{"white matter", StructureClass::white_matter},
    Word<StructureClass>{"other", StructureClass::other},
    Word<StructureClass>{"subcortex", StructureClass::subcortex_brainstem},
    Word<StructureClass>{"brainstem", StructureClass::subcortex_brainstem}};

/// How one probe, or a mean of probes, comes to stand for a gene.
enum class ProbeMethod {
  average,
  max_intensity,
  max_variance,
  pc_loading,
  corr_variance,
  corr_intensity,
  diff_stability,
  rnaseq
};

inline constexpr std::array probe_method_words{
    Word<ProbeMethod>{"average", ProbeMethod::average},
    Word<ProbeMethod>{"mean", ProbeMethod::average},
    Word<ProbeMethod>{"max_intensity", ProbeMethod::max_intensity},
    Word<ProbeMethod>{"max_variance", ProbeMethod::max_variance},
    Word<ProbeMethod>{"pc_loading", ProbeMethod::pc_loading},
    Word<ProbeMethod>{"corr_variance", ProbeMethod::corr_variance},
    Word<ProbeMethod>{"corr_intensity", ProbeMethod::corr_intensity},
    Word<ProbeMethod>{"diff_stability", ProbeMethod::diff_stability},
    Word<ProbeMethod>{"rnaseq", ProbeMethod::rnaseq}};

/// Whether donors choose probes together (`aggregate`), each for itself (`independent`), or each
/// for itself and then the most frequent choice (`common`).
enum class DonorProbes { aggregate, independent, common };

inline constexpr std::array donor_probes_words{
    Word<DonorProbes>{"aggregate", DonorProbes::aggregate},
    Word<DonorProbes>{"independent", DonorProbes::independent},
    Word<DonorProbes>{"common", DonorProbes::common}};

/// Which samples are copied into the other hemisphere.
enum class Mirroring { none, bidirectional, leftright, rightleft };

inline constexpr std::array mirroring_words{
    Word<Mirroring>{"none", Mirroring::none},
    Word<Mirroring>{"bidirectional", Mirroring::bidirectional},
    Word<Mirroring>{"leftright", Mirroring::leftright},
    Word<Mirroring>{"rightleft", Mirroring::rightleft}};

/// What happens to atlas regions without samples.
enum class MissingRegions { none, centroids, interpolate };

inline constexpr std::array missing_regions_words{
    Word<MissingRegions>{"none", MissingRegions::none},
    Word<MissingRegions>{"centroids", MissingRegions::centroids},
    Word<MissingRegions>{"interpolate", MissingRegions::interpolate}};

/// Over what regions are aggregated: samples within donors and then donors, all samples of all
/// donors at once, or not at all (one row a sample).
enum class RegionAggregation { donors, samples, none };

inline constexpr std::array region_aggregation_words{
    Word<RegionAggregation>{"donors", RegionAggregation::donors},
    Word<RegionAggregation>{"samples", RegionAggregation::samples},
    Word<RegionAggregation>{"none", RegionAggregation::none}};

/// How many values become one.
enum class AggregationMetric { mean, median };

inline constexpr std::array aggregation_metric_words{
    Word<AggregationMetric>{"mean", AggregationMetric::mean},
    Word<AggregationMetric>{"median", AggregationMetric::median}};

/// How a sample finds its place on a volume's grid.
enum class GridPlacement {
  floor,    ///< abagen's: the largest voxel centre strictly below, on every world axis
  nearest,  ///< the nearest voxel centre by the affine, any orientation and voxel size
  as_given  ///< the coordinate itself (a donor's own space)
};

}  // namespace inrgene
