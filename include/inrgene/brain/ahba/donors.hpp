// The six donors of the Allen Human Brain Atlas.
#pragma once

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

#include "inrgene/core/error.hpp"

namespace inrgene {

/// A donor under the number of its files and under the name of its specimen.
struct KnownDonor {
  int number;
  std::string_view uid;
};

/// All donors, ascending by number: "donor order" wherever donors are walked.
inline constexpr std::array known_donors{
    KnownDonor{9861, "H0351.2001"},  KnownDonor{10021, "H0351.2002"},
    KnownDonor{12876, "H0351.1009"}, KnownDonor{14380, "H0351.1012"},
    KnownDonor{15496, "H0351.1015"}, KnownDonor{15697, "H0351.1016"}};

namespace detail {

/// "9861 (H0351.2001), …": for messages.
[[nodiscard]] inline std::string known_donors_text() {
  std::string out;
  for (const KnownDonor& donor : known_donors) {
    out += text(out.empty() ? "" : ", ", donor.number, " (", donor.uid, ")");
  }
  return out;
}

}  // namespace detail

/// Number of the donor that `words` name, by number ("9861") or specimen ("H0351.2001"). Throws
/// ArgumentError that lists all donors for another name.
[[nodiscard]] inline int donor_from_text(std::string_view words) {
  int number = 0;
  const char* const end = words.data() + words.size();
  const std::from_chars_result parsed = std::from_chars(words.data(), end, number);
  const bool is_number = parsed.ec == std::errc() && parsed.ptr == end;
  for (const KnownDonor& donor : known_donors) {
    if (is_number ? donor.number == number : donor.uid == words) return donor.number;
  }
  throw ArgumentError(
      text("donor: found '", words, "', expected one of: ", detail::known_donors_text()));
}

/// "H0351.2001" of 9861. Throws ArgumentError for a number that is no donor's.
[[nodiscard]] inline std::string_view donor_uid(int number) {
  for (const KnownDonor& donor : known_donors) {
    if (donor.number == number) return donor.uid;
  }
  throw ArgumentError(
      text("donor: found ", number, ", expected one of: ", detail::known_donors_text()));
}

}  // namespace inrgene
