// The list of built-ins of training: what tests walk and what the program offers.
#pragma once

#include "inrgene/core/types.hpp"
#include "inrgene/training/losses/mean_squared_error.hpp"
#include "inrgene/training/optimizers/adam.hpp"
#include "inrgene/training/schedules/schedule.hpp"
#include "inrgene/training/schedules/schedule_variant.hpp"
#include "inrgene/training/schedules/step_rate.hpp"

namespace inrgene {

using Losses = TypeList<MeanSquaredError>;
using Optimizers = TypeList<Adam>;
using Schedules = TypeList<ConstantRate, StepRate>;
/// Any of them, chosen at run time.
using AnySchedule = ScheduleVariant<ConstantRate, StepRate>;

}  // namespace inrgene
