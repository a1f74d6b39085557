// Options that take raw folders through every step, and raw folders that exercise them.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/raw_run.hpp"

namespace inrgene::test {

/// A set of options under its name.
struct Options {
  std::string name;
  AhbaSettings settings;
  RawRun how = {};
};

/// Options that go through every step in some way.
inline std::vector<Options> options_of_every_kind() {
  std::vector<Options> out;
  const auto add = [&](const char* name, const std::function<void(AhbaSettings&, RawRun&)>& set) {
    Options o{name, {}, {}};
    set(o.settings, o.how);
    out.push_back(o);
  };
  add("defaults", [](AhbaSettings&, RawRun&) {});
  add("filled and mirrored", [](AhbaSettings& s, RawRun&) {
    s.lr_mirror = Mirroring::bidirectional;
    s.missing = MissingRegions::interpolate;
    s.norm_structures = true;
    s.sim_threshold = 1;
    s.probe_selection = ProbeMethod::max_intensity;
    s.donor_probes = DonorProbes::independent;
  });
  add("centroids of all samples", [](AhbaSettings& s, RawRun&) {
    s.missing = MissingRegions::centroids;
    s.norm_matched = false;
    s.probe_selection = ProbeMethod::average;
    s.sample_norm = normaliser_from_text("norm", "zscore");
  });
  add("pooled medians, own annotation", [](AhbaSettings& s, RawRun& how) {
    s.region_agg = RegionAggregation::samples;
    s.agg_metric = AggregationMetric::median;
    s.probe_selection = ProbeMethod::corr_variance;
    s.donor_probes = DonorProbes::common;
    s.lr_mirror = Mirroring::rightleft;
    how.reannotated = how.corrected = false;
  });
  add("by class without lone samples", [](AhbaSettings& s, RawRun&) {
    s.norm_structures = s.drop_lone_samples = true;
    s.norm_matched = false;
    s.probe_selection = ProbeMethod::pc_loading;
  });
  add("by class with lone samples", [](AhbaSettings& s, RawRun&) { s.norm_structures = true; });
  add("RNA sequencing, no table of regions", [](AhbaSettings& s, RawRun& how) {
    s.probe_selection = ProbeMethod::rnaseq;
    s.sample_norm.reset();
    s.gene_norm = normaliser_from_text("norm", "minmax");
    how.info = false;
  });
  add("samples", [](AhbaSettings& s, RawRun&) {
    s.region_agg = RegionAggregation::none;
    s.lr_mirror = Mirroring::leftright;
    s.norm_structures = true;
    s.probe_selection = ProbeMethod::max_variance;
  });
  add("all samples", [](AhbaSettings& s, RawRun&) {
    s.region_agg = RegionAggregation::none;
    s.norm_matched = false;
    s.ibf_threshold = 0;
    s.probe_selection = ProbeMethod::corr_intensity;
  });
  add("donors apart", [](AhbaSettings& s, RawRun&) {
    s.return_donors = true;
    s.norm_structures = true;
  });
  return out;
}

/// Three donors; the last has left samples only and a single one below the cortex, and GGG's probe
/// is the same everywhere in the first.
inline RawSet uneven_set() {
  RawSet set = raw_set({9861, 10021, 12876});
  for (std::size_t p = 0; p < set.probes.size(); ++p) {
    if (set.probes[p].gene != "GGG") continue;
    for (RawSample& s : set.donors[0].samples) s.values[p] = 7.25;
  }
  bool is_first = true;
  std::erase_if(set.donors[2].samples, [&](const RawSample& s) {
    if (s.structure_id < 12009 || s.structure_id > 12012) return false;
    return !std::exchange(is_first, false);
  });
  return set;
}

}  // namespace inrgene::test
