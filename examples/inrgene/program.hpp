// The program around the subcommands: parsing, help, and errors as exit codes.
#pragma once

#include <CLI/CLI.hpp>
#include <deque>
#include <functional>
#include <string>

#include "run.hpp"

namespace inrgene::program {

class Program {
 public:
  Program();

  /// Adds a subcommand with the common options. `body` does its work; what it throws decides the
  /// exit code. The options of its own are added to the returned App.
  CLI::App& add(const std::string& name, const std::string& description,
                std::function<void(Run&)> body);

  /// Parses and runs. Returns the exit code: 0 done, 2 wrong usage, 3 bad input, 4 not available,
  /// 130 interrupted, 1 anything else.
  int run(int argc, const char* const* argv);

 private:
  struct Subcommand {
    CLI::App* app;
    Common common;
    std::function<void(Run&)> body;
  };
  void parse_and_run(int argc, const char* const* argv, std::string& name);

  CLI::App app_;
  std::deque<Subcommand> subcommands_;  // a deque: options point into it
};

}  // namespace inrgene::program
