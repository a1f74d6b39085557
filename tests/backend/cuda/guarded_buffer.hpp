// Memory that plays a device's: the host can touch it while an operation of the backend runs, and
// ends in a fault when it does at any other time. Linux only, as the tests are.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace inrgene::test {

/// The one stretch of address space that all guarded buffers lie in.
class DeviceArena {
 public:
  static DeviceArena& instance() {
    static DeviceArena arena;
    return arena;
  }
  DeviceArena(const DeviceArena&) = delete;
  DeviceArena& operator=(const DeviceArena&) = delete;
  ~DeviceArena() { munmap(begin_, capacity); }

  /// Zero-filled.
  void* take(std::size_t bytes) {
    const std::size_t rounded = (bytes + 255) / 256 * 256;
    if (rounded > capacity - used_) throw std::bad_alloc();
    void* out = begin_ + used_;
    used_ += rounded;
    ++buffers_;
    if (opened_ > 0) protect(PROT_READ | PROT_WRITE);
    return out;
  }
  /// Memory is used anew when nothing of it is in use.
  void give_back() {
    if (--buffers_ > 0) return;
    madvise(begin_, capacity, MADV_DONTNEED);
    used_ = 0;
  }
  void open() {
    if (opened_++ == 0) protect(PROT_READ | PROT_WRITE);
  }
  void close() {
    if (--opened_ == 0) protect(PROT_NONE);
  }

 private:
  static constexpr std::size_t capacity = std::size_t{4} << 30;

  DeviceArena()
      : begin_(static_cast<std::byte*>(mmap(nullptr, capacity, PROT_NONE,
                                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))) {
    if (begin_ == MAP_FAILED) throw std::bad_alloc();
  }
  void protect(int how) const {
    if (used_ > 0 && mprotect(begin_, used_, how) != 0) throw std::bad_alloc();
  }

  std::byte* begin_;
  std::size_t used_ = 0;
  long buffers_ = 0;
  int opened_ = 0;
};

/// The host may touch guarded memory while one of these lives.
class OnDevice {
 public:
  OnDevice() { DeviceArena::instance().open(); }
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;
  ~OnDevice() { DeviceArena::instance().close(); }
};

/// `size` elements of guarded memory; as little can be done with it as with a device's.
template <class E>
class GuardedBuffer {
  static_assert(std::is_trivially_copyable_v<E>);

 public:
  GuardedBuffer() = default;
  explicit GuardedBuffer(std::size_t size)
      : size_(size),
        data_(size == 0 ? nullptr
                        : static_cast<E*>(DeviceArena::instance().take(size * sizeof(E)))) {}
  GuardedBuffer(GuardedBuffer&& other) noexcept
      : size_(std::exchange(other.size_, 0)), data_(std::exchange(other.data_, nullptr)) {}
  GuardedBuffer& operator=(GuardedBuffer&& other) noexcept {
    std::swap(size_, other.size_);
    std::swap(data_, other.data_);
    return *this;
  }
  ~GuardedBuffer() {
    if (data_ != nullptr) DeviceArena::instance().give_back();
  }

  [[nodiscard]] E* data() { return data_; }
  [[nodiscard]] const E* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
  E* data_ = nullptr;
};

}  // namespace inrgene::test
