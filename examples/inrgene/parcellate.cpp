// inrgene parcellate: one value a region.
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inrgene/brain/atlas/atlas.hpp"
#include "inrgene/brain/atlas/parcellation.hpp"
#include "inrgene/brain/atlas/region_table.hpp"
#include "inrgene/io/nifti.hpp"
#include "maps.hpp"
#include "subcommands.hpp"

namespace inrgene::program {

namespace {

struct Options {
  std::string atlas, atlas_info, out, write_maps;
  std::vector<std::string> maps;
};

void parcellate_maps(const Options& o, Run& run) {
  run.stage("read");
  const auto info =
      o.atlas_info.empty() ? std::nullopt : std::optional<std::filesystem::path>(o.atlas_info);
  const Atlas atlas = read_atlas(o.atlas, info, run.warnings());
  const std::vector<MapFile> maps = list_maps(o.maps);
  run.stage("parcellate");
  RegionTable table;
  for (const Region& region : atlas.regions) table.label.push_back(region.id);
  table.values.resize(std::ssize(maps), std::ssize(table.label));
  const ProgressCallback progress = run.progress();
  for (Index g = 0; g < std::ssize(maps); ++g) {
    const MapFile& map = maps[static_cast<std::size_t>(g)];
    if (progress) progress({"parcellate " + map.gene, g, std::ssize(maps), std::nan("")});
    const RegionMeans means = parcellate(read_nifti<float>(map.file), atlas, map.file.string());
    table.genes.push_back(map.gene);
    for (Index r = 0; r < table.values.cols(); ++r) {
      table.values(g, r) = means.mean[static_cast<std::size_t>(r)];
    }
  }
  if (!o.write_maps.empty()) {
    run.stage("write");
    const std::filesystem::path folder = o.write_maps;
    make_folder(folder);
    for (Index g = 0; g < std::ssize(maps); ++g) {
      const Eigen::VectorXd row = table.values.row(g).transpose();
      write_nifti(paint_regions({row.data(), static_cast<std::size_t>(row.size())}, atlas),
                  folder / (maps[static_cast<std::size_t>(g)].gene + ".nii.gz"));
    }
    run.write_run_json(folder, {{"maps", maps.size()}, {"regions", atlas.regions.size()}});
  }
  write_regions(table, o.out);
  std::cout << "maps " << maps.size() << "\nregions " << table.label.size() << '\n';
}

}  // namespace

void add_parcellate(Program& program) {
  const auto o = std::make_shared<Options>();
  CLI::App& app = program.add("parcellate", "Average maps over the regions of an atlas",
                              [o](Run& run) { parcellate_maps(*o, run); });
  app.add_option("--atlas", o->atlas, "NIfTI: label image")->required();
  app.add_option("--atlas-info", o->atlas_info,
                 "CSV: id,label,hemisphere,structure, checked against the image");
  app.add_option("--maps", o->maps, "Maps GENE.nii.gz or GENE.nii, or folders of them")
      ->required()
      ->expected(1, -1);
  app.add_option("--out", o->out, "CSV: label, then one column a gene")->required();
  app.add_option("--write-maps", o->write_maps, "Folder for maps of the regional means");
}

}  // namespace inrgene::program
