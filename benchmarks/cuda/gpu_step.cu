// On a GPU: how long do a full-batch training step and a prediction take in each precision, and
// what part of the peak of the unit that they use is that? Prints a line of JSON. See README.md.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "../support/problem.hpp"
#include "inrgene/backend/cuda/cuda.cuh"
#include "inrgene/backend/reference/reference.hpp"
#include "inrgene/training/loop/predict.hpp"
#include "inrgene/training/loop/trainer.hpp"
#include "inrgene/training/sources/table_source.hpp"

using namespace inrgene;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double median(std::vector<double> v) {
  require(!v.empty(), "measurements", 0, "at least one");
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

/// Seconds of some work in the GPU's stream, the median of five, after one that does not count.
template <class Work>
double timed(Work&& work) {
  std::vector<double> all;
  for (int i = 0; i < 6; ++i) {
    detail::finish_work("waiting before a measurement");
    const auto begin = Clock::now();
    work();
    detail::finish_work("waiting for a measurement");
    if (i > 0) all.push_back(seconds_since(begin));
  }
  return median(all);
}

/// FLOP/s of square products of 8192 in a precision: the peak of the unit that it uses, as far as
/// cuBLASLt reaches it.
template <class P>
double matrix_peak() {
  using T = typename P::scalar;
  using B = Cuda<T, P>;
  constexpr Index n = 8192;
  double seconds = 0;
  backend_traits<B>::run(B{}, 1, [&](int /*worker*/, auto& context) {
    Matrix<T, B> a(n, n), b(n, n), c(n, n);
    backend_traits<B>::fill(context, a.view(), T(0.5));
    backend_traits<B>::fill(context, b.view(), T(0.25));
    seconds = timed([&] {
      for (int i = 0; i < 10; ++i) {
        backend_traits<B>::template gemm<Op::transpose, Op::none, T>(context, a.view(), b.view(),
                                                                     c.view(), Write::replace);
      }
    });
  });
  return 10 * 2.0 * n * n * n / seconds;
}

/// Bytes a second of a pass that reads and writes 2 GiB.
double memory_peak() {
  using B = Cuda<float>;
  constexpr Index n = Index{1} << 28;
  double seconds = 0;
  backend_traits<B>::run(B{}, 1, [&](int /*worker*/, auto& context) {
    Matrix<float, B> a(n, 1), b(n, 1);
    seconds = timed([&] {
      backend_traits<B>::map(context, detail::CopyKernel{}, std::tuple(b.view()),
                             MatrixView<const float>(a.view()));
    });
  });
  return 2.0 * n * sizeof(float) / seconds;
}

struct Choices {
  bench::Work work{};
  Index steps = 50;
  Index predict_rows = 819'621;
  Index tile = Cuda<float>{}.tile_samples;
};

/// Inputs made on the device: every number of a smooth pattern, so that nothing is read.
struct Pattern {
  Index begin;
  INRGENE_HD float operator()(Index i, Index j) const {
    return math::sin(0.001F * static_cast<float>((begin + j) % 65536) + static_cast<float>(i));
  }
};
template <Backend B>
struct PatternSource {
  Index rows, features;
  [[nodiscard]] Index size() const { return rows; }
  [[nodiscard]] Index in_features() const { return features; }
  void read(context_of<B>& context, Index first, MatrixView<float> x) const {
    backend_traits<B>::generate(context, Pattern{first}, x);
  }
};

/// One precision's line.
template <class P>
void measure(const char* name, const Choices& choices) {
  using B = Cuda<float, P>;
  const B backend{0, choices.tile};
  const auto network = choices.work.network();
  const bench::Rows<Reference<float>> rows(choices.work);
  const auto all = [](MatrixView<const float> m) {
    return std::span<const float>(m.data, static_cast<std::size_t>(m.rows * m.cols));
  };
  const TableSource<B> source(backend, rows.size(), all(rows.inputs()), all(rows.targets()));
  TrainingSettings<> settings;
  settings.steps = choices.steps + 3;
  settings.guard_every = settings.steps + 1;  // its look comes before the first step
  const auto start = initial_parameters<float>(network, choices.work.seed);
  Trainer<Siren::Network, B> trainer(network, backend, settings, start);
  std::vector<double> seconds;
  auto before = Clock::now();
  TrainingHooks<float> hooks;
  hooks.after_step = [&](Index step, double /*loss*/, std::span<const float> /*theta*/) {
    if (step > 3) seconds.push_back(seconds_since(before));
    before = Clock::now();
  };
  const auto begun = Clock::now();
  trainer.run(source, hooks);
  const double whole = seconds_since(begun);

  const PatternSource<B> points{choices.predict_rows, choices.work.in_features};
  std::vector<float> values(static_cast<std::size_t>(points.size()));
  const auto predict_begun = Clock::now();
  predict(backend, network, trainer.current(), points, std::span<float>(values));
  const double predicting = seconds_since(predict_begun);

  const double step = median(seconds), peak = matrix_peak<P>();
  const double predict_flop = choices.work.forward_flop() / static_cast<double>(choices.work.rows) *
                              static_cast<double>(points.size());
  std::cout << text("{\"precision\": \"", name, "\", \"rows\": ", choices.work.rows,
                    ", \"width\": ", choices.work.width, ", \"layers\": ", choices.work.layers,
                    ", \"tile\": ", choices.tile, ", \"steps\": ", choices.steps,
                    ", \"seconds_a_step\": ", step, ", \"seconds_in_all\": ", whole,
                    ", \"tflop_per_s\": ", 1e-12 * choices.work.step_flop() / step,
                    ", \"matrix_peak_tflop_per_s\": ", 1e-12 * peak,
                    ", \"of_peak\": ", choices.work.step_flop() / step / peak,
                    ", \"first_loss\": ", trainer.losses().front(),
                    ", \"last_loss\": ", trainer.losses().back(),
                    ", \"predicted_rows\": ", points.size(),
                    ", \"seconds_of_prediction\": ", predicting,
                    ", \"prediction_of_peak\": ", predict_flop / predicting / peak, "}")
            << std::endl;
}

/// A whole number above 0 behind an option.
Index number(std::string_view option, const char* word) {
  char* end = nullptr;
  const long long value = std::strtoll(word, &end, 10);
  require(end != word && *end == '\0' && value > 0, option, word, "a whole number above 0");
  return static_cast<Index>(value);
}

Choices read(int argc, char** argv) {
  Choices c;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    require(i + 1 < argc, option, "nothing behind it", "a number");
    Index* const to = option == "--rows"           ? &c.work.rows
                      : option == "--width"        ? &c.work.width
                      : option == "--layers"       ? &c.work.layers
                      : option == "--steps"        ? &c.steps
                      : option == "--predict-rows" ? &c.predict_rows
                      : option == "--tile"         ? &c.tile
                                                   : nullptr;
    require(to != nullptr, "option", option,
            "--rows, --width, --layers, --steps, --predict-rows or --tile");
    *to = number(option, argv[i + 1]);
  }
  return c;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Choices choices = read(argc, argv);
    use(Cuda<float>{});
    std::cout << text("{\"memory_peak_gb_per_s\": ", 1e-9 * memory_peak(), "}") << std::endl;
    measure<Fp32>("fp32", choices);
    measure<Tf32x3>("tf32x3", choices);
    measure<Tf32>("tf32", choices);
    measure<Bf16>("bf16", choices);
    return 0;
  } catch (const UnavailableError& error) {
    std::cerr << "gpu_step: " << error.what() << '\n';
    return 4;
  } catch (const std::exception& error) {
    std::cerr << "gpu_step: " << error.what() << '\n';
    return 1;
  }
}
