#include "inrgene/model/networks/dense_network.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "inrgene/model/activations/sine.hpp"
#include "inrgene/model/initializers/siren_uniform.hpp"
#include "support/module_checks.hpp"

using namespace inrgene;
using test::Values;

namespace {

using Dynamic = DenseNetwork<Sine, SirenUniform>;
using Fixed = DenseNetwork<Sine, SirenUniform, 24, 32, 1>;

}  // namespace

TEST_CASE("extents fixed at compile time change no result") {
  const Fixed fixed({.hidden_layers = 2}, Sine{30}, Sine{30});
  const Dynamic dynamic_network({24, 1, 32, 2}, Sine{30}, Sine{30});
  CHECK(fixed.parameter_count() == dynamic_network.parameter_count());
  CHECK(fixed.in_features() == 24);
  CHECK(fixed.out_features() == 1);
  const Values theta = test::drawn_parameters(fixed, 1);
  CHECK(theta == test::drawn_parameters(dynamic_network, 1));
  const Values x = test::drawn_values(24 * 9, 2), u = test::drawn_values(9, 3);
  const auto compare = [&](const auto& backend, double tolerance) {
    const auto a = test::run_backward(backend, fixed, theta, x, u);
    const auto b = test::run_backward(backend, dynamic_network, theta, x, u);
    CHECK(test::relative_difference(a.y, b.y) <= tolerance);
    CHECK(test::relative_difference(a.gradients, b.gradients) <= tolerance);
    CHECK(test::relative_difference(a.dL_dx, b.dL_dx) <= tolerance);
  };
  compare(Cpu<double>{{1}}, 1e-12);
  compare(Cpu<float>{{1}}, 1e-5);
  compare(Reference<double>{}, 0);
}

TEST_CASE("other sizes than the fixed ones are refused, and sizes below 1") {
  CHECK_THROWS_AS(Fixed({.in_features = 23}, Sine{}, Sine{}), ArgumentError);
  CHECK_THROWS_AS(Fixed({.out_features = 2}, Sine{}, Sine{}), ArgumentError);
  CHECK_THROWS_AS(Fixed({.width = 33}, Sine{}, Sine{}), ArgumentError);
  CHECK_THROWS_AS(Dynamic({0, 1, 8, 1}, Sine{}, Sine{}), ArgumentError);
  CHECK_THROWS_AS(Dynamic({3, 0, 8, 1}, Sine{}, Sine{}), ArgumentError);
  CHECK_THROWS_AS(Dynamic({3, 1, 0, 1}, Sine{}, Sine{}), ArgumentError);
  CHECK_THROWS_AS(Dynamic({3, 1, 8, -1}, Sine{}, Sine{}), ArgumentError);
  CHECK_NOTHROW(Dynamic({3, 1, 8, 0}, Sine{}, Sine{}));
}

TEST_CASE("stacks of any depth have right derivatives") {
  for (const Index layers : {0, 1, 4}) {
    CAPTURE(layers);
    test::check_module(Dynamic({3, 2, 5, layers}, Sine{10}, Sine{5}));
  }
}

TEST_CASE("a network of widths 1, worked by hand") {
  const Dynamic network({1, 1, 1, 1}, Sine{2}, Sine{3});
  const Values t{0.5, 0.1, -0.7, 0.2, 1.5, -0.4};
  const double x = 0.3;
  const double z0 = t[0] * x + t[1], h0 = std::sin(2 * z0);
  const double z1 = t[2] * h0 + t[3], h1 = std::sin(3 * z1);
  const double y = t[4] * h1 + t[5];
  const double dz1 = t[4] * 3 * std::cos(3 * z1), dz0 = dz1 * t[2] * 2 * std::cos(2 * z0);
  const Values gradients{dz0 * x, dz0, dz1 * h0, dz1, h1, 1};
  const auto found = test::run_backward(Reference<double>{}, network, t, {x}, {1});
  CHECK(found.y[0] == doctest::Approx(y).epsilon(1e-15));
  CHECK(test::relative_difference(found.gradients, gradients) < 1e-14);
  CHECK(found.dL_dx[0] == doctest::Approx(dz0 * t[0]).epsilon(1e-14));
}

TEST_CASE("gradients are added to what stands there, and an input gradient may be left out") {
  const Dynamic network({2, 1, 4, 1}, Sine{5}, Sine{5});
  const Cpu<double> backend{{1}};
  const Values theta = test::drawn_parameters(network, 1);
  const Values x = test::drawn_values(6, 2), u = test::drawn_values(3, 3);
  const auto once = test::run_backward(backend, network, theta, x, u);
  Values gradients(theta.size(), 10);
  context_of<Cpu<double>> context;
  Dynamic::Tape<Cpu<double>> tape(network, 3, TapeMode::record);
  for (int pass = 0; pass < 2; ++pass) {
    network.forward<Cpu<double>>(context, theta, MatrixView<const double>(x.data(), 2, 3), tape);
    network.backward<Cpu<double>>(context, theta, MatrixView<const double>(u.data(), 1, 3), tape,
                                  gradients, {});
  }
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    CHECK(gradients[i] == doctest::Approx(10 + 2 * once.gradients[i]).epsilon(1e-13));
  }
}

TEST_CASE("a tape that only evaluates has nothing to go backward on") {
  const Dynamic network({2, 1, 4, 3}, Sine{5}, Sine{5});
  const Values theta = test::drawn_parameters(network, 1), x = test::drawn_values(6, 2);
  Values gradients(theta.size());
  context_of<Cpu<double>> context;
  Dynamic::Tape<Cpu<double>> tape(network, 3, TapeMode::evaluate);
  network.forward<Cpu<double>>(context, theta, MatrixView<const double>(x.data(), 2, 3), tape);
  CHECK_THROWS_AS(
      network.backward<Cpu<double>>(context, theta, MatrixView<const double>(x.data(), 1, 3), tape,
                                    gradients, {}),
      ArgumentError);
}
