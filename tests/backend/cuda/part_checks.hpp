// Every encoder, loss, optimiser and objective of the lists on a backend against plain loops in
// double.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "backend/cuda/plain_checks.hpp"
#include "inrgene/model/built_ins.hpp"
#include "inrgene/training/built_ins.hpp"
#include "inrgene/training/loop/grid_objective.hpp"
#include "inrgene/training/loop/penalty_objective.hpp"
#include "inrgene/training/loop/trainer.hpp"
#include "inrgene/training/losses/derivative_penalty.hpp"
#include "inrgene/training/sources/product_source.hpp"
#include "inrgene/training/sources/table_source.hpp"
#include "support/encoder_module.hpp"
#include "support/small_models.hpp"

namespace inrgene::test {

inline constexpr Index part_rows = 70;

inline Siren::Network small(Index in, Index out) {
  return Siren::build(
      in, out, {.hidden_features = 16, .hidden_layers = 1, .first_omega = 5, .hidden_omega = 5});
}

template <Backend B>
std::vector<scalar_of<B>> rounded(const Values& v) {
  return {v.begin(), v.end()};
}

/// Losses of a few steps of optimiser O under loss L, on 70 rows of three features.
template <class O, class L, Backend B>
Values losses_of(const B& backend) {
  const auto network = small(3, 1);
  const TableSource<B> source(backend, part_rows, rounded<B>(drawn_values(3 * part_rows, 1)),
                              rounded<B>(drawn_values(part_rows, 2)));
  TrainingSettings<O, ConstantRate, L> settings;
  settings.steps = 6;
  Trainer<Siren::Network, B, O, ConstantRate, L> trainer(
      network, backend, settings, initial_parameters<scalar_of<B>>(network, 3));
  trainer.run(source);
  return trainer.losses();
}

template <class O, class L, Backend B>
void check_training(const B& backend) {
  CAPTURE(std::string(O::name));
  CAPTURE(std::string(L::name));
  CHECK(relative_difference(losses_of<O, L>(backend), losses_of<O, L>(Reference<double>{})) < 1e-3);
}

struct Evaluated {
  double value;
  Values gradients;
};

/// The grid objective of a product field, 12 sites × 9 genes.
template <Backend B, class M>
Evaluated grid(const B& backend, const M& module, bool numbers) {
  const Index sites = 12, genes = 9;
  Values right;
  for (Index g = 0; g < genes; ++g) {
    right.push_back(numbers ? static_cast<double>(g) : 0.125 * static_cast<double>(g));
  }
  const ProductSource<B> source(backend, sites, genes, rounded<B>(drawn_values(4 * sites, 1)),
                                rounded<B>(right), rounded<B>(drawn_values(sites * genes, 2)));
  auto objective = make_objective(module, MeanSquaredError{}, backend, source, source.size());
  const auto theta = on_backend(backend, drawn_parameters(module, 3));
  auto gradients = on_backend(backend, Values(theta.size()));
  const double loss =
      objective(source, {nullptr, 0, source.size()}, theta.data(), gradients.data());
  return {loss, on_host(backend, gradients.data(), static_cast<Index>(gradients.size()))};
}

/// A penalty on all derivatives at 40 points.
template <Backend B>
Evaluated penalty(const B& backend) {
  using T = scalar_of<B>;
  const auto network = small(3, 2);
  const auto draw = [](Index step, std::span<T> x) {
    const Values drawn = drawn_values(std::ssize(x), static_cast<std::uint64_t>(step));
    std::transform(drawn.begin(), drawn.end(), x.begin(),
                   [](double v) { return static_cast<T>(v); });
  };
  DerivativePenalty all;
  all.gradient_squared = all.laplacian_squared = all.total_variation = 0.5;
  PenaltyObjective objective(network, all, backend, DrawnPoints(backend, 3, 40, draw));
  const auto theta = on_backend(backend, drawn_parameters(network, 3));
  auto gradients = on_backend(backend, Values(theta.size()));
  const double value = objective(1, theta.data(), gradients.data());
  return {value, on_host(backend, gradients.data(), static_cast<Index>(gradients.size()))};
}

inline void check_same(const Evaluated& ours, const Evaluated& theirs) {
  CHECK(std::abs(ours.value - theirs.value) <= 1e-4 * std::abs(theirs.value));
  CHECK(relative_difference(ours.gradients, theirs.gradients) < 1e-3);
}

/// Encoders by themselves.
template <Backend B>
void check_encoders(const B& backend) {
  for_each_type(Encoders{}, [&]<class E>() {
    CAPTURE(std::string(E::name));
    const EncoderModule<E> module(SmallEncoder<E>::make(3));
    // Phases reach some hundred radians, which a float resolves to 1e-5.
    check_against_plain(backend, module, 1e-3, 33);
  });
}

template <Backend B>
void check_rules_and_losses(const B& backend) {
  for_each_type(Optimizers{}, [&]<class O>() { check_training<O, MeanSquaredError>(backend); });
  for_each_type(Losses{}, [&]<class L>() { check_training<Adam, L>(backend); });
}

template <Backend B>
void check_product_fields(const B& backend) {
  const Reference<double> plain;
  using Trunk = Siren::Network;
  const ProductField<Trunk, Trunk> on_axis(small(4, 5), small(1, 5), 1);
  check_same(grid(backend, on_axis, false), grid(plain, on_axis, false));
  const ProductField<Trunk, GeneVectors> free(small(4, 5), GeneVectors(9, 5), 1);
  check_same(grid(backend, free, true), grid(plain, free, true));
}

template <Backend B>
void check_penalties(const B& backend) {
  check_same(penalty(backend), penalty(Reference<double>{}));
}

}  // namespace inrgene::test
