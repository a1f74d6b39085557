// Bytes into a file, in order, packed on the way when the file's name ends in .gz.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/io/atomic_file.hpp"

namespace inrgene {

/// Writes a file piece by piece; it appears under its name at `commit`, whole, or never.
/// Equal bytes in give equal bytes out: the gzip header carries no time and no name.
/// Throws InputError as AtomicFile does.
class ByteWriter {
 public:
  explicit ByteWriter(const std::filesystem::path& target)
      : file_(target), packed_(target.extension() == ".gz") {
    if (!packed_) return;
    // 15 + 16: the largest window, with a gzip header. Level 4: maps hardly shrink beyond it.
    const int code = ::deflateInit2(&stream_, 4, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    if (code != Z_OK) detail::refuse_write(target, "no memory for a gzip stream");
    buffer_.resize(1U << 16U);
  }
  ByteWriter(const ByteWriter&) = delete;
  ByteWriter& operator=(const ByteWriter&) = delete;
  ~ByteWriter() {
    if (packed_) ::deflateEnd(&stream_);
  }

  /// Appends bytes.
  void write(std::string_view bytes) {
    if (!packed_) {
      file_.write(bytes);
      return;
    }
    constexpr std::size_t piece = std::size_t{1} << 30U;  // zlib counts in 32 bits
    while (!bytes.empty()) {
      const std::string_view part = bytes.substr(0, piece);
      pack(part, Z_NO_FLUSH);
      bytes.remove_prefix(part.size());
    }
  }

  /// Ends the file and gives it its name.
  void commit() {
    if (packed_) pack({}, Z_FINISH);
    file_.commit();
  }

 private:
  void pack(std::string_view bytes, int flush) {
    // zlib never writes to its input; its type predates const.
    stream_.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));  // NOLINT
    stream_.avail_in = static_cast<unsigned>(bytes.size());
    int code = Z_OK;
    do {
      stream_.next_out = buffer_.data();
      stream_.avail_out = static_cast<unsigned>(buffer_.size());
      code = ::deflate(&stream_, flush);
      const std::size_t made = buffer_.size() - stream_.avail_out;
      file_.write({reinterpret_cast<const char*>(buffer_.data()), made});
    } while (flush == Z_FINISH ? code != Z_STREAM_END : stream_.avail_out == 0);
  }

  AtomicFile file_;
  bool packed_;
  ::z_stream stream_{};
  std::vector<unsigned char> buffer_;
};

}  // namespace inrgene
