// Steps 2 to 7 of the microarray pipeline: from raw folders to one value a gene and sample.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/folder.hpp"
#include "inrgene/brain/ahba/intensity_filter.hpp"
#include "inrgene/brain/ahba/mirror.hpp"
#include "inrgene/brain/ahba/ontology.hpp"
#include "inrgene/brain/ahba/probe_selection.hpp"
#include "inrgene/brain/ahba/probes.hpp"
#include "inrgene/brain/ahba/rnaseq.hpp"
#include "inrgene/brain/ahba/samples.hpp"
#include "inrgene/brain/ahba/similarity.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/progress.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/core/words.hpp"
#include "inrgene/io/keyed_rows.hpp"
#include "inrgene/math/volume.hpp"
#include "inrgene/pipelines/ahba/settings.hpp"

namespace inrgene {

/// How a run of the pipeline reports. All of it is called from the thread that runs it.
struct AhbaHooks {
  Threads threads = {};
  WarningCallback warn = {};
  DropSink drop = {};                                ///< every probe, gene, sample, region left out
  std::function<void(std::string_view)> stage = {};  ///< told what begins
};

/// Expression by gene and sample before it is normalised: what steps 2 to 7 leave.
struct AhbaExpression {
  std::vector<DonorSamples> samples;  ///< kept ones, copies included; one entry a donor
  ProbeTable probes;                  ///< those that passed the intensity filter
  PresentCalls calls;                 ///< one a probe with a gene, before that filter
  ProbeTable annotated;               ///< the probes `calls` counts
  SelectedExpression selected;        ///< [genes x measured samples] a donor
};

namespace detail {

inline void begin_stage(const AhbaHooks& hooks, std::string_view name) {
  if (hooks.stage) hooks.stage(name);
}

/// The samples of one donor up to the mismatch filter (4.1 to 4.5).
[[nodiscard]] inline DonorSamples prepare_samples(const DonorFiles& files, const Ontology& ontology,
                                                  const CorrectedCoordinates* corrected,
                                                  const std::map<int, Affine>& t1,
                                                  const AhbaSettings& settings,
                                                  const DropSink& drop) {
  DonorSamples samples = read_samples_annotation(files, ontology);
  if (corrected != nullptr) correct_coordinates(samples, *corrected);
  if (!t1.empty()) {
    const auto own = t1.find(files.donor);
    if (own == t1.end()) {
      throw ArgumentError(
          text("T1 image: found none for donor ", files.donor, ", expected one for each donor"));
    }
    to_native_space(samples, own->second);
  }
  if (settings.lr_mirror != Mirroring::none)
    samples = mirror(samples, ontology, settings.lr_mirror);
  return drop_mismatched(samples, drop);
}

/// The donors' RNA sequencing, for the method `rnaseq`: those of `folder` that have it.
[[nodiscard]] inline std::vector<RnaSeq> read_rnaseq_of(const AhbaFolder& folder) {
  std::vector<RnaSeq> out;
  for (const DonorFiles& files : folder.donors) {
    if (files.donor != 9861 && files.donor != 10021) continue;
    const RnaseqFiles rna = require_rnaseq(files);
    out.push_back(read_rnaseq({.donor = files.donor, .tpm = rna.tpm, .samples = rna.samples}));
  }
  return out;
}

inline void require_samples(const std::vector<DonorSamples>& donors, const AhbaInputs& inputs) {
  Index kept = 0;
  for (const DonorSamples& donor : donors) kept += donor.size();
  if (kept > 0) return;
  throw InputError({inputs.data.string(), "samples",
                    "none whose side agrees with its coordinates and that is like the others",
                    "at least one"});
}

}  // namespace detail

/// Reads the raw folders and brings them to one value a gene and sample: probes are annotated,
/// samples placed, mirrored and filtered, probes filtered by intensity and one chosen a gene
/// (sections 2 to 6 of abagen's order of work). `t1` are the affines of the donors' T1 images when
/// the atlas is in their own space, else empty. Of the expression only rows of probes that pass the
/// intensity filter are parsed, each once (twice with a similarity threshold).
/// Throws InputError for files that do not hold what they should or do not fit together,
/// ArgumentError for settings out of range, unknown donors, and one donor with diff_stability.
/// Source: Markello et al., "Standardizing workflows in imaging transcriptomics with the abagen
/// toolbox", eLife 2021. Memory: 8 bytes × genes × measured samples.
[[nodiscard]] inline AhbaExpression read_ahba(const AhbaInputs& inputs,
                                              const AhbaSettings& settings, const AhbaHooks& hooks,
                                              AhbaFigures& figures,
                                              const std::map<int, Affine>& t1 = {}) {
  settings.validate();
  detail::begin_stage(hooks, "read tables");
  const AhbaFolder folder = open_ahba(inputs.data, inputs.donors);
  if (settings.probe_selection == ProbeMethod::diff_stability && folder.donors.size() == 1) {
    throw ArgumentError(text("probe selection: found diff_stability with the one donor ",
                             folder.donors.front().donor,
                             ", expected two donors or more, or another method"));
  }
  AhbaExpression out;
  const ProbeList list = read_probes(folder.donors.front().probes);
  for (const DonorFiles& files : std::span(folder.donors).subspan(1)) {
    require_same_probes(list, folder.donors.front().probes, files.probes);
  }
  out.annotated = inputs.reannotation ? reannotate(list, *inputs.reannotation, hooks.drop)
                                      : annotated_probes(list, hooks.drop);
  std::optional<CorrectedCoordinates> corrected;
  if (inputs.coordinates) corrected = CorrectedCoordinates::read(*inputs.coordinates);
  for (const DonorFiles& files : folder.donors) {
    figures.donors.push_back(files.donor);
    const Ontology ontology = read_ontology(files.ontology);
    out.samples.push_back(detail::prepare_samples(
        files, ontology, corrected ? &*corrected : nullptr, t1, settings, hooks.drop));
    figures.samples_measured += out.samples.back().measured;
  }
  const std::vector<RnaSeq> rnaseq = settings.probe_selection == ProbeMethod::rnaseq
                                         ? detail::read_rnaseq_of(folder)
                                         : std::vector<RnaSeq>();

  // A packed file keeps the rows it is asked for in memory, so that here waits for the filter; the
  // similarity of samples wants them all.
  const auto open_rows = [&](std::span<const Index> wanted) {
    std::vector<KeyedRows> rows;
    rows.reserve(folder.donors.size());
    for (std::size_t d = 0; d < folder.donors.size(); ++d) {
      rows.emplace_back(folder.donors[d].expression,
                        KeyedRowsSettings{.threads = hooks.threads, .wanted = wanted});
      require_same_probes(list, rows.back().keys(), rows.back().file());
      require_same_samples(out.samples[d], rows.back().columns(), rows.back().file());
    }
    return rows;
  };
  std::vector<KeyedRows> rows;
  if (settings.sim_threshold) {
    detail::begin_stage(hooks, "read expression");
    rows = open_rows(out.annotated.id);
    detail::begin_stage(hooks, "filter samples");
    for (std::size_t d = 0; d < rows.size(); ++d) {
      out.samples[d] = filter_by_similarity(out.samples[d], rows[d], out.annotated,
                                            *settings.sim_threshold, hooks.threads, hooks.drop);
    }
  }
  detail::require_samples(out.samples, inputs);
  detail::begin_stage(hooks, "filter probes");
  std::vector<DonorCalls> calls;
  for (std::size_t d = 0; d < folder.donors.size(); ++d) {
    calls.push_back({folder.donors[d].calls, &out.samples[d]});
  }
  out.calls = count_present(calls, out.annotated, hooks.threads);
  out.probes = filter_by_intensity(out.annotated, out.calls, settings.ibf_threshold, hooks.drop);
  if (out.probes.size() == 0) {
    throw ArgumentError(text("ibf_threshold: found ", settings.ibf_threshold,
                             ", which no probe reaches, expected a lower one"));
  }
  if (rows.empty()) {
    detail::begin_stage(hooks, "read expression");
    rows = open_rows(out.probes.id);
  }
  detail::begin_stage(hooks, "select probes");
  std::vector<DonorRows<KeyedRows>> sources;
  for (std::size_t d = 0; d < rows.size(); ++d) sources.push_back({&out.samples[d], &rows[d]});
  // Without a normalisation across genes the others have no part in the result.
  const bool only_asked = !settings.sample_norm.has_value();
  out.selected =
      select_probes<KeyedRows>(out.probes, sources,
                               {.method = settings.probe_selection,
                                .donors = settings.donor_probes,
                                .genes = only_asked ? settings.genes : std::vector<std::string>(),
                                .rnaseq = rnaseq,
                                .threads = hooks.threads},
                               hooks.drop);
  if (out.selected.genes.empty() && settings.genes.empty()) {
    throw InputError(
        {inputs.data.string(), "genes",
         text("none that ", to_word(settings.probe_selection, probe_method_words),
              " can choose a probe for among the ", out.probes.size(), " probes above background"),
         "at least one"});
  }
  for (const DonorSamples& donor : out.samples) {
    figures.samples_kept += donor.size();
    figures.samples_copied += std::count(donor.copied.begin(), donor.copied.end(), 1);
  }
  figures.corrected_coordinates = inputs.coordinates.has_value();
  figures.reannotated = inputs.reannotation.has_value();
  figures.probes_measured = std::ssize(list.id);
  figures.probes_annotated = out.annotated.size();
  figures.probes_kept = out.probes.size();
  figures.genes_selected = std::ssize(out.selected.genes);
  return out;
}

}  // namespace inrgene
