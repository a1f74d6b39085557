// instructions CASE REPEATS: does one small piece of work so many times on one thread.
// instructions compiler: prints which compiler made it, on which its instructions depend.
// tools/instruction_count.sh runs it under a simulator of the processor. The tile is fixed, so that
// no machine's caches decide; double precision is left out, whose sine is the C library's.
#include <cstdlib>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "../support/problem.hpp"
#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/model/networks/wire.hpp"
#include "inrgene/training/loop/predict.hpp"
#include "inrgene/training/loop/trainer.hpp"

using namespace inrgene;

namespace {

constexpr bench::Work work{.rows = 900, .width = 64, .layers = 4};

using B = Cpu<float>;

B backend() {
  B b;
  b.threads = {1};
  b.tile_samples = 252;
  return b;
}

template <class M>
void train(const M& network, Index steps) {
  const bench::Rows<B> rows(work);
  TrainingSettings<> settings;
  settings.steps = steps;
  Trainer<M, B> trainer(network, backend(), settings, initial_parameters<float>(network, 1));
  trainer.run(rows);
  std::cout << "loss " << trainer.losses().back() << '\n';
}

void predict_rows(Index repeats) {
  const bench::Rows<B> rows(work);
  const auto network = work.network();
  const auto theta = initial_parameters<float>(network, 1);
  std::vector<float> y(static_cast<std::size_t>(work.rows));
  for (Index k = 0; k < repeats; ++k) {
    predict(backend(), network, std::span(theta), rows, std::span(y));
  }
  std::cout << "first " << y.front() << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc == 2 && std::string(argv[1]) == "compiler") {
#if defined(__clang__)
    std::cout << "clang++-" << __clang_major__ << '\n';
#else
    std::cout << "g++-" << __GNUC__ << '\n';
#endif
    return 0;
  }
  const std::string what = argc == 3 ? argv[1] : "";
  const Index repeats = argc == 3 ? std::atol(argv[2]) : 0;
  require(repeats > 0, "repeats", repeats, "instructions CASE REPEATS, at least one");
  if (what == "siren_step") {
    train(work.network(), repeats);
  } else if (what == "wire_step") {
    train(Wire::build(work.in_features, 1, {.hidden_features = 32, .hidden_layers = 2}), repeats);
  } else if (what == "siren_prediction") {
    predict_rows(repeats);
  } else {
    require(false, "case", what, "siren_step, wire_step or siren_prediction");
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "benchmark: " << error.what() << '\n';
  return 1;
}
