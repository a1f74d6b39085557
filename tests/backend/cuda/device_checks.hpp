// What the tests on a GPU share: how they skip where there is none, and how far from double each
// precision may be.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "inrgene/backend/cuda/cuda.cuh"
#include "inrgene/backend/reference/reference.hpp"
#include "inrgene/model/networks/backbone.hpp"
#include "support/compare.hpp"
#include "support/module_runs.hpp"
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

/// Values, gradients, derivatives along coordinates and their reverse, on a GPU against plain loops
/// in double.
template <Backend B, class M>
void check_on_device(const B& gpu, const M& module, double tolerance, Index samples) {
  const Reference<double> plain;
  const Index in = module.in_features(), out = module.out_features();
  const Values theta = drawn_parameters(module, 11);
  const Values x = drawn_values(samples * in, 12), u = drawn_values(samples * out, 13);
  const Backward ours = run_backward(gpu, module, theta, x, u);
  const Backward theirs = run_backward(plain, module, theta, x, u);
  CHECK(relative_difference(ours.y, theirs.y) < tolerance);
  CHECK(relative_difference(ours.dL_dx, theirs.dL_dx) < tolerance);
  for (const ParameterInfo& p : module.layout()) {
    CAPTURE(p.name);
    const auto part = [&](const Values& all) {
      return Values(all.begin() + p.offset, all.begin() + p.offset + p.count);
    };
    CHECK(relative_difference(part(ours.gradients), part(theirs.gradients)) < tolerance);
  }
  const Backward again = run_backward(gpu, module, theta, x, u);
  CHECK(again.y == ours.y);
  CHECK(again.gradients == ours.gradients);
  for (const auto order : {DerivativeOrder::first, DerivativeOrder::laplacian}) {
    const auto channels = axis_channels(x, in, 0, std::min<Index>(3, in), order);
    const auto pushed = run_push_forward(gpu, module, theta, channels, order);
    const auto expected = run_push_forward(plain, module, theta, channels, order);
    // The Laplacian brings the frequency in twice.
    for (std::size_t c = 0; c < pushed.size(); ++c) {
      CAPTURE(c);
      CHECK(relative_difference(pushed[c], expected[c]) < 4 * tolerance);
    }
    if constexpr (TwiceDifferentiable<M, B>) {
      std::vector<Values> cotangents;
      for (std::size_t c = 0; c < channels.size(); ++c) {
        cotangents.push_back(drawn_values(samples * out, 30 + c));
      }
      const auto pulled = run_backward_derivatives(gpu, module, theta, channels, cotangents, order);
      const auto wanted =
          run_backward_derivatives(plain, module, theta, channels, cotangents, order);
      CHECK(relative_difference(pulled.gradients, wanted.gradients) < 8 * tolerance);
    }
  }
}

/// Backbone K, narrow and shallow, in the default precision. (The kernels are the same in every
/// policy of float, and are most of what is compiled.)
template <class K>
void check_backbone_on_device() {
  CAPTURE(std::string(K::name));
  const auto network = K::build(4, 2, SmallSettings<K>::make(4));
  check_on_device(Cuda<float>{}, network, network_tolerance<DefaultPrecision<float>>, 33);
}

}  // namespace inrgene::test
