// Training and prediction on a GPU: the CPU's code on another backend.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "backend/cuda/device_checks.hpp"
#include "inrgene/model/networks/siren.hpp"
#include "inrgene/training/loop/predict.hpp"
#include "inrgene/training/loop/trainer.hpp"
#include "inrgene/training/schedules/schedule.hpp"
#include "inrgene/training/sources/table_source.hpp"

using namespace inrgene;

namespace {

/// Points of [-1, 1]^3 and a smooth function of them.
struct Data {
  static constexpr Index rows = 500;
  std::vector<float> x, y;

  Data() {
    Random random(1);
    for (Index j = 0; j < rows; ++j) {
      double sum = 0;
      for (Index i = 0; i < 3; ++i) {
        const double v = random.uniform(-1, 1);
        x.push_back(static_cast<float>(v));
        sum += std::sin(2 * v + static_cast<double>(i));
      }
      y.push_back(static_cast<float>(1 + sum / 3));
    }
  }
};

const Siren::Network& network() {
  static const auto net =
      Siren::build(3, 1, {.hidden_features = 64, .hidden_layers = 2, .first_omega = 10});
  return net;
}

struct Trained {
  std::vector<double> losses;
  std::vector<float> theta;
};

template <Backend B>
Trained trained(const B& backend, Index batch_rows) {
  const Data data;
  const auto cast = [](const std::vector<float>& v) {
    return std::vector<scalar_of<B>>(v.begin(), v.end());
  };
  const TableSource<B> source(backend, Data::rows, cast(data.x), cast(data.y));
  TrainingSettings<Adam, ConstantRate> settings;
  settings.optimizer.learning_rate = 1e-3;
  settings.steps = 40;
  settings.batch_rows = batch_rows;
  Trainer<Siren::Network, B, Adam, ConstantRate> trainer(
      network(), backend, settings, initial_parameters<scalar_of<B>>(network(), 3));
  trainer.run(source);
  const auto kept = trainer.kept();
  return {trainer.losses(), {kept.begin(), kept.end()}};
}

/// Inputs of a Data, tile by tile, on backend B.
template <Backend B>
struct Points {
  Matrix<scalar_of<B>, B> x;
  [[nodiscard]] Index size() const { return x.cols(); }
  [[nodiscard]] Index in_features() const { return x.rows(); }
  void read(context_of<B>& context, Index begin, MatrixView<scalar_of<B>> to) const {
    backend_traits<B>::map(context, detail::CopyKernel{}, std::tuple(to),
                           x.view().columns(begin, to.cols));
  }
};

template <Backend B>
std::vector<double> predicted(const B& backend, const std::vector<float>& theta) {
  using T = scalar_of<B>;
  const Data data;
  Points<B> points{Matrix<T, B>(3, Data::rows)};
  const std::vector<T> x(data.x.begin(), data.x.end());
  backend_traits<B>::upload(backend, std::span<const T>(x), points.x.view().data);
  const auto parameters = test::on_backend(backend, {theta.begin(), theta.end()});
  std::vector<T> y(static_cast<std::size_t>(Data::rows));
  predict(backend, network(), std::span<const T>(parameters.data(), parameters.size()), points,
          std::span<T>(y));
  return {y.begin(), y.end()};
}

}  // namespace

TEST_CASE("a GPU trains as plain loops in double do") {
  if (!test::has_device()) return;
  for (const Index batch : {0, 128}) {
    CAPTURE(batch);
    const Trained ours = trained(Cuda<float>{0, 256}, batch);
    const Trained theirs = trained(Reference<double>{}, batch);
    REQUIRE(ours.losses.size() == theirs.losses.size());
    // The first step differs by rounding alone; every step moves a little further apart.
    CHECK(std::abs(ours.losses[0] - theirs.losses[0]) <= 1e-5 * theirs.losses[0]);
    CHECK(std::abs(ours.losses.back() - theirs.losses.back()) <= 1e-2 * theirs.losses[0]);
    CHECK(ours.losses.back() < 0.2 * ours.losses[0]);
  }
}

TEST_CASE("the same seed gives the same bytes") {
  if (!test::has_device()) return;
  const Trained one = trained(Cuda<float>{0, 256}, 128), other = trained(Cuda<float>{0, 256}, 128);
  CHECK(one.theta == other.theta);
  CHECK(one.losses == other.losses);
}

TEST_CASE("what one backend has trained predicts on the other") {
  if (!test::has_device()) return;
  const Trained gpu = trained(Cuda<float>{}, 0);
  CHECK(test::relative_difference(predicted(Cuda<float>{0, 128}, gpu.theta),
                                  predicted(Reference<double>{}, gpu.theta)) < 1e-4);
  const Trained plain = trained(Reference<float>{}, 0);
  CHECK(test::relative_difference(predicted(Cuda<float>{}, plain.theta),
                                  predicted(Reference<double>{}, plain.theta)) < 1e-4);
}
