// SIREN's activation.
#pragma once

#include <array>

#include "inrgene/model/activations/activation.hpp"

namespace inrgene {

/// f(z) = sin(ω z).
/// Source: Sitzmann et al., "Implicit neural representations with periodic activation functions",
/// NeurIPS 2020, eq. 3; ω = 30 there.
struct Sine {
  double omega = 30.0;

  static constexpr int maps = 1;
  static constexpr std::array<const char*, 1> map_names{"linear."};
  static constexpr std::size_t own_count = 1;
  static constexpr std::array<const char*, 1> own_names{"omega_0"};
  [[nodiscard]] constexpr std::array<double, 1> own() const { return {omega}; }

  template <class R, class Z>
  INRGENE_HD INRGENE_INLINE static constexpr Z formula(const std::array<R, 1>& own, const Z& z) {
    return math::sin(own[0] * z);
  }
};

static_assert(Activation<Sine>);

}  // namespace inrgene
