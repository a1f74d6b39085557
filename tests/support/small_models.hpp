// The built-ins at a size that central differences in every parameter can afford.
#pragma once

#include "inrgene/core/types.hpp"
#include "inrgene/model/built_ins.hpp"

namespace inrgene::test {

/// A backbone's defaults, but narrow and shallow. Specialise for one whose members are named
/// otherwise.
template <class K>
struct SmallSettings {
  static typename K::Settings make() {
    typename K::Settings settings{};
    settings.hidden_features = 7;
    settings.hidden_layers = 2;
    return settings;
  }
};

/// An encoder of `features` features with its defaults. Specialise for one that is made otherwise.
template <class E>
struct SmallEncoder {
  static E make(Index features) { return E(features); }
};

}  // namespace inrgene::test
