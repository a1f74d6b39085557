// How long does a full-batch training step take, how near to the FMA peak of the same run is that,
// and how much memory does it need? By default the published joint model on all its rows. With
// --gradients it writes weights, rows and gradient for another program to compare, and times
// nothing. See benchmarks/README.md.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

#include "../support/measure.hpp"
#include "../support/problem.hpp"
#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/io/safetensors.hpp"
#include "inrgene/training/checkpoints/state_dict.hpp"
#include "inrgene/training/loop/trainer.hpp"

using namespace inrgene;

namespace {

struct Choices {
  bench::Work work{};
  int threads = 0;
  Index steps = 5;
  Index warm_up = 1;
  std::string precision = "float";
  std::string gradients{};
  bool json = false;
};

template <class B>
B backend_of(const Choices& choices) {
  B backend;
  backend.threads = {choices.threads};
  return backend;
}

/// The gradient of a start whose weights and rows are floats in every precision.
template <class B>
void write_gradients(const Choices& choices) {
  using T = scalar_of<B>;
  const B backend = backend_of<B>(choices);
  const auto network = choices.work.network();
  const bench::Rows<B> rows(choices.work);
  const auto start = initial_parameters<float>(network, choices.work.seed);
  HostBuffer<T> theta(start.size()), gradients(start.size());
  std::copy(start.begin(), start.end(), theta.data());
  auto objective = make_objective(network, MeanSquaredError{}, backend, rows, rows.size());
  const double loss =
      objective(rows, RowRange{nullptr, 0, rows.size()}, theta.data(), gradients.data());
  SafetensorsFile file;
  file.tensors = state_dict<float>(network.layout(), start);
  const std::vector<T> wide(gradients.data(), gradients.data() + gradients.size());
  for (auto& [name, tensor] : state_dict<T>(network.layout(), wide)) {
    file.tensors.emplace_back("gradient." + name, std::move(tensor));
  }
  const auto rounded = [](MatrixView<const T> m) {
    std::vector<float> out;
    for (Index k = 0; k < m.rows * m.cols; ++k) out.push_back(static_cast<float>(m.data[k]));
    return out;
  };
  file.tensors.emplace_back(
      "x", make_tensor<float>({rows.size(), rows.in_features()}, rounded(rows.inputs())));
  file.tensors.emplace_back("y", make_tensor<float>({rows.size(), 1}, rounded(rows.targets())));
  file.metadata = {{"loss", text(loss)}, {"precision", choices.precision}};
  write_safetensors(file, choices.gradients);
}

template <class B>
Json measure(const Choices& choices) {
  using T = scalar_of<B>;
  using Network = Siren::Network;
  const B backend = backend_of<B>(choices);
  const int threads = choices.threads > 0 ? choices.threads : Threads{}.resolved();
  const double before = bench::peak_memory_bytes();
  const bench::Rows<B> rows(choices.work);
  const Network network = choices.work.network();
  TrainingSettings<> settings;
  settings.steps = choices.warm_up + choices.steps;
  settings.guard_every = settings.steps + 1;  // its look comes before the first step
  Trainer<Network, B> trainer(network, backend, settings,
                              initial_parameters<T>(network, choices.work.seed));
  bench::PairedTimer timer(threads);
  TrainingHooks<T> hooks;
  hooks.after_step = [&](Index step, double /*loss*/, std::span<const T> /*theta*/) {
    timer.lap(step > choices.warm_up);
  };
  timer.start();
  trainer.run(rows, hooks);
  const double peak = bench::peak_memory_bytes();
  Json json = timer.json(choices.work.step_flop());
  json["rows"] = choices.work.rows;
  json["width"] = choices.work.width;
  json["layers"] = choices.work.layers;
  json["precision"] = choices.precision;
  json["steps"] = choices.steps;
  json["losses"] = {trainer.losses().front(), trainer.losses().back()};
  json["peak_mib"] = peak / 0x1p20;
  json["data_mib"] = rows.bytes() / 0x1p20;
  json["before_mib"] = before / 0x1p20;
  json["peak_less_data_mib"] = (peak - rows.bytes()) / 0x1p20;
  return json;
}

void print(const Json& r) {
  const auto number = [&](const char* key) { return r.at(key).get<double>(); };
  const auto seconds = [&](const char* key) { return r.at("seconds").at(key).get<double>(); };
  std::cout << "SIREN " << r.at("layers") << " × " << r.at("width") << ", " << r.at("rows")
            << " rows, " << r.at("precision").get<std::string>() << ", " << r.at("threads")
            << " threads, " << r.at("vectors").get<std::string>() << "; " << r.at("steps")
            << " steps\n\n"
            << std::setprecision(4) << "s a step, median      " << seconds("median") << "  ("
            << seconds("low") << " to " << seconds("high") << ")\n"
            << "GFLOP/s               " << number("gflop_per_s") << '\n'
            << "FMA peak, GFLOP/s     " << number("fma_peak_gflop_per_s") << "  (float)\n"
            << "of the peak           " << 100 * number("of_fma_peak") << " %\n"
            << "peak memory, MiB      " << number("peak_mib") << ", of which data "
            << number("data_mib") << '\n';
}

template <class B>
void run(const Choices& choices) {
  if (!choices.gradients.empty()) return write_gradients<B>(choices);
  const Json result = measure<B>(choices);
  if (choices.json) {
    std::cout << result.dump() << '\n';
  } else {
    print(result);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Seconds, FLOP and memory of a training step."};
  Choices c;
  app.add_option("--rows", c.work.rows, "rows of the batch")->capture_default_str();
  app.add_option("--width", c.work.width, "features of a layer")->capture_default_str();
  app.add_option("--layers", c.work.layers, "sine layers")->capture_default_str();
  app.add_option("--in", c.work.in_features, "features of the input")->capture_default_str();
  app.add_option("--threads", c.threads, "workers, 0: all cores")->capture_default_str();
  app.add_option("--steps", c.steps, "steps that count")->capture_default_str();
  app.add_option("--warm-up", c.warm_up, "steps before them")->capture_default_str();
  app.add_option("--precision", c.precision, "working precision")
      ->check(CLI::IsMember({"float", "double", "bf16"}))
      ->capture_default_str();
  app.add_option("--gradients", c.gradients, "write weights, rows and gradient to this file");
  app.add_flag("--json", c.json, "print JSON");
  CLI11_PARSE(app, argc, argv);
  try {
    require(c.work.layers > 0 && c.steps > 0, "layers and steps",
            text(c.work.layers, " and ", c.steps), "positive numbers");
    if (c.precision == "double") {
      run<Cpu<double>>(c);
    } else if (c.precision == "bf16") {
      run<Cpu<float, Bf16Products>>(c);
    } else {
      run<Cpu<float>>(c);
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "benchmark: " << error.what() << '\n';
    return 1;
  }
}
