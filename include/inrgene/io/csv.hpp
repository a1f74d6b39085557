// Comma-separated tables with a header line (RFC 4180), read lean and strict, written exactly.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/atomic_file.hpp"
#include "inrgene/io/byte_reader.hpp"
#include "inrgene/io/byte_writer.hpp"
#include "inrgene/io/csv_scanner.hpp"
#include "inrgene/io/number_text.hpp"

namespace inrgene {

/// A table as text: one buffer with the file's bytes and four bytes of bookkeeping a cell.
/// Rows and columns count from 0 without the header. Views live as long as the table stays where
/// it is.
class CsvTable {
 public:
  /// Splits `bytes` (the content of `file`). Throws InputError with the line for: no header,
  /// duplicate column names, a row with more or fewer fields than the header, a quote that never
  /// ends or stands inside a field, a lone carriage return, UTF-16. Cost: one pass.
  CsvTable(std::string bytes, std::string file);

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::vector<std::string>& header() const { return header_; }
  [[nodiscard]] Index rows() const { return static_cast<Index>(row_begin_.size()); }
  [[nodiscard]] Index columns() const { return static_cast<Index>(header_.size()); }
  /// The line of the file, from 1, on which the row starts.
  [[nodiscard]] Index line(Index row) const { return row_line_[checked_row(row)]; }

  /// Text of a cell, quotes undone.
  [[nodiscard]] std::string_view cell(Index row, Index column) const {
    const std::size_t r = checked_row(row);
    require(column >= 0 && column < columns(), "column", column, "a column of the table");
    const std::size_t c = r * header_.size() + static_cast<std::size_t>(column);
    const std::size_t begin = column == 0 ? 0 : cell_end_[c - 1];
    return std::string_view(bytes_).substr(row_begin_[r] + begin, cell_end_[c] - begin);
  }

  /// Whether the header has this name.
  [[nodiscard]] bool has(std::string_view name) const { return find(name) < columns(); }
  /// The column of this name. Throws InputError that lists the header when there is none.
  [[nodiscard]] Index column(std::string_view name) const;

  /// The cell as a number; a missing value (empty, `nan`, `NaN`, `NA`) is NaN. Throws InputError
  /// with line and column for text, trailing characters and infinities.
  [[nodiscard]] double number(Index row, Index column) const {
    const std::string_view words = cell(row, column);
    if (const auto value = parse_number(words)) return *value;
    refuse(row, column, in_quotes(words), "a number");
  }
  /// As `number`, but a missing value is an InputError too.
  [[nodiscard]] double finite(Index row, Index column) const {
    const double value = number(row, column);
    if (std::isnan(value)) refuse(row, column, missing_text(row, column), "a finite number");
    return value;
  }
  /// The cell as a whole number, written as `4` or `4.0`; anything else is an InputError.
  [[nodiscard]] Index integer(Index row, Index column) const {
    const std::string_view words = cell(row, column);
    std::int64_t whole = 0;
    const auto parsed = std::from_chars(words.data(), words.data() + words.size(), whole);
    if (parsed.ec == std::errc() && parsed.ptr == words.data() + words.size()) return whole;
    const auto value = parse_number(words);
    // Beyond 2^53 a double no longer tells neighbouring whole numbers apart.
    if (value && std::abs(*value) <= 0x1p53 && std::trunc(*value) == *value) {
      return static_cast<Index>(*value);
    }
    refuse(row, column, missing_text(row, column), "a whole number");
  }

  /// "line 7, column 'mni_x'": the place of a cell for messages.
  [[nodiscard]] std::string place(Index row, Index column) const {
    return text("line ", line(row), ", column ",
                in_quotes(header_.at(static_cast<std::size_t>(column))));
  }
  /// Throws InputError for a cell that its user cannot accept.
  [[noreturn]] void refuse(Index row, Index column, std::string found, std::string expected) const {
    throw InputError({.file = file_,
                      .place = place(row, column),
                      .found = std::move(found),
                      .expected = std::move(expected)});
  }

 private:
  [[nodiscard]] std::size_t checked_row(Index row) const {
    require(row >= 0 && row < rows(), "row", row, "a row of the table");
    return static_cast<std::size_t>(row);
  }
  [[nodiscard]] std::string missing_text(Index row, Index column) const {
    const std::string_view words = cell(row, column);
    return words.empty() ? "an empty cell" : in_quotes(words);
  }
  [[nodiscard]] Index find(std::string_view name) const;
  void read_header(detail::CsvScanner& scanner);
  void read_rows(detail::CsvScanner& scanner);

  std::string file_;
  std::string bytes_;
  std::vector<std::string> header_;
  std::vector<Index> by_name_;           // columns in the order of their names
  std::vector<std::size_t> row_begin_;   // offset in bytes_
  std::vector<Index> row_line_;          // line in the file
  std::vector<std::uint32_t> cell_end_;  // offset from the row's begin
};

inline CsvTable::CsvTable(std::string bytes, std::string file)
    : file_(std::move(file)), bytes_(std::move(bytes)) {
  detail::CsvScanner scanner(bytes_, file_);
  read_header(scanner);
  read_rows(scanner);
  // What the quotes and line ends took is free again; a copy of a large table is not worth it.
  bytes_.resize(scanner.used());
}

inline void CsvTable::read_header(detail::CsvScanner& scanner) {
  std::vector<std::uint32_t> ends;
  const detail::CsvRecord record = scanner.next(ends);
  if (record.kind == detail::CsvRecord::Kind::blank) {
    throw InputError({.file = file_,
                      .place = "line 1",
                      .found = "a blank line",
                      .expected = "a header line with column names"});
  }
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    header_.emplace_back(bytes_.substr(record.begin + begin, end - begin));
    begin = end;
  }
  for (Index c = 0; c < columns(); ++c) by_name_.push_back(c);
  const auto name = [this](Index c) -> const std::string& {
    return header_[static_cast<std::size_t>(c)];
  };
  std::stable_sort(by_name_.begin(), by_name_.end(),
                   [&](Index a, Index b) { return name(a) < name(b); });
  const auto twice = std::adjacent_find(by_name_.begin(), by_name_.end(),
                                        [&](Index a, Index b) { return name(a) == name(b); });
  if (twice != by_name_.end()) {
    throw InputError({.file = file_,
                      .place = "line 1",
                      .found = text("the column name ", in_quotes(name(*twice)), " in columns ",
                                    *twice + 1, " and ", *(twice + 1) + 1),
                      .expected = "each column name once"});
  }
}

inline void CsvTable::read_rows(detail::CsvScanner& scanner) {
  std::vector<Index> blank_lines;
  for (;;) {
    const std::size_t cells = cell_end_.size();
    const detail::CsvRecord record = scanner.next(cell_end_);
    if (record.kind == detail::CsvRecord::Kind::end) return;
    if (record.kind == detail::CsvRecord::Kind::blank) {
      blank_lines.push_back(record.line);  // harmless at the end of the file only
      continue;
    }
    if (!blank_lines.empty()) {
      throw InputError({.file = file_,
                        .place = text("line ", blank_lines.front()),
                        .found = "a blank line between rows",
                        .expected = text(columns(), " fields")});
    }
    if (const std::size_t fields = cell_end_.size() - cells; fields != header_.size()) {
      throw InputError({.file = file_,
                        .place = text("line ", record.line),
                        .found = text(fields, fields == 1 ? " field" : " fields"),
                        .expected = text(columns(), " as in the header")});
    }
    row_begin_.push_back(record.begin);
    row_line_.push_back(record.line);
  }
}

inline Index CsvTable::find(std::string_view name) const {
  const auto at = std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                   [this](Index c, std::string_view wanted) {
                                     return header_[static_cast<std::size_t>(c)] < wanted;
                                   });
  const bool there = at != by_name_.end() && header_[static_cast<std::size_t>(*at)] == name;
  return there ? *at : columns();
}

inline Index CsvTable::column(std::string_view name) const {
  if (const Index c = find(name); c < columns()) return c;
  constexpr std::size_t listed = 12;
  std::string found = "the columns ";
  for (std::size_t c = 0; c < std::min(listed, header_.size()); ++c) {
    found += (c == 0 ? "" : ", ") + in_quotes(header_[c]);
  }
  if (header_.size() > listed) found += text(", … (", header_.size(), " in all)");
  throw InputError({.file = file_,
                    .place = "header",
                    .found = std::move(found),
                    .expected = text("a column ", in_quotes(name))});
}

/// Reads a CSV file, plain or gzip-compressed (told by its first bytes, not by its name).
/// Throws InputError as CsvTable and ByteReader do.
[[nodiscard]] inline CsvTable read_csv(const std::filesystem::path& path) {
  return {ByteReader(path).read_rest(), path.string()};
}

namespace detail {

/// Appends a text field, in quotes when it must be.
inline void append_csv_text(std::string& out, std::string_view words) {
  if (words.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += words;
    return;
  }
  out += '"';
  for (const char c : words) {
    if (c == '"') out += c;
    out += c;
  }
  out += '"';
}

}  // namespace detail

/// Collects a table and writes it whole. Lines end in LF; a text field is quoted when it must be.
class CsvWriter {
 public:
  CsvWriter& field(std::string_view words) {
    begin_field();
    detail::append_csv_text(out_, words);
    return *this;
  }
  /// The shortest text that reads back to the same double; NaN as `nan`. Throws NumericalError for
  /// an infinity, which no reader of ours accepts.
  template <std::floating_point T>
  CsvWriter& field(T value) {
    if (std::isinf(value)) {
      throw NumericalError(text("csv field ", fields_ + 1, " of row ", rows_ + 1, ": found ", value,
                                ", expected a finite number or NaN"));
    }
    begin_field();
    append_number(out_, static_cast<double>(value));
    return *this;
  }
  template <std::integral T>
  CsvWriter& field(T value) {
    begin_field();
    out_ += std::to_string(value);
    return *this;
  }
  /// Ends the row. Throws ArgumentError when its number of fields is not the first row's.
  CsvWriter& end_row() {
    if (rows_ == 0) columns_ = fields_;
    if (fields_ != columns_ || fields_ == 0) {
      require(false, text("fields in row ", rows_ + 1), fields_,
              columns_ > 0 ? text(columns_, " as in the first row") : "at least one");
    }
    // A lone empty field would be a blank line, which readers skip.
    if (out_.size() == row_begin_) out_ += "\"\"";
    out_ += '\n';
    row_begin_ = out_.size();
    fields_ = 0;
    ++rows_;
    return *this;
  }
  /// A whole row: `row("APOE", 0.5, 7)`.
  template <class... Fields>
  CsvWriter& row(const Fields&... fields) {
    (field(fields), ...);
    return end_row();
  }

  /// The table so far.
  [[nodiscard]] const std::string& str() const { return out_; }
  /// Writes the file whole or not at all, gzip-compressed when its name ends in .gz; InputError
  /// as write_file.
  void write(const std::filesystem::path& path) const {
    require(fields_ == 0, "fields of an unfinished row", fields_, "0");
    if (path.extension() == ".gz") {
      ByteWriter writer(path);
      writer.write(out_);
      writer.commit();
    } else {
      write_file(path, out_);
    }
  }

 private:
  void begin_field() {
    if (fields_++ > 0) out_ += ',';
  }

  std::string out_;
  std::size_t row_begin_ = 0;
  Index fields_ = 0;
  Index columns_ = 0;
  Index rows_ = 0;
};

}  // namespace inrgene
