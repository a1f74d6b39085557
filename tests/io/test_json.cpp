#include "inrgene/io/json.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "inrgene/core/error.hpp"

using inrgene::get;
using inrgene::InputError;
using inrgene::InputProblem;
using inrgene::Json;
using inrgene::parse_json;

namespace {

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
  return problem_of([&] { (void)parse_json(bytes, "c.json"); });
}

}  // namespace

TEST_CASE("json: values come out with their types") {
  const Json json = parse_json(
      R"({"b": true, "n": -3, "u": 18446744073709551615, "x": 0.1, "s": "é", "v": [1, 2], "o": {}})",
      "c.json");
  CHECK(get<bool>(json, "b", "c.json", ""));
  CHECK(get<int>(json, "n", "c.json", "") == -3);
  CHECK(get<std::uint64_t>(json, "u", "c.json", "") == UINT64_MAX);
  CHECK(get<double>(json, "x", "c.json", "") == 0.1);
  CHECK(get<double>(json, "n", "c.json", "") == -3.0);
  CHECK(get<std::string>(json, "s", "c.json", "") == "é");
  CHECK(get<std::vector<int>>(json, "v", "c.json", "") == std::vector<int>{1, 2});
  CHECK(get<Json>(json, "o", "c.json", "").empty());
}

TEST_CASE("json: text that is no JSON is refused with line and column") {
  const InputProblem p = problem("{\n  \"a\": 1,\n  \"b\": oops\n}");
  CHECK(p.file == "c.json");
  CHECK(p.place == "line 3, column 8");
  CHECK(p.expected == "JSON");
  CHECK(problem("").found == "the end of the text");
  CHECK(problem("{\"a\": 1").place == "line 1, column 8");
  for (const char* bad :
       {"{} x", "{'a': 1}", "[1,]", "nan", "[NaN]", "{\"a\" 1}", "\"\xFF\"", "// c\n1", "[01]"}) {
    CAPTURE(bad);
    CHECK(problem(bad).expected == "JSON");
  }
  CHECK(problem("[1e999]").found == "a number out of range");
}

TEST_CASE("json: doubled keys and towers of brackets are refused") {
  CHECK(problem(R"({"a": 1, "b": {"a": 2}, "a": 3})").found == "the key 'a' twice in one object");
  CHECK(problem(R"([{"x": {"k": 1, "k": 1}}])").found == "the key 'k' twice in one object");
  CHECK_NOTHROW((void)parse_json(R"([{"a": 1}, {"a": 2}, {"b": {"a": "[[\"{"}}])", "c.json"));
  CHECK(problem(std::string(1000000, '[')).expected == "at most 64");
}

TEST_CASE("json: unknown keys list the accepted ones") {
  const Json json = parse_json(R"({"lr": 1, "stepz": 2})", "c.json");
  CHECK_NOTHROW(inrgene::check_keys(json, "c.json", "training", {"stepz", "lr", "seed"}));
  const InputProblem p = problem_of([&] {
    inrgene::check_keys(json, "c.json", "training", {"lr", "steps"});
  });
  CHECK(p.place == "training");
  CHECK(p.found == "the unknown key 'stepz'");
  CHECK(p.expected == "one of 'lr', 'steps'");
  CHECK(problem_of([] { inrgene::check_keys(Json(3), "c", "p", {}); }).found == "'3'");
}

TEST_CASE("json: missing keys and wrong types") {
  const Json json =
      parse_json(R"({"x": "1", "n": 1.5, "w": 1.0, "big": 300, "neg": -1, "v": [1, "a"]})", "c");
  const InputProblem missing = problem_of([&] { (void)get<double>(json, "lr", "c", "training"); });
  CHECK(missing.place == "training");
  CHECK(missing.found == "no key 'lr'");
  CHECK(missing.expected == "'lr': a number");
  const InputProblem wrong = problem_of([&] { (void)get<double>(json, "x", "c", "training"); });
  CHECK(wrong.place == "training, key 'x'");
  CHECK(wrong.found == "'\"1\"'");
  CHECK(wrong.expected == "a number");
  CHECK_THROWS_AS((void)get<int>(json, "n", "c", ""), InputError);
  CHECK_THROWS_AS((void)get<int>(json, "w", "c", ""), InputError);
  CHECK_THROWS_AS((void)get<std::int8_t>(json, "big", "c", ""), InputError);
  CHECK_THROWS_AS((void)get<unsigned>(json, "neg", "c", ""), InputError);
  CHECK_THROWS_AS((void)get<bool>(json, "big", "c", ""), InputError);
  CHECK_THROWS_AS((void)get<std::string>(json, "big", "c", ""), InputError);
  CHECK(problem_of([&] { (void)get<std::vector<int>>(json, "v", "c", ""); }).expected ==
        "a list, each element a whole number");
  CHECK_THROWS_AS((void)get<int>(Json::array(), "a", "c", ""), InputError);
}
