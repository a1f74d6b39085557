// Bad input: exit 3, a message with file, place, what was found and what was expected, and no file
// that was not there before.
#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "inrgene/io/safetensors.hpp"
#include "program/run_program.hpp"
#include "program/small_data.hpp"
#include "support/nifti_bytes.hpp"

namespace inrgene::test {

namespace {

/// Small data with a trained model, and the check that every case here makes.
struct Case {
  SmallData data;

  Case() { data.order(); }

  void refused(const std::vector<std::string>& words, const std::vector<std::string>& parts) const {
    const auto before = listing(data.dir.path());
    const Result result = run(words);
    INFO(words.front(), ": ", result.err);
    CHECK(result.code == 3);
    CHECK(contains(result.err, "inrgene " + words.front() + ": "));
    CHECK(contains(result.err, "found "));
    CHECK(contains(result.err, "expected "));
    for (const std::string& part : parts) CHECK_MESSAGE(contains(result.err, part), part);
    CHECK(result.out.empty());
    CHECK(listing(data.dir.path()) == before);
  }
  /// `train` with another expression or annotation table.
  void bad_table(const std::string& name, const std::string& content,
                 const std::vector<std::string>& parts) const {
    const std::string good = data.dir.read(name);
    data.dir.write(name, content);
    std::vector<std::string> all = parts;
    all.push_back(name);
    refused(data.train("m.safetensors", {"--steps", "1"}), all);
    data.dir.write(name, good);
  }
  [[nodiscard]] std::vector<std::string> predict(const std::string& model,
                                                 const std::string& gene) const {
    return {"predict",    "--model", data / model,          "--gene",
            gene,         "--atlas", data / "atlas.nii.gz", "--out-dir",
            data / "maps"};
  }
};

}  // namespace

TEST_SUITE("program") {
  TEST_CASE("bad tables") {
    const Case c;
    const std::string expression = c.data.dir.read("expression.csv");
    const std::string annotation = c.data.dir.read("annotation.csv");
    const std::string header = expression.substr(0, expression.find('\n') + 1);
    c.refused({"order", "--expression", c.data / "missing.csv", "--out", c.data / "o.csv"},
              {"missing.csv", "No such file"});
    c.refused({"order", "--expression", c.data.dir.path().string(), "--out", c.data / "o.csv"},
              {"a folder"});
    c.bad_table("expression.csv", "", {});
    c.bad_table("expression.csv", header, {"no rows"});
    c.bad_table("expression.csv", "gene" + expression, {"header", "well_id"});
    c.bad_table("expression.csv", header + "100,1,2,3,4,5\n101,1,x,3,4,5\n",
                {"line 3", "'BBB'", "'x'", "a number"});
    c.bad_table("expression.csv", header + "100,1,2,3,4,5\n101,1,2,3\n", {"line 3", "4", "6"});
    c.bad_table("expression.csv", header + "100,1,2,3,4,5\n100,1,2,3,4,5\n",
                {"line 3", "'100'", "line 2"});
    c.bad_table("expression.csv", header + "100,1,2,nan,4,5\n101,1,2,3,4,5\n",
                {"line 2", "'CCC'", "a missing value"});
    c.bad_table("expression.csv", header + "7,1,2,3,4,5\n", {"annotation.csv", "in common"});
    c.bad_table("annotation.csv", "well_id,x,mni_y,mni_z\n100,1,2,3\n", {"mni_x"});
    c.bad_table("annotation.csv", "well_id,mni_x,mni_y,mni_z\n100,1,,3\n", {"line 2", "'mni_y'"});
    c.bad_table("annotation.csv", "well_id,mni_x,mni_y,mni_z,classification\n100,1,2,3,5\n",
                {"line 2", "'classification'", "-1, 0 or 1"});
    c.bad_table("annotation.csv", annotation + annotation.substr(annotation.find('\n') + 1),
                {"'100'", "line 2"});
    c.bad_table("order.csv", "gene_symbol,se\nAAA,2\n", {"line 2", "[0, 1]"});
    c.bad_table("order.csv", "gene_symbol,se\nZZZ,0\nYYY,1\n", {"gene axis"});
    c.data.dir.write("points.csv", "mni_x,mni_y\n1,2\n");
    succeed(c.data.train("m.safetensors", {"--steps", "1"}));
    c.refused({"predict", "--model", c.data / "m.safetensors", "--gene", "AAA", "--at",
               c.data / "points.csv", "--out", c.data / "v.csv"},
              {"points.csv", "mni_z"});
  }

  TEST_CASE("genes that no table has") {
    const Case c;
    c.data.dir.write("genes.txt", "NOPE\nNADA\n");
    c.refused({"order", "--expression", c.data / "expression.csv", "--genes", c.data / "genes.txt",
               "--out", c.data / "o.csv"},
              {"NOPE", "NADA"});
    c.refused(c.data.train("m.safetensors", {"--genes", c.data / "genes.txt"}), {"NOPE"});
    succeed(c.data.train("m.safetensors", {"--steps", "1"}));
    c.refused(c.predict("m.safetensors", "NOPE"), {"m.safetensors", "NOPE"});
  }

  TEST_CASE("bad images") {
    const Case c;
    succeed(c.data.train("m.safetensors", {"--steps", "1"}));
    const auto refused_atlas = [&](const std::string& bytes, const std::string& part) {
      c.data.dir.write("bad.nii", bytes);
      std::vector<std::string> words = c.predict("m.safetensors", "AAA");
      words[6] = c.data / "bad.nii";
      c.refused(words, {"bad.nii", part});
    };
    const std::string good = three_shorts().bytes();
    refused_atlas("", "");
    refused_atlas(good.substr(0, 200), "");
    refused_atlas(good.substr(0, good.size() - 2), "");
    refused_atlas(good + "1234", "");
    // 30,000³ voxels of 2 bytes would be 54 TB.
    refused_atlas(HandMade(three_shorts()).shape(30000, 30000, 30000).bytes(), "");
    HandMade empty(std::endian::little);
    empty.shape(3, 1, 1).type(4, 16);
    for (std::size_t i = 0; i < 3; ++i) empty.put<std::int16_t>(352 + 2 * i, 0);
    refused_atlas(empty.bytes(), "at least one voxel with a label");
    refused_atlas(good, "label -3");
    c.data.dir.write("grid.nii", good);
    c.refused({"parcellate", "--atlas", c.data / "atlas.nii.gz", "--maps", c.data / "grid.nii",
               "--out", c.data / "r.csv"},
              {"grid.nii", "6 x 5 x 4"});
    c.refused({"parcellate", "--atlas", c.data / "atlas.nii.gz", "--maps", c.data / "grid.nii",
               c.data / "grid.nii", "--out", c.data / "r.csv"},
              {"one map a gene"});
  }

  TEST_CASE("bad checkpoints") {
    const Case c;
    succeed(c.data.train("m.safetensors", {"--steps", "1"}));
    const SafetensorsFile good = read_safetensors(c.data.dir / "m.safetensors");
    const auto changed = [&](auto&& change, const std::vector<std::string>& parts) {
      SafetensorsFile file = good;
      change(file);
      write_safetensors(file, c.data.dir / "bad.safetensors");
      c.refused(c.predict("bad.safetensors", "AAA"), parts);
    };
    const std::string first = "net.0.linear.weight";
    changed(
        [&](SafetensorsFile& file) {
          for (auto& [name, tensor] : file.tensors) {
            if (name == first) std::swap(tensor.shape[0], tensor.shape[1]);
          }
        },
        {first, "bad.safetensors"});
    changed([](SafetensorsFile& file) { file.tensors.pop_back(); }, {"tensors"});
    changed(
        [](SafetensorsFile& file) {
          for (std::byte& byte : file.tensors.front().second.bytes) byte = std::byte{0xFF};
        },
        {"a finite number"});
    changed([](SafetensorsFile& file) { file.metadata["model"] = "{"; }, {"JSON"});
    changed([](SafetensorsFile& file) { file.metadata["format"] = "other"; }, {"format"});
    const std::string bytes = c.data.dir.read("m.safetensors");
    c.data.dir.write("short.safetensors", bytes.substr(0, bytes.size() / 2));
    c.refused(c.predict("short.safetensors", "AAA"), {"short.safetensors"});
    c.refused(c.predict("atlas.nii.gz", "AAA"), {"atlas.nii.gz"});
  }

  TEST_CASE("gene names that would leave the folder") {
    const Case c;
    c.data.dir.write("m.csv",
                     "gene_symbol,well_id,mni_x,mni_y,mni_z,classification,value,se\n"
                     "../A,1,0,0,0,1,0.2,0\n../A,2,1,2,3,1,0.4,0\n");
    succeed({"train", "--merged", c.data / "m.csv", "--hidden-features", "4", "--hidden-layers",
             "0", "--steps", "1", "--out", c.data / "m.safetensors"});
    c.refused(c.predict("m.safetensors", "../A"), {"'../A'"});
  }

  TEST_CASE("places that cannot be written") {
    const Case c;
    succeed(c.data.train("m.safetensors", {"--steps", "1"}));
    const std::vector<std::string> order{"order", "--expression", c.data / "expression.csv",
                                         "--out"};
    for (const std::string out : {"/dev/full", "expression.csv/o.csv", "nowhere/o.csv", ""}) {
      std::vector<std::string> words = order;
      words.push_back(out.starts_with('/') ? out : c.data / out);
      c.refused(words, {"writing it"});
    }
    c.refused(c.data.train("nowhere/m.safetensors", {"--steps", "1"}), {"nowhere/m.safetensors"});
    c.refused(c.data.train("", {"--steps", "1"}), {"writing it"});
    std::vector<std::string> words = c.predict("m.safetensors", "AAA");
    words.back() = c.data / "expression.csv/maps";
    c.refused(words, {"expression.csv/maps"});
    // An older output stays when a new one fails.
    const std::string old = c.data.dir.read("m.safetensors");
    c.refused(c.data.train("m.safetensors", {"--steps", "1", "--log", "/dev/full"}), {"/dev/full"});
    CHECK(c.data.dir.read("m.safetensors") == old);
  }
}

}  // namespace inrgene::test
