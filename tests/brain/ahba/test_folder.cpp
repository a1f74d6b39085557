#include "inrgene/brain/ahba/folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/input_problem.hpp"
#include "support/raw_set.hpp"
#include "support/temp_dir.hpp"

using namespace inrgene;
using test::input_problem;
using test::says;
using test::TempDir;

namespace {

using Names = std::vector<std::string>;

std::vector<int> numbers(const AhbaFolder& folder) {
  std::vector<int> out;
  for (const DonorFiles& files : folder.donors) out.push_back(files.donor);
  return out;
}

std::string argument_error(auto&& call) {
  try {
    call();
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "no ArgumentError";
}

/// A folder with empty files of the donors, in `root`/microarray.
void make_donors(const TempDir& dir, const std::string& root, const std::vector<int>& donors) {
  for (const int donor : donors) {
    const auto folder =
        dir / root / "microarray" / ("normalized_microarray_donor" + std::to_string(donor));
    std::filesystem::create_directories(folder);
    for (const char* name : {"MicroarrayExpression.csv", "PACall.csv", "Probes.csv",
                             "SampleAnnot.csv", "Ontology.csv"}) {
      write_file(folder / name, "x\n");
    }
  }
}

}  // namespace

TEST_CASE("donors go by number and by specimen") {
  CHECK(donor_from_text("9861") == 9861);
  CHECK(donor_from_text("H0351.1016") == 15697);
  CHECK(donor_uid(10021) == "H0351.2002");
  int last = 0;
  for (const KnownDonor& donor : known_donors) {
    CHECK(donor.number > last);  // "donor order" is ascending
    last = donor.number;
    CHECK(donor_from_text(donor.uid) == donor.number);
    CHECK(donor_uid(donor.number) == donor.uid);
  }
  for (const char* words : {"9862", "H0351.2003", "", "9861 ", "all", "h0351.2001"}) {
    CAPTURE(words);
    const std::string error = argument_error([&] { static_cast<void>(donor_from_text(words)); });
    CHECK(says(error, "found '" + std::string(words) + "'"));
    CHECK(says(error, "9861 (H0351.2001), 10021 (H0351.2002)"));
  }
  CHECK_THROWS_AS(static_cast<void>(donor_uid(7)), ArgumentError);
}

TEST_CASE("donors come ascending, from the folder above or from the folder itself") {
  const TempDir dir;
  make_donors(dir, "data", {15697, 9861, 10021});
  const AhbaFolder above = open_ahba(dir / "data");
  CHECK(numbers(above) == std::vector<int>{9861, 10021, 15697});
  CHECK(above.root == dir / "data" / "microarray");
  const AhbaFolder itself = open_ahba(dir / "data/microarray");
  CHECK(numbers(itself) == numbers(above));
  CHECK(itself.donors[0].probes == above.donors[0].probes);
  CHECK(above.donors[0].probes ==
        dir / "data/microarray/normalized_microarray_donor9861/Probes.csv");
  CHECK_FALSE(above.donors[0].t1.has_value());
  CHECK_FALSE(above.donors[0].tpm.has_value());

  CHECK(numbers(open_ahba(dir / "data", Names{"all"})) == numbers(above));
  CHECK(numbers(open_ahba(dir / "data", Names{"H0351.1016", "9861"})) ==
        std::vector<int>{9861, 15697});
}

TEST_CASE("a donor that is unknown, named twice or not there is refused") {
  const TempDir dir;
  make_donors(dir, "data", {9861, 10021});
  CHECK(says(argument_error([&] { static_cast<void>(open_ahba(dir / "data", Names{"9999"})); }),
             "found '9999'"));
  CHECK(says(argument_error([&] {
               static_cast<void>(open_ahba(dir / "data", Names{"9861", "H0351.2001"}));
             }),
             "found 9861, expected each donor once"));
  const InputProblem absent =
      input_problem([&] { static_cast<void>(open_ahba(dir / "data", Names{"14380"})); });
  CHECK(absent.file == (dir / "data/microarray/normalized_microarray_donor14380").string());
  CHECK(absent.found ==
        "no such folder beside normalized_microarray_donor10021, normalized_microarray_donor9861");
  CHECK(says(absent.expected, "donor H0351.1012 from human.brain-map.org/static/download"));

  std::filesystem::create_directories(dir / "data/microarray/normalized_microarray_donor123");
  const InputProblem unknown = input_problem([&] { static_cast<void>(open_ahba(dir / "data")); });
  CHECK(unknown.found == "a folder of the donor 123");
  CHECK(numbers(open_ahba(dir / "data", Names{"9861"})) == std::vector<int>{9861});
}

TEST_CASE("a folder without donors says what was looked for and where to get it") {
  const TempDir dir;
  const InputProblem empty = input_problem([&] { static_cast<void>(open_ahba(dir.path())); });
  CHECK(empty.file == dir.path().string());
  CHECK(empty.found ==
        "a folder without normalized_microarray_donor… in it or in its folder microarray");
  CHECK(says(empty.expected, "human.brain-map.org/static/download"));
  CHECK(input_problem([&] { static_cast<void>(open_ahba(dir / "nowhere")); }).found ==
        "no such folder");
}

TEST_CASE("missing files are named together; packed ones are found") {
  const TempDir dir;
  make_donors(dir, "data", {9861});
  const auto folder = dir / "data/microarray/normalized_microarray_donor9861";
  std::filesystem::rename(folder / "PACall.csv", folder / "PACall.csv.gz");
  CHECK(open_ahba(dir / "data").donors[0].calls == folder / "PACall.csv.gz");
  write_file(folder / "PACall.csv", "x\n");
  CHECK(open_ahba(dir / "data").donors[0].calls == folder / "PACall.csv");

  std::filesystem::remove(folder / "Probes.csv");
  std::filesystem::remove(folder / "Ontology.csv");
  std::filesystem::create_directory(folder / "Ontology.csv");  // a folder is no file
  const InputProblem problem = input_problem([&] { static_cast<void>(open_ahba(dir / "data")); });
  CHECK(problem.file == folder.string());
  CHECK(problem.found == "no Probes.csv, Ontology.csv");
  CHECK(
      says(problem.expected, "MicroarrayExpression.csv, PACall.csv, Probes.csv, SampleAnnot.csv"));
}

TEST_CASE("RNA sequencing is found beside the microarrays, and asked for by name") {
  const TempDir dir;
  const test::RawPaths paths = test::write_raw_folder(dir.path(), test::raw_set({9861, 12876}));
  const AhbaFolder folder = open_ahba(dir.path());
  const RnaseqFiles rna = require_rnaseq(folder.donors[0]);
  CHECK(rna.tpm == paths.rna_folder(9861) / "RNAseqTPM.csv");
  CHECK(rna.samples == paths.rna_folder(9861) / "SampleAnnot.csv");
  CHECK(open_ahba(dir / "microarray").donors[0].tpm == rna.tpm);
  CHECK(open_ahba(dir.path().string() + "/microarray/").donors[0].tpm.has_value());
  CHECK(open_ahba(dir / "microarray/.").donors[0].tpm.has_value());

  const InputProblem none =
      input_problem([&] { static_cast<void>(require_rnaseq(folder.donors[1])); });
  CHECK(none.file == "rnaseq/rnaseq_donor12876");
  CHECK(none.found == "no RNAseqTPM.csv and no SampleAnnot.csv");
  std::filesystem::remove(rna.samples);
  const AhbaFolder half = open_ahba(dir.path());
  CHECK(input_problem([&] { static_cast<void>(require_rnaseq(half.donors[0])); }).found ==
        "no SampleAnnot.csv");
}
