// Where training starts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "inrgene/core/random.hpp"

namespace inrgene {

/// θ₀ of a module, drawn in double from `seed` and rounded to T.
template <class T, class M>
[[nodiscard]] std::vector<T> initial_parameters(const M& model, std::uint64_t seed) {
  std::vector<double> wide(static_cast<std::size_t>(model.parameter_count()));
  Random random(seed);
  model.initialize(random, wide);
  std::vector<T> theta(wide.size());
  std::transform(wide.begin(), wide.end(), theta.begin(),
                 [](double v) { return static_cast<T>(v); });
  return theta;
}

}  // namespace inrgene
