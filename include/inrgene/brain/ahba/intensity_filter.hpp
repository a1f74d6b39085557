// Which probes see more than the background: the present/absent calls of all donors, pooled.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/probes.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/decimal.hpp"
#include "inrgene/io/keyed_rows.hpp"
#include "inrgene/io/line_scan.hpp"
#include "inrgene/io/number_text.hpp"

namespace inrgene {

/// A donor's present/absent calls (PACall.csv, plain or gzip: a probe id and one 0 or 1 for each
/// column of the expression) and the samples that count.
struct DonorCalls {
  std::filesystem::path path;
  const DonorSamples* samples = nullptr;
};

/// In how many samples each probe of a table is present.
struct PresentCalls {
  std::vector<Index> present = {};  ///< one a probe
  Index samples = 0;                ///< of all donors together; mirrored copies count again
};

namespace detail {

/// How often each column of the calls counts: once for each sample that looks at it.
class CallWeights {
 public:
  explicit CallWeights(const DonorSamples& samples)
      : weight_(static_cast<std::size_t>(samples.measured), 0) {
    for (const Index column : samples.column) ++weight_[static_cast<std::size_t>(column)];
    if (samples.size() > std::numeric_limits<Pair>::max()) return;
    for (const Index weight : weight_) narrow_.push_back(static_cast<Pair>(weight));
  }

  [[nodiscard]] Index columns() const { return std::ssize(weight_); }

  /// Weights of the columns that are 1, summed. `calls` is a line behind its key: ",0,1,1". Throws
  /// BadLine for anything but a 0 or 1 a column.
  [[nodiscard]] Index count(std::string_view calls) const {
    if (const auto quick = count_pairs(calls)) return *quick;
    return count_fields(calls);
  }

 private:
  using Pair = std::uint16_t;

  /// The short way, for ",0" and ",1" alone: a pair of characters at a time, which vectorises.
  [[nodiscard]] std::optional<Index> count_pairs(std::string_view calls) const {
    constexpr auto zero = std::bit_cast<Pair>(std::array{',', '0'});
    constexpr auto one = std::bit_cast<Pair>(std::array{'\0', '\1'});
    if (narrow_.empty() || calls.size() != 2 * narrow_.size()) return std::nullopt;
    Pair sum = 0;  // at most one for each sample
    Pair wrong = 0;
    for (std::size_t c = 0; c < narrow_.size(); ++c) {
      Pair pair = 0;
      std::memcpy(&pair, calls.data() + 2 * c, sizeof pair);
      pair = static_cast<Pair>(pair ^ zero);
      wrong = static_cast<Pair>(wrong | (pair & ~one));
      sum = static_cast<Pair>(sum + (pair == one ? narrow_[c] : Pair{0}));
    }
    return wrong == 0 ? std::optional<Index>(sum) : std::nullopt;
  }

  /// Calls in any notation of a number: "1.0".
  [[nodiscard]] Index count_fields(std::string_view calls) const {
    Index sum = 0;
    for (std::size_t c = 0; c < weight_.size(); ++c) {
      calls.remove_prefix(1);
      const std::string_view field = calls.substr(0, calls.find(','));
      const std::optional<double> call = parse_field(field);
      if (!call || (*call != 0 && *call != 1)) {
        throw BadLine{text("field ", c + 2), in_quotes(field), "a call: 0 or 1"};
      }
      if (*call == 1) sum += weight_[c];
      calls.remove_prefix(field.size());
    }
    return sum;
  }

  std::vector<Index> weight_;
  std::vector<Pair> narrow_;  // the same; empty when their sum could overflow
};

/// Adds one donor's calls to `present`.
inline void add_calls(const DonorCalls& donor, const ProbeTable& probes, Threads threads,
                      std::vector<Index>& present) {
  struct Part {
    std::vector<Index> keys;
    std::vector<Index> count;
  };
  const DonorSamples& samples = *donor.samples;
  const CallWeights weights(samples);
  const InputFile file(donor.path);
  const LineScan scan(file, threads);
  std::vector<Part> parts(static_cast<std::size_t>(scan.workers()));
  const std::string expected =
      text("a probe id and a call for each of the ", samples.measured, " rows of ", samples.file);
  scan.each([&](int worker, const ScannedLine& line) {
    check_fields(line, weights.columns(), expected);
    Part& part = parts[static_cast<std::size_t>(worker)];
    part.keys.push_back(parse_key(line.words));
    part.count.push_back(weights.count(line.words.substr(line.words.find(','))));
  });
  std::vector<Index> keys, count;
  for (const Part& part : parts) {
    keys.insert(keys.end(), part.keys.begin(), part.keys.end());
    count.insert(count.end(), part.count.begin(), part.count.end());
  }
  const std::string name = donor.path.string();
  const KeyIndex index(std::move(keys), name);
  std::vector<std::string> missing;
  for (std::size_t p = 0; p < probes.id.size(); ++p) {
    if (const auto row = index.find(probes.id[p])) {
      present[p] += count[static_cast<std::size_t>(*row)];
    } else {
      missing.push_back(text(probes.id[p]));
    }
  }
  if (missing.empty()) return;
  throw InputError({.file = name,
                    .place = "probe ids in the first column",
                    .found = text("no row of ", missing.size() == 1 ? "probe " : "the probes ",
                                  name_list(missing, 5)),
                    .expected = text("a row for each of the ", probes.size(), " probes taken from ",
                                     probes.file)});
}

}  // namespace detail

/// In how many samples of all donors together each probe of `probes` is present. Samples are those
/// of each donor's DonorSamples: all structures, and mirrored copies again.
/// Throws InputError naming file and line for rows of another length than the annotation, a value
/// other than 0 or 1, a probe of the table without a row, and as KeyedRows; ArgumentError for no
/// donor or one without samples behind it. Cost: one pass over the files on `threads` workers;
/// memory 16 bytes a row.
[[nodiscard]] inline PresentCalls count_present(std::span<const DonorCalls> donors,
                                                const ProbeTable& probes, Threads threads = {}) {
  require(!donors.empty(), "donors", donors.size(), "at least 1");
  PresentCalls out;
  out.present.assign(static_cast<std::size_t>(probes.size()), 0);
  for (const DonorCalls& donor : donors) {
    require(donor.samples != nullptr, "samples of a donor's calls", "none", "DonorSamples");
    detail::require_indices(donor.samples->column, donor.samples->measured, "column of a sample");
    detail::add_calls(donor, probes, threads, out.present);
    out.samples += donor.samples->size();
  }
  return out;
}

/// The probes that are present often enough: present / samples >= threshold, a tie stays. One
/// fraction over all donors and structures, not one a donor or region. `threshold` is clipped to
/// [0, 1]. Probes left out are told to `dropped` in the order of the table, and after them the
/// genes of which no probe is left, in the order in which the table names them first.
/// Throws ArgumentError when `calls` are of another table or of no sample, and for a threshold that
/// is not a number.
/// Source: Arnatkeviciute et al. 2019 (intensity-based filtering); abagen's ibf_threshold.
/// Cost: O(n log n).
[[nodiscard]] inline ProbeTable filter_by_intensity(const ProbeTable& probes,
                                                    const PresentCalls& calls, double threshold,
                                                    const DropSink& dropped = {}) {
  require(std::ssize(calls.present) == probes.size(), "calls", calls.present.size(),
          text("one a probe of the table: ", probes.size()));
  require(calls.samples > 0, "samples of the calls", calls.samples, "at least 1");
  require(!std::isnan(threshold), "intensity threshold", threshold, "a number");
  const double least = std::clamp(threshold, 0.0, 1.0);
  const auto total = static_cast<double>(calls.samples);
  std::vector<Index> kept;
  std::map<std::string_view, Index> lost;  // probes lost of genes with none kept
  for (Index p = 0; p < probes.size(); ++p) {
    const auto i = static_cast<std::size_t>(p);
    const double fraction = static_cast<double>(calls.present[i]) / total;
    if (fraction >= least) {
      kept.push_back(p);
      continue;
    }
    if (!dropped) continue;
    if (!probes.gene[i].empty()) ++lost[probes.gene[i]];
    dropped({text(probes.id[i]), "probe",
             text("present in ", calls.present[i], " of ", calls.samples, " samples (",
                  rounded_text(fraction), "), below ", rounded_text(least))});
  }
  for (const Index p : kept) lost.erase(probes.gene[static_cast<std::size_t>(p)]);
  for (Index p = 0; p < probes.size() && !lost.empty(); ++p) {
    const auto gone = lost.find(probes.gene[static_cast<std::size_t>(p)]);
    if (gone == lost.end()) continue;
    dropped({std::string(gone->first), "gene",
             text(gone->second == 1 ? "its only probe is not"
                                    : text("none of its ", gone->second, " probes is"),
                  " present in enough samples (threshold ", rounded_text(least), ")")});
    lost.erase(gone);
  }
  return probes.select(kept);
}

}  // namespace inrgene
