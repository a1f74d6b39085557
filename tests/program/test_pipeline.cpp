// Every subcommand once on small data, against what its answers must be.
#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "inrgene/brain/atlas/region_table.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/json.hpp"
#include "inrgene/io/nifti.hpp"
#include "program/run_program.hpp"
#include "program/small_data.hpp"

namespace inrgene::test {

TEST_SUITE("program") {
  TEST_CASE("tissue adds the class that the masks give and keeps the other columns") {
    const SmallData data;
    for (const std::string sign : {"paper", "released-code"}) {
      const std::string out = succeed({"tissue", "--annotation", data / "annotation.csv", "--grey",
                                       data / "grey.nii.gz", "--white", data / "white.nii.gz",
                                       "--tissue-sign", sign, "--out", data / "classes.csv"});
      const CsvTable before = read_csv(data.dir / "annotation.csv");
      const CsvTable after = read_csv(data.dir / "classes.csv");
      REQUIRE(after.rows() == before.rows());
      CHECK(after.columns() == before.columns() + 1);
      CHECK(after.cell(3, after.column("note")) == "a, \"b\"");
      Index grey = 0, white = 0, neither = 0;
      for (Index row = 0; row < after.rows(); ++row) {
        const double x = after.finite(row, after.column("mni_x"));
        const double y = after.finite(row, after.column("mni_y"));
        const double z = after.finite(row, after.column("mni_z"));
        // Voxels of 10 mm from -30, -25 and -20: even ones along x are grey.
        const auto i = static_cast<Index>(std::floor((x + 30) / 10));
        const bool inside = y >= -25 && y < 25 && z >= -20 && z < 20 && i >= 0 && i < 6;
        const double as_paper = !inside ? 0 : (i % 2 == 0 ? 1 : -1);
        CHECK(after.number(row, after.column("classification")) ==
              (sign == "paper" ? as_paper : -as_paper));
        ++(as_paper == 0 ? neither : (as_paper > 0 ? grey : white));
      }
      CHECK(out == text("sites ", after.rows(), "\ngrey ", grey, "\nwhite ", white, "\nneither ",
                        neither, "\n"));
    }
  }

  TEST_CASE("order writes an ascending axis of the genes asked for") {
    const SmallData data;
    data.dir.write("genes.txt", "CCC\r\nAAA\nBBB\nNOPE\nDDD\n");
    for (const std::string method : {"spectral", "pc1"}) {
      const Result result =
          run({"order", "--expression", data / "expression.csv", "--genes", data / "genes.txt",
               "--method", method, "--out", data / "order.csv"});
      REQUIRE(result.code == 0);
      CHECK(contains(result.out, "genes 4\ncomponents 1\n"));
      CHECK(contains(result.err, "warning: 1 gene asked for"));
      CHECK(contains(result.err, "NOPE"));
      const CsvTable table = read_csv(data.dir / "order.csv");
      const Index position = table.column(method == "pc1" ? "pc1" : "se");
      REQUIRE(table.rows() == 4);
      CHECK(table.number(0, position) == 0.0);
      CHECK(table.number(3, position) == 1.0);
      for (Index row = 1; row < 4; ++row) {
        CHECK(table.number(row - 1, position) <= table.number(row, position));
      }
    }
  }

  TEST_CASE("train, predict, parcellate and compare fit together") {
    const SmallData data;
    data.order();
    const std::string table =
        succeed(data.train("m.safetensors", {"--steps", "400", "--metrics", data / "metrics.csv",
                                             "--log", data / "log.csv", "--quiet"}));
    CHECK(contains(table, "training_R"));
    const CsvTable metrics = read_csv(data.dir / "metrics.csv");
    REQUIRE(metrics.rows() == 5 + 2);  // genes, mean, sd
    CHECK(metrics.cell(5, 0) == "mean");
    CHECK(metrics.number(5, metrics.column("training_r")) > 0.9);
    CHECK(read_csv(data.dir / "log.csv").rows() == 400);
    CHECK(!std::filesystem::exists(data.dir / "m.safetensors.state"));

    const Result predicted =
        run({"predict", "--model", data / "m.safetensors", "--atlas", data / "atlas.nii.gz",
             "--gene", "BBB", "NOPE", "EEE", "--out-dir", data / "deep/maps"});
    REQUIRE(predicted.code == 0);
    CHECK(contains(predicted.err, "NOPE"));
    const Volume<float> map = read_nifti<float>(data.dir / "deep/maps/BBB.nii.gz");
    const Volume<std::int32_t> atlas = read_nifti<std::int32_t>(data.dir / "atlas.nii.gz");
    CHECK(map.voxel_to_mm == atlas.voxel_to_mm);
    Index filled = 0;
    for (std::size_t v = 0; v < atlas.values.size(); ++v) {
      const bool inside = atlas.values.data()[v] != 0;
      CHECK((map.values.data()[v] != 0.0F) == inside);
      filled += inside;
    }
    CHECK(filled == SmallData::labelled);
    const Json run_json = parse_json(data.dir.read("deep/maps/run.json"), "run.json");
    CHECK(run_json.at("configuration").at("atlas") == data / "atlas.nii.gz");
    CHECK(run_json.at("metrics").at("genes") == 2);
    for (const char* key : {"version", "seed", "threads", "backend", "seconds"}) {
      CHECK(run_json.contains(key));
    }

    // The same places by --at give the same numbers; the id stays.
    data.dir.write("points.csv", "id,mni_x,mni_y,mni_z\nfirst,-25,-10,-15\nlast,25,20,15\n");
    succeed({"predict", "--model", data / "m.safetensors", "--gene", "BBB", "--at",
             data / "points.csv", "--out", data / "values.csv"});
    const CsvTable values = read_csv(data.dir / "values.csv");
    REQUIRE(values.header() == std::vector<std::string>{"id", "mni_x", "mni_y", "mni_z", "BBB"});
    CHECK(values.cell(0, 0) == "first");
    CHECK(values.number(0, 4) == doctest::Approx(map.values(0, 1, 0)).epsilon(1e-6));
    CHECK(values.number(1, 4) == doctest::Approx(map.values(5, 4, 3)).epsilon(1e-6));

    succeed({"parcellate", "--atlas", data / "atlas.nii.gz", "--maps",
             data / "deep/maps/BBB.nii.gz", data / "deep/maps/EEE.nii.gz", "--out",
             data / "regions.csv", "--write-maps", data / "painted"});
    const RegionTable regions = read_regions(data.dir / "regions.csv");
    CHECK(regions.label == std::vector<Index>{1, 2, 4});
    CHECK(regions.genes == std::vector<std::string>{"BBB", "EEE"});
    double sum = 0;
    for (std::size_t v = 0; v < atlas.values.size(); ++v) {
      if (atlas.values.data()[v] == 2) sum += static_cast<double>(map.values.data()[v]);
    }
    CHECK(regions.values(0, 1) == doctest::Approx(sum / 32));
    const Volume<float> painted = read_nifti<float>(data.dir / "painted/BBB.nii.gz");
    CHECK(painted.values(2, 1, 0) == static_cast<float>(regions.values(0, 1)));
    CHECK(std::filesystem::exists(data.dir / "painted/run.json"));

    succeed({"compare", "--a", data / "deep/maps", "--b", data / "deep/maps", "--mask",
             data / "atlas.nii.gz", "--out", data / "same.csv", "--latex", data / "same.tex"});
    const CsvTable same = read_csv(data.dir / "same.csv");
    CHECK(same.rows() == 2 + 2);
    CHECK(same.number(0, same.column("n")) == SmallData::labelled);
    for (const char* name : {"r", "spearman", "r2", "r_whole_volume"}) {
      CHECK(same.number(0, same.column(name)) == doctest::Approx(1.0));
    }
    CHECK(same.number(0, same.column("mse")) == 0.0);
    CHECK(contains(data.dir.read("same.tex"), "\\begin{tabular}"));
  }

  TEST_CASE("masks give voxels their class: with the two classes swapped, voxels swap values") {
    const SmallData data;
    data.order();
    succeed({"tissue", "--annotation", data / "annotation.csv", "--grey", data / "grey.nii.gz",
             "--white", data / "white.nii.gz", "--out", data / "classes.csv"});
    std::filesystem::rename(data.dir / "classes.csv", data.dir / "annotation.csv");
    succeed(data.train("m.safetensors", {"--steps", "20"}));
    const auto predict = [&](const std::string& out, const std::vector<std::string>& masks) {
      std::vector<std::string> words{"predict",   "--model", data / "m.safetensors",
                                     "--all",     "--atlas", data / "atlas.nii.gz",
                                     "--out-dir", data / out};
      words.insert(words.end(), masks.begin(), masks.end());
      succeed(words);
      return read_nifti<float>(data.dir / (out + "/AAA.nii.gz"));
    };
    const Volume<float> all_grey = predict("grey", {});
    const Volume<float> masked =
        predict("masked", {"--grey", data / "grey.nii.gz", "--white", data / "white.nii.gz"});
    CHECK(masked.values(0, 1, 0) == all_grey.values(0, 1, 0));  // a grey voxel
    CHECK(masked.values(1, 1, 0) != all_grey.values(1, 1, 0));  // a white one
  }

  TEST_CASE("compare gives R, R2 and MSE of hand-made region tables") {
    const SmallData data;
    data.dir.write("a.csv", "label,X,ONLY_A\n1,1,0\n2,2,0\n3,3,1\n");
    data.dir.write("b.csv", "label,X\n3,4\n2,4\n1,1\n9,5\n");
    const Result result =
        run({"compare", "--a", data / "a.csv", "--b", data / "b.csv", "--out", data / "c.csv"});
    REQUIRE(result.code == 0);
    CHECK(contains(result.err, "ONLY_A"));
    const CsvTable table = read_csv(data.dir / "c.csv");
    // a = (1, 2, 3), b = (1, 4, 4): r = 3 / sqrt(2 · 6), residuals 0, 2, 1 and total 6.
    CHECK(table.number(0, table.column("n")) == 3);
    CHECK(table.number(0, table.column("r")) == doctest::Approx(3 / std::sqrt(12.0)));
    CHECK(table.number(0, table.column("mse")) == doctest::Approx(5.0 / 3));
    CHECK(table.number(0, table.column("r2")) == doctest::Approx(1 - 5.0 / 6));
    CHECK(table.cell(3, 0) == "all_pairs");
  }

  TEST_CASE("a merged table trains as the three tables do; no steps give the starting weights") {
    const SmallData data;
    data.dir.write("m.csv",
                   "gene_symbol,well_id,mni_x,mni_y,mni_z,classification,value,se\n"
                   "A,1,0,0,0,1,0.2,-0.5\nA,2,1,2,3,-1,0.4,-0.5\n"
                   "B,1,0,0,0,1,0.3,1.5\nB,2,1,2,3,-1,0.1,1.5\n");
    const Result result =
        run({"train", "--merged", data / "m.csv", "--hidden-features", "8", "--hidden-layers", "0",
             "--steps", "0", "--out", data / "m.safetensors"});
    REQUIRE(result.code == 0);
    CHECK(contains(result.err, "scaled to [0, 1]"));
    succeed({"predict", "--model", data / "m.safetensors", "--all", "--atlas",
             data / "atlas.nii.gz", "--out-dir", data / "maps"});
  }
}

}  // namespace inrgene::test
