#include "inrgene/training/loop/predict.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <vector>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/backend/reference/reference.hpp"
#include "inrgene/model/networks/siren.hpp"
#include "support/compare.hpp"
#include "support/module_runs.hpp"

using namespace inrgene;
using test::Values;

namespace {

/// Inputs that stand in a table.
template <Backend B>
struct TableOfInputs {
  const Values& x;
  Index features;

  [[nodiscard]] Index size() const { return std::ssize(x) / features; }
  [[nodiscard]] Index in_features() const { return features; }
  void read(context_of<B>& /*context*/, Index begin, MatrixView<scalar_of<B>> out) const {
    for (Index j = 0; j < out.cols; ++j) {
      for (Index i = 0; i < features; ++i) {
        out(i, j) =
            static_cast<scalar_of<B>>(x[static_cast<std::size_t>((begin + j) * features + i)]);
      }
    }
  }
};

Siren::Network small_siren() {
  return Siren::build(3, 2, {.hidden_features = 8, .hidden_layers = 2});
}

template <Backend B>
Values predicted(const B& backend, const Values& x) {
  using T = scalar_of<B>;
  const auto network = small_siren();
  const auto theta = test::on_backend(backend, test::drawn_parameters(network, 1));
  std::vector<T> y(static_cast<std::size_t>(std::ssize(x) / 3 * 2), T(99));
  predict(backend, network, std::span<const T>(theta.data(), theta.size()), TableOfInputs<B>{x, 3},
          std::span<T>(y));
  return {y.begin(), y.end()};
}

}  // namespace

TEST_CASE("prediction is the forward pass, whatever the threads and tiles") {
  const auto network = small_siren();
  for (const Index n : {1, 5, 64, 65, 200}) {
    const Values x = test::drawn_values(3 * n, 2);
    const Values expected =
        test::run_forward(Reference<double>{}, network, test::drawn_parameters(network, 1), x);
    const Values float_tiles = predicted(Cpu<float>{{1}, 16}, x);
    CHECK(test::relative_difference(float_tiles, expected) < 1e-4);
    CHECK(test::relative_difference(predicted(Reference<double>{}, x), expected) < 1e-12);
    for (const int threads : {1, 2, 3}) {
      CHECK(predicted(Cpu<float>{{threads}, 16}, x) == float_tiles);
      for (const Index tile : {1, 7, 64, 512}) {
        CAPTURE(n);
        CAPTURE(tile);
        CHECK(test::relative_difference(predicted(Cpu<double>{{threads}, tile}, x), expected) <
              1e-12);
      }
    }
  }
}

TEST_CASE("no inputs give no outputs, and sizes must fit") {
  CHECK(predicted(Cpu<double>{{2}, 16}, {}).empty());
  const auto network = small_siren();
  const Values theta = test::drawn_parameters(network, 1), x = test::drawn_values(12, 2);
  const Cpu<double> backend{{1}, 16};
  Values y(8);
  using Inputs = TableOfInputs<Cpu<double>>;
  CHECK_NOTHROW(predict(backend, network, std::span(theta), Inputs{x, 3}, std::span(y)));
  CHECK_THROWS_AS(predict(backend, network, std::span(theta), Inputs{x, 2}, std::span(y)),
                  ArgumentError);
  CHECK_THROWS_AS(predict(backend, network, std::span(theta), Inputs{x, 3}, std::span(y).first(7)),
                  ArgumentError);
}
