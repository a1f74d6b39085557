// What must hold on any backend against plain loops in double, whatever the module.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "inrgene/backend/reference/reference.hpp"
#include "inrgene/model/module.hpp"
#include "support/compare.hpp"
#include "support/module_runs.hpp"

namespace inrgene::test {

/// Values, gradients, derivatives along coordinates and their reverse, on a backend against plain
/// loops in double.
template <Backend B, class M>
void check_against_plain(const B& backend, const M& module, double tolerance, Index samples) {
  const Reference<double> plain;
  const Index in = module.in_features(), out = module.out_features();
  const Values theta = drawn_parameters(module, 11);
  const Values x = drawn_values(samples * in, 12), u = drawn_values(samples * out, 13);
  const Backward ours = run_backward(backend, module, theta, x, u);
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
  const Backward again = run_backward(backend, module, theta, x, u);
  CHECK(again.y == ours.y);
  CHECK(again.gradients == ours.gradients);
  for (const auto order : {DerivativeOrder::first, DerivativeOrder::laplacian}) {
    const auto channels = axis_channels(x, in, 0, std::min<Index>(3, in), order);
    const auto pushed = run_push_forward(backend, module, theta, channels, order);
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
      const auto pulled =
          run_backward_derivatives(backend, module, theta, channels, cotangents, order);
      const auto wanted =
          run_backward_derivatives(plain, module, theta, channels, cotangents, order);
      CHECK(relative_difference(pulled.gradients, wanted.gradients) < 8 * tolerance);
    }
  }
}

}  // namespace inrgene::test
