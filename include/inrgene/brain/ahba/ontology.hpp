// The atlas's tree of structures: which side and which kind of tissue each belongs to.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/tables.hpp"
#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/brain/expression/tables.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/number_text.hpp"

namespace inrgene {

/// One structure of the ontology.
struct OntologyStructure {
  Index id = 0;
  std::string acronym = {};  ///< the same on both sides
  std::string name = {};
  Hemisphere hemisphere = Hemisphere::both;      ///< both: the file has none
  StructureClass tissue = StructureClass::none;  ///< by the path from the root
};

/// The kind of tissue of a path of ids from the root ("/4005/4006/4007/4008/"): that of the last id
/// that stands for one of the five classes; none without such an id. So the hippocampal formation
/// 4249, which hangs on the cortex 4008, counts as subcortex/brainstem.
/// Source: Markello et al. 2021; the place in the path decides, not the place in its text.
[[nodiscard]] inline StructureClass class_of_path(std::string_view path) {
  using enum StructureClass;
  constexpr std::array<std::pair<std::string_view, StructureClass>, 10> classes{
      {{"4008", cortex},
       {"4249", subcortex_brainstem},
       {"4275", subcortex_brainstem},
       {"4391", subcortex_brainstem},
       {"9001", subcortex_brainstem},
       {"9131", subcortex_brainstem},
       {"9512", subcortex_brainstem},
       {"4696", cerebellum},
       {"9218", white_matter},
       {"9352", other}}};
  StructureClass found = none;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view id = path.substr(0, end);
    for (const auto& [known, tissue] : classes) {
      if (id == known) found = tissue;
    }
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return found;
}

/// All structures of one donor's Ontology.csv, found by id or by acronym and side.
class Ontology {
 public:
  /// `file` is for messages. Throws ArgumentError for an id that stands twice.
  explicit Ontology(std::vector<OntologyStructure> structures, std::string file = "Ontology.csv")
      : structures_(std::move(structures)), file_(std::move(file)) {
    for (std::size_t s = 0; s < structures_.size(); ++s) {
      const auto [entry, fresh] = by_id_.emplace(structures_[s].id, s);
      require(fresh, "structure id", structures_[s].id, "each id once");
      by_place_.emplace(Place{structures_[s].acronym, structures_[s].hemisphere}, s);
    }
  }

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::vector<OntologyStructure>& structures() const { return structures_; }

  /// The structure with this id, or nullptr.
  [[nodiscard]] const OntologyStructure* find(Index id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &structures_[found->second];
  }
  /// The structure with this id. Throws InputError with the file, the id and `asked_by`
  /// ("SampleAnnot.csv, line 7") when there is none.
  [[nodiscard]] const OntologyStructure& at(Index id, std::string_view asked_by = {}) const {
    if (const OntologyStructure* found = find(id)) return *found;
    throw InputError(
        {file_, "column 'id'",
         text("no structure ", id, " among its ", structures_.size(), " structures"),
         text("a row for it", asked_by.empty() ? "" : ", which stands in ", asked_by)});
  }
  /// Side and kind of tissue of a structure; throw as `at`.
  [[nodiscard]] Hemisphere hemisphere(Index id) const { return at(id).hemisphere; }
  [[nodiscard]] StructureClass structure_class(Index id) const { return at(id).tissue; }

  /// The structure called `acronym` on the side `hemisphere`. Throws InputError with the file, both
  /// and `asked_by` when there is none or more than one.
  [[nodiscard]] const OntologyStructure& counterpart(std::string_view acronym,
                                                     Hemisphere hemisphere,
                                                     std::string_view asked_by = {}) const {
    const auto found = by_place_.find(Place{std::string(acronym), hemisphere});
    const auto second = found == by_place_.end() ? found : std::next(found);
    const bool twice = second != by_place_.end() && second->first == found->first;
    if (found != by_place_.end() && !twice) return structures_[found->second];
    const std::string_view side = hemisphere == Hemisphere::left    ? " in hemisphere L"
                                  : hemisphere == Hemisphere::right ? " in hemisphere R"
                                                                    : " without a hemisphere";
    throw InputError(
        {file_, "columns 'acronym' and 'hemisphere'",
         text(twice ? "more than one structure " : "no structure ", in_quotes(acronym), side),
         text("one", asked_by.empty() ? "" : ", for ", asked_by)});
  }

 private:
  using Place = std::pair<std::string, Hemisphere>;

  std::vector<OntologyStructure> structures_;
  std::string file_;
  std::unordered_map<Index, std::size_t> by_id_;
  std::multimap<Place, std::size_t> by_place_;
};

/// Reads Ontology.csv: columns id, acronym, name, hemisphere (L, R or missing), structure_id_path;
/// others are ignored, and the order of rows does not matter.
/// Throws InputError with file and line for a missing column, no rows, a repeated id, another
/// hemisphere, and as read_csv.
[[nodiscard]] inline Ontology read_ontology(const std::filesystem::path& path) {
  const CsvTable table = read_csv(path);
  const Index id = table.column("id"), acronym = table.column("acronym");
  const Index name = table.column("name"), hemisphere = table.column("hemisphere");
  const Index path_ids = table.column("structure_id_path");
  detail::require_rows(table);
  std::vector<OntologyStructure> structures;
  const std::vector<Index> ids = detail::distinct_numbers(table, id);
  for (Index row = 0; row < table.rows(); ++row) {
    OntologyStructure s{.id = ids[static_cast<std::size_t>(row)],
                        .acronym = std::string(table.cell(row, acronym)),
                        .name = std::string(table.cell(row, name)),
                        .tissue = class_of_path(table.cell(row, path_ids))};
    const std::string_view side = table.cell(row, hemisphere);
    if (side != "L" && side != "R" && !is_missing(side)) {
      table.refuse(row, hemisphere, in_quotes(side), "L, R or nothing");
    }
    if (side == "L") s.hemisphere = Hemisphere::left;
    if (side == "R") s.hemisphere = Hemisphere::right;
    structures.push_back(std::move(s));
  }
  return Ontology(std::move(structures), table.file());
}

}  // namespace inrgene
