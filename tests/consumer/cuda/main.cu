// A user's program for a GPU: trains a tiny field where there is one, and is told where not.
#include <inrgene/backend/cuda/cuda.cuh>
#include <inrgene/model/networks/siren.hpp>
#include <inrgene/training/loop/trainer.hpp>
#include <inrgene/training/sources/table_source.hpp>

#include <cstdio>

int main() {
  using namespace inrgene;
  using Gpu = Cuda<float>;
  const Gpu backend;
  const auto network = Siren::build(1, 1, {.hidden_features = 8, .hidden_layers = 1});
  const std::vector<float> x{-1, 0, 1}, y{0, 1, 0};
  try {
    const TableSource<Gpu> source(backend, 3, x, y);
    TrainingSettings<Adam, StepRate> settings;
    settings.steps = 3;
    Trainer<Siren::Network, Gpu> trainer(network, backend, settings,
                                         initial_parameters<float>(network, 1));
    trainer.run(source);
    return trainer.losses().size() == 3 ? 0 : 1;
  } catch (const UnavailableError& error) {
    std::printf("%s\n", error.what());
    return cuda_device_count() == 0 ? 0 : 1;
  }
}
