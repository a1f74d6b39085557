#include "inrgene/brain/ahba/mirror.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/folder.hpp"
#include "inrgene/brain/ahba/samples.hpp"
#include "support/input_problem.hpp"
#include "support/paths.hpp"
#include "support/raw_set.hpp"
#include "support/temp_dir.hpp"

using namespace inrgene;
using test::input_problem;
using test::says;
using test::TempDir;

namespace {

using Ids = std::vector<Index>;

/// Two structures with both sides and one without.
Ontology small_ontology() {
  using enum Hemisphere;
  using enum StructureClass;
  return Ontology({{1, "A", "a, left", left, cortex},
                   {2, "A", "a, right", right, cortex},
                   {3, "B", "b, left", left, cerebellum},
                   {4, "B", "b, right", right, cerebellum},
                   {5, "M", "m", both, subcortex_brainstem}});
}

/// Six samples: of A left, A right, B left, M off the middle, M in the middle, and A left that lies
/// on the right.
DonorSamples six_samples() {
  const Ontology ontology = small_ontology();
  DonorSamples s;
  s.donor = 9861;
  s.measured = 6;
  s.column = {0, 1, 2, 3, 4, 5};
  s.well_id = {10, 11, 12, 13, 14, 15};
  s.copied.assign(6, 0);
  s.mni_mm.resize(3, 6);
  s.mni_mm << -10, 20, -30, 2.5, 0, 7,  //
      1, 2, 3, 4, 5, 6,                 //
      -1, -2, -3, -4, -5, -6;
  s.mri_voxel = s.mni_mm.array() + 100;
  s.structure_id = {1, 2, 3, 5, 5, 1};
  for (const Index id : s.structure_id) {
    const OntologyStructure& structure = ontology.at(id);
    s.acronym.push_back(structure.acronym);
    s.structure_name.push_back(structure.name);
    s.slab.push_back("CX");
    s.hemisphere.push_back(structure.hemisphere);
    s.structure.push_back(structure.tissue);
  }
  return s;
}

std::vector<double> x_mm(const DonorSamples& samples) {
  std::vector<double> out;
  for (Index s = 0; s < samples.size(); ++s) out.push_back(samples.mni_mm(0, s));
  return out;
}

/// A sample without its place in the table.
using Content = std::tuple<Index, int, double, double, double, Index, std::string, std::string,
                           Hemisphere, StructureClass>;
std::vector<Content> contents(const DonorSamples& samples) {
  std::vector<Content> out;
  for (Index i = 0; i < samples.size(); ++i) {
    const auto s = static_cast<std::size_t>(i);
    out.emplace_back(samples.well_id[s], samples.copied[s], samples.mni_mm(0, i),
                     samples.mni_mm(1, i), samples.mni_mm(2, i), samples.structure_id[s],
                     samples.acronym[s], samples.structure_name[s], samples.hemisphere[s],
                     samples.structure[s]);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("left samples are copied to the right, with the structure of that side") {
  const DonorSamples out = mirror(six_samples(), small_ontology(), Mirroring::leftright);
  CHECK_NOTHROW(out.check());
  CHECK(out.mirrored);
  CHECK(out.measured == 6);
  CHECK(out.column == Ids{0, 1, 2, 3, 4, 5, 0, 2});
  CHECK(out.well_id == Ids{10, 11, 12, 13, 14, 15, 10, 12});
  CHECK(x_mm(out) == std::vector<double>{-10, 20, -30, 2.5, 0, 7, 10, 30});
  CHECK(out.structure_id == Ids{1, 2, 3, 5, 5, 1, 2, 4});
  CHECK(out.structure_name[7] == "b, right");
  CHECK(out.hemisphere[6] == Hemisphere::right);
  CHECK(out.structure[7] == StructureClass::cerebellum);
  CHECK(out.mni_mm(1, 7) == 3);
  CHECK(out.mri_voxel.col(7) == out.mri_voxel.col(2));  // measured there, and only there
  CHECK(out.name(7) == "9861/12 (mirrored)");
  CHECK(out.name(2) == "9861/12");
}

TEST_CASE("right samples are copied to the left; x = 0 is not, and the place decides") {
  const DonorSamples out = mirror(six_samples(), small_ontology(), Mirroring::rightleft);
  CHECK(out.column == Ids{0, 1, 2, 3, 4, 5, 1, 3, 5});
  CHECK(x_mm(out) == std::vector<double>{-10, 20, -30, 2.5, 0, 7, -20, -2.5, -7});
  // M has no sides and stays M; the left structure found on the right becomes the right one.
  CHECK(out.structure_id == Ids{1, 2, 3, 5, 5, 1, 1, 5, 2});
  CHECK(out.hemisphere[7] == Hemisphere::both);
  CHECK(out.hemisphere[8] == Hemisphere::right);
}

TEST_CASE("both ways: the samples, then the left ones' copies, then the right ones'") {
  const DonorSamples samples = six_samples();
  const DonorSamples out = mirror(samples, small_ontology(), Mirroring::bidirectional);
  CHECK(out.column == Ids{0, 1, 2, 3, 4, 5, 0, 2, 1, 3, 5});
  CHECK(out.copied == std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1});
  CHECK(x_mm(out) == std::vector<double>{-10, 20, -30, 2.5, 0, 7, 10, 30, -20, -2.5, -7});
  // The stray sample and its copy contradict their structures alike.
  CHECK(drop_mismatched(out).well_id == Ids{10, 11, 12, 14, 10, 12, 11});

  const DonorSamples none = mirror(samples, small_ontology(), Mirroring::none);
  CHECK_FALSE(none.mirrored);
  CHECK(contents(none) == contents(samples));
}

TEST_CASE("mirroring twice is refused, and so are new places after it") {
  DonorSamples once = mirror(six_samples(), small_ontology(), Mirroring::leftright);
  const auto message = [&](auto&& call) -> std::string {
    try {
      call();
    } catch (const ArgumentError& error) {
      return error.what();
    }
    return "no ArgumentError";
  };
  for (const Mirroring again :
       {Mirroring::leftright, Mirroring::rightleft, Mirroring::bidirectional}) {
    CHECK(says(message([&] { static_cast<void>(mirror(once, small_ontology(), again)); }),
               "samples of donor 9861: found mirrored ones, expected samples that are mirrored "
               "once only"));
  }
  // What selecting leaves is still mirrored.
  const DonorSamples kept = drop_mismatched(once);
  CHECK_THROWS_AS(static_cast<void>(mirror(kept, small_ontology(), Mirroring::leftright)),
                  ArgumentError);
  CHECK_THROWS_AS(to_native_space(once, identity_affine), ArgumentError);
  CHECK_THROWS_AS(correct_coordinates(once, CorrectedCoordinates()), ArgumentError);
}

TEST_CASE("a structure without one on the other side is refused with the sample") {
  using enum Hemisphere;
  const Ontology left_only({{1, "A", "a, left", left},
                            {2, "A", "a, right", right},
                            {3, "B", "b, left", left},
                            {5, "M", "m", both}},
                           "D/Ontology.csv");
  const InputProblem problem = input_problem(
      [&] { static_cast<void>(mirror(six_samples(), left_only, Mirroring::leftright)); });
  CHECK(problem.file == "D/Ontology.csv");
  CHECK(problem.found == "no structure 'B' in hemisphere R");
  CHECK(problem.expected == "one, for the mirror image of sample 9861/12 in SampleAnnot.csv");
  // No sample of B lies on the right: that way it is not asked for.
  CHECK_NOTHROW(static_cast<void>(mirror(six_samples(), left_only, Mirroring::rightleft)));
}

TEST_CASE("columns that do not fit are refused") {
  DonorSamples samples = six_samples();
  samples.acronym.pop_back();
  CHECK_THROWS_AS(static_cast<void>(mirror(samples, small_ontology(), Mirroring::leftright)),
                  ArgumentError);
  CHECK_THROWS_AS(static_cast<void>(drop_mismatched(samples)), ArgumentError);
}

TEST_CASE("the order of samples and of rows in the tables does not change what a sample becomes") {
  const TempDir dir;
  test::RawSet set = test::raw_set();
  const auto prepare = [&](const char* name, const test::RawWriting& how) {
    const test::RawPaths paths = test::write_raw_folder(dir / name, set, how);
    const CorrectedCoordinates places = CorrectedCoordinates::read(paths.coordinates);
    std::vector<DonorSamples> out;
    for (const DonorFiles& files : open_ahba(dir / name).donors) {
      const Ontology ontology = read_ontology(files.ontology);
      DonorSamples samples = read_samples_annotation(files, ontology);
      correct_coordinates(samples, places);
      out.push_back(drop_mismatched(mirror(samples, ontology, Mirroring::bidirectional)));
    }
    return out;
  };
  const auto plain = prepare("plain", {});
  const auto mixed = prepare("mixed", {.crlf = true, .shuffle = 11});
  for (test::RawDonor& donor : set.donors) std::reverse(donor.samples.begin(), donor.samples.end());
  const auto reversed = prepare("reversed", {.gzip = true});
  for (std::size_t d = 0; d < plain.size(); ++d) {
    CHECK(plain[d].column == mixed[d].column);
    CHECK(contents(plain[d]) == contents(mixed[d]));
    CHECK(contents(plain[d]) == contents(reversed[d]));
    // 32 samples agree with their structures, and each has one copy.
    CHECK(plain[d].size() == 64);
    for (std::size_t s = 0; s < reversed[d].column.size(); ++s) {
      const auto& raw = set.donors[d].samples[static_cast<std::size_t>(reversed[d].column[s])];
      CHECK(raw.well_id == reversed[d].well_id[s]);
    }
  }
}

TEST_CASE("every sample of the real donors has a place in the other hemisphere" *
          doctest::test_suite("parity")) {
  const auto data = test::data_root();
  if (!data) {
    MESSAGE("skipped: no tables");
    return;
  }
  const std::filesystem::path tables = *data / "ahba_tables";
  const Ontology ontology = read_ontology(tables / "Ontology.csv");
  const auto corrected = CorrectedCoordinates::read(tables / "corrected_mni_coordinates.csv.gz");
  const std::map<int, Index> sizes{{9861, 946},  {10021, 893}, {12876, 363},
                                   {14380, 529}, {15496, 470}, {15697, 501}};
  for (const KnownDonor& donor : known_donors) {
    CAPTURE(donor.uid);
    DonorFiles files;
    files.donor = donor.number;
    files.samples = tables / (std::string(donor.uid) + "_SampleAnnot.csv.gz");
    DonorSamples samples = read_samples_annotation(files, ontology);
    CHECK(samples.measured == sizes.at(donor.number));
    for (const StructureClass tissue : samples.structure) CHECK(tissue != StructureClass::none);
    correct_coordinates(samples, corrected);
    const DonorSamples both = mirror(samples, ontology, Mirroring::bidirectional);
    Index middle = 0;
    for (const double x : x_mm(samples)) middle += x == 0 ? 1 : 0;
    CHECK(both.size() == 2 * samples.size() - middle);
    // A copy fits its structure exactly when its source does.
    Index kept_copies = 0;
    const DonorSamples kept = drop_mismatched(both);
    for (const std::uint8_t copied : kept.copied) kept_copies += copied;
    CHECK(kept_copies == drop_mismatched(samples).size() - middle);
  }
}
