#include "inrgene/backend/host_buffer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <utility>

using namespace inrgene;

TEST_CASE("a buffer starts at zero, aligned to a cache line") {
  for (const std::size_t size : {std::size_t{1}, std::size_t{3}, std::size_t{1000}}) {
    HostBuffer<float> buffer(size);
    CHECK(buffer.size() == size);
    CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64 == 0);
    CHECK(std::all_of(buffer.data(), buffer.data() + size, [](float v) { return v == 0; }));
  }
  CHECK(HostBuffer<float>(0).data() == nullptr);
  CHECK(HostBuffer<float>().size() == 0);
}

TEST_CASE("copies are copies and moves leave nothing behind") {
  HostBuffer<double> a(2);
  a.data()[1] = 5;
  HostBuffer<double> copy = a;
  copy.data()[1] = 6;
  CHECK(a.data()[1] == 5);
  HostBuffer<double> moved = std::move(copy);
  CHECK(moved.data()[1] == 6);
  CHECK(copy.size() == 0);  // NOLINT: what a moved-from buffer is, is the question
  a = moved;
  CHECK(a.data()[1] == 6);
  CHECK(a.data() != moved.data());
}
