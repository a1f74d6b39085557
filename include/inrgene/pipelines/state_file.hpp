// Keeps an unfinished fit on disk, so that it can be stopped at any moment and go on.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "inrgene/training/checkpoints/training_state.hpp"

namespace inrgene {

/// Handed to Regressor::fit, this file always holds a whole state of the run: one at most
/// `every_seconds` old, and the last one when the run is interrupted. A resumed run ends with the
/// same bytes as one that was never stopped, given the same number of threads. The file stays when
/// the run is done; who does not want to go on from there removes it.
struct StateFile {
  static constexpr bool keeps_state = true;
  enum class Start { anew, resume };  ///< resume: go on from the file, if there is one

  std::filesystem::path path{};
  double every_seconds = 60.0;
  Start start = Start::anew;

  /// Throws InputError when the file is no state or one of other data or settings.
  template <class Trainer>
  void begin(Trainer& trainer, const std::string& fingerprint) {
    fingerprint_ = fingerprint;
    if (start == Start::resume && std::filesystem::exists(path)) {
      read_training_state(trainer, fingerprint_, path);
    }
    written_ = Clock::now();
  }
  /// After each step: writes when it is time.
  template <class Trainer>
  void after_step(Trainer& trainer) {
    if (std::chrono::duration<double>(Clock::now() - written_).count() >= every_seconds) {
      write(trainer);
    }
  }
  template <class Trainer>
  void write(Trainer& trainer) {
    write_training_state(trainer, fingerprint_, path);
    written_ = Clock::now();
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::string fingerprint_{};
  Clock::time_point written_{};
};

}  // namespace inrgene
