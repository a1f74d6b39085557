// How the factors of a product lie in memory while the micro-kernel reads them, and what it does
// with them: as they are, or in pairs of bf16.
#pragma once

#include <bit>
#include <cstdint>
#include <utility>

#include "inrgene/backend/cpu/simd.hpp"

namespace inrgene::detail {

/// A format says what sums are made of (`scalar`), what a kernel loads and spreads at a time
/// (`element`) and how many steps of the depth that holds (`steps`).
///
/// Factors as they are.
template <class T>
struct Full {
  using scalar = T;
  using element = T;
  static constexpr Index steps = 1;
  using Sum = typename Simd<T>::type;
  using Vector = typename Simd<T>::type;

  INRGENE_INLINE static Vector spread(T value) { return value - Vector{}; }
  INRGENE_INLINE static void multiply_add(Sum& sum, const Vector& a, const Vector& b) {
    sum += a * b;
  }
};

/// Bits of floats, of which the upper halves are rounded to the nearest bf16, ties to even, and the
/// lower halves are of no meaning. Infinities stay, what is beyond the largest bf16 becomes one, a
/// NaN stays a NaN. Of one float or of a vector.
template <class Bits>
INRGENE_INLINE Bits rounded_to_bf16(const Bits& u) {
  const Bits rounded = u + 0x7fffU + ((u >> 16) & 1U);
  return (u & 0x7fffffffU) > 0x7f800000U ? (u | 0x00400000U) : rounded;
}

/// Two steps of the depth in one element, lane by lane: the first in the lower half.
template <class Bits>
INRGENE_INLINE Bits bf16_pairs(const Bits& first, const Bits& second) {
  return (rounded_to_bf16(first) >> 16) | (rounded_to_bf16(second) & 0xffff0000U);
}

/// These lanes of two vectors, one behind the other.
template <class V, int... Lanes>
INRGENE_INLINE V lanes_of(const V& first, const V& second) {
#if defined(__CUDACC__)
  // nvcc 13 does not expand a pack among the builtin's arguments.
  constexpr int count = sizeof...(Lanes);
  V out{};
  int i = 0;
  ((out[i++] = Lanes < count ? first[Lanes % count] : second[Lanes % count]), ...);
  return out;
#else
  return __builtin_shufflevector(first, second, Lanes...);
#endif
}

#if defined(__AVX512BF16__)
inline constexpr bool has_bf16_instruction = true;
#else
inline constexpr bool has_bf16_instruction = false;
#endif

/// Floats rounded to bf16, those of depth 2k in the low half of an element and those of 2k + 1 in
/// the high half; sums in float. A bf16 is the upper half of a float: 8 bits of exponent, 7 of
/// fraction. The instruction (AVX-512 BF16) and the emulation compute the same two multiplications
/// and additions; the instruction takes subnormal numbers for zero.
template <bool instruction = has_bf16_instruction>
struct Bf16Pairs {
  using scalar = float;
  using element = std::uint32_t;
  static constexpr Index steps = 2;
  using Sum = typename Simd<float>::type;
  using Vector = typename Simd<element>::type;
  using Loose = typename Simd<element>::loose;
  static constexpr Index lanes = Simd<element>::lanes;

  INRGENE_INLINE static Vector spread(element value) { return value - Vector{}; }

  INRGENE_INLINE static void multiply_add(Sum& sum, const Vector& a, const Vector& b) {
    if constexpr (instruction) {
      // The one spelling that both compilers share: their builtins take different types.
      asm("vdpbf16ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
    } else {
      const Vector low_a = a << 16, low_b = b << 16;
      const Vector high_a = a & 0xffff0000U, high_b = b & 0xffff0000U;
      sum += std::bit_cast<Sum>(low_a) * std::bit_cast<Sum>(low_b);
      sum += std::bit_cast<Sum>(high_a) * std::bit_cast<Sum>(high_b);
    }
  }

  /// Rounds `depth` rows of a panel and returns where the next element goes.
  static element* pack(const float* rows, Index depth, element* to) {
    constexpr Index width = 2 * lanes;
    for (Index k = 0; k < depth; k += 2, rows += 2 * width, to += width) {
      for (Index i = 0; i < width; i += lanes) {
        const Vector next = k + 1 < depth ? load(rows + width + i) : Vector{};
        *reinterpret_cast<Vector*>(to + i) = bf16_pairs<Vector>(load(rows + i), next);
      }
    }
    return to;
  }

  /// Rounds numbers that follow one another along the depth.
  static void along_depth(const float* from, Index depth, element* to) {
    Index k = 0;
    for (; k + 2 * lanes <= depth; k += 2 * lanes, to += lanes) {
      const Vector first = load(from + k), second = load(from + k + lanes);
      [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
        *reinterpret_cast<Loose*>(to) =
            bf16_pairs<Vector>(lanes_of<Vector, 2 * I...>(first, second),
                               lanes_of<Vector, (2 * I + 1)...>(first, second));
      }
      (std::make_integer_sequence<int, static_cast<int>(lanes)>{});
    }
    for (; k < depth; k += 2, ++to) *to = pair(from[k], k + 1 < depth ? from[k + 1] : 0.0F);
  }

  /// Rounds `count` numbers, `stride` apart, of one step of the depth and of the next, if any.
  static void across_depth(const float* first, const float* second, Index count, Index stride,
                           element* to) {
    Index j = 0;
    for (; stride == 1 && j + lanes <= count; j += lanes) {
      const Vector next = second != nullptr ? load(second + j) : Vector{};
      *reinterpret_cast<Loose*>(to + j) = bf16_pairs<Vector>(load(first + j), next);
    }
    for (; j < count; ++j) {
      to[j] = pair(first[j * stride], second != nullptr ? second[j * stride] : 0.0F);
    }
  }

  static element pair(float first, float second) {
    return bf16_pairs(std::bit_cast<element>(first), std::bit_cast<element>(second));
  }

 private:
  INRGENE_INLINE static Vector load(const float* from) {
    return *reinterpret_cast<const Loose*>(from);
  }
};

}  // namespace inrgene::detail
