#include "inrgene/brain/ahba/samples.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/brain/ahba/mirror.hpp"
#include "support/abagen_sets.hpp"
#include "support/input_problem.hpp"
#include "support/paths.hpp"
#include "support/raw_set.hpp"
#include "support/temp_dir.hpp"

using namespace inrgene;
using test::input_problem;
using test::says;
using test::TempDir;

namespace {

/// The donor 9861 of the test set on disk.
struct OneDonor {
  TempDir dir;
  test::RawSet set = test::raw_set({9861});
  test::RawPaths paths;
  explicit OneDonor(const test::RawWriting& how = {})
      : paths(test::write_raw_folder(dir.path(), set, how)) {}

  [[nodiscard]] const std::vector<test::RawSample>& raw() const { return set.donors[0].samples; }
  [[nodiscard]] std::filesystem::path annotation() const {
    return paths.file(9861, "SampleAnnot.csv");
  }
  [[nodiscard]] DonorSamples read() const {
    const AhbaFolder folder = open_ahba(dir.path());
    return read_samples_annotation(folder.donors[0], read_ontology(folder.donors[0].ontology));
  }
  [[nodiscard]] CorrectedCoordinates coordinates() const {
    return CorrectedCoordinates::read(paths.coordinates);
  }
};

/// Largest difference of places, in millimetres.
double apart(const DonorSamples& samples, const std::vector<test::RawSample>& raw,
             bool is_corrected) {
  double out = 0;
  for (std::size_t s = 0; s < raw.size(); ++s) {
    const auto& expected = is_corrected ? raw[s].corrected_mm : raw[s].mni_mm;
    for (Index a = 0; a < 3; ++a) {
      out = std::max(out, std::abs(samples.mni_mm(a, static_cast<Index>(s)) -
                                   expected[static_cast<std::size_t>(a)]));
    }
  }
  return out;
}

/// Half a unit in the last place of `value` printed with `digits` significant digits: all that a
/// printed coordinate can tell.
double half_last_digit(double value, int digits) {
  if (value == 0) return 1e-9;
  return 0.5 * std::pow(10.0, std::floor(std::log10(std::abs(value))) + 1 - digits);
}

}  // namespace

TEST_CASE("samples are read in file order, with side and class of their structures") {
  for (const auto& how : {test::RawWriting{}, test::RawWriting{.crlf = true, .shuffle = 5},
                          test::RawWriting{.gzip = true}}) {
    const OneDonor one(how);
    const DonorSamples samples = one.read();
    CHECK_NOTHROW(samples.check());
    CHECK(samples.donor == 9861);
    CHECK(samples.measured == std::ssize(one.raw()));
    CHECK_FALSE(samples.mirrored);
    REQUIRE(samples.size() == std::ssize(one.raw()));
    CHECK(apart(samples, one.raw(), false) == 0);
    for (Index i = 0; i < samples.size(); ++i) {
      const auto s = static_cast<std::size_t>(i);
      const test::RawSample& raw = one.raw()[s];
      const test::RawStructure& structure = one.set.structure(raw.structure_id);
      CHECK(samples.column[s] == i);
      CHECK(samples.well_id[s] == raw.well_id);
      CHECK(samples.copied[s] == 0);
      CHECK(samples.structure_id[s] == raw.structure_id);
      CHECK(samples.acronym[s] == structure.acronym);
      CHECK(samples.structure_name[s] == structure.name);  // with a comma, in quotes
      CHECK(samples.slab[s] == raw.slab);
      CHECK(samples.mri_voxel(1, i) == raw.mri_voxel[1]);
      CHECK(samples.hemisphere[s] == (structure.hemisphere == "L"   ? Hemisphere::left
                                      : structure.hemisphere == "R" ? Hemisphere::right
                                                                    : Hemisphere::both));
      CHECK(samples.structure[s] == class_of_path(structure.path));
    }
    DonorSamples moved = samples;
    correct_coordinates(moved, one.coordinates());
    CHECK(apart(moved, one.raw(), true) == 0);
  }
}

TEST_CASE("what SampleAnnot.csv must not hold is refused with file, line and column") {
  const auto problem = [](const char* from, const char* to) {
    const OneDonor one;
    test::edit_file(one.annotation(), from, to);
    InputProblem out = input_problem([&] { static_cast<void>(one.read()); });
    CHECK(std::filesystem::path(out.file).parent_path() == one.annotation().parent_path());
    return out;
  };
  CHECK(problem("mni_y", "mni_why").expected == "a column 'mni_y'");
  CHECK(problem("well_id", "well").expected == "a column 'well_id'");
  CHECK(problem("slab_type", "slab").expected == "a column 'slab_type'");
  CHECK(problem(",-30.0,", ",NaN,").place == "line 2, column 'mni_x'");
  CHECK(problem(",-30.0,", ",NaN,").expected == "a finite number");
  CHECK(problem(",-30.0,", ",,").found == "an empty cell");
  CHECK(problem(",-30.0,", ",left,").found == "'left'");
  CHECK(problem(",98613,", ",98610,").place == "line 3, column 'well_id'");
  CHECK(problem(",98613,", ",98610,").found == "98610, which line 2 has too");
  CHECK(problem("\n12001,", "\n12001.5,").place == "line 2, column 'structure_id'");
  CHECK(says(problem("\"SFG\",", "").expected, "as in the header"));

  const InputProblem structure = problem("\n12001,", "\n4711,");
  CHECK(says(structure.file, "Ontology.csv"));
  CHECK(says(structure.found, "no structure 4711"));
  CHECK(says(structure.expected, "SampleAnnot.csv, line 2"));
}

TEST_CASE("an expression with another number of columns than samples is refused") {
  const OneDonor one;
  const DonorSamples samples = one.read();
  CHECK_NOTHROW(require_same_samples(samples, 34, "PACall.csv"));
  const InputProblem problem =
      input_problem([&] { require_same_samples(samples, 33, "PACall.csv"); });
  CHECK(problem.file == "PACall.csv");
  CHECK(problem.found == "33");
  CHECK(problem.expected == "34, one for each row of " + one.annotation().string());
}

TEST_CASE("a table of corrected coordinates that cannot serve is refused") {
  const OneDonor one;
  DonorSamples samples = one.read();
  const auto reading = [&](const std::filesystem::path& path) {
    return input_problem([&] { static_cast<void>(CorrectedCoordinates::read(path)); });
  };
  const InputProblem absent = reading(one.dir / "corrected.csv");
  CHECK(absent.found == "no such file");
  CHECK(says(absent.expected, "belongs to the abagen package"));
  CHECK(says(absent.expected, "abagen/data/corrected_mni_coordinates.csv.gz"));
  const auto bad = [&](const char* rows) {
    return reading(one.dir.write(
        "bad.csv",
        std::string("well_id,corrected_mni_x,corrected_mni_y,corrected_mni_z\n") + rows));
  };
  CHECK(bad("").found == "a header and no rows");
  CHECK(bad("1,2,3,4\n1,2,3,4\n").found == "1, which line 2 has too");
  CHECK(bad("1,2,nan,4\n").place == "line 2, column 'corrected_mni_y'");

  test::edit_file(one.paths.coordinates, "\n98613,", "\n77,");
  test::edit_file(one.paths.coordinates, "\n98616,", "\n78,");
  const InputProblem wells =
      input_problem([&] { correct_coordinates(samples, one.coordinates()); });
  CHECK(wells.file == one.paths.coordinates.string());
  CHECK(wells.found == "no row of the wells 98613, 98616");
  CHECK(wells.expected == "a row for each of the 34 wells of " + one.annotation().string());
  CHECK(apart(samples, one.raw(), false) == 0);  // as they were
}

TEST_CASE("places in the donor's own space are its voxels through the T1's affine") {
  const OneDonor one;
  DonorSamples samples = one.read();
  const Affine t1{{{0, 0, -2, 150}, {-1, 0, 0, 90}, {0, 0.5, 0, -40}, {0, 0, 0, 1}}};
  to_native_space(samples, t1);
  for (Index s = 0; s < samples.size(); ++s) {
    CHECK(samples.mni_mm(0, s) == 150 - 2 * samples.mri_voxel(2, s));
    CHECK(samples.mni_mm(1, s) == 90 - samples.mri_voxel(0, s));
    CHECK(samples.mni_mm(2, s) == -40 + 0.5 * samples.mri_voxel(1, s));
  }
}

TEST_CASE("samples on the wrong side of the middle are dropped, each with its reason") {
  const OneDonor one;
  const DonorSamples samples = one.read();
  std::vector<Dropped> dropped;
  const DropSink sink = [&](Dropped d) { dropped.push_back(std::move(d)); };
  // By the whole millimetres only the stray sample goes: the pons lies at x = 0.
  const DonorSamples kept = drop_mismatched(samples, sink);
  REQUIRE(dropped.size() == 1);
  const Index stray = samples.size() - 1, pons = samples.size() - 2;
  CHECK(dropped[0].item == samples.name(stray));
  CHECK(dropped[0].kind == "sample");
  CHECK(dropped[0].reason ==
        text("x = ", samples.mni_mm(0, stray), " mm, but structure 12001 (SFG) is left, so x < 0"));
  CHECK(kept.size() == samples.size() - 1);
  CHECK(kept.column.back() == pons);
  CHECK(kept.measured == samples.measured);

  DonorSamples moved = samples;
  correct_coordinates(moved, one.coordinates());
  dropped.clear();
  CHECK(drop_mismatched(moved, sink).size() == samples.size() - 2);
  REQUIRE(dropped.size() == 2);
  CHECK(says(dropped[0].reason, "structure 9131 (Pons) is without a side, so x = 0"));
}

TEST_CASE("samples, kept and in order, are abagen's" * doctest::test_suite("parity")) {
  const auto fixtures = test::fixture_folder("abagen");
  const auto data = test::data_root();
  if (!fixtures || !data) {
    MESSAGE("skipped: no reference values or no tables");
    return;
  }
  struct Case {
    const char* key;
    bool corrected = true;
    Mirroring mirroring = Mirroring::none;
  };
  // H, which filters by similarity too, is compared where that is done.
  const std::vector<Case> cases{{"A"},
                                {"A0"},
                                {"B0"},
                                {"D"},
                                {"F1"},
                                {"I"},
                                {"I2"},
                                {"L"},
                                {"M"},
                                {"S1"},
                                {"S3"},
                                {"V2"},
                                {"F2", false},
                                {"F3", false},
                                {"B", true, Mirroring::leftright},
                                {"C", true, Mirroring::bidirectional},
                                {"E", true, Mirroring::rightleft},
                                {"J", true, Mirroring::bidirectional},
                                {"S2", true, Mirroring::bidirectional},
                                {"VL", true, Mirroring::bidirectional}};
  const CorrectedCoordinates coordinates =
      CorrectedCoordinates::read(*data / "ahba_tables/corrected_mni_coordinates.csv.gz");
  CHECK(coordinates.size() == 3702);
  int compared = 0;
  for (const std::string& set : test::abagen_sets(*fixtures)) {
    const int digits = set.starts_with("tiny") ? 12 : 10;  // as the files are printed
    const AhbaFolder folder = open_ahba(*fixtures / set);
    for (const Case& c : cases) {
      const auto path = *fixtures / set / "expected" / (std::string(c.key) + "_samples.csv");
      if (!std::filesystem::exists(path)) continue;
      CAPTURE(path.string());
      const CsvTable expected = read_csv(path);
      const auto at = [&](Index row, std::string_view name) {
        return expected.cell(row, expected.column(name));
      };
      Index row = 0, equal = 0;
      double largest = 0;
      for (const DonorFiles& files : folder.donors) {
        if (row == expected.rows() || at(row, "donor") != std::to_string(files.donor)) continue;
        const Ontology ontology = read_ontology(files.ontology);
        DonorSamples all = read_samples_annotation(files, ontology);
        if (c.corrected) correct_coordinates(all, coordinates);
        Index reported = 0;
        const DonorSamples samples = drop_mismatched(mirror(all, ontology, c.mirroring),
                                                     [&](const Dropped&) { ++reported; });
        CHECK(reported + samples.size() == mirror(all, ontology, c.mirroring).size());
        REQUIRE(row + samples.size() <= expected.rows());
        for (Index i = 0; i < samples.size(); ++i, ++row) {
          const auto s = static_cast<std::size_t>(i);
          const bool same =
              at(row, "donor") == std::to_string(files.donor) &&
              at(row, "sample_id") == std::to_string(samples.column[s] + 1) &&
              at(row, "well_id") == std::to_string(samples.well_id[s]) &&
              at(row, "structure_id") == std::to_string(samples.structure_id[s]) &&
              at(row, "hemisphere") == to_word(samples.hemisphere[s], hemisphere_words) &&
              at(row, "structure") == to_word(samples.structure[s], structure_class_words);
          equal += same ? 1 : 0;
          for (Index a = 0; a < 3; ++a) {
            constexpr std::array axes{"mni_x", "mni_y", "mni_z"};
            const double mm =
                expected.finite(row, expected.column(axes[static_cast<std::size_t>(a)]));
            const double scale = half_last_digit(mm, digits);
            largest = std::max(largest, std::abs(mm - samples.mni_mm(a, i)) / scale);
          }
        }
      }
      CHECK(row == expected.rows());
      CHECK(equal == expected.rows());
      CHECK(largest <= 1.001);  // 5e-11 mm in tiny, 5e-9 mm in seed0
      ++compared;
    }
  }
  CHECK(compared == 37);
}
