// Where probe selection reads expression from, and the probes of one gene as it sees them.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// Rows of numbers with a whole-numbered key each, as the microarray files have them: `find` gives
/// the row of a key, `read` its `columns()` numbers (from any thread), `file` a name for messages.
template <class R>
concept ProbeRows = requires(const R& rows, Index i, std::span<double> out) {
  { rows.columns() } -> std::convertible_to<Index>;
  { rows.find(i) } -> std::same_as<std::optional<Index>>;
  { rows.file() } -> std::convertible_to<std::string>;
  rows.read(i, out);
};

/// Rows in memory.
class MatrixRows {
 public:
  /// `values` [columns x rows]: column r holds the numbers of the row with key `keys[r]`.
  /// Throws ArgumentError for another number of keys, and for a key that comes twice.
  MatrixRows(std::vector<Index> keys, Eigen::MatrixXd values, std::string file = "memory")
      : keys_(std::move(keys)), values_(std::move(values)), file_(std::move(file)) {
    require(std::ssize(keys_) == values_.cols(), "keys", keys_.size(),
            text("one a column of the values: ", values_.cols()));
    for (Index r = 0; r < rows(); ++r) {
      const Index key = keys_[static_cast<std::size_t>(r)];
      require(row_of_.emplace(key, r).second, "key", key, "each key once");
    }
  }

  [[nodiscard]] Index rows() const { return std::ssize(keys_); }
  [[nodiscard]] Index columns() const { return values_.rows(); }
  [[nodiscard]] std::span<const Index> keys() const { return keys_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] std::optional<Index> find(Index key) const {
    const auto at = row_of_.find(key);
    return at == row_of_.end() ? std::nullopt : std::optional(at->second);
  }
  /// Throws ArgumentError for a row out of range and an `out` of another size than `columns()`.
  void read(Index row, std::span<double> out) const {
    require(row >= 0 && row < rows(), "row", row, "a row of the table");
    require(std::ssize(out) == columns(), "numbers asked for", out.size(), "one a column");
    std::copy_n(values_.col(row).data(), columns(), out.begin());
  }

 private:
  std::vector<Index> keys_;
  Eigen::MatrixXd values_;
  std::string file_;
  std::map<Index, Index> row_of_;
};
static_assert(ProbeRows<MatrixRows>);

/// A donor's samples and the expression that they point into.
template <ProbeRows R>
struct DonorRows {
  const DonorSamples* samples = nullptr;
  const R* rows = nullptr;
};

/// The columns of several donors side by side, with the samples that look at them.
struct JoinedDonors {
  std::vector<Index> first_column = {0};  ///< of each donor, and the number of all columns
  std::vector<Index> first_sample = {0};  ///< of each donor, and the number of all samples
  std::vector<Index> sample_column = {};  ///< joined column of every sample, donor after donor
  std::vector<double> weight = {};        ///< how many samples look at each joined column

  explicit JoinedDonors(std::span<const DonorSamples* const> donors) {
    for (const DonorSamples* const samples : donors) {
      const Index first = columns();
      weight.resize(static_cast<std::size_t>(first + samples->measured), 0.0);
      for (const Index column : samples->column) {
        sample_column.push_back(first + column);
        weight[static_cast<std::size_t>(first + column)] += 1;
      }
      first_column.push_back(first + samples->measured);
      first_sample.push_back(std::ssize(sample_column));
    }
  }

  [[nodiscard]] Index donors() const { return std::ssize(first_column) - 1; }
  [[nodiscard]] Index columns() const { return first_column.back(); }
};

/// Donors [first, last) of a list.
struct DonorRange {
  Index first = 0;
  Index last = 0;
};

/// The probes of one gene, read: one row of joined columns each, in the order of the table.
struct ProbeGroup {
  std::string_view gene;
  Index probes = 0;
  std::span<const double> values = {};  ///< [probes x joined columns], row after row
  const JoinedDonors* joined = nullptr;
  DonorRange donors = {};  ///< whose columns `row`, `weight` and `sample_columns` show

  [[nodiscard]] Index begin_column() const { return joined->first_column[at(donors.first)]; }
  [[nodiscard]] Index columns() const {
    return joined->first_column[at(donors.last)] - begin_column();
  }
  [[nodiscard]] std::span<const double> row(Index probe) const {
    return values.subspan(at(probe * joined->columns() + begin_column()), at(columns()));
  }
  /// How many samples look at each column of a row; a column without any counts nowhere.
  [[nodiscard]] std::span<const double> weight() const {
    return std::span(joined->weight).subspan(at(begin_column()), at(columns()));
  }
  /// Joined columns of the samples in order: `begin_column()` more than the column of a row.
  [[nodiscard]] std::span<const Index> sample_columns() const {
    const Index first = joined->first_sample[at(donors.first)];
    const Index last = joined->first_sample[at(donors.last)];
    return std::span(joined->sample_column).subspan(at(first), at(last - first));
  }

 private:
  static std::size_t at(Index i) { return static_cast<std::size_t>(i); }
};

/// What a choice among a gene's probes goes by: `score(group, scores, scratch)` writes one figure a
/// probe, NaN where it is undefined. `single_stands`: the only probe of a gene is taken whatever
/// its figure. `nan_wins`: the first NaN is chosen before any number (numpy's argmax), else NaN is
/// passed over. `pooled_only`: the figure needs all donors at once.
template <class S>
concept ProbeScore = requires(const S& method, const ProbeGroup& group, std::span<double> scores,
                              typename S::Scratch& scratch) {
  requires std::default_initializable<typename S::Scratch>;
  { S::single_stands } -> std::convertible_to<bool>;
  { S::nan_wins } -> std::convertible_to<bool>;
  { S::pooled_only } -> std::convertible_to<bool>;
  method.score(group, scores, scratch);
};

namespace detail {

/// Σ term(i) over [0, n) in eight interleaved sums, which a compiler may vectorise; the order is
/// the same for every list of that length.
template <class Term>
[[nodiscard]] double interleaved_sum(Index n, const Term& term) {
  constexpr std::size_t lanes = 8;
  double sums[lanes] = {};
  Index i = 0;
  for (; i + static_cast<Index>(lanes) <= n; i += static_cast<Index>(lanes)) {
    for (std::size_t k = 0; k < lanes; ++k) sums[k] += term(static_cast<std::size_t>(i) + k);
  }
  double rest = 0;
  for (; i < n; ++i) rest += term(static_cast<std::size_t>(i));
  for (const double sum : sums) rest += sum;
  return rest;
}

}  // namespace detail
}  // namespace inrgene
