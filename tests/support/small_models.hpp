// The built-ins at a size that central differences in every parameter can afford.
#pragma once

#include "inrgene/core/types.hpp"
#include "inrgene/model/built_ins.hpp"
#include "inrgene/model/encoders/fourier.hpp"
#include "inrgene/model/encoders/hash_grid.hpp"

namespace inrgene::test {

/// A backbone's defaults, but shallow and of `width` features (a pyramid of convolutions: a quarter
/// at its ends); of two parts, each, the last of `in` inputs for the head. Specialise for one whose
/// members are named otherwise.
template <class K>
struct SmallSettings {
  static typename K::Settings make(Index in = 4, Index width = 7) {
    typename K::Settings settings{};
    if constexpr (requires { settings.trunk; }) {
      settings.rank = 3;
      settings.trunk_features = in - 1;
      shrink(settings.trunk, width);
      if constexpr (requires { settings.head; }) shrink(settings.head, width);
    } else {
      shrink(settings, width);
    }
    return settings;
  }

 private:
  template <class S>
  static void shrink(S& settings, Index width) {
    if constexpr (requires { settings.width; }) {
      settings.width = (width + 3) / 4;
    } else {
      settings.hidden_features = width;
      settings.hidden_layers = 2;
    }
    // At 128, wavelengths of a hundredth of the input's range: seven units cannot learn a smooth
    // function of them, and differences need steps that float has not.
    if constexpr (requires { settings.weight_scale; }) settings.weight_scale = 2;
    // Narrow layers have larger inputs than wide ones: at their usual scale most Gaussian units
    // would be so near 0 that differences of values are rounding alone.
    if constexpr (requires { settings.scale; }) settings.scale = 2;
    // And a Gabor unit of ω/s = 2 is at most e large.
    if constexpr (requires { settings.scale = settings.first_omega; }) {
      settings.first_omega = settings.hidden_omega = 4;
    }
  }
};

/// An encoder of `features` features with its defaults. Specialise for one that is made otherwise.
template <class E>
struct SmallEncoder {
  static E make(Index features) { return E(features); }
};
template <>
struct SmallEncoder<FourierEncoder> {
  static FourierEncoder make(Index features) {
    return FourierEncoder(features, {.frequencies = 5, .sigma = 0.5, .seed = 3});
  }
};
/// Of three features, level 0 is dense (27 vertices) and level 1 hashed (125 in 32 entries).
template <>
struct SmallEncoder<HashGridEncoder> {
  static HashGridEncoder make(Index features) {
    return HashGridEncoder(
        features, {.levels = 2, .log2_table_size = 5, .base_resolution = 2, .growth = 2.0});
  }
};

}  // namespace inrgene::test
