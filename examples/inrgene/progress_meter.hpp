// How far a job is: a bar on a terminal, a line every few seconds elsewhere.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "inrgene/core/progress.hpp"

namespace inrgene::program {

/// "1:02:03" or "2:03".
[[nodiscard]] std::string clock_text(double seconds);

class ProgressMeter {
 public:
  /// `label` begins every line.
  explicit ProgressMeter(std::string label);
  ~ProgressMeter() { clear_line(); }
  ProgressMeter(const ProgressMeter&) = delete;
  ProgressMeter& operator=(const ProgressMeter&) = delete;

  /// Shows a report, unless the last one was shown just before.
  void show(const Progress& progress);
  /// Takes the bar away, so that a message can stand in its place.
  void clear_line();

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] std::string line(const Progress& progress, double seconds) const;

  std::string label_;
  bool terminal_;
  bool bar_shown_ = false;
  std::string job_;  ///< first word of the stage: rate and time left are of this job
  Clock::time_point began_{};
  Clock::time_point shown_{};
  Index done_at_begin_ = 0;
};

}  // namespace inrgene::program
