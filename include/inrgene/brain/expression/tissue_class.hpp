// The tissue class of a point and the two conventions of writing it as a number.
#pragma once

#include <string>
#include <string_view>

#include "inrgene/core/error.hpp"

namespace inrgene {

/// Tissue class of a point of the brain. The enumerators are labels; the number that stands for
/// one in a file or a model is given by `tissue_value` and a named sign convention.
enum class Tissue : signed char { white = -1, neither = 0, grey = +1 };

/// How a `classification` column, and the model's input c, is signed.
enum class TissueSign {
  paper,         ///< grey +1, white -1, neither 0 (Yu et al. 2025)
  released_code  ///< white +1, grey -1, neither 0 (the paper's released code and its files)
};

/// The number that stands for `tissue` under `sign`: -1, 0 or 1.
[[nodiscard]] constexpr double tissue_value(Tissue tissue, TissueSign sign) {
  const int as_paper = static_cast<int>(tissue);
  return sign == TissueSign::paper ? as_paper : -as_paper;
}

/// Where a value stands, for messages.
struct InputPlace {
  std::string file = "tissue class";
  std::string place = {};
};

/// The class that `value` stands for under `sign`; -1, 0 and 1 are the only values there are.
/// `where` supplies the file and place of the message. Throws InputError for any other value.
[[nodiscard]] inline Tissue tissue_from_value(double value, TissueSign sign,
                                              const InputPlace& where = {}) {
  if (value == 0.0) return Tissue::neither;
  if (value == 1.0) return sign == TissueSign::paper ? Tissue::grey : Tissue::white;
  if (value == -1.0) return sign == TissueSign::paper ? Tissue::white : Tissue::grey;
  throw InputError({where.file, where.place, text(value), "a tissue class: -1, 0 or 1"});
}

/// "paper" or "released-code", as the program's --tissue-sign and checkpoints write it.
[[nodiscard]] constexpr std::string_view to_text(TissueSign sign) {
  return sign == TissueSign::paper ? "paper" : "released-code";
}

/// Inverse of `to_text`, strict. Throws ArgumentError that lists the accepted names.
[[nodiscard]] inline TissueSign tissue_sign_from_text(std::string_view name) {
  if (name == "paper") return TissueSign::paper;
  if (name == "released-code") return TissueSign::released_code;
  throw ArgumentError(text("tissue sign: found '", name, "', expected one of: paper (grey +1), ",
                           "released-code (white +1)"));
}

}  // namespace inrgene
