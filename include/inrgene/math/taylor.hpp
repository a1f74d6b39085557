// Second-order Taylor arithmetic along one direction: what the Laplacian of a network is made of.
// Source: Griewank and Walther, "Evaluating Derivatives", 2nd ed., 2008, ch. 13.
#pragma once

#include "inrgene/core/annotations.hpp"
#include "inrgene/math/elementary.hpp"

namespace inrgene::math {

/// x(t) = value + first·t + ½·second·t² + O(t³). T is float, double or a jet.
template <class T>
struct Taylor {
  using real = real_of<T>;

  T value{};
  T first{};
  T second{};

  constexpr Taylor() = default;
  INRGENE_HD constexpr Taylor(T constant) : value(constant) {}  // NOLINT: constants mix freely
  INRGENE_HD constexpr Taylor(T v, T f, T s) : value(v), first(f), second(s) {}

  /// g(x(t)) from g, g' and g'' at the value (Faà di Bruno at order two).
  INRGENE_HD INRGENE_INLINE constexpr Taylor chain(const T& g, const T& dg, const T& ddg) const {
    return {g, dg * first, dg * second + ddg * (first * first)};
  }

  INRGENE_HD friend INRGENE_INLINE constexpr Taylor operator+(const Taylor& a, const Taylor& b) {
    return {a.value + b.value, a.first + b.first, a.second + b.second};
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Taylor operator-(const Taylor& a, const Taylor& b) {
    return {a.value - b.value, a.first - b.first, a.second - b.second};
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Taylor operator*(const Taylor& a, const Taylor& b) {
    return {a.value * b.value, a.value * b.first + a.first * b.value,
            a.value * b.second + a.first * b.first * real(2) + a.second * b.value};
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Taylor operator-(const Taylor& a) {
    return {-a.value, -a.first, -a.second};
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Taylor operator+(const Taylor& a, real c) {
    return {a.value + c, a.first, a.second};
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Taylor operator+(real c, const Taylor& a) {
    return a + c;
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Taylor operator-(const Taylor& a, real c) {
    return a + -c;
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Taylor operator*(const Taylor& a, real c) {
    return {a.value * c, a.first * c, a.second * c};
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Taylor operator*(real c, const Taylor& a) {
    return a * c;
  }
  INRGENE_HD friend constexpr bool operator<(const Taylor& a, real c) { return a.value < c; }
  INRGENE_HD friend constexpr bool operator<=(const Taylor& a, real c) { return a.value <= c; }
  INRGENE_HD friend constexpr bool operator>(const Taylor& a, real c) { return a.value > c; }
};

template <class T>
struct RealOf<Taylor<T>> {
  using type = real_of<T>;
};

template <class T>
INRGENE_HD INRGENE_INLINE Taylor<T> choose(bool first, const Taylor<T>& a, const Taylor<T>& b) {
  return {choose(first, a.value, b.value), choose(first, a.first, b.first),
          choose(first, a.second, b.second)};
}
template <class T>
INRGENE_HD INRGENE_INLINE SinCos<Taylor<T>> sincos(const Taylor<T>& x) {
  const auto sc = sincos(x.value);
  return {x.chain(sc.sin, sc.cos, -sc.sin), x.chain(sc.cos, -sc.sin, -sc.cos)};
}
template <class T>
INRGENE_HD INRGENE_INLINE Taylor<T> sin(const Taylor<T>& x) {
  return sincos(x).sin;
}
template <class T>
INRGENE_HD INRGENE_INLINE Taylor<T> cos(const Taylor<T>& x) {
  return sincos(x).cos;
}
template <class T>
INRGENE_HD INRGENE_INLINE Taylor<T> exp(const Taylor<T>& x) {
  const T e = exp(x.value);
  return x.chain(e, e, e);
}
template <class T>
INRGENE_HD INRGENE_INLINE Taylor<T> abs(const Taylor<T>& x) {
  return choose(x < real_of<T>(0), -x, x);
}
template <class T>
INRGENE_HD INRGENE_INLINE Taylor<T> positive_part(const Taylor<T>& x) {
  return choose(x <= real_of<T>(0), Taylor<T>(T(real_of<T>(0))), x);
}
template <class T>
INRGENE_HD INRGENE_INLINE Taylor<T> at_most(const Taylor<T>& x, real_of<T> bound) {
  return choose(x > bound, Taylor<T>(T(bound)), x);
}
/// A path of the input is differentiated as the function it is: holding a value constant is a
/// choice of training (see detach of jets), not a property of the function.
template <class T>
INRGENE_HD INRGENE_INLINE Taylor<T> detach(const Taylor<T>& x) {
  return x;
}

}  // namespace inrgene::math
