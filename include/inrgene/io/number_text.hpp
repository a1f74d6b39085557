// Numbers as text and back: no locale, no rounding, nothing accepted by accident.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace inrgene {

/// Appends `value` in the shortest decimal form that reads back to the same double; NaN as `nan`.
inline void append_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "nan";
    return;
  }
  std::array<char, 32> digits{};
  const std::to_chars_result end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end.ptr);
}

/// `value` in the shortest decimal form that reads back to the same double; NaN as `nan`.
[[nodiscard]] inline std::string number_text(double value) {
  std::string out;
  append_number(out, value);
  return out;
}

/// `value` to `digits` significant digits, for people: "0.045", "13.4", "1.2e-09".
[[nodiscard]] inline std::string rounded_text(double value, int digits = 3) {
  std::array<char, 32> words{};
  const std::to_chars_result end = std::to_chars(words.data(), words.data() + words.size(), value,
                                                 std::chars_format::general, std::min(digits, 17));
  return {words.data(), end.ptr};
}

/// `words` in quotes for a message, cut after `limit` bytes.
[[nodiscard]] inline std::string in_quotes(std::string_view words, std::size_t limit = 60) {
  std::string out = "'";
  for (const char c : words.substr(0, limit)) {
    // A control character would break the line or the terminal of the reader.
    out += static_cast<unsigned char>(c) < 0x20U || c == 0x7F ? '?' : c;
  }
  return out + (words.size() > limit ? "…'" : "'");
}

/// Whether a cell's text stands for a missing value in the tables of the microarray atlas: empty,
/// or one of the 17 words that pandas reads so by default (`NaN`, `NA`, `<NA>`, `null`, `#N/A`, …),
/// in exactly these spellings. `na` and `None` are ordinary text.
[[nodiscard]] constexpr bool is_missing(std::string_view words) {
  constexpr std::array<std::string_view, 17> missing{
      "NaN",  "nan",  "NA",   "N/A",      "n/a",    "NULL",    "null",    "#N/A",    "#NA",
      "<NA>", "-nan", "-NaN", "#N/A N/A", "1.#IND", "1.#QNAN", "-1.#IND", "-1.#QNAN"};
  if (words.empty()) return true;
  // Nearly every cell is told by its first character or its length.
  constexpr std::string_view first = "Nn#<-1";
  if (words.size() > 8 || first.find(words.front()) == std::string_view::npos) return false;
  for (const std::string_view word : missing) {
    if (words == word) return true;
  }
  return false;
}

/// The number that `words` spells, spaces around it aside. Empty, `NA` and `nan` in any case are
/// missing values: NaN. None for text, trailing characters, infinities and numbers beyond the
/// doubles; a number too small for a double is 0.
[[nodiscard]] inline std::optional<double> parse_number(std::string_view words) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!words.empty() && is_space(words.front())) words.remove_prefix(1);
  while (!words.empty() && is_space(words.back())) words.remove_suffix(1);
  if (words.empty() || words == "NA") return std::numeric_limits<double>::quiet_NaN();
  if (words.size() == 3 && (words[0] | 0x20) == 'n' && (words[1] | 0x20) == 'a' &&
      (words[2] | 0x20) == 'n') {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (words.front() == '+') {
    words.remove_prefix(1);
    if (words.empty() || words.front() == '-') return std::nullopt;
  }
  const char* const end = words.data() + words.size();
  double value = 0;
  const std::from_chars_result parsed = std::from_chars(words.data(), end, value);
  if (parsed.ec == std::errc::result_out_of_range && parsed.ptr == end) {
    // Too large or too small: the wider type tells which.
    long double wide = 0;
    if (std::from_chars(words.data(), end, wide).ec != std::errc()) return std::nullopt;
    value = static_cast<double>(wide);
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
  }
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace inrgene
