// What the speed benchmarks measure with: medians and spread, peak memory, JSON.
#pragma once

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "fma_peak.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/io/json.hpp"

namespace inrgene::bench {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double seconds_since(Clock::time_point before) {
  return std::chrono::duration<double>(Clock::now() - before).count();
}

/// The median of some numbers, and the smallest and largest. Throws ArgumentError for none.
struct Spread {
  double median = 0, low = 0, high = 0;

  explicit Spread(std::vector<double> values) {
    require(!values.empty(), "measurements", 0, "at least one");
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    median = values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
    low = values.front();
    high = values.back();
  }
  [[nodiscard]] Json json() const { return {{"median", median}, {"low", low}, {"high", high}}; }
};

/// The largest resident memory of this process so far, in bytes. Throws UnavailableError where the
/// system does not tell (Linux does; getrusage counts what the parent held before it started us).
[[nodiscard]] inline double peak_memory_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return 1024.0 * std::stod(line.substr(6));
  }
  throw UnavailableError("peak memory: no line VmHWM in /proc/self/status");
}

/// Times a piece of work again and again, and the FMA peak between the repetitions: both see the
/// same clock frequency and the same neighbours.
class PairedTimer {
 public:
  explicit PairedTimer(int threads) : threads_(threads) {}

  /// Forgets the time since the last call.
  void start() { before_ = Clock::now(); }
  /// Notes the time since the last call, when `counts`; now and then the FMA peak.
  void lap(bool counts) {
    const double took = seconds_since(before_);
    if (counts) {
      seconds_.push_back(took);
      since_peak_ += took;
    }
    if (counts && (peaks_.size() < 3 || since_peak_ > 1.0)) {
      peaks_.push_back(fma_peak<float>(threads_));
      since_peak_ = 0;
    }
    before_ = Clock::now();
  }

  [[nodiscard]] Spread seconds() const { return Spread(seconds_); }
  /// FLOP a second.
  [[nodiscard]] Spread peak() const { return Spread(peaks_); }

  /// Seconds, FLOP/s and what part of the peak of the same run that is. A repetition does `flop`.
  [[nodiscard]] Json json(double flop) const {
    const Spread s = seconds(), p = peak();
    return {{"seconds", s.json()},
            {"seconds_all", seconds_},
            {"flop", flop},
            {"gflop_per_s", 1e-9 * flop / s.median},
            {"fma_peak_gflop_per_s", 1e-9 * p.median},
            {"fma_peak_spread", {1e-9 * p.low, 1e-9 * p.high}},
            {"of_fma_peak", flop / s.median / p.median},
            {"vectors", vector_name()},
            {"threads", threads_}};
  }

 private:
  int threads_;
  Clock::time_point before_ = Clock::now();
  double since_peak_ = 0;
  std::vector<double> seconds_, peaks_;
};

}  // namespace inrgene::bench
