// What makes a network choosable by one word: a name, named settings, and how to build it.
#pragma once

#include <cmath>
#include <concepts>
#include <string_view>
#include <tuple>

#include "inrgene/core/error.hpp"
#include "inrgene/core/settings_field.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

/// A recipe for networks: `name`, an aggregate `Settings` with the paper's defaults, the list of
/// its `fields`, and `build(in_features, out_features, settings)`.
template <class K>
concept Backbone = requires(const typename K::Settings& settings) {
  { K::name } -> std::convertible_to<std::string_view>;
  { std::tuple_size_v<decltype(K::fields)> } -> std::convertible_to<std::size_t>;
  { K::build(Index{1}, Index{1}, settings) } -> std::same_as<typename K::Network>;
};

inline void require_positive(double value, std::string_view name) {
  require(std::isfinite(value) && value > 0, name, value, "a finite number above 0");
}

}  // namespace inrgene
