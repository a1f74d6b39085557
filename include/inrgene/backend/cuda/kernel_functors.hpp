// The GPU backend's own elementwise passes: what its reductions read, and how operands are put into
// a form that a product takes.
#pragma once

#include <bit>
#include <cstdint>

#include "inrgene/backend/matrix_view.hpp"
#include "inrgene/core/annotations.hpp"
#include "inrgene/math/complex.hpp"

namespace inrgene::detail {

/// The same value everywhere.
template <class E>
struct ConstantKernel {
  E value;
  INRGENE_HD INRGENE_INLINE E operator()(Index /*i*/, Index /*j*/) const { return value; }
};

/// Its input as a result, for sums of what lies in memory.
struct PassOn {
  template <class E>
  INRGENE_HD INRGENE_INLINE E operator()(const E& x) const {
    return x;
  }
};

/// out = the conjugate of in.
struct ConjugateKernel {
  template <class E>
  INRGENE_HD INRGENE_INLINE void operator()(const E& in, E& out) const {
    out = math::conjugate(in);
  }
};

/// to(i, j) = from(j, i), or to(i, j) + from(j, i).
template <class E>
struct TransposedKernel {
  MatrixView<const E> from, before;
  bool add;
  INRGENE_HD INRGENE_INLINE E operator()(Index i, Index j) const {
    return add ? before(i, j) + from(j, i) : from(j, i);
  }
};

/// A float as the sum of a TF32 number (11 significant bits) and a rest of at most 2^-11 of it: the
/// nearest multiple, ties away from zero, by adding half of the last place kept. The rest is exact.
/// What is not finite stays so, in one part at least; so does what lies within 2^-12 of the largest
/// float.
struct SplitTf32Kernel {
  INRGENE_HD INRGENE_INLINE void operator()(const float& x, float& high, float& low) const {
    const float value = x;
    high = std::bit_cast<float>((std::bit_cast<std::uint32_t>(value) + 0x1000U) & 0xFFFFE000U);
    low = value - high;
  }
};

}  // namespace inrgene::detail
