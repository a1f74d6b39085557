// Forward-mode differentiation: a value with N first derivatives, all inlined, no memory.
// Source: dual numbers; see Griewank and Walther, "Evaluating Derivatives", 2nd ed., 2008, ch. 3.
#pragma once

#include <utility>

#include "inrgene/core/annotations.hpp"
#include "inrgene/math/elementary.hpp"

namespace inrgene::math {

/// f and ∂f/∂x_1 … ∂f/∂x_N. T is float, double, or again a jet (for higher derivatives).
template <class T, int N>
struct Jet {
  using real = real_of<T>;

  T value{};
  T d[N]{};

  constexpr Jet() = default;
  /// A constant: all derivatives 0.
  INRGENE_HD constexpr Jet(T constant) : value(constant) {}  // NOLINT: constants mix freely

  /// A value with its derivatives d(0) … d(N-1). Every result is made here, component by component:
  /// zeros to be overwritten, and choices between whole jets, keep clang++ from vectorising.
  template <class F>
  [[nodiscard]] INRGENE_HD static INRGENE_INLINE constexpr Jet of(const T& value, const F& d) {
    return Jet(value, d, std::make_integer_sequence<int, N>{});
  }
  /// The i-th independent variable: derivative 1 to itself.
  INRGENE_HD static constexpr Jet variable(T value, int i) {
    return of(value, [&](int k) { return T(real(k == i ? 1 : 0)); });
  }

  /// The jet of g(this) from g's value and g's derivative at this value.
  INRGENE_HD INRGENE_INLINE constexpr Jet chain(const T& g, const T& dg) const {
    return of(g, [&](int i) { return dg * d[i]; });
  }

  INRGENE_HD friend INRGENE_INLINE constexpr Jet operator+(const Jet& a, const Jet& b) {
    return of(a.value + b.value, [&](int i) { return a.d[i] + b.d[i]; });
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Jet operator-(const Jet& a, const Jet& b) {
    return of(a.value - b.value, [&](int i) { return a.d[i] - b.d[i]; });
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Jet operator*(const Jet& a, const Jet& b) {
    return of(a.value * b.value, [&](int i) { return a.value * b.d[i] + b.value * a.d[i]; });
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Jet operator/(const Jet& a, const Jet& b) {
    const T inverse = T(real(1)) / b.value;
    const T quotient = a.value * inverse;
    return of(quotient, [&](int i) { return (a.d[i] - quotient * b.d[i]) * inverse; });
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Jet operator-(const Jet& a) {
    return of(-a.value, [&](int i) { return -a.d[i]; });
  }
  // Constants of the bottom type: cheaper than a jet of zeros, and exact.
  INRGENE_HD friend INRGENE_INLINE constexpr Jet operator+(const Jet& a, real c) {
    return of(a.value + c, [&](int i) { return a.d[i]; });
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Jet operator+(real c, const Jet& a) { return a + c; }
  INRGENE_HD friend INRGENE_INLINE constexpr Jet operator-(const Jet& a, real c) { return a + -c; }
  INRGENE_HD friend INRGENE_INLINE constexpr Jet operator-(real c, const Jet& a) { return -a + c; }
  INRGENE_HD friend INRGENE_INLINE constexpr Jet operator*(const Jet& a, real c) {
    return of(a.value * c, [&](int i) { return a.d[i] * c; });
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Jet operator*(real c, const Jet& a) { return a * c; }
  INRGENE_HD friend INRGENE_INLINE constexpr Jet operator/(const Jet& a, real c) {
    return a * (real(1) / c);
  }
  INRGENE_HD friend constexpr bool operator<(const Jet& a, real c) { return a.value < c; }
  INRGENE_HD friend constexpr bool operator<=(const Jet& a, real c) { return a.value <= c; }
  INRGENE_HD friend constexpr bool operator>(const Jet& a, real c) { return a.value > c; }

 private:
  template <class F, int... I>
  INRGENE_HD INRGENE_INLINE constexpr Jet(const T& v, const F& f,
                                          std::integer_sequence<int, I...> /*all*/)
      : value(v), d{f(I)...} {}
};

template <class T, int N>
struct RealOf<Jet<T, N>> {
  using type = real_of<T>;
};

template <class T, int N>
INRGENE_HD INRGENE_INLINE Jet<T, N> choose(bool first, const Jet<T, N>& a, const Jet<T, N>& b) {
  return Jet<T, N>::of(choose(first, a.value, b.value),
                       [&](int i) { return choose(first, a.d[i], b.d[i]); });
}
template <class T, int N>
INRGENE_HD INRGENE_INLINE SinCos<Jet<T, N>> sincos(const Jet<T, N>& x) {
  const auto sc = sincos(x.value);
  return {x.chain(sc.sin, sc.cos), x.chain(sc.cos, -sc.sin)};
}
template <class T, int N>
INRGENE_HD INRGENE_INLINE Jet<T, N> sin(const Jet<T, N>& x) {
  const auto sc = sincos(x.value);
  return x.chain(sc.sin, sc.cos);
}
template <class T, int N>
INRGENE_HD INRGENE_INLINE Jet<T, N> cos(const Jet<T, N>& x) {
  const auto sc = sincos(x.value);
  return x.chain(sc.cos, -sc.sin);
}
template <class T, int N>
INRGENE_HD INRGENE_INLINE Jet<T, N> exp(const Jet<T, N>& x) {
  const T e = exp(x.value);
  return x.chain(e, e);
}
template <class T, int N>
INRGENE_HD INRGENE_INLINE Jet<T, N> log(const Jet<T, N>& x) {
  return x.chain(log(x.value), T(real_of<T>(1)) / x.value);
}
template <class T, int N>
INRGENE_HD INRGENE_INLINE Jet<T, N> sqrt(const Jet<T, N>& x) {
  const T root = sqrt(x.value);
  return x.chain(root, T(real_of<T>(0.5)) / root);
}
template <class T, int N>
INRGENE_HD INRGENE_INLINE Jet<T, N> abs(const Jet<T, N>& x) {
  return choose(x < real_of<T>(0), -x, x);
}
template <class T, int N>
INRGENE_HD INRGENE_INLINE Jet<T, N> positive_part(const Jet<T, N>& x) {
  return choose(x <= real_of<T>(0), Jet<T, N>(T(real_of<T>(0))), x);
}
template <class T, int N>
INRGENE_HD INRGENE_INLINE Jet<T, N> at_most(const Jet<T, N>& x, real_of<T> bound) {
  return choose(x > bound, Jet<T, N>(T(bound)), x);
}
/// The value as a constant: how a formula says that the gradient of training leaves a factor out.
template <class T, int N>
INRGENE_HD INRGENE_INLINE Jet<T, N> detach(const Jet<T, N>& x) {
  return Jet<T, N>(detach(x.value));
}

}  // namespace inrgene::math
