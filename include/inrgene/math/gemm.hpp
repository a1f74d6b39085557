// Matrix products by Eigen's blocked kernel, entered directly: Eigen's expression route would
// compile a matrix-vector product, an inner product and an unblocked product beside each kernel.
// The one file that names Eigen's internals; their signature is the same in Eigen 3.4 and 5.
#pragma once

#include <algorithm>
#include <complex>
#include <cstdint>

#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene::math {

/// How a factor is read.
enum class Factor : std::uint8_t { plain, transposed, conjugated };

/// A column-major matrix as it lies; `stride` elements from column to column.
template <class T>
struct GemmOperand {
  T* data;
  Index rows;
  Index cols;
  Index stride;
};

/// C += op(A)·op(B), one thread; C [m × n], the inner dimension is that of op(A). T is float,
/// double or std::complex of one. Cost 2mnk FLOP (8mnk complex).
template <Factor A, Factor B, class T>
void gemm_add(GemmOperand<const T> a, GemmOperand<const T> b, GemmOperand<T> c) {
  namespace internal = Eigen::internal;
  constexpr int order_a = A == Factor::transposed ? Eigen::RowMajor : Eigen::ColMajor;
  constexpr int order_b = B == Factor::transposed ? Eigen::RowMajor : Eigen::ColMajor;
  constexpr bool complex = Eigen::NumTraits<T>::IsComplex;
  constexpr bool conjugate_a = complex && A == Factor::conjugated;
  constexpr bool conjugate_b = complex && B == Factor::conjugated;
  const Index depth = A == Factor::transposed ? a.rows : a.cols;
  if (c.rows == 0 || c.cols == 0 || depth == 0) return;
  internal::gemm_blocking_space<Eigen::ColMajor, T, T, Eigen::Dynamic, Eigen::Dynamic,
                                Eigen::Dynamic>
      blocking(c.rows, c.cols, depth, 1, true);
  internal::general_matrix_matrix_product<Index, T, order_a, conjugate_a, T, order_b, conjugate_b,
                                          Eigen::ColMajor, 1>::run(c.rows, c.cols, depth, a.data,
                                                                   a.stride, b.data, b.stride,
                                                                   c.data, 1, c.stride, T(1),
                                                                   blocking, nullptr);
}

}  // namespace inrgene::math
