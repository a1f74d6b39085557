// From samples to regions: within donors and over them, or all samples at once.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/holes.hpp"
#include "inrgene/brain/ahba/region_samples.hpp"
#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

namespace detail {

/// Adds `values` to `sums` and counts them; NaN is passed over.
inline void add_numbers(const double* values, Index n, double* sums, double* counts) {
  for (Index i = 0; i < n; ++i) {
    const bool is_number = values[i] == values[i];
    sums[i] += is_number ? values[i] : 0.0;
    counts[i] += is_number ? 1.0 : 0.0;
  }
}

/// Median of the values that are not NaN, whose order changes; NaN when there is none.
inline double median_of_numbers(std::span<double> values) {
  const auto end = std::remove_if(values.begin(), values.end(), [](double v) { return v != v; });
  const auto n = end - values.begin();
  if (n == 0) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + n / 2;
  std::nth_element(values.begin(), middle, end);
  if (n % 2 == 1) return *middle;
  return 0.5 * (*std::max_element(values.begin(), middle) + *middle);
}

/// out[g] = median over `columns` of columns[c][first + g], NaN passed over.
inline void median_of_columns(std::span<const double* const> columns, Index first, Index genes,
                              std::vector<double>& scratch, double* out) {
  const std::size_t n = columns.size();
  scratch.resize(n * static_cast<std::size_t>(genes));
  for (std::size_t c = 0; c < n; ++c) {
    for (Index g = 0; g < genes; ++g) {
      scratch[static_cast<std::size_t>(g) * n + c] = columns[c][first + g];
    }
  }
  for (Index g = 0; g < genes; ++g) {
    out[g] = median_of_numbers({scratch.data() + static_cast<std::size_t>(g) * n, n});
  }
}

}  // namespace detail

/// How many samples have each of `labels` (ascending): real ones and mirrored copies, no filled
/// region. Label 0 is not counted.
[[nodiscard]] inline std::vector<Index> count_samples(std::span<const Index> label,
                                                      std::span<const Index> labels) {
  std::vector<Index> out(labels.size(), 0);
  for (const Index id : label) {
    const auto at = std::lower_bound(labels.begin(), labels.end(), id);
    if (at != labels.end() && *at == id) ++out[static_cast<std::size_t>(at - labels.begin())];
  }
  return out;
}

/// All samples of a region in one pool, whatever their donor (`region_agg` = samples). Donors are
/// added one after another and need not be kept: for the mean the pool holds sums, for the median
/// the samples that have a region.
class SamplePool {
 public:
  /// `labels` ascend; as many genes as every donor will have.
  SamplePool(std::vector<Index> labels, Index genes, AggregationMetric metric)
      : labels_(std::move(labels)), genes_(genes), metric_(metric) {
    const Index regions = std::ssize(labels_);
    if (metric_ == AggregationMetric::mean) {
      sums_.setZero(genes, regions);
      counts_.setZero(genes, regions);
    } else {
      columns_.resize(labels_.size());
    }
  }

  /// Adds a donor's samples and filled regions. Throws ArgumentError as RegionSamples::check, for
  /// another number of genes and for a label that is none of the pool's. Cost O(genes samples).
  void add(const RegionSamples& donor, Threads threads = {}) {
    donor.check();
    require(donor.values.rows() == genes_, "genes of a donor", donor.values.rows(),
            text("as many as the pool has: ", genes_));
    const std::vector<Index> position = detail::region_positions(donor, labels_);
    if (metric_ == AggregationMetric::median) {
      for (Index c = 0; c < donor.values.cols(); ++c) {
        const Index r = position[static_cast<std::size_t>(c)];
        if (r >= 0) columns_[static_cast<std::size_t>(r)].emplace_back(donor.values.col(c));
      }
      return;
    }
    detail::for_gene_blocks(threads, genes_, [&](Index first, Index genes) {
      for (Index c = 0; c < donor.values.cols(); ++c) {
        const Index r = position[static_cast<std::size_t>(c)];
        if (r < 0) continue;
        detail::add_numbers(donor.values.col(c).data() + first, genes, sums_.col(r).data() + first,
                            counts_.col(r).data() + first);
      }
    });
  }

  /// Mean or median of each gene in each region [genes x regions]; NaN where there is no number.
  [[nodiscard]] Eigen::MatrixXd result(Threads threads = {}) const {
    if (metric_ == AggregationMetric::mean) return sums_.cwiseQuotient(counts_);
    Eigen::MatrixXd out(genes_, std::ssize(labels_));
    detail::for_gene_blocks(threads, genes_, [&](Index first, Index genes) {
      std::vector<double> scratch;
      std::vector<const double*> columns;
      for (Index r = 0; r < out.cols(); ++r) {
        columns.clear();
        for (const auto& column : columns_[static_cast<std::size_t>(r)]) {
          columns.push_back(column.data());
        }
        detail::median_of_columns(columns, first, genes, scratch, out.col(r).data() + first);
      }
    });
    return out;
  }

 private:
  std::vector<Index> labels_;
  Index genes_;
  AggregationMetric metric_;
  Eigen::MatrixXd sums_, counts_;                      // [genes x regions], mean
  std::vector<std::vector<Eigen::VectorXd>> columns_;  // [region][sample]: [genes], median
};

/// Mean or median of each gene over the samples of each region of one donor: [genes x regions] in
/// the order of `labels` (ascending). NaN is passed over; a region without samples is a column of
/// NaN; samples without a region (label 0) are left out. The result has the same bytes for any
/// number of threads. Throws ArgumentError as SamplePool::add. Cost O(genes samples).
[[nodiscard]] inline Eigen::MatrixXd aggregate_regions(const RegionSamples& donor,
                                                       std::span<const Index> labels,
                                                       AggregationMetric metric,
                                                       Threads threads = {}) {
  const Index genes = donor.values.rows();
  if (metric == AggregationMetric::mean) {
    SamplePool pool({labels.begin(), labels.end()}, genes, metric);
    pool.add(donor, threads);
    return pool.result(threads);
  }
  donor.check();
  const std::vector<Index> position = detail::region_positions(donor, labels);
  std::vector<std::vector<const double*>> columns(labels.size());  // where they are: no copy
  for (Index c = 0; c < donor.values.cols(); ++c) {
    const Index r = position[static_cast<std::size_t>(c)];
    if (r >= 0) columns[static_cast<std::size_t>(r)].push_back(donor.values.col(c).data());
  }
  Eigen::MatrixXd out(genes, std::ssize(labels));
  detail::for_gene_blocks(threads, genes, [&](Index first, Index count) {
    std::vector<double> scratch;
    for (Index r = 0; r < out.cols(); ++r) {
      detail::median_of_columns(columns[static_cast<std::size_t>(r)], first, count, scratch,
                                out.col(r).data() + first);
    }
  });
  return out;
}

/// Mean or median over donors of each gene in each region (`region_agg` = donors); NaN is passed
/// over, NaN where no donor has a number. All matrices are [genes x regions].
/// Throws ArgumentError for no donor and for matrices of different shapes.
[[nodiscard]] inline Eigen::MatrixXd aggregate_donors(std::span<const Eigen::MatrixXd> donors,
                                                      AggregationMetric metric,
                                                      Threads threads = {}) {
  require(!donors.empty(), "donors", donors.size(), "at least 1");
  const Index rows = donors[0].rows(), columns = donors[0].cols();
  for (const Eigen::MatrixXd& donor : donors) {
    require(donor.rows() == rows && donor.cols() == columns, "shape of a donor",
            text(donor.rows(), " x ", donor.cols()), text(rows, " x ", columns, ", as the first"));
  }
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(rows, columns);
  detail::for_gene_blocks(threads, out.size(), [&](Index first, Index count) {
    if (metric == AggregationMetric::median) {
      std::vector<const double*> parts;
      std::vector<double> scratch;
      for (const Eigen::MatrixXd& donor : donors) parts.push_back(donor.data());
      detail::median_of_columns(parts, first, count, scratch, out.data() + first);
      return;
    }
    std::vector<double> numbers(static_cast<std::size_t>(count), 0.0);
    for (const Eigen::MatrixXd& donor : donors) {
      detail::add_numbers(donor.data() + first, count, out.data() + first, numbers.data());
    }
    for (Index i = 0; i < count; ++i) out.data()[first + i] /= numbers[static_cast<std::size_t>(i)];
  });
  return out;
}

/// Mean or median of each gene over all donors' samples of each region; see `SamplePool`, which
/// does the same without all donors in memory. Throws ArgumentError for no donor.
[[nodiscard]] inline Eigen::MatrixXd aggregate_samples(std::span<const RegionSamples> donors,
                                                       std::span<const Index> labels,
                                                       AggregationMetric metric,
                                                       Threads threads = {}) {
  require(!donors.empty(), "donors", donors.size(), "at least 1");
  SamplePool pool({labels.begin(), labels.end()}, donors[0].values.rows(), metric);
  for (const RegionSamples& donor : donors) pool.add(donor, threads);
  return pool.result(threads);
}

namespace detail {

/// Rows that are NaN in none of `columns`; the others are reported. `place(c)` names a column.
template <class Place>
std::vector<Index> complete_rows(const Eigen::MatrixXd& values, std::span<const std::string> genes,
                                 std::span<const Index> columns, const Place& place,
                                 Threads threads, const DropSink& sink) {
  require(std::ssize(genes) == values.rows(), "genes", genes.size(),
          text("one a row of values: ", values.rows()));
  const std::vector<std::int32_t> holes = holes_of_rows(values, columns, threads);
  std::vector<Index> kept;
  for (Index g = 0; g < values.rows(); ++g) {
    const std::int32_t count = holes[static_cast<std::size_t>(g)];
    if (count == 0) {
      kept.push_back(g);
    } else if (sink) {
      const Index first = *std::find_if(columns.begin(), columns.end(),
                                        [&](Index c) { return std::isnan(values(g, c)); });
      const std::string others = count > 1 ? text(" and ", count - 1, " more") : std::string();
      sink({genes[static_cast<std::size_t>(g)], "gene",
            text("no number in ", place(first), others, ": its values cannot be normalised")});
    }
  }
  return kept;
}

}  // namespace detail

/// Positions of the genes (rows) that are a number in every region with any number; the others are
/// reported. `values` is [genes x regions], `labels` names its columns. Throws ArgumentError for
/// sizes that do not agree. Cost O(genes regions).
[[nodiscard]] inline std::vector<Index> complete_genes(const Eigen::MatrixXd& values,
                                                       std::span<const std::string> genes,
                                                       std::span<const Index> labels,
                                                       const DropSink& sink = {}) {
  require(std::ssize(labels) == values.cols(), "labels", labels.size(),
          text("one a column of values: ", values.cols()));
  const auto place = [&](Index c) { return text("region ", labels[static_cast<std::size_t>(c)]); };
  return detail::complete_rows(values, genes, columns_with_numbers(values), place, {.count = 1},
                               sink);
}

/// Positions of the genes that are a number in every sample of this donor (for tables of samples);
/// the others are reported. A sample that is NaN in all genes leaves none, as in abagen. Errors as
/// above. Cost O(genes samples).
[[nodiscard]] inline std::vector<Index> complete_genes(const RegionSamples& donor,
                                                       std::span<const std::string> genes,
                                                       Threads threads = {},
                                                       const DropSink& sink = {}) {
  donor.check();
  std::vector<Index> columns;
  for (Index c = 0; c < donor.values.cols(); ++c) columns.push_back(c);
  const auto place = [&](Index c) {
    return c < donor.samples.size()
               ? text("sample ", donor.samples.name(c))
               : text("region ", donor.label_of(c), " of donor ", donor.samples.donor);
  };
  return detail::complete_rows(donor.values, genes, columns, place, threads, sink);
}

/// Takes out the rows of the genes that `complete_genes` leaves out, and their names.
inline void drop_incomplete_genes(Eigen::MatrixXd& values, std::vector<std::string>& genes,
                                  std::span<const Index> labels, const DropSink& sink = {}) {
  const std::vector<Index> kept = complete_genes(values, genes, labels, sink);
  if (std::ssize(kept) == values.rows()) return;
  values = Eigen::MatrixXd(values(kept, Eigen::all));
  genes = detail::select_elements(genes, kept);
}

/// Reports the regions (columns of `values` [genes x regions], named by `labels`) without any
/// number, and returns their labels. `samples`, one a region where given, tells regions without
/// samples from those whose samples have no value. Throws ArgumentError when sizes do not agree.
inline std::vector<Index> report_empty_regions(const Eigen::MatrixXd& values,
                                               std::span<const Index> labels, const DropSink& sink,
                                               std::span<const Index> samples = {}) {
  require(std::ssize(labels) == values.cols(), "labels", labels.size(),
          text("one a column of values: ", values.cols()));
  require(samples.empty() || samples.size() == labels.size(), "samples", samples.size(),
          text("none, or one a region: ", labels.size()));
  const std::vector<Index> with_numbers = columns_with_numbers(values);
  std::vector<Index> empty;
  for (Index r = 0; r < values.cols(); ++r) {
    if (std::binary_search(with_numbers.begin(), with_numbers.end(), r)) continue;
    const auto at = static_cast<std::size_t>(r);
    empty.push_back(labels[at]);
    if (!sink) continue;
    const Index here = samples.empty() ? 0 : samples[at];
    sink({text(labels[at]), "region",
          here == 0 ? std::string("no sample of any donor")
                    : text(here == 1 ? "its only sample" : text("all of its ", here, " samples"),
                           " left out or without a value")});
  }
  return empty;
}

}  // namespace inrgene
