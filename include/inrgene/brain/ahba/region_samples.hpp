// The samples of one donor with their regions and their expression.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// What regions are made of: samples, the label of each, and their expression. Regions that were
/// filled because they had no sample stand behind the samples, as further columns.
struct RegionSamples {
  DonorSamples samples = {};
  std::vector<Index> label = {};   ///< one a sample; 0: in no region
  Eigen::MatrixXd values = {};     ///< [genes x (samples + filled)]
  std::vector<Index> filled = {};  ///< labels of the columns behind the samples

  /// Label of a column of `values`.
  [[nodiscard]] Index label_of(Index column) const {
    const Index samples_here = std::ssize(label);
    return column < samples_here ? label[static_cast<std::size_t>(column)]
                                 : filled[static_cast<std::size_t>(column - samples_here)];
  }
  /// Whether any sample has a region.
  [[nodiscard]] bool matched() const {
    return std::any_of(label.begin(), label.end(), [](Index id) { return id != 0; });
  }
  /// Those of `labels` (ascending) that no sample and no filled column has.
  [[nodiscard]] std::vector<Index> missing(std::span<const Index> labels) const {
    std::vector<Index> present = label;
    present.insert(present.end(), filled.begin(), filled.end());
    std::sort(present.begin(), present.end());
    std::vector<Index> out;
    for (const Index id : labels) {
      if (!std::binary_search(present.begin(), present.end(), id)) out.push_back(id);
    }
    return out;
  }
  /// Throws ArgumentError when the parts have other sizes than each other.
  void check() const {
    require(std::ssize(label) == samples.size(), "labels", label.size(),
            text("one a sample: ", samples.size()));
    const Index columns = std::ssize(label) + std::ssize(filled);
    require(values.cols() == columns, "values columns", values.cols(),
            text("one a sample and one a filled region: ", columns));
  }
};

namespace detail {

/// Position in `labels` (ascending) of the label of each column of `values`, -1 for label 0.
/// Throws ArgumentError for labels that do not ascend strictly from above 0, and for a column whose
/// label is none of them.
inline std::vector<Index> region_positions(const RegionSamples& donor,
                                           std::span<const Index> labels) {
  for (std::size_t r = 0; r < labels.size(); ++r) {
    const Index before = r == 0 ? 0 : labels[r - 1];
    if (labels[r] <= before) {
      require(false, text("label ", r), labels[r], text("above ", before, ", ascending"));
    }
  }
  std::vector<Index> out;
  out.reserve(static_cast<std::size_t>(donor.values.cols()));
  for (Index c = 0; c < donor.values.cols(); ++c) {
    const Index label = donor.label_of(c);
    const auto at = std::lower_bound(labels.begin(), labels.end(), label);
    const bool known = at != labels.end() && *at == label;
    if (!known && label != 0) {
      require(false, text("label of column ", c), label, "one of the atlas's labels, or 0");
    }
    out.push_back(known ? at - labels.begin() : -1);
  }
  return out;
}

/// Genes worked on at once where a loop runs over all columns: the sums of one block over some
/// hundred regions stay in the second-level cache.
inline constexpr Index genes_at_once = 512;

/// Calls `body(first, genes)` for blocks of genes, in parallel.
template <class Body>
void for_gene_blocks(Threads threads, Index genes, const Body& body) {
  parallel_for(threads, (genes + genes_at_once - 1) / genes_at_once, [&](Index b) {
    const Index first = b * genes_at_once;
    body(first, std::min(genes_at_once, genes - first));
  });
}

}  // namespace detail
}  // namespace inrgene
