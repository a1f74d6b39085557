// The sets of reference values that abagen's output comes in: whatever the folder holds.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace inrgene::test {

/// Names of the folders below `root` that hold a folder `expected`, ascending: tiny, seed0, ….
inline std::vector<std::string> abagen_sets(const std::filesystem::path& root) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (std::filesystem::is_directory(entry.path() / "expected")) {
      names.push_back(entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace inrgene::test
