#include "inrgene/brain/phantom/phantom.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "inrgene/brain/atlas/lookup.hpp"
#include "inrgene/brain/gene_axis/spectral.hpp"
#include "inrgene/brain/interpolation/inverse_distance.hpp"
#include "inrgene/brain/interpolation/nearest_sample.hpp"
#include "inrgene/statistics/correlation.hpp"
#include "inrgene/statistics/errors.hpp"

using namespace inrgene;

namespace {

std::span<const double> all_of(const Eigen::MatrixXd& values) {
  return {values.data(), static_cast<std::size_t>(values.size())};
}

}  // namespace

TEST_CASE("sites lie in the voxels their columns speak of, mostly grey, in slabs") {
  const Phantom phantom = make_phantom();
  const Sites& sites = phantom.samples.sites;
  sites.check();
  phantom.samples.check();
  CHECK(sites.size() == 700);
  CHECK(label_at(phantom.atlas(), sites.mni_mm) == sites.label);
  const std::set<std::string> wells(sites.well_ids.begin(), sites.well_ids.end());
  CHECK(wells.size() == 700);
  Index white = 0;
  for (Index s = 0; s < sites.size(); ++s) {
    const auto i = static_cast<std::size_t>(s);
    CHECK(sites.label[i] > 0);
    CHECK(sites.tissue[i] != Tissue::neither);
    if (sites.tissue[i] == Tissue::white) ++white;
    if (sites.hemisphere[i] == "L") CHECK(sites.mni_mm(0, s) < 0);
    if (sites.hemisphere[i] == "R") CHECK(sites.mni_mm(0, s) > 0);
  }
  CHECK(white == 106);  // 15 % of 350, rounded, twice
  // Slabs of 12 mm in steps of 24 mm: no donor has sites at every 6 mm along y.
  for (const char* donor : {"phantom1", "phantom2"}) {
    std::vector<bool> is_hit(100, false);
    Index of_donor = 0;
    for (Index s = 0; s < sites.size(); ++s) {
      if (sites.donor[static_cast<std::size_t>(s)] != donor) continue;
      ++of_donor;
      is_hit[static_cast<std::size_t>(std::floor((sites.mni_mm(1, s) + 110) / 6))] = true;
    }
    CHECK(of_donor == 350);
    Index empty = 0;
    for (std::size_t bin = 4; bin < 25; ++bin) empty += is_hit[bin] ? 0 : 1;
    CHECK(empty >= 3);
  }
}

TEST_CASE("noise has the asked share of the variance and the truth none") {
  for (const double noise : {0.0, 0.3}) {
    const Phantom phantom = make_phantom({.noise = noise});
    const Eigen::MatrixXd truth =
        phantom.truth.values(phantom.samples.sites.mni_mm, phantom.samples.sites.tissue);
    const Eigen::MatrixXd& values = phantom.samples.values;
    CHECK(values.minCoeff() >= 0);
    CHECK(values.maxCoeff() <= 1);
    double share = 0;
    for (Index g = 0; g < 12; ++g) {
      const double miss = (values.row(g) - truth.row(g)).squaredNorm();
      share += miss / (values.row(g).array() - values.row(g).mean()).square().sum() / 12;
    }
    // The donors' offsets are 24 draws for a tenth of the noise: a spread of about 0.02.
    CHECK(share == doctest::Approx(noise).epsilon(0.15));
  }
}

TEST_CASE("equal settings give equal bytes, other seeds other brains") {
  const Phantom a = make_phantom({.seed = 4});
  const Phantom b = make_phantom({.seed = 4});
  const Phantom c = make_phantom({.seed = 5});
  CHECK(a.samples.values == b.samples.values);
  CHECK(a.samples.sites.mni_mm == b.samples.sites.mni_mm);
  CHECK(a.samples.genes == b.samples.genes);
  CHECK(a.samples.genes.front() == "APOE");
  CHECK(a.samples.genes.back() == "PHAN12");
  CHECK(a.samples.values != c.samples.values);
  CHECK(a.truth.position() != c.truth.position());
}

TEST_CASE("the true map is the truth at labelled voxels and 0 elsewhere") {
  const Phantom phantom = make_phantom();
  const Volume<float> map = phantom.true_map(3);
  const VoxelSet all = labelled_voxels(phantom.atlas());
  const Eigen::MatrixXd values = phantom.true_values(all);
  Index filled = 0;
  for (Index v = 0; v < map.size(); ++v) filled += map.values.data()[v] != 0 ? 1 : 0;
  CHECK(filled == all.size());
  CHECK(map.values.data()[all.voxels[77]] == static_cast<float>(values(3, 77)));
  CHECK(map.voxel_to_mm == phantom.atlas().labels.voxel_to_mm);
  CHECK(values.minCoeff() == doctest::Approx(0.25));
  CHECK(values.maxCoeff() == doctest::Approx(0.75));
  const VoxelSet unsampled = phantom.unsampled_voxels();
  CHECK(unsampled.size() < all.size());
  CHECK(unsampled.size() >= all.size() - 700);
}

TEST_CASE("the gene axis of the noiseless phantom recovers the hidden order") {
  for (const std::uint64_t seed : {0U, 1U, 2U, 3U}) {
    CAPTURE(seed);
    const Phantom phantom = make_phantom({.seed = seed, .noise = 0});
    for (const Affinity affinity : {Affinity::nearest_neighbors, Affinity::correlation}) {
      CAPTURE(to_text(affinity));
      const GeneAxis axis =
          spectral_axis(phantom.samples.values, phantom.samples.genes, {.affinity = affinity});
      std::vector<double> found;
      for (const std::string& gene : phantom.samples.genes) {
        found.push_back(axis.position[static_cast<std::size_t>(*axis.find(gene))]);
      }
      CHECK(std::abs(spearman(found, phantom.truth.position())) > 0.95);
    }
  }
}

TEST_CASE("the nearest sample copies the noise: averaging ten does clearly better") {
  const Phantom phantom = make_phantom();
  const VoxelSet unsampled = phantom.unsampled_voxels();
  const Eigen::MatrixXd truth = phantom.true_values(unsampled);
  const FieldSamples samples{phantom.samples.sites.mni_mm, phantom.samples.values};
  const FieldPoints points{unsampled.mni_mm(0, unsampled.size())};
  NearestSample nearest;
  InverseDistance averaging;
  nearest.fit(samples);
  averaging.fit(samples);
  const double error = mean_squared_error(all_of(nearest.predict(points)), all_of(truth));
  const double smoother = mean_squared_error(all_of(averaging.predict(points)), all_of(truth));
  CHECK(smoother < 0.6 * error);
}

TEST_CASE("bad settings are refused") {
  CHECK_THROWS_AS((void)make_phantom({.noise = 1}), ArgumentError);
  CHECK_THROWS_AS((void)make_phantom({.donors = 0}), ArgumentError);
  CHECK_THROWS_AS((void)make_phantom({.sites_per_donor = 100000}), ArgumentError);
  CHECK_THROWS_AS((void)make_phantom({.white_share = 1.5}), ArgumentError);
  CHECK_THROWS_AS((void)make_phantom({.genes = 0}), ArgumentError);
}
