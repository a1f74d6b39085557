// Members of backend_traits that follow from others, for backends that do not fuse them.
#pragma once

#include <tuple>

#include "inrgene/backend/backend.hpp"

namespace inrgene::detail {

/// `pull_affine` by gemm, and `affine_map` by affine and a map: a base of the traits `Ops`.
template <class Ops>
struct ComposedProducts {
  template <class E, class Context>
  static void pull_affine(Context& c, MatrixView<const E> w, MatrixView<const E> dL_dz,
                          MatrixView<E> dL_dx, Write write) {
    Ops::template gemm<Op::conjugate, Op::none, E>(c, w, dL_dz, dL_dx, write);
  }

  template <class F, class E, class Context, class... Outs>
  static void affine_map(Context& c, MatrixView<const E> w, MatrixView<const E> bias,
                         MatrixView<const E> x, const F& f, std::tuple<MatrixView<Outs>...> outs) {
    const auto& z = std::get<0>(outs);
    Ops::affine(c, w, bias, x, z);
    Ops::map(c, f, outs, MatrixView<const E>(z));
  }
};

}  // namespace inrgene::detail
