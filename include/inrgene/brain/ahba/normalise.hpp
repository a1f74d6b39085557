// Normalisation of expression: every sample across genes, then every gene across samples.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "inrgene/brain/ahba/holes.hpp"
#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/statistics/normalisers.hpp"

namespace inrgene {

namespace detail {

/// Samples in the order of their groups, and where each group starts and ends.
struct SampleGroups {
  std::vector<Index> order;
  std::vector<Index> ends;  ///< one a group, ascending
};

inline SampleGroups sample_groups(std::span<const Index> samples,
                                  std::span<const StructureClass> groups) {
  SampleGroups out;
  if (groups.empty()) {
    out.order.assign(samples.begin(), samples.end());
    out.ends = {std::ssize(out.order)};
    return out;
  }
  for (const StructureClass group :
       {StructureClass::cortex, StructureClass::subcortex_brainstem, StructureClass::cerebellum,
        StructureClass::white_matter, StructureClass::other}) {
    for (const Index s : samples) {
      if (groups[static_cast<std::size_t>(s)] == group) out.order.push_back(s);
    }
    if (std::ssize(out.order) > (out.ends.empty() ? 0 : out.ends.back())) {
      out.ends.push_back(std::ssize(out.order));
    }
  }
  return out;
}

/// Genes worked on at once: rows of a column-major matrix are gathered whole cache lines at a time,
/// into a block that stays in the second-level cache.
inline Index gene_block(Index samples) {
  constexpr Index block_bytes = Index{256} * 1024;
  const Index genes =
      block_bytes / static_cast<Index>(sizeof(double)) / std::max<Index>(samples, 1);
  return std::clamp<Index>(genes / 8 * 8, 8, 64);
}

}  // namespace detail

/// Normalises every sample (column) of `values` [genes x samples] across its genes, in place. Genes
/// that are NaN in all samples are left out and stay NaN.
/// The result has the same bytes for any number of threads. Cost O(genes samples).
template <Normaliser N>
void normalise_samples(Eigen::MatrixXd& values, const N& normaliser, Threads threads = {}) {
  const std::vector<Index> genes = rows_with_numbers(values);
  const bool all = std::ssize(genes) == values.rows();
  const int workers =
      static_cast<int>(std::min<Index>(threads.resolved(), std::max<Index>(values.cols(), 1)));
  run_workers(workers, [&](int worker) {
    QuantileScratch scratch;
    std::vector<double> kept(all ? 0 : genes.size());
    const Index end = values.cols() * (worker + 1) / workers;
    for (Index s = values.cols() * worker / workers; s < end; ++s) {
      double* column = values.col(s).data();
      if (all) {
        normaliser(std::span(column, genes.size()), scratch);
        continue;
      }
      for (std::size_t g = 0; g < genes.size(); ++g) kept[g] = column[genes[g]];
      normaliser(std::span(kept), scratch);
      for (std::size_t g = 0; g < genes.size(); ++g) column[genes[g]] = kept[g];
    }
  });
}

/// Normalises every gene (row) of `values` [genes x samples] across the samples of one donor, in
/// place; with `groups` (one a sample) apart within each class, and samples of class `none` become
/// NaN. Samples that are NaN in all genes are left out and stay NaN.
/// The result has the same bytes for any number of threads. Throws ArgumentError when `groups` has
/// another size than the samples. Cost O(genes samples), beside `values` a block of 256 KiB a
/// thread.
template <Normaliser N>
void normalise_genes(Eigen::MatrixXd& values, std::span<const StructureClass> groups,
                     const N& normaliser, Threads threads = {}) {
  require(groups.empty() || std::ssize(groups) == values.cols(), "groups", groups.size(),
          text("none, or one a sample: ", values.cols()));
  for (std::size_t s = 0; s < groups.size(); ++s) {
    if (groups[s] == StructureClass::none) {
      values.col(static_cast<Index>(s)).setConstant(std::numeric_limits<double>::quiet_NaN());
    }
  }
  const detail::SampleGroups by_group = detail::sample_groups(columns_with_numbers(values), groups);
  const Index samples = std::ssize(by_group.order);
  if (samples == 0 || values.rows() == 0) return;
  const Index block = detail::gene_block(samples);
  const Index blocks = (values.rows() + block - 1) / block;
  const int workers = static_cast<int>(std::min<Index>(threads.resolved(), blocks));
  run_workers(workers, [&](int worker) {
    QuantileScratch scratch;
    std::vector<double> rows(static_cast<std::size_t>(block * samples));  // [samples x block]
    const Index end = blocks * (worker + 1) / workers;
    for (Index b = blocks * worker / workers; b < end; ++b) {
      const Index first = b * block;
      const Index genes = std::min(block, values.rows() - first);
      for (Index s = 0; s < samples; ++s) {
        const double* column = values.col(by_group.order[static_cast<std::size_t>(s)]).data();
        for (Index g = 0; g < genes; ++g) {
          rows[static_cast<std::size_t>(g * samples + s)] = column[first + g];
        }
      }
      for (Index g = 0; g < genes; ++g) {
        double* row = rows.data() + g * samples;
        Index begin = 0;
        for (const Index group_end : by_group.ends) {
          normaliser(std::span(row + begin, static_cast<std::size_t>(group_end - begin)), scratch);
          begin = group_end;
        }
      }
      for (Index s = 0; s < samples; ++s) {
        double* column = values.col(by_group.order[static_cast<std::size_t>(s)]).data();
        for (Index g = 0; g < genes; ++g) {
          column[first + g] = rows[static_cast<std::size_t>(g * samples + s)];
        }
      }
    }
  });
}

}  // namespace inrgene
