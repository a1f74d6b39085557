#include "inrgene/io/csv.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>

#include "inrgene/core/error.hpp"
#include "inrgene/core/random.hpp"
#include "support/paths.hpp"
#include "support/temp_dir.hpp"

using inrgene::CsvTable;
using inrgene::CsvWriter;
using inrgene::Index;
using inrgene::InputError;
using inrgene::InputProblem;

namespace {

CsvTable table(std::string bytes) {
  return {std::move(bytes), "t.csv"};
}

/// What the reader says about refused text.
template <class Action>
InputProblem problem_of(Action action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.problem();
  }
  FAIL("no InputError came");
  return {};
}

InputProblem problem(const std::string& bytes) {
  return problem_of([&] { (void)table(bytes); });
}

void write_gzip(const std::filesystem::path& path, const std::string& bytes) {
  const gzFile stream = gzopen(path.c_str(), "wb");
  REQUIRE(gzwrite(stream, bytes.data(), static_cast<unsigned>(bytes.size())) ==
          static_cast<int>(bytes.size()));
  REQUIRE(gzclose(stream) == Z_OK);
}

}  // namespace

TEST_CASE("csv: header, cells, lines and columns") {
  const CsvTable t = table("well_id,gene\n12,APOE\n7,\n");
  CHECK(t.file() == "t.csv");
  CHECK(t.rows() == 2);
  CHECK(t.columns() == 2);
  CHECK(t.header() == std::vector<std::string>{"well_id", "gene"});
  CHECK(t.column("gene") == 1);
  CHECK(t.has("well_id"));
  CHECK_FALSE(t.has("Gene"));
  CHECK(t.cell(0, 1) == "APOE");
  CHECK(t.cell(1, 1).empty());
  CHECK(t.line(0) == 2);
  CHECK(t.line(1) == 3);
  CHECK_THROWS_AS((void)t.cell(2, 0), inrgene::ArgumentError);
  CHECK_THROWS_AS((void)t.cell(0, 2), inrgene::ArgumentError);
  CHECK_THROWS_AS((void)t.cell(-1, 0), inrgene::ArgumentError);
}

TEST_CASE("csv: RFC 4180 quoting; lines count through quoted line ends") {
  const CsvTable t =
      table("\"a,b\",\"say \"\"hi\"\"\"\r\n\"one\r\ntwo\",\"\"\r\n\"\"\"\",x\r\nlast,\"y\"");
  CHECK(t.header() == std::vector<std::string>{"a,b", "say \"hi\""});
  REQUIRE(t.rows() == 3);
  CHECK(t.cell(0, 0) == "one\r\ntwo");
  CHECK(t.cell(0, 1).empty());
  CHECK(t.cell(1, 0) == "\"");
  CHECK(t.cell(1, 1) == "x");
  CHECK(t.cell(2, 0) == "last");
  CHECK(t.cell(2, 1) == "y");
  CHECK(t.line(1) == 4);
}

TEST_CASE("csv: byte order mark, line ends, last line without one, blank lines at the end") {
  for (const char* bytes : {"a,b\n1,2\n", "a,b\r\n1,2\r\n",
                            "\xEF\xBB\xBF"
                            "a,b\n1,2",
                            "a,b\n1,2\n\n\r\n\n", "a,b\r\n1,2"}) {
    const CsvTable t = table(bytes);
    CHECK(t.header() == std::vector<std::string>{"a", "b"});
    REQUIRE(t.rows() == 1);
    CHECK(t.cell(0, 0) == "1");
    CHECK(t.cell(0, 1) == "2");
  }
  CHECK(table("a,b\n").rows() == 0);
  CHECK(table("a,b").rows() == 0);
  CHECK(table("a\n\"\"\nx\n").rows() == 2);
  CHECK(table("a,b\n1,").cell(0, 1).empty());
  CHECK(table("a,b\n,\n").rows() == 1);
}

TEST_CASE("csv: refused files name the line, what stands there and what should") {
  CHECK(problem("").found == "an empty file");
  CHECK(problem("\xEF\xBB\xBF").found == "an empty file");
  CHECK(problem("\n\n").found == "a blank line");
  const InputProblem ragged = problem("a,b\n1,2\n3\n");
  CHECK(ragged.place == "line 3");
  CHECK(ragged.found == "1 field");
  CHECK(ragged.expected == "2 as in the header");
  CHECK(problem("a,b\n1,2,3").found == "3 fields");
  const InputProblem blank = problem("a,b\n1,2\n\n3,4\n");
  CHECK(blank.place == "line 3");
  CHECK(blank.found == "a blank line between rows");
  CHECK(problem("a,b,a\n").found == "the column name 'a' in columns 1 and 3");
  const InputProblem open = problem("a\n\"x\ny\n");
  CHECK(open.place == "line 2");
  CHECK(open.found == "a quote that is never closed");
  CHECK(problem("a\n\"x\"y\n").found == "a character after a closing quote");
  CHECK(problem("a\nx\"y\n").place == "line 2");
  CHECK(problem("a\rb\n").found == "a lone carriage return");
  CHECK(problem(std::string("\xFF\xFE"
                            "a\0",
                            4))
            .found == "UTF-16 text");
}

TEST_CASE("csv: a missing column lists the header, shortened when long") {
  const CsvTable t = table("id,mni_x\n");
  const InputProblem p = problem_of([&] { (void)t.column("mni_y"); });
  CHECK(p.found == "the columns 'id', 'mni_x'");
  CHECK(p.expected == "a column 'mni_y'");
  std::string wide = "g0";
  for (int g = 1; g < 900; ++g) wide += ",g" + std::to_string(g);
  const CsvTable w = table(wide);
  CHECK(w.column("g899") == 899);
  const InputProblem q = problem_of([&] { (void)w.column("x"); });
  CHECK(q.found.size() < 200);
  CHECK(q.found.find("900 in all") != std::string::npos);
}

TEST_CASE("csv: numbers") {
  const CsvTable t = table("v\n1.5\n -2e-3 \n+4\n\"\"\nnan\nNaN\nNA\n1e-400\n5e-324\n");
  CHECK(t.number(0, 0) == 1.5);
  CHECK(t.number(1, 0) == -2e-3);
  CHECK(t.number(2, 0) == 4.0);
  for (Index row = 3; row < 7; ++row) CHECK(std::isnan(t.number(row, 0)));
  CHECK(t.number(7, 0) == 0.0);
  CHECK(t.number(8, 0) == std::numeric_limits<double>::denorm_min());
  CHECK(t.finite(0, 0) == 1.5);
  const InputProblem p = problem_of([&] { (void)t.finite(5, 0); });
  CHECK(p.file == "t.csv");
  CHECK(p.place == "line 7, column 'v'");
  CHECK(p.found == "'NaN'");
  CHECK(problem_of([&] { (void)t.finite(3, 0); }).found == "an empty cell");
}

TEST_CASE("csv: what is not a number is refused with its place") {
  for (const char* bad : {"1.5x", "abc", "inf", "-inf", "Infinity", "1e999", "0x10", "1 2", "--1",
                          "+-1", "+", "-", ".", "nan(1)", "-nan", "1_000", "NULL"}) {
    CAPTURE(bad);
    const CsvTable t = table(std::string("a,v\n0,") + bad + "\n");
    const InputProblem p = problem_of([&] { (void)t.number(0, 1); });
    CHECK(p.place == "line 2, column 'v'");
    CHECK(p.found == "'" + std::string(bad) + "'");
    CHECK(p.expected == "a number");
  }
}

TEST_CASE("csv: whole numbers") {
  const CsvTable t = table("v\n4\n4.0\n-7\n1e3\n9007199254740993\n4.5\n1e17\n\"\"\nx\n");
  CHECK(t.integer(0, 0) == 4);
  CHECK(t.integer(1, 0) == 4);
  CHECK(t.integer(2, 0) == -7);
  CHECK(t.integer(3, 0) == 1000);
  CHECK(t.integer(4, 0) == 9007199254740993);
  for (Index row = 5; row < 9; ++row) {
    CHECK(problem_of([&] { (void)t.integer(row, 0); }).expected == "a whole number");
  }
}

TEST_CASE("csv: written tables read back to the same doubles and texts") {
  const inrgene::test::TempDir dir;
  CsvWriter writer;
  writer.row("name", "value", "count");
  const std::vector<std::string> names = {"plain", "a,b", "\"", "line\nend", "", " x ", "é"};
  inrgene::Random random(1);
  std::vector<double> values = {
      0.1, -0.0, 1e300, 5e-324, 1.0 / 3.0, 123456789.0, std::numeric_limits<double>::quiet_NaN()};
  for (std::size_t i = 0; i < names.size(); ++i) writer.row(names[i], values[i], 7);
  for (int i = 0; i < 2000; ++i) {
    // Random bit patterns: every exponent, not only values near one.
    const double value = std::bit_cast<double>(random.bits());
    if (!std::isfinite(value)) continue;
    values.push_back(value);
    writer.field("r").field(value).field(Index{-1}).end_row();
  }
  writer.write(dir / "t.csv");
  CHECK(dir.entries() == 1);
  writer.write(dir / "t.csv.gz");
  CHECK(dir.read("t.csv.gz").substr(0, 2) == "\x1F\x8B");
  CHECK(inrgene::ByteReader(dir / "t.csv.gz").read_rest() == writer.str());
  const CsvTable t = inrgene::read_csv(dir / "t.csv");
  REQUIRE(t.rows() == static_cast<Index>(values.size()));
  for (std::size_t i = 0; i < names.size(); ++i)
    CHECK(t.cell(static_cast<Index>(i), 0) == names[i]);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double back = t.number(static_cast<Index>(i), 1);
    if (std::isnan(values[i])) {
      CHECK(std::isnan(back));
    } else {
      CHECK(std::bit_cast<std::uint64_t>(back) == std::bit_cast<std::uint64_t>(values[i]));
    }
  }
  CHECK(t.integer(0, 2) == 7);
}

TEST_CASE("csv: the writer's text, and its refusals") {
  CHECK(CsvWriter().row("a", "b").row(0.1, std::nan("")).str() == "a,b\n0.1,nan\n");
  CHECK(CsvWriter().row("").str() == "\"\"\n");
  CHECK(CsvWriter().row("", "").str() == ",\n");
  CsvWriter writer;
  writer.row("a", "b");
  writer.field("x");
  CHECK_THROWS_AS(writer.write("unused.csv"), inrgene::ArgumentError);
  CHECK_THROWS_AS(writer.end_row(), inrgene::ArgumentError);
  CHECK_THROWS_AS(CsvWriter().end_row(), inrgene::ArgumentError);
  CHECK_THROWS_AS(CsvWriter().field(std::numeric_limits<double>::infinity()),
                  inrgene::NumericalError);
}

TEST_CASE("csv: gzip is read like plain text; cut or damaged gzip is refused") {
  const inrgene::test::TempDir dir;
  std::string bytes = "id,v\n";
  inrgene::Random random(2);
  for (int i = 0; i < 20000; ++i) {
    bytes += std::to_string(i) + "," + inrgene::number_text(random.normal()) + "\n";
  }
  write_gzip(dir / "t.csv.gz", bytes);
  dir.write("t.csv", bytes);
  const CsvTable packed = inrgene::read_csv(dir / "t.csv.gz");
  const CsvTable plain = inrgene::read_csv(dir / "t.csv");
  REQUIRE(packed.rows() == 20000);
  REQUIRE(plain.rows() == 20000);
  bool same = true;
  for (Index row = 0; row < 20000; ++row) {
    same = same && packed.integer(row, 0) == row && packed.cell(row, 1) == plain.cell(row, 1);
  }
  CHECK(same);
  const std::string gzip = dir.read("t.csv.gz");
  for (const std::size_t kept :
       {gzip.size() / 2, gzip.size() - 1, std::size_t{12}, std::size_t{2}}) {
    CAPTURE(kept);
    const auto cut = dir.write("cut.csv.gz", gzip.substr(0, kept));
    const InputProblem p = problem_of([&] { (void)inrgene::read_csv(cut); });
    CHECK(p.file == cut.string());
    CHECK(p.found == "a file that ends too early");
  }
  std::string damaged = gzip;
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 0x55);
  const auto path = dir.write("damaged.csv.gz", damaged);
  CHECK(problem_of([&] { (void)inrgene::read_csv(path); }).expected == "a whole gzip file");
}

TEST_CASE("csv: missing file and folder") {
  const inrgene::test::TempDir dir;
  const InputProblem p = problem_of([&] { (void)inrgene::read_csv(dir / "none.csv"); });
  CHECK(p.file == (dir / "none.csv").string());
  CHECK(p.found == "No such file or directory");
  CHECK(problem_of([&] { (void)inrgene::read_csv(dir.path()); }).found == "a folder");
}

TEST_CASE("csv: every real table is read") {
  const auto root = inrgene::test::data_root();
  if (!root) {
    MESSAGE("skipped: no real data (INRGENE_DATA)");
    return;
  }
  const CsvTable t = inrgene::read_csv(*root / "samples" / "annotation.csv");
  CHECK(t.header().front() == "well_id");
  const Index x = t.column("mni_x");
  for (Index row = 0; row < t.rows(); ++row) CHECK(std::abs(t.finite(row, x)) < 120.0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(*root)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".csv") && !name.ends_with(".csv.gz")) continue;
    CAPTURE(name);
    CHECK(inrgene::read_csv(entry.path()).rows() > 0);
  }
}
