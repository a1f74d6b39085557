#include "inrgene/brain/ahba/region_info.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/temp_dir.hpp"

using namespace inrgene;

namespace {

constexpr const char* table_text =
    "id,label,hemisphere,structure,colour\n"
    "7,\"thalamus, left\",lh,subcortex,red\n"
    "3,stem,bilateral,brainstem,blue\n"
    "1,cuneus,R,cortex,green\n"
    "9,unused,nowhere,nothing,\n";

std::string message_of(const std::string& bytes, const std::vector<Index>& labels) {
  const test::TempDir dir;
  const auto path = dir.write("info.csv", bytes);
  try {
    (void)read_region_info(path, labels);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool has(const std::string& words, const std::string& part) {
  return words.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("region table: aliases, any order of rows, rows and columns of others") {
  const test::TempDir dir;
  const std::vector<Index> labels{1, 3, 7};
  const auto info = read_region_info(dir.write("info.csv", table_text), labels);
  REQUIRE(info.size() == 3);
  CHECK(info[0].id == 1);
  CHECK(info[0].label == "cuneus");
  CHECK(info[0].hemisphere == Hemisphere::right);
  CHECK(info[0].structure == StructureClass::cortex);
  CHECK(info[1].hemisphere == Hemisphere::both);
  CHECK(info[1].structure == StructureClass::subcortex_brainstem);
  CHECK(info[2].label == "thalamus, left");
  CHECK(info[2].hemisphere == Hemisphere::left);
  CHECK(info[2].structure == StructureClass::subcortex_brainstem);
}

TEST_CASE("region table: names are optional") {
  const test::TempDir dir;
  const std::vector<Index> labels{4};
  const auto path = dir.write("info.csv", "id,hemisphere,structure\r\n4,left,white matter\r\n");
  const auto info = read_region_info(path, labels);
  CHECK(info.at(0).label == "4");
  CHECK(info.at(0).structure == StructureClass::white_matter);
}

TEST_CASE("region table: what is refused, and the words for it") {
  const std::string missing = message_of(table_text, {1, 2, 3, 5, 7});
  CHECK(has(missing, "info.csv: column 'id': found no row for the atlas's labels 2, 5"));
  const std::string side = message_of("id,hemisphere,structure\n1,west,cortex\n", {1});
  CHECK(has(side, "line 2, column 'hemisphere': found 'west', expected one of: L, R, B"));
  CHECK(has(side, "bilateral"));
  const std::string structure = message_of("id,hemisphere,structure\n1,L,skull\n", {1});
  CHECK(has(structure, "'skull'"));
  CHECK(has(structure, "cortex, subcortex/brainstem, cerebellum, white matter, other"));
  CHECK(has(message_of("id,hemisphere,structure\n1,,cortex\n", {1}), "an empty cell"));
  CHECK(has(message_of("id,hemisphere,structure\n1,L,cortex\n1,R,cortex\n", {1}),
            "found 1, as on line 2"));
  CHECK(has(message_of("id,label,structure\n1,x,cortex\n", {1}), "a column 'hemisphere'"));
}

TEST_CASE("a region of both sides matches samples of either, but is filled by neither") {
  const RegionInfo stem{3, "stem", Hemisphere::both, StructureClass::subcortex_brainstem};
  const RegionInfo left{7, "thalamus", Hemisphere::left, StructureClass::subcortex_brainstem};
  const auto tissue = StructureClass::subcortex_brainstem;
  CHECK(may_match(stem, tissue, Hemisphere::left));
  CHECK(may_match(stem, tissue, Hemisphere::both));
  CHECK_FALSE(may_match(stem, StructureClass::cortex, Hemisphere::both));
  CHECK_FALSE(may_fill(stem, tissue, Hemisphere::left));
  CHECK(may_fill(stem, tissue, Hemisphere::both));
  CHECK(may_match(left, tissue, Hemisphere::left));
  CHECK_FALSE(may_match(left, tissue, Hemisphere::right));
  CHECK_FALSE(may_match(left, tissue, Hemisphere::both));
}
