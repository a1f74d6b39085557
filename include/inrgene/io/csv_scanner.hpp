// Finds the fields of comma-separated text in place: the tables are read with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene::detail {

/// One line of a table, or one that goes on over line ends in quotes.
struct CsvRecord {
  enum class Kind { fields, blank, end };
  Kind kind = Kind::end;
  std::size_t begin = 0;  ///< offset of its first field
  Index line = 0;         ///< line of the file it starts on, from 1
};

/// Walks through the text once. The fields, without separators and quotes, are moved together at
/// the front of the same buffer, so that a field needs only the offset of its end.
class CsvScanner {
 public:
  CsvScanner(std::string& bytes, const std::string& file) : bytes_(bytes), file_(file) {
    const std::string_view start = std::string_view(bytes).substr(0, 3);
    if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF")) {
      refuse("UTF-16 text", "UTF-8 text");
    }
    if (start == "\xEF\xBB\xBF") read_ = 3;
    if (read_ == bytes.size()) refuse("an empty file", "a table with a header line");
  }

  /// Reads the next record and appends, for each field, its end as an offset from the record's
  /// begin. A blank line appends nothing.
  CsvRecord next(std::vector<std::uint32_t>& ends) {
    if (read_ == bytes_.size()) return {};
    const CsvRecord record{CsvRecord::Kind::fields, write_, line_};
    if (line_end() > 0) {
      end_line();
      return {CsvRecord::Kind::blank, record.begin, record.line};
    }
    for (;;) {
      if (read_ < bytes_.size() && bytes_[read_] == '"') {
        quoted_field();
      } else {
        plain_field();
      }
      if (write_ - record.begin > std::numeric_limits<std::uint32_t>::max()) {
        refuse("a row of more than 4 GB", "a shorter row");
      }
      ends.push_back(static_cast<std::uint32_t>(write_ - record.begin));
      if (read_ == bytes_.size()) return record;
      if (bytes_[read_] != ',') break;
      ++read_;
    }
    if (line_end() == 0) {
      if (bytes_[read_] == '\r') refuse("a lone carriage return", "lines that end in LF or CRLF");
      refuse("a character after a closing quote", "a comma or the end of the line");
    }
    end_line();
    return record;
  }

  /// Bytes at the front of the buffer that hold fields.
  [[nodiscard]] std::size_t used() const { return write_; }

 private:
  /// Length of the line end here: 0 (none), 1 (LF) or 2 (CRLF).
  [[nodiscard]] std::size_t line_end() const {
    if (bytes_[read_] == '\n') return 1;
    const bool crlf =
        bytes_[read_] == '\r' && read_ + 1 < bytes_.size() && bytes_[read_ + 1] == '\n';
    return crlf ? 2 : 0;
  }
  void end_line() {
    read_ += line_end();
    ++line_;
  }

  void plain_field() {
    const std::size_t begin = read_;
    std::size_t at = begin;
    const char* const data = bytes_.data();
    for (const std::size_t size = bytes_.size(); at < size; ++at) {
      const char c = data[at];
      if (c == ',' || c == '\n' || c == '\r') break;
      if (c == '"') refuse("a quote inside a field that has none around it", "a quoted field");
    }
    read_ = at;
    std::char_traits<char>::move(bytes_.data() + write_, data + begin, at - begin);
    write_ += at - begin;
  }

  void quoted_field() {
    const Index opened = line_;
    ++read_;
    for (;;) {
      if (read_ == bytes_.size()) {
        line_ = opened;
        refuse("a quote that is never closed", "a closing quote");
      }
      const char c = bytes_[read_++];
      if (c == '"') {
        if (read_ == bytes_.size() || bytes_[read_] != '"') return;
        ++read_;  // a doubled quote stands for one
      }
      if (c == '\n') ++line_;
      bytes_[write_++] = c;
    }
  }

  [[noreturn]] void refuse(std::string found, std::string expected) const {
    throw InputError({.file = file_,
                      .place = text("line ", line_),
                      .found = std::move(found),
                      .expected = std::move(expected)});
  }

  std::string& bytes_;
  const std::string& file_;
  std::size_t read_ = 0;
  std::size_t write_ = 0;
  Index line_ = 1;
};

}  // namespace inrgene::detail
