// Where the downloaded files of each donor are.
#pragma once

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/donors.hpp"
#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/core/error.hpp"

namespace inrgene {

/// The files of one donor, each plain or gzip-compressed.
struct DonorFiles {
  int donor = 0;                                       ///< 9861, 10021, …
  std::filesystem::path expression{};                  ///< MicroarrayExpression.csv
  std::filesystem::path calls{};                       ///< PACall.csv
  std::filesystem::path probes{};                      ///< Probes.csv
  std::filesystem::path samples{};                     ///< SampleAnnot.csv
  std::filesystem::path ontology{};                    ///< Ontology.csv
  std::optional<std::filesystem::path> t1{};           ///< the donor's T1 image; set by the user
  std::optional<std::filesystem::path> tpm{};          ///< RNAseqTPM.csv, of two donors
  std::optional<std::filesystem::path> tpm_samples{};  ///< SampleAnnot.csv beside it
};

/// The donors found, ascending by number.
struct AhbaFolder {
  std::filesystem::path root{};  ///< holds the donors' folders
  std::vector<DonorFiles> donors{};
};

namespace detail {

inline constexpr std::string_view donor_folder_prefix = "normalized_microarray_donor";
inline constexpr std::string_view ahba_source = "human.brain-map.org/static/download";

[[nodiscard]] inline bool is_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

/// `folder`/`name`, or the same with .gz behind it; the plain file goes first.
[[nodiscard]] inline std::optional<std::filesystem::path> find_plain_or_packed(
    const std::filesystem::path& folder, std::string_view name) {
  std::error_code ignored;
  for (const std::string_view ending : {"", ".gz"}) {
    std::filesystem::path path = folder / text(name, ending);
    if (std::filesystem::exists(path, ignored) && !is_folder(path)) return path;
  }
  return std::nullopt;
}

/// Names of the donors' folders in `folder`, sorted; none when it cannot be listed.
[[nodiscard]] inline std::vector<std::string> donor_folders(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code code;
  for (std::filesystem::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    std::string name = entry->path().filename().string();
    if (name.starts_with(donor_folder_prefix) && is_folder(entry->path())) {
      names.push_back(std::move(name));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// The folder with the donors' folders: `data_dir`/microarray or `data_dir` itself. Throws
/// InputError when neither holds one.
[[nodiscard]] inline std::filesystem::path microarray_folder(
    const std::filesystem::path& data_dir) {
  for (const std::filesystem::path& folder : {data_dir / "microarray", data_dir}) {
    if (!donor_folders(folder).empty()) return folder;
  }
  throw InputError(
      {.file = data_dir.string(),
       .place = "",
       .found = is_folder(data_dir) ? text("a folder without ", donor_folder_prefix, "… in it or ",
                                           "in its folder microarray")
                                    : std::string("no such folder"),
       .expected = text("one folder a donor, ", donor_folder_prefix, "9861 and so on, unpacked ",
                        "from the archives of ", ahba_source)});
}

/// The folder that holds `folder`, also when its name ends in a slash or is no name.
[[nodiscard]] inline std::filesystem::path folder_above(const std::filesystem::path& folder) {
  const std::filesystem::path name = folder.filename();
  if (name == "." || name == "..") return folder / "..";
  return name.empty() ? folder.parent_path().parent_path() : folder.parent_path();
}

/// The files of one donor. Throws InputError that names all that are missing.
[[nodiscard]] inline DonorFiles find_donor_files(const std::filesystem::path& microarray,
                                                 int donor) {
  const std::filesystem::path folder = microarray / text(donor_folder_prefix, donor);
  const std::string source = text("the archive ", donor_folder_prefix, donor, " of donor ",
                                  donor_uid(donor), " from ", ahba_source);
  if (!is_folder(folder)) {
    std::vector<std::string> there = donor_folders(microarray);
    throw InputError({.file = folder.string(),
                      .place = "",
                      .found = text("no such folder beside ", name_list(there, 6)),
                      .expected = source + ", unpacked"});
  }
  DonorFiles files;
  files.donor = donor;
  std::vector<std::string> missing;
  const std::array<std::pair<std::string_view, std::filesystem::path*>, 5> wanted{
      {{"MicroarrayExpression.csv", &files.expression},
       {"PACall.csv", &files.calls},
       {"Probes.csv", &files.probes},
       {"SampleAnnot.csv", &files.samples},
       {"Ontology.csv", &files.ontology}}};
  for (const auto& [name, path] : wanted) {
    if (auto found = find_plain_or_packed(folder, name)) {
      *path = std::move(*found);
    } else {
      missing.emplace_back(name);
    }
  }
  if (!missing.empty()) {
    throw InputError({.file = folder.string(),
                      .place = "",
                      .found = text("no ", name_list(missing, 5)),
                      .expected = text("MicroarrayExpression.csv, PACall.csv, Probes.csv, ",
                                       "SampleAnnot.csv and Ontology.csv, each plain or with .gz ",
                                       "behind its name: ", source)});
  }
  const std::filesystem::path rnaseq =
      folder_above(microarray) / "rnaseq" / text("rnaseq_donor", donor);
  files.tpm = find_plain_or_packed(rnaseq, "RNAseqTPM.csv");
  files.tpm_samples = find_plain_or_packed(rnaseq, "SampleAnnot.csv");
  return files;
}

}  // namespace detail

/// Finds the files of the donors named (numbers or specimens, in any order; none or the one word
/// "all": all that are there). `data_dir` is the folder that holds `microarray`, or holds the
/// donors' folders itself. RNA sequencing, when there, is in ../rnaseq/rnaseq_donor9861 as seen
/// from the donors' folders' folder. No file is opened.
/// Throws InputError for a missing folder or file (all that miss in one message, with where to
/// get them) and a folder of an unknown donor; ArgumentError for an unknown donor asked for and
/// one named twice.
[[nodiscard]] inline AhbaFolder open_ahba(const std::filesystem::path& data_dir,
                                          std::span<const std::string> donors = {}) {
  std::vector<int> numbers;
  const bool all = donors.empty() || (donors.size() == 1 && donors[0] == "all");
  if (!all) {
    for (const std::string& words : donors) numbers.push_back(donor_from_text(words));
  }
  AhbaFolder out;
  out.root = detail::microarray_folder(data_dir);
  if (all) {
    for (const std::string& name : detail::donor_folders(out.root)) {
      const std::string words = name.substr(detail::donor_folder_prefix.size());
      try {
        numbers.push_back(donor_from_text(words));
      } catch (const ArgumentError&) {
        throw InputError({.file = (out.root / name).string(),
                          .place = "",
                          .found = text("a folder of the donor ", words),
                          .expected = text("folders of the donors ", detail::known_donors_text(),
                                           "; name the donors to use to leave it out")});
      }
    }
  }
  std::sort(numbers.begin(), numbers.end());
  const auto twice = std::adjacent_find(numbers.begin(), numbers.end());
  require(twice == numbers.end(), "donors", twice == numbers.end() ? 0 : *twice, "each donor once");
  for (const int number : numbers) {
    out.donors.push_back(detail::find_donor_files(out.root, number));
  }
  return out;
}

/// The donor's tables of RNA sequencing: values and samples. Throws InputError that says what was
/// looked for and where to get it when one is not there.
struct RnaseqFiles {
  std::filesystem::path tpm;
  std::filesystem::path samples;
};
[[nodiscard]] inline RnaseqFiles require_rnaseq(const DonorFiles& files) {
  if (files.tpm && files.tpm_samples) return {*files.tpm, *files.tpm_samples};
  throw InputError({.file = text("rnaseq/rnaseq_donor", files.donor),
                    .place = "",
                    .found = text("no ", files.tpm ? "" : "RNAseqTPM.csv",
                                  files.tpm || files.tpm_samples ? "" : " and no ",
                                  files.tpm_samples ? "" : "SampleAnnot.csv"),
                    .expected = text("both, beside the folder microarray, from the RNA sequencing ",
                                     "of donor ", donor_uid(files.donor), " at ",
                                     detail::ahba_source, " (donors 9861 and 10021 have it)")});
}

}  // namespace inrgene
