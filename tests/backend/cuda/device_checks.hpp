// What the tests on a GPU share: how they skip where there is none, and how far from double each
// precision may be.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "backend/cuda/plain_checks.hpp"
#include "inrgene/backend/cuda/cuda.cuh"
#include "inrgene/model/networks/backbone.hpp"
#include "support/small_models.hpp"

namespace inrgene::test {

/// Whether there is a GPU; says so where there is none.
inline bool has_device() {
  if (cuda_device_count() > 0) return true;
  MESSAGE("no GPU here: compiled and linked, not run");
  return false;
}

/// Bound of a small network's relative error against double, derived from the error of one product
/// (precision.hpp): some 10 products follow each other, forward and backward, and an activation of
/// frequency ω makes errors of its argument up to ω times as large; 30 here at most, but of
/// arguments that are 1/30 of a radian wide. In float 1e-4 stands for all of that (as on a CPU);
/// coarser products scale it by their error over float's.
template <class Precision>
constexpr double network_tolerance = 1e-4;
template <>
inline constexpr double network_tolerance<Fp64> = 1e-11;
/// 20 products with factors off by 2^-11 each.
template <>
inline constexpr double network_tolerance<Tf32> = 2e-2;
/// 20 products with factors off by 2^-8 each.
template <>
inline constexpr double network_tolerance<Bf16> = 1.6e-1;

/// Backbone K, narrow and shallow, in the default precision. (The kernels are the same in every
/// policy of float, and are most of what is compiled.)
template <class K>
void check_backbone_on_device() {
  CAPTURE(std::string(K::name));
  const auto network = K::build(4, 2, SmallSettings<K>::make(4));
  check_against_plain(Cuda<float>{}, network, network_tolerance<DefaultPrecision<float>>, 33);
}

}  // namespace inrgene::test
