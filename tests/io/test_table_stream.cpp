#include "inrgene/io/table_stream.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/io/byte_reader.hpp"
#include "inrgene/io/csv.hpp"
#include "support/temp_dir.hpp"

using inrgene::ArgumentError;
using inrgene::Index;
using inrgene::RowText;
using inrgene::TableStream;
using inrgene::test::TempDir;

TEST_CASE("table stream: header, quoting, numbers and line ends") {
  const TempDir dir;
  TableStream table(dir / "t.csv", {"label", "name", "A,B", "x"}, {2});
  CHECK(table.columns() == 4);
  const std::vector<double> values = {0.1, -1e-300};
  table.rows(1, [&](RowText& row, Index i) { row.field(i).field("plain").fields(values); });
  table.rows(0, [](RowText&, Index) { FAIL("no rows were asked for"); });
  table.rows(2, [&](RowText& row, Index i) {
    row.field(i + 7).field(std::string_view("say \"hi\", then")).field(std::nan("")).field(2.5F);
  });
  CHECK(table.size() == 3);
  CHECK_FALSE(std::filesystem::exists(dir / "t.csv"));
  table.commit();
  CHECK(dir.read("t.csv") ==
        "label,name,\"A,B\",x\n0,plain,0.1,-1e-300\n7,\"say \"\"hi\"\", then\",nan,2.5\n"
        "8,\"say \"\"hi\"\", then\",nan,2.5\n");
  CHECK(dir.entries() == 1);
}

TEST_CASE("table stream: the same bytes from any number of threads, and the same numbers back") {
  const TempDir dir;
  constexpr Index rows = 700, columns = 201;
  inrgene::Random random(5);
  std::vector<double> values;
  for (Index i = 0; i < rows * (columns - 1); ++i) values.push_back(random.uniform(-20, 20));
  std::vector<std::string> header{"well_id"};
  for (Index c = 1; c < columns; ++c) header.push_back(inrgene::text("GENE", c));
  const auto row_of = [&](Index row) {
    return std::span(values).subspan(static_cast<std::size_t>(row * (columns - 1)), columns - 1);
  };
  const auto write = [&](const char* name, int threads) {
    TableStream table(dir / name, header, {threads});
    table.rows(300, [&](RowText& row, Index i) { row.field(10 * i).fields(row_of(i)); });
    table.rows(rows - 300,
               [&](RowText& row, Index i) { row.field(10 * (i + 300)).fields(row_of(i + 300)); });
    table.commit();
  };
  write("1.csv", 1);
  write("2.csv", 2);
  write("7.csv", 7);
  write("packed.csv.gz", 3);
  const std::string bytes = dir.read("1.csv");
  CHECK(bytes.size() > 2000000);  // several pieces
  CHECK(dir.read("2.csv") == bytes);
  CHECK(dir.read("7.csv") == bytes);
  CHECK(inrgene::ByteReader(dir / "packed.csv.gz").read_rest() == bytes);
  CHECK(dir.read("packed.csv.gz") != bytes);
  const inrgene::CsvTable back = inrgene::read_csv(dir / "1.csv");
  REQUIRE(back.rows() == rows);
  Index wrong = 0;
  for (Index r = 0; r < rows; ++r) {
    wrong += back.integer(r, 0) == 10 * r ? 0 : 1;
    for (Index c = 1; c < columns; ++c) {
      wrong += back.number(r, c) == row_of(r)[static_cast<std::size_t>(c - 1)] ? 0 : 1;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("table stream: a table that fails leaves nothing behind") {
  const TempDir dir;
  dir.write("old.csv", "old\n");
  {
    TableStream table(dir / "old.csv", {"a", "b"}, {2});
    CHECK_THROWS_AS(table.rows(5, [](RowText& row, Index) { row.field(1); }), ArgumentError);
    CHECK_THROWS_AS(table.commit(), ArgumentError);
    CHECK_THROWS_AS(table.rows(1, [](RowText& row, Index) { row.field(1).field(2); }),
                    ArgumentError);
  }
  {
    TableStream table(dir / "old.csv", {"a", "b"}, {2});
    try {
      table.rows(3, [](RowText& row, Index i) {
        row.field(i).field(i == 2 ? std::numeric_limits<double>::infinity() : 1.0);
      });
      FAIL("an infinity was written");
    } catch (const inrgene::NumericalError& error) {
      CHECK(std::string(error.what()) == "column 'b': found inf, expected a finite number or NaN");
    }
  }
  { const TableStream never_committed(dir / "new.csv", {"a"}); }
  CHECK(dir.read("old.csv") == "old\n");
  CHECK(dir.entries() == 1);
  CHECK_THROWS_AS(TableStream(dir / "empty.csv", {}), ArgumentError);
  CHECK_THROWS_AS(TableStream(dir / "none" / "t.csv", {"a"}), inrgene::InputError);
  CHECK(dir.entries() == 1);
}

TEST_CASE("table stream: the message names the row, and a lone empty field is not a blank line") {
  const TempDir dir;
  TableStream table(dir / "t.csv", {"name"}, {1});
  table.rows(2, [](RowText& row, Index i) { row.field(std::string_view(i == 0 ? "" : "x")); });
  try {
    table.rows(2, [](RowText& row, Index i) {
      row.field(i);
      if (i == 1) row.field(i);
    });
    FAIL("a row too long was written");
  } catch (const ArgumentError& error) {
    CHECK(std::string(error.what()).find("row 4: found 2 fields, expected 1 as in the header") !=
          std::string::npos);
  }
  TableStream whole(dir / "w.csv", {"name"}, {1});
  whole.rows(2, [](RowText& row, Index i) { row.field(std::string_view(i == 0 ? "" : "x")); });
  whole.commit();
  CHECK(dir.read("w.csv") == "name\n\"\"\nx\n");
}
