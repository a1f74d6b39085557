// How much memory a piece of work takes from `operator new`, on whatever thread: this executable's
// operators (test_counted_memory.cpp) count. What takes memory by malloc itself is not seen.
#pragma once

#include <cstddef>

namespace inrgene::test {

/// Sanitizers have operators of their own, which cannot be replaced: nothing is counted then, and
/// the test cases are skipped.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define INRGENE_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define INRGENE_SANITIZED
#endif
#if defined(INRGENE_SANITIZED)
inline constexpr bool counts_memory = false;
#else
inline constexpr bool counts_memory = true;
#endif

/// Calls of `operator new`, and the bytes they asked for.
struct Taken {
  long calls = 0;
  std::size_t bytes = 0;
  friend bool operator==(const Taken&, const Taken&) = default;
};

/// Since the program began.
[[nodiscard]] Taken taken_so_far();

[[nodiscard]] inline Taken operator-(const Taken& after, const Taken& before) {
  return {after.calls - before.calls, after.bytes - before.bytes};
}

/// What `work` takes.
template <class Work>
[[nodiscard]] Taken taken_by(Work&& work) {
  const Taken before = taken_so_far();
  work();
  return taken_so_far() - before;
}

}  // namespace inrgene::test
