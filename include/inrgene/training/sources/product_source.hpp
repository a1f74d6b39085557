// Every pair of a left and a right item: all sites under all genes, without writing them out.
#pragma once

#include <span>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/training/sources/sample_source.hpp"

namespace inrgene {

/// Row r is the pair (left item r / R, right item r mod R); its input is the left features with the
/// right features below, its target values(right, left).
/// Memory: L·(left + R) + R·right numbers instead of L·R·(left + right + 1); where only some pairs
/// are rows, an index a row and another L·R numbers.
///
/// Its parts are open to objectives that use the product (GridObjective).
template <Backend B>
class ProductSource {
 public:
  using T = scalar_of<B>;

  /// `left` [left_features × L], `right` [right_features × R], `values` [R × L], column-major.
  /// `pairs` numbers the pairs (as above) that are rows, in the order of the rows; empty: all. The
  /// values of other pairs are never read.
  /// Throws ArgumentError when the sizes do not fit or a pair does not exist.
  ProductSource(const B& backend, Index left_count, Index right_count, std::span<const T> left,
                std::span<const T> right, std::span<const T> values,
                std::span<const Index> pairs = {})
      : left_(features(left, left_count, "left features"), left_count),
        right_(features(right, right_count, "right features"), right_count),
        values_(right_count, left_count),
        pairs_(pairs.size()),
        counts_(pairs.empty() ? 0 : right_count, pairs.empty() ? 0 : left_count) {
    require(std::ssize(values) == left_count * right_count, "values", values.size(),
            text(left_count, " × ", right_count));
    backend_traits<B>::upload(backend, left, left_.view().data);
    backend_traits<B>::upload(backend, right, right_.view().data);
    std::vector<T> counts(pairs.empty() ? 0 : values.size());
    for (const Index pair : pairs) {
      require(pair >= 0 && pair < std::ssize(values), "pair", pair,
              text("a number in [0, ", values.size(), ")"));
      counts[static_cast<std::size_t>(pair)] += T(1);
    }
    backend_traits<B>::upload(backend, std::span<const T>(counts), counts_.view().data);
    backend_traits<B>::upload(backend, values, values_.view().data);
    backend_traits<B>::upload(backend, pairs, pairs_.data());
  }

  [[nodiscard]] Index size() const {
    return pairs_.size() > 0 ? static_cast<Index>(pairs_.size()) : left_.cols() * right_.cols();
  }
  [[nodiscard]] Index in_features() const { return left_.rows() + right_.rows(); }
  [[nodiscard]] static Index out_features() { return 1; }

  [[nodiscard]] MatrixView<const T> left() const { return left_.view(); }
  [[nodiscard]] MatrixView<const T> right() const { return right_.view(); }
  /// [R × L], those of pairs that are no rows included.
  [[nodiscard]] MatrixView<const T> values() const { return values_.view(); }
  /// [R × L]: how many rows a pair is; an empty view: each is one.
  [[nodiscard]] MatrixView<const T> counts() const {
    return pairs_.size() > 0 ? counts_.view() : MatrixView<const T>{};
  }

  Batch<T> read(context_of<B>& context, RowRange rows, MatrixView<T> x, MatrixView<T> y) const {
    const Rows pairs{rows, pairs_.size() > 0 ? pairs_.data() : nullptr};
    backend_traits<B>::generate(context, Inputs{left_.view(), right_.view(), pairs}, x);
    backend_traits<B>::generate(context, Targets{values_.view(), pairs}, y);
    return {x, y};
  }

  // Public, since a device's kernel cannot take a private type.
  struct Rows {
    RowRange rows;
    const Index* pairs;
    INRGENE_HD Index operator[](Index j) const {
      return pairs == nullptr ? rows[j] : pairs[rows[j]];
    }
  };
  struct Inputs {
    MatrixView<const T> left, right;
    Rows rows;
    INRGENE_HD T operator()(Index i, Index j) const {
      const Index row = rows[j];
      return i < left.rows ? left(i, row / right.cols) : right(i - left.rows, row % right.cols);
    }
  };
  struct Targets {
    MatrixView<const T> values;
    Rows rows;
    INRGENE_HD T operator()(Index /*i*/, Index j) const {
      const Index row = rows[j];
      return values(row % values.rows, row / values.rows);
    }
  };

 private:
  static Index features(std::span<const T> data, Index count, const char* what) {
    require(count > 0 && !data.empty() && std::ssize(data) % count == 0, what, data.size(),
            text("a positive multiple of ", count));
    return std::ssize(data) / count;
  }

  Matrix<T, B> left_;
  Matrix<T, B> right_;
  Matrix<T, B> values_;
  typename backend_traits<B>::template buffer<Index> pairs_;
  Matrix<T, B> counts_;
};

}  // namespace inrgene
