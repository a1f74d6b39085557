// Operators that count, and that they do.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "inrgene/backend/host_buffer.hpp"
#include "inrgene/core/parallel.hpp"
#include "memory/counted_memory.hpp"

namespace {

std::atomic<long> calls = 0;
std::atomic<std::size_t> bytes = 0;

[[maybe_unused]] void* take(std::size_t size, std::size_t alignment) {
  calls.fetch_add(1, std::memory_order_relaxed);
  bytes.fetch_add(size, std::memory_order_relaxed);
  const std::size_t whole = (size + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, whole == 0 ? alignment : whole);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// Those of arrays, and those that do not throw, call these.
void* operator new(std::size_t size) {
  return take(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return take(size, static_cast<std::size_t>(alignment));
}
// Not inlined: g++ would see free() given what operator new has returned, and warn.
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/,
                                       std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}

inrgene::test::Taken inrgene::test::taken_so_far() {
  return {calls, bytes};
}

TEST_CASE("what is taken is counted, aligned memory and that of other threads too") {
  using namespace inrgene;
  // Calls, since a compiler may leave out an expression whose memory nobody uses.
  CHECK(test::taken_by([] { ::operator delete(::operator new(24)); }) == test::Taken{1, 24});
  CHECK(test::taken_by([] { ::operator delete[](::operator new[](40)); }) == test::Taken{1, 40});
  CHECK(test::taken_by([] { const HostBuffer<float> buffer(100); }) == test::Taken{1, 400});
  const auto on_threads = [](int /*worker*/) { const HostBuffer<double> buffer(8); };
  CHECK(test::taken_by([&] { run_workers(3, on_threads); }) == test::Taken{3, 3 * 64});
  CHECK(test::taken_by([] {}) == test::Taken{});
}
