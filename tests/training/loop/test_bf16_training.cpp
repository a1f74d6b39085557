// Training with products in bf16: as near to float's loss as rounding lets it be, and the same
// bytes every time.
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/model/networks/siren.hpp"
#include "inrgene/training/loop/trainer.hpp"
#include "inrgene/training/schedules/schedule.hpp"
#include "inrgene/training/sources/table_source.hpp"

using namespace inrgene;

namespace {

/// Losses of 300 steps of a small SIREN on a smooth function of the square, 20 × 20 rows.
template <class B>
std::vector<double> losses(int threads) {
  const B backend{{threads}, 56};
  std::vector<float> x, y;
  for (int i = 0; i < 20; ++i) {
    for (int j = 0; j < 20; ++j) {
      const double a = -1 + i / 9.5, b = -1 + j / 9.5;
      x.insert(x.end(), {static_cast<float>(a), static_cast<float>(b)});
      y.push_back(static_cast<float>(std::sin(std::numbers::pi * a) * std::cos(2 * b)));
    }
  }
  const TableSource<B> source(backend, 400, x, y);
  const auto network = Siren::build(
      2, 1, {.hidden_features = 48, .hidden_layers = 2, .first_omega = 6, .hidden_omega = 6});
  TrainingSettings<Adam, ConstantRate> settings;
  settings.optimizer.learning_rate = 1e-3;
  settings.steps = 300;
  Trainer<Siren::Network, B, Adam, ConstantRate> trainer(network, backend, settings,
                                                         initial_parameters<float>(network, 3));
  trainer.run(source);
  return trainer.losses();
}

using Bf16 = Cpu<float, Bf16Products>;

}  // namespace

TEST_CASE("a small SIREN learns with products in bf16 as it does in float") {
  const auto full = losses<Cpu<float>>(1), half = losses<Bf16>(1);
  CHECK(half.front() != full.front());  // it is rounded
  CHECK(half.back() < 1e-3 * half.front());
  // Every term of a value may be off by 2·2⁻⁸ of itself; so may, then, values of about 1.
  CHECK(half.back() < full.back() + std::pow(2.0 / 256.0, 2));
}

TEST_CASE("training in bf16 gives the same bytes for the same seed and threads") {
  for (const int threads : {1, 3}) CHECK(losses<Bf16>(threads) == losses<Bf16>(threads));
}
