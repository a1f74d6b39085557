// A few probes of a few donors in memory, for tests of probe selection.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/probe_selection.hpp"
#include "support/sample_columns.hpp"

namespace inrgene::test {

/// Probes with their genes, and donors with their samples and what the probes read there.
struct ProbeCase {
  ProbeTable probes = {};
  std::vector<DonorSamples> samples = {};
  std::vector<MatrixRows> rows = {};

  ProbeCase& probe(Index id, std::string gene) {
    probes.id.push_back(id);
    probes.gene.push_back(std::move(gene));
    probes.entrez.push_back(1);
    return *this;
  }
  /// A donor whose probes, in the table's order, read `values` (a row each); its samples look at
  /// `columns` (empty: each at its own) and have `structures` (empty: distinct ones).
  ProbeCase& donor(int number, const std::vector<std::vector<double>>& values,
                   std::vector<Index> structures = {}, std::vector<Index> columns = {}) {
    const Index measured = std::ssize(values.front());
    Eigen::MatrixXd by_row(measured, std::ssize(values));
    for (std::size_t p = 0; p < values.size(); ++p) {
      for (Index c = 0; c < measured; ++c) {
        by_row(c, static_cast<Index>(p)) = values[p].at(static_cast<std::size_t>(c));
      }
    }
    if (columns.empty()) {
      for (Index c = 0; c < measured; ++c) columns.push_back(c);
    }
    if (structures.empty()) {
      for (std::size_t s = 0; s < columns.size(); ++s) {
        structures.push_back(4001 + static_cast<Index>(s));
      }
    }
    samples.push_back(samples_of_columns(std::move(columns), measured, number));
    samples.back().structure_id = std::move(structures);
    rows.emplace_back(probes.id, std::move(by_row), text("expression of ", number));
    return *this;
  }
  [[nodiscard]] SelectedExpression select(const ProbeSelectionSettings& settings,
                                          const DropSink& sink = {}) const {
    std::vector<DonorRows<MatrixRows>> donors;
    for (std::size_t d = 0; d < rows.size(); ++d) donors.push_back({&samples[d], &rows[d]});
    return select_probes<MatrixRows>(probes, donors, settings, sink);
  }
  [[nodiscard]] SelectedExpression select(ProbeMethod method) const {
    return select({.method = method, .threads = {1}});
  }
};

}  // namespace inrgene::test
