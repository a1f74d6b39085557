#include "inrgene/brain/gene_axis/gene_axis_file.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/temp_dir.hpp"

using namespace inrgene;

TEST_CASE("a gene axis survives its file, bit for bit") {
  const test::TempDir dir;
  GeneAxis axis{.genes = {"SNAP25", "APOE", "C,1"},
                .position = {0, 1.0 / 3, 1},
                .raw = {-0.1, 0.1 + 0.2, 5e-324},
                .method = "se"};
  for (const char* method : {"se", "pc1"}) {
    axis.method = method;
    write_gene_axis(axis, dir / "order.csv");
    const GeneAxis back = read_gene_axis(dir / "order.csv");
    CHECK(back.genes == axis.genes);
    CHECK(back.position == axis.position);
    CHECK(back.raw == axis.raw);
    CHECK(back.method == method);
  }
}

TEST_CASE("lines in any order, ties by symbol, raw optional") {
  const test::TempDir dir;
  const GeneAxis axis =
      read_gene_axis(dir.write("order.csv", "gene_symbol,se\nZ,0.5\nB,1\nA,0.5\n"));
  CHECK(axis.genes == std::vector<std::string>{"A", "Z", "B"});
  CHECK(axis.raw == std::vector<double>{0.5, 0.5, 1});
  CHECK(*axis.find("Z") == 1);
  CHECK(!axis.find("none"));
}

TEST_CASE("bad gene order files are refused with their line") {
  const test::TempDir dir;
  const auto message = [&](std::string_view content) {
    try {
      (void)read_gene_axis(dir.write("order.csv", content));
    } catch (const InputError& error) {
      return error.problem().place;
    }
    return std::string("no InputError");
  };
  CHECK(message("gene_symbol,rank\nA,1\n") == "header");
  CHECK(message("gene_symbol,se,pc1\nA,1,1\n") == "header");
  CHECK(message("gene_symbol,se\n") == "line 2");
  CHECK(message("gene_symbol,se\nA,0\n,1\n") == "line 3, column 'gene_symbol'");
  CHECK(message("gene_symbol,se\nA,0\nA,1\n") == "line 3, column 'gene_symbol'");
  CHECK(message("gene_symbol,se\nA,0\nB,1.5\n") == "line 3, column 'se'");
  CHECK(message("gene_symbol,se\nA,nan\n") == "line 2, column 'se'");
  CHECK(message("gene_symbol,se,raw\nA,1,x\n") == "line 2, column 'raw'");
}
