// The small tables of a set in the format of the Allen Human Brain Atlas: copied from real ones, or
// made up in their sizes.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <numbers>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/csv.hpp"

namespace ahba_set {

using inrgene::CsvTable;
using inrgene::Index;
using inrgene::Random;
using inrgene::text;

/// Kinds of random streams; a stream's number is its kind and an item.
enum class Stream : std::uint64_t { genes, probes, noise, table, sample, field };

inline Random stream(std::uint64_t seed, Stream kind, std::uint64_t item = 0) {
  return Random(seed, (static_cast<std::uint64_t>(kind) << 48U) | item);
}

struct Donor {
  int number;
  std::string_view uid;
  Index samples;
  bool both_sides;
};

/// The six donors, ascending, with the samples each has.
inline constexpr std::array donors{
    Donor{9861, "H0351.2001", 946, true},   Donor{10021, "H0351.2002", 893, true},
    Donor{12876, "H0351.1009", 363, false}, Donor{14380, "H0351.1012", 529, false},
    Donor{15496, "H0351.1015", 470, false}, Donor{15697, "H0351.1016", 501, false}};

inline constexpr Index all_probes = 58692;
inline constexpr Index first_probe_id = 1058685;

/// Broad tissue of a sample, as far as the made expression cares.
enum class Tissue { cortex, deep, cerebellum, white, other };
inline constexpr Index tissues = 5;

struct Sample {
  std::string row;  ///< its line of SampleAnnot.csv
  std::array<double, 3> mm{};
  Tissue tissue = Tissue::other;
};

struct Probe {
  std::string name;
  std::string symbol;  ///< of Probes.csv
  std::string entrez;  ///< of Probes.csv; may be empty
  Index gene = 0;      ///< probes of one gene share a field of expression
};

struct Tables {
  std::string ontology;  ///< whole files
  std::string corrected;
  std::string reannotated;
  std::vector<std::vector<Sample>> samples;  ///< by donor
  std::vector<Probe> probes;
};

inline constexpr std::string_view sample_header =
    "structure_id,slab_num,well_id,slab_type,structure_acronym,structure_name,polygon_id,"
    "mri_voxel_x,mri_voxel_y,mri_voxel_z,mni_x,mni_y,mni_z\n";

inline std::string quoted(std::string_view words) {
  std::string out = "\"";
  for (const char c : words) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

/// Whether an item is among the share of them that is kept: evenly spread, the first one always.
inline bool kept(Index item, double share) {
  const auto whole = [share](Index i) { return std::ceil(static_cast<double>(i) * share - 1e-9); };
  return whole(item + 1) > whole(item);
}

/// Tissue by the ids of a structure_id_path; the last one that says something holds.
inline Tissue tissue_of(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, Tissue>, 10> roots{{{"4008", Tissue::cortex},
                                                                       {"4249", Tissue::deep},
                                                                       {"4275", Tissue::deep},
                                                                       {"4391", Tissue::deep},
                                                                       {"9001", Tissue::deep},
                                                                       {"9131", Tissue::deep},
                                                                       {"9512", Tissue::deep},
                                                                       {"4696", Tissue::cerebellum},
                                                                       {"9218", Tissue::white},
                                                                       {"9352", Tissue::other}}};
  Tissue found = Tissue::other;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    for (const auto& [id, tissue] : roots) {
      if (path.substr(0, slash) == id) found = tissue;
    }
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return found;
}

/// How many probes a made-up set names in its reannotation when it has `probes` in all.
inline Index annotated_share(Index probes) {
  return probes * 45892 / all_probes;
}

/// `probes` of a reannotation's probes, whole genes, and unnamed ones beside them, in an order that
/// scatters the probes of a gene over the file.
inline std::vector<Probe> choose_probes(const CsvTable& reannotated, Index probes,
                                        std::uint64_t seed) {
  const Index name = reannotated.column("probe_name"), symbol = reannotated.column("gene_symbol");
  const Index entrez = reannotated.column("entrez_id");
  std::map<std::string, std::vector<Index>, std::less<>> rows_of;
  for (Index r = 0; r < reannotated.rows(); ++r) {
    rows_of[std::string(reannotated.cell(r, symbol))].push_back(r);
  }
  std::vector<const std::vector<Index>*> genes;
  for (const auto& [gene, rows] : rows_of) genes.push_back(&rows);
  Random random = stream(seed, Stream::table);
  random.shuffle(genes);

  std::vector<Probe> out;
  const Index named = probes >= all_probes ? reannotated.rows() : annotated_share(probes);
  Index gene = 0;
  for (const auto* rows : genes) {
    if (std::ssize(out) >= named) break;
    for (const Index r : *rows) {
      if (std::ssize(out) >= named) break;
      const std::string number(reannotated.cell(r, entrez));
      const bool missing = number.empty() || number == "NaN";
      out.push_back({std::string(reannotated.cell(r, name)),
                     std::string(reannotated.cell(r, symbol)), missing ? "" : number, gene});
    }
    ++gene;
  }
  // The rest has no gene in the reannotation; every fifth has one by the Allen Institute.
  for (Index extra = 0; std::ssize(out) < probes; ++extra, ++gene) {
    const bool own_gene = extra % 5 == 0;
    out.push_back({text("A_99_P", 900000 + extra), own_gene ? text("LOC", 9000000 + extra) : "na",
                   own_gene ? text(9000000 + extra) : "", gene});
  }
  random.shuffle(out);
  return out;
}

/// A file of `folder`, plain or with .gz appended.
inline std::filesystem::path one_of(const std::filesystem::path& folder, const std::string& name) {
  for (const std::string& ending : {std::string(), std::string(".gz")}) {
    if (std::filesystem::exists(folder / (name + ending))) return folder / (name + ending);
  }
  throw inrgene::InputError({.file = (folder / name).string(),
                             .place = "reading it",
                             .found = "no such file, nor one with .gz appended",
                             .expected = "a table that README.md names"});
}

inline std::string content(const std::filesystem::path& path) {
  return inrgene::ByteReader(path).read_rest();
}

/// Real wells, coordinates, ontology and probe names, from a folder of tables (README.md).
inline Tables read_tables(const std::filesystem::path& folder, double scale, Index probes,
                          std::uint64_t seed) {
  Tables out;
  out.ontology = content(one_of(folder, "Ontology.csv"));
  out.corrected = content(one_of(folder, "corrected_mni_coordinates.csv"));
  out.reannotated = content(one_of(folder, "reannotated.csv"));
  const CsvTable ontology(out.ontology, "Ontology.csv");
  std::map<Index, Tissue> tissue;
  for (Index r = 0; r < ontology.rows(); ++r) {
    tissue[ontology.integer(r, ontology.column("id"))] =
        tissue_of(ontology.cell(r, ontology.column("structure_id_path")));
  }
  const CsvTable columns(std::string(sample_header), "the header of SampleAnnot.csv");
  for (const Donor& donor : donors) {
    const CsvTable table = inrgene::read_csv(one_of(folder, text(donor.uid, "_SampleAnnot.csv")));
    auto& samples = out.samples.emplace_back();
    for (Index r = 0; r < table.rows(); ++r) {
      if (!kept(r, scale)) continue;
      Sample sample;
      for (const std::string& column : columns.header()) {
        const std::string_view cell = table.cell(r, table.column(column));
        const bool words = column == "structure_acronym" || column == "structure_name";
        sample.row += (sample.row.empty() ? "" : ",") + (words ? quoted(cell) : std::string(cell));
      }
      sample.row += '\n';
      sample.mm = {table.finite(r, table.column("mni_x")), table.finite(r, table.column("mni_y")),
                   table.finite(r, table.column("mni_z"))};
      sample.tissue = tissue[table.integer(r, table.column("structure_id"))];
      samples.push_back(std::move(sample));
    }
  }
  out.probes = choose_probes(CsvTable(out.reannotated, "reannotated.csv"), probes, seed);
  return out;
}

/// A made-up structure: two ontology rows, one a side, around a place of its tissue.
struct Structure {
  Index left_id = 0;  ///< the right one's is one more
  std::string acronym;
  std::string name;
  std::string_view slab;
  Tissue tissue = Tissue::cortex;
  std::array<double, 3> mm{};  ///< on the left
};

/// A place on the left side within a tissue's rough shape, mm.
inline std::array<double, 3> place_in(Tissue tissue, Random& random) {
  switch (tissue) {
    case Tissue::cortex: {
      const double turn = random.uniform(0.04, 0.96) * std::numbers::pi;
      const double height = random.uniform(-0.6, 1.0), depth = random.uniform(0.85, 0.97);
      const double ring = std::sqrt(1 - height * height);
      return {-66 * depth * ring * std::sin(turn), -18 + 84 * depth * ring * std::cos(turn),
              8 + 64 * depth * height};
    }
    case Tissue::deep: {
      if (random.uniform() < 0.6) {
        return {random.uniform(-30, -6), random.uniform(-30, 16), random.uniform(-12, 14)};
      }
      return {random.uniform(-9, -2), random.uniform(-40, -20), random.uniform(-50, -10)};
    }
    case Tissue::cerebellum:
      return {random.uniform(-45, -4), random.uniform(-82, -48), random.uniform(-52, -26)};
    default:
      return {random.uniform(-28, -6), random.uniform(-50, 30), random.uniform(10, 30)};
  }
}

inline void make_structures(std::vector<Structure>& structures, std::string& ontology,
                            Random& random) {
  ontology =
      "id,acronym,name,parent_structure_id,hemisphere,graph_order,structure_id_path,"
      "color_hex_triplet\n"
      "4005,Br,brain,,,0,/4005/,A0A0A0\n"
      "4006,GM,gray matter,4005,,1,/4005/4006/,787878\n"
      "4008,Cx,cerebral cortex,4006,,2,/4005/4006/4008/,EDA65F\n"
      "4391,DiE,diencephalon,4006,,3,/4005/4006/4391/,8FBC8F\n"
      "4696,Cb,cerebellum,4006,,4,/4005/4006/4696/,70A0D0\n"
      "9218,WM,white matter,4005,,5,/4005/9218/,E0E0E0\n";
  struct Family {
    std::string_view path, acronym, name, slab;
    Tissue tissue;
    int count;
  };
  constexpr std::array families{
      Family{"/4005/4006/4008/", "Cx", "cortical area", "CX", Tissue::cortex, 150},
      Family{"/4005/4006/4391/", "Nu", "nucleus", "BS", Tissue::deep, 90},
      Family{"/4005/4006/4696/", "Cb", "cerebellar lobule", "CB", Tissue::cerebellum, 30},
      Family{"/4005/9218/", "Wm", "tract", "CX", Tissue::white, 3}};
  for (const Family& family : families) {
    for (int k = 1; k <= family.count; ++k) {
      Structure made{.left_id = 20000 + 2 * std::ssize(structures),
                     .acronym = text(family.acronym, "-", k),
                     .name = text(family.name, " ", k),
                     .slab = family.slab,
                     .tissue = family.tissue,
                     .mm = place_in(family.tissue, random)};
      const std::string parent(family.path.substr(family.path.size() - 5, 4));
      for (const Index side : {0, 1}) {
        const Index id = made.left_id + side;
        ontology += text(id, ",", made.acronym, ",\"", made.name, ", ",
                         side == 0 ? "left" : "right", "\",", parent, ",", side == 0 ? "L" : "R",
                         ",", id - 20000 + 10, ",", family.path, id, "/,A0B0C0\n");
      }
      structures.push_back(std::move(made));
    }
  }
}

/// A reannotation of 45,892 probes and about 20,000 genes; 71 probes without Entrez id.
inline std::string make_reannotation(Random& random) {
  std::string out = "probe_name,gene_symbol,entrez_id,allen_entrez_id,compare\n";
  Index probe = 0;
  for (Index gene = 1; probe < 45892; ++gene) {
    const double u = random.uniform();
    const Index count = u < 0.12 ? 1 : u < 0.76 ? 2 : u < 0.92 ? 3 : u < 0.975 ? 4 : 6;
    for (Index k = 0; k < count && probe < 45892; ++k, ++probe) {
      const bool missing = probe % 646 == 645;
      const std::string entrez = missing ? "NaN" : text(100000 + gene);
      out += text("A_23_P", 100000 + probe, ",GENE", gene, ",", entrez, ",", entrez, ",1\n");
    }
  }
  return out;
}

/// Tables of real sizes that belong to nobody.
inline Tables make_tables(double scale, Index probes, std::uint64_t seed) {
  Tables out;
  Random random = stream(seed, Stream::sample);
  std::vector<Structure> structures;
  make_structures(structures, out.ontology, random);
  out.corrected = "well_id,corrected_mni_x,corrected_mni_y,corrected_mni_z\n";
  Index well = 1000;
  for (const Donor& donor : donors) {
    auto& samples = out.samples.emplace_back();
    for (Index s = 0; s < donor.samples; ++s) {
      // Every structure once, then whichever the draw says.
      const auto count = static_cast<Index>(structures.size());
      const auto& structure =
          structures[static_cast<std::size_t>(s < count ? s : random.below(count))];
      const bool right = donor.both_sides && random.uniform() < 0.5;
      std::array<double, 3> mm = structure.mm;
      for (double& x : mm) x += random.uniform(-4, 4);
      mm[0] = std::min(mm[0], -1.0);
      if (right) mm[0] = -mm[0];
      well += 1 + random.below(40);
      Sample sample;
      sample.tissue = structure.tissue;
      for (double& x : mm) x = std::round(x);
      sample.mm = mm;
      const auto whole = [](double x) { return static_cast<Index>(x); };
      sample.row = text(structure.left_id + (right ? 1 : 0), ",", 1 + random.below(30), ",", well,
                        ",", structure.slab, ",\"", structure.acronym, "\",\"", structure.name,
                        ", ", right ? "right" : "left", "\",", 1000000 + random.below(9000000), ",",
                        whole(96 - mm[0]), ",", whole(96 - mm[2]), ",", whole(96 - mm[1]), ",",
                        whole(mm[0]), ".0,", whole(mm[1]), ".0,", whole(mm[2]), ".0\n");
      out.corrected += text(well);
      for (const double x : mm) {
        const double moved = x + random.uniform(-0.9, 0.9);
        out.corrected += ',' + inrgene::number_text(moved);
      }
      out.corrected += '\n';
      if (kept(s, scale)) samples.push_back(std::move(sample));
    }
  }
  out.reannotated = make_reannotation(random);
  out.probes = choose_probes(CsvTable(out.reannotated, "reannotated.csv"), probes, seed);
  return out;
}

}  // namespace ahba_set
