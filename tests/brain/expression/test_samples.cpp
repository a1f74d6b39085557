#include "inrgene/brain/expression/samples.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace inrgene;

namespace {

Samples three_sites() {
  Samples samples;
  samples.sites.well_ids = {"a", "b", "c"};
  samples.sites.mni_mm.resize(3, 3);
  samples.sites.mni_mm << 1, 2, 3, 4, 5, 6, 7, 8, 9;
  samples.sites.tissue = {Tissue::grey, Tissue::white, Tissue::neither};
  samples.sites.donor = {"d1", "d1", "d2"};
  samples.sites.label = {10, 20, 30};
  samples.genes = {"G1", "G2"};
  samples.values.resize(2, 3);
  samples.values << 0.1, 0.2, 0.3, 0.4, 0.5, 0.6;
  return samples;
}

std::string message_of(auto&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no exception";
}

}  // namespace

TEST_CASE("selecting sites keeps every column in step and empty ones empty") {
  const Samples all = three_sites();
  const std::vector<Index> chosen{2, 0};
  const Samples some = all.select(chosen);
  CHECK(some.sites.well_ids == std::vector<std::string>{"c", "a"});
  CHECK(some.sites.mni_mm.col(0) == Eigen::Vector3d(3, 6, 9));
  CHECK(some.sites.mni_mm.col(1) == Eigen::Vector3d(1, 4, 7));
  CHECK(some.sites.tissue == std::vector<Tissue>{Tissue::neither, Tissue::grey});
  CHECK(some.sites.donor == std::vector<std::string>{"d2", "d1"});
  CHECK(some.sites.label == std::vector<Index>{30, 10});
  CHECK(some.sites.slab.empty());
  CHECK(some.genes == all.genes);
  CHECK(some.values(1, 0) == 0.6);
  CHECK(some.values(0, 1) == 0.1);
  CHECK_NOTHROW(some.check());
}

TEST_CASE("indices out of range and parts out of step are refused with their values") {
  Samples samples = three_sites();
  for (const Index bad : {Index{-1}, Index{3}}) {
    const std::vector<Index> chosen{0, bad};
    const std::string message =
        message_of([&] { static_cast<void>(samples.sites.select(chosen)); });
    CHECK(message.find(text("site: found ", bad, ", expected an index in [0, 3)")) == 0);
  }
  samples.sites.donor.pop_back();
  CHECK(message_of([&] { samples.check(); }).find("sites.donor: found 2") == 0);
  samples = three_sites();
  samples.values.resize(2, 5);
  CHECK(message_of([&] { samples.check(); }).find("samples.values columns: found 5") == 0);
}

TEST_CASE("genes are picked in the order asked for; unknown ones are named") {
  const Samples samples = three_sites();
  std::vector<std::string> warnings;
  const auto warn = [&](std::string_view line) { warnings.emplace_back(line); };
  const std::vector<std::string> wanted{"G2", "NOPE", "G1", "G2", "ZIP"};
  const Samples picked = samples.select_genes(wanted, warn);
  CHECK(picked.genes == std::vector<std::string>{"G2", "G1"});
  CHECK(picked.values.row(0) == samples.values.row(1));
  CHECK(picked.values.row(1) == samples.values.row(0));
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0] == "2 genes asked for and not in expression: NOPE, ZIP");

  ExpressionTable table{.ids = samples.sites.well_ids,
                        .genes = samples.genes,
                        .values = samples.values,
                        .lines = {2, 3, 4},
                        .file = "e.csv"};
  const ExpressionTable narrow = table.select_genes(std::vector<std::string>{"G1"}, warn);
  CHECK(narrow.values == samples.values.row(0));
  CHECK(narrow.ids == table.ids);
  CHECK(narrow.lines == table.lines);
  CHECK(warnings.size() == 1);

  const std::string message = message_of(
      [&] { static_cast<void>(table.select_genes(std::vector<std::string>{"NOPE"}, warn)); });
  CHECK(message ==
        "e.csv: genes: found none of the 1 genes asked for (NOPE), expected at least one of its 2 "
        "genes (G1, G2)");
  CHECK_THROWS_AS(static_cast<void>(table.select_genes(std::vector<std::string>{}, warn)),
                  ArgumentError);
}
