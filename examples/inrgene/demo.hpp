// What `inrgene demo` computes, between its stages and its figures.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "inrgene/brain/phantom/phantom.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/math/volume.hpp"

namespace inrgene::program {

/// One method's answer: values of all genes at every labelled voxel, and how they compare with the
/// truth at the voxels that hold no sample.
struct DemoMethod {
  std::string name;         ///< "siren", "nearest", "idw"
  std::string title;        ///< for figures
  Eigen::MatrixXd values;   ///< [genes × labelled voxels], genes as the phantom's
  std::vector<double> r;    ///< Pearson r a gene, in the mask of unsampled voxels
  std::vector<double> mse;  ///< mean squared error a gene, in the same mask
};

/// Values at labelled voxels as a map, 0 elsewhere.
[[nodiscard]] Volume<float> to_map(const Atlas& atlas, const VoxelSet& voxels,
                                   const Eigen::MatrixXd& values, Index gene);

/// Writes the PNG figures of a finished demo to `folder`: maps of `gene` beside the truth, score by
/// gene, loss by step.
void write_demo_figures(const Phantom& phantom, const std::vector<DemoMethod>& methods, Index gene,
                        const std::vector<double>& losses, const std::filesystem::path& folder);

}  // namespace inrgene::program
