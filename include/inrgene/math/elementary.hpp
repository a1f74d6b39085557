// Elementary functions for formulas that are written once and run as scalars, in vectorised loops,
// under differentiation and on a device. Call them qualified: `math::sin(z)`.
#pragma once

#include <cmath>

#include "inrgene/core/annotations.hpp"
#include "inrgene/math/exponential.hpp"
#include "inrgene/math/sincos.hpp"

namespace inrgene::math {

/// The first or the second, by components of what has several: a selection, not a branch.
INRGENE_HD INRGENE_INLINE float choose(bool first, float a, float b) {
  return first ? a : b;
}
INRGENE_HD INRGENE_INLINE double choose(bool first, double a, double b) {
  return first ? a : b;
}

INRGENE_HD INRGENE_INLINE float abs(float x) {
  return x < 0.0F ? -x : x;
}
INRGENE_HD INRGENE_INLINE double abs(double x) {
  return x < 0.0 ? -x : x;
}
INRGENE_HD INRGENE_INLINE float sqrt(float x) {
  return std::sqrt(x);
}
INRGENE_HD INRGENE_INLINE double sqrt(double x) {
  return std::sqrt(x);
}
INRGENE_HD INRGENE_INLINE float log(float x) {
  return std::log(x);
}
INRGENE_HD INRGENE_INLINE double log(double x) {
  return std::log(x);
}

/// max(x, 0), derivative 0 at 0 (PyTorch's convention). NaN stays NaN.
INRGENE_HD INRGENE_INLINE float positive_part(float x) {
  return x <= 0.0F ? 0.0F : x;
}
INRGENE_HD INRGENE_INLINE double positive_part(double x) {
  return x <= 0.0 ? 0.0 : x;
}

/// min(x, bound): keeps an exponent finite. The derivative is exact below the bound, 0 above.
INRGENE_HD INRGENE_INLINE float at_most(float x, float bound) {
  return x > bound ? bound : x;
}
INRGENE_HD INRGENE_INLINE double at_most(double x, double bound) {
  return x > bound ? bound : x;
}

/// The value alone, a constant to reverse-mode differentiation (PyTorch's `detach`). Derivatives to
/// the coordinates (Taylor) go through it.
INRGENE_HD INRGENE_INLINE float detach(float x) {
  return x;
}
INRGENE_HD INRGENE_INLINE double detach(double x) {
  return x;
}

/// The floating-point type at the bottom of a number type: float for Jet<float, 2>.
template <class T>
struct RealOf {
  using type = T;
};
template <class T>
using real_of = typename RealOf<T>::type;

}  // namespace inrgene::math
