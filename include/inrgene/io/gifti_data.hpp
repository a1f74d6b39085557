// The numbers inside a GIFTI array: digits, or bytes in base64, or deflated bytes in base64.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/number_text.hpp"

namespace inrgene::detail {

/// The types of GIFTI that hold real numbers, in the order of `gifti_type_words`.
using GiftiTypes = TypeList<std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t,
                            std::int32_t, std::uint64_t, std::int64_t, float, double>;
inline constexpr std::array<std::string_view, GiftiTypes::size> gifti_type_words{
    "NIFTI_TYPE_UINT8",   "NIFTI_TYPE_INT8",   "NIFTI_TYPE_UINT16", "NIFTI_TYPE_INT16",
    "NIFTI_TYPE_UINT32",  "NIFTI_TYPE_INT32",  "NIFTI_TYPE_UINT64", "NIFTI_TYPE_INT64",
    "NIFTI_TYPE_FLOAT32", "NIFTI_TYPE_FLOAT64"};

enum class GiftiEncoding { digits, base64, deflated_base64 };

/// How the numbers of one array are written.
struct GiftiArrayForm {
  std::size_t type = 0;  ///< position in `gifti_type_words`
  GiftiEncoding encoding = GiftiEncoding::digits;
  bool is_big_endian = false;
  std::size_t values = 0;
};

[[nodiscard]] constexpr bool is_xml_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/// Bytes of base64 text, white space passed over; nothing for another character.
[[nodiscard]] inline std::optional<std::string> decode_base64(std::string_view words) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::int16_t, 256> sextet{};
  sextet.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    sextet[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int16_t>(i);
  }
  std::string out;
  out.reserve(words.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  int held = 0, padding = 0;
  for (const char c : words) {
    if (is_xml_space(c)) continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const int six = sextet[static_cast<unsigned char>(c)];
    if (six < 0 || padding > 0) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(six);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> static_cast<unsigned>(held) & 0xFFU);
  }
  if (padding > 2 || held >= 6) return std::nullopt;
  return out;
}

/// The numbers of an array. `refuse(found)` throws. Exactly `form.values` must be there.
template <class Refuse>
[[nodiscard]] std::vector<double> decode_gifti_values(std::string_view words,
                                                      const GiftiArrayForm& form, Refuse&& refuse) {
  std::vector<double> out;
  if (form.encoding == GiftiEncoding::digits) {
    const char* at = words.data();
    const char* end = at + words.size();
    for (;;) {
      while (at != end && is_xml_space(*at)) ++at;
      if (at == end) break;
      double value = 0;
      const auto parsed = std::from_chars(at, end, value);
      const bool is_whole = parsed.ptr == end || is_xml_space(*parsed.ptr);
      if (parsed.ec != std::errc() || !is_whole) {
        refuse(in_quotes(std::string_view(
                   at, std::min<std::size_t>(16, static_cast<std::size_t>(end - at)))) +
               " among the numbers");
      }
      out.push_back(value);
      at = parsed.ptr;
    }
    if (out.size() != form.values) refuse(text(out.size(), " numbers for ", form.values));
    return out;
  }
  auto bytes = decode_base64(words);
  if (!bytes) refuse("data that are not base64");
  std::size_t type = 0;
  for_each_type(GiftiTypes{}, [&]<class T>() {
    if (type++ != form.type) return;
    const std::size_t size = form.values * sizeof(T);
    if (form.encoding == GiftiEncoding::deflated_base64) {
      // A byte of deflate holds at most 1,032; a header that claims more would only cost memory.
      if (size / 1032 > bytes->size()) refuse(text(bytes->size(), " packed bytes for ", size));
      std::string unpacked(size, '\0');
      auto length = static_cast<::uLongf>(size);
      const int code = ::uncompress(reinterpret_cast<::Bytef*>(unpacked.data()), &length,
                                    reinterpret_cast<const ::Bytef*>(bytes->data()),
                                    static_cast<::uLong>(bytes->size()));
      if (code != Z_OK) refuse("packed data that are damaged, or more than the header says");
      unpacked.resize(length);
      *bytes = std::move(unpacked);
    }
    if (bytes->size() != size) refuse(text(bytes->size(), " bytes for ", size));
    const bool is_swapped = form.is_big_endian != (std::endian::native == std::endian::big);
    out.resize(form.values);
    for (std::size_t v = 0; v < form.values; ++v) {
      char* value = bytes->data() + v * sizeof(T);
      if (is_swapped) std::reverse(value, value + sizeof(T));
      T typed{};
      std::memcpy(&typed, value, sizeof(T));
      out[v] = static_cast<double>(typed);
    }
  });
  return out;
}

}  // namespace inrgene::detail
