// One row of expression a gene: a probe that stands for it, or the mean of its probes.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/choice_report.hpp"
#include "inrgene/brain/ahba/diff_stability.hpp"
#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/gene_groups.hpp"
#include "inrgene/brain/ahba/gene_rows.hpp"
#include "inrgene/brain/ahba/pc_loading.hpp"
#include "inrgene/brain/ahba/probe_correlation.hpp"
#include "inrgene/brain/ahba/probe_source.hpp"
#include "inrgene/brain/ahba/probe_statistics.hpp"
#include "inrgene/brain/ahba/probes.hpp"
#include "inrgene/brain/ahba/rnaseq.hpp"
#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// What `select_probes` is told.
struct ProbeSelectionSettings {
  ProbeMethod method = ProbeMethod::diff_stability;
  /// Who chooses. `average`, `diff_stability` and `rnaseq` look at all donors whatever it says.
  DonorProbes donors = DonorProbes::aggregate;
  std::vector<std::string> genes = {};  ///< genes of the result; empty: all
  std::span<const RnaSeq> rnaseq = {};  ///< for the method `rnaseq`; must outlive the call
  Threads threads = {};
};

/// Expression by gene, as measured.
struct SelectedExpression {
  std::vector<std::string> genes = {};  ///< by code point
  /// [donor][gene] probe_id that stands for the gene; -1 for a mean of probes.
  std::vector<std::vector<Index>> probe = {};
  /// One a row of the probe table: what the choice went by, over all donors together (also where
  /// donors choose apart); NaN where undefined and for probes that were not looked at.
  std::vector<double> statistic = {};
  /// [donor]: [genes x measured samples], log2; columns as in the donor's files.
  std::vector<Eigen::MatrixXd> values = {};
};

namespace detail {

/// The probe with the largest score, the first of several; -1 for none.
[[nodiscard]] inline Index best_probe(std::span<const double> scores, bool nan_wins) {
  Index best = -1;
  for (Index p = 0; p < std::ssize(scores); ++p) {
    const double score = scores[static_cast<std::size_t>(p)];
    if (std::isnan(score)) {
      if (nan_wins) return p;
    } else if (best < 0 || score > scores[static_cast<std::size_t>(best)]) {
      best = p;
    }
  }
  return best;
}

/// The most frequent of the choices, of equally frequent ones the smallest id; -1 when any is.
[[nodiscard]] inline Index common_choice(std::span<const Index> choices,
                                         std::span<const Index> id_of) {
  Index best = -1, best_votes = 0;
  const auto id = [&](Index p) { return id_of[static_cast<std::size_t>(p)]; };
  for (const Index choice : choices) {
    if (choice < 0) return -1;
    const Index votes = std::count(choices.begin(), choices.end(), choice);
    if (votes > best_votes || (votes == best_votes && id(choice) < id(best))) {
      best = choice;
      best_votes = votes;
    }
  }
  return best;
}

/// A run of probe selection: who takes part, and what comes out.
struct ProbeSelection {
  const ProbeTable& probes;
  const GeneGroups& groups;
  const JoinedDonors& joined;
  DonorProbes donors;
  SelectedExpression& out;
  std::vector<Index> choice;  // [groups x donors] position in the group, -1 for none

  [[nodiscard]] std::span<Index> choices(Index group) {
    const auto donors_n = static_cast<std::size_t>(joined.donors());
    return std::span(choice).subspan(static_cast<std::size_t>(group) * donors_n, donors_n);
  }

  /// Scores a group's probes and chooses for every donor.
  template <ProbeScore S>
  void choose(const S& method, Index g, ProbeGroup& group, typename S::Scratch& scratch,
              std::vector<double>& scores) {
    const std::span<const Index> rows = groups.rows(g);
    const std::span<Index> chosen = choices(g);
    if (S::single_stands && group.probes == 1) {
      std::fill(chosen.begin(), chosen.end(), 0);
      return;
    }
    scores.resize(static_cast<std::size_t>(group.probes));
    method.score(group, scores, scratch);
    for (std::size_t p = 0; p < rows.size(); ++p) {
      out.statistic[static_cast<std::size_t>(rows[p])] = scores[p];
    }
    if (S::pooled_only || donors == DonorProbes::aggregate) {
      std::fill(chosen.begin(), chosen.end(), best_probe(scores, S::nan_wins));
      return;
    }
    for (Index d = 0; d < joined.donors(); ++d) {
      group.donors = {d, d + 1};
      method.score(group, scores, scratch);
      chosen[static_cast<std::size_t>(d)] = best_probe(scores, S::nan_wins);
    }
    group.donors = {0, joined.donors()};
    if (donors == DonorProbes::independent) {
      // One list of genes for all donors: a gene that one cannot have, none has.
      if (std::count(chosen.begin(), chosen.end(), -1) == 0) return;
      std::fill(chosen.begin(), chosen.end(), -1);
    } else {
      std::vector<Index> id;
      for (const Index row : rows) id.push_back(probes.id[static_cast<std::size_t>(row)]);
      std::fill(chosen.begin(), chosen.end(), common_choice(chosen, id));
    }
  }

  /// All groups, in blocks of groups that hold about as many probes each.
  template <class S, ProbeRows R>
  void work(const S& method, const GroupReader<R>& reader, Threads threads) {
    const Index all = std::ssize(groups.row);
    const int workers = static_cast<int>(std::clamp<Index>(groups.size(), 1, threads.resolved()));
    run_workers(workers, [&](int worker) {
      const auto border = [&](int w) {
        return std::lower_bound(groups.begin.begin(), groups.begin.end(), all * w / workers) -
               groups.begin.begin();
      };
      typename S::Scratch scratch;
      std::vector<double> scores, buffer;
      const Index begin = border(worker), end = std::min(border(worker + 1), groups.size());
      GeneRows rows(joined, out.values, begin);
      for (Index g = begin; g < end; ++g) {
        ProbeGroup group = reader.read(groups, g, buffer);
        const std::span<double> row = rows.next();
        if constexpr (std::is_same_v<S, AverageProbes>) {
          method(group, row);
        } else {
          choose(method, g, group, scratch, scores);
          const std::span<const Index> chosen = choices(g);
          for (std::size_t d = 0; d < chosen.size(); ++d) {
            if (chosen[d] < 0) continue;
            const auto first = static_cast<std::size_t>(joined.first_column[d]);
            const auto last = static_cast<std::size_t>(joined.first_column[d + 1]);
            const std::span<const double> from = group.row(chosen[d]);
            std::copy(from.begin() + static_cast<Index>(first),
                      from.begin() + static_cast<Index>(last),
                      row.begin() + static_cast<Index>(first));
          }
        }
      }
      rows.flush();
    });
  }

  /// Names the probes chosen, leaves out genes without one, and reports what is left out.
  void finish(std::string_view method, bool is_pooled, const DropSink& sink);
};

inline void ProbeSelection::finish(std::string_view method, bool is_pooled, const DropSink& sink) {
  const bool is_average = method == AverageProbes::name;
  std::vector<Index> kept;
  out.probe.assign(static_cast<std::size_t>(joined.donors()), {});
  for (Index g = 0; g < groups.size(); ++g) {
    const std::span<const Index> chosen = choices(g);
    if (sink && !is_average) {
      report_choice({probes, groups, g, chosen, out.statistic, method,
                     is_pooled ? DonorProbes::aggregate : donors},
                    sink);
    }
    if (!is_average && chosen.front() < 0) continue;
    kept.push_back(g);
    out.genes.push_back(groups.gene[static_cast<std::size_t>(g)]);
    for (std::size_t d = 0; d < out.probe.size(); ++d) {
      const auto p = static_cast<std::size_t>(is_average ? 0 : chosen[d]);
      out.probe[d].push_back(is_average ? -1
                                        : probes.id[static_cast<std::size_t>(groups.rows(g)[p])]);
    }
  }
  if (std::ssize(kept) == groups.size()) return;
  for (Eigen::MatrixXd& values : out.values) {
    Eigen::MatrixXd fewer(std::ssize(kept), values.cols());
    for (Index column = 0; column < values.cols(); ++column) {
      for (Index g = 0; g < fewer.rows(); ++g) {
        fewer(g, column) = values(kept[static_cast<std::size_t>(g)], column);
      }
    }
    values = std::move(fewer);
  }
}

}  // namespace detail

/// Chooses for every gene the probe that stands for it, or averages its probes, and gathers the
/// expression of all measured samples. Figures are taken over the samples of `donors`, copies
/// counted again; of equal figures the first in the table's order wins. Works gene by gene, the
/// genes shared among threads: every row needed is read once, and only the chosen ones are kept.
/// `sink` hears of every probe that was not chosen and of every gene without a probe; probes of
/// genes that `settings.genes` does not name are passed over.
/// Throws ArgumentError for no donor, for one donor with diff_stability, and for `rnaseq` without
/// RNA sequencing of any donor; InputError where a file lacks a probe of the table or has another
/// number of columns than its donor has samples. Source: Arnatkevičiūtė, Fulcher & Fornito,
/// NeuroImage 2019, compare the methods; abagen's `collapse_probes`. Cost: reading, plus the
/// method's; memory 8 bytes x genes x measured samples, and a gene's probes a thread.
template <ProbeRows R>
[[nodiscard]] SelectedExpression select_probes(const ProbeTable& probes,
                                               std::span<const DonorRows<R>> donors,
                                               const ProbeSelectionSettings& settings = {},
                                               const DropSink& sink = {}) {
  require(!donors.empty(), "donors", donors.size(), "at least one");
  std::vector<const DonorSamples*> samples;
  for (const DonorRows<R>& donor : donors) {
    donor.samples->check();
    samples.push_back(donor.samples);
  }
  const JoinedDonors joined(samples);
  const GeneGroups groups = group_by_gene(probes, settings.genes);
  SelectedExpression out;
  out.statistic.assign(static_cast<std::size_t>(probes.size()),
                       std::numeric_limits<double>::quiet_NaN());
  detail::ProbeSelection run{
      probes, groups,
      joined, settings.donors,
      out,    std::vector<Index>(static_cast<std::size_t>(groups.size() * joined.donors()), -1)};
  const auto with = [&]<class S>(const S& method) {
    const detail::GroupReader<R> reader(probes, groups, donors, joined, settings.threads);
    for (const DonorSamples* const donor : samples) {
      out.values.emplace_back(groups.size(), donor->measured);
    }
    run.work(method, reader, settings.threads);
    detail::report_absent(probes, groups, settings.genes, sink);
    bool is_pooled = settings.donors == DonorProbes::aggregate;
    if constexpr (ProbeScore<S>) is_pooled = is_pooled || S::pooled_only;
    run.finish(S::name, is_pooled, sink);
  };
  switch (settings.method) {
    case ProbeMethod::average:
      with(AverageProbes{});
      break;
    case ProbeMethod::max_intensity:
      with(MaxIntensity{});
      break;
    case ProbeMethod::max_variance:
      with(MaxVariance{});
      break;
    case ProbeMethod::pc_loading:
      with(PcLoading{});
      break;
    case ProbeMethod::corr_variance:
      with(CorrVariance{});
      break;
    case ProbeMethod::corr_intensity:
      with(CorrIntensity{});
      break;
    case ProbeMethod::diff_stability:
      with(DiffStability(samples));
      break;
    case ProbeMethod::rnaseq:
      with(RnaAgreement(samples, settings.rnaseq));
      break;
  }
  return out;
}

}  // namespace inrgene
