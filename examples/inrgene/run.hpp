// What a running subcommand is handed: common options, stdout and stderr manners, stage times.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/core/parallel.hpp"
#include "inrgene/core/progress.hpp"
#include "inrgene/io/json.hpp"

namespace CLI {
class App;
}

namespace inrgene::program {

/// Options of every subcommand.
struct Common {
  int threads = 0;
  std::uint64_t seed = 0;
  bool quiet = false;
  std::string backend = "cpu";
};

class ProgressMeter;

/// A running subcommand. Results go to stdout by std::cout; all that this class says, to stderr.
class Run {
 public:
  Run(const CLI::App& app, const Common& common);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Threads threads() const { return {common_.threads}; }
  [[nodiscard]] std::uint64_t seed() const { return common_.seed; }
  [[nodiscard]] bool quiet() const { return common_.quiet; }

  /// Whether the user gave the option `--name`.
  [[nodiscard]] bool given(const std::string& option) const;
  /// Throws ArgumentError when the user gave one of `options`; `why` says what they belong to.
  void refuse_options(const std::vector<std::string>& options, const std::string& why) const;
  /// Every option with its value, given or default.
  [[nodiscard]] Json configuration() const;

  /// "inrgene SUB: warning: MESSAGE".
  void warn(std::string_view message) const;
  /// "inrgene SUB: MESSAGE", not with --quiet.
  void note(std::string_view message) const;
  [[nodiscard]] WarningCallback warnings() const;
  /// A bar on a terminal, a line every few seconds elsewhere, nothing with --quiet.
  [[nodiscard]] ProgressCallback progress() const;

  /// Names what runs from now on; the seconds of each stage are kept for run.json.
  void stage(const std::string& name);
  /// Writes FOLDER/run.json: version, full configuration, seed, threads, backend, the
  /// CPU's matrix kernel, seconds, metrics.
  void write_run_json(const std::filesystem::path& folder, const Json& metrics);

 private:
  void end_stage();

  std::string name_;
  const CLI::App& app_;
  Common common_;
  std::unique_ptr<ProgressMeter> meter_;
  std::string stage_;
  std::chrono::steady_clock::time_point stage_began_{};
  std::vector<std::pair<std::string, double>> seconds_;
};

/// Makes `folder` and its parents. Throws InputError when that cannot be.
void make_folder(const std::filesystem::path& folder);

/// Throws InputError now, not after the work, when `file` cannot be written.
void require_writable(const std::filesystem::path& file);

}  // namespace inrgene::program
