// The activations of a last layer: none, and the real part.
#pragma once

#include <array>

#include "inrgene/model/activations/activation.hpp"

namespace inrgene {

/// f(z) = z. The linear output layer of real networks.
struct IdentityActivation {
  static constexpr int maps = 1;
  static constexpr std::array<const char*, 1> map_names{""};
  static constexpr std::size_t own_count = 0;
  [[nodiscard]] static constexpr std::array<double, 0> own() { return {}; }

  template <class R, class Z>
  INRGENE_HD INRGENE_INLINE static constexpr Z formula(const std::array<R, 0>& /*own*/,
                                                       const Z& z) {
    return z;
  }
};

/// f(z) = Re z. The linear output layer of complex networks (WIRE).
struct RealPart {
  static constexpr int maps = 1;
  static constexpr std::array<const char*, 1> map_names{""};
  static constexpr std::size_t own_count = 0;
  [[nodiscard]] static constexpr std::array<double, 0> own() { return {}; }

  template <class R, class T>
  INRGENE_HD INRGENE_INLINE static constexpr T formula(const std::array<R, 0>& /*own*/,
                                                       const math::Complex<T>& z) {
    return z.re;
  }
};

static_assert(Activation<IdentityActivation> && Activation<RealPart>);

}  // namespace inrgene
