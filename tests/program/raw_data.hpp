// Small raw folders of the microarray atlas for the program, and how its answers are read.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/io/csv.hpp"
#include "program/run_program.hpp"
#include "support/raw_atlas.hpp"
#include "support/raw_set.hpp"
#include "support/temp_dir.hpp"

namespace inrgene::test {

/// raw/ with three donors (12876 has left samples only), the two tables beside it, and the atlas.
class RawData {
 public:
  explicit RawData(RawSet described = raw_set({9861, 10021, 12876}), const RawWriting& how = {})
      : set(std::move(described)),
        paths(write_raw_folder(dir / "raw", set, how)),
        atlas(write_raw_atlas(dir.path())) {}

  [[nodiscard]] std::string operator/(std::string_view name) const { return (dir / name).string(); }

  /// An `ahba` command on these data with `more` options. An option of `more` that stands among the
  /// usual ones takes its place.
  [[nodiscard]] std::vector<std::string> ahba(const std::string& out,
                                              const std::vector<std::string>& more = {}) const {
    const std::vector<std::pair<std::string, std::string>> usual{
        {"--data", (paths.root).string()},
        {"--atlas", atlas.volume.string()},
        {"--info", atlas.info.string()},
        {"--coordinates", paths.coordinates.string()},
        {"--reannotation", paths.reannotation.string()},
        {"--out", *this / out}};
    std::vector<std::string> words{"ahba"};
    const auto given = [&](std::string_view option) {
      return std::find(more.begin(), more.end(), option) != more.end();
    };
    for (const auto& [option, value] : usual) {
      if (given(option)) continue;
      if (option == "--coordinates" && given("--no-corrected-mni")) continue;
      if (option == "--reannotation" && given("--no-reannotated")) continue;
      words.insert(words.end(), {option, value});
    }
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string process(const std::string& out, const std::vector<std::string>& more = {}) const {
    return succeed(ahba(out, more));
  }
  [[nodiscard]] CsvTable table(const std::string& name) const { return read_csv(dir / name); }

  TempDir dir;
  RawSet set;
  RawPaths paths;
  RawAtlas atlas;
};

/// Names of the files in a folder, sorted.
inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// The header from column `first` on.
inline std::vector<std::string> genes_of(const CsvTable& table, Index first) {
  return {table.header().begin() + first, table.header().end()};
}

/// Mean of each gene over the rows of each label: label 0 and NaN take no part.
inline std::map<std::pair<Index, std::string>, double> means_by_label(const CsvTable& samples) {
  std::map<std::pair<Index, std::string>, std::pair<double, double>> sums;
  for (Index row = 0; row < samples.rows(); ++row) {
    const Index label = samples.integer(row, 0);
    if (label == 0) continue;
    for (Index c = 2; c < samples.columns(); ++c) {
      auto& [sum, count] = sums[{label, samples.header()[static_cast<std::size_t>(c)]}];
      sum += samples.number(row, c);
      count += 1;
    }
  }
  std::map<std::pair<Index, std::string>, double> means;
  for (const auto& [key, sum] : sums) means[key] = sum.first / sum.second;
  return means;
}

/// Lines of a report as item, kind, reason.
struct ReportLine {
  std::string item, kind, reason;
};
inline std::vector<ReportLine> read_report(const std::filesystem::path& file) {
  const CsvTable table = read_csv(file);
  REQUIRE(table.header() == std::vector<std::string>{"item", "kind", "reason"});
  std::vector<ReportLine> lines;
  for (Index row = 0; row < table.rows(); ++row) {
    lines.push_back({std::string(table.cell(row, 0)), std::string(table.cell(row, 1)),
                     std::string(table.cell(row, 2))});
  }
  return lines;
}

}  // namespace inrgene::test
