// e^x as branch-free polynomials, so that a compiler vectorises any loop they stand in, which it
// cannot do with the C library's function.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "inrgene/core/annotations.hpp"

namespace inrgene::math {

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
/// e^x. Relative error at most 4e-16; 0 below -708, where the result would be subnormal, +inf above
/// 709.78; NaN for NaN.
/// x = k ln 2 + r with |r| ≤ ln 2 / 2, ln 2 in two parts, and the Taylor polynomial of degree 13
/// (its remainder is below 5e-18 there).
INRGENE_HD INRGENE_INLINE double exp(double x) {
  const double low = -708.0;
  const double high = 709.782712893384;
  const double bounded = x < low ? low : (x > high ? high : x);
  // Adding 1.5 · 2^52 rounds to an integer and leaves it in the low bits of the sum.
  const double shifted = bounded * 1.44269504088896340736 + 6755399441055744.0;
  const double k = shifted - 6755399441055744.0;
  // The first part has 32 significant bits: k times it is exact.
  const double r = (bounded - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10;
  const double q =
      1.0 / 2 +
      r * (1.0 / 6 +
           r * (1.0 / 24 +
                r * (1.0 / 120 +
                     r * (1.0 / 720 +
                          r * (1.0 / 5040 +
                               r * (1.0 / 40320 +
                                    r * (1.0 / 362880 +
                                         r * (1.0 / 3628800 +
                                              r * (1.0 / 39916800 +
                                                   r * (1.0 / 479001600 +
                                                        r * (1.0 / 6227020800.0)))))))))));
  const double p = 1.0 + (r + r * r * q);
  // 2^k in two factors: k = 1024 is no finite double by itself.
  const auto bits = std::bit_cast<std::uint64_t>(shifted) - 0x4338000000000000ULL;
  const auto half = static_cast<std::uint64_t>(static_cast<std::int64_t>(bits) >> 1);
  const double scale_a = std::bit_cast<double>((half + 1023U) << 52U);
  const double scale_b = std::bit_cast<double>((bits - half + 1023U) << 52U);
  const double value = p * scale_a * scale_b;
  const double above = x > high ? std::numeric_limits<double>::infinity() : value;
  return x < low ? 0.0 : above;
}

}  // namespace inrgene::math
