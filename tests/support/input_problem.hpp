// What a refused input says, taken apart.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "inrgene/core/error.hpp"

namespace inrgene::test {

/// The four parts of the InputError that `call` throws; the test fails when it throws none.
InputProblem input_problem(auto&& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.problem();
  }
  FAIL("no InputError");
  return {};
}

/// Whether `words` stand in `message`; shown when not.
inline bool says(const std::string& message, std::string_view words) {
  if (message.find(words) != std::string::npos) return true;
  MESSAGE("'" << message << "' does not say '" << words << "'");
  return false;
}

}  // namespace inrgene::test
