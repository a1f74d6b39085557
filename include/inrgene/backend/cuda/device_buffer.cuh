// Memory of a GPU, taken and given back in the order of the work that uses it.
#pragma once

#include <cstddef>
#include <thread>
#include <type_traits>
#include <utility>

#include "inrgene/backend/cuda/check.cuh"
#include "inrgene/core/types.hpp"

namespace inrgene {

/// `size` zero-filled elements of a trivial type on the device that is this thread's when they are
/// asked for. Throws UnavailableError where there is no device or no memory left.
template <class E>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<E>);

 public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(std::size_t size) : size_(size) {
    if (size == 0) return;
    const std::size_t bytes = size * sizeof(E);
    void* memory = nullptr;
    detail::check_cuda(cudaMallocAsync(&memory, bytes, detail::work_stream()),
                       text("asking for ", bytes, " bytes"));
    data_ = static_cast<E*>(memory);
    const cudaError_t filled = cudaMemsetAsync(memory, 0, bytes, detail::work_stream());
    if (filled != cudaSuccess) {
      release();
      detail::check_cuda(filled, text("clearing ", bytes, " bytes"));
    }
  }
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : size_(std::exchange(other.size_, 0)),
        data_(std::exchange(other.data_, nullptr)),
        thread_(other.thread_) {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    if (this != &other) {
      release();
      size_ = std::exchange(other.size_, 0);
      data_ = std::exchange(other.data_, nullptr);
      thread_ = other.thread_;
    }
    return *this;
  }
  ~DeviceBuffer() { release(); }

  [[nodiscard]] E* data() { return data_; }
  [[nodiscard]] const E* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  void release() noexcept {
    if (data_ == nullptr) return;
    // Another thread's stream does not wait for the work of the one that used the memory.
    if (thread_ != std::this_thread::get_id()) cudaDeviceSynchronize();
    // A destructor cannot say what it is told; a broken device tells every later call.
    cudaFreeAsync(data_, detail::work_stream());
    data_ = nullptr;
    size_ = 0;
  }

  std::size_t size_ = 0;
  E* data_ = nullptr;
  std::thread::id thread_ = std::this_thread::get_id();
};

namespace detail {

/// Room that grows as asked for and is kept. What lay in it is lost when it grows.
class DeviceRoom {
 public:
  template <class E>
  [[nodiscard]] E* reserve(Index count) {
    const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(E);
    if (memory_.size() < bytes) {
      memory_ = DeviceBuffer<std::byte>();
      memory_ = DeviceBuffer<std::byte>(bytes);
    }
    return reinterpret_cast<E*>(memory_.data());
  }

 private:
  DeviceBuffer<std::byte> memory_;
};

}  // namespace detail

}  // namespace inrgene
