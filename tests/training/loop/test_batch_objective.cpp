#include "inrgene/training/loop/batch_objective.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <numeric>
#include <vector>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/backend/reference/reference.hpp"
#include "inrgene/model/networks/siren.hpp"
#include "inrgene/training/losses/mean_squared_error.hpp"
#include "inrgene/training/sources/table_source.hpp"
#include "support/compare.hpp"
#include "support/module_runs.hpp"

using namespace inrgene;
using test::relative_difference;
using test::Values;

namespace {

Siren::Network small_siren() {
  return Siren::build(3, 2, {.hidden_features = 8, .hidden_layers = 1});
}

struct LossAndGradient {
  double loss;
  Values gradients;
  friend bool operator==(const LossAndGradient&, const LossAndGradient&) = default;
};

/// Loss and gradient over [begin, begin + count) of `rows` rows, for batches of at most `max_rows`.
template <Backend B>
LossAndGradient evaluate(const B& backend, Index rows, RowRange range, Index max_rows) {
  using T = scalar_of<B>;
  const auto network = small_siren();
  const Values theta = test::drawn_parameters(network, 1);
  const Values x = test::drawn_values(3 * rows, 2), y = test::drawn_values(2 * rows, 3);
  const TableSource<B> source(backend, rows, std::vector<T>(x.begin(), x.end()),
                              std::vector<T>(y.begin(), y.end()));
  BatchObjective<Siren::Network, MeanSquaredError, B> objective(network, {}, backend, max_rows);
  const auto parameters = test::on_backend(backend, theta);
  // What stands in the gradient's place before must not matter.
  auto gradients =
      test::on_backend(backend, Values(theta.size(), std::numeric_limits<double>::quiet_NaN()));
  const double loss = objective(source, range, parameters.data(), gradients.data());
  return {loss, test::on_host(backend, gradients.data(), std::ssize(theta))};
}

}  // namespace

TEST_CASE("loss and gradient are the mean over rows and outputs") {
  const Index rows = 9;
  const auto network = small_siren();
  const Values theta = test::drawn_parameters(network, 1);
  const Values x = test::drawn_values(3 * rows, 2), target = test::drawn_values(2 * rows, 3);
  const Reference<double> backend;
  const Values y = test::run_forward(backend, network, theta, x);
  double loss = 0;
  Values dL_dy(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    loss += (y[i] - target[i]) * (y[i] - target[i]) / static_cast<double>(y.size());
    dL_dy[i] = 2 * (y[i] - target[i]) / static_cast<double>(y.size());
  }
  const auto expected = test::run_backward(backend, network, theta, x, dL_dy).gradients;
  const auto found = evaluate(backend, rows, {nullptr, 0, rows}, rows);
  CHECK(found.loss == doctest::Approx(loss).epsilon(1e-13));
  CHECK(relative_difference(found.gradients, expected) < 1e-12);
}

TEST_CASE("threads and tiles change no more than rounding") {
  // Sizes around multiples of tiles and workers: no row may be lost, read twice or overrun a tile.
  for (const Index rows : {1, 31, 64, 65, 96, 97, 129, 200}) {
    const RowRange all{nullptr, 0, rows};
    const auto expected = evaluate(Reference<double>{}, rows, all, rows);
    for (const int threads : {1, 2, 3}) {
      for (const Index tile : {1, 7, 16, 31, 32, 512}) {
        CAPTURE(rows);
        CAPTURE(threads);
        CAPTURE(tile);
        const auto found = evaluate(Cpu<double>{{threads}, tile}, rows, all, rows);
        CHECK(found.loss == doctest::Approx(expected.loss).epsilon(1e-12));
        CHECK(relative_difference(found.gradients, expected.gradients) < 1e-11);
      }
    }
  }
}

TEST_CASE("a batch may be smaller than the largest one") {
  // The last mini-batch of an epoch: tiles are then of other sizes than those memory was taken for.
  const Index rows = 140;
  for (const Index count : {1, 2, 40, 63, 64, 65, 128, 129}) {
    const RowRange part{nullptr, 5, count};
    const auto expected = evaluate(Reference<double>{}, rows, part, rows);
    for (const Index tile : {5, 16, 32, 64}) {
      CAPTURE(count);
      CAPTURE(tile);
      const auto found = evaluate(Cpu<double>{{2}, tile}, rows, part, 130);
      CHECK(found.loss == doctest::Approx(expected.loss).epsilon(1e-12));
      CHECK(relative_difference(found.gradients, expected.gradients) < 1e-11);
    }
  }
}

TEST_CASE("the same threads give the same bytes") {
  for (const int threads : {1, 2, 3}) {
    const Cpu<float> backend{{threads}, 24};
    const RowRange all{nullptr, 0, 150};
    const auto first = evaluate(backend, 150, all, 150);
    for (int repeat = 0; repeat < 10; ++repeat) CHECK(evaluate(backend, 150, all, 150) == first);
  }
}

TEST_CASE("an order picks rows") {
  const Index rows = 60;
  std::vector<Index> order(static_cast<std::size_t>(rows));
  std::iota(order.begin(), order.end(), Index{0});
  const auto plain = evaluate(Cpu<double>{{1}, 16}, rows, {nullptr, 10, 20}, rows);
  const auto same = evaluate(Cpu<double>{{1}, 16}, rows, {order.data(), 10, 20}, rows);
  CHECK(same == plain);
  std::reverse(order.begin() + 10, order.begin() + 30);
  const auto reversed = evaluate(Cpu<double>{{1}, 16}, rows, {order.data(), 10, 20}, rows);
  CHECK(reversed.loss == doctest::Approx(plain.loss).epsilon(1e-12));
  CHECK(relative_difference(reversed.gradients, plain.gradients) < 1e-11);
}

TEST_CASE("rows outside the range cannot reach loss or gradient") {
  const Index rows = 100;
  const auto network = small_siren();
  Values x = test::drawn_values(3 * rows, 2), y = test::drawn_values(2 * rows, 3);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto poison = [&](Values& values, Index features) {
    for (Index j = 0; j < rows; ++j) {
      if (j >= 20 && j < 90) continue;
      for (Index i = 0; i < features; ++i) values[static_cast<std::size_t>(j * features + i)] = nan;
    }
  };
  poison(x, 3);
  poison(y, 2);
  const Cpu<double> backend{{2}, 16};
  const TableSource<Cpu<double>> source(backend, rows, x, y);
  BatchObjective<Siren::Network, MeanSquaredError, Cpu<double>> objective(network, {}, backend,
                                                                          rows);
  const Values theta = test::drawn_parameters(network, 1);
  Values gradients(theta.size());
  CHECK(std::isfinite(objective(source, {nullptr, 20, 70}, theta.data(), gradients.data())));
  CHECK(std::all_of(gradients.begin(), gradients.end(), [](double g) { return std::isfinite(g); }));
  CHECK_FALSE(std::isfinite(objective(source, {nullptr, 20, 71}, theta.data(), gradients.data())));
}
