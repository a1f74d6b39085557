// Samples whose expression is unlike that of the others of their donor.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/probe_source.hpp"
#include "inrgene/brain/ahba/probes.hpp"
#include "inrgene/brain/ahba/samples.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/number_text.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

namespace detail {

/// Sums over many rows of an expression file, row by row, without holding them.
template <ProbeRows R>
class RowSums {
 public:
  /// The rows of `probes` in `expression`, and of each the numbers in `columns`. Throws InputError
  /// for a probe without a row.
  RowSums(const R& expression, const ProbeTable& probes, std::vector<Index> columns,
          Threads threads)
      : expression_(expression), columns_(std::move(columns)), threads_(threads) {
    rows_.reserve(probes.id.size());
    for (const Index id : probes.id) {
      const auto row = expression.find(id);
      if (!row) {
        throw InputError({expression.file(), "probe ids in the first column",
                          text("no row of probe ", id), text("one, as in ", probes.file)});
      }
      rows_.push_back(*row);
    }
  }

  [[nodiscard]] Index rows() const { return std::ssize(rows_); }
  [[nodiscard]] Eigen::ArrayXd row(Index i) const {
    std::vector<double> buffer(static_cast<std::size_t>(expression_.columns()));
    Eigen::ArrayXd values(std::ssize(columns_));
    read(i, buffer, values);
    return values;
  }

  /// Σ over the rows of what `add(values, sums)` adds to `sums` [length]. Rows are summed in blocks
  /// of a fixed size and the blocks in their order, so that the result does not depend on threads.
  template <class Add>
  [[nodiscard]] Eigen::ArrayXd sum(Index length, const Add& add) const {
    const Index blocks = (rows() + rows_a_block - 1) / rows_a_block;
    Eigen::ArrayXXd partial = Eigen::ArrayXXd::Zero(length, blocks);
    parallel_for(threads_, blocks, [&](Index block) {
      std::vector<double> buffer(static_cast<std::size_t>(expression_.columns()));
      Eigen::ArrayXd values(std::ssize(columns_));
      const Index end = std::min(rows(), (block + 1) * rows_a_block);
      for (Index i = block * rows_a_block; i < end; ++i) {
        read(i, buffer, values);
        add(values, partial.col(block));
      }
    });
    Eigen::ArrayXd out = Eigen::ArrayXd::Zero(length);
    for (Index block = 0; block < blocks; ++block) out += partial.col(block);
    return out;
  }

 private:
  static constexpr Index rows_a_block = 256;

  void read(Index i, std::vector<double>& buffer, Eigen::ArrayXd& values) const {
    expression_.read(rows_[static_cast<std::size_t>(i)], std::span<double>(buffer));
    for (Index c = 0; c < values.size(); ++c) {
      values(c) = buffer[static_cast<std::size_t>(columns_[static_cast<std::size_t>(c)])];
    }
  }

  const R& expression_;
  std::vector<Index> columns_;
  Threads threads_;
  std::vector<Index> rows_;
};

/// Throws InputError about the first column whose correlations are undefined: not finite in
/// `scale`, one over the square root of the sum of squares.
template <ProbeRows R>
void require_spread(const Eigen::ArrayXd& scale, const std::vector<Index>& columns,
                    const DonorSamples& samples, const R& expression, const RowSums<R>& rows,
                    const ProbeTable& probes) {
  for (Index c = 0; c < scale.size(); ++c) {
    if (std::isfinite(scale(c))) continue;
    const Index column = columns[static_cast<std::size_t>(c)];
    std::string place = text("field ", column + 2);
    std::string found = "the same value for every probe";
    for (Index i = 0; std::isnan(scale(c)) && i < rows.rows(); ++i) {
      if (!std::isnan(rows.row(i)(c))) continue;
      place = text("row of probe ", probes.id[static_cast<std::size_t>(i)], ", ", place);
      found = "a missing value";
      break;
    }
    throw InputError({expression.file(), std::move(place), std::move(found),
                      text("numbers by which to compare the samples of donor ", samples.donor)});
  }
}

/// For every sample i, s_i = Σ_k r_ik over the samples k, r_ik the Pearson correlation of their
/// columns over the probes.
template <ProbeRows R>
[[nodiscard]] Eigen::ArrayXd correlation_sums(const DonorSamples& samples, const R& expression,
                                              const ProbeTable& probes, Threads threads) {
  // Samples that share a column are worked once, with a weight.
  std::vector<Index> columns = samples.column;
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  const auto place_of = [&](Index column) {
    return std::lower_bound(columns.begin(), columns.end(), column) - columns.begin();
  };
  const Index used = std::ssize(columns);
  Eigen::ArrayXd weight = Eigen::ArrayXd::Zero(used);
  for (const Index column : samples.column) weight(place_of(column)) += 1;

  const RowSums<R> rows(expression, probes, columns, threads);
  const auto n = static_cast<double>(rows.rows());
  // Moments about the first row: near the mean, and exactly 0 in a constant column.
  const Eigen::ArrayXd origin = rows.row(0);
  const Eigen::ArrayXd moments = rows.sum(2 * used, [&](const Eigen::ArrayXd& x, auto sums) {
    sums.head(used) += x - origin;
    sums.tail(used) += (x - origin).square();
  });
  const Eigen::ArrayXd mean = origin + moments.head(used) / n;
  const Eigen::ArrayXd scale =
      (moments.tail(used) - moments.head(used).square() / n).sqrt().inverse();
  require_spread(scale, columns, samples, expression, rows, probes);

  // z = (x - mean) scale has unit length in every column, so r_ck = Σ_rows z_c z_k, and a row's
  // share of the sum over k is z_c times the sum of its z.
  const Eigen::ArrayXd by_column = rows.sum(used, [&](const Eigen::ArrayXd& x, auto sums) {
    const Eigen::ArrayXd z = (x - mean) * scale;
    sums += (weight * z).sum() * z;
  });
  Eigen::ArrayXd out(samples.size());
  for (Index s = 0; s < samples.size(); ++s) {
    out(s) = by_column(place_of(samples.column[static_cast<std::size_t>(s)]));
  }
  return out;
}

}  // namespace detail

/// The samples of a donor that resemble the others: with r the Pearson correlation of two samples
/// over all probes of the table and s_i = Σ_k r_ik (i itself included), those with
///     s_i >= mean(s) - sds sd(s),   sd with n - 1.
/// Mirrored copies are samples as any other. Differences within rounding (10^-12 of the largest s)
/// drop nothing, and a single sample stays. Those left out are told to `dropped`.
/// `expression` has the donor's columns and a row for every probe.
/// Throws InputError for a probe without a row, another number of columns than the annotation has
/// rows, and a sample with missing values or the same value for every probe; ArgumentError for
/// fewer than 2 probes and unless 0 < sds < infinity.
/// Source: abagen's sim_threshold. Cost: the rows are read twice on `threads` workers; memory
/// 16 bytes for a column and 256 probes, never the matrix of correlations.
template <ProbeRows R>
[[nodiscard]] DonorSamples filter_by_similarity(const DonorSamples& samples, const R& expression,
                                                const ProbeTable& probes, double sds,
                                                Threads threads = {},
                                                const DropSink& dropped = {}) {
  samples.check();
  require(sds > 0 && std::isfinite(sds), "similarity threshold", sds,
          "a positive number of standard deviations");
  require_same_samples(samples, expression.columns(), expression.file());
  require(probes.size() >= 2, "probes to compare samples by", probes.size(), "at least 2");
  if (samples.size() < 2) return samples;
  const Eigen::ArrayXd similarity = detail::correlation_sums(samples, expression, probes, threads);
  const auto n = static_cast<double>(samples.size());
  const double mean = similarity.sum() / n;
  const double sd = std::sqrt((similarity - mean).square().sum() / (n - 1));
  const double rounding = 1e-12 * similarity.abs().maxCoeff();
  const double least = mean - sds * sd;
  std::vector<Index> kept;
  for (Index s = 0; s < samples.size(); ++s) {
    if (similarity(s) >= least - rounding) {
      kept.push_back(s);
    } else if (dropped) {
      dropped({samples.name(s), "sample",
               text("unlike the other samples: mean correlation with all ", samples.size(), " of ",
                    rounded_text(similarity(s) / n), ", below ", rounded_text(least / n),
                    " (the mean less ", rounded_text(sds), " SD)")});
    }
  }
  return samples.select(kept);
}

}  // namespace inrgene
