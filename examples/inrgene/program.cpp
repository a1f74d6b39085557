#include "program.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <iostream>
#include <new>
#include <string_view>
#include <utility>

#include "choices.hpp"
#include "inrgene/backend/cpu/products.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/version.hpp"

namespace inrgene::program {

namespace {

/// Subcommands that later versions bring.
constexpr std::array<std::string_view, 4> planned{"associate", "evaluate", "compress", "report"};

/// An ArgumentError ends in the library's source line, which says nothing to a program's user.
std::string without_source_line(std::string message) {
  const std::size_t open = message.rfind(" (");
  if (open != std::string::npos && message.back() == ')' &&
      message.find("pp:", open) != std::string::npos) {
    message.resize(open);
  }
  return message;
}

}  // namespace

Program::Program()
    : app_("Maps of gene expression in the brain from tissue samples, as neural fields.",
           "inrgene") {
  app_.set_version_flag("--version",
                        text("inrgene ", version, "\nCPU kernel: ", kernel_name<float>()),
                        "Print the version and the processor's kernel it was built for");
  app_.require_subcommand(1);
  app_.footer(
      "inrgene SUB --help describes a subcommand.\n"
      "Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 not available here, 130 interrupted.");
}

CLI::App& Program::add(const std::string& name, const std::string& description,
                       std::function<void(Run&)> body) {
  CLI::App& app = *app_.add_subcommand(name, description);
  Subcommand& subcommand = subcommands_.emplace_back(Subcommand{&app, {}, std::move(body)});
  app.option_defaults()->always_capture_default();
  app.footer("");
  const auto common = [](CLI::Option* option) { option->group("Common options"); };
  common(app.add_option("--threads", subcommand.common.threads, "Threads; 0: all cores")
             ->check(at_least(0)));
  common(app.add_option("--seed", subcommand.common.seed, "Seed of all random numbers"));
  common(app.add_flag("--quiet", subcommand.common.quiet, "No progress and no notes"));
  common(app.add_option("--backend", subcommand.common.backend, "What computes: cpu or cuda")
             ->check(CLI::IsMember({"cpu", "cuda"})));
  return app;
}

void Program::parse_and_run(int argc, const char* const* argv, std::string& name) {
  if (argc > 1) {
    const std::string_view first = argv[1];
    const auto is_first = [&](const Subcommand& s) { return s.app->get_name() == first; };
    if (std::any_of(subcommands_.begin(), subcommands_.end(), is_first)) {
      name = first;
    } else if (std::find(planned.begin(), planned.end(), first) != planned.end()) {
      throw UnavailableError(text("the subcommand '", first,
                                  "' is not in this version; inrgene --help lists those that are"));
    } else if (!first.starts_with('-')) {
      std::string names;
      for (const Subcommand& s : subcommands_) {
        names += (names.empty() ? "" : ", ") + s.app->get_name();
      }
      throw ArgumentError(text("subcommand: found '", first, "', expected one of: ", names));
    }
  }
  app_.parse(argc, argv);
  for (Subcommand& subcommand : subcommands_) {
    if (!subcommand.app->parsed()) continue;
    name = subcommand.app->get_name();
    if (subcommand.common.backend == "cuda") {
      throw UnavailableError("--backend cuda: this build has no CUDA backend; use --backend cpu");
    }
    Run run(*subcommand.app, subcommand.common);
    subcommand.body(run);
  }
  std::cout.flush();
  if (!std::cout) {
    throw InputError({"standard output", "writing the results", "an error",
                      "a place with room that can be written"});
  }
}

int Program::run(int argc, const char* const* argv) {
  std::string name;
  const auto fail = [&](int code, const std::string& message) {
    std::cerr << "inrgene" << (name.empty() ? "" : " ") << name << ": " << message << std::endl;
    return code;
  };
  try {
    parse_and_run(argc, argv, name);
    return 0;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app_.exit(error);  // --help, --version
    return fail(2, text(error.what(), "\nSee inrgene ", name, name.empty() ? "" : " ", "--help"));
  } catch (const ArgumentError& error) {
    return fail(2, without_source_line(error.what()));
  } catch (const InputError& error) {
    return fail(3, error.what());
  } catch (const NumericalError& error) {
    return fail(3, error.what());
  } catch (const UnavailableError& error) {
    return fail(4, error.what());
  } catch (const InterruptedError& error) {
    return fail(130, error.what());
  } catch (const std::bad_alloc&) {
    return fail(1, "not enough memory for this work");
  } catch (const std::exception& error) {
    return fail(1, text("unexpected error: ", error.what()));
  }
}

}  // namespace inrgene::program
