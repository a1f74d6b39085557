// NumPy's .npy files: one array with its shape.
// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/atomic_file.hpp"
#include "inrgene/io/number_text.hpp"

namespace inrgene {

/// An array of any rank as doubles, last axis fastest (C order).
struct NpyArray {
  std::vector<Index> shape;  ///< empty for a single number
  std::vector<double> values;
};

namespace detail {

/// Takes an .npy file in memory apart.
class NpyReader {
 public:
  NpyReader(std::string_view bytes, std::string file) : bytes_(bytes), file_(std::move(file)) {}

  [[nodiscard]] NpyArray read() {
    read_header();
    NpyArray out;
    out.shape = shape_;
    Index count = 1;
    for (const Index extent : shape_) {
      if (__builtin_mul_overflow(count, extent, &count)) refuse_size("too many");
    }
    Index needed = 0;
    if (__builtin_mul_overflow(count, static_cast<Index>(value_bytes()), &needed)) {
      refuse_size("too many");
    }
    // Compared before anything of the claimed size is allocated.
    if (needed != static_cast<Index>(data_.size())) refuse_size(std::to_string(needed));
    std::vector<double> stored(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < stored.size(); ++i) stored[i] = value(i);
    out.values = fortran_ ? to_c_order(stored) : std::move(stored);
    return out;
  }

 private:
  [[noreturn]] void refuse(std::string place, std::string found, std::string expected) const {
    throw InputError({.file = file_,
                      .place = std::move(place),
                      .found = std::move(found),
                      .expected = std::move(expected)});
  }
  [[noreturn]] void refuse_size(const std::string& needed) const {
    refuse("data", text(data_.size(), " bytes"), text(needed, " for the header's shape"));
  }

  void read_header() {
    if (!bytes_.starts_with("\x93NUMPY") || bytes_.size() < 10) {
      refuse("start of the file", in_quotes(bytes_.substr(0, 6)), "the .npy signature");
    }
    const auto byte = [this](std::size_t i) {
      return static_cast<std::size_t>(static_cast<unsigned char>(bytes_[i]));
    };
    const std::size_t version = byte(6);
    if (version < 1 || version > 3) refuse("version", text(version), "1 to 3");
    std::size_t begin = 10;
    std::size_t length = byte(8) | (byte(9) << 8U);
    if (version > 1) {
      begin = 12;
      if (bytes_.size() < begin) refuse("header", "the end of the file", "its length");
      length |= (byte(10) << 16U) | (byte(11) << 24U);
    }
    if (length > bytes_.size() - begin) {
      refuse("header length", text(length), text("at most ", bytes_.size() - begin));
    }
    data_ = bytes_.substr(begin + length);
    parse_dictionary(bytes_.substr(begin, length));
  }

  /// The header is a Python dictionary of three known entries; their order does not matter.
  void parse_dictionary(std::string_view header) {
    header_ = header;
    bool has_type = false, has_order = false, has_shape = false;
    take('{');
    while (!next_is('}')) {
      const std::string_view key = take_string();
      take(':');
      if (key == "descr" && !has_type) {
        type_ = take_string();
        has_type = true;
      } else if (key == "fortran_order" && !has_order) {
        fortran_ = take_bool();
        has_order = true;
      } else if (key == "shape" && !has_shape) {
        take_shape();
        has_shape = true;
      } else {
        refuse("header", "the key " + in_quotes(key), "descr, fortran_order and shape, once each");
      }
      if (next_is(',')) take(',');
    }
    if (!has_type || !has_order || !has_shape) {
      refuse("header", in_quotes(header), "the keys descr, fortran_order and shape");
    }
    (void)value_bytes();
  }

  void skip_spaces() {
    const std::size_t first = header_.find_first_not_of(" \n");
    header_.remove_prefix(std::min(first, header_.size()));
  }
  [[nodiscard]] bool next_is(char c) {
    skip_spaces();
    return !header_.empty() && header_.front() == c;
  }
  [[noreturn]] void refuse_text(const std::string& expected) const {
    refuse("header", header_.empty() ? "its end" : in_quotes(header_, 20), expected);
  }
  void take(char c) {
    if (!next_is(c)) refuse_text(in_quotes(std::string_view(&c, 1)));
    header_.remove_prefix(1);
  }
  std::string_view take_string() {
    skip_spaces();
    const char quote = next_is('"') ? '"' : '\'';
    if (!next_is(quote)) refuse_text("a string");
    const std::size_t end = header_.find(quote, 1);
    if (end == std::string_view::npos) refuse_text("a string that ends");
    const std::string_view out = header_.substr(1, end - 1);
    header_.remove_prefix(end + 1);
    return out;
  }
  bool take_bool() {
    skip_spaces();
    for (const auto& [name, value] : {std::pair<std::string_view, bool>{"True", true},
                                      std::pair<std::string_view, bool>{"False", false}}) {
      if (!header_.starts_with(name)) continue;
      header_.remove_prefix(name.size());
      return value;
    }
    refuse_text("True or False");
  }
  void take_shape() {
    take('(');
    while (!next_is(')')) {
      Index extent = 0;
      const auto parsed = std::from_chars(header_.data(), header_.data() + header_.size(), extent);
      if (parsed.ec != std::errc() || extent < 0) refuse_text("an extent of at least 0");
      header_.remove_prefix(static_cast<std::size_t>(parsed.ptr - header_.data()));
      shape_.push_back(extent);
      if (next_is(',')) {
        take(',');
      } else if (!next_is(')')) {
        refuse_text("',' or ')'");
      }
    }
    take(')');
  }

  [[nodiscard]] std::size_t value_bytes() const {
    if (type_ == "|b1" || type_ == "|u1" || type_ == "|i1") return 1;
    if (type_ == "<f4" || type_ == "<i4") return 4;
    if (type_ == "<f8" || type_ == "<i8") return 8;
    refuse("header, descr", in_quotes(type_), "<f8, <f4, <i8, <i4, |b1, |u1 or |i1");
  }

  template <class T>
  [[nodiscard]] double stored_as(std::size_t i) const {
    T value{};
    std::memcpy(&value, data_.data() + i * sizeof(T), sizeof(T));
    return static_cast<double>(value);
  }
  [[nodiscard]] double value(std::size_t i) const {
    static_assert(std::endian::native == std::endian::little, "the values are little-endian");
    if (type_ == "<f8") return stored_as<double>(i);
    if (type_ == "<f4") return stored_as<float>(i);
    if (type_ == "<i8") return stored_as<std::int64_t>(i);
    if (type_ == "<i4") return stored_as<std::int32_t>(i);
    if (type_ == "|i1") return stored_as<std::int8_t>(i);
    return stored_as<std::uint8_t>(i);
  }

  /// Values with the first axis fastest, put in order with the last axis fastest.
  [[nodiscard]] std::vector<double> to_c_order(const std::vector<double>& stored) const {
    std::vector<double> out(stored.size());
    std::vector<Index> at(shape_.size(), 0);
    for (double& value : out) {
      Index offset = 0;
      for (std::size_t axis = shape_.size(); axis-- > 0;) {
        offset = offset * shape_[axis] + at[axis];
      }
      value = stored[static_cast<std::size_t>(offset)];
      for (std::size_t axis = shape_.size(); axis-- > 0;) {
        if (++at[axis] < shape_[axis]) break;
        at[axis] = 0;
      }
    }
    return out;
  }

  std::string_view bytes_;
  std::string file_;
  std::string_view header_;
  std::string_view data_;
  std::string type_;
  bool fortran_ = false;
  std::vector<Index> shape_;
};

}  // namespace detail

/// Reads an .npy file of little-endian f4, f8, i4, i8 or of bool, u1, i1, in C or Fortran order.
/// Whole numbers beyond 2^53 are rounded to a double. Throws InputError for anything else and when
/// the data are not as long as the header says.
[[nodiscard]] inline NpyArray read_npy(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  return detail::NpyReader(bytes, path.string()).read();
}

/// Writes f8 values, last axis fastest, whole or not at all. Throws ArgumentError when the shape
/// does not have as many values; InputError when the file cannot be written.
inline void write_npy(const std::filesystem::path& path, std::span<const Index> shape,
                      std::span<const double> values) {
  static_assert(std::endian::native == std::endian::little, "the values are little-endian");
  Index count = 1;
  std::string tuple = "(";
  for (const Index extent : shape) {
    count *= extent;
    tuple += std::to_string(extent) + ", ";
  }
  require(count == static_cast<Index>(values.size()), "values of an array", values.size(),
          "the product of its shape");
  if (shape.size() > 1) tuple.resize(tuple.size() - 2);
  if (shape.size() == 1) tuple.pop_back();
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': " + tuple + "), }";
  // The data start at a multiple of 64 bytes, the last byte before them is a line end.
  header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 10, ' ');
  header.back() = '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xFFU);
  bytes += static_cast<char>(header.size() >> 8U);
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  write_file(path, bytes);
}

}  // namespace inrgene
