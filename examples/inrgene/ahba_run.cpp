// The work of `inrgene ahba`: reads the atlas, runs the pipeline, writes what it found.
#include <algorithm>
#include <cstddef>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "ahba.hpp"
#include "ahba_tables.hpp"
#include "inrgene/brain/ahba/donors.hpp"
#include "inrgene/brain/ahba/region_info.hpp"
#include "inrgene/brain/ahba/surface_atlas.hpp"
#include "inrgene/brain/ahba/surface_regions.hpp"
#include "inrgene/brain/ahba/volume_regions.hpp"
#include "inrgene/brain/atlas/atlas.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/io/atomic_file.hpp"
#include "inrgene/io/nifti.hpp"
#include "inrgene/pipelines/ahba/methods_text.hpp"
#include "predict_inputs.hpp"

namespace inrgene::program {

namespace {

/// The atlas as the pipeline takes it, and what dense maps need of it.
template <class G>
struct LoadedAtlas {
  std::vector<G> regions;         ///< one, or one a donor
  std::optional<Atlas> volume;    ///< of the one volume, for dense maps
  std::map<int, Affine> t1 = {};  ///< by donor, for volumes in the donors' own space
};

std::vector<Index> labels_of(const Atlas& atlas) {
  std::vector<Index> labels;
  for (const Region& region : atlas.regions) labels.push_back(region.id);
  return labels;
}

std::optional<std::vector<RegionInfo>> info_of(const AhbaOptions& o,
                                               std::span<const Index> labels) {
  if (o.info.empty()) return std::nullopt;
  return read_region_info(o.info, labels);
}

LoadedAtlas<VolumeRegions> load_volumes(const AhbaOptions& o, const AtlasFiles& files,
                                        MatchSettings match) {
  LoadedAtlas<VolumeRegions> out;
  const auto add = [&](const std::filesystem::path& file) {
    Atlas atlas = read_atlas(file);
    if (!o.dense.empty()) out.volume = atlas;
    auto info = info_of(o, labels_of(atlas));
    out.regions.emplace_back(std::move(atlas), std::move(info), match);
  };
  if (files.kind == AtlasKind::volume) {
    add(files.files.front());
    return out;
  }
  match.placement = GridPlacement::as_given;
  for (const auto& [donor, file] : files.native) add(file);
  for (const auto& [donor, file] : files.t1) {
    out.t1[donor] = read_nifti_header(file).voxel_to_mm;
  }
  return out;
}

LoadedAtlas<SurfaceRegions> load_surface(const AhbaOptions& o, const AtlasFiles& files,
                                         const MatchSettings& match) {
  const SurfaceAtlas atlas = read_surface_atlas({.left_labels = files.files[0],
                                                 .right_labels = files.files[1],
                                                 .left_surface = files.surfaces[0],
                                                 .right_surface = files.surfaces[1]});
  std::vector<Index> labels;
  for (const RegionInfo& region : atlas.info) labels.push_back(region.id);
  LoadedAtlas<SurfaceRegions> out;
  out.regions.emplace_back(atlas, match, info_of(o, labels));
  return out;
}

void write_dense_maps(const AhbaOptions& o, const Atlas& atlas, const DenseGenes& genes,
                      const AhbaHooks& hooks, const std::filesystem::path& folder) {
  require_file_names(genes.genes(), "the processed expression");
  std::vector<StructureClass> structure;
  if (o.dense_structures) {
    for (const RegionInfo& region : read_region_info(o.info, labels_of(atlas))) {
      structure.push_back(region.structure);
    }
  }
  const DenseMapSettings how{.neighbors = o.dense_neighbors,
                             .constraint = o.dense_structures ? StructureConstraint::same_class
                                                              : StructureConstraint::none,
                             .threads = hooks.threads};
  for (std::size_t k = 0; k < genes.genes().size(); ++k) {
    write_nifti(
        dense_map(genes.samples(k), atlas, structure, how, k == 0 ? hooks.drop : DropSink()),
        folder / ("dense_" + genes.genes()[k] + ".nii.gz"));
  }
}

Json figures_json(const AhbaFigures& f) {
  return {{"donors", f.donors},
          {"samples_measured", f.samples_measured},
          {"samples_kept", f.samples_kept},
          {"samples_mirrored", f.samples_copied},
          {"samples_in_regions", f.samples_matched},
          {"probes_measured", f.probes_measured},
          {"probes_annotated", f.probes_annotated},
          {"probes_above_background", f.probes_kept},
          {"genes_selected", f.genes_selected},
          {"genes_written", f.genes_written},
          {"regions", f.regions},
          {"regions_without_samples", f.regions_unsampled},
          {"regions_filled", f.regions_filled}};
}

void print(const AhbaFigures& f) {
  std::cout << "donors " << f.donors.size() << "\nsamples " << f.samples_kept
            << "\nsamples_in_regions " << f.samples_matched << "\nprobes " << f.probes_kept
            << "\ngenes " << f.genes_written << "\nregions " << f.regions
            << "\nregions_without_samples " << f.regions_unsampled << '\n';
}

/// A folder for the output, with those above it. When the work fails, those of them that were not
/// there before go again, unless something is in them.
class NewFolder {
 public:
  explicit NewFolder(const std::filesystem::path& folder) {
    std::error_code ignored;
    for (std::filesystem::path above = folder.lexically_normal();
         !above.empty() && !std::filesystem::exists(above, ignored); above = above.parent_path()) {
      made_.push_back(above);
    }
    make_folder(folder);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  ~NewFolder() {
    std::error_code ignored;
    for (const std::filesystem::path& folder : made_) std::filesystem::remove(folder, ignored);
  }
  void keep() { made_.clear(); }

 private:
  std::vector<std::filesystem::path> made_;  // innermost first
};

template <class G>
void process(const AhbaOptions& o, const AhbaInputs& inputs, const AhbaSettings& settings,
             const LoadedAtlas<G>& atlas, AtlasKind kind, Run& run) {
  const std::filesystem::path folder = o.out;
  NewFolder made(folder);
  const WrittenFiles before = written_files(folder);
  require_writable(folder / "run.json");
  std::vector<Dropped> dropped;
  const AhbaHooks hooks{.threads = run.threads(),
                        .warn = run.warnings(),
                        .drop = [&](Dropped one) { dropped.push_back(std::move(one)); },
                        .stage = [&](std::string_view name) { run.stage(std::string(name)); }};
  AhbaFigures figures;
  figures.atlas = kind;
  AhbaSettings reading = settings;
  if (!reading.genes.empty()) {
    reading.genes.insert(reading.genes.end(), o.dense.begin(), o.dense.end());
  }
  AhbaExpression expression = read_ahba(inputs, reading, hooks, figures, atlas.t1);
  SampleTables tables(folder, settings.genes, tissue_sign_from_text(o.tissue_sign));
  DenseGenes dense(o.dense);
  const bool to_samples = settings.region_agg == RegionAggregation::none;
  const AhbaResult result =
      to_regions(std::move(expression), std::span<const G>(atlas.regions), settings, hooks, figures,
                 [&](const RegionSamples& donor, const std::vector<std::string>& genes) {
                   if (to_samples) tables.add(donor, genes, hooks);
                   if (!o.dense.empty()) dense.add(donor, genes, hooks.warn);
                 });
  if (to_samples && tables.empty()) {
    throw InputError(
        {inputs.data.string(), "samples", "none left of any donor",
         "at least one; a run with --region-agg donors reports why each was left out"});
  }
  if (!o.dense.empty()) {
    run.stage("dense maps");
    write_dense_maps(o, *atlas.volume, dense, hooks, folder);
  }
  run.stage("write");
  if (to_samples) {
    tables.commit();
    figures.genes_written = tables.genes_written();
  } else {
    write_region_tables(result, settings.return_donors, folder);
  }
  write_drop_report(dropped, folder / "report.csv");
  write_file(folder / "methods.txt", methods_paragraph(settings, figures) + "\n");
  run.write_run_json(folder, figures_json(figures));
  made.keep();
  for (const std::string& name : leftovers(folder, before)) {
    run.warn((folder / name).string() + " is of an earlier run");
  }
  print(figures);
}

}  // namespace

void run_ahba(const AhbaOptions& o, Run& run) {
  AtlasFiles files = atlas_files(o);
  auto [inputs, settings] = ahba_settings(o, run);
  if (!o.dense.empty() && files.kind != AtlasKind::volume) {
    throw ArgumentError(
        "--dense: found with " +
        std::string(files.kind == AtlasKind::surface ? "a surface" : "donors' own volumes") +
        ", expected with one volume in MNI space");
  }
  if (o.dense_structures && (o.dense.empty() || o.info.empty())) {
    throw ArgumentError("--dense-structures: found without --dense and --info, expected with both");
  }
  if (settings.region_agg == RegionAggregation::none && settings.missing != MissingRegions::none) {
    run.warn("--missing has no part in tables of samples");
  }
  if (files.kind == AtlasKind::native_volumes) {
    // In the order of the donors, as the pipeline goes through them.
    std::sort(files.native.begin(), files.native.end());
    std::set<int> with_volume, asked;
    for (const auto& [donor, file] : files.native) with_volume.insert(donor);
    for (const std::string& donor : inputs.donors) asked.insert(donor_from_text(donor));
    if (with_volume.size() != files.native.size() || (!asked.empty() && asked != with_volume)) {
      throw ArgumentError(text("--atlas: found volumes of ", files.native.size(),
                               " donors, expected one for each donor of --donors"));
    }
    inputs.donors.clear();
    for (const int donor : with_volume) inputs.donors.push_back(std::to_string(donor));
  }
  const MatchSettings match{
      .tolerance = settings.tolerance, .placement = settings.placement, .threads = run.threads()};
  run.stage("read atlas");
  if (files.kind == AtlasKind::surface) {
    process(o, inputs, settings, load_surface(o, files, match), files.kind, run);
  } else {
    process(o, inputs, settings, load_volumes(o, files, match), files.kind, run);
  }
}

}  // namespace inrgene::program
