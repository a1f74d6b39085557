// The work that the speed benchmarks share: a SIREN and rows for it.
#pragma once

#include <cmath>
#include <cstdint>

#include "inrgene/backend/backend.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/model/networks/siren.hpp"
#include "inrgene/training/sources/sample_source.hpp"

namespace inrgene::bench {

/// Sizes of a benchmark; the defaults are the published joint model on all its rows.
struct Work {
  Index rows = 94'600;
  Index in_features = 24;
  Index width = 512;
  Index layers = 12;  ///< sine layers; a linear one to a single output follows
  std::uint64_t seed = 1;

  [[nodiscard]] Siren::Network network() const {
    return Siren::build(in_features, 1, {.hidden_features = width, .hidden_layers = layers - 1});
  }
  /// Multiplications and additions of one forward over all rows.
  [[nodiscard]] double forward_flop() const {
    return 2.0 * static_cast<double>(rows) *
           static_cast<double>(in_features * width + (layers - 1) * width * width + width);
  }
  /// Of a training step: three forwards, less the gradient to the input.
  [[nodiscard]] double step_flop() const {
    return 3 * forward_flop() -
           2.0 * static_cast<double>(rows) * static_cast<double>(in_features * width);
  }
};

/// Rows of a Work on a host backend, held once: inputs in [-1, 1), a smooth target in [0, 1]. Rows
/// come as they lie, without a copy.
template <Backend B>
class Rows {
 public:
  using T = scalar_of<B>;

  explicit Rows(const Work& work) : x_(work.in_features, work.rows), y_(1, work.rows) {
    Random random(work.seed);
    for (Index j = 0; j < work.rows; ++j) {
      double sum = 0;
      for (Index i = 0; i < work.in_features; ++i) {
        // Rounded to float in every precision: all see the same numbers.
        const auto value = static_cast<float>(random.uniform(-1.0, 1.0));
        x_.view()(i, j) = static_cast<T>(value);
        sum += (i % 2 == 0 ? 1.0 : -1.0) * static_cast<double>(value);
      }
      y_.view()(0, j) = static_cast<T>(static_cast<float>(0.5 + 0.5 * std::sin(sum)));
    }
  }

  [[nodiscard]] Index size() const { return x_.cols(); }
  [[nodiscard]] Index in_features() const { return x_.rows(); }
  [[nodiscard]] Index out_features() const { return 1; }
  [[nodiscard]] double bytes() const {
    return static_cast<double>(sizeof(T)) * static_cast<double>((x_.rows() + 1) * x_.cols());
  }
  [[nodiscard]] MatrixView<const T> inputs() const { return x_.view(); }
  [[nodiscard]] MatrixView<const T> targets() const { return y_.view(); }

  /// As a SampleSource.
  Batch<T> read(context_of<B>& /*context*/, RowRange rows, MatrixView<T> x, MatrixView<T> y) const {
    if (rows.order == nullptr) {
      return {x_.view().columns(rows.begin, rows.count), y_.view().columns(rows.begin, rows.count)};
    }
    for (Index j = 0; j < rows.count; ++j) {
      for (Index i = 0; i < x.rows; ++i) x(i, j) = x_.view()(i, rows[j]);
      y(0, j) = y_.view()(0, rows[j]);
    }
    return {x, y};
  }
  /// As an InputSource.
  void read(context_of<B>& /*context*/, Index begin, MatrixView<T> x) const {
    for (Index j = 0; j < x.cols; ++j) {
      for (Index i = 0; i < x.rows; ++i) x(i, j) = x_.view()(i, begin + j);
    }
  }

 private:
  Matrix<T, B> x_, y_;
};

}  // namespace inrgene::bench
