// The elementwise pass that adds.
#pragma once

#include "inrgene/core/annotations.hpp"

namespace inrgene::detail {

/// sum = a + b.
struct AddKernel {
  template <class E>
  INRGENE_HD INRGENE_INLINE void operator()(const E& a, const E& b, E& sum) const {
    sum = a + b;
  }
};

}  // namespace inrgene::detail
