// The one file with macros: marks functions that a CUDA compiler builds for both sides.
#pragma once

#if defined(__CUDACC__)
#define INRGENE_HD __host__ __device__
#else
#define INRGENE_HD
#endif

#if defined(__GNUC__) || defined(__clang__)
#define INRGENE_INLINE inline __attribute__((always_inline))
#define INRGENE_RESTRICT __restrict__
#else
#define INRGENE_INLINE inline
#define INRGENE_RESTRICT
#endif
