#include "inrgene/brain/atlas/region_table.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "support/temp_dir.hpp"

using namespace inrgene;

TEST_CASE("a region table survives its file") {
  const test::TempDir dir;
  RegionTable table{.label = {3, 1}, .genes = {"APOE", "MAPT"}, .values = Eigen::MatrixXd(2, 2)};
  table.values << 1.0 / 3, 0.5, 0.1 + 0.2, std::numeric_limits<double>::quiet_NaN();
  write_regions(table, dir / "regions.csv");
  CHECK(dir.read("regions.csv").starts_with("label,APOE,MAPT\n3,0.333"));
  const RegionTable back = read_regions(dir / "regions.csv");
  CHECK(back.label == table.label);
  CHECK(back.genes == table.genes);
  CHECK(back.values(1, 0) == table.values(1, 0));
  CHECK(std::isnan(back.values(1, 1)));
  table.label.pop_back();
  CHECK_THROWS_AS(write_regions(table, dir / "regions.csv"), ArgumentError);
}

TEST_CASE("bad region tables are refused") {
  const test::TempDir dir;
  for (const std::string_view content :
       {"well_id,APOE\n1,2\n", "label\n1\n", "label,APOE\n", "label,APOE\n1,2\n1,3\n",
        "label,APOE\nx,2\n", "label,APOE\n1,x\n"}) {
    CAPTURE(content);
    CHECK_THROWS_AS((void)read_regions(dir.write("bad.csv", content)), InputError);
  }
}
