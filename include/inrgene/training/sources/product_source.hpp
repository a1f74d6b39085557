// Every pair of a left and a right item: all sites under all genes, without writing them out.
#pragma once

#include <span>

#include "inrgene/core/error.hpp"
#include "inrgene/training/sources/sample_source.hpp"

namespace inrgene {

/// Row r is the pair (left item r / R, right item r mod R); its input is the left features with the
/// right features below, its target values(right, left).
/// Memory: L·(left + R) + R·right numbers instead of L·R·(left + right + 1).
template <Backend B>
class ProductSource {
 public:
  using T = scalar_of<B>;

  /// `left` [left_features × L], `right` [right_features × R], `values` [R × L], column-major.
  /// Throws ArgumentError when the sizes do not fit.
  ProductSource(const B& backend, Index left_count, Index right_count, std::span<const T> left,
                std::span<const T> right, std::span<const T> values)
      : left_(features(left, left_count, "left features"), left_count),
        right_(features(right, right_count, "right features"), right_count),
        values_(right_count, left_count) {
    require(std::ssize(values) == left_count * right_count, "values", values.size(),
            text(left_count, " × ", right_count));
    backend_traits<B>::upload(backend, left, left_.view().data);
    backend_traits<B>::upload(backend, right, right_.view().data);
    backend_traits<B>::upload(backend, values, values_.view().data);
  }

  [[nodiscard]] Index size() const { return left_.cols() * right_.cols(); }
  [[nodiscard]] Index in_features() const { return left_.rows() + right_.rows(); }
  [[nodiscard]] static Index out_features() { return 1; }

  Batch<T> read(context_of<B>& context, RowRange rows, MatrixView<T> x, MatrixView<T> y) const {
    backend_traits<B>::generate(context, Inputs{left_.view(), right_.view(), rows}, x);
    backend_traits<B>::generate(context, Targets{values_.view(), rows}, y);
    return {x, y};
  }

 private:
  struct Inputs {
    MatrixView<const T> left, right;
    RowRange rows;
    INRGENE_HD T operator()(Index i, Index j) const {
      const Index row = rows[j];
      return i < left.rows ? left(i, row / right.cols) : right(i - left.rows, row % right.cols);
    }
  };
  struct Targets {
    MatrixView<const T> values;
    RowRange rows;
    INRGENE_HD T operator()(Index /*i*/, Index j) const {
      return values(rows[j] % values.rows, rows[j] / values.rows);
    }
  };

  static Index features(std::span<const T> data, Index count, const char* what) {
    require(count > 0 && !data.empty() && std::ssize(data) % count == 0, what, data.size(),
            text("a positive multiple of ", count));
    return std::ssize(data) / count;
  }

  Matrix<T, B> left_;
  Matrix<T, B> right_;
  Matrix<T, B> values_;
};

}  // namespace inrgene
