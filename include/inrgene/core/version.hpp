// The one version number; CMake, CITATION.cff and CHANGELOG are checked against it by a test.
#pragma once

namespace inrgene {

inline constexpr const char* version = "0.1.0";

}  // namespace inrgene
