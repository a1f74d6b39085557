// Tables that are too large to collect: written row by row, formatted on all threads.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/byte_writer.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/number_text.hpp"

namespace inrgene {

/// The row of a TableStream that is being written: its fields from left to right.
class RowText {
 public:
  RowText& field(std::string_view words) {
    begin_field();
    detail::append_csv_text(out_, words);
    return *this;
  }
  /// The shortest text that reads back to the same number; NaN as `nan`. Throws NumericalError that
  /// names the column for an infinity, which no reader of ours accepts.
  template <std::floating_point T>
  RowText& field(T value) {
    if (std::isinf(value)) refuse(value);
    begin_field();
    append_number(out_, static_cast<double>(value));
    return *this;
  }
  template <std::integral T>
  RowText& field(T value) {
    begin_field();
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out_.append(digits.data(), end.ptr);
    return *this;
  }
  /// Each number as a field of its own.
  RowText& fields(std::span<const double> values) {
    for (const double value : values) field(value);
    return *this;
  }

 private:
  friend class TableStream;
  RowText(std::string& out, const std::vector<std::string>& header) : out_(out), header_(header) {}

  void begin_field() {
    if (fields_++ > 0) out_ += ',';
  }
  [[noreturn]] INRGENE_COLD void refuse(double value) const {
    const auto column = static_cast<std::size_t>(fields_);
    throw NumericalError(
        text("column ", column < header_.size() ? in_quotes(header_[column]) : text(column + 1),
             ": found ", value, ", expected a finite number or NaN"));
  }

  std::string& out_;
  const std::vector<std::string>& header_;
  Index fields_ = 0;
};

/// Writes a CSV table of any length in bounded memory (about a megabyte a worker and the longest
/// row); gzip-compressed when its name ends in .gz. The file appears under its name at `commit`,
/// whole, or never. Lines end in LF. The bytes do not depend on the number of threads.
///
///     TableStream table(path, header);
///     table.rows(n, [&](RowText& row, Index i) { row.field(label[i]).fields(values(i)); });
///     table.commit();
class TableStream {
 public:
  /// Throws ArgumentError for a header without columns, InputError as AtomicFile does.
  TableStream(const std::filesystem::path& path, std::vector<std::string> header,
              Threads threads = {})
      : name_(path.string()), header_(std::move(header)), threads_(threads), writer_(path) {
    require(!header_.empty(), "columns of a table", 0, "at least 1");
    std::string line;
    RowText row(line, header_);
    for (const std::string& column : header_) row.field(std::string_view(column));
    end_row(line, 0, row.fields_);
    writer_.write(line);
  }

  [[nodiscard]] Index columns() const { return std::ssize(header_); }
  /// Rows written so far.
  [[nodiscard]] Index size() const { return rows_; }

  /// Appends `count` rows; `write(RowText&, i)` gives the fields of row i of these, and is called
  /// once for each i, from several threads at once. Throws ArgumentError when a row has not one
  /// field a column, NumericalError for an infinity, InputError when the disk is full; the table is
  /// then lost: `commit` refuses.
  template <class Write>
  void rows(Index count, Write&& write) {
    require(whole_, "table " + name_, "one that failed before", "a table without errors");
    whole_ = false;
    const Index a_piece = std::max<Index>(1, piece / (columns() * 20));  // bytes of a number
    const Index workers = std::clamp<Index>(count / a_piece, 1, threads_.resolved());
    pieces_.resize(static_cast<std::size_t>(workers));
    for (Index done = 0; done < count;) {
      const Index end = std::min(count, done + workers * a_piece);
      run_workers(static_cast<int>(workers), [&](int worker) {
        std::string& out = pieces_[static_cast<std::size_t>(worker)];
        out.clear();
        const Index last = done + (end - done) * (worker + 1) / workers;
        for (Index i = done + (end - done) * worker / workers; i < last; ++i) {
          const std::size_t begin = out.size();
          RowText row(out, header_);
          write(row, i);
          if (row.fields_ != columns()) refuse_length(i, row.fields_);
          end_row(out, begin, row.fields_);
        }
      });
      for (const std::string& bytes : pieces_) writer_.write(bytes);
      rows_ += end - done;
      done = end;
    }
    whole_ = true;
  }

  /// Ends the file and gives it its name. Throws ArgumentError after a failed `rows`.
  void commit() {
    require(whole_, "table " + name_, "one that failed before", "a table without errors");
    writer_.commit();
  }

 private:
  static constexpr Index piece = Index{1} << 20;

  static void end_row(std::string& out, std::size_t begin, Index fields) {
    // A lone empty field would be a blank line, which readers skip.
    if (fields == 1 && out.size() == begin) out += "\"\"";
    out += '\n';
  }
  [[noreturn]] INRGENE_COLD void refuse_length(Index row, Index fields) const {
    throw ArgumentError(text(name_, ", row ", rows_ + row + 1, ": found ", fields,
                             " fields, expected ", columns(), " as in the header"));
  }

  std::string name_;
  std::vector<std::string> header_;
  Threads threads_;
  ByteWriter writer_;
  std::vector<std::string> pieces_;
  Index rows_ = 0;
  bool whole_ = true;
};

}  // namespace inrgene
