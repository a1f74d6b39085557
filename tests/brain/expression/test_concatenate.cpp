#include "inrgene/brain/expression/concatenate.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "inrgene/brain/expression/join.hpp"
#include "inrgene/brain/expression/tables.hpp"
#include "support/temp_dir.hpp"

using namespace inrgene;
using test::TempDir;

namespace {

using Names = std::vector<std::string>;

std::string message_of(auto&& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  FAIL("no InputError");
  return {};
}

}  // namespace

TEST_CASE("tables with label and well_id hold mirrored copies, which meet their own sites") {
  const TempDir folder;
  const auto e = folder.write("e.csv", "label,well_id,A,B\n3,10,1,2\n0,11,3,4\n4,10,5,6\n");
  const auto a = folder.write("a.csv",
                              "well_id,mni_x,mni_y,mni_z,label,mirrored\n10,-7,1,2,3,0\n"
                              "11,-9,1,2,0,0\n10,7,1,2,4,1\n");
  const ExpressionTable table = read_expression(e);
  CHECK(table.key == "well_id");
  CHECK(table.genes == Names{"A", "B"});
  CHECK(table.ids == Names{"10", "11", "10#2"});
  const Samples samples = join(table, read_annotation(a, TissueSign::paper).sites);
  CHECK(samples.sites.mni_mm(0, 2) == 7);
  CHECK(samples.sites.label == std::vector<Index>{3, 0, 4});
  CHECK(samples.values(0, 2) == 5);
}

TEST_CASE("a repeated well is refused where no copies are declared") {
  const TempDir folder;
  const auto e = folder.write("e.csv", "well_id,A\n10,1\n10,5\n");
  CHECK_THROWS_AS(static_cast<void>(read_expression(e)), InputError);
  const auto a = folder.write("a.csv", "well_id,mni_x,mni_y,mni_z\n10,-7,1,2\n10,7,1,2\n");
  CHECK_THROWS_AS(static_cast<void>(read_annotation(a, TissueSign::paper)), InputError);
}

TEST_CASE("a label that is no whole number is refused beside well_id too") {
  const TempDir folder;
  const auto e = folder.write("e.csv", "label,well_id,A\nx,10,1\n");
  CHECK(message_of([&] { static_cast<void>(read_expression(e)); }).find("column 'label'") !=
        std::string::npos);
}

TEST_CASE("donors' tables become one with the genes all of them have") {
  const TempDir folder;
  const std::vector<ExpressionTable> tables{
      read_expression(folder.write("1.csv", "well_id,A,B,C\n10,1,2,3\n11,4,5,6\n")),
      read_expression(folder.write("2.csv", "well_id,C,A\n20,7,8\n"))};
  std::string warned;
  const ExpressionTable one = concatenate(tables, [&](std::string_view words) { warned = words; });
  CHECK(one.genes == Names{"A", "C"});
  CHECK(one.ids == Names{"10", "11", "20"});
  CHECK(one.values == (Eigen::MatrixXd(2, 3) << 1, 4, 8, 3, 6, 7).finished());
  CHECK(warned.find("1 gene not in all of them and left out: B") != std::string::npos);
}

TEST_CASE("tables that do not fit together are refused") {
  const TempDir folder;
  const auto read = [&](const char* name, const char* content) {
    return read_expression(folder.write(name, content));
  };
  const auto message = [](std::vector<ExpressionTable> tables) {
    return message_of([&] { static_cast<void>(concatenate(tables)); });
  };
  const auto samples = read("s.csv", "well_id,A\n10,1\n");
  CHECK(message({samples, read("r.csv", "label,A\n1,1\n")}).find("r.csv: header") !=
        std::string::npos);
  CHECK(message({samples, read("t.csv", "well_id,A\n10,2\n")}).find("'10'") != std::string::npos);
  CHECK(message({samples, read("g.csv", "well_id,B\n12,2\n")}).find("no gene") !=
        std::string::npos);
}

TEST_CASE("sites of several files keep the columns that all have") {
  const TempDir folder;
  const auto sites = [&](const char* name, const char* content) {
    return read_annotation(folder.write(name, content), TissueSign::paper).sites;
  };
  const std::vector<Sites> parts{
      sites("1.csv", "well_id,mni_x,mni_y,mni_z,donor,slab\n10,1,2,3,9861,CX\n"),
      sites("2.csv", "well_id,mni_x,mni_y,mni_z,donor\n20,4,5,6,10021\n")};
  std::string warned;
  const Sites all = concatenate(parts, [&](std::string_view words) { warned = words; });
  CHECK(all.well_ids == Names{"10", "20"});
  CHECK(all.mni_mm.col(1) == Eigen::Vector3d(4, 5, 6));
  CHECK(all.donor == Names{"9861", "10021"});
  CHECK(all.slab.empty());
  CHECK(warned.find("'slab'") != std::string::npos);
}
