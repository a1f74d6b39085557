// How much memory a piece of work takes from `operator new`, on whatever thread: this executable's
// operators (test_counted_memory.cpp) count. What takes memory by malloc itself is not seen.
// Sanitizers have operators of their own, which cannot be replaced: tests/CMakeLists.txt leaves the
// folder out.
#pragma once

#include <cstddef>

namespace inrgene::test {

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
