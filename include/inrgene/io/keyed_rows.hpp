// Rows of numbers under whole-number keys in a large CSV file without a header, read one by one.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/decimal.hpp"
#include "inrgene/io/line_scan.hpp"
#include "inrgene/io/number_text.hpp"

namespace inrgene {

namespace detail {

/// The key that begins a line. Throws BadLine when its first field is not a whole number.
[[nodiscard]] inline Index parse_key(std::string_view line) {
  const std::string_view field = line.substr(0, line.find(','));
  Index key = 0;
  const auto parsed = std::from_chars(field.data(), field.data() + field.size(), key);
  if (parsed.ec != std::errc() || parsed.ptr != field.data() + field.size()) {
    throw BadLine{"field 1", in_quotes(field), "a whole number (the file has no header line)"};
  }
  return key;
}

/// Throws BadLine when a line has not `columns` fields behind its key, or breaks off. `what` says
/// what they are, for the message.
inline void check_fields(const ScannedLine& line, Index columns, std::string_view what) {
  const Index fields = count_byte(line.words, ',') + 1;
  if (fields != columns + 1) {
    throw BadLine{"",
                  text(fields, fields == 1 ? " field" : " fields",
                       line.ended ? "" : " and the end of the file"),
                  text(columns + 1, ": ", what)};
  }
  if (!line.ended && line.words.back() == ',') {
    throw BadLine{text("field ", fields), "the end of the file", "a number"};
  }
}

/// Keys of rows and how to find them.
class KeyIndex {
 public:
  KeyIndex() = default;
  /// Key of line 1, 2, … of `file`. Throws InputError when one occurs twice.
  KeyIndex(std::vector<Index> keys, const std::string& file) : keys_(std::move(keys)) {
    const auto falls = std::adjacent_find(keys_.begin(), keys_.end(), std::greater_equal<>());
    if (falls == keys_.end()) return;  // ascending, as the real files are
    order_.resize(keys_.size());
    std::iota(order_.begin(), order_.end(), Index{0});
    std::sort(order_.begin(), order_.end(),
              [this](Index a, Index b) { return key(a) != key(b) ? key(a) < key(b) : a < b; });
    const auto twice = std::adjacent_find(order_.begin(), order_.end(),
                                          [this](Index a, Index b) { return key(a) == key(b); });
    if (twice == order_.end()) return;
    throw InputError({.file = file,
                      .place = text("line ", *(twice + 1) + 1, ", field 1"),
                      .found = text("key ", key(*twice), " again (first in line ", *twice + 1, ")"),
                      .expected = "each key once"});
  }

  [[nodiscard]] std::span<const Index> keys() const { return keys_; }
  [[nodiscard]] std::optional<Index> find(Index wanted) const {
    if (order_.empty()) {
      const auto at = std::lower_bound(keys_.begin(), keys_.end(), wanted);
      if (at == keys_.end() || *at != wanted) return std::nullopt;
      return at - keys_.begin();
    }
    const auto at = std::lower_bound(order_.begin(), order_.end(), wanted,
                                     [this](Index row, Index k) { return key(row) < k; });
    if (at == order_.end() || key(*at) != wanted) return std::nullopt;
    return *at;
  }

 private:
  [[nodiscard]] Index key(Index row) const { return keys_[static_cast<std::size_t>(row)]; }

  std::vector<Index> keys_;
  std::vector<Index> order_;  // rows by ascending key; empty when they are in the file
};

}  // namespace detail

/// How KeyedRows works.
struct KeyedRowsSettings {
  Threads threads = {};
  /// Keys whose rows will be read; needed of compressed files only, where the other rows cannot be
  /// read later. Empty: all. Looked at by the constructor alone.
  std::span<const Index> wanted = {};
};

/// A CSV file without a header: in every row a whole-number key and then `columns()` numbers
/// (MicroarrayExpression.csv, PACall.csv of the Allen Human Brain Atlas).
///
/// The constructor passes over the file once and keeps where each row begins and its key: 16 bytes
/// a row, never the text. `read` fetches and parses one row, at any time and on any thread. A
/// gzip-compressed file (told by its first bytes) has no places to go back to: it is unpacked once,
/// and the rows of `wanted` are kept as numbers.
class KeyedRows {
 public:
  /// Throws InputError with file, line, found and expected for: a file that cannot be read, an
  /// empty one, a key that is no whole number or occurs twice, a row with another number of fields
  /// than the first, a last row cut short, a blank line between rows; in a compressed file also for
  /// text in a number of a wanted row.
  explicit KeyedRows(std::filesystem::path path, const KeyedRowsSettings& settings = {})
      : name_(path.string()), input_(std::make_unique<detail::InputFile>(std::move(path))) {
    const LineScan scan(*input_, settings.threads);
    if (input_->plain()) {
      index(scan);
    } else {
      unpack(scan, settings.wanted);
    }
    if (rows() > 0) return;
    throw InputError({.file = name_,
                      .place = "line 1",
                      .found = "an empty file",
                      .expected = "rows of a key and numbers"});
  }

  [[nodiscard]] Index rows() const { return std::ssize(keys()); }
  /// Numbers in a row, the key left out.
  [[nodiscard]] Index columns() const { return columns_; }
  /// One a row, in the order of the file.
  [[nodiscard]] std::span<const Index> keys() const { return index_.keys(); }
  /// The row of a key. Cost: O(log rows).
  [[nodiscard]] std::optional<Index> find(Index key) const { return index_.find(key); }
  [[nodiscard]] const std::string& file() const { return name_; }
  /// The file's line of a row, from 1.
  [[nodiscard]] static Index line(Index row) { return row + 1; }
  /// "line 7, field 3": where a number stands, for messages.
  [[nodiscard]] static std::string place(Index row, Index column) {
    return text("line ", line(row), ", field ", column + 2);
  }

  /// Parses the numbers of a row into `out`, which has `columns()` places; a missing value (see
  /// is_missing) is NaN. Thread-safe. Throws InputError for text in a number and for a file
  /// that has changed, ArgumentError for a row out of range or not kept and for another length.
  /// Cost: about 4 ns a number.
  void read(Index row, std::span<double> out) const {
    require(row >= 0 && row < rows(), "row", row, "a row of the file");
    require(std::ssize(out) == columns_, "length of a row", out.size(), text(columns_));
    const auto r = static_cast<std::size_t>(row);
    if (!input_->plain()) {
      require(kept_[r] != nullptr, "key of a compressed file's row", keys()[r], "a wanted key");
      std::copy_n(kept_[r].get(), columns_, out.data());
      return;
    }
    const auto size = static_cast<std::size_t>(begin_[r + 1] - begin_[r]);
    const std::unique_ptr<char[]> buffer(new char[size + padding]);  // NOLINT: left unset
    input_->read_at(begin_[r], buffer.get(), size);
    std::size_t length = size;
    while (length > 0 && (buffer[length - 1] == '\n' || buffer[length - 1] == '\r')) --length;
    const std::string_view words(buffer.get(), length);
    std::fill_n(buffer.get() + length, size + padding - length, ',');
    try {
      if (parse(words, out) != words.data() + words.size()) input_->refuse_change();
    } catch (const BadLine& bad) {
      throw InputError({.file = name_,
                        .place = text("line ", line(row), ", ", bad.place),
                        .found = bad.found,
                        .expected = bad.expected});
    }
  }

 private:
  // Commas behind the last number: parse_decimal's short way wants to look ahead.
  static constexpr std::size_t padding = 32;

  /// Parses a line behind which padding stands; returns where the last number ended: at the end of
  /// the line when it has as many fields as were asked for.
  static const char* parse(std::string_view line, std::span<double> out) {
    const char* at = line.data() + line.find(',') + 1;
    const char* const end = line.data() + line.size() + padding - 1;
    for (std::size_t c = 0; c < out.size(); ++c) {
      const char* const stop = parse_decimal(at, end, out[c]);
      if (stop == nullptr) refuse(line, static_cast<Index>(c), at);
      at = stop + 1;
    }
    return at - 1;
  }
  [[noreturn]] INRGENE_COLD static void refuse(std::string_view line, Index column,
                                               const char* field) {
    const std::string_view rest = line.substr(static_cast<std::size_t>(field - line.data()));
    throw BadLine{text("field ", column + 2), in_quotes(rest.substr(0, rest.find(','))),
                  "a number"};
  }

  void learn_columns(std::string_view first_line) {
    columns_ = count_byte(first_line, ',');
    if (columns_ > 0 || first_line.empty()) return;
    throw InputError({.file = name_,
                      .place = "line 1",
                      .found = "1 field: " + in_quotes(first_line),
                      .expected = "a key and at least one number, with commas between"});
  }

  void index(const LineScan& scan) {
    struct Part {
      std::vector<Index> keys;
      std::vector<Index> begin;
    };
    learn_columns(scan.first_line());
    std::vector<Part> parts(static_cast<std::size_t>(scan.workers()));
    const Index lines = scan.each([&](int worker, const ScannedLine& line) {
      detail::check_fields(line, columns_, "a key and as many numbers as in line 1");
      Part& part = parts[static_cast<std::size_t>(worker)];
      part.keys.push_back(detail::parse_key(line.words));
      part.begin.push_back(line.offset);
    });
    std::vector<Index> keys;
    keys.reserve(static_cast<std::size_t>(lines));
    begin_.reserve(static_cast<std::size_t>(lines) + 1);
    for (const Part& part : parts) {
      keys.insert(keys.end(), part.keys.begin(), part.keys.end());
      begin_.insert(begin_.end(), part.begin.begin(), part.begin.end());
    }
    begin_.push_back(scan.end());
    index_ = detail::KeyIndex(std::move(keys), name_);
  }

  void unpack(const LineScan& scan, std::span<const Index> wanted) {
    std::vector<Index> sorted(wanted.begin(), wanted.end());
    std::sort(sorted.begin(), sorted.end());
    std::vector<Index> keys;
    std::string padded;
    scan.each([&](int /*worker*/, const ScannedLine& line) {
      if (keys.empty()) learn_columns(line.words);
      detail::check_fields(line, columns_, "a key and as many numbers as in line 1");
      keys.push_back(detail::parse_key(line.words));
      kept_.emplace_back();
      if (!sorted.empty() && !std::binary_search(sorted.begin(), sorted.end(), keys.back())) return;
      const auto columns = static_cast<std::size_t>(columns_);
      padded.assign(line.words).append(padding, ',');
      kept_.back().reset(new double[columns]);  // NOLINT: left unset
      parse(std::string_view(padded).substr(0, line.words.size()), {kept_.back().get(), columns});
    });
    index_ = detail::KeyIndex(std::move(keys), name_);
  }

  std::string name_;
  std::unique_ptr<detail::InputFile> input_;
  Index columns_ = 0;
  detail::KeyIndex index_;
  std::vector<Index> begin_;                     // of every row in the file, and where all end
  std::vector<std::unique_ptr<double[]>> kept_;  // NOLINT: rows of a compressed file
};

}  // namespace inrgene
