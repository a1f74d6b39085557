// What the steps from samples to regions say about samples and regions that come to nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "inrgene/brain/ahba/aggregate.hpp"
#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/holes.hpp"
#include "inrgene/brain/ahba/region_geometry.hpp"
#include "inrgene/brain/ahba/region_samples.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/core/words.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene::detail {

/// The atlas's file where the geometry knows it, else `otherwise`.
template <RegionGeometry G>
[[nodiscard]] std::string file_of(const G& atlas, const char* otherwise) {
  if constexpr (requires { std::string(atlas.atlas().file); }) return atlas.atlas().file;
  return otherwise;
}

/// Throws InputError unless two donors' atlases have the same regions.
template <RegionGeometry G>
void require_same_labels(const G& first, const G& other) {
  const std::span<const Index> labels = first.labels(), others = other.labels();
  std::vector<Index> differ;
  std::set_symmetric_difference(labels.begin(), labels.end(), others.begin(), others.end(),
                                std::back_inserter(differ));
  if (differ.empty()) return;
  throw InputError(
      {file_of(other, "a donor's atlas"), "labels",
       text(differ.size(), differ.size() == 1 ? " label" : " labels", " that only one of it and ",
            file_of(first, "the first donor's"), " has (first ", differ.front(), ")"),
       "the same labels in the atlases of all donors"});
}

/// Throws InputError, where the geometry can tell, for an atlas in another space than the samples.
template <RegionGeometry G>
void require_inside(const G& atlas, std::span<const DonorSamples> donors) {
  if constexpr (requires { atlas.require_inside(donors); }) atlas.require_inside(donors);
}

/// Throws InputError for an atlas in none of whose regions a sample lies, naming its file where the
/// geometry knows it. `atlas` is one geometry, or one a donor.
template <RegionGeometry G>
[[noreturn]] void refuse_unmatched(std::span<const G> atlas, std::span<const DonorSamples> donors) {
  for (std::size_t a = 0; a < atlas.size(); ++a) {
    require_inside(atlas[a], atlas.size() == 1 ? donors : donors.subspan(a, 1));
  }
  Index samples = 0;
  for (const DonorSamples& donor : donors) samples += donor.size();
  throw InputError({file_of(atlas[0], "the atlas"), "regions",
                    text("none that any of the ", samples, " samples belongs to or is near enough"),
                    "an atlas in MNI space with regions of the samples' kinds of tissue"});
}

/// How many of the samples are of each class.
[[nodiscard]] inline std::map<StructureClass, Index> members_of_classes(
    const DonorSamples& samples) {
  std::map<StructureClass, Index> members;
  for (const StructureClass structure : samples.structure) ++members[structure];
  return members;
}

/// Why a sample has no company of its class.
[[nodiscard]] inline std::string lone_reason(StructureClass structure) {
  if (structure == StructureClass::none) return "of no structural class";
  return text("the donor's only sample of class ", to_word(structure, structure_class_words));
}

/// Tells of samples with a region that normalisation has left without a value in any gene.
inline void report_valueless_samples(const RegionSamples& donor, bool by_class,
                                     const DropSink& drop) {
  if (!drop || donor.values.rows() == 0) return;
  const std::vector<Index> with_numbers = columns_with_numbers(donor.values);
  if (std::ssize(with_numbers) == donor.values.cols()) return;
  const auto members = members_of_classes(donor.samples);
  for (Index s = 0; s < donor.samples.size(); ++s) {
    if (donor.label_of(s) == 0) continue;
    if (std::binary_search(with_numbers.begin(), with_numbers.end(), s)) continue;
    const StructureClass structure = donor.samples.structure[static_cast<std::size_t>(s)];
    const bool lone = by_class && (structure == StructureClass::none || members.at(structure) == 1);
    drop({donor.samples.name(s), "sample",
          lone ? lone_reason(structure) + ", so that none of its values can be normalised"
               : "none of its values can be normalised"});
  }
}

/// Samples of each region over all donors.
[[nodiscard]] inline std::vector<Index> summed(std::span<const std::vector<Index>> counts) {
  std::vector<Index> out(counts.empty() ? 0 : counts[0].size(), 0);
  for (const std::vector<Index>& donor : counts) {
    for (std::size_t r = 0; r < out.size(); ++r) out[r] += donor[r];
  }
  return out;
}

/// Tells of the regions and genes that have holes in the table of one donor that is handed out by
/// itself; the regions `empty` (ascending), which have no value in any donor, are told elsewhere.
inline void report_holes_of_donor(int donor, const Eigen::MatrixXd& values,
                                  std::span<const std::string> genes, std::span<const Index> labels,
                                  std::span<const Index> empty, const DropSink& drop) {
  if (!drop) return;
  const std::string whose = text(" of donor ", donor);
  for (const Index label : report_empty_regions(values, labels, {})) {
    if (std::binary_search(empty.begin(), empty.end(), label)) continue;
    drop({text(label), "region", "no sample with a value" + whose});
  }
  static_cast<void>(complete_genes(values, genes, labels, [&](const Dropped& gene) {
    drop({gene.item, gene.kind, gene.reason + " (table" + whose + ")"});
  }));
}

}  // namespace inrgene::detail
