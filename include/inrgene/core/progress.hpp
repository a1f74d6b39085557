// How long-running work tells the outside what it does, and asks whether to go on.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "inrgene/core/types.hpp"

namespace inrgene {

/// One report of a running job.
struct Progress {
  std::string_view stage;  ///< "train", "predict APOE", …
  Index done = 0;          ///< units finished
  Index total = 0;         ///< units in all; 0 when unknown
  double value = 0;        ///< the figure to show (a loss); NaN for none
};

/// Called from the thread that runs the job, never from a worker.
using ProgressCallback = std::function<void(const Progress&)>;

/// Returns true when the job should stop at the next safe point (e.g. after SIGINT).
using InterruptCheck = std::function<bool()>;

/// Receives one sentence about something a user should know though the run goes on.
using WarningCallback = std::function<void(std::string_view)>;

}  // namespace inrgene
