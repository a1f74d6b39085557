// What a learning-rate schedule is, and the constant one.
#pragma once

#include <array>
#include <concepts>
#include <string_view>
#include <tuple>

#include "inrgene/core/types.hpp"

namespace inrgene {

/// The rate of a step is the optimiser's learning rate times `factor(step, state)`. A schedule that
/// looks at losses keeps what it needs in `State`, an array of doubles that a checkpoint holds.
/// `fields` names its settings and `validate()` checks them.
template <class S>
concept Schedule = requires(const S schedule, Index step, typename S::State& state, double loss) {
  { S::name } -> std::convertible_to<std::string_view>;
  { state.data() } -> std::same_as<double*>;
  { schedule.factor(step, state) } -> std::convertible_to<double>;
  schedule.validate();
  schedule.observe(state, loss);
};

/// The part that schedules of the step alone share.
struct StepOnly {
  using State = std::array<double, 0>;
  static void observe(State& /*state*/, double /*loss*/) {}
};

/// factor = 1.
struct ConstantRate : StepOnly {
  static constexpr std::string_view name = "constant";
  static constexpr std::tuple<> fields{};
  static void validate() {}
  [[nodiscard]] static double factor(Index /*step*/, const State& /*state*/) { return 1.0; }
};

static_assert(Schedule<ConstantRate>);

}  // namespace inrgene
