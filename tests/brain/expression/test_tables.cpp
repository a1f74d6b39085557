#include "inrgene/brain/expression/tables.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/paths.hpp"
#include "support/temp_dir.hpp"

using namespace inrgene;
using test::TempDir;

namespace {

using Names = std::vector<std::string>;

/// The four parts of the InputError that `call` throws.
InputProblem problem_of(auto&& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.problem();
  }
  FAIL("no InputError");
  return {};
}

InputProblem expression_problem(std::string_view content) {
  const TempDir folder;
  const auto path = folder.write("e.csv", content);
  const InputProblem problem = problem_of([&] { static_cast<void>(read_expression(path)); });
  CHECK(problem.file == path.string());
  return problem;
}

InputProblem annotation_problem(std::string_view content) {
  const TempDir folder;
  const auto path = folder.write("a.csv", content);
  const InputProblem problem =
      problem_of([&] { static_cast<void>(read_annotation(path, TissueSign::paper)); });
  CHECK(problem.file == path.string());
  return problem;
}

}  // namespace

TEST_CASE("an expression table is read by well or by label, missing values as NaN") {
  const TempDir folder;
  const auto samples = read_expression(
      folder.write("e.csv", "well_id,APOE,\"HLA,A\"\r\n97,0.5,-1e-3\r\nW 2,,nan\r\n"));
  CHECK(samples.key == "well_id");
  CHECK(samples.ids == Names{"97", "W 2"});
  CHECK(samples.genes == Names{"APOE", "HLA,A"});
  CHECK(samples.lines == std::vector<Index>{2, 3});
  CHECK(samples.values(0, 0) == 0.5);
  CHECK(samples.values(1, 0) == -1e-3);
  CHECK(std::isnan(samples.values(0, 1)));
  CHECK(std::isnan(samples.values(1, 1)));
  CHECK(samples.file == (folder / "e.csv").string());

  const auto regions = read_expression(folder.write("r.csv", "label,APOE\n1,0.5\n1002,2\n"));
  CHECK(regions.key == "label");
  CHECK(regions.ids == Names{"1", "1002"});
  CHECK(regions.values(0, 1) == 2.0);
}

TEST_CASE("writing an expression table and reading it gives the same doubles") {
  const TempDir folder;
  ExpressionTable table{.ids = {"a", "b,\"c\""}, .genes = {"G1", "G2"}};
  table.values.resize(2, 2);
  table.values << 0.1, 1.0 / 3.0, -4.9406564584124654e-324, std::nan("");
  write_expression(folder / "t.csv", table);
  const ExpressionTable back = read_expression(folder / "t.csv");
  CHECK(back.key == "well_id");
  CHECK(back.ids == table.ids);
  CHECK(back.genes == table.genes);
  CHECK(back.values(0, 0) == table.values(0, 0));
  CHECK(back.values(0, 1) == table.values(0, 1));
  CHECK(back.values(1, 0) == table.values(1, 0));
  CHECK(std::isnan(back.values(1, 1)));

  table.ids.pop_back();
  CHECK_THROWS_AS(write_expression(folder / "u.csv", table), ArgumentError);
  table.key = "gene";
  CHECK_THROWS_AS(write_expression(folder / "u.csv", table), ArgumentError);
  CHECK(folder.entries() == 1);
}

TEST_CASE("bad expression tables are refused with file, place, found and expected") {
  const InputProblem first = expression_problem("gene_symbol,well_id,value\nA,1,2\n");
  CHECK(first.place == "header");
  CHECK(first.found == "the first column 'gene_symbol'");
  CHECK(first.expected.find("'well_id' (samples) or 'label' (regions)") == 0);

  const InputProblem twice = expression_problem("well_id,G\n7,1\n8,1\n7,2\n");
  CHECK(twice.place == "line 4, column 'well_id'");
  CHECK(twice.found == "'7', which line 2 has too");
  CHECK(twice.expected == "each name once");

  const InputProblem word = expression_problem("well_id,G,H\n7,1,2\n8,1,high\n");
  CHECK(word.place == "line 3, column 'H'");
  CHECK(word.found == "'high'");
  CHECK(word.expected == "a number");

  CHECK(expression_problem("well_id,G\n7,inf\n").place == "line 2, column 'G'");
  CHECK(expression_problem("well_id,G\n,1\n").found == "an empty cell");
  CHECK(expression_problem("well_id,G\n").found == "a header and no rows");
  CHECK(expression_problem("well_id\n7\n").found == "only the column 'well_id'");
  CHECK(expression_problem("well_id,G,\n7,1,2\n").place == "header, column 3");
  CHECK(expression_problem("well_id,G,G\n7,1,2\n").found.find("'G'") != std::string::npos);
  CHECK(expression_problem("well_id,G\n7,1\n8\n").place == "line 3");
  CHECK(expression_problem("label,G\nhippocampus,1\n").expected == "a whole number");
  static_cast<void>(expression_problem(""));
  const TempDir folder;
  CHECK(problem_of([&] { static_cast<void>(read_expression(folder / "none.csv")); }).file ==
        (folder / "none.csv").string());
}

TEST_CASE("an annotation gives sites; optional columns are empty when absent") {
  const TempDir folder;
  const auto bare = folder.write("a.csv", "mni_z,well_id,mni_y,mni_x\n3,w1,2,1\n-6,w2,-5,-4\n");
  const Annotation plain = read_annotation(bare, TissueSign::paper);
  CHECK(plain.sites.well_ids == Names{"w1", "w2"});
  CHECK(plain.sites.mni_mm.col(0) == Eigen::Vector3d(1, 2, 3));
  CHECK(plain.sites.mni_mm.col(1) == Eigen::Vector3d(-4, -5, -6));
  CHECK(plain.sites.tissue.empty());
  CHECK(plain.sites.donor.empty());
  CHECK(plain.sites.label.empty());
  CHECK_NOTHROW(plain.sites.check());

  const auto full = folder.write("f.csv",
                                 "well_id,mni_x,mni_y,mni_z,classification,donor,slab,"
                                 "structure_name,hemisphere,label,division\n"
                                 "w1,1,2,3,1,9861,CX,\"gyrus, left\",L,1001,Frontal\n"
                                 "w2,4,5,6,-1.0,10021,BS,pons,R,,Pons\n"
                                 "w3,4,5,6,0,10021,CB,vermis,B,7,Cerebellum\n");
  const Sites paper = read_annotation(full, TissueSign::paper).sites;
  CHECK(paper.tissue == std::vector<Tissue>{Tissue::grey, Tissue::white, Tissue::neither});
  CHECK(paper.donor == Names{"9861", "10021", "10021"});
  CHECK(paper.slab == Names{"CX", "BS", "CB"});
  CHECK(paper.structure == Names{"gyrus, left", "pons", "vermis"});
  CHECK(paper.hemisphere == Names{"L", "R", "B"});
  CHECK(paper.label == std::vector<Index>{1001, 0, 7});
  const Sites released = read_annotation(full, TissueSign::released_code).sites;
  CHECK(released.tissue == std::vector<Tissue>{Tissue::white, Tissue::grey, Tissue::neither});
}

TEST_CASE("bad annotations are refused with file, place, found and expected") {
  const InputProblem missing = annotation_problem("well_id,mni_x,mni_y\nw,1,2\n");
  CHECK(missing.place == "header");
  CHECK(missing.found.find("'mni_x'") != std::string::npos);
  CHECK(missing.expected == "a column 'mni_z'");

  const std::string header = "well_id,mni_x,mni_y,mni_z,classification\n";
  const InputProblem nan = annotation_problem(header + "w,1,nan,3,1\n");
  CHECK(nan.place == "line 2, column 'mni_y'");
  CHECK(nan.found == "'nan'");
  CHECK(nan.expected == "a finite number");

  const InputProblem odd = annotation_problem(header + "w,1,2,3,1\nv,1,2,3,0.5\n");
  CHECK(odd.place == "line 3, column 'classification'");
  CHECK(odd.found == "0.5");
  CHECK(odd.expected == "a tissue class: -1, 0 or 1");

  const InputProblem twice = annotation_problem(header + "w,1,2,3,1\nw,1,2,3,0\n");
  CHECK(twice.place == "line 3, column 'well_id'");
  CHECK(twice.found == "'w', which line 2 has too");

  CHECK(annotation_problem(header + "w,1,2,3,\n").place == "line 2, column 'classification'");
  CHECK(annotation_problem(header + "w,1,2,,1\n").found == "an empty cell");
  CHECK(annotation_problem(header + "w,left,2,3,1\n").found == "'left'");
  CHECK(annotation_problem(header).found == "a header and no rows");
  CHECK(annotation_problem("well_id,mni_x,mni_y,mni_z,label\nw,1,2,3,1.5\n").expected ==
        "a whole number");
}

TEST_CASE("a rewritten annotation keeps every column and holds the classes as signed") {
  const TempDir folder;
  const std::vector<Tissue> tissue{Tissue::grey, Tissue::white, Tissue::neither};
  const auto path = folder.write("a.csv",
                                 "well_id,mni_x,mni_y,mni_z,note\n"
                                 "a,1.50,2,3,\"x, y\"\nb,4,5,6,\nc,7,8,9,\"said \"\"z\"\"\"\n");
  const Annotation annotation = read_annotation(path, TissueSign::paper);
  write_annotation(folder / "b.csv", annotation.table, {tissue, TissueSign::released_code});
  CHECK(folder.read("b.csv") ==
        "well_id,mni_x,mni_y,mni_z,note,classification\n"
        "a,1.50,2,3,\"x, y\",-1\nb,4,5,6,,1\nc,7,8,9,\"said \"\"z\"\"\",0\n");
  const Annotation again = read_annotation(folder / "b.csv", TissueSign::released_code);
  CHECK(again.sites.tissue == tissue);
  // a second time the column is replaced where it stands
  write_annotation(folder / "c.csv", again.table, {tissue, TissueSign::paper});
  CHECK(folder.read("c.csv").find("well_id,mni_x,mni_y,mni_z,note,classification\na,1.50,2,3,"
                                  "\"x, y\",1\n") == 0);
  CHECK_THROWS_AS(write_annotation(folder / "d.csv", again.table, {{Tissue::grey}}), ArgumentError);
  CHECK_THROWS_AS(write_annotation(folder / "no" / "d.csv", again.table, {tissue}), InputError);
  CHECK(folder.entries() == 3);
}

TEST_CASE("a gene list: line ends, blanks, byte order mark, repeats") {
  const TempDir folder;
  Names warnings;
  const auto warn = [&](std::string_view line) { warnings.emplace_back(line); };
  const auto path = folder.write("g.txt",
                                 "\xEF\xBB\xBF"
                                 "APOE\r\n\n  BHLHE40 \t\nANK3\nAPOE\n\nHLA-A");
  CHECK(read_gene_list(path, warn) == Names{"APOE", "BHLHE40", "ANK3", "HLA-A"});
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0] == path.string() + ": 1 repeated symbol counts once: APOE");
  CHECK(read_gene_list(folder.write("h.txt", "ANK3\n"), warn) == Names{"ANK3"});
  CHECK(warnings.size() == 1);

  const auto table = folder.write("t.csv", "\nAPOE\ngene_symbol,se\nAPOE,0.5\n");
  const InputProblem comma = problem_of([&] { static_cast<void>(read_gene_list(table)); });
  CHECK(comma.file == table.string());
  CHECK(comma.place == "line 3");
  CHECK(comma.found == "'gene_symbol,se'");
  CHECK(comma.expected == "one gene symbol a line");
  const auto blank = folder.write("b.txt", "\n \r\n");
  CHECK(problem_of([&] { static_cast<void>(read_gene_list(blank)); }).found == "blank lines only");
  const auto empty = folder.write("e.txt", "");
  CHECK(problem_of([&] { static_cast<void>(read_gene_list(empty)); }).found == "an empty file");
  CHECK_THROWS_AS(static_cast<void>(read_gene_list(folder / "none.txt")), InputError);
}

TEST_CASE("the real samples are read whole") {
  const auto root = test::data_root();
  if (!root || !std::filesystem::exists(*root / "samples")) {
    MESSAGE("skipped: no real data (set INRGENE_DATA to its folder)");
    return;
  }
  const ExpressionTable expression = read_expression(*root / "samples" / "expression.csv");
  CHECK(expression.genes.size() == 9);
  CHECK(expression.ids.size() == 3702);
  CHECK(expression.values.allFinite());
  const Sites sites =
      read_annotation(*root / "samples" / "annotation.csv", TissueSign::paper).sites;
  CHECK(sites.size() == 3702);
  CHECK(sites.tissue.empty());
  CHECK(sites.well_ids[0] == "97");
  CHECK(sites.mni_mm(0, 0) == 8.316713033730746);
  CHECK(sites.donor[0] == "9861");
  CHECK(sites.slab[0] == "CX");
  CHECK(sites.structure[0] == "frontal pole, left, superior aspect");
}
