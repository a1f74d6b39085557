// Where tests find the reference values and the real data, when they are there at all.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>

namespace inrgene::test {

/// Root of the source tree, given by the build.
inline std::filesystem::path source_root() {
  return INRGENE_SOURCE_DIR;
}

/// The folder named by the environment variable `name` when it is set and a folder.
inline std::optional<std::filesystem::path> folder_from_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  if (!std::filesystem::is_directory(value)) return std::nullopt;
  return std::filesystem::path(value);
}

/// Root of the reference values (folders torch, sklearn, …): the environment's INRGENE_FIXTURES,
/// else tests/reference, else the shared folder beside the source tree; none when absent.
/// A set INRGENE_FIXTURES that is no folder gives none, never another set.
inline std::optional<std::filesystem::path> fixtures_root() {
  if (std::getenv("INRGENE_FIXTURES") != nullptr) {
    return folder_from_environment("INRGENE_FIXTURES");
  }
  for (const std::filesystem::path& root : {source_root() / "tests" / "reference",
                                            source_root().parent_path() / "shared" / "fixtures"}) {
    if (std::filesystem::is_directory(root / "torch")) return root;
  }
  return std::nullopt;
}

/// The reference values in the folder `name` (torch, sklearn, abagen): below the environment's
/// INRGENE_FIXTURES, else below tests/reference or the shared folder beside the source tree; none
/// when absent.
inline std::optional<std::filesystem::path> fixture_folder(const char* name) {
  if (std::getenv("INRGENE_FIXTURES") != nullptr) {
    const auto root = folder_from_environment("INRGENE_FIXTURES");
    if (root && std::filesystem::is_directory(*root / name)) return *root / name;
    return std::nullopt;
  }
  for (const std::filesystem::path& root : {source_root() / "tests" / "reference",
                                            source_root().parent_path() / "shared" / "fixtures"}) {
    if (std::filesystem::is_directory(root / name)) return root / name;
  }
  return std::nullopt;
}

/// Root of the real data (folders samples, atlas, …): the environment's INRGENE_DATA, else the
/// shared folder beside the source tree; none when absent.
inline std::optional<std::filesystem::path> data_root() {
  if (std::getenv("INRGENE_DATA") != nullptr) return folder_from_environment("INRGENE_DATA");
  const std::filesystem::path root = source_root().parent_path() / "shared" / "data";
  if (std::filesystem::is_directory(root)) return root;
  return std::nullopt;
}

}  // namespace inrgene::test
