// Strict JSON: what is missing, mistyped or unknown is an error that says so.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/io/number_text.hpp"

namespace inrgene {

/// A JSON value; object keys are kept in alphabetical order.
using Json = nlohmann::json;

namespace detail {

/// nlohmann's parser with duplicate keys refused: later ones would replace earlier ones unseen.
class JsonKeyCheck {
 public:
  bool operator()(int /*depth*/, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys_.emplace_back();
    if (event == Json::parse_event_t::object_end) keys_.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      auto& seen = keys_.back();
      const auto at = std::lower_bound(seen.begin(), seen.end(), key);
      if (at != seen.end() && *at == key && duplicate_.empty()) duplicate_ = in_quotes(key);
      seen.insert(at, key);
    }
    return true;
  }
  /// The first key that came twice, in quotes; empty for none.
  [[nodiscard]] const std::string& duplicate() const { return duplicate_; }

 private:
  std::vector<std::vector<std::string>> keys_;
  std::string duplicate_;
};

/// "line 3, column 7" of the byte at `offset`.
inline std::string line_and_column(std::string_view bytes, std::size_t offset) {
  const std::string_view before = bytes.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_begin = before.rfind('\n');
  const std::size_t column =
      line_begin == std::string_view::npos ? before.size() : before.size() - line_begin - 1;
  return text("line ", lines + 1, ", column ", column + 1);
}

/// How deeply arrays and objects stand in each other at most; deeper text is not ours.
inline bool nested_too_deeply(std::string_view bytes, int limit = 64) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limit) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

/// Moves `value` into `out`; false when it is of another type or does not fit.
template <class T>
bool take_json(const Json& value, T& out) {
  if constexpr (std::same_as<T, Json>) {
    out = value;
  } else if constexpr (std::same_as<T, bool>) {
    if (!value.is_boolean()) return false;
    out = value.get<bool>();
  } else if constexpr (std::same_as<T, std::string>) {
    if (!value.is_string()) return false;
    out = value.get<std::string>();
  } else if constexpr (std::integral<T>) {
    if (!value.is_number_integer()) return false;
    if (value.is_number_unsigned()) {
      const auto whole = value.get<std::uint64_t>();
      if (!std::in_range<T>(whole)) return false;
      out = static_cast<T>(whole);
    } else {
      const auto whole = value.get<std::int64_t>();
      if (!std::in_range<T>(whole)) return false;
      out = static_cast<T>(whole);
    }
  } else if constexpr (std::floating_point<T>) {
    if (!value.is_number()) return false;
    out = value.get<T>();
  } else {
    static_assert(IsVector<T>::value, "JSON gives booleans, text, numbers and vectors of these");
    if (!value.is_array()) return false;
    out.clear();
    for (const Json& element : value) {
      typename T::value_type taken{};
      if (!take_json(element, taken)) return false;
      out.push_back(std::move(taken));
    }
  }
  return true;
}

template <class T>
std::string json_type_name() {
  if constexpr (std::same_as<T, Json>) {
    return "a value";
  } else if constexpr (std::same_as<T, bool>) {
    return "true or false";
  } else if constexpr (std::same_as<T, std::string>) {
    return "text";
  } else if constexpr (std::unsigned_integral<T>) {
    return "a whole number of at least 0";
  } else if constexpr (std::integral<T>) {
    return "a whole number";
  } else if constexpr (std::floating_point<T>) {
    return "a number";
  } else {
    return "a list, each element " + json_type_name<typename T::value_type>();
  }
}

/// The value as text for a message, shortened.
inline std::string json_excerpt(const Json& value) {
  return in_quotes(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

inline void require_object(const Json& object, const std::string& file, const std::string& place) {
  if (object.is_object()) return;
  throw InputError(
      {.file = file, .place = place, .found = json_excerpt(object), .expected = "an object { … }"});
}

}  // namespace detail

/// Parses one JSON value from the whole of `bytes` (the content of `file`). Throws InputError with
/// line and column for anything that is not JSON, for a key that comes twice in one object, and
/// for more than 64 levels.
[[nodiscard]] inline Json parse_json(std::string_view bytes, const std::string& file) {
  if (detail::nested_too_deeply(bytes)) {
    throw InputError({.file = file,
                      .place = "JSON",
                      .found = "more than 64 levels of lists and objects",
                      .expected = "at most 64"});
  }
  detail::JsonKeyCheck check;
  Json parsed;
  try {
    parsed = Json::parse(bytes.begin(), bytes.end(), std::ref(check));
  } catch (const Json::parse_error& error) {
    const std::size_t offset = error.byte == 0 ? 0 : error.byte - 1;
    const std::string_view rest = bytes.substr(std::min(offset, bytes.size()));
    throw InputError({.file = file,
                      .place = detail::line_and_column(bytes, offset),
                      .found = rest.empty() ? "the end of the text" : in_quotes(rest, 20),
                      .expected = "JSON"});
  } catch (const Json::exception&) {  // a number beyond the doubles
    throw InputError({.file = file,
                      .place = "JSON",
                      .found = "a number out of range",
                      .expected = "numbers that fit a double"});
  }
  if (!check.duplicate().empty()) {
    throw InputError({.file = file,
                      .place = "JSON",
                      .found = "the key " + check.duplicate() + " twice in one object",
                      .expected = "each key once"});
  }
  return parsed;
}

/// Throws InputError, listing the accepted keys, when `object` is no object or has another key.
inline void check_keys(const Json& object, const std::string& file, const std::string& place,
                       const std::vector<std::string>& accepted) {
  detail::require_object(object, file, place);
  for (const auto& [key, value] : object.items()) {
    if (std::find(accepted.begin(), accepted.end(), key) != accepted.end()) continue;
    std::string list;
    for (const std::string& name : accepted) list += (list.empty() ? "" : ", ") + in_quotes(name);
    throw InputError({.file = file,
                      .place = place,
                      .found = "the unknown key " + in_quotes(key),
                      .expected = "one of " + list});
  }
}

/// `object[key]` as T: bool, std::string, a whole or floating number, Json, or a vector of these.
/// Numbers are not turned into other kinds: 1.5 and 1.0 are no whole numbers, 300 no std::int8_t.
/// Throws InputError when `object` is no object, the key is missing or its value is no T.
template <class T>
[[nodiscard]] T get(const Json& object, const std::string& key, const std::string& file,
                    const std::string& place) {
  detail::require_object(object, file, place);
  const auto at = object.find(key);
  if (at == object.end()) {
    throw InputError({.file = file,
                      .place = place,
                      .found = "no key " + in_quotes(key),
                      .expected = in_quotes(key) + ": " + detail::json_type_name<T>()});
  }
  T out{};
  if (!detail::take_json(*at, out)) {
    throw InputError({.file = file,
                      .place = place + (place.empty() ? "key " : ", key ") + in_quotes(key),
                      .found = detail::json_excerpt(*at),
                      .expected = detail::json_type_name<T>()});
  }
  return out;
}

}  // namespace inrgene
