#include "inrgene/brain/ahba/ontology.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/input_problem.hpp"
#include "support/paths.hpp"
#include "support/raw_set.hpp"
#include "support/temp_dir.hpp"

using namespace inrgene;
using test::input_problem;
using test::says;
using test::TempDir;

namespace {

/// Ontology.csv of the test set in `dir`, its rows in another order when `shuffle` is not 0.
std::filesystem::path write_ontology(const TempDir& dir, const test::RawWriting& how = {}) {
  return test::write_raw_folder(dir.path(), test::raw_set({9861}), how).file(9861, "Ontology.csv");
}

}  // namespace

TEST_CASE("the class is that of the last id of the path that has one") {
  CHECK(class_of_path("/4005/4006/4007/4008/4009/") == StructureClass::cortex);
  // The hippocampal formation hangs on the cortex.
  CHECK(class_of_path("/4005/4006/4007/4008/4219/4249/12005/") ==
        StructureClass::subcortex_brainstem);
  for (const char* id : {"4275", "4391", "9001", "9131", "9512"}) {
    CAPTURE(id);
    CHECK(class_of_path(text("/4005/4006/", id, "/77/")) == StructureClass::subcortex_brainstem);
  }
  CHECK(class_of_path("/4005/4006/4833/4696/") == StructureClass::cerebellum);
  CHECK(class_of_path("/4005/9218/") == StructureClass::white_matter);
  CHECK(class_of_path("/4005/9352") == StructureClass::other);
  CHECK(class_of_path("/4005/4006/4833/") == StructureClass::none);
  CHECK(class_of_path("") == StructureClass::none);
  // 4696 comes last as an id, though as text it stands first, inside 94696.
  CHECK(class_of_path("/4005/94696/4008/4696/") == StructureClass::cerebellum);
  CHECK(class_of_path("/4005/140084/40080/") == StructureClass::none);
}

TEST_CASE("structures have sides and classes, whatever the order of rows") {
  const TempDir dir;
  for (const auto& how : {test::RawWriting{}, test::RawWriting{.crlf = true, .shuffle = 4},
                          test::RawWriting{.gzip = true}}) {
    const Ontology ontology = read_ontology(write_ontology(dir, how));
    CHECK(ontology.structures().size() == test::raw_ontology().size());
    for (const test::RawPair& pair : test::raw_pairs) {
      CAPTURE(pair.acronym);
      CHECK(ontology.hemisphere(pair.left_id) == Hemisphere::left);
      CHECK(ontology.hemisphere(pair.left_id + 1) == Hemisphere::right);
      CHECK(to_word(ontology.structure_class(pair.left_id), structure_class_words) == pair.tissue);
      CHECK(ontology.at(pair.left_id).name == std::string(pair.name) + ", left");
      CHECK(ontology.counterpart(pair.acronym, Hemisphere::left).id == pair.left_id);
      CHECK(ontology.counterpart(pair.acronym, Hemisphere::right).id == pair.left_id + 1);
    }
    CHECK(ontology.hemisphere(test::raw_midline_id) == Hemisphere::both);
    CHECK(ontology.counterpart("Pons", Hemisphere::both).id == test::raw_midline_id);
    CHECK(ontology.structure_class(4005) == StructureClass::none);
    CHECK(ontology.find(1) == nullptr);
  }
}

TEST_CASE("a structure that is not there is refused with the file, the id and who asked") {
  const TempDir dir;
  const auto path = write_ontology(dir);
  const Ontology ontology = read_ontology(path);
  const InputProblem id =
      input_problem([&] { static_cast<void>(ontology.at(77, "SampleAnnot.csv, line 7")); });
  CHECK(id.file == path.string());
  CHECK(id.found == "no structure 77 among its 30 structures");
  CHECK(id.expected == "a row for it, which stands in SampleAnnot.csv, line 7");
  CHECK_THROWS_AS(static_cast<void>(ontology.hemisphere(77)), InputError);

  const InputProblem side = input_problem(
      [&] { static_cast<void>(ontology.counterpart("Pons", Hemisphere::left, "sample 3")); });
  CHECK(side.file == path.string());
  CHECK(side.found == "no structure 'Pons' in hemisphere L");
  CHECK(side.expected == "one, for sample 3");
  const Ontology twice({{1, "A", "a", Hemisphere::left}, {2, "A", "b", Hemisphere::left}});
  CHECK(input_problem([&] { static_cast<void>(twice.counterpart("A", Hemisphere::left)); }).found ==
        "more than one structure 'A' in hemisphere L");
  CHECK_THROWS_AS(Ontology({{1, "A", "a"}, {1, "B", "b"}}), ArgumentError);
}

TEST_CASE("what Ontology.csv must not hold is refused with file, line and column") {
  const TempDir dir;
  const auto problem = [&](const char* from, const char* to) {
    const auto path = write_ontology(dir);
    test::edit_file(path, from, to);
    return input_problem([&] { static_cast<void>(read_ontology(path)); });
  };
  CHECK(problem("4006,\"GM\"", "4005,\"GM\"").found == "4005, which line 2 has too");
  CHECK(problem("4006,\"GM\"", "4005,\"GM\"").place == "line 3, column 'id'");
  CHECK(problem("4006,\"GM\"", "GM,\"GM\"").expected == "a whole number");
  CHECK(problem(",L,", ",left,").found == "'left'");
  CHECK(problem(",L,", ",left,").expected == "L, R or nothing");
  CHECK(problem("structure_id_path", "path").expected == "a column 'structure_id_path'");
  CHECK(says(problem("4006,\"GM\",", "4006,").expected, "as in the header"));
}

TEST_CASE("the real ontology has one structure an acronym and side" *
          doctest::test_suite("parity")) {
  const auto data = test::data_root();
  if (!data) {
    MESSAGE("skipped: no tables");
    return;
  }
  const Ontology ontology = read_ontology(*data / "ahba_tables/Ontology.csv");
  CHECK(ontology.structures().size() == 1839);
  for (const OntologyStructure& s : ontology.structures()) {
    CHECK(ontology.counterpart(s.acronym, s.hemisphere).id == s.id);
  }
}
