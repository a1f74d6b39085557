// PyTorch's StepLR, the seed method's schedule.
#pragma once

#include <cmath>
#include <string_view>

#include "inrgene/training/schedules/schedule.hpp"

namespace inrgene {

/// factor = gamma^⌊step / every⌋; Yu et al. 2025 multiply by 0.9 every 1000 steps.
struct StepRate : StepOnly {
  Index every = 1000;
  double gamma = 0.9;

  static constexpr std::string_view name = "step";
  [[nodiscard]] double factor(Index step, const State& /*state*/) const {
    return std::pow(gamma, static_cast<double>(step / every));
  }
};

static_assert(Schedule<StepRate>);

}  // namespace inrgene
