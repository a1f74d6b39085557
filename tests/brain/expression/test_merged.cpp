#include "inrgene/brain/expression/merged.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "inrgene/core/random.hpp"
#include "support/temp_dir.hpp"

using namespace inrgene;
using test::TempDir;

namespace {

using Names = std::vector<std::string>;

const std::string header = "gene_symbol,well_id,mni_x,mni_y,mni_z,classification,value,se\n";

InputProblem problem_of(std::string_view content) {
  const TempDir folder;
  const auto path = folder.write("m.csv", content);
  try {
    static_cast<void>(read_merged(path, TissueSign::released_code));
  } catch (const InputError& error) {
    CHECK(error.problem().file == path.string());
    return error.problem();
  }
  FAIL("no InputError");
  return {};
}

}  // namespace

TEST_CASE("a merged table is taken apart into genes, wells, values and the axis") {
  const TempDir folder;
  // rows in no order; the released code signs grey -1
  const auto path = folder.write("m.csv", header +
                                              "B,w2,4,5,6,1,0.22,0.75\n"
                                              "A,w1,1,2,3,-1,0.11,0\n"
                                              "A,w2,4,5,6,1,0.12,0\n"
                                              "B,w1,1,2,3,-1,0.21,0.75\n");
  const Merged merged = read_merged(path, TissueSign::released_code);
  CHECK(merged.axis_name == "se");
  CHECK(merged.samples.genes == Names{"B", "A"});
  CHECK(merged.axis == std::vector<double>{0.75, 0.0});
  CHECK(merged.samples.sites.well_ids == Names{"w2", "w1"});
  CHECK(merged.samples.sites.tissue == std::vector<Tissue>{Tissue::white, Tissue::grey});
  CHECK(merged.samples.sites.mni_mm.col(1) == Eigen::Vector3d(1, 2, 3));
  Eigen::Matrix2d values;
  values << 0.22, 0.21, 0.12, 0.11;
  CHECK(merged.samples.values == values);
  CHECK_NOTHROW(merged.samples.check());
  CHECK(read_merged(path, TissueSign::paper).samples.sites.tissue ==
        std::vector<Tissue>{Tissue::grey, Tissue::white});

  const auto pc1 = folder.write(
      "p.csv",
      "row,gene_symbol,well_id,mni_x,mni_y,mni_z,classification,value,pc1\n0,A,w,1,2,3,0,7,0.5\n");
  CHECK(read_merged(pc1, TissueSign::paper).axis_name == "pc1");
}

TEST_CASE("writing a merged table and reading it gives the same doubles") {
  Random random(5);
  Merged merged{.axis = {0.0, 1.0 / 3.0, 1.0}, .axis_name = "pc1"};
  merged.samples.genes = {"G1", "G,2", "G3"};
  merged.samples.values.resize(3, 4);
  merged.samples.sites.mni_mm.resize(3, 4);
  for (Index w = 0; w < 4; ++w) {
    merged.samples.sites.well_ids.push_back(text("w", w));
    for (Index r = 0; r < 3; ++r) {
      merged.samples.values(r, w) = random.normal();
      merged.samples.sites.mni_mm(r, w) = random.uniform(-90, 90);
    }
  }
  merged.samples.sites.tissue = {Tissue::grey, Tissue::white, Tissue::neither, Tissue::grey};
  const TempDir folder;
  for (const TissueSign sign : {TissueSign::paper, TissueSign::released_code}) {
    write_merged(folder / "m.csv", merged, sign);
    const Merged back = read_merged(folder / "m.csv", sign);
    CHECK(back.samples.values == merged.samples.values);
    CHECK(back.samples.genes == merged.samples.genes);
    CHECK(back.samples.sites.mni_mm == merged.samples.sites.mni_mm);
    CHECK(back.samples.sites.well_ids == merged.samples.sites.well_ids);
    CHECK(back.samples.sites.tissue == merged.samples.sites.tissue);
    CHECK(back.axis == merged.axis);
    CHECK(back.axis_name == "pc1");
  }
  CHECK(folder.read("m.csv").find("G1,w0,") != std::string::npos);

  Merged bad = merged;
  bad.samples.sites.tissue.clear();
  CHECK_THROWS_AS(write_merged(folder / "n.csv", bad, TissueSign::paper), ArgumentError);
  bad = merged;
  bad.axis.pop_back();
  CHECK_THROWS_AS(write_merged(folder / "n.csv", bad, TissueSign::paper), ArgumentError);
  bad = merged;
  bad.axis_name = "umap";
  CHECK_THROWS_AS(write_merged(folder / "n.csv", bad, TissueSign::paper), ArgumentError);
  CHECK(folder.entries() == 1);
}

TEST_CASE("what contradicts itself in a merged table is refused, with both lines") {
  const InputProblem moved = problem_of(header + "A,w,1,2,3,1,0.1,0\nB,w,1,2,3.5,1,0.2,1\n");
  CHECK(moved.place == "line 3, column 'mni_z'");
  CHECK(moved.found == "3.5");
  CHECK(moved.expected == "3 as on line 2 for 'w'");

  const InputProblem tissue = problem_of(header + "A,w,1,2,3,1,0.1,0\nB,w,1,2,3,-1,0.2,1\n");
  CHECK(tissue.place == "line 3, column 'classification'");
  CHECK(tissue.expected == "1 as on line 2 for 'w'");

  const InputProblem axis = problem_of(header + "A,w,1,2,3,1,0.1,0\nA,v,4,5,6,1,0.2,0.5\n");
  CHECK(axis.place == "line 3, column 'se'");
  CHECK(axis.found == "0.5");
  CHECK(axis.expected == "0 as on line 2 for 'A'");

  const InputProblem twice =
      problem_of(header + "A,w,1,2,3,1,0.1,0\nA,v,1,2,3,1,0.1,0\nA,w,1,2,3,1,0.1,0\n");
  CHECK(twice.place == "line 4");
  CHECK(twice.found == "gene 'A', well_id 'w', which line 2 has too");
  CHECK(twice.expected == "each (gene, well) pair once");

  const InputProblem missing =
      problem_of(header + "A,w,1,2,3,1,0.1,0\nA,v,1,2,3,1,0.1,0\nB,v,1,2,3,1,0.1,1\n");
  CHECK(missing.place == "gene 'B', well_id 'w'");
  CHECK(missing.found == "no row (3 rows for 2 genes x 2 wells)");
  CHECK(missing.expected == "a row for every (gene, well) pair");
}

TEST_CASE("bad cells and columns of a merged table are refused") {
  CHECK(problem_of("gene_symbol,well_id,mni_x,mni_y,mni_z,classification,value\n").found ==
        "no column 'se' or 'pc1'");
  CHECK(problem_of("gene_symbol,well_id,mni_x,mni_y,mni_z,classification,value,se,pc1\n").found ==
        "both columns 'se' and 'pc1'");
  CHECK(problem_of("gene_symbol,well_id,mni_x,mni_y,mni_z,value,se\n").expected ==
        "a column 'classification'");
  CHECK(problem_of(header).found == "a header and no rows");
  const InputProblem tissue = problem_of(header + "A,w,1,2,3,2,0.1,0\n");
  CHECK(tissue.place == "line 2, column 'classification'");
  CHECK(tissue.expected == "a tissue class: -1, 0 or 1");
  const InputProblem value = problem_of(header + "A,w,1,2,3,1,nan,0\n");
  CHECK(value.place == "line 2, column 'value'");
  CHECK(value.expected == "a finite number");
  CHECK(problem_of(header + "A,w,1,x,3,1,0.1,0\n").place == "line 2, column 'mni_y'");
  CHECK(problem_of(header + "A,w,1,2,3,1,0.1,\n").place == "line 2, column 'se'");
  CHECK(problem_of(header + ",w,1,2,3,1,0.1,0\n").place == "line 2, column 'gene_symbol'");
  CHECK(problem_of(header + "A,,1,2,3,1,0.1,0\n").place == "line 2, column 'well_id'");
  CHECK(problem_of(header + "A,w,1,2,3,1,0.1\n").place == "line 2");
}

TEST_CASE("a table of ever new genes and wells is refused before genes x wells is allocated") {
  std::string content = header;
  for (int i = 0; i < 100000; ++i) content += text("g", i, ",w", i, ",1,2,3,1,0.5,0\n");
  // 10^10 doubles would be 80 GB
  CHECK(problem_of(content).found == "no row (100000 rows for 100000 genes x 100000 wells)");
}
