// Bytes of a file, in order, unpacked on the way when the file is gzip-compressed.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>

#include "inrgene/core/error.hpp"
#include "inrgene/io/atomic_file.hpp"

namespace inrgene {

/// Reads a plain or gzip file (told apart by its first two bytes) piece by piece.
/// Throws InputError when the file is missing, a folder, not readable, or gzip that is cut short
/// or damaged.
class ByteReader {
 public:
  explicit ByteReader(std::filesystem::path path) : path_(std::move(path)) {
    detail::Descriptor descriptor;
    detail::open_to_read(descriptor, path_);
    stream_ = ::gzdopen(descriptor.get(), "rb");
    if (stream_ == nullptr) detail::refuse_read(path_, "no memory for a gzip stream");
    descriptor.release();
    ::gzbuffer(stream_, 1U << 17U);
  }
  ByteReader(const ByteReader&) = delete;
  ByteReader& operator=(const ByteReader&) = delete;
  ~ByteReader() { ::gzclose(stream_); }

  /// Fills up to `size` bytes at `out`; returns how many there were: fewer only at the end.
  std::size_t read(char* out, std::size_t size) {
    std::size_t filled = 0;
    while (filled < size) {
      const auto piece =
          static_cast<unsigned>(std::min<std::size_t>(size - filled, std::size_t{1} << 30U));
      const int got = ::gzread(stream_, out + filled, piece);
      if (got <= 0) break;
      filled += static_cast<std::size_t>(got);
    }
    if (filled < size) refuse_damage();
    return filled;
  }

  /// All bytes that are left; memory grows as they arrive, never by what a header claims.
  [[nodiscard]] std::string read_rest() {
    std::string bytes;
    for (std::size_t filled = 0;;) {
      bytes.resize(std::max(bytes.capacity(), filled + 65536));
      const std::size_t wanted = bytes.size() - filled;
      const std::size_t got = read(bytes.data() + filled, wanted);
      filled += got;
      if (got < wanted) {
        bytes.resize(filled);
        return bytes;
      }
    }
  }

 private:
  void refuse_damage() {
    int code = Z_OK;
    const char* message = ::gzerror(stream_, &code);
    if (code == Z_OK || code == Z_STREAM_END) return;
    if (code == Z_ERRNO) detail::refuse_read(path_, detail::system_message(errno));
    throw InputError({.file = path_.string(),
                      .place = "gzip data",
                      .found = code == Z_BUF_ERROR ? "a file that ends too early"
                                                   : std::string("damage: ") + message,
                      .expected = "a whole gzip file"});
  }

  std::filesystem::path path_;
  ::gzFile stream_ = nullptr;
};

}  // namespace inrgene
