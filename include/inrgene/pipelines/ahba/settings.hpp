// What a run of the microarray pipeline is told and what it counts on the way.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/progress.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/statistics/normalisers.hpp"

namespace inrgene {

/// Files of a run.
struct AhbaInputs {
  std::filesystem::path data = {};       ///< the folder `microarray`, or its parent
  std::vector<std::string> donors = {};  ///< numbers (9861) or UIDs (H0351.2001); empty: all there
  /// abagen's corrected_mni_coordinates; without it the coordinates of the Allen Institute.
  std::optional<std::filesystem::path> coordinates = {};
  /// abagen's reannotated; without it the Allen Institute's own annotation of the probes.
  std::optional<std::filesystem::path> reannotation = {};
};

/// Options of abagen's get_expression_data under its names, with its defaults.
struct AhbaSettings {
  double ibf_threshold = 0.5;  ///< share of samples above background, clipped to [0, 1]
  ProbeMethod probe_selection = ProbeMethod::diff_stability;
  DonorProbes donor_probes = DonorProbes::aggregate;
  std::optional<double> sim_threshold = {};  ///< standard deviations
  Mirroring lr_mirror = Mirroring::none;
  MissingRegions missing = MissingRegions::none;
  double tolerance = 2;  ///< volumes: mm; surfaces: standard deviations, below 0 mm
  std::optional<NormaliserVariant> sample_norm = ScaledRobustSigmoid{};  ///< over genes; or none
  std::optional<NormaliserVariant> gene_norm = ScaledRobustSigmoid{};    ///< over samples; or none
  bool norm_matched = true;      ///< normalise only samples that were matched to a region
  bool norm_structures = false;  ///< normalise genes within each structural class
  RegionAggregation region_agg = RegionAggregation::donors;
  AggregationMetric agg_metric = AggregationMetric::mean;
  bool return_donors = false;  ///< region tables donor by donor, no gene left out
  GridPlacement placement = GridPlacement::floor;
  /// Leave out samples that are alone in their class before genes are normalised, in place of
  /// losing every gene of the donor (abagen's quirk 21). Only with norm_structures.
  bool drop_lone_samples = false;
  std::vector<std::string> genes = {};  ///< genes of the result; empty: all

  /// Throws ArgumentError for a number out of its range and for options that exclude each other.
  void validate() const {
    require(ibf_threshold == ibf_threshold, "ibf_threshold", ibf_threshold, "a number");
    if (sim_threshold) {
      require(*sim_threshold > 0, "sim_threshold", *sim_threshold, "above 0 standard deviations");
    }
    require(tolerance == tolerance, "tolerance", tolerance, "a number");
    if (return_donors && region_agg == RegionAggregation::samples) {
      throw ArgumentError(
          "return_donors: found it with region_agg = samples, which pools all donors; expected "
          "region_agg = donors or none");
    }
    if (drop_lone_samples && !norm_structures) {
      throw ArgumentError(
          "drop_lone_samples: found it without norm_structures; expected both or neither");
    }
  }
};

/// Kind of the atlas a run was given.
enum class AtlasKind { volume, surface, native_volumes };

/// What a run counted: the figures of its methods paragraph and of run.json.
struct AhbaFigures {
  std::vector<int> donors = {};
  AtlasKind atlas = AtlasKind::volume;
  bool atlas_info = false;  ///< matching was held to hemisphere and structural class
  bool corrected_coordinates = false;
  bool reannotated = false;
  Index samples_measured = 0;  ///< in the files
  Index samples_kept = 0;      ///< after the mismatch and similarity filters, copies included
  Index samples_copied = 0;    ///< mirrored copies among those kept
  Index samples_matched = 0;   ///< with a region
  Index probes_measured = 0;   ///< in Probes.csv
  Index probes_annotated = 0;  ///< with a gene
  Index probes_kept = 0;       ///< after intensity-based filtering
  Index genes_selected = 0;    ///< with a probe
  Index genes_written = 0;
  Index regions = 0;                                         ///< labels of the atlas
  Index regions_unsampled = 0;                               ///< without a sample of any donor
  Index regions_filled = 0;                                  ///< given a value by `missing`
  std::vector<std::pair<std::string, double>> seconds = {};  ///< of each stage
};

}  // namespace inrgene
