// The microarray pipeline where no outside reference has a figure: worked out from the raw values.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/raw_options.hpp"
#include "pipelines/raw_run.hpp"

using namespace inrgene;
using test::RawDonor;
using test::RawResult;
using test::RawRun;
using test::RawSample;
using test::RawSet;
using test::run_raw;

namespace {

using Point = std::array<double, 3>;

/// Of whole millimetres the sum of squares is exact, so that equal distances are equal.
double distance(const Point& a, const Point& b) {
  double squares = 0;
  for (std::size_t i = 0; i < 3; ++i) squares += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(squares);
}

/// Means of probes as measured: regions are then means of raw values.
AhbaSettings as_measured() {
  AhbaSettings s;
  s.probe_selection = ProbeMethod::average;
  s.ibf_threshold = 0;
  s.sample_norm.reset();
  s.gene_norm.reset();
  return s;
}

/// Mean of the probes that the reannotation gives a gene, for one sample.
double gene_value(const RawSet& set, const std::string& gene, const RawSample& sample) {
  double sum = 0, count = 0;
  for (std::size_t p = 0; p < set.probes.size(); ++p) {
    for (const test::RawReannotation& row : set.reannotation) {
      if (row.probe_name != set.probes[p].name || row.gene != gene || row.entrez == "NaN") continue;
      sum += sample.values[p];
      count += 1;
    }
  }
  return sum / count;
}

/// The cortical samples of a donor on one side (-1 left, 1 right), in the file's order.
std::vector<const RawSample*> cortex(const RawDonor& donor, int side) {
  std::vector<const RawSample*> out;
  for (const RawSample& s : donor.samples) {
    if (s.structure_id < 12001 || s.structure_id > 12008) continue;
    const bool is_left = s.structure_id % 2 == 1;
    if (is_left == (side < 0) && (s.corrected_mm[0] < 0) == is_left) out.push_back(&s);
  }
  return out;
}

Index position(const std::vector<Index>& labels, Index label) {
  return std::find(labels.begin(), labels.end(), label) - labels.begin();
}

}  // namespace

TEST_CASE("centroids: an empty region takes the donors' nearest samples by inverse distance") {
  const RawSet set = test::raw_set({9861, 10021, 12876});
  AhbaSettings settings = as_measured();
  settings.missing = MissingRegions::centroids;
  const RawResult result = run_raw(set, settings);
  // Boxes 7 and 17 of the atlas have no sample; their centres are those of the voxels. Left and
  // right cortex stand in for them; the last donor has no right samples.
  for (const int side : {-1, 1}) {
    const Point centre{side * 12.0, 58, -6};
    std::vector<std::pair<const RawSample*, double>> nearest;
    for (const RawDonor& donor : set.donors) {
      const auto samples = cortex(donor, side);
      if (samples.empty()) continue;
      const auto best =
          *std::min_element(samples.begin(), samples.end(), [&](const auto* a, const auto* b) {
            return distance(a->corrected_mm, centre) < distance(b->corrected_mm, centre);
          });
      nearest.emplace_back(best, distance(best->corrected_mm, centre));
    }
    CHECK(nearest.size() == (side < 0 ? 3 : 2));
    const Index r = position(result.regions.labels, side < 0 ? 7 : 17);
    for (std::size_t g = 0; g < result.regions.genes.size(); ++g) {
      double sum = 0, weights = 0;
      for (const auto& [sample, mm] : nearest) {
        sum += gene_value(set, result.regions.genes[g], *sample) / mm;
        weights += 1 / mm;
      }
      CHECK(result.regions.values(static_cast<Index>(g), r) ==
            doctest::Approx(sum / weights).epsilon(1e-12));
    }
  }
  CHECK(result.figures.regions_filled == 2);
  // The pons' region is on both sides: only a sample without a side could stand for it.
  CHECK(result.reason("20") ==
        "no donor has a sample in it, or one of its class and side to stand for it");
}

TEST_CASE("interpolation: voxels of an empty region take the donor's nearest samples") {
  const RawSet set = test::raw_set({9861, 12876});
  AhbaSettings settings = as_measured();
  settings.missing = MissingRegions::interpolate;
  settings.return_donors = true;
  const RawResult result = run_raw(set, settings);
  const test::TempDir dir;
  const Volume<std::int32_t> atlas =
      read_nifti<std::int32_t>(test::write_raw_atlas(dir.path()).volume);
  std::vector<std::pair<Point, std::int32_t>> voxels;
  for (std::size_t k = 0; k < 33; ++k) {
    for (std::size_t j = 0; j < 45; ++j) {
      for (std::size_t i = 0; i < 37; ++i) {
        if (atlas.values(i, j, k) == 0) continue;
        voxels.push_back({{-72 + 4.0 * static_cast<double>(i), -104 + 4.0 * static_cast<double>(j),
                           -68 + 4.0 * static_cast<double>(k)},
                          atlas.values(i, j, k)});
      }
    }
  }
  // A sample stands on the labelled voxel nearest to it; a voxel takes the nearest of those, the
  // first of equally near ones.
  const auto place_of = [&](const RawSample& s) {
    return std::min_element(voxels.begin(), voxels.end(),
                            [&](const auto& a, const auto& b) {
                              return distance(a.first, s.corrected_mm) <
                                     distance(b.first, s.corrected_mm);
                            })
        ->first;
  };
  for (std::size_t d = 0; d < 2; ++d) {
    for (const int side : {-1, 1}) {
      const Index label = side < 0 ? 7 : 17;
      const Index r = position(result.regions.labels, label);
      const auto samples = cortex(set.donors[d], side);
      if (samples.empty()) {
        CHECK(d == 1);
        CHECK(std::isnan(result.regions.by_donor[d](0, r)));
        continue;
      }
      std::vector<Point> places;
      for (const RawSample* s : samples) places.push_back(place_of(*s));
      std::vector<double> weight(samples.size(), 0.0);
      double total = 0;
      for (const auto& [mm, of] : voxels) {
        if (of != label) continue;
        std::size_t best = 0;
        for (std::size_t s = 1; s < places.size(); ++s) {
          if (distance(places[s], mm) < distance(places[best], mm)) best = s;
        }
        weight[best] += 1 / distance(places[best], mm);
        total += 1 / distance(places[best], mm);
      }
      for (std::size_t g = 0; g < result.regions.genes.size(); ++g) {
        double expected = 0;
        for (std::size_t s = 0; s < samples.size(); ++s) {
          expected += weight[s] / total * gene_value(set, result.regions.genes[g], *samples[s]);
        }
        CHECK(result.regions.by_donor[d](static_cast<Index>(g), r) ==
              doctest::Approx(expected).epsilon(1e-12));
      }
    }
  }
  CHECK(result.figures.regions_filled == 2);  // the first donor's; the other has 7 only
}

TEST_CASE("a donor's own space: samples are matched where its T1 image has them") {
  RawSet set = test::raw_set({9861, 10021});
  const AhbaSettings settings = [] {
    AhbaSettings s = as_measured();
    s.tolerance = 4;  // voxels of 4 mm: no place is farther than 3.5 mm from a centre
    s.region_agg = RegionAggregation::samples;
    return s;
  }();
  const test::TempDir dir;
  const test::RawPaths paths = test::write_raw_folder(dir / "raw", set);
  // The voxels of the T1 are whole millimetres + 100, x running backwards in the second donor, and
  // each brain lies elsewhere in its own space but along x, whose sign tells the sides apart.
  for (RawSample& s : set.donors[1].samples) s.mri_voxel[0] = 300 - s.mri_voxel[0];
  static_cast<void>(test::write_raw_folder(dir / "raw", set));
  const std::map<int, Affine> t1{
      {9861, {{{1, 0, 0, -100}, {0, 1, 0, -70}, {0, 0, 1, -150}, {0, 0, 0, 1}}}},
      {10021, {{{-1, 0, 0, 200}, {0, 1, 0, -125}, {0, 0, 1, -80}, {0, 0, 0, 1}}}}};
  std::vector<VolumeRegions> regions;
  for (const Point& moved : {Point{0, 30, -50}, Point{0, -25, 20}}) {
    const test::RawAtlas files = test::write_raw_atlas(dir.path());
    Atlas atlas = read_atlas(files.volume);
    for (std::size_t a = 0; a < 3; ++a) atlas.labels.voxel_to_mm[a][3] += moved[a];
    std::vector<Index> labels;
    for (const Region& region : atlas.regions) labels.push_back(region.id);
    regions.emplace_back(
        std::move(atlas), read_region_info(files.info, labels),
        MatchSettings{.tolerance = settings.tolerance, .placement = GridPlacement::as_given});
  }
  const RawResult result =
      run_raw(paths, settings, RawRun{}, std::span<const VolumeRegions>(regions), t1);
  // Whole millimetres: the pons' sample lies at x = 0 and stays, in region 20.
  std::map<Index, std::vector<const RawSample*>> inside;
  for (const RawDonor& donor : set.donors) {
    for (const RawSample& s : donor.samples) {
      const bool left = set.structure(s.structure_id).hemisphere == "L";
      const bool right = set.structure(s.structure_id).hemisphere == "R";
      if ((left && s.mni_mm[0] >= 0) || (right && s.mni_mm[0] <= 0)) continue;
      if (!left && !right) inside[20].push_back(&s);
      const Index pair = (s.structure_id - 12001) / 2;
      if (s.structure_id > 12000 && pair < 6) inside[pair + (left ? 1 : 11)].push_back(&s);
    }
  }
  CHECK(inside.size() == 13);
  for (std::size_t r = 0; r < result.regions.labels.size(); ++r) {
    const auto found = inside.find(result.regions.labels[r]);
    const Index count = result.regions.counts[0][r] + result.regions.counts[1][r];
    REQUIRE(count == (found == inside.end() ? 0 : std::ssize(found->second)));
    for (std::size_t g = 0; count > 0 && g < result.regions.genes.size(); ++g) {
      double sum = 0;
      for (const RawSample* s : found->second) sum += gene_value(set, result.regions.genes[g], *s);
      CHECK(result.regions.values(static_cast<Index>(g), static_cast<Index>(r)) ==
            doctest::Approx(sum / static_cast<double>(count)).epsilon(1e-12));
    }
  }
  CHECK(result.reason("9861/98706").empty());

  // Atlases of other regions, and a donor without a T1.
  std::map<int, Affine> half = t1;
  half.erase(10021);
  CHECK_THROWS_AS(static_cast<void>(run_raw(paths, settings, RawRun{},
                                            std::span<const VolumeRegions>(regions), half)),
                  ArgumentError);
}

TEST_CASE("RNA sequencing chooses the probe whose structures agree with it best") {
  const RawSet set = test::raw_set({9861, 10021, 12876});
  AhbaSettings settings;
  settings.probe_selection = ProbeMethod::rnaseq;
  settings.ibf_threshold = 0;
  const RawResult result = run_raw(set, settings);
  // Ranks from 1; the means here are all different.
  const auto ranks = [](const std::vector<double>& x) {
    std::vector<double> out;
    for (const double v : x) {
      out.push_back(1.0 + static_cast<double>(
                              std::count_if(x.begin(), x.end(), [&](double u) { return u < v; })));
    }
    return out;
  };
  const auto spearman = [&](const std::vector<double>& x, const std::vector<double>& y) {
    const std::vector<double> a = ranks(x), b = ranks(y);
    const auto n = static_cast<double>(a.size());
    double squares = 0;  // 1 - 6 Σ d² / (n (n² - 1)): no ties
    for (std::size_t i = 0; i < a.size(); ++i) squares += (a[i] - b[i]) * (a[i] - b[i]);
    return 1 - 6 * squares / (n * (n * n - 1));
  };
  const auto agreement = [&](std::size_t probe, std::size_t gene) {
    double sum = 0, donors = 0;
    for (const RawDonor& donor : set.donors) {
      if (donor.rna.empty()) continue;
      std::map<Index, std::pair<double, double>> chip, rna;  // sum, count by structure
      for (const RawSample& s : donor.samples) {
        const std::string& side = set.structure(s.structure_id).hemisphere;
        const double x = s.corrected_mm[0];
        if (side == "L" ? !(x < 0) : !(side == "R" && x > 0)) continue;
        chip[s.structure_id].first += s.values[probe];
        chip[s.structure_id].second += 1;
      }
      for (const test::RawRnaSample& s : donor.rna) {
        rna[s.structure_id].first += s.tpm[gene];
        rna[s.structure_id].second += 1;
      }
      std::vector<double> a, b;
      for (const auto& [id, mean] : chip) {
        if (!rna.contains(id)) continue;
        a.push_back(mean.first / mean.second);
        b.push_back(rna[id].first / rna[id].second);
      }
      REQUIRE(a.size() > 8);
      sum += spearman(a, b);
      donors += 1;
    }
    CHECK(donors == 2);
    return sum / donors;
  };
  Index several = 0;
  std::vector<std::string> genes;
  for (std::size_t gene = 0; gene < set.rna_genes.size(); ++gene) {
    Index chosen = -1, probes = 0;
    double best = -2;
    for (std::size_t p = 0; p < set.probes.size(); ++p) {
      const bool is_of = std::any_of(
          set.reannotation.begin(), set.reannotation.end(), [&](const test::RawReannotation& row) {
            return row.probe_name == set.probes[p].name && row.gene == set.rna_genes[gene];
          });
      if (!is_of) continue;
      ++probes;
      const double r = agreement(p, gene);
      if (r > best) chosen = set.probes[p].id;
      best = std::max(best, r);
    }
    if (probes == 0) continue;  // YYY has none
    several += probes > 1 ? 1 : 0;
    genes.push_back(set.rna_genes[gene]);
    CAPTURE(genes.back());
    const auto at =
        std::find(result.selected.genes.begin(), result.selected.genes.end(), genes.back()) -
        result.selected.genes.begin();
    REQUIRE(at < std::ssize(result.selected.genes));
    for (const auto& donor : result.selected.probe) {
      CHECK(donor[static_cast<std::size_t>(at)] == chosen);
    }
  }
  CHECK(several == 5);
  CHECK(result.selected.genes == genes);  // HHH is not sequenced
  CHECK(result.reason("HHH") ==
        "its probes cannot be compared with RNA sequencing, which does not have the gene or does "
        "not vary");
}

TEST_CASE("a sample alone in its class: all genes of the donor, or the sample") {
  const RawSet set = test::uneven_set();
  AhbaSettings settings;
  settings.region_agg = RegionAggregation::none;
  settings.norm_structures = true;
  const RawResult with = run_raw(set, settings);
  settings.drop_lone_samples = true;
  const RawResult without = run_raw(set, settings);
  const auto& kept = with.donors[2];
  const auto& dropped = without.donors[2];
  CHECK(complete_genes(kept.table, kept.genes).empty());
  CHECK(complete_genes(dropped.table, dropped.genes).size() == dropped.genes.size());
  CHECK(dropped.table.samples.size() == kept.table.samples.size() - 1);
  CHECK(without.reason("12876/128796") == "the donor's only sample of class subcortex/brainstem");
  // The other samples and donors have the same numbers.
  Index same = 0;
  for (Index s = 0, k = 0; s < kept.table.samples.size(); ++s) {
    if (kept.table.samples.name(s) == "12876/128796") continue;
    same += kept.table.values.col(s) == dropped.table.values.col(k++) ? 1 : 0;
  }
  CHECK(same == dropped.table.samples.size());
  for (const std::size_t d : {0U, 1U}) {
    CHECK(test::difference(with.donors[d].table.values, without.donors[d].table.values) == 0);
  }
}
