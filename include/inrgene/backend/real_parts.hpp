// Matrices of complex numbers as matrices of real ones, in the same memory.
#pragma once

#include <type_traits>

#include "inrgene/backend/matrix_view.hpp"
#include "inrgene/math/complex.hpp"

namespace inrgene::detail {

/// The same memory as real numbers: of complex ones, real and imaginary parts in turn.
template <class E>
auto as_reals(MatrixView<E> v) {
  using T = math::real_of<std::remove_const_t<E>>;
  constexpr Index parts = math::components<std::remove_const_t<E>>;
  using Element = std::conditional_t<std::is_const_v<E>, const T, T>;
  return MatrixView<Element>(reinterpret_cast<Element*>(v.data), parts * v.rows, v.cols,
                             parts * v.stride);
}

}  // namespace inrgene::detail
