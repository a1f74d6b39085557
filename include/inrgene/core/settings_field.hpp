// Names for the members of a settings aggregate, for files and command lines.
#pragma once

#include <string_view>

namespace inrgene {

/// One named member of a settings aggregate, for files and command lines.
template <class S, class V>
struct SettingsField {
  std::string_view name;
  V S::*member;
};
template <class S, class V>
SettingsField(const char*, V S::*) -> SettingsField<S, V>;

}  // namespace inrgene
