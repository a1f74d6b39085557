#include "inrgene/brain/ahba/intensity_filter.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/io/atomic_file.hpp"
#include "inrgene/io/byte_writer.hpp"
#include "inrgene/io/csv.hpp"
#include "support/input_problem.hpp"
#include "support/paths.hpp"
#include "support/sample_columns.hpp"
#include "support/temp_dir.hpp"

using namespace inrgene;
using test::input_problem;
using test::kept_samples;
using test::samples_of_columns;
using test::says;
using test::TempDir;

namespace {

using Ids = std::vector<Index>;
namespace fs = std::filesystem;

/// Four probes of three genes; their rows stand in another order in the files.
ProbeTable probes() {
  return {{10, 20, 30, 40}, {"AAA", "BBB", "AAA", "CCC"}, {1, 2, 1, 3}, "Probes.csv"};
}

constexpr const char* first_calls = "40,1,0,0\n10,1,1,1\n99,0,0,1\n20,0,0,1\n30,1,0,1\n";
constexpr const char* second_calls = "10,0,1\n20,0,0\n30,1,1\n40,0,1\n";

PresentCalls count(const fs::path& first, const fs::path& second, const DonorSamples& one,
                   const DonorSamples& two, int threads = 1) {
  const std::vector<DonorCalls> donors{{first, &one}, {second, &two}};
  return count_present(donors, probes(), {threads});
}

struct Sink {
  std::vector<Dropped> all = {};
  DropSink sink() {
    return [this](Dropped d) { all.push_back(std::move(d)); };
  }
};

}  // namespace

TEST_CASE("intensity: calls of all donors are pooled, and copies count again") {
  const TempDir dir;
  const auto first = dir.write("1.csv", first_calls), second = dir.write("2.csv", second_calls);
  // Donor 1: columns 0 and 2, and column 2 once more; column 1 was dropped. Donor 2: both.
  const DonorSamples one = samples_of_columns({0, 2, 2}, 3), two = samples_of_columns({0, 1}, 2);
  const PresentCalls calls = count(first, second, one, two);
  CHECK(calls.samples == 5);
  CHECK(calls.present == Ids{3 + 1, 2 + 0, 3 + 2, 1 + 1});

  for (const auto& [name, bytes] : std::vector<std::pair<std::string, std::string>>{
           {"crlf.csv", "40,1,0,0\r\n10,1,1,1\r\n20,0,0,1\r\n30,1,0,1\r\n"},
           {"long.csv", "40,1.0,0,0\n10,1,1.00,1\n20,0, 0,1\n30,1,0.0,1e0\n"},
           {"open.csv", "40,1,0,0\n10,1,1,1\n20,0,0,1\n30,1,0,1"}}) {
    CHECK(count(dir.write(name, bytes), second, one, two, 2).present == calls.present);
  }
  ByteWriter packed(dir / "1.csv.gz");
  packed.write(first_calls);
  packed.commit();
  CHECK(count(dir / "1.csv.gz", second, one, two).present == calls.present);
}

TEST_CASE("intensity: a large file of calls, on any number of threads") {
  const TempDir dir;
  constexpr Index rows = 30000, columns = 50;
  std::string bytes;
  ProbeTable table;
  Ids columns_used, wanted;
  for (Index c = 0; c < columns; ++c) {
    for (Index k = 0; k < c % 4; ++k) columns_used.push_back(c);  // 0 to 3 samples a column
  }
  for (Index r = 0; r < rows; ++r) {
    bytes += std::to_string(7 * r);
    Index sum = 0;
    for (Index c = 0; c < columns; ++c) {
      const bool present = (r * 31 + c * c * 17) % 11 < 4;
      bytes += present ? ",1" : ",0";
      sum += present ? c % 4 : 0;
    }
    bytes += '\n';
    if (r % 3 != 0) continue;
    table.id.push_back(7 * r);
    table.gene.emplace_back("G");
    table.entrez.push_back(1);
    wanted.push_back(sum);
  }
  const auto path = dir.write("calls.csv", bytes);
  const DonorSamples samples = samples_of_columns(columns_used, columns);
  const std::vector<DonorCalls> donors{{path, &samples}};
  for (const int threads : {1, 2, 5}) {
    CHECK(count_present(donors, table, {threads}).present == wanted);
  }
}

TEST_CASE("intensity: bad calls name file, line, what was found and expected") {
  const TempDir dir;
  const auto second = dir.write("2.csv", second_calls);
  const DonorSamples one = samples_of_columns({0, 2}, 3), two = samples_of_columns({0, 1}, 2);
  const auto problem = [&](const std::string& bytes) {
    const auto path = dir.write("bad.csv", bytes);
    const InputProblem p = input_problem([&] { (void)count(path, second, one, two); });
    CHECK(p.file == path.string());
    return p;
  };
  InputProblem p = problem("40,1,0\n10,1,1\n20,0,0\n30,1,0\n");
  CHECK(p.place == "line 1");
  CHECK(p.found == "3 fields");
  CHECK(p.expected == "4: a probe id and a call for each of the 3 rows of SampleAnnot.csv");
  CHECK(problem("40,1,0,0\n10,1,1,1,1\n").found == "5 fields");
  CHECK(problem("40,1,0,0\n10,1,1").found == "3 fields and the end of the file");
  p = problem("40,1,0,0\n10,1,2,1\n");
  CHECK(p.place == "line 2, field 3");
  CHECK(p.found == "'2'");
  CHECK(p.expected == "a call: 0 or 1");
  for (const char* bad : {"x", "", "NaN", "0.5", "-1", "10"}) {
    CAPTURE(bad);
    p = problem(text("40,1,0,0\n10,1,1,", bad, "\n"));
    CHECK(p.place == "line 2, field 4");
    CHECK(p.found == text("'", bad, "'"));
  }
  p = problem("40,1,0,0\n10,1,1,1\n30,1,0,1\n");
  CHECK(p.found == "no row of probe 20");
  CHECK(p.expected == "a row for each of the 4 probes taken from Probes.csv");
  CHECK(problem("40,1,0,0\n").found == "no row of the probes 10, 20, 30");
  CHECK(problem("").found == "no row of the probes 10, 20, 30, 40");
  p = problem("40,1,0,0\n10,1,1,1\n40,1,0,1\n");
  CHECK(p.place == "line 3, field 1");
  CHECK(says(p.found, "key 40 again (first in line 1)"));
  CHECK(problem("probe_id,a,b,c\n").place == "line 1, field 1");
  CHECK_THROWS_AS((void)count(dir / "none.csv", second, one, two), InputError);
  CHECK_THROWS_AS((void)count_present({}, probes()), ArgumentError);
}

TEST_CASE("intensity: keeps probes at or above the threshold and tells what goes") {
  const PresentCalls calls{{5, 4, 1, 2}, 10};
  const ProbeTable table = probes();
  CHECK(filter_by_intensity(table, calls, 0.5).id == Ids{10});  // 5 of 10: a tie stays
  CHECK(filter_by_intensity(table, calls, 0.4).id == Ids{10, 20});
  CHECK(filter_by_intensity(table, calls, 0.0).id == Ids{10, 20, 30, 40});
  CHECK(filter_by_intensity(table, calls, -3).id == Ids{10, 20, 30, 40});
  CHECK(filter_by_intensity(table, calls, 7).size() == 0);
  CHECK(filter_by_intensity(table, {{10, 4, 1, 2}, 10}, 7).id == Ids{10});
  // Fractions that are not binary compare as doubles, as abagen's do.
  CHECK(filter_by_intensity(table, {{1, 3, 7, 9}, 10}, 0.7).id == Ids{30, 40});
  CHECK(filter_by_intensity(table, calls, 0.2).gene ==
        std::vector<std::string>{"AAA", "BBB", "CCC"});

  Sink sink;
  CHECK(filter_by_intensity(table, {{0, 4, 1, 2}, 12}, 0.3, sink.sink()).id == Ids{20});
  REQUIRE(sink.all.size() == 5);
  CHECK(sink.all[0].item == "10");
  CHECK(sink.all[0].kind == "probe");
  CHECK(sink.all[0].reason == "present in 0 of 12 samples (0), below 0.3");
  CHECK(sink.all[1].reason == "present in 1 of 12 samples (0.0833), below 0.3");
  CHECK(sink.all[2].item == "40");
  CHECK(sink.all[3].item == "AAA");
  CHECK(sink.all[3].kind == "gene");
  CHECK(sink.all[3].reason == "none of its 2 probes is present in enough samples (threshold 0.3)");
  CHECK(sink.all[4].item == "CCC");
  CHECK(sink.all[4].reason == "its only probe is not present in enough samples (threshold 0.3)");

  CHECK_THROWS_AS((void)filter_by_intensity(table, {{1, 2}, 3}, 0.5), ArgumentError);
  CHECK_THROWS_AS((void)filter_by_intensity(table, {{0, 0, 0, 0}, 0}, 0.5), ArgumentError);
  CHECK_THROWS_AS((void)filter_by_intensity(table, calls, std::nan("")), ArgumentError);
}

TEST_CASE("intensity: abagen's counts and choices" * doctest::test_suite("parity")) {
  const auto root = test::fixture_folder("abagen");
  if (!root) {
    MESSAGE("no reference values for abagen");
    return;
  }
  int sets = 0;
  for (const auto& set : fs::directory_iterator(*root)) {
    const fs::path expected = set.path() / "expected";
    if (!fs::is_directory(expected)) continue;
    const auto calls_of = [&](int donor) {
      return set.path() / "microarray" / text("normalized_microarray_donor", donor) / "PACall.csv";
    };
    for (const auto& entry : fs::directory_iterator(expected)) {
      const std::string name = entry.path().filename().string();
      if (!name.ends_with("_ibf.csv")) continue;
      const std::string key = name.substr(0, name.size() - 8);
      CAPTURE(set.path().string());
      CAPTURE(key);
      const std::vector<DonorSamples> samples =
          kept_samples(expected / (key + "_samples.csv"),
                       [&](int donor) { return KeyedRows(calls_of(donor)).columns(); });
      std::vector<DonorCalls> donors;
      for (const DonorSamples& s : samples) donors.push_back({calls_of(s.donor), &s});
      const CsvTable table = read_csv(entry.path());
      ProbeTable probes;
      Ids present, kept;
      for (Index row = 0; row < table.rows(); ++row) {
        probes.id.push_back(table.integer(row, table.column("probe_id")));
        probes.gene.emplace_back("G");
        probes.entrez.push_back(1);
        present.push_back(table.integer(row, table.column("n_present")));
        if (table.cell(row, table.column("keep")) == "1") kept.push_back(probes.id.back());
      }
      const PresentCalls calls = count_present(donors, probes);
      CHECK(calls.samples == table.integer(0, table.column("n_samples")));
      CHECK(calls.present == present);
      CHECK(filter_by_intensity(probes, calls, key == "L" ? 0.0 : 0.5).id == kept);
      ++sets;
    }
  }
  MESSAGE(sets << " option sets compared");
  CHECK(sets > 0);
}
