// The samples of one donor, matched and normalised (step 8 of the microarray pipeline).
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/normalise.hpp"
#include "inrgene/brain/ahba/region_samples.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/pipelines/ahba/expression.hpp"
#include "inrgene/pipelines/ahba/region_report.hpp"
#include "inrgene/pipelines/ahba/settings.hpp"

namespace inrgene::detail {

/// Samples that are alone in their class: no normaliser can place them.
[[nodiscard]] inline std::vector<Index> samples_with_company(const DonorSamples& samples,
                                                             const DropSink& drop) {
  const auto members = members_of_classes(samples);
  std::vector<Index> kept;
  for (Index s = 0; s < samples.size(); ++s) {
    const StructureClass structure = samples.structure[static_cast<std::size_t>(s)];
    if (structure == StructureClass::none || members.at(structure) == 1) {
      if (drop) drop({samples.name(s), "sample", lone_reason(structure)});
      continue;
    }
    kept.push_back(s);
  }
  return kept;
}

/// The columns of the expression that some sample looks at, ascending, and where each sample's is
/// among them.
struct Columns {
  std::vector<Index> column;
  std::vector<Index> position;
};

[[nodiscard]] inline Columns used_columns(const DonorSamples& samples) {
  Columns out;
  out.column = samples.column;
  std::sort(out.column.begin(), out.column.end());
  out.column.erase(std::unique(out.column.begin(), out.column.end()), out.column.end());
  for (const Index column : samples.column) {
    out.position.push_back(std::lower_bound(out.column.begin(), out.column.end(), column) -
                           out.column.begin());
  }
  return out;
}

/// Matched, selected and normalised samples of one donor (8 a to d).
[[nodiscard]] inline RegionSamples normalised_samples(const DonorSamples& all,
                                                      const std::vector<Index>& label,
                                                      Eigen::MatrixXd by_column,
                                                      const AhbaSettings& settings,
                                                      const AhbaHooks& hooks) {
  const bool by_sample = settings.region_agg == RegionAggregation::none;
  const char* const no_region = "in no region of the atlas, nor near enough to one";
  std::vector<Index> kept;
  for (Index s = 0; s < all.size(); ++s) {
    const bool matched = label[static_cast<std::size_t>(s)] != 0;
    if (matched || !settings.norm_matched) kept.push_back(s);
    if (!matched && settings.norm_matched && hooks.drop) {
      hooks.drop({all.name(s), "sample", no_region});
    }
  }
  RegionSamples out;
  out.samples = all.select(kept);
  out.label = select_elements(label, kept);
  if (settings.drop_lone_samples) {
    const std::vector<Index> several = samples_with_company(out.samples, hooks.drop);
    out.samples = out.samples.select(several);
    out.label = select_elements(out.label, several);
  }
  for (Index s = 0; !by_sample && hooks.drop && s < out.samples.size(); ++s) {
    if (out.label_of(s) != 0) continue;
    hooks.drop({out.samples.name(s), "sample",
                text(no_region, "; it took part in the normalisation only")});
  }
  // A mirrored copy has its source's genes: normalised before it is copied, once.
  const Columns used = used_columns(out.samples);
  by_column = by_column(Eigen::all, used.column).eval();
  if (settings.sample_norm) normalise_samples(by_column, *settings.sample_norm, hooks.threads);
  out.values.resize(by_column.rows(), out.samples.size());
  parallel_for(hooks.threads, out.samples.size(), [&](Index s) {
    out.values.col(s) = by_column.col(used.position[static_cast<std::size_t>(s)]);
  });
  if (settings.gene_norm) {
    const std::span<const StructureClass> groups =
        settings.norm_structures ? std::span<const StructureClass>(out.samples.structure)
                                 : std::span<const StructureClass>();
    normalise_genes(out.values, groups, *settings.gene_norm, hooks.threads);
  }
  if (!by_sample) report_valueless_samples(out, settings.norm_structures, hooks.drop);
  return out;
}

}  // namespace inrgene::detail
