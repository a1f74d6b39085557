// Where a training loop gets its rows from.
#pragma once

#include <concepts>

#include "inrgene/backend/backend.hpp"

namespace inrgene {

/// Rows [begin, begin + count) of an order of the source's rows; no order means as they stand.
struct RowRange {
  const Index* order = nullptr;  ///< in the backend's memory
  Index begin = 0;
  Index count = 0;

  INRGENE_HD [[nodiscard]] constexpr Index operator[](Index i) const {
    return order == nullptr ? begin + i : order[begin + i];
  }
};

/// Inputs [in × count] and targets [out × count] of some rows.
template <class T>
struct Batch {
  MatrixView<const T> x;
  MatrixView<const T> target;
};

/// A table of (input, target) rows on backend B. `read` either points into the source's memory or
/// fills the scratch it is given. A source holds the rows it may show and no others: held-out rows
/// live in another source, out of a training loop's reach.
template <class S, class B>
concept SampleSource = Backend<B> && requires(const S source, context_of<B>& context, RowRange rows,
                                              MatrixView<scalar_of<B>> scratch) {
  { source.size() } -> std::convertible_to<Index>;
  { source.in_features() } -> std::convertible_to<Index>;
  { source.out_features() } -> std::convertible_to<Index>;
  { source.read(context, rows, scratch, scratch) } -> std::same_as<Batch<scalar_of<B>>>;
};

/// Inputs alone, for prediction: `read(context, begin, x)` fills x [in × count].
template <class S, class B>
concept InputSource = Backend<B> &&
    requires(const S source, context_of<B>& context, MatrixView<scalar_of<B>> x) {
  { source.size() } -> std::convertible_to<Index>;
  { source.in_features() } -> std::convertible_to<Index>;
  source.read(context, Index{0}, x);
};

}  // namespace inrgene
