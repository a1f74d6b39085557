// Sine and cosine as branch-free polynomials, so that a compiler vectorises any loop they stand in.
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
template <class T, class Bits>
struct ReducedAngle {
  T angle;
  Bits quadrant;
};

/// The polynomials' values for a reduced angle, put in the quadrant's place: an odd one swaps the
/// two, and signs go in as the sign bit.
template <class T, class Bits>
INRGENE_HD INRGENE_INLINE SinCos<T> in_quadrant(const SinCos<T>& reduced, Bits quadrant) {
  constexpr int to_sign = 8 * static_cast<int>(sizeof(T)) - 2;
  const Bits swap = Bits{0} - (quadrant & 1U);
  const auto s = std::bit_cast<Bits>(reduced.sin);
  const auto c = std::bit_cast<Bits>(reduced.cos);
  const Bits sine = (c & swap) | (s & ~swap);
  const Bits cosine = (s & swap) | (c & ~swap);
  return {std::bit_cast<T>(sine ^ ((quadrant & 2U) << to_sign)),
          std::bit_cast<T>(cosine ^ (((quadrant + 1U) & 2U) << to_sign))};
}

/// x - k π/2 with k the nearest integer. Adding 1.5 · 2^m rounds to an integer and leaves it in the
/// low bits of the sum: no conversion that could overflow, no call, no branch.
INRGENE_HD INRGENE_INLINE ReducedAngle<float, std::uint32_t> reduced_angle(float x) {
#if defined(__FMA__) || defined(__FP_FAST_FMAF) || defined(__CUDA_ARCH__)
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
  return in_quadrant(SinCos<float>{s, c}, quadrant);
}

#if defined(__FMA__) || defined(__FP_FAST_FMA) || defined(__CUDA_ARCH__)
/// The same in double: π/2 in two doubles. The first difference is exact, the second rounds once.
INRGENE_HD INRGENE_INLINE ReducedAngle<double, std::uint64_t> reduced_angle(double x) {
  const double shifted = std::fma(x, 0.63661977236758134308, 6755399441055744.0);
  const double k = shifted - 6755399441055744.0;
  const double first = std::fma(k, -1.57079632679489661923, x);
  return {std::fma(k, -6.12323399573676588613e-17, first), std::bit_cast<std::uint64_t>(shifted)};
}

/// sin x and cos x. Absolute error at most 3e-16 for |x| ≤ 1e12 rad; from about 1e15 on, where a
/// double hardly resolves an angle, the result means nothing and may leave [-1, 1]. NaN for NaN and
/// ±inf. As in float, with polynomials of degree 13 and 14 (the coefficients are Cephes' too).
INRGENE_HD INRGENE_INLINE SinCos<double> sincos(double x) {
  const auto [r, quadrant] = reduced_angle(x);
  const double r2 = r * r;
  const double s =
      r +
      r * r2 *
          (-1.66666666666666307295e-1 +
           r2 * (8.33333333332211858878e-3 +
                 r2 * (-1.98412698295895385996e-4 +
                       r2 * (2.75573136213857245213e-6 + r2 * (-2.50507477628578072866e-8 +
                                                               r2 * 1.58962301576546568060e-10)))));
  const double c =
      1.0 - 0.5 * r2 +
      r2 * r2 *
          (4.16666666666665929218e-2 +
           r2 *
               (-1.38888888888730564116e-3 +
                r2 * (2.48015872888517045348e-5 +
                      r2 * (-2.75573141792967388112e-7 +
                            r2 * (2.08757008419747316778e-9 + r2 * -1.13585365213876817300e-11)))));
  return in_quadrant(SinCos<double>{s, c}, quadrant);
}
#else
/// Without fused multiply-adds an angle is not reduced well enough in double: the C library's.
INRGENE_HD INRGENE_INLINE SinCos<double> sincos(double x) {
  return {std::sin(x), std::cos(x)};
}
#endif

INRGENE_HD INRGENE_INLINE float sin(float x) {
  return sincos(x).sin;
}
INRGENE_HD INRGENE_INLINE float cos(float x) {
  return sincos(x).cos;
}
INRGENE_HD INRGENE_INLINE double sin(double x) {
  return sincos(x).sin;
}
INRGENE_HD INRGENE_INLINE double cos(double x) {
  return sincos(x).cos;
}

}  // namespace inrgene::math
