// Samples of one hemisphere copied to the same place in the other.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/ontology.hpp"
#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

namespace detail {

[[nodiscard]] constexpr Hemisphere other_side(Hemisphere side) {
  if (side == Hemisphere::left) return Hemisphere::right;
  if (side == Hemisphere::right) return Hemisphere::left;
  return side;
}

}  // namespace detail

/// The samples, then copies of those with x < 0 (leftright), or of those with x > 0 (rightleft), or
/// first the one and then the other (bidirectional), each in the samples' order. A copy has -x, and
/// the structure of the same acronym on the other side of `ontology` (its id, acronym, name, side
/// and class); well and expression column are its source's. All samples stay, x = 0 has no copy,
/// and the side a sample lies on decides, not the side of its structure.
/// `none` gives the samples as they are.
/// Throws ArgumentError when the samples are mirrored already or columns have different lengths;
/// InputError when the ontology has no such structure, naming the sample.
/// Cost: O(samples log structures).
/// Source: Romero-Garcia et al. 2018; abagen's lr_mirror.
[[nodiscard]] inline DonorSamples mirror(const DonorSamples& samples, const Ontology& ontology,
                                         Mirroring mirroring) {
  samples.check();
  if (mirroring == Mirroring::none) return samples;
  require(!samples.mirrored, text("samples of donor ", samples.donor), "mirrored ones",
          "samples that are mirrored once only");
  std::vector<Index> order;
  for (Index s = 0; s < samples.size(); ++s) order.push_back(s);
  const auto add_side = [&](double sign) {
    for (Index s = 0; s < samples.size(); ++s) {
      if (sign * samples.mni_mm(0, s) > 0) order.push_back(s);
    }
  };
  if (mirroring != Mirroring::rightleft) add_side(-1);
  if (mirroring != Mirroring::leftright) add_side(1);

  DonorSamples out = samples.select(order);
  out.mirrored = true;
  for (Index i = samples.size(); i < out.size(); ++i) {
    const auto s = static_cast<std::size_t>(i);
    const std::string asked_by = text("the mirror image of sample ", out.name(i), " in ", out.file);
    const OntologyStructure& there =
        ontology.counterpart(out.acronym[s], detail::other_side(out.hemisphere[s]), asked_by);
    out.mni_mm(0, i) = -out.mni_mm(0, i);
    out.copied[s] = 1;
    out.structure_id[s] = there.id;
    out.acronym[s] = there.acronym;
    out.structure_name[s] = there.name;
    out.hemisphere[s] = there.hemisphere;
    out.structure[s] = there.tissue;
  }
  return out;
}

}  // namespace inrgene
