// A small brain with known truth: what the demo maps and tests measure against.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/atlas/atlas.hpp"
#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/brain/atlas/samplers.hpp"
#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/brain/expression/tissue_class.hpp"
#include "inrgene/brain/phantom/anatomy.hpp"
#include "inrgene/brain/phantom/truth.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/math/volume.hpp"

namespace inrgene {

/// Settings of `make_phantom`.
struct PhantomSettings {
  std::uint64_t seed = 0;
  double voxel_mm = 4;
  /// Share of the samples' variance that is noise; in the Allen Human Brain Atlas donors differ
  /// by 0.3 to 0.4. A tenth of it is an offset of each donor and gene, the rest is drawn anew for
  /// every sample and gene.
  double noise = 0.3;
  Index donors = 2;
  Index sites_per_donor = 350;
  double white_share = 0.15;  ///< of a donor's sites
  Index genes = 12;
};

/// The phantom and the samples taken from it.
struct Phantom {
  PhantomAnatomy anatomy;
  PhantomTruth truth;
  /// Noisy values at the sites, in [0, 1]; the truth spans [0.25, 0.75] over the labelled voxels.
  /// The first gene is called APOE, the others PHAN02, PHAN03, …: names on synthetic fields, which
  /// say nothing about any real gene.
  Samples samples;

  [[nodiscard]] const Atlas& atlas() const { return anatomy.atlas; }

  /// Tissue class of each voxel of a set.
  [[nodiscard]] std::vector<Tissue> tissue(const VoxelSet& set) const {
    std::vector<Tissue> out;
    for (const Index voxel : set.voxels) out.push_back(anatomy.tissue(voxel));
    return out;
  }
  /// True values [genes x voxels] at the centres of a set's voxels.
  [[nodiscard]] Eigen::MatrixXd true_values(const VoxelSet& set) const {
    return truth.values(set.mni_mm(0, set.size()), tissue(set));
  }
  /// The true map of a gene: its value at every labelled voxel's centre, 0 elsewhere.
  /// Throws ArgumentError for an index out of range.
  [[nodiscard]] Volume<float> true_map(Index gene) const {
    const VoxelSet set = labelled_voxels(atlas());
    Volume<float> out = atlas().labels.like<float>(0.0F);
    const Eigen::Matrix3Xd centres = set.mni_mm(0, set.size());
    for (Index v = 0; v < set.size(); ++v) {
      const Index voxel = set.voxels[static_cast<std::size_t>(v)];
      out.values.data()[voxel] =
          static_cast<float>(truth.value(gene, centres.col(v), anatomy.tissue(voxel)));
    }
    return out;
  }
  /// The labelled voxels that hold no site: where a method is judged.
  [[nodiscard]] VoxelSet unsampled_voxels() const {
    const VoxelFinder finder(atlas().grid());
    std::vector<Index> taken;
    for (Index s = 0; s < samples.size(); ++s) {
      const auto point = samples.sites.mni_mm.col(s);
      if (const auto voxel = finder.find({point(0), point(1), point(2)})) taken.push_back(*voxel);
    }
    std::sort(taken.begin(), taken.end());
    VoxelSet set = labelled_voxels(atlas());
    std::erase_if(set.voxels, [&](Index voxel) {
      return std::binary_search(taken.begin(), taken.end(), voxel);
    });
    return set;
  }
};

namespace detail {

inline std::vector<std::string> phantom_genes(Index count) {
  std::vector<std::string> names{"APOE"};
  for (Index g = 2; g <= count; ++g) names.push_back(text("PHAN", g < 10 ? "0" : "", g));
  return names;
}

/// Evenly spaced hidden positions in a random order, so that names and columns tell nothing.
inline std::vector<double> phantom_positions(Index count, std::uint64_t seed) {
  std::vector<double> position;
  for (Index g = 0; g < count; ++g) {
    position.push_back(static_cast<double>(g) / static_cast<double>(std::max<Index>(count - 1, 1)));
  }
  Random random(seed, 2);
  random.shuffle(position);
  return position;
}

/// Voxels a donor's tissue is cut from: slabs across the brain, some 12 mm thick with gaps of the
/// same width, at another place in each donor.
inline std::vector<Index> slab_voxels(const PhantomAnatomy& anatomy, Tissue tissue,
                                      double first_mm) {
  constexpr double thickness_mm = 12;
  VoxelSet set = labelled_voxels(anatomy.atlas);
  std::erase_if(set.voxels, [&](Index voxel) {
    const double along = (set.grid.centre_mm(voxel)[1] - first_mm) / (2 * thickness_mm);
    return anatomy.tissue(voxel) != tissue || along - std::floor(along) >= 0.5;
  });
  return set.voxels;
}

/// Sites of one donor: distinct voxels of its slabs, a point inside each.
inline void add_donor(Sites& sites, const PhantomAnatomy& anatomy, const PhantomSettings& settings,
                      Index donor) {
  Random random(settings.seed, 16 + static_cast<std::uint64_t>(donor));
  const double first_mm = random.uniform(0, 24);
  const Index in_white = static_cast<Index>(
      std::llround(settings.white_share * static_cast<double>(settings.sites_per_donor)));
  std::vector<Index> chosen;
  for (const Tissue tissue : {Tissue::grey, Tissue::white}) {
    const Index wanted = tissue == Tissue::white ? in_white : settings.sites_per_donor - in_white;
    std::vector<Index> voxels = slab_voxels(anatomy, tissue, first_mm);
    require(wanted <= std::ssize(voxels), "sites_per_donor", settings.sites_per_donor,
            text("no more than the donor's slabs have voxels: ", voxels.size(), " of one tissue"));
    random.shuffle(voxels);
    chosen.insert(chosen.end(), voxels.begin(), voxels.begin() + wanted);
  }
  std::sort(chosen.begin(), chosen.end());
  const Grid grid = anatomy.atlas.grid();
  for (const Index linear : chosen) {
    auto point = grid.centre_mm(linear);
    for (double& coordinate : point) coordinate += settings.voxel_mm * (random.uniform() - 0.5);
    const Index label = anatomy.atlas.labels.values.data()[linear];
    const Region& region =
        anatomy.atlas.regions[static_cast<std::size_t>(*anatomy.atlas.find(label))];
    const Index at = sites.size();
    sites.well_ids.push_back(text(1000 * (donor + 1) * 100 + at));
    sites.mni_mm.col(at) << point[0], point[1], point[2];
    sites.tissue.push_back(anatomy.tissue(linear));
    sites.donor.push_back(text("phantom", donor + 1));
    sites.slab.emplace_back(region.structure == "brainstem" ? "BS" : "CX");
    sites.structure.push_back(region.structure);
    sites.hemisphere.push_back(region.hemisphere);
    sites.label.push_back(label);
  }
}

/// Truth plus noise, cut to [0, 1].
inline Eigen::MatrixXd noisy_values(const Eigen::MatrixXd& truth, const PhantomSettings& settings) {
  Eigen::MatrixXd out = truth;
  Random random(settings.seed, 3);
  const double ratio = settings.noise / (1 - settings.noise);
  for (Index g = 0; g < truth.rows(); ++g) {
    const double variance = (truth.row(g).array() - truth.row(g).mean()).square().sum() /
                            static_cast<double>(truth.cols());
    const double sd = std::sqrt(variance * ratio);
    for (Index donor = 0; donor < settings.donors; ++donor) {
      const double shift = std::sqrt(0.1) * sd * random.normal();
      for (Index s = 0; s < settings.sites_per_donor; ++s) {
        double& value = out(g, donor * settings.sites_per_donor + s);
        value += shift + std::sqrt(0.9) * sd * random.normal();
      }
    }
  }
  return out.cwiseMax(0.0).cwiseMin(1.0);
}

}  // namespace detail

/// Builds the phantom: shape, truth and samples, all following `settings.seed`; equal settings give
/// equal bytes. Throws ArgumentError for noise outside [0, 1), a white share outside [0, 1], a
/// count below 1, more sites than a donor's slabs have voxels, and a voxel size outside [1, 6] mm.
/// Cost: about 0.2 s at the defaults.
[[nodiscard]] inline Phantom make_phantom(const PhantomSettings& settings = {}) {
  require(settings.noise >= 0 && settings.noise < 1, "noise", settings.noise, "in [0, 1)");
  require(settings.white_share >= 0 && settings.white_share <= 1, "white_share",
          settings.white_share, "in [0, 1]");
  require(settings.donors >= 1, "donors", settings.donors, "at least 1");
  require(settings.sites_per_donor >= 1, "sites_per_donor", settings.sites_per_donor, "at least 1");
  require(settings.genes >= 1, "genes", settings.genes, "at least 1");
  Phantom out{make_phantom_anatomy(settings.voxel_mm),
              PhantomTruth(detail::phantom_positions(settings.genes, settings.seed), settings.seed),
              {}};
  const VoxelSet all = labelled_voxels(out.atlas());
  out.truth.fit_range(all.mni_mm(0, all.size()), out.tissue(all), 0.25, 0.75);

  Sites sites;
  sites.file = "phantom";
  sites.mni_mm.resize(3, settings.donors * settings.sites_per_donor);
  for (Index donor = 0; donor < settings.donors; ++donor) {
    detail::add_donor(sites, out.anatomy, settings, donor);
  }
  const Eigen::MatrixXd truth = out.truth.values(sites.mni_mm, sites.tissue);
  out.samples = {std::move(sites), detail::phantom_genes(settings.genes),
                 detail::noisy_values(truth, settings), "phantom"};
  return out;
}

}  // namespace inrgene
