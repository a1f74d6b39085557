// The words for probes and genes that probe selection leaves out.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/gene_groups.hpp"
#include "inrgene/brain/ahba/probes.hpp"
#include "inrgene/brain/ahba/rnaseq.hpp"
#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/number_text.hpp"

namespace inrgene::detail {

/// A figure for a sentence, four digits.
[[nodiscard]] inline std::string four_digits(double value) {
  std::array<char, 32> digits{};
  const int length = std::snprintf(digits.data(), digits.size(), "%.4g", value);
  return {digits.data(), static_cast<std::size_t>(length)};
}

/// Two figures that differ, with as many digits as it takes to see it.
[[nodiscard]] inline std::string larger_and_smaller(double larger, double smaller) {
  std::string a = four_digits(larger), b = four_digits(smaller);
  if (a == b) {
    a = number_text(larger);
    b = number_text(smaller);
  }
  return a + " against " + b;
}

/// Why `chosen` was preferred to a probe of its gene, by their figures.
[[nodiscard]] inline std::string why_not(std::string_view method, Index chosen, double its_figure,
                                         double figure) {
  std::string out = std::to_string(chosen);
  if (std::isnan(figure) && !std::isnan(its_figure)) {
    return out + " has a " + std::string(method) + " (" + four_digits(its_figure) +
           "), this probe has none";
  }
  if (std::isnan(figure) || std::isnan(its_figure)) {
    return out + " comes first and " + std::string(method) + " cannot tell them apart";
  }
  if (figure == its_figure) {
    return out + " has the same " + std::string(method) + " (" + four_digits(figure) +
           ") and comes first";
  }
  return out + " has the larger " + std::string(method) + " (" +
         larger_and_smaller(its_figure, figure) + ")";
}

/// What was chosen for a gene, and by what.
struct GeneChoice {
  const ProbeTable& probes;
  const GeneGroups& groups;
  Index group = 0;
  std::span<const Index> chosen = {};      ///< one a donor: position in the group; -1 for none
  std::span<const double> statistic = {};  ///< one a row of the table
  std::string_view method = {};
  DonorProbes donors = DonorProbes::aggregate;
};

/// Names the probes that no donor has, and the gene when it has no probe.
inline void report_choice(const GeneChoice& choice, const DropSink& sink) {
  const std::string& gene = choice.groups.gene[static_cast<std::size_t>(choice.group)];
  const std::span<const Index> rows = choice.groups.rows(choice.group), chosen = choice.chosen;
  const auto row = [&](Index p) {
    return static_cast<std::size_t>(rows[static_cast<std::size_t>(p)]);
  };
  const auto id = [&](Index p) { return choice.probes.id[row(p)]; };
  if (chosen.front() < 0) {
    std::string reason = text(choice.method, " is undefined for ",
                              rows.size() == 1 ? "its only probe" : "all of its probes");
    if (choice.donors != DonorProbes::aggregate) reason += " in at least one donor";
    if (choice.method == RnaAgreement::name) {
      reason =
          "its probes cannot be compared with RNA sequencing, which does not have the gene or "
          "does not vary";
    }
    for (Index p = 0; p < std::ssize(rows); ++p) {
      sink({std::to_string(id(p)), "probe", text("of ", gene, ": ", reason)});
    }
    sink({gene, "gene", reason});
    return;
  }
  for (Index p = 0; p < std::ssize(rows); ++p) {
    if (std::find(chosen.begin(), chosen.end(), p) != chosen.end()) continue;
    const Index first = chosen.front();
    std::string reason = "of " + gene + ": ";
    if (choice.donors == DonorProbes::aggregate) {
      reason +=
          why_not(choice.method, id(first), choice.statistic[row(first)], choice.statistic[row(p)]);
    } else if (choice.donors == DonorProbes::common) {
      reason += text(id(first), " is what most donors choose by ", choice.method);
    } else {
      reason += text("no donor chooses it by ", choice.method);
    }
    sink({std::to_string(id(p)), "probe", std::move(reason)});
  }
}

/// Genes asked for and not there, and probes without a gene.
inline void report_absent(const ProbeTable& probes, const GeneGroups& groups,
                          std::span<const std::string> genes, const DropSink& sink) {
  if (!sink) return;
  for (std::size_t row = 0; row < probes.gene.size(); ++row) {
    if (probes.gene[row].empty()) {
      sink({std::to_string(probes.id[row]), "probe", "without a gene symbol in " + probes.file});
    }
  }
  for (const std::string& gene : genes) {
    if (!std::binary_search(groups.gene.begin(), groups.gene.end(), gene)) {
      sink({gene, "gene", "asked for, but none of the probes that are left is of it"});
    }
  }
}

}  // namespace inrgene::detail
