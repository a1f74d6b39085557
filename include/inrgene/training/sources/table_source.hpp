// A plain table of rows.
#pragma once

#include <span>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/training/sources/sample_source.hpp"

namespace inrgene {

namespace detail {
template <class T>
struct GatherKernel {
  MatrixView<const T> table;
  RowRange rows;
  INRGENE_HD T operator()(Index i, Index j) const { return table(i, rows[j]); }
};
}  // namespace detail

/// Inputs [in × rows] and targets [out × rows], copied to the backend once.
template <Backend B>
class TableSource {
 public:
  using T = scalar_of<B>;

  /// `inputs` and `targets` column-major. Throws ArgumentError unless both hold `rows` columns.
  TableSource(const B& backend, Index rows, std::span<const T> inputs, std::span<const T> targets)
      : x_(check(rows, inputs, "inputs"), rows), y_(check(rows, targets, "targets"), rows) {
    backend_traits<B>::upload(backend, inputs, x_.view().data);
    backend_traits<B>::upload(backend, targets, y_.view().data);
  }

  [[nodiscard]] Index size() const { return x_.cols(); }
  [[nodiscard]] Index in_features() const { return x_.rows(); }
  [[nodiscard]] Index out_features() const { return y_.rows(); }

  Batch<T> read(context_of<B>& context, RowRange rows, MatrixView<T> x, MatrixView<T> y) const {
    if (rows.order == nullptr) {
      return {x_.view().columns(rows.begin, rows.count), y_.view().columns(rows.begin, rows.count)};
    }
    backend_traits<B>::generate(context, detail::GatherKernel<T>{x_.view(), rows}, x);
    backend_traits<B>::generate(context, detail::GatherKernel<T>{y_.view(), rows}, y);
    return {x, y};
  }

 private:
  static Index check(Index rows, std::span<const T> values, const char* what) {
    require(rows > 0 && !values.empty() && std::ssize(values) % rows == 0, what, values.size(),
            text("a positive multiple of the ", rows, " rows"));
    return std::ssize(values) / rows;
  }

  Matrix<T, B> x_;
  Matrix<T, B> y_;
};

}  // namespace inrgene
