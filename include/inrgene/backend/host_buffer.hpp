// Aligned, zero-filled host memory for the CPU backends.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace inrgene {

/// `size` elements of a trivial type, aligned to a cache line. Copying copies the elements.
template <class E>
class HostBuffer {
  static_assert(std::is_trivially_copyable_v<E>);

 public:
  static constexpr std::size_t alignment = 64;

  HostBuffer() = default;
  explicit HostBuffer(std::size_t size)
      : size_(size),
        data_(size == 0 ? nullptr
                        : static_cast<E*>(
                              ::operator new (size * sizeof(E), std::align_val_t{alignment}))) {
    std::fill_n(data_.get(), size_, E{});
  }
  HostBuffer(const HostBuffer& other) : HostBuffer(other.size_) {
    std::copy_n(other.data(), size_, data_.get());
  }
  HostBuffer(HostBuffer&& other) noexcept
      : size_(std::exchange(other.size_, 0)), data_(std::move(other.data_)) {}
  HostBuffer& operator=(HostBuffer other) noexcept {
    std::swap(size_, other.size_);
    std::swap(data_, other.data_);
    return *this;
  }
  ~HostBuffer() = default;

  [[nodiscard]] E* data() { return data_.get(); }
  [[nodiscard]] const E* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Release {
    void operator()(E* p) const { ::operator delete (p, std::align_val_t{alignment}); }
  };
  std::size_t size_ = 0;
  std::unique_ptr<E, Release> data_;
};

}  // namespace inrgene
