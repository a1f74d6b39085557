// Steps 8 to 12 of the microarray pipeline: from genes and samples to regions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/aggregate.hpp"
#include "inrgene/brain/ahba/missing.hpp"
#include "inrgene/brain/ahba/normalise.hpp"
#include "inrgene/brain/ahba/region_geometry.hpp"
#include "inrgene/brain/ahba/region_samples.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/pipelines/ahba/expression.hpp"
#include "inrgene/pipelines/ahba/region_report.hpp"
#include "inrgene/pipelines/ahba/settings.hpp"

namespace inrgene {

/// Expression by region.
struct AhbaResult {
  std::vector<Index> labels = {};               ///< all labels of the atlas, ascending
  std::vector<std::string> genes = {};          ///< by code point
  Eigen::MatrixXd values = {};                  ///< [genes x regions]; a region without data is NaN
  std::vector<int> donors = {};                 ///< ascending
  std::vector<std::vector<Index>> counts = {};  ///< [donor][region] samples, copies included
  std::vector<Eigen::MatrixXd> by_donor = {};   ///< [genes x regions] a donor, with return_donors
};

/// Receives each donor's samples as soon as they are normalised, in the order of donors; the genes
/// are all that were selected, by code point. The table goes when the call returns.
using NormalisedDonor =
    std::function<void(const RegionSamples& donor, const std::vector<std::string>& genes)>;

/// The regions that samples belong to (`RegionGeometry`), one label a sample, 0 for none.
template <RegionGeometry G>
[[nodiscard]] std::vector<Index> match_to_atlas(const DonorSamples& samples, const G& atlas) {
  return atlas.match(samples);
}

namespace detail {

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

/// Throws InputError unless the donors' atlases have the same regions.
inline void require_same_labels(std::span<const Index> first, std::span<const Index> other) {
  if (std::equal(first.begin(), first.end(), other.begin(), other.end())) return;
  std::vector<Index> differ;
  std::set_symmetric_difference(first.begin(), first.end(), other.begin(), other.end(),
                                std::back_inserter(differ));
  throw InputError(
      {"the donors' atlases", "labels",
       text(differ.size(), " labels that not all of them have (first ", differ.front(), ")"),
       "the same labels in all"});
}

/// Keeps the genes that the settings ask for; those that are not there are told to `warn`.
inline void keep_asked(AhbaResult& result, const AhbaSettings& settings, const AhbaHooks& hooks) {
  if (settings.genes.empty()) return;
  std::vector<Index> rows =
      find_genes(result.genes, settings.genes, "the processed expression", hooks.warn);
  std::sort(rows.begin(), rows.end());
  result.genes = select_elements(result.genes, rows);
  result.values = select_rows(result.values, rows);
  for (Eigen::MatrixXd& donor : result.by_donor) donor = select_rows(donor, rows);
}

}  // namespace detail

/// Brings genes by sample to genes by region: samples are matched to the atlas and normalised,
/// regions without samples filled, samples and donors averaged, incomplete genes left out (sections
/// 7 to 11). `atlas` holds one geometry for all donors or one a donor, in their order. `normalised`
/// is handed each donor's samples; with RegionAggregation::none that is all there is, and the
/// result has no values. The expression is used up donor by donor.
/// Throws InputError when no sample of any donor has a region, ArgumentError for settings out of
/// range. Source: as read_ahba. Memory: one donor's samples (all donors' with
/// MissingRegions::centroids or a pooled median) beside the expression not yet used.
template <RegionGeometry G>
[[nodiscard]] AhbaResult to_regions(AhbaExpression&& expression, std::span<const G> atlas,
                                    const AhbaSettings& settings, const AhbaHooks& hooks,
                                    AhbaFigures& figures, const NormalisedDonor& normalised = {}) {
  settings.validate();
  const std::size_t donors = expression.samples.size();
  require(atlas.size() == 1 || atlas.size() == donors, "atlases", atlas.size(),
          text("1, or one a donor: ", donors));
  const auto geometry = [&](std::size_t d) -> const G& { return atlas[atlas.size() == 1 ? 0 : d]; };
  for (const G& other : atlas) detail::require_same_labels(atlas[0].labels(), other.labels());
  AhbaResult out;
  out.genes = expression.selected.genes;
  out.labels.assign(geometry(0).labels().begin(), geometry(0).labels().end());
  figures.regions = std::ssize(out.labels);
  figures.atlas_info = geometry(0).has_info();

  detail::begin_stage(hooks, "match");
  std::vector<std::vector<Index>> label;
  std::vector<bool> sampled(out.labels.size(), false);
  for (std::size_t d = 0; d < donors; ++d) {
    out.donors.push_back(expression.samples[d].donor);
    label.push_back(match_to_atlas(expression.samples[d], geometry(d)));
    out.counts.push_back(count_samples(label.back(), out.labels));
    for (std::size_t r = 0; r < sampled.size(); ++r) {
      if (out.counts.back()[r] > 0) sampled[r] = true;
    }
    figures.samples_matched +=
        std::ssize(label.back()) - std::count(label.back().begin(), label.back().end(), Index{0});
  }
  figures.regions_unsampled = std::count(sampled.begin(), sampled.end(), false);
  if (atlas.size() == 1) detail::require_inside(atlas[0], expression.samples);
  if (figures.samples_matched == 0) {
    detail::refuse_unmatched(atlas, std::span<const DonorSamples>(expression.samples));
  }

  detail::begin_stage(hooks, "normalise");
  const bool to_pool = settings.region_agg == RegionAggregation::samples;
  const bool to_donors = settings.region_agg == RegionAggregation::donors;
  const bool from_centroids =
      settings.missing == MissingRegions::centroids && (to_pool || to_donors);
  SamplePool pool(out.labels, std::ssize(out.genes), settings.agg_metric);
  std::vector<Eigen::MatrixXd> by_donor;
  std::vector<RegionSamples> held;
  std::vector<CentroidCandidates> candidates;
  Index filled = 0;
  const auto take = [&](const RegionSamples& donor) {
    if (to_pool) pool.add(donor, hooks.threads);
    if (to_donors) {
      by_donor.push_back(aggregate_regions(donor, out.labels, settings.agg_metric, hooks.threads));
    }
  };
  for (std::size_t d = 0; d < donors; ++d) {
    const DonorSamples& samples = expression.samples[d];
    const bool matched =
        std::any_of(label[d].begin(), label[d].end(), [](Index id) { return id != 0; });
    // abagen hands such a donor's raw values on; here it has no part in the result.
    if (!matched) {
      if (hooks.warn) hooks.warn(text("donor ", samples.donor, ": no sample lies in a region"));
      for (Index s = 0; hooks.drop && s < samples.size(); ++s) {
        hooks.drop({samples.name(s), "sample", "no sample of its donor lies in a region"});
      }
      RegionSamples none;
      none.samples = samples.select({});
      none.values.resize(std::ssize(out.genes), 0);
      if (normalised) normalised(none, out.genes);
      if (from_centroids) {
        candidates.push_back(centroid_candidates(none, geometry(d)));
        held.push_back(std::move(none));
      } else {
        take(none);
      }
      continue;
    }
    RegionSamples donor = detail::normalised_samples(
        samples, label[d], std::move(expression.selected.values[d]), settings, hooks);
    if (normalised) normalised(donor, out.genes);
    if (!to_pool && !to_donors) continue;
    if (settings.missing == MissingRegions::interpolate) {
      filled = std::max(filled, interpolate_missing(donor, geometry(d), hooks.threads, hooks.drop));
    }
    if (from_centroids) {
      candidates.push_back(centroid_candidates(donor, geometry(d)));
      held.push_back(std::move(donor));
    } else {
      take(donor);
    }
  }
  if (from_centroids) {
    filled = std::ssize(fill_from_centroids(held, candidates, hooks.threads, hooks.drop));
    for (RegionSamples& donor : held) {
      take(donor);
      donor.values = Eigen::MatrixXd();
    }
  }
  figures.regions_filled = filled;
  figures.genes_written = std::ssize(out.genes);
  if (!to_pool && !to_donors) return out;

  detail::begin_stage(hooks, "aggregate");
  out.values = to_pool ? pool.result(hooks.threads)
                       : aggregate_donors(by_donor, settings.agg_metric, hooks.threads);
  const std::vector<Index> empty =
      report_empty_regions(out.values, out.labels, hooks.drop, detail::summed(out.counts));
  if (settings.return_donors) {
    out.by_donor = std::move(by_donor);
    for (std::size_t d = 0; d < donors; ++d) {
      detail::report_holes_of_donor(out.donors[d], out.by_donor[d], out.genes, out.labels, empty,
                                    hooks.drop);
    }
  } else {
    drop_incomplete_genes(out.values, out.genes, out.labels, hooks.drop);
  }
  detail::keep_asked(out, settings, hooks);
  figures.genes_written = std::ssize(out.genes);
  return out;
}

}  // namespace inrgene
