// Gradient and Laplacian of a field along x, y, z by forward mode, and how far central differences
// are from them. No finite step enters push_forward: its answer is exact up to rounding.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <span>
#include <vector>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/model/field.hpp"
#include "inrgene/model/networks/siren.hpp"
#include "inrgene/pipelines/encodings.hpp"
#include "inrgene/training/loop/trainer.hpp"

using namespace inrgene;
using B = Cpu<double>;
using Field5 = NeuralField<NerfOnGeneAxis::Encoder, Siren::Network>;

/// Values at points x [5 × n].
static std::vector<double> values(const Field5& field, const std::vector<double>& theta,
                                  const std::vector<double>& x) {
  const Index n = std::ssize(x) / field.in_features();
  Field5::Tape<B> tape(field, n, TapeMode::evaluate);
  context_of<B> context;
  const auto y = field.forward<B>(context, theta, {x.data(), field.in_features(), n}, tape);
  return {y.data, y.data + n};
}

int main() {
  auto encoder = NerfOnGeneAxis::build({.frequencies = 4});
  const Index width = encoder.out_features();
  const Field5 field(
      std::move(encoder),
      Siren::build(
          width, 1,
          {.hidden_features = 32, .hidden_layers = 2, .first_omega = 6.0, .hidden_omega = 6.0}));
  const std::vector<double> theta = initial_parameters<double>(field, 0);

  constexpr Index n = 4;
  const Index in = field.in_features();  // x, y, z, c, e
  Random random(1);
  std::vector<double> x;
  for (Index i = 0; i < in * n; ++i) x.push_back(random.uniform(-1, 1));

  // [push]
  // Channel 0 holds the points, channels 1 … 3 the unit vectors of x, y, z, channel 4 the Laplacian
  // of the coordinates themselves, which is 0. Every channel is [features × samples].
  const Index directions = 3;
  const auto order = DerivativeOrder::laplacian;
  Matrix<double, B> jets(in, n * derivative_channels(directions, order));
  const Derivatives<double> input{jets.view(), n, directions, order};
  std::copy(x.begin(), x.end(), input.value().data);
  for (Index d = 0; d < directions; ++d) {
    for (Index j = 0; j < n; ++j) input.along(d)(d, j) = 1.0;
  }

  Field5::Tape<B> tape(field, n, TapeMode::evaluate);
  context_of<B> context;
  const Derivatives<double> y =
      field.push_forward<B>(context, theta, {input.all, n, directions, order}, tape);
  // y.value(), y.along(d) and y.laplacian() are [1 × n].
  // [end]

  // Steps where truncation and rounding of a central difference balance: the cube root of 1e-16 for
  // the first derivative, the fourth root for the second.
  const double step = 5e-6, wide = 1e-4;
  double worst_gradient = 0, worst_laplacian = 0;
  for (Index j = 0; j < n; ++j) {
    std::cout << "point " << j << ": value " << y.value()(0, j) << ", gradient";
    double laplacian = 0;
    for (Index d = 0; d < directions; ++d) {
      const auto at = [&](double h) {
        std::vector<double> moved(x.begin() + j * in, x.begin() + (j + 1) * in);
        moved[static_cast<std::size_t>(d)] += h;
        return values(field, theta, moved)[0];
      };
      const double difference = (at(step) - at(-step)) / (2 * step);
      laplacian += (at(wide) - 2 * at(0) + at(-wide)) / (wide * wide);
      worst_gradient = std::max(worst_gradient, std::abs(difference - y.along(d)(0, j)));
      std::cout << ' ' << y.along(d)(0, j);
    }
    worst_laplacian = std::max(worst_laplacian, std::abs(laplacian - y.laplacian()(0, j)));
    std::cout << ", Laplacian " << y.laplacian()(0, j) << '\n';
  }
  std::cout << "largest distance of central differences: gradient " << worst_gradient
            << ", Laplacian " << worst_laplacian << '\n';
  return worst_gradient < 1e-7 && worst_laplacian < 1e-4 ? 0 : 1;
}
