// abagen's own samples and labels, for tests of matching.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/core/words.hpp"
#include "inrgene/io/csv.hpp"

namespace inrgene::test {

/// Samples at these places, all of one structure and side; the rest of each column is filled in.
inline DonorSamples samples_at(const std::vector<Eigen::Vector3d>& mm,
                               StructureClass structure = StructureClass::cortex,
                               Hemisphere hemisphere = Hemisphere::left) {
  DonorSamples out;
  out.donor = 9861;
  out.measured = std::ssize(mm);
  out.mni_mm.resize(3, std::ssize(mm));
  out.mri_voxel = Eigen::Matrix3Xd::Zero(3, std::ssize(mm));
  for (Index s = 0; s < std::ssize(mm); ++s) {
    out.column.push_back(s);
    out.well_id.push_back(1000 + s);
    out.mni_mm.col(s) = mm[static_cast<std::size_t>(s)];
  }
  out.copied.assign(mm.size(), 0);
  out.structure_id.assign(mm.size(), 4008);
  out.acronym.assign(mm.size(), "Cx");
  out.structure_name.assign(mm.size(), "cerebral cortex");
  out.slab.assign(mm.size(), "CX");
  out.hemisphere.assign(mm.size(), hemisphere);
  out.structure.assign(mm.size(), structure);
  return out;
}

/// One donor's samples with the label abagen gave each.
struct ExpectedSamples {
  DonorSamples samples;
  std::vector<Index> label;
};

/// The donors of a file KEY_samples.csv, in its order.
inline std::vector<ExpectedSamples> read_expected_samples(const std::filesystem::path& path) {
  const CsvTable table = read_csv(path);
  const auto column = [&](std::string_view name) { return table.column(name); };
  std::vector<std::vector<Index>> rows;
  for (Index row = 0; row < table.rows(); ++row) {
    const Index donor = table.integer(row, column("donor"));
    if (rows.empty() || table.integer(rows.back().front(), column("donor")) != donor) {
      rows.emplace_back();
    }
    rows.back().push_back(row);
  }
  std::vector<ExpectedSamples> out;
  for (const std::vector<Index>& of_donor : rows) {
    std::vector<Eigen::Vector3d> mm;
    for (const Index row : of_donor) {
      mm.emplace_back(table.finite(row, column("mni_x")), table.finite(row, column("mni_y")),
                      table.finite(row, column("mni_z")));
    }
    ExpectedSamples donor{samples_at(mm), {}};
    donor.samples.donor = static_cast<int>(table.integer(of_donor.front(), column("donor")));
    for (std::size_t s = 0; s < of_donor.size(); ++s) {
      const Index row = of_donor[s];
      donor.samples.well_id[s] = table.integer(row, column("well_id"));
      donor.samples.structure_id[s] = table.integer(row, column("structure_id"));
      donor.samples.hemisphere[s] =
          from_word("hemisphere", table.cell(row, column("hemisphere")), hemisphere_words);
      const std::string_view structure = table.cell(row, column("structure"));
      donor.samples.structure[s] = structure.empty()
                                       ? StructureClass::none
                                       : from_word("structure", structure, structure_class_words);
      donor.label.push_back(table.integer(row, column("label")));
    }
    out.push_back(std::move(donor));
  }
  return out;
}

/// How many samples of all donors got another label than abagen gave them.
template <class Regions>
Index labels_that_differ(const Regions& regions, const std::vector<ExpectedSamples>& donors) {
  Index differ = 0;
  for (const ExpectedSamples& donor : donors) {
    const std::vector<Index> label = regions.match(donor.samples);
    for (std::size_t s = 0; s < label.size(); ++s) differ += label[s] != donor.label[s] ? 1 : 0;
  }
  return differ;
}

}  // namespace inrgene::test
