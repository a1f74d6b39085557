// Keeps an unfinished fit on disk, so that it can be stopped at any moment and go on.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>

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

  /// A run that is being kept. Made by `open`.
  template <class Trainer>
  class Session {
   public:
    Session(const StateFile& file, Trainer& trainer, std::string fingerprint)
        : file_(file), trainer_(trainer), fingerprint_(std::move(fingerprint)) {
      if (file.start == Start::resume && std::filesystem::exists(file.path)) {
        read_training_state(trainer, fingerprint_, file.path);
      }
      written_ = Clock::now();
    }
    /// Writes when it is time.
    void after_step() {
      const std::chrono::duration<double> since = Clock::now() - written_;
      if (since.count() >= file_.every_seconds) write();
    }
    void write() {
      write_training_state(trainer_, fingerprint_, file_.path);
      written_ = Clock::now();
    }

   private:
    using Clock = std::chrono::steady_clock;
    const StateFile& file_;
    Trainer& trainer_;
    std::string fingerprint_;
    Clock::time_point written_{};
  };

  /// Begins to keep `trainer`, from the file's state when it is to be resumed. Throws InputError
  /// when the file is no state or one of other data or settings.
  template <class Trainer>
  [[nodiscard]] Session<Trainer> open(Trainer& trainer, std::string fingerprint) const {
    return Session<Trainer>(*this, trainer, std::move(fingerprint));
  }
};

}  // namespace inrgene
