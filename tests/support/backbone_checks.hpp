// What every backbone of the list of built-ins must do. A new one is tested by its word in the
// list.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "inrgene/model/networks/backbone.hpp"
#include "support/module_checks.hpp"
#include "support/small_models.hpp"

namespace inrgene::test {

/// The smallest input a backbone can read: one feature, but two where a trunk and a head share it.
template <class K>
constexpr Index smallest_input = requires(typename K::Settings s) {
  s.trunk_features;
}
? 2 : 1;

/// Backbone K, shallow and of `width` features, on `in` features.
template <class K>
typename K::Network small_network(Index in, Index out, Index width = 7) {
  return K::build(in, out, SmallSettings<K>::make(in, width));
}

/// The checks that hold for K's kind of derivative.
template <class K>
CheckSettings check_settings() {
  CheckSettings settings;
  if (smoothness_of<K>() == Smoothness::held_constant) {
    settings.training_gradient = CheckSettings::TrainingGradient::held_constant;
  }
  return settings;
}

/// Derivatives on every backend, the layout of the parameters, and that the seed decides the start.
template <class K>
void check_backbone() {
  CAPTURE(std::string(K::name));
  check_module(small_network<K>(4, 2), check_settings<K>());
  check_module(small_network<K>(smallest_input<K>, 1), check_settings<K>());
  for (const Index out : {1, 3}) check_layout(small_network<K>(5, out));
  const auto network = small_network<K>(3, 1);
  CHECK(drawn_parameters(network, 5) == drawn_parameters(network, 5));
  CHECK(drawn_parameters(network, 5) != drawn_parameters(network, 6));
}

}  // namespace inrgene::test
