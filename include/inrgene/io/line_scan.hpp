// Every line of a large text file, once, on all threads, without ever holding the text.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/atomic_file.hpp"
#include "inrgene/io/byte_reader.hpp"

namespace inrgene {

/// How often `wanted` occurs in `words`. Cost: about 50 GB/s out of the cache. (Inlined, GCC 12 no
/// longer makes one vector of the sums.)
[[nodiscard, gnu::noinline]] inline Index count_byte(std::string_view words, char wanted) {
  constexpr std::size_t lanes = 64;
  const char* at = words.data();
  const char* const end = at + words.size();
  Index count = 0;
  while (static_cast<std::size_t>(end - at) >= lanes) {
    // One byte a lane, so that a vector counts 64 at a time; 255 rounds fit into a byte.
    std::array<std::uint8_t, lanes> sums{};
    for (int round = 0; round < 255 && static_cast<std::size_t>(end - at) >= lanes; ++round) {
      for (std::size_t i = 0; i < lanes; ++i) {
        sums[i] = static_cast<std::uint8_t>(sums[i] + (at[i] == wanted ? 1 : 0));
      }
      at += lanes;
    }
    for (const std::uint8_t sum : sums) count += sum;
  }
  for (; at != end; ++at) count += *at == wanted ? 1 : 0;
  return count;
}

namespace detail {

/// A file opened once for reading at any place, by any thread.
class InputFile {
 public:
  /// Throws InputError when the file is missing, a folder or not readable.
  explicit InputFile(std::filesystem::path path) : path_(std::move(path)) {
    open_to_read(descriptor_, path_);
    struct ::stat status {};
    if (::fstat(descriptor_.get(), &status) != 0) refuse_read(path_, system_message(errno));
    if (!S_ISREG(status.st_mode)) return;
    size_ = static_cast<Index>(status.st_size);
    std::array<char, 2> start{};
    plain_ = size_ < 2 || (read_at(0, start.data(), 2), start != std::array{'\x1F', '\x8B'});
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Whether it is an ordinary file that is not gzip-compressed: places in it can be read.
  [[nodiscard]] bool plain() const { return plain_; }
  [[nodiscard]] Index size() const { return size_; }

  /// Reads `size` bytes from `offset` on. Throws InputError when there are fewer. Thread-safe.
  void read_at(Index offset, char* out, std::size_t size) const {
    while (size > 0) {
      const ::ssize_t got = ::pread(descriptor_.get(), out, size, static_cast<::off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) refuse_read(path_, system_message(errno));
      if (got == 0) refuse_change();
      out += got;
      offset += got;
      size -= static_cast<std::size_t>(got);
    }
  }
  [[noreturn]] void refuse_change() const {
    throw InputError({.file = path_.string(),
                      .place = "reading it",
                      .found = "a file that changes meanwhile",
                      .expected = "the file as it was when it was opened"});
  }

 private:
  std::filesystem::path path_;
  Descriptor descriptor_;
  Index size_ = 0;
  bool plain_ = false;
};

}  // namespace detail

/// One line as LineScan hands it out: valid during the visit only.
struct ScannedLine {
  std::string_view words;  ///< without the line's end (LF or CR LF); never empty
  Index offset = 0;        ///< where it begins in the (unpacked) file, in bytes
  bool ended = true;       ///< false: the file ended before the line did
};

/// What a visitor throws about the line it was given; LineScan adds file and line number.
struct BadLine {
  std::string place;  ///< within the line: "field 3"; may be empty
  std::string found;
  std::string expected;
};

/// Passes over the lines of a text file: a plain file in as many contiguous parts as there are
/// workers, a gzip file or a pipe as one stream. Blank lines are accepted at the end only, a UTF-8
/// mark at the beginning is skipped. Memory: a quarter of a megabyte a worker and the longest line.
class LineScan {
 public:
  /// `file` must outlive the scan.
  explicit LineScan(const detail::InputFile& file, Threads threads = {}) : file_(file) {
    if (!file.plain()) return;
    begin_ = text_begin();
    end_ = text_end();
    const Index parts = (end_ - begin_) / smallest_part + 1;
    workers_ = static_cast<int>(std::min<Index>(threads.resolved(), parts));
  }

  /// Number of workers that will visit lines: 0 … workers-1, each its part in order, parts in the
  /// order of the file.
  [[nodiscard]] int workers() const { return workers_; }
  /// Where the text ends in a plain file, blank lines at the end left out.
  [[nodiscard]] Index end() const { return end_; }

  /// Calls `visit(worker, ScannedLine)` for every line; returns their number. A BadLine thrown by
  /// `visit` and a blank line between others become InputErrors with the line's number; the first
  /// one of the file is reported.
  template <class Visit>
  Index each(Visit&& visit) const {
    const auto parts = static_cast<std::size_t>(workers_);
    std::vector<Index> lines(parts, 0);
    std::vector<std::optional<BadLine>> faults(parts);
    run_workers(workers_, [&](int worker) {
      const auto w = static_cast<std::size_t>(worker);
      const auto counted = [&](const ScannedLine& line) {
        visit(worker, line);
        ++lines[w];
      };
      try {
        if (file_.plain()) {
          scan_part(part_begin(worker), part_begin(worker + 1), counted);
        } else {
          scan_stream(counted);
        }
      } catch (BadLine& bad) {
        faults[w] = std::move(bad);
      }
    });
    Index before = 0;
    for (std::size_t w = 0; w < parts; ++w) {
      before += lines[w];
      if (!faults[w]) continue;
      const std::string& place = faults[w]->place;
      throw InputError({.file = file_.path().string(),
                        .place = text("line ", before + 1, place.empty() ? "" : ", ", place),
                        .found = faults[w]->found,
                        .expected = faults[w]->expected});
    }
    return before;
  }

  /// The first line of a plain file, without its end; empty when there is no text.
  [[nodiscard]] std::string first_line() const {
    std::string line;
    if (begin_ >= end_) return line;
    try {
      scan_part(begin_, begin_ + 1, [&](const ScannedLine& first) { line = first.words; });
    } catch (const BadLine&) {
      line.clear();  // a blank line: `each` will say so
    }
    return line;
  }

 private:
  static constexpr Index smallest_part = Index{1} << 20;
  static constexpr std::size_t block = std::size_t{1} << 18U;  // stays in the second cache

  [[nodiscard]] Index part_begin(int worker) const {
    return begin_ + (end_ - begin_) * worker / workers_;
  }
  [[nodiscard]] Index text_begin() const {
    std::array<char, 3> mark{};
    if (file_.size() < 3) return 0;
    file_.read_at(0, mark.data(), mark.size());
    return mark == std::array{'\xEF', '\xBB', '\xBF'} ? 3 : 0;
  }
  [[nodiscard]] Index text_end() const {
    std::array<char, 4096> piece{};
    for (Index end = file_.size(); end > begin_;) {
      const Index size = std::min<Index>(std::ssize(piece), end - begin_);
      file_.read_at(end - size, piece.data(), static_cast<std::size_t>(size));
      for (Index i = size; i > 0; --i, --end) {
        const char last = piece[static_cast<std::size_t>(i - 1)];
        if (last != '\n' && last != '\r') return end;
      }
    }
    return begin_;
  }

  template <class Visit>
  static void hand_out(const char* begin, const char* end, Index offset, bool ended, Visit& visit) {
    if (begin != end && end[-1] == '\r') --end;
    if (begin == end) throw BadLine{"", "a blank line between rows", "no blank lines"};
    visit(ScannedLine{{begin, static_cast<std::size_t>(end - begin)}, offset, ended});
  }

  /// The lines that begin in [begin, end).
  template <class Visit>
  void scan_part(Index begin, Index end, Visit&& visit) const {
    // A part that does not begin the file starts at the first line end at or before its begin.
    bool whole = begin == begin_;
    Index base = whole ? begin : begin - 1;
    std::vector<char> buffer(block);
    for (std::size_t filled = 0;;) {
      const Index next = base + static_cast<Index>(filled);
      const auto wanted = static_cast<std::size_t>(
          std::min<Index>(static_cast<Index>(buffer.size() - filled), end_ - next));
      file_.read_at(next, buffer.data() + filled, wanted);
      filled += wanted;
      const char* at = buffer.data();
      const char* const stop = at + filled;
      const auto offset = [&] { return base + (at - buffer.data()); };
      while (const void* found = std::memchr(at, '\n', static_cast<std::size_t>(stop - at))) {
        const char* const line_end = static_cast<const char*>(found);
        if (offset() >= end) return;
        if (whole) hand_out(at, line_end, offset(), true, visit);
        whole = true;
        at = line_end + 1;
      }
      if (offset() >= end) return;
      if (base + static_cast<Index>(filled) == end_) {
        if (whole) hand_out(at, stop, offset(), end_ < file_.size(), visit);
        return;
      }
      base = offset();
      filled = static_cast<std::size_t>(stop - at);
      std::memmove(buffer.data(), at, filled);
      if (filled == buffer.size()) buffer.resize(2 * buffer.size());
    }
  }

  template <class Visit>
  void scan_stream(Visit& visit) const {
    ByteReader reader(file_.path());
    std::vector<char> buffer(block);
    std::size_t filled = 0;
    Index base = 0;
    bool blank = false;
    for (bool more = true; more;) {
      const std::size_t wanted = buffer.size() - filled;
      const std::size_t got = reader.read(buffer.data() + filled, wanted);
      more = got == wanted;
      filled += got;
      const char* at = buffer.data();
      const char* const stop = at + filled;
      if (base == 0 && filled >= 3 && std::string_view(at, 3) == "\xEF\xBB\xBF") at += 3;
      while (at != stop) {
        const void* found = std::memchr(at, '\n', static_cast<std::size_t>(stop - at));
        if (found == nullptr && more) break;
        const char* const line_end = found == nullptr ? stop : static_cast<const char*>(found);
        const bool empty = line_end == at || (line_end == at + 1 && *at == '\r');
        // A blank line is wrong only when another line follows it.
        if (blank && !empty) throw BadLine{"", "a blank line between rows", "no blank lines"};
        blank = blank || empty;
        if (!empty) {
          hand_out(at, line_end, base + (at - buffer.data()), found != nullptr, visit);
        }
        at = found == nullptr ? stop : line_end + 1;
      }
      base += at - buffer.data();
      filled = static_cast<std::size_t>(stop - at);
      std::memmove(buffer.data(), at, filled);
      if (filled == buffer.size()) buffer.resize(2 * buffer.size());
    }
  }

  const detail::InputFile& file_;
  int workers_ = 1;
  Index begin_ = 0;
  Index end_ = 0;
};

}  // namespace inrgene
