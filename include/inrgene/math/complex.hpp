// A plain complex number over any real number type, jets included. Laid out like std::complex, so
// that an array of one is an array of the other.
#pragma once

#include "inrgene/core/annotations.hpp"
#include "inrgene/math/elementary.hpp"

namespace inrgene::math {

/// re + i·im.
template <class T>
struct Complex {
  using real = real_of<T>;

  T re{};
  T im{};

  INRGENE_HD friend INRGENE_INLINE constexpr Complex operator+(const Complex& a, const Complex& b) {
    return {a.re + b.re, a.im + b.im};
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Complex operator-(const Complex& a, const Complex& b) {
    return {a.re - b.re, a.im - b.im};
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Complex operator*(const Complex& a, const Complex& b) {
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
  }
  INRGENE_HD friend INRGENE_INLINE constexpr Complex operator*(const T& c, const Complex& a) {
    return {c * a.re, c * a.im};
  }
  INRGENE_HD INRGENE_INLINE constexpr Complex& operator+=(const Complex& b) {
    re = re + b.re;
    im = im + b.im;
    return *this;
  }
};

template <class T>
struct RealOf<Complex<T>> {
  using type = real_of<T>;
};

/// |z|², the squared modulus.
template <class T>
INRGENE_HD INRGENE_INLINE constexpr T norm(const Complex<T>& z) {
  return z.re * z.re + z.im * z.im;
}
/// The complex conjugate; a real number is its own.
template <class T>
INRGENE_HD INRGENE_INLINE constexpr Complex<T> conjugate(const Complex<T>& z) {
  return {z.re, -z.im};
}
INRGENE_HD INRGENE_INLINE constexpr float conjugate(float x) {
  return x;
}
INRGENE_HD INRGENE_INLINE constexpr double conjugate(double x) {
  return x;
}

/// e^modulus_exponent · (cos phase + i sin phase).
template <class T>
INRGENE_HD INRGENE_INLINE Complex<T> exp_polar(const T& modulus_exponent, const T& phase) {
  const T modulus = exp(modulus_exponent);
  const auto sc = sincos(phase);
  return {modulus * sc.cos, modulus * sc.sin};
}

/// Whether T is a complex number, and how many reals it holds.
template <class T>
inline constexpr bool is_complex = false;
template <class T>
inline constexpr bool is_complex<Complex<T>> = true;
template <class T>
inline constexpr int components = is_complex<T> ? 2 : 1;

}  // namespace inrgene::math
