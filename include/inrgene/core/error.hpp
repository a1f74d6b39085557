// What can go wrong, as types: a caller (and the program's exit code) tells bad input from wrong
// use, from something this build cannot do, and from numbers that ran away.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "inrgene/core/annotations.hpp"

namespace inrgene {

/// Base of every exception the library throws on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where and why input was refused. All four parts appear in what().
struct InputProblem {
  std::string file;      ///< path as the user gave it
  std::string place;     ///< "line 7, column 'mni_x'", "header field dim[1]", "tensor net.0..."
  std::string found;     ///< what stands there
  std::string expected;  ///< what should stand there
};

/// Bad input from outside: a file or a value in it (exit code 3 of the program).
class InputError : public Error {
 public:
  explicit InputError(InputProblem problem)
      : Error(problem.file + (problem.place.empty() ? "" : ": " + problem.place) + ": found " +
              problem.found + ", expected " + problem.expected),
        problem_(std::move(problem)) {}
  [[nodiscard]] const InputProblem& problem() const { return problem_; }

 private:
  InputProblem problem_;
};

/// An argument that breaks a stated bound: wrong use of the library or the program (exit code 2).
class ArgumentError : public Error {
 public:
  using Error::Error;
};

/// Something this build or this machine cannot do (exit code 4).
class UnavailableError : public Error {
 public:
  using Error::Error;
};

/// A computation left the finite numbers (exit code 3: the input or the settings are to blame).
class NumericalError : public Error {
 public:
  using Error::Error;
};

/// The user asked to stop; what was asked to be kept has been saved (exit code 130).
class InterruptedError : public Error {
 public:
  using Error::Error;
};

/// Streams all parts into one string: `text("rows ", n, " of ", m)`.
template <class... Parts>
[[nodiscard]] INRGENE_COLD std::string text(const Parts&... parts) {
  std::ostringstream stream;
  stream.precision(17);
  (stream << ... << parts);
  return stream.str();
}

/// The line of a call. (std::source_location needs a compiler newer than clang 14.)
struct SourceLine {
  const char* file;
  int line;

  static constexpr SourceLine current(const char* file = __builtin_FILE(),
                                      int line = __builtin_LINE()) {
    return {file, line};
  }
};

/// Throws ArgumentError "NAME: found FOUND, expected EXPECTED (file:line)" unless `holds`.
/// `expected` is text, `found` anything that streams; both are evaluated in Debug and Release.
template <class Found>
INRGENE_COLD void require(bool holds, std::string_view name, const Found& found,
                          std::string_view expected, SourceLine where = SourceLine::current()) {
  if (holds) return;
  throw ArgumentError(text(name, ": found ", found, ", expected ", expected, " (", where.file, ":",
                           where.line, ")"));
}

}  // namespace inrgene
