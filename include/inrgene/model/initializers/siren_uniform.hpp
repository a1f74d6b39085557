// SIREN's initialisation.
#pragma once

#include <cmath>

#include "inrgene/model/initializers/initializer.hpp"

namespace inrgene {

/// First W ~ U(±1/in); every other W, the last linear included, ~ U(±√(6/in)/ω); biases as
/// PyTorch's Linear. Keeps the distribution of activations the same through the depth.
/// Source: Sitzmann et al., NeurIPS 2020, section 3.2 and supplement 1.
struct SirenUniform {
  static double weight(const LinearShape& shape, Random& random) {
    const auto in = static_cast<double>(shape.fan_in);
    return symmetric_uniform(
        shape.position == LayerPosition::first ? 1.0 / in : std::sqrt(6.0 / in) / shape.omega,
        random);
  }
  static double bias(const LinearShape& shape, Random& random) {
    return PyTorchLinear::bias(shape, random);
  }
};

static_assert(Initializer<SirenUniform>);

}  // namespace inrgene
