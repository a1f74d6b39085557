// Vectors of the processor that the program is compiled for, in GNU vector types (g++ and clang++):
// no intrinsics, no dependency. A build without -march=native has 16-byte vectors (SSE2) on x86-64.
#pragma once

#include "inrgene/core/annotations.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene::detail {

#if defined(__AVX512F__)
inline constexpr Index simd_bytes = 64;
inline constexpr const char* simd_name = "AVX-512";
#elif defined(__AVX2__)
inline constexpr Index simd_bytes = 32;
inline constexpr const char* simd_name = "AVX2";
#else
inline constexpr Index simd_bytes = 16;
inline constexpr const char* simd_name = "plain";
#endif

/// A register of T, and the same lying anywhere in memory.
template <class T>
struct Simd {
  static constexpr Index lanes = simd_bytes / static_cast<Index>(sizeof(T));
  // NOLINTBEGIN(modernize-use-using): the attributes of an alias of T are lost in g++
  typedef T type __attribute__((vector_size(simd_bytes)));
  typedef T loose __attribute__((vector_size(simd_bytes), aligned(alignof(T)), may_alias));
  // NOLINTEND(modernize-use-using)
};

/// The block of a product that stays in registers: two vectors of features for some samples, as
/// many as leave room for two vectors of weights and one spread value among 32 registers (AVX-512)
/// or 16.
template <class T>
struct KernelShape {
  static constexpr Index features = 2 * Simd<T>::lanes;
  static constexpr Index samples = simd_bytes == 64 ? 14 : 6;
};

}  // namespace inrgene::detail
