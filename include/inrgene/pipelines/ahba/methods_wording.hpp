// Numbers as the methods section of a run says them.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene::detail {

/// 58692 as "58,692".
[[nodiscard]] inline std::string grouped(Index number) {
  std::string digits = std::to_string(number);
  for (Index at = std::ssize(digits) - 3; at > (number < 0 ? 1 : 0); at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

/// One to six in words, else digits.
[[nodiscard]] inline std::string in_words(Index number) {
  constexpr std::array<std::string_view, 6> words{"one", "two", "three", "four", "five", "six"};
  if (number < 1 || number > std::ssize(words)) return grouped(number);
  return std::string(words[static_cast<std::size_t>(number - 1)]);
}

/// "1 sample", "3,702 samples"; `thing` in the singular.
[[nodiscard]] inline std::string counted(Index number, std::string_view thing) {
  return text(grouped(number), " ", thing, number == 1 ? "" : "s");
}

/// "a", "a and b", "a, b and c".
[[nodiscard]] inline std::string listed(std::span<const int> numbers) {
  std::string out;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    out += text(i == 0 ? "" : i + 1 == numbers.size() ? " and " : ", ", numbers[i]);
  }
  return out;
}

}  // namespace inrgene::detail
