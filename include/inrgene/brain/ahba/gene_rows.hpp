// Rows of expression on their way from a donor's file into a matrix of genes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/gene_groups.hpp"
#include "inrgene/brain/ahba/probe_source.hpp"
#include "inrgene/brain/ahba/probes.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// [genes x samples] from [genes x measured samples]: the column each sample looks at. Throws
/// ArgumentError for another number of columns than were measured. Cost: one copy.
[[nodiscard]] inline Eigen::MatrixXd expand(const Eigen::MatrixXd& by_column,
                                            const DonorSamples& samples, Threads threads = {}) {
  require(by_column.cols() == samples.measured, "columns of the expression", by_column.cols(),
          text("one a measured sample of donor ", samples.donor, ": ", samples.measured));
  detail::require_indices(samples.column, samples.measured, "column of a sample");
  Eigen::MatrixXd out(by_column.rows(), samples.size());
  parallel_for(threads, samples.size(), [&](Index s) {
    out.col(s) = by_column.col(samples.column[static_cast<std::size_t>(s)]);
  });
  return out;
}

namespace detail {

/// Finds the rows of all probes in all files beforehand, then reads a gene's at once.
template <ProbeRows R>
class GroupReader {
 public:
  /// Throws InputError for a probe that a file lacks and for columns that are not the samples'.
  GroupReader(const ProbeTable& probes, const GeneGroups& groups,
              std::span<const DonorRows<R>> donors, const JoinedDonors& joined, Threads threads)
      : donors_(donors), joined_(joined) {
    for (const DonorRows<R>& donor : donors) {
      const Index columns = donor.rows->columns();
      if (columns == donor.samples->measured) continue;
      throw InputError({.file = std::string(donor.rows->file()),
                        .place = "",
                        .found = text(columns, " numbers a row"),
                        .expected = text(donor.samples->measured, ", one for each row of ",
                                         donor.samples->file)});
    }
    row_.resize(groups.row.size() * donors.size());
    parallel_for(threads, std::ssize(groups.row), [&](Index i) {
      const Index row = groups.row[static_cast<std::size_t>(i)];
      const Index id = probes.id[static_cast<std::size_t>(row)];
      for (std::size_t d = 0; d < donors.size(); ++d) {
        const std::optional<Index> found = donors[d].rows->find(id);
        if (!found) refuse(probes, row, std::string(donors[d].rows->file()));
        row_[static_cast<std::size_t>(i) * donors.size() + d] = *found;
      }
    });
  }

  /// The group's probes of all donors; `buffer` holds their values.
  [[nodiscard]] ProbeGroup read(const GeneGroups& groups, Index group,
                                std::vector<double>& buffer) const {
    const auto g = static_cast<std::size_t>(group);
    const auto first = static_cast<std::size_t>(groups.begin[g]);
    const auto probes = static_cast<std::size_t>(groups.begin[g + 1]) - first;
    const auto width = static_cast<std::size_t>(joined_.columns());
    if (buffer.size() < probes * width) buffer.resize(probes * width);
    for (std::size_t p = 0; p < probes; ++p) {
      for (std::size_t d = 0; d < donors_.size(); ++d) {
        const auto begin = static_cast<std::size_t>(joined_.first_column[d]);
        const auto end = static_cast<std::size_t>(joined_.first_column[d + 1]);
        donors_[d].rows->read(row_[(first + p) * donors_.size() + d],
                              std::span(buffer).subspan(p * width + begin, end - begin));
      }
    }
    return {groups.gene[g], static_cast<Index>(probes), std::span(buffer).first(probes * width),
            &joined_, DonorRange{0, joined_.donors()}};
  }

 private:
  [[noreturn]] static void refuse(const ProbeTable& probes, Index row, std::string file) {
    const auto r = static_cast<std::size_t>(row);
    throw InputError({.file = std::move(file),
                      .place = "",
                      .found = text("no row with probe_id ", probes.id[r]),
                      .expected = text("one for every probe of ", probes.file, " (this one is of ",
                                       probes.gene[r], ")")});
  }

  std::span<const DonorRows<R>> donors_;
  const JoinedDonors& joined_;
  std::vector<Index> row_;  // [group rows x donors]
};

/// Collects joined rows of consecutive genes and writes them into the donors' matrices several at
/// a time: a gene's values lie a column apart there, and each would cost a cache line by itself.
class GeneRows {
 public:
  /// Gene `first` is the one that `next` gives first.
  GeneRows(const JoinedDonors& joined, std::vector<Eigen::MatrixXd>& values, Index first)
      : joined_(joined),
        values_(values),
        gene_(first),
        rows_(static_cast<std::size_t>(at_once * joined.columns())) {}

  /// A joined row for the next gene, to be filled.
  [[nodiscard]] std::span<double> next() {
    if (held_ == at_once) flush();
    const Index width = joined_.columns();
    return std::span(rows_).subspan(static_cast<std::size_t>(width * held_++),
                                    static_cast<std::size_t>(width));
  }

  /// Writes what has been filled.
  void flush() {
    const Index width = joined_.columns();
    for (std::size_t d = 0; d < values_.size(); ++d) {
      const Index first = joined_.first_column[d];
      Eigen::MatrixXd& out = values_[d];
      for (Index column = 0; column < out.cols(); ++column) {
        double* const to = out.data() + column * out.rows() + gene_;
        const double* const from = rows_.data() + first + column;
        for (Index g = 0; g < held_; ++g) to[g] = from[g * width];
      }
    }
    gene_ += held_;
    held_ = 0;
  }

 private:
  static constexpr Index at_once = 16;

  const JoinedDonors& joined_;
  std::vector<Eigen::MatrixXd>& values_;
  Index gene_;
  Index held_ = 0;
  std::vector<double> rows_;
};

}  // namespace detail
}  // namespace inrgene
