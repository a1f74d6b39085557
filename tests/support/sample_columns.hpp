// Samples that stand for columns of an expression file, and those that abagen kept.
#pragma once

#include <cstddef>
#include <filesystem>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/csv.hpp"

namespace inrgene::test {

/// One sample for each entry of `columns`, of `measured` in the files; a column that comes again is
/// a mirrored copy. Wells are 1000 + column; places and structures mean nothing.
inline DonorSamples samples_of_columns(std::vector<Index> columns, Index measured,
                                       int donor = 9861) {
  DonorSamples out;
  const std::size_t n = columns.size();
  out.donor = donor;
  out.measured = measured;
  std::vector<bool> seen(static_cast<std::size_t>(measured), false);
  for (const Index column : columns) {
    const auto c = static_cast<std::size_t>(column);
    out.well_id.push_back(1000 + column);
    out.copied.push_back(seen[c] ? 1 : 0);
    seen[c] = true;
  }
  out.column = std::move(columns);
  out.mni_mm = out.mri_voxel = Eigen::Matrix3Xd::Zero(3, out.size());
  out.structure_id.assign(n, 4008);
  out.acronym.assign(n, "Cx");
  out.structure_name.assign(n, "cerebral cortex");
  out.slab.assign(n, "CX");
  out.hemisphere.assign(n, Hemisphere::left);
  out.structure.assign(n, StructureClass::cortex);
  return out;
}

/// The donors of a reference file KEY_samples.csv, in its order. `measured(donor)` is the number of
/// samples in the donor's files.
template <class Measured>
std::vector<DonorSamples> kept_samples(const std::filesystem::path& path, Measured&& measured) {
  const CsvTable table = read_csv(path);
  const Index donor = table.column("donor"), sample = table.column("sample_id");
  std::vector<std::pair<int, std::vector<Index>>> donors;
  for (Index row = 0; row < table.rows(); ++row) {
    const auto number = static_cast<int>(table.integer(row, donor));
    if (donors.empty() || donors.back().first != number) donors.emplace_back(number, 0);
    donors.back().second.push_back(table.integer(row, sample) - 1);
  }
  std::vector<DonorSamples> out;
  for (auto& [number, columns] : donors) {
    out.push_back(samples_of_columns(std::move(columns), measured(number), number));
  }
  return out;
}

}  // namespace inrgene::test
