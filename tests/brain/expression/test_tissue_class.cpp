#include "inrgene/brain/expression/tissue_class.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace inrgene;

TEST_CASE("tissue values follow the named sign convention") {
  CHECK(tissue_value(Tissue::grey, TissueSign::paper) == 1.0);
  CHECK(tissue_value(Tissue::white, TissueSign::paper) == -1.0);
  CHECK(tissue_value(Tissue::grey, TissueSign::released_code) == -1.0);
  CHECK(tissue_value(Tissue::white, TissueSign::released_code) == 1.0);
  for (const TissueSign sign : {TissueSign::paper, TissueSign::released_code}) {
    CHECK(tissue_value(Tissue::neither, sign) == 0.0);
    for (const Tissue tissue : {Tissue::white, Tissue::neither, Tissue::grey}) {
      CHECK(tissue_from_value(tissue_value(tissue, sign), sign) == tissue);
    }
    CHECK(tissue_sign_from_text(to_text(sign)) == sign);
  }
}

TEST_CASE("a tissue class is strictly -1, 0 or 1") {
  for (const double value : {0.5, 2.0, -3.0, 0.999999999, std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_AS(static_cast<void>(tissue_from_value(value, TissueSign::paper)), InputError);
  }
  try {
    static_cast<void>(
        tissue_from_value(2.0, TissueSign::paper, {"a.csv", "line 3, column 'classification'"}));
    FAIL("no exception");
  } catch (const InputError& error) {
    CHECK(std::string(error.what()) ==
          "a.csv: line 3, column 'classification': found 2, expected a tissue class: -1, 0 or 1");
  }
}

TEST_CASE("an unknown tissue sign lists the accepted ones") {
  for (const char* name : {"", "Paper", "released_code", "paper "}) {
    try {
      static_cast<void>(tissue_sign_from_text(name));
      FAIL("no exception");
    } catch (const ArgumentError& error) {
      const std::string message = error.what();
      CHECK(message.find(text("'", name, "'")) != std::string::npos);
      CHECK(message.find("paper (grey +1)") != std::string::npos);
      CHECK(message.find("released-code (white +1)") != std::string::npos);
    }
  }
}
