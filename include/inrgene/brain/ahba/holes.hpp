// Which rows and columns of an expression table hold numbers.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// Columns with at least one value that is not NaN, ascending. Cost: one look a column where the
/// first value is a number.
[[nodiscard]] inline std::vector<Index> columns_with_numbers(const Eigen::MatrixXd& values) {
  std::vector<Index> out;
  for (Index c = 0; c < values.cols(); ++c) {
    const double* column = values.data() + c * values.rows();
    if (std::any_of(column, column + values.rows(), [](double v) { return !std::isnan(v); })) {
      out.push_back(c);
    }
  }
  return out;
}

/// Rows with at least one value that is not NaN, ascending.
[[nodiscard]] inline std::vector<Index> rows_with_numbers(const Eigen::MatrixXd& values) {
  std::vector<Index> out;
  for (Index r = 0; r < values.rows(); ++r) {
    Index c = 0;
    while (c < values.cols() && std::isnan(values(r, c))) ++c;
    if (c < values.cols()) out.push_back(r);
  }
  return out;
}

/// How many of `columns` are NaN in each row. Cost O(rows columns).
[[nodiscard]] inline std::vector<std::int32_t> holes_of_rows(const Eigen::MatrixXd& values,
                                                             std::span<const Index> columns,
                                                             Threads threads = {}) {
  std::vector<std::int32_t> out(static_cast<std::size_t>(values.rows()), 0);
  constexpr Index block = 1024;
  parallel_for(threads, (values.rows() + block - 1) / block, [&](Index b) {
    const Index rows = std::min(block, values.rows() - b * block);
    std::int32_t* count = out.data() + b * block;
    for (const Index c : columns) {
      const double* column = values.data() + c * values.rows() + b * block;
      for (Index r = 0; r < rows; ++r) count[r] += column[r] != column[r] ? 1 : 0;
    }
  });
  return out;
}

}  // namespace inrgene
