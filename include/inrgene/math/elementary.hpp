// Elementary functions for formulas that are written once and run as scalars, in vectorised loops,
// under differentiation and on a device. Call them qualified: `math::sin(z)`.
//
// The float versions are branch-free polynomials, so that a compiler vectorises any loop they
// stand in; the double versions are the C library's.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "inrgene/core/annotations.hpp"

namespace inrgene::math {

/// Sine and cosine of one angle.
template <class T>
struct SinCos {
  T sin, cos;
};

/// An angle in [-π/4, π/4] and the quadrant it was taken from (its two low bits).
struct ReducedAngle {
  float angle;
  std::uint32_t quadrant;
};

/// x - k π/2 with k the nearest integer. Adding 1.5 · 2^m rounds to an integer and leaves it in the
/// low bits of the sum: no conversion that could overflow, no call, no branch.
INRGENE_HD INRGENE_INLINE ReducedAngle reduced_angle(float x) {
#if defined(__FMA__) || defined(__FP_FAST_FMAF)
  // π/2 in three floats; a fused multiply-add rounds once, so that k times each is exact.
  const float shifted = std::fma(x, 0.636619772F, 12582912.0F);
  const float k = shifted - 12582912.0F;
  const float first = std::fma(k, -1.57079637F, x);
  const float second = std::fma(k, 4.37113883e-8F, first);
  return {std::fma(k, 1.71512451e-15F, second), std::bit_cast<std::uint32_t>(shifted)};
#else
  const double wide = static_cast<double>(x);
  const double shifted = wide * 0.63661977236758134308 + 6755399441055744.0;
  const double k = shifted - 6755399441055744.0;
  // π/2 in two parts, the first with 33 significant bits: k times it is exact for k < 2^20.
  return {static_cast<float>((wide - k * 1.57079632673412561417) - k * 6.07710050650619224932e-11),
          static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(shifted))};
#endif
}

/// sin x and cos x. Absolute error at most 1e-7 for |x| ≤ 1e6 rad; from about 4e6 on, where a float
/// hardly resolves an angle, the result means nothing and may leave [-1, 1]. NaN for NaN and ±inf.
/// Reduction to [-π/4, π/4] with fused multiply-adds or, without them, in double; then the minimax
/// polynomials of degree 7 and 8 (the coefficients are Cephes', S. Moshier 1992).
INRGENE_HD INRGENE_INLINE SinCos<float> sincos(float x) {
  const auto [r, quadrant] = reduced_angle(x);
  const float r2 = r * r;
  const float s =
      r + r * r2 * (-1.6666654611e-1F + r2 * (8.3321608736e-3F + r2 * -1.9515295891e-4F));
  const float c =
      1.0F - 0.5F * r2 +
      r2 * r2 *
          (4.166664568298827e-2F + r2 * (-1.388731625493765e-3F + r2 * 2.443315711809948e-5F));
  // Odd quadrants swap the two; the sign goes in as the sign bit.
  const std::uint32_t swap = 0U - (quadrant & 1U);
  const auto bits_s = std::bit_cast<std::uint32_t>(s);
  const auto bits_c = std::bit_cast<std::uint32_t>(c);
  const std::uint32_t sine = (bits_c & swap) | (bits_s & ~swap);
  const std::uint32_t cosine = (bits_s & swap) | (bits_c & ~swap);
  return {std::bit_cast<float>(sine ^ ((quadrant & 2U) << 30U)),
          std::bit_cast<float>(cosine ^ (((quadrant + 1U) & 2U) << 30U))};
}

INRGENE_HD INRGENE_INLINE SinCos<double> sincos(double x) {
  return {std::sin(x), std::cos(x)};
}

INRGENE_HD INRGENE_INLINE float sin(float x) {
  return sincos(x).sin;
}
INRGENE_HD INRGENE_INLINE float cos(float x) {
  return sincos(x).cos;
}
INRGENE_HD INRGENE_INLINE double sin(double x) {
  return std::sin(x);
}
INRGENE_HD INRGENE_INLINE double cos(double x) {
  return std::cos(x);
}

/// e^x. Relative error at most 2e-7; 0 below -87, where the result would be subnormal, +inf above
/// 88.72; NaN for NaN.
INRGENE_HD INRGENE_INLINE float exp(float x) {
  const float low = -87.0F;
  const float high = 88.7228F;
  const float bounded = x < low ? low : (x > high ? high : x);
  // Adding 1.5 · 2^23 rounds to an integer and leaves it in the low bits of the sum.
  const float shifted = bounded * 1.44269504088896341F + 12582912.0F;
  const float k = shifted - 12582912.0F;
  const float r = (bounded - k * 0.693359375F) + k * 2.12194440e-4F;
  const float p =
      1.0F + r +
      r * r *
          (0.5F +
           r * (1.6666665459e-1F +
                r * (4.1665795894e-2F +
                     r * (8.3334519073e-3F + r * (1.3981999507e-3F + r * 1.9875691500e-4F)))));
  // 2^k in two factors: k = 128 is no finite float by itself.
  const auto bits = std::bit_cast<std::uint32_t>(shifted) - 0x4B400000U;
  const auto half = static_cast<std::uint32_t>(static_cast<std::int32_t>(bits) >> 1);
  const float scale_a = std::bit_cast<float>((half + 127U) << 23U);
  const float scale_b = std::bit_cast<float>((bits - half + 127U) << 23U);
  const float value = p * scale_a * scale_b;
  const float above = x > high ? INFINITY : value;
  return x < low ? 0.0F : above;
}
INRGENE_HD INRGENE_INLINE double exp(double x) {
  return std::exp(x);
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
