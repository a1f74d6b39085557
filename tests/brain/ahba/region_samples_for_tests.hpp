// Small donors for the tests of what happens to samples with regions.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/region_samples.hpp"

namespace inrgene::test {

inline const double nan_value = std::numeric_limits<double>::quiet_NaN();

/// Samples on the x axis at 0, 1, 2, … mm, left cortex, numbered from 100 times the donor.
inline DonorSamples plain_samples(int donor, Index n) {
  DonorSamples out;
  out.donor = donor;
  out.measured = n;
  out.mni_mm.setZero(3, n);
  out.mri_voxel.setZero(3, n);
  for (Index s = 0; s < n; ++s) {
    out.column.push_back(s);
    out.well_id.push_back(100 * donor + s);
    out.mni_mm(0, s) = static_cast<double>(s);
    out.structure_id.push_back(4000 + s);
  }
  const auto count = static_cast<std::size_t>(n);
  out.copied.assign(count, 0);
  out.acronym.assign(count, "A");
  out.structure_name.assign(count, "a");
  out.slab.assign(count, "CX");
  out.hemisphere.assign(count, Hemisphere::left);
  out.structure.assign(count, StructureClass::cortex);
  out.check();
  return out;
}

/// A donor with these labels and values [genes x samples], given row by row.
inline RegionSamples plain_donor(int donor, std::vector<Index> label,
                                 const std::vector<std::vector<double>>& genes) {
  RegionSamples out;
  out.samples = plain_samples(donor, std::ssize(label));
  out.values.resize(std::ssize(genes), std::ssize(label));
  for (Index g = 0; g < out.values.rows(); ++g) {
    for (Index s = 0; s < out.values.cols(); ++s) {
      out.values(g, s) = genes[static_cast<std::size_t>(g)][static_cast<std::size_t>(s)];
    }
  }
  out.label = std::move(label);
  out.check();
  return out;
}

/// Largest difference; infinite for other shapes and where only one of the two is NaN.
inline double nan_difference(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (a.rows() != b.rows() || a.cols() != b.cols()) return infinity;
  double out = 0;
  for (Index i = 0; i < a.size(); ++i) {
    const double x = a.data()[i], y = b.data()[i];
    if (std::isnan(x) != std::isnan(y)) return infinity;
    if (!std::isnan(x)) out = std::max(out, std::abs(x - y));
  }
  return out;
}

/// A matrix given row by row.
inline Eigen::MatrixXd matrix_of(const std::vector<std::vector<double>>& rows) {
  Eigen::MatrixXd out(std::ssize(rows), rows.empty() ? 0 : std::ssize(rows[0]));
  for (Index r = 0; r < out.rows(); ++r) {
    for (Index c = 0; c < out.cols(); ++c) {
      out(r, c) = rows[static_cast<std::size_t>(r)][static_cast<std::size_t>(c)];
    }
  }
  return out;
}

}  // namespace inrgene::test
