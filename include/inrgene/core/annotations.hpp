// The one file with macros: marks functions for the compiler (host and device, hot and cold).
#pragma once

#if defined(__CUDACC__)
#define INRGENE_HD __host__ __device__
#else
#define INRGENE_HD
#endif

#if defined(__GNUC__) || defined(__clang__)
#define INRGENE_INLINE inline __attribute__((always_inline))
// Rarely called (messages): kept out of the callers and built for size, which saves compile time.
#define INRGENE_COLD __attribute__((noinline, cold))
#else
#define INRGENE_INLINE inline
#define INRGENE_COLD
#endif
