// The one file that names xtensor's paths: 0.24 (Debian 12) is flat, newer releases use folders.
#pragma once

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xtensor.hpp>
#endif

namespace inrgene {

/// Dense N-d array, first index fastest (NIfTI's and Eigen's order). Holds values, never a lazy
/// expression.
template <class T, std::size_t N>
using Array = xt::xtensor<T, N, xt::layout_type::column_major>;

}  // namespace inrgene
