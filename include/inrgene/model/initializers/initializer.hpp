// How a layer's weights start: one draw per real entry.
#pragma once

#include <cmath>
#include <concepts>

#include "inrgene/core/random.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

/// Where a layer stands in its stack; first and last layers start differently in many papers.
enum class LayerPosition { first, hidden, last };

/// What an initialiser may know about the linear map it fills.
struct LinearShape {
  LayerPosition position = LayerPosition::hidden;
  Index fan_in = 0;
  Index fan_out = 0;
  double omega =
      1.0;  ///< frequency of the activation behind the map (of the hidden ones for `last`)
};

/// `weight(shape, random)` and `bias(shape, random)` draw one entry; complex entries take two
/// draws, real part first, as PyTorch does.
template <class I>
concept Initializer = requires(const I i, const LinearShape& shape, Random& random) {
  { i.weight(shape, random) } -> std::convertible_to<double>;
  { i.bias(shape, random) } -> std::convertible_to<double>;
};

/// U(-bound, bound).
inline double symmetric_uniform(double bound, Random& random) {
  return random.uniform(-bound, bound);
}

/// PyTorch's Linear: weights and biases ~ U(±1/√fan_in).
struct PyTorchLinear {
  static double weight(const LinearShape& shape, Random& random) {
    return symmetric_uniform(1.0 / std::sqrt(static_cast<double>(shape.fan_in)), random);
  }
  static double bias(const LinearShape& shape, Random& random) { return weight(shape, random); }
};

static_assert(Initializer<PyTorchLinear>);

}  // namespace inrgene
