// PyTorch's StepLR, the seed method's schedule.
#pragma once

#include <cmath>
#include <string_view>
#include <tuple>

#include "inrgene/core/error.hpp"
#include "inrgene/core/settings_field.hpp"
#include "inrgene/training/schedules/schedule.hpp"

namespace inrgene {

/// factor = gamma^⌊step / every⌋; Yu et al. 2025 multiply by 0.9 every 1000 steps.
struct StepRate : StepOnly {
  Index every = 1000;
  double gamma = 0.9;

  static constexpr std::string_view name = "step";
  static constexpr auto fields = std::tuple{SettingsField{"every", &StepRate::every},
                                            SettingsField{"gamma", &StepRate::gamma}};

  /// Throws ArgumentError unless every > 0 and gamma is finite and positive.
  void validate() const {
    require(every > 0, "every of the step schedule", every, "a positive number of steps");
    require(std::isfinite(gamma) && gamma > 0, "gamma of the step schedule", gamma,
            "a finite number above 0");
  }
  [[nodiscard]] double factor(Index step, const State& /*state*/) const {
    const Index drops = step / every;
    return std::pow(gamma, static_cast<double>(drops));
  }
};

static_assert(Schedule<StepRate>);

}  // namespace inrgene
