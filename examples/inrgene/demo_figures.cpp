// The demo's figures.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "demo.hpp"
#include "inrgene/report/bar_figure.hpp"
#include "inrgene/report/line_figure.hpp"
#include "inrgene/report/map_figure.hpp"

namespace inrgene::program {

namespace {

std::string score_text(double r, double mse) {
  char line[64];
  std::snprintf(line, sizeof line, "R = %.2f, MSE = %.4f", r, mse);
  return line;
}

void draw_maps(const Phantom& phantom, const std::vector<DemoMethod>& methods, Index gene,
               const std::filesystem::path& file) {
  const VoxelSet voxels = labelled_voxels(phantom.atlas());
  const std::string& symbol = phantom.samples.genes[static_cast<std::size_t>(gene)];
  const Eigen::VectorXd measured = phantom.samples.values.row(gene).transpose();
  MapFigure figure;
  figure.title = symbol + " on the phantom brain";
  figure.labels = phantom.atlas().labels;
  figure.columns.push_back({.title = "Truth", .map = phantom.true_map(gene)});
  figure.columns.push_back({.title = "Samples",
                            .subtitle = text(phantom.samples.size(), " sites, noisy"),
                            .samples = MapSamples{phantom.samples.sites.mni_mm, measured}});
  for (const DemoMethod& method : methods) {
    const auto g = static_cast<std::size_t>(gene);
    figure.columns.push_back({.title = method.title,
                              .subtitle = score_text(method.r[g], method.mse[g]),
                              .map = to_map(phantom.atlas(), voxels, method.values, gene)});
  }
  draw(figure).write(file);
}

void draw_scores(const Phantom& phantom, const std::vector<DemoMethod>& methods,
                 const std::filesystem::path& file) {
  BarFigure figure;
  figure.title = "Agreement with the truth at unsampled voxels";
  figure.y_label = "Pearson R";
  figure.groups = phantom.samples.genes;
  for (const DemoMethod& method : methods) figure.series.push_back({method.title, method.r});
  draw(figure).write(file);
}

void draw_loss(const std::vector<double>& losses, const std::filesystem::path& file) {
  LineFigure figure;
  figure.title = "Training loss";
  figure.x_label = "step";
  figure.y_label = "mean squared error";
  figure.y_scale = AxisScale::log10;
  figure.series.push_back({.y = losses});
  draw(figure).write(file);
}

}  // namespace

void write_demo_figures(const Phantom& phantom, const std::vector<DemoMethod>& methods, Index gene,
                        const std::vector<double>& losses, const std::filesystem::path& folder) {
  const std::string& symbol = phantom.samples.genes[static_cast<std::size_t>(gene)];
  draw_maps(phantom, methods, gene, folder / ("maps_" + symbol + ".png"));
  draw_scores(phantom, methods, folder / "score_by_gene.png");
  draw_loss(losses, folder / "training_loss.png");
}

}  // namespace inrgene::program
