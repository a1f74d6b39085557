// precision [WIDTH DEPTH STEPS]: what loss does training with products in bf16 reach, beside
// float's from the same start? On the demo's phantom. Prints Markdown; see README.md.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/brain/gene_axis/spectral.hpp"
#include "inrgene/brain/phantom/phantom.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/pipelines/regressor.hpp"

using namespace inrgene;

namespace {

struct Problem {
  Samples samples;
  GeneAxis axis;
  Index width = 256;
  Index depth = 3;  ///< hidden layers after the first
  Index steps = 1000;
};

struct Case {
  double omega;
  double learning_rate;
  std::uint64_t start;
};

/// What a fit kept: its loss as training saw it, and the parameters.
struct Outcome {
  double loss = 0;
  double seconds = 0;
  std::vector<float> theta{};
};

/// A fit that says what it kept.
struct Recorded : FitSettings<float> {
  Outcome* out = nullptr;

  template <class Field, class Trained, class Source>
  void run(Trained& trainer, const Source& source, const TrainingHooks<float>& hooks,
           const FieldDescription& /*description*/) const {
    const auto began = std::chrono::steady_clock::now();
    trainer.run(source, hooks);
    out->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    out->loss = trainer.best_loss();
    out->theta = trainer.kept();
  }
};

/// No fit: only the loss of given parameters.
struct Evaluated : FitSettings<float> {
  const std::vector<float>* theta = nullptr;
  double* loss = nullptr;

  template <class Field, class Trained, class Source>
  void run(Trained& trainer, const Source& source, const TrainingHooks<float>& /*hooks*/,
           const FieldDescription& /*description*/) const {
    std::vector<float> gradients(theta->size());
    auto objective =
        make_objective(trainer.module(), MeanSquaredError{}, Cpu<float>{}, source, source.size());
    *loss = objective(source, {nullptr, 0, source.size()}, theta->data(), gradients.data());
  }
};

/// Full-batch Adam at a constant rate from one start, with the products of backend B.
template <class B, class How>
void fit(const Problem& problem, const Case& one, const How& how) {
  Regressor<Siren, NerfOnGeneAxis, B, Adam, ConstantRate> model(
      {.network = {.hidden_features = problem.width,
                   .hidden_layers = problem.depth,
                   .first_omega = one.omega,
                   .hidden_omega = one.omega},
       .training = {.optimizer = {.learning_rate = one.learning_rate}, .steps = problem.steps},
       .seed = one.start});
  model.fit(problem.samples, problem.axis, how);
}

template <class B>
Outcome train(const Problem& problem, const Case& one) {
  Outcome out;
  Recorded how;
  how.out = &out;
  fit<B>(problem, one, how);
  return out;
}

void print_row(const Problem& problem, const Case& one) {
  const Outcome full = train<Cpu<float>>(problem, one);
  const Outcome half = train<Cpu<float, Bf16Products>>(problem, one);
  double in_float = 0;
  Evaluated how;
  how.theta = &half.theta;
  how.loss = &in_float;
  fit<Cpu<float>>(problem, one, how);
  const auto more = [&](double loss) { return 100 * (loss / full.loss - 1); };
  std::printf("| %g | %g | %d | %.4g | %.4g | %+.1f | %.4g | %+.1f | %.2f |\n", one.omega,
              one.learning_rate, static_cast<int>(one.start), full.loss, half.loss, more(half.loss),
              in_float, more(in_float), full.seconds / half.seconds);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) try {
  Problem problem;
  require(argc == 1 || argc == 4, "arguments", argc - 1, "none, or WIDTH DEPTH STEPS");
  if (argc == 4) {
    problem.width = std::stol(argv[1]);
    problem.depth = std::stol(argv[2]);
    problem.steps = std::stol(argv[3]);
  }
  problem.samples = make_phantom().samples;
  problem.axis = spectral_axis(problem.samples.values, problem.samples.genes);
  std::printf("%d × %d, %d steps; %s\n\n", static_cast<int>(problem.width),
              static_cast<int>(problem.depth + 1), static_cast<int>(problem.steps),
              kernel_name<float, Bf16Products>().c_str());
  std::printf(
      "| ω | learning rate | start | loss, float | loss, bf16 | more, %% | of its parameters in "
      "float "
      "| more, %% | times faster |\n"
      "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  // The published setting, then the demo's.
  for (const Case& one : {Case{30, 1e-4, 0}, {30, 1e-4, 1}, {6, 1e-3, 0}, {6, 1e-3, 1}}) {
    print_row(problem, one);
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "precision: " << error.what() << '\n';
  return 1;
}
