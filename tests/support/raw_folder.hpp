// Small raw folders of the Allen Human Brain Atlas, written from a description.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/atomic_file.hpp"
#include "inrgene/io/byte_writer.hpp"
#include "inrgene/io/number_text.hpp"

namespace inrgene::test {

/// A row of Ontology.csv.
struct RawStructure {
  Index id = 0;
  std::string acronym = {};
  std::string name = {};
  std::string parent = {};      ///< empty for the root
  std::string hemisphere = {};  ///< "L", "R" or empty
  std::string path = {};        ///< "/4005/4006/"
};

/// A row of Probes.csv; `entrez` is the text of the cell.
struct RawProbe {
  Index id = 0;
  std::string name = {};
  std::string gene = {};
  std::string entrez = {};
};

/// A row of the reannotation table.
struct RawReannotation {
  std::string probe_name = {};
  std::string gene = {};
  std::string entrez = {};
};

/// A row of SampleAnnot.csv with its columns of MicroarrayExpression.csv and PACall.csv and its row
/// of the corrected coordinates.
struct RawSample {
  Index structure_id = 0;
  Index well_id = 0;
  std::array<double, 3> mni_mm{};
  std::array<double, 3> corrected_mm{};
  std::array<int, 3> mri_voxel{};
  std::string slab = "CX";
  std::vector<double> values = {};  ///< one a probe of RawSet::probes, log2
  std::vector<int> calls = {};      ///< one a probe of RawSet::probes, 0 or 1
};

/// A sample of RNA sequencing.
struct RawRnaSample {
  Index structure_id = 0;
  Index well_id = 0;
  std::vector<double> tpm = {};  ///< one a gene of RawSet::rna_genes
};

struct RawDonor {
  int donor = 0;
  std::vector<RawSample> samples = {};
  std::vector<RawRnaSample> rna = {};  ///< empty: no folder is written
};

/// All that the raw folders hold.
struct RawSet {
  std::vector<RawStructure> ontology = {};
  std::vector<RawProbe> probes = {};
  std::vector<RawReannotation> reannotation = {};
  std::vector<std::string> rna_genes = {};
  std::vector<RawDonor> donors = {};

  /// Structure of an id. Throws for one that is not there.
  [[nodiscard]] const RawStructure& structure(Index id) const {
    for (const RawStructure& s : ontology) {
      if (s.id == id) return s;
    }
    throw std::out_of_range(text("no structure ", id));
  }
};

/// How the files are written. A table's row order means nothing except SampleAnnot's (its rows are
/// the columns of the expression): `shuffle` other than 0 mixes the rows of every other table, each
/// table otherwise.
struct RawWriting {
  bool crlf = false;
  bool gzip = false;  ///< every file packed, with .gz behind its name
  std::uint64_t shuffle = 0;
};

/// Where the written files are.
struct RawPaths {
  std::filesystem::path root;          ///< holds `microarray` and perhaps `rnaseq`
  std::filesystem::path coordinates;   ///< well_id, corrected_mni_x, _y, _z
  std::filesystem::path reannotation;  ///< probe_name, gene_symbol, entrez_id, …
  std::string ending;                  ///< "" or ".gz"

  [[nodiscard]] std::filesystem::path folder(int donor) const {
    return root / "microarray" / text("normalized_microarray_donor", donor);
  }
  [[nodiscard]] std::filesystem::path rna_folder(int donor) const {
    return root / "rnaseq" / text("rnaseq_donor", donor);
  }
  [[nodiscard]] std::filesystem::path file(int donor, std::string_view name) const {
    return folder(donor) / (std::string(name) + ending);
  }
};

namespace raw {

/// In [0, 1): the same for the same number, on every machine.
[[nodiscard]] inline double raw_fraction(std::uint64_t number) {
  std::uint64_t x = number + 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return static_cast<double>((x ^ (x >> 31U)) >> 11U) * 0x1p-53;
}

[[nodiscard]] inline std::string quoted(std::string_view words) {
  std::string out = "\"";
  for (const char c : words) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

/// "-58.0", as the atlas writes whole millimetres.
[[nodiscard]] inline std::string millimetres(double value) {
  const std::string words = number_text(value);
  return words.find_first_of(".en") == std::string::npos ? words + ".0" : words;
}

/// Header (empty: none) and rows of one file, on their way to the disk.
class RawTable {
 public:
  RawTable(const RawWriting& how, std::string header) : how_(how), header_(std::move(header)) {}

  void row(std::string line) { rows_.push_back(std::move(line)); }
  void write(const std::filesystem::path& path, bool order_matters = false) {
    if (how_.shuffle != 0 && !order_matters) mix(path.string().size());
    const std::string end = how_.crlf ? "\r\n" : "\n";
    std::string bytes = header_.empty() ? "" : header_ + end;
    for (const std::string& row : rows_) bytes += row + end;
    ByteWriter writer(path);
    writer.write(bytes);
    writer.commit();
  }

 private:
  void mix(std::uint64_t salt) {
    for (std::size_t i = rows_.size(); i > 1; --i) {
      const double at = raw_fraction(how_.shuffle * 7919 + salt * 104729 + i);
      std::swap(rows_[i - 1], rows_[static_cast<std::size_t>(at * static_cast<double>(i))]);
    }
  }

  RawWriting how_;
  std::string header_;
  std::vector<std::string> rows_;
};

inline void write_raw_samples(const RawSet& set, const RawDonor& donor, const RawWriting& how,
                              const std::filesystem::path& path) {
  RawTable table(how,
                 "structure_id,slab_num,well_id,slab_type,structure_acronym,structure_name,"
                 "polygon_id,mri_voxel_x,mri_voxel_y,mri_voxel_z,mni_x,mni_y,mni_z");
  for (const RawSample& s : donor.samples) {
    const RawStructure& structure = set.structure(s.structure_id);
    table.row(text(s.structure_id, ",7,", s.well_id, ",", s.slab, ",", quoted(structure.acronym),
                   ",", quoted(structure.name), ",", 100000 + s.well_id, ",", s.mri_voxel[0], ",",
                   s.mri_voxel[1], ",", s.mri_voxel[2], ",", millimetres(s.mni_mm[0]), ",",
                   millimetres(s.mni_mm[1]), ",", millimetres(s.mni_mm[2])));
  }
  table.write(path, true);
}

inline void write_raw_rna(const RawSet& set, const RawDonor& donor, const RawWriting& how,
                          const std::filesystem::path& folder, const std::string& ending) {
  std::filesystem::create_directories(folder);
  RawTable tpm(how, "");
  for (std::size_t g = 0; g < set.rna_genes.size(); ++g) {
    std::string line = set.rna_genes[g];
    for (const RawRnaSample& s : donor.rna) line += "," + number_text(s.tpm.at(g));
    tpm.row(std::move(line));
  }
  tpm.write(folder / ("RNAseqTPM.csv" + ending));
  RawTable samples(how,
                   "RNAseq_sample_name,replicate_sample,sample_name,well_id,microarray_run_id,"
                   "ontology_color,main_structure,sub_structure,ontology_structure_id,"
                   "ontology_structure_acronym,hemisphere,brain");
  for (const RawRnaSample& s : donor.rna) {
    const RawStructure& structure = set.structure(s.structure_id);
    samples.row(text("S", s.well_id, ",No,sample_", s.well_id, ",", s.well_id,
                     ",run1,A0A0A0,Main,Sub,", s.structure_id, ",", quoted(structure.acronym), ",",
                     structure.hemisphere, ",H0"));
  }
  samples.write(folder / ("SampleAnnot.csv" + ending), true);
}

}  // namespace raw

/// Writes the raw folders of `set` below `root`, with the two tables that users bring beside them.
inline RawPaths write_raw_folder(const std::filesystem::path& root, const RawSet& set,
                                 const RawWriting& how = {}) {
  const std::string end = how.gzip ? ".gz" : "";
  const RawPaths paths{root, root / ("corrected_mni_coordinates.csv" + end),
                       root / ("reannotated.csv" + end), end};
  raw::RawTable coordinates(how, "well_id,corrected_mni_x,corrected_mni_y,corrected_mni_z");
  raw::RawTable reannotation(how, "probe_name,gene_symbol,entrez_id,allen_entrez_id,compare");
  for (const RawReannotation& row : set.reannotation) {
    reannotation.row(row.probe_name + "," + row.gene + "," + row.entrez + "," + row.entrez + ",1");
  }
  for (const RawDonor& donor : set.donors) {
    std::filesystem::create_directories(paths.folder(donor.donor));
    raw::RawTable expression(how, ""), calls(how, "");
    raw::RawTable probes(how,
                         "probe_id,probe_name,gene_id,gene_symbol,gene_name,entrez_id,chromosome");
    for (std::size_t p = 0; p < set.probes.size(); ++p) {
      const RawProbe& probe = set.probes[p];
      std::string values = std::to_string(probe.id), present = values;
      for (const RawSample& s : donor.samples) {
        values += "," + number_text(s.values.at(p));
        present += "," + std::to_string(s.calls.at(p));
      }
      expression.row(std::move(values));
      calls.row(std::move(present));
      probes.row(text(probe.id, ",", raw::quoted(probe.name), ",", 1000 + p, ",",
                      raw::quoted(probe.gene), ",", raw::quoted("gene " + probe.gene + ", made up"),
                      ",", probe.entrez, ",7"));
    }
    expression.write(paths.file(donor.donor, "MicroarrayExpression.csv"));
    calls.write(paths.file(donor.donor, "PACall.csv"));
    probes.write(paths.file(donor.donor, "Probes.csv"));
    raw::write_raw_samples(set, donor, how, paths.file(donor.donor, "SampleAnnot.csv"));
    raw::RawTable ontology(how,
                           "id,acronym,name,parent_structure_id,hemisphere,graph_order,"
                           "structure_id_path,color_hex_triplet");
    for (std::size_t i = 0; i < set.ontology.size(); ++i) {
      const RawStructure& s = set.ontology[i];
      ontology.row(text(s.id, ",", raw::quoted(s.acronym), ",", raw::quoted(s.name), ",", s.parent,
                        ",", s.hemisphere, ",", i, ",", s.path, ",A0A0A0"));
    }
    ontology.write(paths.file(donor.donor, "Ontology.csv"));
    for (const RawSample& s : donor.samples) {
      coordinates.row(text(s.well_id, ",", number_text(s.corrected_mm[0]), ",",
                           number_text(s.corrected_mm[1]), ",", number_text(s.corrected_mm[2])));
    }
    if (!donor.rna.empty()) {
      raw::write_raw_rna(set, donor, how, paths.rna_folder(donor.donor), end);
    }
  }
  coordinates.write(paths.coordinates);
  reannotation.write(paths.reannotation);
  return paths;
}

/// Replaces the first `from` in a file by `to`: how tests break a good file. Throws when the file
/// does not hold `from`.
inline void edit_file(const std::filesystem::path& path, std::string_view from,
                      std::string_view to) {
  std::string bytes = read_file(path);
  const std::size_t at = bytes.find(from);
  if (at == std::string::npos) throw std::runtime_error(text(path.string(), " has no ", from));
  write_file(path, bytes.replace(at, from.size(), to));
}

}  // namespace inrgene::test
