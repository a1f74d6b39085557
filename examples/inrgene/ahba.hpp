// What `inrgene ahba` was asked for, from words to types.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/brain/expression/tissue_class.hpp"
#include "inrgene/pipelines/ahba/settings.hpp"
#include "run.hpp"

namespace inrgene::program {

/// The options as they were typed; their defaults are abagen's.
struct AhbaOptions {
  std::string data, out, info, genes;
  std::vector<std::string> atlas, surfaces, t1, donors;
  std::string coordinates, reannotation;
  bool no_corrected_mni = false, no_reannotated = false;
  double ibf_threshold = 0.5, sim_threshold = 0, tolerance = 2;
  std::string probe_selection = "diff_stability", donor_probes = "aggregate";
  std::string lr_mirror = "none", missing = "none", exact;
  std::string sample_norm = "srs", gene_norm = "srs";
  bool norm_all = false, norm_structures = false, drop_lone_samples = false;
  std::string region_agg = "donors", agg_metric = "mean";
  bool return_donors = false, return_counts = false, strict_geometry = false;
  std::string compat = "abagen", tissue_sign = "paper";
  std::vector<std::string> dense;
  int dense_neighbors = 10;
  bool dense_structures = false;
};

/// The atlas as files: one volume, the two label files of a surface, or a volume a donor.
struct AtlasFiles {
  AtlasKind kind = AtlasKind::volume;
  std::vector<std::filesystem::path> files = {};     ///< one volume, or left and right
  std::vector<std::filesystem::path> surfaces = {};  ///< left and right, of label files
  std::vector<std::pair<int, std::filesystem::path>> native = {};  ///< by donor
  std::vector<std::pair<int, std::filesystem::path>> t1 = {};      ///< by donor
};

/// Sorts --atlas, --surfaces and --t1 out. Throws ArgumentError for a mixture of the three forms.
[[nodiscard]] AtlasFiles atlas_files(const AhbaOptions& o);

/// The files and settings that the options ask for. Throws ArgumentError for words that no
/// vocabulary has and for options that exclude each other, InputError for a list of genes that
/// cannot be read.
[[nodiscard]] std::pair<AhbaInputs, AhbaSettings> ahba_settings(const AhbaOptions& o,
                                                                const Run& run);

/// The work of the subcommand.
void run_ahba(const AhbaOptions& o, Run& run);

}  // namespace inrgene::program
