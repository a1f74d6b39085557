// Option values that name one of several types or enumerators, as the help and messages list them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene::program {

/// "siren, wire": the names of the list's types.
template <class List>
[[nodiscard]] std::string names_of(List list) {
  std::string names;
  for_each_type(list,
                [&]<class T>() { names += (names.empty() ? "" : ", ") + std::string(T::name); });
  return names;
}

/// Calls f.template operator()<T>() for the T of `list` that is called `name`; false for none.
template <class List, class F>
bool with_named_type(List list, std::string_view name, F&& f) {
  bool found = false;
  for_each_type(list, [&]<class T>() {
    if (T::name != name) return;
    found = true;
    f.template operator()<T>();
  });
  return found;
}

/// Refuses numbers below `smallest`.
inline CLI::Validator at_least(double smallest) {
  return CLI::Validator(
      [smallest](std::string& words) {
        double value = 0;
        const bool good = CLI::detail::lexical_cast(words, value) && value >= smallest;
        return good ? std::string() : text("found ", words, ", expected at least ", smallest);
      },
      text(">=", smallest));
}

/// --tissue-sign, of every subcommand that reads or writes a column `classification`.
inline void add_tissue_sign(CLI::App& app, std::string& value) {
  app.add_option("--tissue-sign", value,
                 "How a column 'classification' is signed: paper (grey +1, white -1) or "
                 "released-code (white +1, grey -1)")
      ->check(CLI::IsMember({"paper", "released-code"}));
}

/// --missing, of every subcommand that reads samples.
inline void add_missing(CLI::App& app, std::string& value) {
  app.add_option("--missing", value, "A site with a missing value: refuse the data, or drop-site")
      ->check(CLI::IsMember({"refuse", "drop-site"}));
}

}  // namespace inrgene::program
