// inrgene ahba on small raw folders: its tables against figures that the test works out itself.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/atlas/region_table.hpp"
#include "inrgene/io/json.hpp"
#include "inrgene/io/nifti.hpp"
#include "program/raw_data.hpp"
#include "program/run_program.hpp"

namespace inrgene::test {

namespace {

using Names = std::vector<std::string>;

/// Label of the atlas's box about a structure, 0 without one.
Index label_of(Index structure_id) {
  for (Index p = 0; p < 6; ++p) {
    const Index left = raw_pairs[static_cast<std::size_t>(p)].left_id;
    if (structure_id == left) return p + 1;
    if (structure_id == left + 1) return p + 11;
  }
  return structure_id == raw_midline_id ? 20 : 0;
}

/// Whether a sample lies on the side of its structure.
bool is_on_its_side(const RawSet& set, const RawSample& sample, double x) {
  const std::string& side = set.structure(sample.structure_id).hemisphere;
  return side == "L" ? x < 0 : (side == "R" ? x > 0 : x == 0);
}

/// Genes that the reannotation gives the set, with the rows of their probes; those with at least
/// the share `threshold` of present calls.
std::map<std::string, std::vector<std::size_t>> probes_by_gene(const RawSet& set,
                                                               double threshold) {
  std::map<std::string, std::string> gene_of;
  for (const RawReannotation& row : set.reannotation) {
    if (row.entrez != "NaN") gene_of[row.probe_name] = row.gene;
  }
  std::map<std::string, std::vector<std::size_t>> out;
  for (std::size_t p = 0; p < set.probes.size(); ++p) {
    const auto gene = gene_of.find(set.probes[p].name);
    if (gene == gene_of.end()) continue;
    Index present = 0, samples = 0;
    for (const RawDonor& donor : set.donors) {
      for (const RawSample& s : donor.samples) {
        if (!is_on_its_side(set, s, s.corrected_mm[0])) continue;
        present += s.calls[p];
        ++samples;
      }
    }
    if (static_cast<double>(present) >= threshold * static_cast<double>(samples)) {
      out[gene->second].push_back(p);
    }
  }
  return out;
}

Names keys_of(const std::map<std::string, std::vector<std::size_t>>& groups) {
  Names names;
  for (const auto& [gene, probes] : groups) names.push_back(gene);
  return names;
}

const std::vector<Index> all_labels{1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 14, 15, 16, 17, 20};

}  // namespace

TEST_SUITE("program") {
  TEST_CASE("ahba with defaults: five files whose numbers hang together") {
    const RawData data;
    const std::string printed = data.process("out");
    CHECK(names_in(data.dir / "out") ==
          Names{"counts.csv", "expression.csv", "methods.txt", "report.csv", "run.json"});
    const RegionTable regions = read_regions(data.dir / "out/expression.csv");
    CHECK(regions.label == all_labels);
    CHECK(regions.genes == keys_of(probes_by_gene(data.set, 0.5)));
    CHECK(contains(printed, text("genes ", regions.genes.size(), "\nregions 15\n")));

    // Samples of the structures that the atlas has, on their own side.
    const CsvTable counts = data.table("out/counts.csv");
    CHECK(counts.header() == Names{"label", "9861", "10021", "12876"});
    std::map<Index, Index> sampled;
    for (Index d = 0; d < 3; ++d) {
      std::map<Index, Index> expected;
      for (const RawSample& s : data.set.donors[static_cast<std::size_t>(d)].samples) {
        if (is_on_its_side(data.set, s, s.corrected_mm[0])) ++expected[label_of(s.structure_id)];
      }
      for (Index r = 0; r < counts.rows(); ++r) {
        CHECK(counts.integer(r, 0) == all_labels[static_cast<std::size_t>(r)]);
        CHECK(counts.integer(r, d + 1) == expected[counts.integer(r, 0)]);
        sampled[counts.integer(r, 0)] += counts.integer(r, d + 1);
      }
    }
    // A region is empty when no donor has a sample there, and else in [0, 1], where srs leads.
    for (Index r = 0; r < std::ssize(regions.label); ++r) {
      const bool has = sampled[regions.label[static_cast<std::size_t>(r)]] > 0;
      for (Index g = 0; g < regions.values.rows(); ++g) {
        const double value = regions.values(g, r);
        CHECK((has ? value >= 0 && value <= 1 : std::isnan(value)));
      }
    }
    const Json run_json = parse_json(data.dir.read("out/run.json"), "run.json");
    CHECK(run_json.at("subcommand") == "ahba");
    CHECK(run_json.at("configuration").at("probe-selection") == "diff_stability");
    CHECK(run_json.at("configuration").at("donors") == Json::array());
    CHECK(run_json.at("configuration").at("sim-threshold") == "none");
    CHECK(run_json.at("metrics").at("samples_measured") == 34 + 34 + 26);
    CHECK(run_json.at("metrics").at("genes_written") == std::ssize(regions.genes));
    CHECK(run_json.at("metrics").at("regions_without_samples") == 3);  // 7, 17, 20
    CHECK(data.dir.read("out/methods.txt").starts_with("Gene expression came from"));
  }

  TEST_CASE("ahba: regions are means of samples, and the table is the mean of the donors'") {
    const RawData data;
    data.process("mean");
    data.process("donors", {"--return-donors"});
    data.process("samples", {"--region-agg", "none"});
    data.process("pooled", {"--region-agg", "samples"});
    const RegionTable mean = read_regions(data.dir / "mean/expression.csv");
    Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(mean.values.rows(), mean.values.cols());
    Eigen::MatrixXd count = sum, pooled = sum, pooled_count = sum;
    for (const int donor : {9861, 10021, 12876}) {
      const std::string file = text("expression_", donor, ".csv");
      const CsvTable samples = data.table("samples/" + file);
      REQUIRE(genes_of(samples, 2) == mean.genes);
      for (Index c = 2; c < samples.columns(); ++c) {  // every gene spans [0, 1] in a donor
        double lowest = 2, highest = -1;
        for (Index row = 0; row < samples.rows(); ++row) {
          const double value = samples.finite(row, c);
          lowest = std::min(lowest, value);
          highest = std::max(highest, value);
          const Index label = samples.integer(row, 0);
          const auto r =
              std::find(mean.label.begin(), mean.label.end(), label) - mean.label.begin();
          pooled(c - 2, r) += value;
          pooled_count(c - 2, r) += 1;
        }
        CHECK(lowest == 0.0);
        CHECK(highest == 1.0);
      }
      const auto means = means_by_label(samples);
      const RegionTable table = read_regions(data.dir / ("donors/" + file));
      CHECK(table.label == all_labels);
      REQUIRE(table.genes == mean.genes);
      for (Index r = 0; r < table.values.cols(); ++r) {
        for (Index g = 0; g < table.values.rows(); ++g) {
          const auto expected = means.find(
              {table.label[static_cast<std::size_t>(r)], table.genes[static_cast<std::size_t>(g)]});
          const double value = table.values(g, r);
          REQUIRE((expected == means.end()) == std::isnan(value));
          if (std::isnan(value)) continue;
          CHECK(value == doctest::Approx(expected->second).epsilon(1e-12));
          sum(g, r) += value;
          count(g, r) += 1;
        }
      }
    }
    const RegionTable all = read_regions(data.dir / "pooled/expression.csv");
    for (Index i = 0; i < sum.size(); ++i) {
      REQUIRE((count(i) == 0) == std::isnan(mean.values(i)));
      if (count(i) == 0) continue;
      CHECK(mean.values(i) == doctest::Approx(sum(i) / count(i)).epsilon(1e-12));
      CHECK(all.values(i) == doctest::Approx(pooled(i) / pooled_count(i)).epsilon(1e-12));
    }
    CHECK(data.dir.read("mean/counts.csv") == data.dir.read("donors/counts.csv"));
    CHECK(!std::filesystem::exists(data.dir / "donors/expression.csv"));
  }

  TEST_CASE("ahba without normalisation gives the means of what was measured") {
    const RawData data;
    data.process("out", {"--sample-norm", "none", "--gene-norm", "none", "--probe-selection",
                         "average", "--ibf-threshold", "0.3", "--region-agg", "samples"});
    const RegionTable table = read_regions(data.dir / "out/expression.csv");
    const auto groups = probes_by_gene(data.set, 0.3);
    REQUIRE(table.genes == keys_of(groups));
    for (Index r = 0; r < std::ssize(table.label); ++r) {
      const Index label = table.label[static_cast<std::size_t>(r)];
      Index g = 0;
      for (const auto& [gene, probes] : groups) {
        double sum = 0, count = 0;
        for (const RawDonor& donor : data.set.donors) {
          for (const RawSample& s : donor.samples) {
            if (label_of(s.structure_id) != label) continue;
            if (!is_on_its_side(data.set, s, s.corrected_mm[0])) continue;
            double of_probes = 0;
            for (const std::size_t p : probes) of_probes += s.values[p];
            sum += of_probes / static_cast<double>(probes.size());
            count += 1;
          }
        }
        const double value = table.values(g++, r);
        CHECK((count == 0 ? std::isnan(value) : std::abs(value - sum / count) < 1e-12));
      }
    }
  }

  TEST_CASE("ahba: the Allen Institute's own coordinates and genes") {
    const RawData data;
    data.process("out", {"--no-corrected-mni", "--no-reannotated", "--ibf-threshold", "0"});
    const RegionTable table = read_regions(data.dir / "out/expression.csv");
    // Genes of Probes.csv, not of the table: III and JJJ too.
    CHECK(table.genes ==
          Names{"AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG", "HHH", "III", "JJJ"});
    // Without correction the pons' sample has x = 0 and stays; label 20 is its box.
    const CsvTable counts = data.table("out/counts.csv");
    for (Index d = 1; d <= 3; ++d) CHECK(counts.integer(14, d) == 1);
    const auto report = read_report(data.dir / "out/report.csv");
    CHECK(std::any_of(report.begin(), report.end(), [](const ReportLine& line) {
      return line.item == "1058005" && line.reason == "no Entrez id in Probes.csv (A_23_P5)";
    }));
  }

  TEST_CASE("ahba: a list of genes shortens the tables and changes no number") {
    const RawData data;
    data.dir.write("genes.txt", "CCC\r\nNOPE\nAAA\nDDD\n");
    data.process("all");
    const Result some = run(data.ahba("some", {"--genes", data / "genes.txt"}));
    REQUIRE(some.code == 0);
    CHECK(contains(some.err, "warning: 2 genes asked for"));  // DDD's probe is seldom present
    CHECK(contains(some.err, "NOPE, DDD"));
    const RegionTable all = read_regions(data.dir / "all/expression.csv");
    const RegionTable few = read_regions(data.dir / "some/expression.csv");
    REQUIRE(few.genes == Names{"AAA", "CCC"});
    for (Index r = 0; r < few.values.cols(); ++r) {
      if (std::isnan(few.values(0, r))) continue;
      CHECK(few.values(0, r) == all.values(0, r));
      CHECK(few.values(1, r) == all.values(2, r));  // AAA, BBB, CCC
    }
    CHECK(contains(data.dir.read("some/report.csv"), "DDD,gene,its only probe is not present"));

    const Result rows =
        run(data.ahba("rows", {"--genes", data / "genes.txt", "--region-agg", "none", "--quiet"}));
    REQUIRE(rows.code == 0);
    CHECK(contains(rows.err, "NOPE, DDD"));
    CHECK(genes_of(data.table("rows/expression_10021.csv"), 2) == Names{"AAA", "CCC"});
    data.dir.write("none.txt", "NOPE\nNADA\n");
    for (const std::string how : {"donors", "none"}) {
      for (const std::string norm : {"srs", "none"}) {
        const auto before = listing(data.dir.path());
        const Result none = run(data.ahba(
            "none", {"--genes", data / "none.txt", "--region-agg", how, "--sample-norm", norm}));
        CHECK(none.code == 3);
        CHECK(contains(none.err, "found none of the 2 genes asked for (NOPE, NADA)"));
        CHECK(listing(data.dir.path()) == before);
      }
    }
  }

  TEST_CASE("ahba warns of tables that an earlier run has left") {
    const RawData data;
    const Names rows{"--region-agg", "none"};
    Names one = rows;
    one.insert(one.end(), {"--donors", "9861", "--probe-selection", "max_intensity"});
    data.process("out", rows);
    const Result second = run(data.ahba("out", one));
    REQUIRE(second.code == 0);
    CHECK(contains(second.err, "expression_10021.csv is of an earlier run"));
    CHECK(contains(second.err, "annotation_10021.csv is of an earlier run"));
    CHECK(!contains(second.err, "expression_9861.csv is"));
  }

  TEST_CASE("ahba: deprecated words warn and mean what they say") {
    const RawData data;
    const auto same = [&](const Names& old, const Names& now, const std::string& warning) {
      const Result result = run(data.ahba("old", old));
      REQUIRE(result.code == 0);
      CHECK(contains(result.err, "warning: " + warning));
      data.process("now", now);
      for (const char* file : {"expression.csv", "counts.csv", "report.csv", "methods.txt"}) {
        CHECK(data.dir.read(text("old/", file)) == data.dir.read(text("now/", file)));
      }
    };
    same({"--exact", "true", "--missing", "interpolate"}, {}, "--exact true overrides --missing");
    same({"--exact", "false"}, {"--missing", "centroids"}, "--exact false overrides --missing");
    same({"--lr-mirror", "true"}, {"--lr-mirror", "bidirectional"},
         "--lr-mirror true is taken for bidirectional");
    same({"--lr-mirror", "False"}, {}, "--lr-mirror False is taken for none");
  }

  TEST_CASE("ahba gives the same bytes for any number of threads and any dress of the files") {
    const RawData data;
    const Names options{"--lr-mirror",  "bidirectional",   "--missing", "interpolate",
                        "--norm-all",   "--sim-threshold", "3",         "--probe-selection",
                        "max_variance", "--donor-probes",  "common"};
    for (const bool by_sample : {false, true}) {
      Names one = options;
      if (by_sample) one.insert(one.end(), {"--region-agg", "none"});
      Names two = one;
      one.insert(one.end(), {"--threads", "1"});
      two.insert(two.end(), {"--threads", "2"});
      data.process("one", one);
      data.process("two", two);
      const Names files = names_in(data.dir / "one");
      CHECK(files == names_in(data.dir / "two"));
      for (const std::string& file : files) {
        if (file == "run.json") continue;  // has the seconds
        CHECK_MESSAGE(data.dir.read("one/" + file) == data.dir.read("two/" + file), file);
      }
      for (const RawWriting& how : {RawWriting{.crlf = true}, RawWriting{.gzip = true}}) {
        const RawData dressed(data.set, how);
        dressed.process("one", one);
        for (const std::string& file : files) {
          if (file == "run.json" || file == "report.csv") continue;  // name files
          CHECK_MESSAGE(data.dir.read("one/" + file) == dressed.dir.read("one/" + file), file);
        }
      }
      std::filesystem::remove_all(data.dir / "one");
      std::filesystem::remove_all(data.dir / "two");
    }
  }

  TEST_CASE("ahba: a volume for each donor in its own space, and RNA sequencing") {
    const RawData data(raw_set({9861, 10021}));
    // The set's voxels of the T1 are whole millimetres + 100.
    Volume<float> image;
    image.values = Array<float, 3>({2, 2, 2}, 1.0F);
    image.voxel_to_mm = {{{1, 0, 0, -100}, {0, 1, 0, -100}, {0, 0, 1, -100}, {0, 0, 0, 1}}};
    write_nifti(image, data.dir / "t1.nii.gz");
    const std::string atlas = data.atlas.volume.string(), t1 = data / "t1.nii.gz";
    const Names native{"--atlas",    "10021=" + atlas, "H0351.2001=" + atlas, "--t1",
                       "9861=" + t1, "10021=" + t1,    "--tolerance",         "4"};
    Names options = native;
    options.insert(options.end(), {"--probe-selection", "rnaseq"});
    data.process("out", options);
    const CsvTable counts = data.table("out/counts.csv");
    CHECK(counts.header() == Names{"label", "9861", "10021"});
    for (Index r = 0; r < counts.rows(); ++r) {
      const Index label = counts.integer(r, 0);
      const Index expected = label == 7 || label == 17 ? 0 : (label == 20 ? 1 : 2);
      CHECK(counts.integer(r, 1) == expected);
      CHECK(counts.integer(r, 2) == expected);
    }
    CHECK(contains(data.dir.read("out/methods.txt"), "in the space of each donor's own scan"));
    CHECK(contains(data.dir.read("out/report.csv"), "HHH,gene,"));  // is not sequenced
    const auto refused = [&](const Names& words, int code, const Names& parts) {
      const Result result = run(data.ahba("no", words));
      CHECK(result.code == code);
      for (const std::string& part : parts) CHECK_MESSAGE(contains(result.err, part), result.err);
      CHECK(!std::filesystem::exists(data.dir / "no"));
    };
    Names one_t1 = native;
    one_t1.erase(one_t1.begin() + 5);
    refused(one_t1, 2, {"none for donor 10021"});
    Names one_donor = native;
    one_donor.insert(one_donor.end(), {"--donors", "9861"});
    refused(one_donor, 2, {"--atlas", "one for each donor of --donors"});
    Names absent = native;
    absent[4] = "9861=" + data / "absent.nii";
    refused(absent, 3, {"absent.nii"});
    Volume<std::int32_t> fewer = read_nifti<std::int32_t>(data.atlas.volume);
    for (std::size_t v = 0; v < fewer.values.size(); ++v) {
      if (fewer.values.data()[v] == 20) fewer.values.data()[v] = 0;
    }
    write_nifti(fewer, data.dir / "fewer.nii.gz");
    Names differing = native;
    differing[1] = "10021=" + data / "fewer.nii.gz";
    refused(
        differing, 3,
        {data / "fewer.nii.gz", "1 label that only one of it and " + atlas + " has (first 20)"});
  }
}

}  // namespace inrgene::test
