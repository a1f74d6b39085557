// Names for the members of a settings aggregate, for files and command lines.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace inrgene {

/// One named member of a settings aggregate, for files and command lines. `of(settings)` is the
/// member itself.
template <class S, class V>
struct SettingsField {
  std::string_view name;
  V S::*member;

  [[nodiscard]] constexpr V& of(S& settings) const { return settings.*member; }
  [[nodiscard]] constexpr const V& of(const S& settings) const { return settings.*member; }
};
template <class S, class V>
SettingsField(const char*, V S::*) -> SettingsField<S, V>;

/// A named member of a part of a settings aggregate: read and written by `of` like any other.
template <class S, class Part, class Inner>
struct NestedField {
  std::string_view name;
  Part S::*part;
  Inner inner;

  [[nodiscard]] constexpr auto& of(S& settings) const { return inner.of(settings.*part); }
  [[nodiscard]] constexpr const auto& of(const S& settings) const {
    return inner.of(settings.*part);
  }
};

namespace detail {

/// The names of several types in a row, as one text that lasts as long as the program. (Types, not
/// the texts: nvcc 13 passes a reference to a member of a template on as a pointer.)
template <class... Named>
struct JoinedNames {
  static constexpr auto letters = [] {
    std::array<char, (Named::name.size() + ... + 0)> out{};
    std::size_t at = 0;
    const auto add = [&](std::string_view text) {
      for (const char c : text) out[at++] = c;
    };
    (add(Named::name), ...);
    return out;
  }();
  static constexpr std::string_view value{letters.data(), letters.size()};
};

/// The name of field I of K, by itself and under a prefix.
template <class K, std::size_t I>
struct FieldName {
  static constexpr std::string_view name = std::get<I>(K::fields).name;
};
template <class K, class Prefix, std::size_t I>
struct PrefixedField {
  static constexpr std::string_view name = JoinedNames<Prefix, FieldName<K, I>>::value;
};

}  // namespace detail

/// The fields of recipe K, whose settings are the member `part` of S, each with Prefix::name in
/// front of its name.
template <class K, class Prefix, class S, class Part>
[[nodiscard]] constexpr auto nested_fields(Part S::*part) {
  using Fields = std::remove_cvref_t<decltype(K::fields)>;
  return [part]<std::size_t... I>(std::index_sequence<I...>) {
    return std::tuple{NestedField<S, Part, std::tuple_element_t<I, Fields>>{
        detail::PrefixedField<K, Prefix, I>::name, part, std::get<I>(K::fields)}...};
  }
  (std::make_index_sequence<std::tuple_size_v<Fields>>{});
}

}  // namespace inrgene
