// What a loss is: one formula of a prediction and its target, averaged over rows and outputs.
#pragma once

#include <concepts>
#include <string_view>

#include "inrgene/core/annotations.hpp"
#include "inrgene/math/jet.hpp"

namespace inrgene {

/// `formula(y, target)`, a template over y's number type (float, double, jets of them); the loss of
/// a batch is its mean over rows and outputs, the gradient follows by forward-mode differentiation.
template <class L>
concept Loss = requires(const L loss, const math::Jet<double, 1>& y, double target) {
  { L::name } -> std::convertible_to<std::string_view>;
  { loss.formula(target, target) } -> std::convertible_to<double>;
  { loss.formula(y, target) } -> std::convertible_to<math::Jet<double, 1>>;
};

namespace detail {

/// One element's loss, and its derivative to y times `weight` (1 / (rows · outputs)).
template <class L, class T>
struct LossKernel {
  L loss;
  T weight;

  INRGENE_HD INRGENE_INLINE T operator()(const T& y, const T& target, T& dL_dy) const {
    const auto jet = loss.formula(math::Jet<T, 1>::variable(y, 0), target);
    dL_dy = jet.d[0] * weight;
    return jet.value;
  }
};

}  // namespace detail

}  // namespace inrgene
