#include "inrgene/core/error.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace inrgene;

TEST_CASE("an input error says file, place, found and expected") {
  const InputError error({"a/b.csv", "line 7, column 'x'", "abc", "a number"});
  CHECK(std::string(error.what()) == "a/b.csv: line 7, column 'x': found abc, expected a number");
  CHECK(error.problem().file == "a/b.csv");
  CHECK(error.problem().place == "line 7, column 'x'");
  CHECK(error.problem().found == "abc");
  CHECK(error.problem().expected == "a number");
  const InputError whole({"b.csv", "", "no file", "one"});
  CHECK(std::string(whole.what()) == "b.csv: found no file, expected one");
}

TEST_CASE("require passes what holds and names what does not") {
  CHECK_NOTHROW(require(true, "steps", 1, "1 or more"));
  std::string message;
  try {
    require(false, "steps", -3, "1 or more");
  } catch (const ArgumentError& error) {
    message = error.what();
  }
  CHECK(message.find("steps: found -3, expected 1 or more") == 0);
  CHECK(message.find("test_error.cpp:" + std::to_string(__LINE__ - 5)) != std::string::npos);
}

TEST_CASE("every error of the library can be caught as one") {
  CHECK_THROWS_AS(throw ArgumentError("x"), Error);
  CHECK_THROWS_AS(throw UnavailableError("x"), Error);
  CHECK_THROWS_AS(throw NumericalError("x"), Error);
  CHECK_THROWS_AS(throw InterruptedError("x"), Error);
  CHECK_THROWS_AS(throw InputError(InputProblem{}), Error);
}

TEST_CASE("text streams numbers so that they read back") {
  const double value = 0.1 + 0.2;
  CHECK(std::stod(text(value)) == value);
  CHECK(text("rows ", 3, " of ", 4) == "rows 3 of 4");
}
