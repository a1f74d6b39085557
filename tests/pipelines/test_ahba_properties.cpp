// Whatever raw folders hold, nothing of it is lost without a word.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/mirror.hpp"
#include "inrgene/core/error.hpp"
#include "pipelines/raw_options.hpp"
#include "pipelines/raw_run.hpp"

using namespace inrgene;
using test::difference;
using test::Options;
using test::options_of_every_kind;
using test::RawDonor;
using test::RawResult;
using test::RawSample;
using test::RawSet;
using test::run_raw;
using test::uneven_set;

namespace {

using Strings = std::multiset<std::string>;

/// Names of all samples of the files and of the copies that mirroring makes.
std::set<std::string> all_samples(const RawSet& set, const Options& o) {
  std::set<std::string> out;
  for (const RawDonor& donor : set.donors) {
    for (const RawSample& s : donor.samples) {
      const std::string name = text(donor.donor, "/", s.well_id);
      const double x = o.how.corrected ? s.corrected_mm[0] : s.mni_mm[0];
      out.insert(name);
      const Mirroring m = o.settings.lr_mirror;
      const bool left = m == Mirroring::leftright || m == Mirroring::bidirectional;
      const bool right = m == Mirroring::rightleft || m == Mirroring::bidirectional;
      if ((x < 0 && left) || (x > 0 && right)) out.insert(name + " (mirrored)");
    }
  }
  return out;
}

/// Each of `all` is in exactly one of the two, and once.
void check_split(const std::set<std::string>& all, const std::set<std::string>& kept,
                 const Strings& reported) {
  std::set<std::string> seen = kept;
  for (const std::string& item : reported) {
    CAPTURE(item);
    CHECK(seen.insert(item).second);  // neither kept nor reported before
  }
  CHECK(seen == all);
}

/// The accounts of one run: probes, genes, samples, regions.
void check_accounts(const RawSet& set, const Options& o, const RawResult& result) {
  const bool by_sample = o.settings.region_agg == RegionAggregation::none;
  std::set<std::string> all, kept;
  for (const test::RawProbe& probe : set.probes) all.insert(std::to_string(probe.id));
  const Strings lost_probes = result.reported("probe");
  if (o.settings.probe_selection == ProbeMethod::average) {
    for (const std::string& id : all) {
      if (!lost_probes.contains(id)) kept.insert(id);
    }
    CHECK(std::ssize(kept) == result.figures.probes_kept);
  }
  for (const auto& donor : result.selected.probe) {
    for (const Index id : donor) {
      if (id >= 0) kept.insert(std::to_string(id));
    }
  }
  check_split(all, kept, lost_probes);

  all = {result.annotated.gene.begin(), result.annotated.gene.end()};
  for (const test::RawProbe& probe : set.probes) all.insert(probe.gene);
  const Strings lost_genes = result.reported("gene");
  if (by_sample) {
    for (const RawResult::Donor& donor : result.donors) {
      std::set<std::string> here;
      Strings lost = lost_genes;
      for (const Index g : complete_genes(donor.table, donor.genes, {}, [&](Dropped gene) {
             CHECK(gene.reason.find(text(donor.table.samples.donor, "/")) != std::string::npos);
             lost.insert(gene.item);
           })) {
        here.insert(donor.genes[static_cast<std::size_t>(g)]);
      }
      check_split(all, here, lost);
    }
  } else if (!o.settings.return_donors) {
    check_split(all, {result.regions.genes.begin(), result.regions.genes.end()}, lost_genes);
  }

  kept.clear();
  for (const RawResult::Donor& donor : result.donors) {
    for (Index s = 0; s < donor.table.samples.size(); ++s) {
      const bool has_value = !donor.table.values.col(s).array().isNaN().all();
      if (by_sample || (donor.table.label_of(s) != 0 && has_value)) {
        CHECK(kept.insert(donor.table.samples.name(s)).second);
      }
    }
  }
  check_split(all_samples(set, o), kept, result.reported("sample"));
  if (by_sample) return;

  // A region without a value is reported once for all donors; one with a value at most for donors.
  for (std::size_t r = 0; r < result.regions.labels.size(); ++r) {
    const std::string label = std::to_string(result.regions.labels[r]);
    const bool empty = result.regions.values.col(static_cast<Index>(r)).array().isNaN().all();
    Index of_all = 0;
    for (const Dropped& d : result.dropped) {
      if (d.kind == "region" && d.item == label && d.reason.find("donor ") == std::string::npos) {
        ++of_all;
      }
    }
    CAPTURE(label);
    const bool is_told = result.reported("region").contains(label);
    CHECK((empty ? is_told : of_all == 0));
  }
  const auto is_reported = [&](std::size_t gene, std::size_t region) {
    return lost_genes.contains(result.regions.genes[gene]) ||
           result.reported("region").contains(std::to_string(result.regions.labels[region]));
  };
  std::vector<Eigen::MatrixXd> written = result.regions.by_donor;
  if (!o.settings.return_donors) written = {result.regions.values};
  for (const Eigen::MatrixXd& table : written) {
    for (Index r = 0; r < table.cols(); ++r) {
      for (Index g = 0; g < table.rows(); ++g) {
        if (!std::isnan(table(g, r))) continue;
        CHECK(is_reported(static_cast<std::size_t>(g), static_cast<std::size_t>(r)));
      }
    }
  }
}

}  // namespace

TEST_CASE("every probe, gene, sample and region is in the result or in the report, once") {
  const RawSet set = uneven_set();
  for (const Options& o : options_of_every_kind()) {
    CAPTURE(o.name);
    check_accounts(set, o, run_raw(set, o.settings, o.how));
  }
  // The reasons that this set was made for.
  const auto reason = [&](const char* item, const std::function<void(AhbaSettings&)>& change) {
    AhbaSettings s;
    change(s);
    return run_raw(set, s).reason(item);
  };
  const auto nothing = [](AhbaSettings&) {};
  CHECK(reason("GGG", nothing) == "diff_stability is undefined for its only probe");
  CHECK(reason("III", nothing) == "no probe of it has an Entrez id in reannotated.csv");
  CHECK(reason("JJJ", nothing) == "no probe of it has an Entrez id in reannotated.csv");
  CHECK(reason("7", nothing) == "no sample of any donor");
  const std::string lone = "12876/128796";
  CHECK(reason(lone.c_str(), nothing).empty());
  CHECK(reason(lone.c_str(), [](AhbaSettings& s) { s.norm_structures = true; }) ==
        "the donor's only sample of class subcortex/brainstem, so that none of its values can be "
        "normalised");
  CHECK(reason(lone.c_str(), [](AhbaSettings& s) {
          s.norm_structures = s.drop_lone_samples = true;
        }) == "the donor's only sample of class subcortex/brainstem");
}

TEST_CASE("a region whose samples came to nothing is not said to have none") {
  // The only samples of the caudate, left and right, are alone in their class for their donor.
  RawSet set = test::raw_set({12876, 14380});
  for (RawDonor& donor : set.donors) {
    bool is_first = true;
    std::erase_if(donor.samples, [&](const RawSample& s) {
      if (s.structure_id == 12009) return true;
      return s.structure_id == 12011 && !std::exchange(is_first, false);
    });
  }
  AhbaSettings s;
  s.norm_structures = true;
  for (const bool drop : {false, true}) {
    s.drop_lone_samples = drop;
    const RawResult result = run_raw(set, s);
    CHECK(result.reason("6") == "all of its 2 samples left out or without a value");
    CHECK(result.reason("5") == "no sample of any donor");
    CHECK(result.regions.counts[0][5] == 1);
  }
}

TEST_CASE("a donor of whom no sample lies in a region has no part in the result") {
  RawSet set = test::raw_set({9861, 10021, 12876}), without = test::raw_set({9861, 10021});
  for (RawSample& s : set.donors[2].samples) s.corrected_mm[2] += 90;
  AhbaSettings settings;
  settings.probe_selection = ProbeMethod::average;  // nothing that all donors decide together
  settings.ibf_threshold = 0;
  for (const MissingRegions missing :
       {MissingRegions::none, MissingRegions::centroids, MissingRegions::interpolate}) {
    for (const RegionAggregation how : {RegionAggregation::donors, RegionAggregation::samples}) {
      settings.missing = missing;
      settings.region_agg = how;
      const RawResult one = run_raw(set, settings), other = run_raw(without, settings);
      CHECK(difference(one.regions.values, other.regions.values) == 0);
      CHECK(one.regions.counts[2] == std::vector<Index>(15, 0));
      REQUIRE(one.warnings.size() == 1);
      CHECK(one.warnings[0] == "donor 12876: no sample lies in a region");
      check_accounts(set, {"no match", settings, {}}, one);
    }
  }
  for (RawDonor& donor : set.donors) {
    for (RawSample& s : donor.samples) s.corrected_mm[2] += 150;
  }
  CHECK_THROWS_AS(static_cast<void>(run_raw(set, settings)), InputError);
}

TEST_CASE("mirrored samples are not mirrored, corrected or moved again") {
  const test::TempDir dir;
  const test::RawPaths paths = test::write_raw_folder(dir / "raw", test::raw_set());
  const AhbaFolder folder = open_ahba(paths.root);
  const Ontology ontology = read_ontology(folder.donors[0].ontology);
  const DonorSamples samples = read_samples_annotation(folder.donors[0], ontology);
  for (const Mirroring way :
       {Mirroring::bidirectional, Mirroring::leftright, Mirroring::rightleft}) {
    DonorSamples once = mirror(samples, ontology, way);
    for (const Mirroring again :
         {Mirroring::bidirectional, Mirroring::leftright, Mirroring::rightleft}) {
      CHECK_THROWS_AS(static_cast<void>(mirror(once, ontology, again)), ArgumentError);
      // Nor after filters, which keep the mark.
      CHECK_THROWS_AS(static_cast<void>(mirror(drop_mismatched(once), ontology, again)),
                      ArgumentError);
    }
    CHECK(mirror(once, ontology, Mirroring::none).size() == once.size());
    CHECK_THROWS_AS(correct_coordinates(once, CorrectedCoordinates::read(paths.coordinates)),
                    ArgumentError);
  }
}
