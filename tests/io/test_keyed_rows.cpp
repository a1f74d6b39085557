#include "inrgene/io/keyed_rows.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/io/line_scan.hpp"
#include "support/temp_dir.hpp"

using inrgene::ArgumentError;
using inrgene::Index;
using inrgene::InputError;
using inrgene::InputProblem;
using inrgene::KeyedRows;
using inrgene::test::TempDir;

namespace {

std::filesystem::path write_gzip(const std::filesystem::path& path, const std::string& bytes) {
  const gzFile stream = gzopen(path.c_str(), "wb");
  REQUIRE(gzwrite(stream, bytes.data(), static_cast<unsigned>(bytes.size())) ==
          static_cast<int>(bytes.size()));
  REQUIRE(gzclose(stream) == Z_OK);
  return path;
}

std::vector<double> row(const KeyedRows& rows, Index at) {
  std::vector<double> out(static_cast<std::size_t>(rows.columns()));
  rows.read(at, out);
  return out;
}

/// What is said about a file with this text when every row is read; also that it names the file.
InputProblem problem(const std::string& bytes, bool packed = false, int threads = 2) {
  const TempDir folder;
  const std::filesystem::path path =
      packed ? write_gzip(folder / "rows.csv.gz", bytes) : folder.write("rows.csv", bytes);
  try {
    const KeyedRows rows(path, {.threads = {threads}});
    for (Index r = 0; r < rows.rows(); ++r) (void)row(rows, r);
  } catch (const InputError& error) {
    CHECK(error.problem().file == path.string());
    return error.problem();
  }
  FAIL("no InputError came");
  return {};
}

void check_problem(const std::string& bytes, const char* place, const char* found,
                   const char* expected) {
  for (const bool packed : {false, true}) {
    CAPTURE(packed);
    const InputProblem p = problem(bytes, packed);
    CHECK(p.place == place);
    CHECK(p.found == found);
    CHECK(p.expected == expected);
  }
}

/// Many rows of six numbers that are exact in decimal, over several parts of the file.
std::string long_table(Index rows, const std::string& line_end = "\n") {
  std::string out;
  for (Index r = 0; r < rows; ++r) {
    out += std::to_string(1000000 + 3 * r);
    for (int c = 0; c < 6; ++c) {
      char field[40];
      std::snprintf(field, sizeof field, ",%td.%d25", r, c);
      out += field;
    }
    out += line_end;
  }
  return out;
}

}  // namespace

TEST_CASE("keyed rows: keys, shape and numbers") {
  const TempDir folder;
  const std::string bytes = "1058685,8.25,-1.5,\n1058684,7,NaN,0.125\n7,1e3,2,3\n";
  for (const bool packed : {false, true}) {
    const auto path =
        packed ? write_gzip(folder / "r.csv.gz", bytes) : folder.write("r.csv", bytes);
    const KeyedRows rows(path);
    CHECK(rows.rows() == 3);
    CHECK(rows.columns() == 3);
    CHECK(rows.file() == path.string());
    CHECK(std::vector<Index>(rows.keys().begin(), rows.keys().end()) ==
          std::vector<Index>{1058685, 1058684, 7});
    CHECK(rows.find(1058684) == 1);
    CHECK(rows.find(7) == 2);
    CHECK_FALSE(rows.find(8).has_value());
    CHECK(row(rows, 2) == std::vector<double>{1000, 2, 3});
    const std::vector<double> first = row(rows, 0);
    CHECK(first[0] == 8.25);
    CHECK(first[1] == -1.5);
    CHECK(std::isnan(first[2]));
    CHECK(std::isnan(row(rows, 1)[1]));
    CHECK(KeyedRows::place(1, 2) == "line 2, field 4");
    std::vector<double> wrong(2);
    CHECK_THROWS_AS(rows.read(0, wrong), ArgumentError);
    CHECK_THROWS_AS((void)row(rows, 3), ArgumentError);
    CHECK_THROWS_AS((void)row(rows, -1), ArgumentError);
  }
}

TEST_CASE(
    "keyed rows: Windows line ends, a mark at the start, blank lines and no line at the end") {
  const TempDir folder;
  for (const char* bytes :
       {"1,2.5,3\r\n4,5,6.5\r\n", "1,2.5,3\n4,5,6.5", "1,2.5,3\r\n4,5,6.5\r\n\r\n",
        "\xEF\xBB\xBF"
        "1,2.5,3\n4,5,6.5\n",
        "1,2.5,3\n4,5,6.5\n\n\n\n"}) {
    for (const bool packed : {false, true}) {
      const KeyedRows rows(packed ? write_gzip(folder / "r.gz", bytes) : folder.write("r", bytes));
      REQUIRE(rows.rows() == 2);
      CHECK(rows.columns() == 2);
      CHECK(rows.keys()[0] == 1);
      CHECK(row(rows, 0) == std::vector<double>{2.5, 3});
      CHECK(row(rows, 1) == std::vector<double>{5, 6.5});
    }
  }
}

TEST_CASE("keyed rows: any number of threads finds the same rows") {
  const TempDir folder;
  const Index count = 120000;  // several megabytes: several parts
  for (const char* line_end : {"\n", "\r\n"}) {
    const auto path = folder.write("long.csv", long_table(count, line_end));
    for (const int threads : {1, 2, 5}) {
      const KeyedRows rows(path, {.threads = {threads}});
      REQUIRE(rows.rows() == count);
      REQUIRE(rows.columns() == 6);
      Index wrong = 0;
      for (Index r = 0; r < count; ++r) {
        wrong += rows.keys()[static_cast<std::size_t>(r)] == 1000000 + 3 * r ? 0 : 1;
      }
      CHECK(wrong == 0);
      inrgene::parallel_for({threads}, 400, [&](Index i) {
        const Index at = i * (count - 1) / 399;
        const std::vector<double> got = row(rows, at);
        for (int c = 0; c < 6; ++c) {
          const double wanted = static_cast<double>(at) + c / 10.0 + 0.025;
          if (std::abs(got[static_cast<std::size_t>(c)] - wanted) > 1e-9) {
            throw inrgene::NumericalError(inrgene::text("row ", at, " differs"));
          }
        }
      });
    }
  }
}

TEST_CASE("keyed rows: of a compressed file the wanted rows are kept") {
  const TempDir folder;
  const auto packed = write_gzip(folder / "long.csv.gz", long_table(40000));
  const std::vector<Index> wanted = {1000300, 1000000, 1119997, 5};
  const KeyedRows rows(packed, {.wanted = wanted});
  CHECK(rows.rows() == 40000);
  CHECK(row(rows, *rows.find(1000300))[0] == 100.025);
  CHECK(row(rows, *rows.find(1119997))[5] == 39999.525);
  CHECK_THROWS_AS((void)row(rows, 1), ArgumentError);
  const KeyedRows all(packed);
  CHECK(row(all, 1)[1] == 1.125);
  const KeyedRows moved = [&] { return KeyedRows(packed); }();
  CHECK(moved.rows() == 40000);
}

TEST_CASE("keyed rows: bad input names file, line, what was found and what was expected") {
  check_problem("", "line 1", "an empty file", "rows of a key and numbers");
  check_problem("\n\r\n", "line 1", "an empty file", "rows of a key and numbers");
  check_problem("1058685\n", "line 1", "1 field: '1058685'",
                "a key and at least one number, with commas between");
  check_problem("1,2,3\n4,5\n", "line 2", "2 fields", "3: a key and as many numbers as in line 1");
  check_problem("1,2,3\n4,5,6\n7,8,9,10\n", "line 3", "4 fields",
                "3: a key and as many numbers as in line 1");
  check_problem("1,2,3\n4,5,6\n7", "line 3", "1 field and the end of the file",
                "3: a key and as many numbers as in line 1");
  check_problem("1,2,3\n4,5,6\n7,8,", "line 3, field 3", "the end of the file", "a number");
  check_problem("1,2,3\n4,5.2x,6\n", "line 2, field 2", "'5.2x'", "a number");
  check_problem("1,2,3\n4,5,six\r\n", "line 2, field 3", "'six'", "a number");
  check_problem("1,2,3\n4,\"5\",6\n", "line 2, field 2", "'\"5\"'", "a number");
  check_problem("1,inf,3\n", "line 1, field 2", "'inf'", "a number");
  check_problem("probe_id,a,b\n1,2,3\n", "line 1, field 1", "'probe_id'",
                "a whole number (the file has no header line)");
  check_problem("1,2,3\n4.0,5,6\n", "line 2, field 1", "'4.0'",
                "a whole number (the file has no header line)");
  check_problem("1,2,3\n,5,6\n", "line 2, field 1", "''",
                "a whole number (the file has no header line)");
  check_problem("1,2,3\n4,5,6\n1,5,6\n", "line 3, field 1", "key 1 again (first in line 1)",
                "each key once");
  check_problem("1,2,3\n\n4,5,6\n", "line 2", "a blank line between rows", "no blank lines");
  check_problem("\n1,2,3\n", "line 1", "a blank line between rows", "no blank lines");
}

TEST_CASE("keyed rows: a fault far into a long file is reported with its line, the first one") {
  const std::string good = long_table(120000);
  for (const Index bad_line : {2, 59999, 119999}) {
    std::string bytes = good;
    std::size_t at = 0;
    for (Index line = 1; line < bad_line; ++line) at = bytes.find('\n', at) + 1;
    bytes.insert(bytes.find('\n', at), ",9");
    bytes.insert(bytes.rfind('\n'), ",9");  // and the last line, which is not to be named
    for (const int threads : {1, 2, 5}) {
      const InputProblem p = problem(bytes, false, threads);
      CHECK(p.place == inrgene::text("line ", bad_line));
      CHECK(p.found == "8 fields");
    }
    CHECK(problem(bytes, true).place == inrgene::text("line ", bad_line));
  }
  // Cut anywhere: the last row is short of fields, or breaks off behind a comma.
  const std::string half = good.substr(0, good.size() / 2);
  const InputProblem cut = problem(half);
  const Index line = inrgene::count_byte(half, '\n') + 1;
  CHECK(cut.place.starts_with(inrgene::text("line ", line)));
  CHECK(cut.found.find("the end of the file") != std::string::npos);
}

TEST_CASE("keyed rows: missing files, folders, damaged gzip and files that change") {
  const TempDir folder;
  CHECK_THROWS_AS(KeyedRows(folder / "none.csv"), InputError);
  CHECK_THROWS_AS(KeyedRows(folder.path()), InputError);
  write_gzip(folder / "whole.gz", long_table(5000));
  const std::string packed = folder.read("whole.gz");
  try {
    const KeyedRows rows(folder.write("cut.gz", packed.substr(0, packed.size() / 2)));
    FAIL("a cut gzip file was read");
  } catch (const InputError& error) {
    CHECK(error.problem().found == "a file that ends too early");
  }
  const std::string before = "1,2,3\n4,5,6\n";
  const KeyedRows rows(folder.write("changing.csv", before));
  CHECK(row(rows, 1) == std::vector<double>{5, 6});
  for (const char* after : {"1,2\n", "1,2.3\n4,5.6\n", "1,,,3\n4,,,6\n"}) {
    CAPTURE(after);
    folder.write("changing.csv", after);
    for (const Index r : {0, 1}) {
      try {
        (void)row(rows, r);
        FAIL("a file that had changed was read");
      } catch (const InputError& error) {
        CHECK(error.problem().found == "a file that changes meanwhile");
      }
    }
  }
}

TEST_CASE("line scan: counts bytes over every length and hands out rows longer than its memory") {
  std::string words;
  Index wanted = 0;
  for (int n = 0; n < 40000; ++n) {
    if (n % 997 == 0 || n < 400) CHECK(inrgene::count_byte(words, ',') == wanted);
    const bool comma = (n * 7 + n / 31) % 3 == 0;
    words += comma ? ',' : 'x';
    wanted += comma ? 1 : 0;
  }
  CHECK(inrgene::count_byte(words, ',') == wanted);
  CHECK(inrgene::count_byte(std::string(100000, ','), ',') == 100000);
  const TempDir folder;
  std::string wide = "5";
  for (int c = 0; c < 300000; ++c) wide += ",1.5";
  const std::string bytes = wide + "\n6" + wide.substr(1) + "\n";
  for (const bool packed : {false, true}) {
    const KeyedRows rows(packed ? write_gzip(folder / "w.gz", bytes) : folder.write("w", bytes));
    REQUIRE(rows.rows() == 2);
    CHECK(rows.columns() == 300000);
    CHECK(row(rows, 1).back() == 1.5);
  }
}
