// Steps 8 to 12 of the microarray pipeline: from genes and samples to regions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/aggregate.hpp"
#include "inrgene/brain/ahba/region_geometry.hpp"
#include "inrgene/brain/ahba/region_samples.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/pipelines/ahba/expression.hpp"
#include "inrgene/pipelines/ahba/normalised_samples.hpp"
#include "inrgene/pipelines/ahba/region_gatherer.hpp"
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

/// The label of each sample of each donor; counts go into `out` and `figures`. Throws InputError
/// when no sample of any donor has a region, or lies near the atlas.
template <RegionGeometry G>
[[nodiscard]] std::vector<std::vector<Index>> match_donors(const std::vector<DonorSamples>& donors,
                                                           std::span<const G> atlas,
                                                           AhbaResult& out, AhbaFigures& figures) {
  std::vector<std::vector<Index>> label;
  for (std::size_t d = 0; d < donors.size(); ++d) {
    out.donors.push_back(donors[d].donor);
    label.push_back(match_to_atlas(donors[d], atlas[atlas.size() == 1 ? 0 : d]));
    out.counts.push_back(count_samples(label.back(), out.labels));
    figures.samples_matched +=
        std::ssize(label.back()) - std::count(label.back().begin(), label.back().end(), Index{0});
  }
  const std::vector<Index> sampled = summed(out.counts);
  figures.regions_unsampled = std::count(sampled.begin(), sampled.end(), Index{0});
  // Matching alone does not notice: places beyond a volume's grid go to its border.
  if (atlas.size() == 1) require_inside(atlas[0], std::span<const DonorSamples>(donors));
  if (figures.samples_matched == 0) {
    refuse_unmatched(atlas, std::span<const DonorSamples>(donors));
  }
  return label;
}

/// A donor of whom no sample has a region: abagen hands its raw values on; here it has no part in
/// the result.
[[nodiscard]] inline RegionSamples left_out_donor(const DonorSamples& samples, Index genes,
                                                  const AhbaHooks& hooks) {
  if (hooks.warn) hooks.warn(text("donor ", samples.donor, ": no sample lies in a region"));
  for (Index s = 0; hooks.drop && s < samples.size(); ++s) {
    hooks.drop({samples.name(s), "sample", "no sample of its donor lies in a region"});
  }
  RegionSamples none;
  none.samples = samples.select({});
  none.values.resize(genes, 0);
  return none;
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
  for (const G& other : atlas) detail::require_same_labels(atlas[0], other);
  AhbaResult out;
  out.genes = expression.selected.genes;
  out.labels.assign(atlas[0].labels().begin(), atlas[0].labels().end());
  figures.regions = std::ssize(out.labels);
  figures.atlas_info = atlas[0].has_info();
  figures.genes_written = std::ssize(out.genes);

  detail::begin_stage(hooks, "match");
  const auto label = detail::match_donors(expression.samples, atlas, out, figures);

  detail::begin_stage(hooks, "normalise");
  const bool to_samples = settings.region_agg == RegionAggregation::none;
  detail::RegionGatherer gatherer(out.labels, std::ssize(out.genes), settings, hooks);
  for (std::size_t d = 0; d < donors; ++d) {
    const DonorSamples& samples = expression.samples[d];
    const auto unmatched = std::count(label[d].begin(), label[d].end(), Index{0});
    RegionSamples donor =
        unmatched == std::ssize(label[d])
            ? detail::left_out_donor(samples, std::ssize(out.genes), hooks)
            : detail::normalised_samples(samples, label[d],
                                         std::move(expression.selected.values[d]), settings, hooks);
    if (normalised) normalised(donor, out.genes);
    if (!to_samples) gatherer.add(std::move(donor), atlas[atlas.size() == 1 ? 0 : d]);
  }
  if (to_samples) return out;

  detail::begin_stage(hooks, "aggregate");
  out.values = gatherer.finish();
  figures.regions_filled = gatherer.filled();
  const std::vector<Index> empty =
      report_empty_regions(out.values, out.labels, hooks.drop, detail::summed(out.counts));
  if (settings.return_donors) {
    out.by_donor = gatherer.take_donors();
    for (std::size_t d = 0; d < donors; ++d) {
      detail::report_holes_of_donor(out.donors[d], out.by_donor[d], out.genes, out.labels, empty,
                                    hooks.drop);
    }
  } else {
    drop_incomplete_genes(out.values, out.genes, out.labels, hooks.drop);
  }
  if (hooks.warn && (empty.size() == out.labels.size() || out.genes.empty())) {
    hooks.warn(out.genes.empty() ? "no gene has a value in every region that has samples"
                                 : "no region has a value in any gene");
  }
  detail::keep_asked(out, settings, hooks);
  figures.genes_written = std::ssize(out.genes);
  return out;
}

}  // namespace inrgene
