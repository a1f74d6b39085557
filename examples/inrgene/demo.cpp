// inrgene demo: the whole pipeline on a phantom brain whose truth is known.
#include "demo.hpp"

#include <cstdio>
#include <iostream>
#include <memory>
#include <numeric>
#include <span>
#include <utility>

#include "inrgene/brain/atlas/parcellation.hpp"
#include "inrgene/brain/atlas/region_table.hpp"
#include "inrgene/brain/expression/tables.hpp"
#include "inrgene/brain/gene_axis/gene_axis_file.hpp"
#include "inrgene/brain/gene_axis/spectral.hpp"
#include "inrgene/brain/interpolation/inverse_distance.hpp"
#include "inrgene/brain/interpolation/nearest_sample.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/nifti.hpp"
#include "inrgene/pipelines/regressor.hpp"
#include "inrgene/statistics/correlation.hpp"
#include "inrgene/statistics/errors.hpp"
#include "interrupt.hpp"
#include "subcommands.hpp"

namespace inrgene::program {

Volume<float> to_map(const Atlas& atlas, const VoxelSet& voxels, const Eigen::MatrixXd& values,
                     Index gene) {
  Volume<float> map = atlas.labels.like<float>(0.0F);
  for (Index v = 0; v < voxels.size(); ++v) {
    map.values.data()[voxels.voxels[static_cast<std::size_t>(v)]] =
        static_cast<float>(values(gene, v));
  }
  return map;
}

namespace {

using DemoRegressor = Regressor<Siren, NerfOnGeneAxis, Cpu<float>>;

/// Frequencies 6 and 6, width, depth and steps were chosen by the error on a fifth of the phantom's
/// (noisy) sites that was held out; docs/how_to/demo.md has the table and other phantoms.
DemoRegressor::Settings demo_settings(const Run& run) {
  return {.network = {.hidden_features = 64,
                      .hidden_layers = 2,
                      .first_omega = 6.0,
                      .hidden_omega = 6.0},
          .training = {.optimizer = {.learning_rate = 1e-3}, .steps = 600},
          .seed = run.seed(),
          .backend = {.threads = run.threads()}};
}

struct Folders {
  std::filesystem::path out, maps, truth, figures;
};

Folders make_folders(const std::filesystem::path& out) {
  Folders f{out, out / "maps", out / "truth", out / "figures"};
  for (const auto& folder : {f.out, f.maps, f.truth, f.figures}) make_folder(folder);
  return f;
}

/// The phantom as files a user would have: tables, atlas, masks.
void write_inputs(const Phantom& phantom, const Folders& folders) {
  const Samples& samples = phantom.samples;
  write_expression(
      folders.out / "expression.csv",
      {.ids = samples.sites.well_ids, .genes = samples.genes, .values = samples.values});
  CsvWriter annotation;
  annotation.row("well_id", "mni_x", "mni_y", "mni_z", "classification", "structure", "hemisphere",
                 "label", "donor");
  for (Index s = 0; s < samples.size(); ++s) {
    const auto i = static_cast<std::size_t>(s);
    const auto point = samples.sites.mni_mm.col(s);
    annotation.row(samples.sites.well_ids[i], point(0), point(1), point(2),
                   tissue_value(samples.sites.tissue[i], TissueSign::paper),
                   samples.sites.structure[i], samples.sites.hemisphere[i], samples.sites.label[i],
                   samples.sites.donor[i]);
  }
  annotation.write(folders.out / "annotation.csv");
  write_nifti(phantom.atlas().labels, folders.out / "atlas.nii.gz");
  write_atlas_info(phantom.atlas(), folders.out / "atlas.csv");
  write_nifti(phantom.anatomy.grey, folders.out / "grey.nii.gz");
  write_nifti(phantom.anatomy.white, folders.out / "white.nii.gz");
  for (Index g = 0; g < std::ssize(samples.genes); ++g) {
    write_nifti(phantom.true_map(g),
                folders.truth / (samples.genes[static_cast<std::size_t>(g)] + ".nii.gz"));
  }
}

std::vector<int> classes(const std::vector<Tissue>& tissue) {
  std::vector<int> out;
  for (const Tissue t : tissue) out.push_back(static_cast<int>(t));
  return out;
}

/// A classical method on the same samples, told the tissue classes as the field is.
template <Interpolator I>
DemoMethod interpolate(I method, std::string title, const Phantom& phantom,
                       const VoxelSet& voxels) {
  const Samples& samples = phantom.samples;
  method.fit({samples.sites.mni_mm, samples.values, classes(samples.sites.tissue)});
  return {std::string(I::name),
          std::move(title),
          method.predict({voxels.mni_mm(0, voxels.size()), classes(phantom.tissue(voxels))}),
          {},
          {}};
}

/// The field's values at voxels, rows in the order of the phantom's genes.
DemoMethod evaluate(const DemoRegressor& model, const Phantom& phantom, const VoxelSet& voxels) {
  Sites at;
  at.mni_mm = voxels.mni_mm(0, voxels.size());
  at.tissue = phantom.tissue(voxels);
  at.well_ids.resize(voxels.voxels.size());
  const Eigen::MatrixXd by_axis = model.field().predict(at);
  DemoMethod method{
      "siren", "SIREN field", Eigen::MatrixXd(by_axis.rows(), by_axis.cols()), {}, {}};
  for (Index g = 0; g < by_axis.rows(); ++g) {
    const std::string& gene = phantom.samples.genes[static_cast<std::size_t>(g)];
    method.values.row(g) = by_axis.row(model.field().description().gene_index(gene, "demo"));
  }
  return method;
}

/// R and MSE against the truth where no sample was taken.
void score(DemoMethod& method, const Phantom& phantom, const VoxelSet& voxels) {
  const VoxelSet unsampled = phantom.unsampled_voxels();
  std::vector<std::uint8_t> mask;
  std::size_t next = 0;
  for (const Index voxel : voxels.voxels) {
    const bool counts = next < unsampled.voxels.size() && unsampled.voxels[next] == voxel;
    if (counts) ++next;
    mask.push_back(counts ? 1 : 0);
  }
  const Eigen::MatrixXd truth = phantom.true_values(voxels);
  for (Index g = 0; g < truth.rows(); ++g) {
    const Eigen::VectorXd a = method.values.row(g).transpose();
    const Eigen::VectorXd b = truth.row(g).transpose();
    const std::span<const double> found(a.data(), mask.size());
    const std::span<const double> wanted(b.data(), mask.size());
    method.r.push_back(pearson(found, wanted, mask));
    method.mse.push_back(mean_squared_error(found, wanted, mask));
  }
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void write_comparison(const std::vector<DemoMethod>& methods, const std::vector<std::string>& genes,
                      const std::filesystem::path& file) {
  CsvWriter writer;
  writer.row("gene", "method", "r", "mse");
  for (std::size_t g = 0; g < genes.size(); ++g) {
    for (const DemoMethod& m : methods) writer.row(genes[g], m.name, m.r[g], m.mse[g]);
  }
  for (const DemoMethod& m : methods) writer.row("mean", m.name, mean(m.r), mean(m.mse));
  writer.write(file);
}

Json report(const std::vector<DemoMethod>& methods, Index unsampled) {
  Json metrics = Json::object();
  std::cout << "against the truth at " << unsampled << " unsampled voxels, mean over genes:\n"
            << "method      R       MSE\n";
  for (const DemoMethod& m : methods) {
    char line[96];
    std::snprintf(line, sizeof line, "%-9s %.4f  %.6f\n", m.name.c_str(), mean(m.r), mean(m.mse));
    std::cout << line;
    metrics[m.name] = {
        {"mean_r", mean(m.r)}, {"mean_mse", mean(m.mse)}, {"r", m.r}, {"mse", m.mse}};
  }
  char line[128];
  std::snprintf(line, sizeof line,
                "the field's error is %.0f %% of nearest sample's and %.0f %% of inverse "
                "distance's\n",
                100 * mean(methods[0].mse) / mean(methods[1].mse),
                100 * mean(methods[0].mse) / mean(methods[2].mse));
  std::cout << line;
  return metrics;
}

void demo(const std::filesystem::path& out, Run& run) {
  run.stage("phantom");
  const Folders folders = make_folders(out);
  const Phantom phantom = make_phantom({.seed = run.seed()});
  write_inputs(phantom, folders);

  run.stage("order");
  const GeneAxis axis = spectral_axis(phantom.samples.values, phantom.samples.genes,
                                      {.affinity = Affinity::correlation,
                                       .axis = {.threads = run.threads(), .warn = run.warnings()}});
  write_gene_axis(axis, folders.out / "order.csv");

  run.stage("train");
  catch_interrupts();
  DemoRegressor model(demo_settings(run));
  const FitReport fitted =
      model.fit(phantom.samples, axis,
                {.progress = run.progress(), .interrupted = interrupted, .warn = run.warnings()});
  model.field().save(folders.out / "model.safetensors",
                     {{"steps", fitted.steps}, {"best_loss", fitted.best_loss}});
  CsvWriter log;
  log.row("step", "loss");
  for (std::size_t i = 0; i < fitted.losses.size(); ++i) {
    log.row(static_cast<Index>(i), fitted.losses[i]);
  }
  log.write(folders.out / "loss.csv");

  run.stage("predict");
  const VoxelSet voxels = labelled_voxels(phantom.atlas());
  std::vector<DemoMethod> methods;
  methods.push_back(evaluate(model, phantom, voxels));
  methods.push_back(interpolate(NearestSample(run.threads()), "Nearest sample", phantom, voxels));
  methods.push_back(interpolate(InverseDistance({.threads = run.threads()}), "Inverse distance",
                                phantom, voxels));

  run.stage("parcellate");
  RegionTable regions;
  regions.genes = phantom.samples.genes;
  regions.values.resize(std::ssize(regions.genes), std::ssize(phantom.atlas().regions));
  for (const Region& region : phantom.atlas().regions) regions.label.push_back(region.id);
  for (Index g = 0; g < std::ssize(regions.genes); ++g) {
    const std::string& gene = regions.genes[static_cast<std::size_t>(g)];
    const Volume<float> map = to_map(phantom.atlas(), voxels, methods[0].values, g);
    write_nifti(map, folders.maps / (gene + ".nii.gz"));
    const RegionMeans means = parcellate(map, phantom.atlas(), gene);
    for (Index r = 0; r < regions.values.cols(); ++r) {
      regions.values(g, r) = means.mean[static_cast<std::size_t>(r)];
    }
  }
  write_regions(regions, folders.out / "regions.csv");

  run.stage("compare");
  for (DemoMethod& method : methods) score(method, phantom, voxels);
  write_comparison(methods, phantom.samples.genes, folders.out / "comparison.csv");

  run.stage("figures");
  write_demo_figures(phantom, methods, 0, fitted.losses, folders.figures);
  run.write_run_json(folders.out, report(methods, phantom.unsampled_voxels().size()));
}

}  // namespace

void add_demo(Program& program) {
  const auto out = std::make_shared<std::string>("out/demo");
  CLI::App& app = program.add(
      "demo", "The whole pipeline on a built-in phantom brain with known truth; needs no input",
      [out](Run& run) { demo(*out, run); });
  app.add_option("--out", *out, "Folder for tables, maps, model and figures")
      ->capture_default_str();
}

}  // namespace inrgene::program
