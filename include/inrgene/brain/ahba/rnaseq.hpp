// RNA sequencing of the same donors, and the probe that agrees with it best.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/diff_stability.hpp"
#include "inrgene/brain/ahba/probe_source.hpp"
#include "inrgene/brain/ahba/structure_means.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/byte_reader.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/csv_scanner.hpp"
#include "inrgene/io/number_text.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/statistics/errors.hpp"

namespace inrgene {

/// RNA sequencing of one donor; 9861 and 10021 have it.
struct RnaSeq {
  int donor = 0;
  std::vector<std::string> gene = {};    ///< symbols, distinct
  Eigen::MatrixXd tpm = {};              ///< [samples x genes], transcripts per million
  std::vector<Index> structure_id = {};  ///< one a sample, ids of the microarray's ontology
  std::string file = "RNAseqTPM.csv";    ///< for messages
};

namespace detail {

inline void read_tpm(const std::filesystem::path& path, RnaSeq& out) {
  std::string bytes = ByteReader(path).read_rest();
  CsvScanner scanner(bytes, out.file);
  const auto samples = out.structure_id.size();
  std::vector<double> values;
  std::map<std::string, Index, std::less<>> line_of;
  std::vector<std::uint32_t> ends;
  for (;;) {
    ends.clear();
    const CsvRecord record = scanner.next(ends);
    if (record.kind == CsvRecord::Kind::end) break;
    const auto refuse = [&](const std::string& place, std::string found, std::string expected) {
      throw InputError({.file = out.file,
                        .place = text("line ", record.line, place),
                        .found = std::move(found),
                        .expected = std::move(expected)});
    };
    if (ends.size() != samples + 1) {
      refuse("", text(ends.size(), ends.size() == 1 ? " field" : " fields"),
             text(samples + 1, ": a gene and one number for each row of SampleAnnot.csv"));
    }
    const std::string_view fields(bytes.data() + record.begin, ends.back());
    const auto [known, is_new] = line_of.emplace(fields.substr(0, ends[0]), record.line);
    if (!is_new) {
      refuse("",
             text("the gene ", in_quotes(known->first), ", which line ", known->second, " has too"),
             "each gene once");
    }
    out.gene.push_back(known->first);
    for (std::size_t i = 0; i < samples; ++i) {
      const std::string_view words = fields.substr(ends[i], ends[i + 1] - ends[i]);
      const auto value = parse_number(words);
      if (!value) refuse(text(", field ", i + 2), in_quotes(words), "a number");
      values.push_back(*value);
    }
  }
  out.tpm = Eigen::Map<const Eigen::MatrixXd>(values.data(), static_cast<Index>(samples),
                                              std::ssize(out.gene));
}

}  // namespace detail

/// What a donor's folder of RNA sequencing has: the two files and whose they are.
struct RnaSeqFiles {
  int donor = 0;
  std::filesystem::path tpm;      ///< RNAseqTPM.csv: no header, symbol and one number a sample
  std::filesystem::path samples;  ///< SampleAnnot.csv: ontology_structure_id, rows as the columns
};

/// Reads them, plain or gzip-compressed. Throws InputError with file and line for: no column
/// ontology_structure_id, a row of another length than the samples' number, text for a number, a
/// gene that comes twice.
[[nodiscard]] inline RnaSeq read_rnaseq(const RnaSeqFiles& files) {
  RnaSeq out;
  out.donor = files.donor;
  out.file = files.tpm.string();
  const CsvTable samples = read_csv(files.samples);
  const Index column = samples.column("ontology_structure_id");
  for (Index row = 0; row < samples.rows(); ++row) {
    out.structure_id.push_back(samples.integer(row, column));
  }
  detail::read_tpm(files.tpm, out);
  return out;
}

/// Agreement of a probe with its gene's RNA sequencing: Spearman's ρ between the donor's means by
/// structure of both, over the structures that both have, averaged over the donors with RNA
/// sequencing (those without a ρ passed over). A gene counts in a donor when its means by structure
/// vary there (standard deviation above 1e-8 transcripts per million); a probe whose gene counts in
/// no donor is NaN.
/// Source: abagen's `rnaseq`; Miller et al., BMC Genomics 2014, compare the two measurements.
/// Cost a probe: the samples once, and two walks over the structures a donor.
class RnaAgreement {
 public:
  static constexpr std::string_view name = "rnaseq";
  static constexpr bool single_stands = false;
  static constexpr bool nan_wins = false;
  static constexpr bool pooled_only = true;

  struct Scratch {
    std::vector<double> means = {};
    std::vector<PlaceOrder> rna = {};  ///< the gene's, one a donor with RNA
    PlaceOrder probe = {};
    SubsetSpearman correlate{0};
  };

  /// `rnaseq` of donors that are not among `donors` is not looked at. Throws ArgumentError when
  /// none is left, for a donor's that comes twice, and for columns of different lengths.
  RnaAgreement(std::span<const DonorSamples* const> donors, std::span<const RnaSeq> rnaseq) {
    std::string names;
    for (std::size_t d = 0; d < donors.size(); ++d) {
      names += text(d > 0 ? ", " : "", donors[d]->donor);
      const std::size_t before = pairs_.size();
      for (const RnaSeq& rna : rnaseq) {
        if (rna.donor == donors[d]->donor) add(*donors[d], static_cast<Index>(d), rna);
      }
      require(pairs_.size() - before <= 1, text("RNA sequencing of donor ", donors[d]->donor),
              pairs_.size() - before, "at most one");
    }
    require(!pairs_.empty(), "RNA sequencing for the donors", names,
            "RNA sequencing of at least one of them for the probe selection rnaseq (donors 9861 "
            "and 10021 have it)");
  }

  /// One ρ a probe of the group, whose donors are those of the constructor.
  void score(const ProbeGroup& group, std::span<double> scores, Scratch& scratch) const {
    scratch.rna.resize(pairs_.size());
    if (scratch.means.size() < most_places_) {
      scratch.means.resize(most_places_);
      scratch.correlate = SubsetSpearman(static_cast<Index>(most_places_));
    }
    std::vector<std::uint8_t> has_gene(pairs_.size());
    for (std::size_t k = 0; k < pairs_.size(); ++k) {
      const auto at = pairs_[k].column.find(group.gene);
      has_gene[k] = at != pairs_[k].column.end();
      if (has_gene[k] == 0) continue;
      const auto place = std::span(pairs_[k].rna_place);
      const std::span<double> means(scratch.means.data(), place.size());
      pairs_[k].rna_means(gene_values(*pairs_[k].rna, at->second), means);
      scratch.rna[k].assign(place, means);
    }
    for (Index probe = 0; probe < group.probes; ++probe) {
      double sum = 0;
      Index count = 0;
      for (std::size_t k = 0; k < pairs_.size(); ++k) {
        if (has_gene[k] == 0) continue;
        const Pair& pair = pairs_[k];
        const std::span<double> means(scratch.means.data(), pair.probe_place.size());
        const Index first = group.joined->first_column[static_cast<std::size_t>(pair.donor)];
        pair.probe_means(group.row(probe).subspan(static_cast<std::size_t>(first)), means);
        scratch.probe.assign(pair.probe_place, means);
        const double r = scratch.correlate(scratch.probe, scratch.rna[k], pair.common);
        if (std::isnan(r)) continue;
        sum += r;
        ++count;
      }
      scores[static_cast<std::size_t>(probe)] =
          count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
    }
  }

 private:
  struct Pair {
    Index donor = 0;  // position among the donors
    const RnaSeq* rna = nullptr;
    StructureMeans probe_means, rna_means;
    std::vector<std::int32_t> probe_place = {}, rna_place = {};
    PlaceSubset common{{}};
    std::map<std::string, Index, std::less<>> column = {};  // of the genes that vary
  };

  static std::span<const double> gene_values(const RnaSeq& rna, Index gene) {
    return {rna.tpm.col(gene).data(), static_cast<std::size_t>(rna.tpm.rows())};
  }

  void add(const DonorSamples& samples, Index donor, const RnaSeq& rna) {
    require(rna.tpm.rows() == std::ssize(rna.structure_id), "samples of tpm", rna.tpm.rows(),
            text("one a structure_id: ", rna.structure_id.size()));
    require(rna.tpm.cols() == std::ssize(rna.gene), "genes of tpm", rna.tpm.cols(),
            text("one a symbol: ", rna.gene.size()));
    std::vector<Index> every(rna.structure_id.size());
    for (std::size_t i = 0; i < every.size(); ++i) every[i] = static_cast<Index>(i);
    Pair pair{donor, &rna, StructureMeans(samples.structure_id, samples.column),
              StructureMeans(rna.structure_id, every)};
    detail::StructurePlaces places;
    places.add(pair.probe_means.ids());
    places.add(pair.rna_means.ids());
    pair.probe_place = places.of(pair.probe_means.ids());
    pair.rna_place = places.of(pair.rna_means.ids());
    pair.common = detail::common_places(pair.probe_place, pair.rna_place, places.size());
    most_places_ = std::max(most_places_, places.size());
    std::vector<double> means(pair.rna_place.size());
    for (std::size_t g = 0; g < rna.gene.size(); ++g) {
      const auto gene = static_cast<Index>(g);
      pair.rna_means(gene_values(rna, gene), means);
      if (varies(means)) pair.column.emplace(rna.gene[g], gene);
    }
    pairs_.push_back(std::move(pair));
  }

  static bool varies(std::span<const double> means) {
    std::vector<double> known;
    std::copy_if(means.begin(), means.end(), std::back_inserter(known),
                 [](double value) { return std::isfinite(value); });
    return known.size() > 1 && mean_and_sd(known).sd > 1e-8;
  }

  std::vector<Pair> pairs_;
  std::size_t most_places_ = 0;
};
static_assert(ProbeScore<RnaAgreement>);

}  // namespace inrgene
