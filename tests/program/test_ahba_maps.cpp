// From raw folders to maps: inrgene ahba by sample, order, train and predict; maps without
// training.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/io/nifti.hpp"
#include "program/raw_data.hpp"
#include "program/run_program.hpp"

namespace inrgene::test {

namespace {

using Names = std::vector<std::string>;

/// One row of the tables by sample.
struct Place {
  std::array<double, 3> mm{};
  std::string structure;
  double value = 0;
};

/// All donors' samples in `folder` with the values of `gene`; without it their labels as values.
std::vector<Place> places_in(const RawData& data, const std::string& folder,
                             const std::string& gene) {
  std::vector<Place> out;
  for (const RawDonor& donor : data.set.donors) {
    const CsvTable values = data.table(text(folder, "/expression_", donor.donor, ".csv"));
    const CsvTable annotation = data.table(text(folder, "/annotation_", donor.donor, ".csv"));
    REQUIRE(values.rows() == annotation.rows());
    const Index column = values.column(gene);
    for (Index row = 0; row < values.rows(); ++row) {
      Place place;
      for (std::size_t a = 0; a < 3; ++a) {
        place.mm[a] = annotation.finite(row, 1 + static_cast<Index>(a));
      }
      place.structure = annotation.cell(row, annotation.column("structure"));
      place.value = values.finite(row, column);
      out.push_back(place);
    }
  }
  return out;
}

/// Mean of the k nearest samples of a class (empty: any), weighted by 1/distance.
double by_inverse_distance(const std::vector<Place>& places, const std::array<double, 3>& mm,
                           std::size_t k, const std::string& structure) {
  std::vector<std::pair<double, double>> near;  // distance, value
  for (const Place& place : places) {
    if (!structure.empty() && place.structure != structure) continue;
    near.emplace_back(std::hypot(place.mm[0] - mm[0], place.mm[1] - mm[1], place.mm[2] - mm[2]),
                      place.value);
  }
  std::sort(near.begin(), near.end());
  double sum = 0, weights = 0;
  for (std::size_t i = 0; i < std::min(k, near.size()); ++i) {
    sum += near[i].second / near[i].first;
    weights += 1 / near[i].first;
  }
  return sum / weights;
}

}  // namespace

TEST_SUITE("program") {
  TEST_CASE("ahba by sample writes every kept sample and copy once, where it lies") {
    const RawData data;
    const std::string printed =
        data.process("out", {"--lr-mirror", "leftright", "--norm-structures", "--region-agg",
                             "none", "--tissue-sign", "released-code", "--norm-all"});
    CHECK(!std::filesystem::exists(data.dir / "out/expression.csv"));
    CHECK(!std::filesystem::exists(data.dir / "out/counts.csv"));
    Index rows = 0;
    for (const RawDonor& donor : data.set.donors) {
      const CsvTable annotation = data.table(text("out/annotation_", donor.donor, ".csv"));
      const CsvTable values = data.table(text("out/expression_", donor.donor, ".csv"));
      REQUIRE(annotation.header() == Names{"well_id", "mni_x", "mni_y", "mni_z", "classification",
                                           "structure", "hemisphere", "label", "donor", "slab",
                                           "structure_id", "structure_name", "mirrored"});
      // What must be there: samples on the side of their structure in the file's order, then the
      // copies of the left ones with -x and the structure of the other side.
      struct Expected {
        const RawSample* sample;
        bool copied;
      };
      std::vector<Expected> expected;
      for (const bool copied : {false, true}) {
        for (const RawSample& s : donor.samples) {
          const std::string& side = data.set.structure(s.structure_id).hemisphere;
          const double x = s.corrected_mm[0];
          const bool kept = side == "L" ? x < 0 : (side == "R" && x > 0);
          if (kept && (!copied || x < 0)) expected.push_back({&s, copied});
        }
      }
      REQUIRE(annotation.rows() == std::ssize(expected));
      REQUIRE(values.rows() == std::ssize(expected));
      for (Index row = 0; row < values.rows(); ++row) {
        const auto& [sample, copied] = expected[static_cast<std::size_t>(row)];
        CHECK(annotation.integer(row, 0) == sample->well_id);
        CHECK(values.integer(row, 1) == sample->well_id);
        CHECK(values.cell(row, 0) == annotation.cell(row, annotation.column("label")));
        CHECK(annotation.integer(row, annotation.column("mirrored")) == (copied ? 1 : 0));
        CHECK(annotation.number(row, 1) == (copied ? -1 : 1) * sample->corrected_mm[0]);
        CHECK(annotation.number(row, 2) == sample->corrected_mm[1]);
        CHECK(annotation.number(row, 3) == sample->corrected_mm[2]);
        const Index structure = sample->structure_id + (copied ? 1 : 0);
        CHECK(annotation.integer(row, annotation.column("structure_id")) == structure);
        CHECK(annotation.cell(row, annotation.column("structure_name")) ==
              data.set.structure(structure).name);
        CHECK(annotation.cell(row, annotation.column("hemisphere")) ==
              data.set.structure(structure).hemisphere);
        const bool is_white =
            annotation.cell(row, annotation.column("structure")) == "white matter";
        CHECK(is_white == (sample->structure_id >= 12015 && sample->structure_id <= 12016));
        // The released code calls white 1 and grey -1.
        CHECK(annotation.integer(row, 4) == (is_white ? 1 : -1));
      }
      rows += values.rows();
    }
    CHECK(contains(printed, text("samples ", rows, "\n")));
  }

  TEST_CASE("four commands from raw folders to maps of genes") {
    const RawData data;
    data.dir.write("panel.txt", "AAA\nBBB\nCCC\nFFF\nHHH\n");
    data.process("ahba", {"--lr-mirror", "leftright", "--norm-structures", "--region-agg", "none",
                          "--genes", data / "panel.txt"});
    Names expression, annotation;
    for (const int donor : {9861, 10021, 12876}) {
      expression.push_back(data / text("ahba/expression_", donor, ".csv"));
      annotation.push_back(data / text("ahba/annotation_", donor, ".csv"));
    }
    Names order{"order", "--affinity", "correlation", "--out", data / "order.csv", "--expression"};
    order.insert(order.end(), expression.begin(), expression.end());
    succeed(order);
    CHECK(data.table("order.csv").rows() == 5);
    Names train{"train",
                "--order",
                data / "order.csv",
                "--out",
                data / "m.safetensors",
                "--steps",
                "150",
                "--hidden-features",
                "16",
                "--hidden-layers",
                "1",
                "--first-omega",
                "3",
                "--hidden-omega",
                "3",
                "--lr",
                "0.01",
                "--metrics",
                data / "metrics.csv",
                "--expression"};
    train.insert(train.end(), expression.begin(), expression.end());
    train.push_back("--annotation");
    train.insert(train.end(), annotation.begin(), annotation.end());
    succeed(train);
    const CsvTable metrics = data.table("metrics.csv");
    CHECK(metrics.number(5, metrics.column("training_r")) > 0.5);  // the mean over genes
    succeed({"predict", "--model", data / "m.safetensors", "--all", "--atlas",
             data.atlas.volume.string(), "--out-dir", data / "maps"});
    const Volume<std::int32_t> atlas = read_nifti<std::int32_t>(data.atlas.volume);
    for (const char* gene : {"AAA", "BBB", "CCC", "FFF", "HHH"}) {
      const Volume<float> map = read_nifti<float>(data.dir / text("maps/", gene, ".nii.gz"));
      CHECK(map.voxel_to_mm == atlas.voxel_to_mm);
      float lowest = 10, highest = -10;
      bool finite = true;
      for (std::size_t v = 0; v < atlas.values.size(); ++v) {
        finite = finite && std::isfinite(map.values.data()[v]);
        if (atlas.values.data()[v] == 0) continue;
        lowest = std::min(lowest, map.values.data()[v]);
        highest = std::max(highest, map.values.data()[v]);
      }
      CHECK(finite);
      CHECK(highest - lowest > 0.1F);
    }
  }

  TEST_CASE("ahba --dense: at every labelled voxel the nearest samples by inverse distance") {
    const RawData data;
    const Names options{"--lr-mirror", "bidirectional", "--norm-all"};
    Names rows = options, maps = options, classes = options;
    rows.insert(rows.end(), {"--region-agg", "none"});
    data.process("rows", rows);
    maps.insert(maps.end(), {"--dense", "AAA", "HHH", "--dense-neighbors", "3"});
    data.process("maps", maps);
    classes.insert(classes.end(), {"--dense", "AAA", "--dense-structures", "--threads", "1"});
    data.process("classes", classes);
    const Volume<std::int32_t> atlas = read_nifti<std::int32_t>(data.atlas.volume);
    const CsvTable info = read_csv(data.atlas.info);
    const auto structure_of = [&](std::int32_t label) {
      for (Index row = 0; row < info.rows(); ++row) {
        if (info.integer(row, 0) == label) return std::string(info.cell(row, 3));
      }
      return std::string();
    };
    const auto check = [&](const std::string& file, const std::string& gene, std::size_t k,
                           bool by_class) {
      const std::vector<Place> places = places_in(data, "rows", gene);
      const Volume<float> map = read_nifti<float>(data.dir / file);
      CHECK(map.voxel_to_mm == atlas.voxel_to_mm);
      REQUIRE(map.values.shape() == atlas.values.shape());
      double largest = 0;
      for (std::size_t z = 0; z < 33; ++z) {
        for (std::size_t y = 0; y < 45; ++y) {
          for (std::size_t x = 0; x < 37; ++x) {
            const std::int32_t label = atlas.values(x, y, z);
            const double value = static_cast<double>(map.values(x, y, z));
            if (label == 0) {
              largest = std::max(largest, std::abs(value));
              continue;
            }
            const std::array<double, 3> mm{-72 + 4.0 * static_cast<double>(x),
                                           -104 + 4.0 * static_cast<double>(y),
                                           -68 + 4.0 * static_cast<double>(z)};
            const double expected =
                by_inverse_distance(places, mm, k, by_class ? structure_of(label) : "");
            largest = std::max(largest, std::abs(value - expected));
          }
        }
      }
      CHECK(largest < 1e-6);
    };
    check("maps/dense_AAA.nii.gz", "AAA", 3, false);
    check("maps/dense_HHH.nii.gz", "HHH", 3, false);
    check("classes/dense_AAA.nii.gz", "AAA", 10, true);
    // The other tables are those of a run without maps.
    data.process("plain", options);
    CHECK(data.dir.read("plain/expression.csv") == data.dir.read("maps/expression.csv"));
  }

  TEST_CASE("ahba --dense: genes that are not there") {
    const RawData data;
    const Result some = run(data.ahba("some", {"--dense", "NOPE", "AAA"}));
    REQUIRE(some.code == 0);
    CHECK(contains(some.err, "warning: 1 gene asked for and not in"));
    CHECK(names_in(data.dir / "some") == Names{"counts.csv", "dense_AAA.nii.gz", "expression.csv",
                                               "methods.txt", "report.csv", "run.json"});
    // A gene that only the map is asked of need not be in the list of genes.
    data.dir.write("genes.txt", "BBB\n");
    data.process("list",
                 {"--dense", "AAA", "--genes", data / "genes.txt", "--sample-norm", "none"});
    CHECK(std::filesystem::exists(data.dir / "list/dense_AAA.nii.gz"));
    CHECK(genes_of(data.table("list/expression.csv"), 1) == Names{"BBB"});
    const auto before = listing(data.dir.path());
    const Result none = run(data.ahba("none", {"--dense", "NOPE"}));
    CHECK(none.code == 3);
    CHECK(contains(none.err, "found none of the 1 genes asked for (NOPE)"));
    CHECK(listing(data.dir.path()) == before);
  }

  TEST_CASE("ahba: donors of whom nothing is left, and nothing left at all") {
    const Names by_sample{"--region-agg", "none"};
    // The last donor's brain lies elsewhere: no table of it, so that `order` can read all there
    // are.
    RawSet set = raw_set({9861, 10021, 12876});
    for (RawSample& s : set.donors[2].samples) s.corrected_mm[2] += 90;
    const RawData away(set);
    const Result result = run(away.ahba("out", by_sample));
    REQUIRE(result.code == 0);
    CHECK(contains(result.err, "donor 12876: no sample lies in a region"));
    CHECK(contains(result.err, "donor 12876 has no table"));
    CHECK(names_in(away.dir / "out") == Names{"annotation_10021.csv", "annotation_9861.csv",
                                              "expression_10021.csv", "expression_9861.csv",
                                              "methods.txt", "report.csv", "run.json"});
    CHECK(contains(away.dir.read("out/report.csv"),
                   "12876/128760,sample,no sample of its donor lies in a region"));

    // Two samples of two classes, each alone in its own.
    set = raw_set({9861, 10021, 12876});
    std::vector<RawSample>& samples = set.donors[2].samples;
    bool has_cortex = false, has_caudate = false;
    std::erase_if(samples, [&](const RawSample& s) {
      if (s.structure_id == 12001) return s.corrected_mm[0] > 0 || std::exchange(has_cortex, true);
      return s.structure_id != 12011 || std::exchange(has_caudate, true);
    });
    REQUIRE(samples.size() == 2);
    const RawData few(set);
    const Names classes{"--region-agg", "none", "--norm-structures"};
    const Result lone = run(few.ahba("lone", classes));
    REQUIRE(lone.code == 0);
    CHECK(contains(lone.err, "warning: donor 12876: some sample has no value in any gene"));
    CHECK(few.table("lone/expression_12876.csv").header() == Names{"label", "well_id"});
    Names only = classes;
    only.insert(only.end(),
                {"--drop-lone-samples", "--donors", "12876", "--probe-selection", "max_variance"});
    const auto before = listing(few.dir.path());
    const Result none = run(few.ahba("none", only));
    CHECK(none.code == 3);
    CHECK(contains(none.err, "samples: found none left of any donor"));
    CHECK(listing(few.dir.path()) == before);
    only[1] = "donors";
    const Result empty = run(few.ahba("empty", only));
    REQUIRE(empty.code == 0);
    CHECK(contains(empty.err, "warning: no region has a value in any gene"));

    // Donors without a structure in common: no probe has a differential stability.
    set = raw_set({9861, 10021});
    for (std::size_t d : {0U, 1U}) {
      std::erase_if(set.donors[d].samples,
                    [&](const RawSample& s) { return (s.structure_id < 12005) == (d == 0); });
    }
    const RawData apart(set);
    const Result no_gene = run(apart.ahba("out"));
    CHECK(no_gene.code == 3);
    CHECK(contains(no_gene.err, "genes: found none that diff_stability can choose a probe for"));
    CHECK(!std::filesystem::exists(apart.dir / "out"));
  }
}

}  // namespace inrgene::test
