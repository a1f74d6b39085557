#include "inrgene/model/networks/siren.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/core/random.hpp"
#include "support/module_runs.hpp"

using namespace inrgene;

namespace {

/// Holds a tensor against U(-bound, bound): no entry beyond, the bound reached as closely as so
/// many draws must, mean 0 and variance bound²/3 within five standard deviations.
void check_uniform(const std::vector<double>& values, double bound) {
  const auto n = static_cast<double>(values.size());
  double largest = 0, sum = 0, squares = 0;
  for (const double v : values) {
    largest = std::max(largest, std::abs(v));
    sum += v;
    squares += v * v;
  }
  CHECK(largest <= bound);
  // P(largest < bound (1 - 15/n)) = e^-15.
  CHECK(largest > bound * (1 - 15 / n));
  CHECK(std::abs(sum / n) < 5 * bound / std::sqrt(3 * n));
  CHECK(std::abs(squares / n - bound * bound / 3) < 5 * bound * bound * std::sqrt(4.0 / 45 / n));
}

void check_initialization(Index in, const Siren::Settings& settings) {
  const auto network = Siren::build(in, 40, settings);
  std::vector<double> theta(static_cast<std::size_t>(network.parameter_count()));
  Random random(7);
  network.initialize(random, theta);
  const auto layout = network.layout();
  REQUIRE(std::ssize(layout) == 2 * (settings.hidden_layers + 2));
  for (std::size_t i = 0; i < layout.size(); ++i) {
    const auto& p = layout[i];
    CAPTURE(p.name);
    const auto fan_in = static_cast<double>(i < 2 ? in : settings.hidden_features);
    const double bound = i % 2 == 1 ? 1 / std::sqrt(fan_in)
                         : i == 0   ? 1 / fan_in
                                    : std::sqrt(6 / fan_in) / settings.hidden_omega;
    check_uniform({theta.begin() + p.offset, theta.begin() + p.offset + p.count}, bound);
  }
}

}  // namespace

TEST_CASE("SIREN starts from the bounds of its paper, reached and never exceeded") {
  check_initialization(5, {.hidden_features = 80, .hidden_layers = 3});
  check_initialization(
      24, {.hidden_features = 64, .hidden_layers = 2, .first_omega = 10, .hidden_omega = 20});
  check_initialization(
      24, {.hidden_features = 64, .hidden_layers = 0, .first_omega = 10, .hidden_omega = 20});
}

TEST_CASE("activations of a fresh SIREN keep their distribution through the depth") {
  // A sum of many terms: ω(Wh + b) is normal with variance σ² = 2 v + ω²/(3H), v = E h², and then
  // E sin² = (1 - e^{-2σ²}) / 2 (Sitzmann et al., theorem 1.8). The last linear layer shows v: its
  // output has the variance σ²/ω².
  const double omega = 30, width = 256;
  for (const Index layers : {1, 4, 8}) {
    CAPTURE(layers);
    const auto network = Siren::build(3, 256, {.hidden_features = 256, .hidden_layers = layers});
    const auto theta = test::drawn_parameters(network, 1);
    const auto y =
        test::run_forward(Cpu<double>{{1}}, network, theta, test::drawn_values(3 * 64, 2));
    double found = 0;
    for (const double value : y) found += value * value / static_cast<double>(y.size());
    double variance = 2 * 0.5 + omega * omega / (3 * width);
    for (Index i = 0; i < layers; ++i) {
      variance = (1 - std::exp(-2 * variance)) + omega * omega / (3 * width);
    }
    // 256 outputs of common biases: their mean square has a deviation of about 6 %.
    CHECK(std::abs(found * omega * omega / variance - 1) < 0.2);
  }
}

TEST_CASE("SIREN's defaults are the seed method's, and every setting has a name") {
  const Siren::Settings settings{};
  CHECK(settings.hidden_features == 512);
  CHECK(settings.hidden_layers == 12);
  CHECK(settings.first_omega == 30);
  CHECK(settings.hidden_omega == 30);
  std::string names;
  std::apply([&](const auto&... f) { ((names += std::string(f.name) + " "), ...); }, Siren::fields);
  CHECK(names == "hidden_features hidden_layers first_omega hidden_omega ");
  // (24 + 1) · 512 + 12 · (512 + 1) · 512 + 513.
  CHECK(Siren::build(24, 1, settings).parameter_count() == 3165185);
}

TEST_CASE("settings out of bounds are refused") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(Siren::build(3, 1, {.hidden_features = 0}), ArgumentError);
  CHECK_THROWS_AS(Siren::build(3, 1, {.hidden_layers = -1}), ArgumentError);
  for (const double omega : {0.0, -1.0, nan}) {
    CHECK_THROWS_AS(Siren::build(3, 1, {.first_omega = omega}), ArgumentError);
    CHECK_THROWS_AS(Siren::build(3, 1, {.hidden_omega = omega}), ArgumentError);
  }
}
