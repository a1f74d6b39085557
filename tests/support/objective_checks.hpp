// A batch's loss and gradient, and predictions, as training and prediction compute them, against
// the reference backend and against themselves.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numeric>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/backend/reference/reference.hpp"
#include "inrgene/model/built_ins.hpp"
#include "inrgene/training/loop/initial_parameters.hpp"
#include "inrgene/training/loop/objective.hpp"
#include "inrgene/training/loop/predict.hpp"
#include "inrgene/training/loop/trainer.hpp"
#include "inrgene/training/losses/mean_squared_error.hpp"
#include "inrgene/training/schedules/schedule.hpp"
#include "inrgene/training/sources/table_source.hpp"
#include "support/backbone_checks.hpp"
#include "support/compare.hpp"
#include "support/module_runs.hpp"

namespace inrgene::test {

/// Rows drawn for a module, and parameters to look at them with.
template <class M, Loss L = MeanSquaredError>
struct DrawnBatch {
  DrawnBatch(M m, Index n, L l = {})
      : module(std::move(m)),
        loss(l),
        rows(n),
        theta(drawn_parameters(module, 41)),
        x(drawn_values(n * module.in_features(), 42)),
        y(drawn_values(n * module.out_features(), 43)) {
    for (const double own : own_start(loss)) theta.push_back(own);
    // Residuals of both signs whose sum, an output bias's gradient, is far from cancelling.
    for (double& v : y) v += 1;
  }
  M module;
  L loss;
  Index rows;
  Values theta, x, y;
};

/// What a batch is evaluated to. Vectors of T, so that equal means equal bytes.
template <class T>
struct Evaluated {
  double loss = 0;
  std::vector<T> gradients{};
  friend bool operator==(const Evaluated&, const Evaluated&) = default;
};

/// Loss and gradient of rows of a batch on a backend: an objective for at most `max_rows`, kept
/// from call to call.
template <class M, class L, Backend B>
class BatchOn {
  using T = scalar_of<B>;

 public:
  BatchOn(const B& backend, const DrawnBatch<M, L>& batch, Index max_rows)
      : backend_(backend),
        source_(backend, batch.rows, std::vector<T>(batch.x.begin(), batch.x.end()),
                std::vector<T>(batch.y.begin(), batch.y.end())),
        theta_(on_backend(backend, batch.theta)),
        gradients_(batch.theta.size()),
        objective_(make_objective(batch.module, batch.loss, backend, source_, max_rows)) {}

  Evaluated<T> operator()(Index begin, Index rows) {
    Evaluated<T> result;
    result.loss = objective_(source_, {nullptr, begin, rows}, theta_.data(), gradients_.data());
    result.gradients.resize(gradients_.size());
    backend_traits<B>::download(backend_, static_cast<const T*>(gradients_.data()),
                                std::span<T>(result.gradients));
    return result;
  }

 private:
  using Source = TableSource<B>;
  B backend_;
  Source source_;
  typename backend_traits<B>::template buffer<T> theta_, gradients_;
  typename ObjectiveFor<M, L, B, Source>::type objective_;
};

/// The first inputs of a batch.
template <Backend B>
struct FirstInputs {
  const std::vector<scalar_of<B>>& x;
  Index features, rows;

  [[nodiscard]] Index size() const { return rows; }
  [[nodiscard]] Index in_features() const { return features; }
  void read(context_of<B>& /*context*/, Index begin, MatrixView<scalar_of<B>> out) const {
    std::copy_n(x.data() + begin * features, out.rows * out.cols, out.data);
  }
};

/// Predictions at the first `rows` inputs.
template <class M, class L, Backend B>
std::vector<scalar_of<B>> predicted(const B& backend, const DrawnBatch<M, L>& batch, Index rows) {
  using T = scalar_of<B>;
  const std::vector<T> x(batch.x.begin(), batch.x.begin() + rows * batch.module.in_features());
  const std::vector<T> theta(batch.theta.begin(),
                             batch.theta.begin() + batch.module.parameter_count());
  std::vector<T> y(static_cast<std::size_t>(rows * batch.module.out_features()));
  predict(backend, batch.module, std::span<const T>(theta),
          FirstInputs<B>{x, batch.module.in_features(), rows}, std::span<T>(y));
  return y;
}

/// The largest relative error of a tensor's gradient, or of the loss, and where.
struct LargestError {
  double error = -1;
  std::string where{};

  void note(double at, const std::string& name) {
    if (at > error || std::isnan(at)) *this = {at, name};
  }
};

template <class M, class L, class T>
LargestError largest_error(const DrawnBatch<M, L>& batch, const Evaluated<T>& found,
                           const Evaluated<double>& expected) {
  LargestError largest;
  largest.note(std::abs(found.loss - expected.loss) / std::abs(expected.loss), "loss");
  std::vector<ParameterInfo> layout = batch.module.layout();
  append_layout(layout, own_layout(batch.loss));
  for (const ParameterInfo& p : layout) {
    const auto part = [&](const auto& all) {
      return std::span(all).subspan(static_cast<std::size_t>(p.offset),
                                    static_cast<std::size_t>(p.count));
    };
    largest.note(euclidean_difference(part(found.gradients), part(expected.gradients)), p.name);
  }
  return largest;
}

/// How near a backend must be to the reference in double.
template <Backend B>
constexpr double tolerance = std::is_same_v<scalar_of<B>, double> ? 1e-11 : 1e-4;

/// Loss and gradient of the first 1, 2, … rows by the reference in double. Of independent rows a
/// batch's are the mean of each row's own, which takes no more than each row once.
template <class M, class L>
class ExpectedBatches {
 public:
  explicit ExpectedBatches(const DrawnBatch<M, L>& batch)
      : independent_(row_context(batch.module) == 0),
        reference_(Reference<double>{}, batch, batch.rows),
        sum_{0, Values(batch.theta.size())} {}

  /// Numbers of rows may only rise.
  Evaluated<double> operator()(Index rows) {
    if (!independent_) return reference_(0, rows);
    for (; added_ < rows; ++added_) {
      const auto one = reference_(added_, 1);
      sum_.loss += one.loss;
      for (std::size_t i = 0; i < one.gradients.size(); ++i) {
        sum_.gradients[i] += one.gradients[i];
      }
    }
    Evaluated<double> mean = sum_;
    mean.loss /= static_cast<double>(rows);
    for (double& g : mean.gradients) g /= static_cast<double>(rows);
    return mean;
  }

 private:
  bool independent_;
  BatchOn<M, L, Reference<double>> reference_;
  Evaluated<double> sum_;
  Index added_ = 0;
};

/// Predictions at the first `rows` inputs by the reference, `all` of them being known.
template <class M, class L>
Values expected_predictions(const DrawnBatch<M, L>& batch, const Values& all, Index rows) {
  if (row_context(batch.module) > 0) return predicted(Reference<double>{}, batch, rows);
  return {all.begin(), all.begin() + rows * batch.module.out_features()};
}

/// Loss, gradient and predictions of each of these numbers of rows, which rise, on backend B with
/// that many workers: by turns by an objective made for as many rows and by one that is kept and
/// was made for more.
template <class B, class M, class L>
void check_rows(const DrawnBatch<M, L>& batch, const std::vector<Index>& numbers,
                std::initializer_list<int> workers = {1, 2}) {
  ExpectedBatches reference(batch);
  const Values predictions = predicted(Reference<double>{}, batch, batch.rows);
  std::vector<Evaluated<double>> expected;
  for (const Index rows : numbers) expected.push_back(reference(rows));
  for (const int threads : workers) {
    CAPTURE(threads);
    const B backend{.threads = {threads}};
    BatchOn kept(backend, batch, batch.rows);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const Index rows = numbers[i];
      CAPTURE(rows);
      const auto found = i % 2 == 0 ? kept(0, rows) : BatchOn(backend, batch, rows)(0, rows);
      const LargestError worst = largest_error(batch, found, expected[i]);
      CAPTURE(worst.where);
      CHECK(worst.error < tolerance<B>);
      CHECK(euclidean_difference(predicted(backend, batch, rows),
                                 expected_predictions(batch, predictions, rows)) < tolerance<B>);
    }
  }
}

/// The nearest number of 8 significant bits.
inline double rounded_to_8_bits(double x) {
  int exponent = 0;
  const double mantissa = std::frexp(x, &exponent);
  return std::ldexp(std::nearbyint(std::ldexp(mantissa, 8)), exponent - 8);
}

/// Loss and gradient with the products of real layers in bf16, against the reference in double.
///
/// How much of a factor's rounding (2⁻⁸ of each number at most) arrives in the gradient is a matter
/// of the network and its phases: the reference tells, by the distance ρ that rounding the
/// parameters moves its gradient. Six factors are rounded: of a layer's value its weights and
/// inputs, of its pull-back the weights and ∂L/∂z, of its weight gradient ∂L/∂z and the inputs.
/// Roundings know nothing of each other, so that their effects, each of the order of ρ, add up as
/// squares: √6 ρ.
template <class M, class L>
void check_bf16(const DrawnBatch<M, L>& batch) {
  DrawnBatch rounded = batch;
  for (double& v : rounded.theta) v = rounded_to_8_bits(v);
  for (const Index rows : {batch.rows / 7, batch.rows}) {
    CAPTURE(rows);
    const auto expected = BatchOn(Reference<double>{}, batch, rows)(0, rows);
    const auto moved = BatchOn(Reference<double>{}, rounded, rows)(0, rows);
    const double rho = euclidean_difference(moved.gradients, expected.gradients);
    for (const int threads : {1, 2}) {
      CAPTURE(threads);
      const Cpu<float, Bf16Products> backend{.threads = {threads}};
      const auto found = BatchOn(backend, batch, rows)(0, rows);
      CHECK(euclidean_difference(found.gradients, expected.gradients) < std::sqrt(6) * rho);
      CHECK(BatchOn(backend, batch, rows)(0, rows) == found);
    }
  }
}

/// Two runs with the same threads give the same bytes, each with objects of its own.
template <class B, class M, class L>
void check_same_bytes(const DrawnBatch<M, L>& batch) {
  using T = scalar_of<B>;
  for (const int threads : {1, 2, 3}) {
    CAPTURE(threads);
    const B backend{.threads = {threads}};
    const auto evaluated = [&] { return BatchOn(backend, batch, batch.rows)(0, batch.rows); };
    CHECK(evaluated() == evaluated());
    CHECK(predicted(backend, batch, batch.rows) == predicted(backend, batch, batch.rows));
    const auto trained = [&] {
      TrainingSettings<Adam, ConstantRate, L> settings;
      settings.steps = 3;
      settings.keep = KeptModel::last;
      Trainer<M, B, Adam, ConstantRate, L> trainer(batch.module, backend, settings,
                                                   initial_parameters<T>(batch.module, 3));
      trainer.run(TableSource<B>(backend, batch.rows,
                                 std::vector<T>(batch.x.begin(), batch.x.end()),
                                 std::vector<T>(batch.y.begin(), batch.y.end())));
      return Evaluated<T>{trainer.losses().back(), trainer.kept()};
    };
    CHECK(trained() == trained());
  }
}

/// From `first` to at most `last` by `step`.
inline std::vector<Index> numbers(Index first, Index last, Index step = 1) {
  std::vector<Index> all;
  for (Index n = first; n <= last; n += step) all.push_back(n);
  return all;
}

/// Batches of backbone K at every number of rows and width at which tiles, blocks and workers leave
/// a remainder. SIREN and WIRE, which stand for all real and all complex networks of layers, at
/// every number of rows up to 600 (two and more tiles of the largest) and every width up to 70
/// (more than two blocks of features); the others at some of each remainder.
template <class K>
void check_batches() {
  constexpr bool all = std::is_same_v<K, Siren> || std::is_same_v<K, Wire>;
  const DrawnBatch batch(small_network<K>(4, 2, 5), 600);
  const std::vector<Index> small = numbers(1, 30), large = numbers(31, 600, 13);
  std::vector<Index> some = small;
  some.insert(some.end(), large.begin(), large.end());
  check_rows<Cpu<float>>(batch, all ? numbers(1, 600) : some);
  check_rows<Cpu<float>>(batch, large, {3});
  check_rows<Cpu<double>>(batch, all ? numbers(1, 600) : some, {1});
  check_rows<Cpu<double>>(batch, some, {2});
  for (const Index width : all ? numbers(1, 70) : std::vector<Index>{1, 2, 7, 16, 31, 33, 65}) {
    CAPTURE(width);
    // 51 and 52 rows for two workers.
    const DrawnBatch wide(small_network<K>(2 + width % 13, 1 + width % 3, width), 103);
    check_rows<Cpu<double>>(wide, {103});
    // FINER's one or two units: phases of hundreds in float, and rows' gradients of which a
    // thousandth is left in the sum.
    if (all || width > 2) check_rows<Cpu<float>>(wide, {103});
  }
  check_same_bytes<Cpu<float>>(batch);
  check_bf16(DrawnBatch(small_network<K>(4, 2, 33), 600));
}

}  // namespace inrgene::test
