// The raw folders that tests start from: few structures, probes and samples, all values known.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "support/raw_folder.hpp"

namespace inrgene::test {

/// A structure with a left and a right half, as samples and atlases of the tests know it.
struct RawPair {
  Index left_id;  ///< the right half has the next id
  const char* acronym;
  const char* name;
  Index parent;
  const char* path;  ///< of the parent
  const char* tissue;
  std::array<double, 3> left_mm;  ///< centre of the left half
};

/// Eight pairs: four of the cortex, two below it, one each of cerebellum and white matter.
inline constexpr std::array raw_pairs{
    RawPair{12001,
            "SFG",
            "superior frontal gyrus",
            4009,
            "/4005/4006/4007/4008/4009/",
            "cortex",
            {-30, 40, 20}},
    RawPair{12003,
            "PrG",
            "precentral gyrus",
            4009,
            "/4005/4006/4007/4008/4009/",
            "cortex",
            {-46, -10, 40}},
    RawPair{12005, "Cun", "cuneus", 4180, "/4005/4006/4007/4008/4180/", "cortex", {-26, -70, 20}},
    RawPair{12007,
            "MTG",
            "middle temporal gyrus",
            4132,
            "/4005/4006/4007/4008/4132/",
            "cortex",
            {-50, -30, -10}},
    RawPair{12009,
            "CA1",
            "CA1 field",
            4249,
            "/4005/4006/4007/4008/4219/4249/",
            "subcortex/brainstem",
            {-26, -22, -14}},
    RawPair{12011,
            "HCd",
            "head of caudate nucleus",
            4275,
            "/4005/4006/4007/4275/",
            "subcortex/brainstem",
            {-14, 14, 10}},
    RawPair{12013,
            "CbC",
            "crus of the cerebellum",
            4696,
            "/4005/4006/4833/4696/",
            "cerebellum",
            {-26, -62, -38}},
    RawPair{12015, "cgb", "cingulum bundle", 9218, "/4005/9218/", "white matter", {-10, -6, 30}}};

/// The pons: a structure without a hemisphere, in the middle.
inline constexpr Index raw_midline_id = 9131;
inline constexpr std::array<double, 3> raw_midline_mm{0, -28, -30};

/// The ontology of the pairs above with what they hang on.
[[nodiscard]] inline std::vector<RawStructure> raw_ontology() {
  std::vector<RawStructure> out{
      {4005, "Br", "brain", "", "", "/4005/"},
      {4006, "GM", "gray matter", "4005", "", "/4005/4006/"},
      {4007, "Tel", "telencephalon", "4006", "", "/4005/4006/4007/"},
      {4008, "Cx", "cerebral cortex", "4007", "", "/4005/4006/4007/4008/"},
      {4009, "FL", "frontal lobe", "4008", "", "/4005/4006/4007/4008/4009/"},
      {4132, "TL", "temporal lobe", "4008", "", "/4005/4006/4007/4008/4132/"},
      {4180, "OL", "occipital lobe", "4008", "", "/4005/4006/4007/4008/4180/"},
      {4219, "LL", "limbic lobe", "4008", "", "/4005/4006/4007/4008/4219/"},
      {4249, "HiF", "hippocampal formation", "4219", "", "/4005/4006/4007/4008/4219/4249/"},
      {4275, "CxN", "cerebral nuclei", "4007", "", "/4005/4006/4007/4275/"},
      {4833, "MET", "metencephalon", "4006", "", "/4005/4006/4833/"},
      {raw_midline_id, "Pons", "pons", "4833", "", "/4005/4006/4833/9131/"},
      {4696, "Cb", "cerebellum", "4833", "", "/4005/4006/4833/4696/"},
      {9218, "WM", "white matter", "4005", "", "/4005/9218/"}};
  for (const RawPair& pair : raw_pairs) {
    for (const Index side : {0, 1}) {
      out.push_back({pair.left_id + side, pair.acronym,
                     text(pair.name, side == 0 ? ", left" : ", right"), std::to_string(pair.parent),
                     side == 0 ? "L" : "R", text(pair.path, pair.left_id + side, "/")});
    }
  }
  return out;
}

/// What probe `p` measures at a place: a smooth field of its gene (`p`'s first sibling), scaled and
/// shifted by the probe, with the probe's own noise. The same numbers everywhere.
[[nodiscard]] inline double raw_value(std::size_t gene, std::size_t probe, int donor, Index well,
                                      const std::array<double, 3>& mm) {
  const double g = static_cast<double>(gene), p = static_cast<double>(probe);
  const double field = std::sin(mm[0] / (24 + g) + g) + std::cos(mm[1] / (30 - g / 2) - 2 * g) +
                       std::sin(mm[2] / 18 + g / 3);
  const std::uint64_t key = static_cast<std::uint64_t>(well) * 1000003U + probe * 101U;
  const double noise = raw::raw_fraction(key) - 0.5;
  const double scale = 0.6 + 0.1 * std::fmod(p * 3, 7);
  const double value = 6 + std::fmod(p * 5, 4) + scale * field +
                       (0.1 + 0.25 * std::fmod(p, 4)) * noise + (donor % 7) * 0.05;
  return std::round(value * 1e6) / 1e6;
}

/// Probes 1058001, … of genes AAA to JJJ, one to four each, 20 in all. Of the reannotation: the
/// first of CCC is AAA's there, the probe of III has no Entrez id (`NaN`), that of JJJ no row;
/// one row names a probe that Probes.csv does not have. Of Probes.csv: the second probe of BBB
/// has no Entrez id.
inline void add_raw_probes(RawSet& set) {
  constexpr std::array<int, 10> count{3, 2, 4, 1, 3, 2, 1, 2, 1, 1};
  for (std::size_t g = 0; g < count.size(); ++g) {
    const std::string gene(3, static_cast<char>('A' + g));
    for (int i = 0; i < count[g]; ++i) {
      const Index id = 1058001 + std::ssize(set.probes);
      const std::string name = text("A_23_P", id - 1058000), entrez = std::to_string(100 + g);
      set.probes.push_back({id, name, gene, gene == "BBB" && i == 1 ? "" : entrez});
      if (gene == "JJJ") continue;
      const bool moved = gene == "CCC" && i == 0;
      set.reannotation.push_back({name, moved ? "AAA" : gene,
                                  gene == "III" ? "NaN"
                                  : moved       ? "100"
                                                : entrez});
    }
  }
  set.reannotation.push_back({"CUST_9999", "ZZZ", "999"});
}

namespace raw {

inline void add_raw_sample(RawSet& set, RawDonor& donor, Index structure_id,
                           const std::array<double, 3>& centre_mm, const char* slab) {
  RawSample s;
  s.structure_id = structure_id;
  s.slab = slab;
  s.well_id = donor.donor * 10 + 3 * std::ssize(donor.samples);
  const auto key = static_cast<std::uint64_t>(s.well_id);
  for (std::size_t a = 0; a < 3; ++a) {
    const double step = std::floor(5 * raw_fraction(key * 3 + a)) - 2;  // -2 .. 2 mm
    const bool middle = centre_mm[a] == 0;
    s.mni_mm[a] = centre_mm[a] + (middle ? 0 : step);
    s.corrected_mm[a] =
        s.mni_mm[a] + std::round((raw_fraction(key * 5 + a) - 0.5) * 1e6) / 1e6 + (middle ? 1 : 0);
    s.mri_voxel[a] = static_cast<int>(100 + s.mni_mm[a]);
  }
  std::map<std::string, std::size_t> genes;
  for (std::size_t p = 0; p < set.probes.size(); ++p) {
    const std::size_t gene = genes.emplace(set.probes[p].gene, genes.size()).first->second;
    s.values.push_back(raw_value(gene, p, donor.donor, s.well_id, s.corrected_mm));
    // Every fifth probe is seldom present, every sixth half the time, the others nearly always.
    const double often = p % 5 == 4 ? 0.2 : p % 6 == 5 ? 0.5 : 0.95;
    s.calls.push_back(raw_fraction(key * 7919 + p) < often ? 1 : 0);
  }
  donor.samples.push_back(std::move(s));
}

}  // namespace raw

/// The set that tests start from and change. A donor of both hemispheres (9861, 10021) has 34
/// samples, another 26: of every structure (left ones only for the others: three each) and the
/// pons, with one sample of a left structure that lies on the right. Corrected coordinates lie
/// within half a millimetre of the whole ones; the pons' sample has x = 0 and x = 1 + … corrected.
/// The donors of both hemispheres have RNA sequencing.
[[nodiscard]] inline RawSet raw_set(const std::vector<int>& donors = {9861, 10021}) {
  RawSet set;
  set.ontology = raw_ontology();
  add_raw_probes(set);
  set.rna_genes = {"AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG", "YYY"};
  for (const int number : donors) {
    RawDonor donor;
    donor.donor = number;
    const bool both = number == 9861 || number == 10021;
    for (const RawPair& pair : raw_pairs) {
      const char* slab = std::string_view(pair.tissue) == "cerebellum" ? "CB" : "CX";
      for (int i = 0; i < (both ? 2 : 3); ++i) {
        raw::add_raw_sample(set, donor, pair.left_id, pair.left_mm, slab);
      }
      const std::array<double, 3> right{-pair.left_mm[0], pair.left_mm[1], pair.left_mm[2]};
      for (int i = 0; i < (both ? 2 : 0); ++i) {
        raw::add_raw_sample(set, donor, pair.left_id + 1, right, slab);
      }
    }
    raw::add_raw_sample(set, donor, raw_midline_id, raw_midline_mm, "BS");
    const auto& astray = raw_pairs[0].left_mm;
    raw::add_raw_sample(set, donor, raw_pairs[0].left_id, {-astray[0], astray[1], astray[2]}, "CX");
    for (std::size_t s = 0; both && s < donor.samples.size() - 2; s += 2) {
      const RawSample& sample = donor.samples[s];
      RawRnaSample rna{sample.structure_id, sample.well_id + 1, {}};
      for (std::size_t g = 0; g < set.rna_genes.size(); ++g) {
        const double value = raw_value(g, 40 + g, number, rna.well_id, sample.corrected_mm);
        rna.tpm.push_back(std::round(std::exp2(value) * 100) / 100);
      }
      donor.rna.push_back(std::move(rna));
    }
    set.donors.push_back(std::move(donor));
  }
  return set;
}

}  // namespace inrgene::test
