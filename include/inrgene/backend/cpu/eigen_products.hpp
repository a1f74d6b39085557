// The CPU backend's products by Eigen: a second opinion for the tests, and a competitor.
#pragma once

#include <complex>
#include <type_traits>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/math/gemm.hpp"

namespace inrgene {

namespace detail {

template <class E>
struct GemmScalar {
  using type = E;
};
template <class T>
struct GemmScalar<math::Complex<T>> {
  using type = std::complex<T>;
};

/// The same memory as a gemm sees it. Complex<T> has the layout of std::complex<T>.
template <class E>
auto gemm_operand(MatrixView<E> v) {
  using S = typename GemmScalar<std::remove_const_t<E>>::type;
  using Element = std::conditional_t<std::is_const_v<E>, const S, S>;
  return math::GemmOperand<Element>{reinterpret_cast<Element*>(v.data), v.rows, v.cols, v.stride};
}

constexpr math::Factor gemm_factor(Op op) {
  return op == Op::transpose   ? math::Factor::transposed
         : op == Op::conjugate ? math::Factor::conjugated
                               : math::Factor::plain;
}

}  // namespace detail

/// All products by Eigen, real and complex: `Cpu<T, EigenProducts>`.
struct EigenProducts {
  /// C += op(A)·op(B).
  template <Op OpA, Op OpB, class E>
  static void gemm_add(MatrixView<const E> a, MatrixView<const E> b, MatrixView<E> c) {
    math::gemm_add<detail::gemm_factor(OpA), detail::gemm_factor(OpB)>(
        detail::gemm_operand(a), detail::gemm_operand(b), detail::gemm_operand(c));
  }
};

static_assert(Backend<Cpu<float, EigenProducts>> && Backend<Cpu<double, EigenProducts>>);

}  // namespace inrgene
