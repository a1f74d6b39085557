// Enumerators and the words that stand for them in files and on command lines.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "inrgene/core/error.hpp"

namespace inrgene {

/// One word of a vocabulary. The first word of an enumerator is the one that is written; the
/// others are accepted for it too.
template <class E>
struct Word {
  std::string_view word;
  E value;
};

/// "a, b, c": the words of a vocabulary, for messages and help.
template <class E, std::size_t N>
[[nodiscard]] std::string words_of(const std::array<Word<E>, N>& vocabulary) {
  std::string out;
  for (const Word<E>& entry : vocabulary) {
    out += (out.empty() ? "" : ", ") + std::string(entry.word);
  }
  return out;
}

/// The enumerator that `word` stands for, strict. Throws ArgumentError "WHAT: found 'WORD',
/// expected one of: …" for a word that is not in the vocabulary.
template <class E, std::size_t N>
[[nodiscard]] E from_word(std::string_view what, std::string_view word,
                          const std::array<Word<E>, N>& vocabulary) {
  for (const Word<E>& entry : vocabulary) {
    if (entry.word == word) return entry.value;
  }
  throw ArgumentError(text(what, ": found '", word, "', expected one of: ", words_of(vocabulary)));
}

/// The word that is written for `value`; empty for a value without one.
template <class E, std::size_t N>
[[nodiscard]] constexpr std::string_view to_word(E value,
                                                 const std::array<Word<E>, N>& vocabulary) {
  for (const Word<E>& entry : vocabulary) {
    if (entry.value == value) return entry.word;
  }
  return {};
}

}  // namespace inrgene
