#include "inrgene/io/decimal.hpp"

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/core/random.hpp"

namespace {

struct Parsed {
  bool number = false;
  double value = -7;
  std::ptrdiff_t length = 0;
};

/// `field` between a neighbour and enough text behind it (the short way), or alone (the long one).
Parsed parse(std::string_view field, bool alone) {
  std::string words = "17,";
  words += field;
  if (!alone) words += ",0.25,1058685,3.25,99";
  const char* const begin = words.data() + 3;
  Parsed out;
  const char* const stop = inrgene::parse_decimal(begin, words.data() + words.size(), out.value);
  out.number = stop != nullptr;
  out.length = out.number ? stop - begin : 0;
  return out;
}

/// The double nearest to a decimal, by the standard library.
double nearest(std::string_view field) {
  double value = 0;
  const auto parsed = std::from_chars(field.data(), field.data() + field.size(), value);
  REQUIRE(parsed.ec == std::errc());
  REQUIRE(parsed.ptr == field.data() + field.size());
  return value;
}

void check_same_bits(const std::string& field) {
  const std::uint64_t wanted = std::bit_cast<std::uint64_t>(nearest(field));
  for (const bool alone : {false, true}) {
    const Parsed got = parse(field, alone);
    if (got.number && std::bit_cast<std::uint64_t>(got.value) == wanted &&
        got.length == std::ssize(field)) {
      continue;
    }
    CAPTURE(field);
    CAPTURE(alone);
    REQUIRE(got.number);
    CHECK(got.value == nearest(field));
    CHECK(std::bit_cast<std::uint64_t>(got.value) == wanted);
    CHECK(got.length == std::ssize(field));
  }
}

}  // namespace

TEST_CASE("decimal: every notation of a number, with the standard library as the judge") {
  for (const char* field : {"0",
                            "1",
                            "7",
                            "-1",
                            "-0",
                            "0.0",
                            "-0.0",
                            "5.",
                            ".5",
                            "-.5",
                            "8.255630",
                            "10.573611",
                            "3.6150729383",
                            "-58.0",
                            "007.500",
                            "123456.789",
                            "1234567.8",
                            "12345678",
                            "123456789",
                            "12345678.9",
                            "1234567890.12345",
                            "99999999999999",
                            "999999999999999",
                            "9999999999999999",
                            "9007199254740993",
                            "3.1234567890123456",
                            ".123456789012345",
                            "1234567.12345678",
                            "-123456.12345678",
                            "0.1",
                            "0.000000000001",
                            "0.00000000000001",
                            "3.61507293834917",
                            "0.30000000000000004",
                            "2.2250738585072014e-308",
                            "4.9e-324",
                            "1e5",
                            "1.5E-3",
                            "-2e+2",
                            "1.7976931348623157e308",
                            "123456789012345678901234567890",
                            "0.1234567890123456789012345"}) {
    check_same_bits(field);
  }
}

TEST_CASE("decimal: random decimals of every length round as the standard library's") {
  inrgene::Random random(20240611);
  std::string field;
  for (int i = 0; i < 200000; ++i) {
    field.clear();
    if (random.bits() % 4 == 0) field += '-';
    const int before = static_cast<int>(random.bits() % 10);
    const int behind = static_cast<int>(random.bits() % 17);
    for (int d = 0; d < before; ++d) field += static_cast<char>('0' + random.bits() % 10);
    if (before == 0 || random.bits() % 8 != 0) {
      if (before == 0 && behind == 0) field += '3';
      if (behind > 0) field += '.';
      for (int d = 0; d < behind; ++d) field += static_cast<char>('0' + random.bits() % 10);
    }
    check_same_bits(field);
  }
}

TEST_CASE("decimal: missing tokens are NaN, in their exact spelling") {
  for (const char* token :
       {"", "NaN", "nan", "NA", "N/A", "n/a", "NULL", "null", "#N/A", "#NA", "<NA>", "-nan", "-NaN",
        "1.#IND", "1.#QNAN", "-1.#IND", "-1.#QNAN", "#N/A N/A"}) {
    CAPTURE(token);
    for (const bool alone : {false, true}) {
      const Parsed got = parse(token, alone);
      CHECK(got.number);
      CHECK(std::isnan(got.value));
      CHECK(got.length == static_cast<std::ptrdiff_t>(std::string_view(token).size()));
    }
  }
}

TEST_CASE("decimal: what is not a number is refused and leaves the value alone") {
  for (const char* words : {"x",
                            "8.2x",
                            "1.2.3",
                            "1..2",
                            "--1",
                            "-",
                            ".",
                            "-.",
                            "+-1",
                            "1e",
                            "e5",
                            "0x10",
                            "inf",
                            "-inf",
                            "Infinity",
                            "1e400",
                            "na",
                            "NAN",
                            " ",
                            "1 2",
                            "12:30",
                            "12/30",
                            "\"8.5\"",
                            "8.2\r",
                            "1234567x",
                            "12345678x",
                            "1.2345678x",
                            "1.234567890x",
                            "1.2345678901234x",
                            "1.23456789012345x",
                            "1.5\xC3\xA9",
                            "\xFF.5",
                            "\x8A"
                            "9.5",
                            "1.\xFF"
                            "5",
                            "1;2"}) {
    const std::string_view field(words);
    CAPTURE(words);
    for (const bool alone : {false, true}) {
      const Parsed got = parse(field, alone);
      CHECK_FALSE(got.number);
      CHECK(got.value == -7);
    }
  }
  CHECK(parse(" 8.5 ", false).value == 8.5);  // spaces around a number are no harm
  CHECK(parse("+8.5", true).value == 8.5);
  CHECK(inrgene::parse_field("1e-400") == 0.0);
}

TEST_CASE("decimal: walks along a row, whatever stands behind its end") {
  const std::string row = "8.25,-1,,3.5e2,NA,0.000125,7";
  const std::vector<double> wanted = {8.25, -1, NAN, 350, NAN, 0.000125, 7};
  for (const std::size_t padding : {0U, 1U, 16U, 40U}) {
    const std::string words = row + std::string(padding, ',');
    const char* at = words.data();
    for (const double value : wanted) {
      double got = 0;
      const char* const stop = inrgene::parse_decimal(at, words.data() + words.size(), got);
      REQUIRE(stop != nullptr);
      CHECK((std::isnan(value) ? std::isnan(got) : got == value));
      at = stop + 1;
    }
    CHECK(at == words.data() + row.size() + 1);
  }
}
