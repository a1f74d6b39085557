// One run of the microarray pipeline on raw folders that a test describes.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/volume_regions.hpp"
#include "inrgene/pipelines/ahba/expression.hpp"
#include "inrgene/pipelines/ahba/regions.hpp"
#include "support/raw_atlas.hpp"
#include "support/raw_set.hpp"
#include "support/temp_dir.hpp"

namespace inrgene::test {

/// What a run is told beside its settings.
struct RawRun {
  RawWriting writing = {};
  std::vector<std::string> donors = {};
  bool corrected = true;
  bool reannotated = true;
  bool info = true;
  bool given_folder = false;  ///< --data is `microarray` itself
  Threads threads = {1};
};

/// All that a run hands out.
struct RawResult {
  struct Donor {
    RegionSamples table;
    std::vector<std::string> genes;
  };
  AhbaResult regions;
  AhbaFigures figures;
  std::vector<DonorSamples> samples;  ///< before matching
  ProbeList list;
  ProbeTable annotated;
  SelectedExpression selected;  ///< without values
  std::vector<Donor> donors;    ///< normalised samples
  std::vector<Dropped> dropped;
  std::vector<std::string> warnings;

  /// Items of a kind in the report.
  [[nodiscard]] std::multiset<std::string> reported(const std::string& kind) const {
    std::multiset<std::string> items;
    for (const Dropped& d : dropped) {
      if (d.kind == kind) items.insert(d.item);
    }
    return items;
  }
  /// The report without its order.
  [[nodiscard]] std::multiset<std::string> report() const {
    std::multiset<std::string> lines;
    for (const Dropped& d : dropped) lines.insert(d.kind + " " + d.item + ": " + d.reason);
    return lines;
  }
  /// The reason for which an item is in the report; empty when it is not.
  [[nodiscard]] std::string reason(const std::string& item) const {
    for (const Dropped& d : dropped) {
      if (d.item == item) return d.reason;
    }
    return {};
  }
};

/// The regions of the atlas that fits the raw folders.
inline VolumeRegions raw_regions(const std::filesystem::path& folder, const AhbaSettings& settings,
                                 bool with_info = true) {
  const RawAtlas files = write_raw_atlas(folder);
  Atlas atlas = read_atlas(files.volume);
  std::vector<Index> labels;
  for (const Region& region : atlas.regions) labels.push_back(region.id);
  auto info = with_info ? std::optional(read_region_info(files.info, labels)) : std::nullopt;
  return {std::move(atlas),
          std::move(info),
          {.tolerance = settings.tolerance, .placement = settings.placement}};
}

/// Runs the pipeline with one atlas for all, or one a donor with the T1 affines `t1`.
template <class G>
RawResult run_raw(const RawPaths& paths, const AhbaSettings& settings, const RawRun& how,
                  std::span<const G> atlas, const std::map<int, Affine>& t1 = {}) {
  RawResult out;
  AhbaInputs inputs{.data = how.given_folder ? paths.root / "microarray" : paths.root,
                    .donors = how.donors};
  if (how.corrected) inputs.coordinates = paths.coordinates;
  if (how.reannotated) inputs.reannotation = paths.reannotation;
  const AhbaHooks hooks{.threads = how.threads,
                        .warn = [&](std::string_view words) { out.warnings.emplace_back(words); },
                        .drop = [&](Dropped one) { out.dropped.push_back(std::move(one)); },
                        .stage = {}};
  AhbaExpression expression = read_ahba(inputs, settings, hooks, out.figures, t1);
  const AhbaFolder folder = open_ahba(inputs.data, inputs.donors);
  out.list = read_probes(folder.donors.front().probes);
  out.samples = expression.samples;
  out.annotated = expression.annotated;
  out.selected.genes = expression.selected.genes;
  out.selected.probe = expression.selected.probe;
  out.regions = to_regions(std::move(expression), atlas, settings, hooks, out.figures,
                           [&](const RegionSamples& donor, const std::vector<std::string>& genes) {
                             out.donors.push_back({donor, genes});
                           });
  return out;
}

inline RawResult run_raw(const RawSet& set, const AhbaSettings& settings, const RawRun& how = {}) {
  const TempDir dir;
  const RawPaths paths = write_raw_folder(dir / "raw", set, how.writing);
  const VolumeRegions regions = raw_regions(dir.path(), settings, how.info);
  return run_raw(paths, settings, how, std::span(&regions, 1));
}

/// Largest difference of two tables; infinite when their shapes or their holes differ.
inline double difference(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return INFINITY;
  double largest = 0;
  for (Index i = 0; i < a.size(); ++i) {
    if (std::isnan(a(i)) != std::isnan(b(i))) return INFINITY;
    if (!std::isnan(a(i))) largest = std::max(largest, std::abs(a(i) - b(i)));
  }
  return largest;
}

}  // namespace inrgene::test
