// What training and prediction take while they run: nothing that grows with the rows, and once
// begun nothing at all.
#include <doctest/doctest.h>

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "inrgene/model/built_ins.hpp"
#include "inrgene/training/built_ins.hpp"
#include "inrgene/training/sources/product_source.hpp"
#include "memory/counted_memory.hpp"
#include "support/objective_checks.hpp"

using namespace inrgene;
using B = Cpu<float>;

namespace {

const std::initializer_list<int> workers{1, 2};

/// Full tiles for two workers, and ten times as many.
const Index few = 4 * backend_traits<B>::tile_samples(B{}), many = 10 * few;

template <class M, class L>
TableSource<B> source_of(const B& backend, const test::DrawnBatch<M, L>& batch) {
  return TableSource<B>(backend, batch.rows, std::vector<float>(batch.x.begin(), batch.x.end()),
                        std::vector<float>(batch.y.begin(), batch.y.end()));
}

/// What an objective takes to be made and called once, and what its later calls take.
template <class M, class S>
std::vector<test::Taken> taken_by_calls(const B& backend, const M& module, const S& source) {
  const auto theta = test::on_backend(backend, test::drawn_parameters(module, 1));
  auto gradients = theta;
  const RowRange all{nullptr, 0, source.size()};
  std::vector<test::Taken> taken;
  const test::Taken before = test::taken_so_far();
  auto objective = make_objective(module, MeanSquaredError{}, backend, source, source.size());
  objective(source, all, theta.data(), gradients.data());
  taken.push_back(test::taken_so_far() - before);
  for (int call = 0; call < 3; ++call) {
    taken.push_back(
        test::taken_by([&] { objective(source, all, theta.data(), gradients.data()); }));
  }
  return taken;
}

void check_nothing_later(const std::vector<test::Taken>& taken) {
  for (std::size_t call = 1; call < taken.size(); ++call) CHECK(taken[call].calls == 0);
}

/// What each step of a run takes.
template <class O>
std::vector<test::Taken> taken_by_steps(const B& backend, Index rows, Index steps) {
  const test::DrawnBatch batch(test::small_network<Siren>(3, 1), rows);
  const auto source = source_of(backend, batch);
  TrainingSettings<O, ConstantRate> settings;
  settings.steps = steps;
  settings.guard_every = steps + 1;
  Trainer<Siren::Network, B, O, ConstantRate> trainer(batch.module, backend, settings,
                                                      initial_parameters<float>(batch.module, 3));
  std::vector<test::Taken> taken;
  taken.reserve(static_cast<std::size_t>(steps));
  test::Taken before = test::taken_so_far();
  TrainingHooks<float> hooks;
  hooks.after_step = [&](Index /*step*/, double /*loss*/, std::span<const float> /*theta*/) {
    const test::Taken now = test::taken_so_far();
    taken.push_back(now - before);
    before = now;
  };
  trainer.run(source, hooks);
  return taken;
}

}  // namespace

TEST_CASE("every backbone's objective takes its memory once, and the same for ten times the rows") {
  for_each_type(Backbones{}, []<class K>() {
    CAPTURE(std::string(K::name));
    const auto network = test::small_network<K>(4, 2);
    for (const int threads : workers) {
      CAPTURE(threads);
      const B backend{.threads = {threads}};
      const auto taken = [&](Index rows) {
        const test::DrawnBatch batch(network, rows);
        return taken_by_calls(backend, network, source_of(backend, batch));
      };
      const auto of_few = taken(few), of_many = taken(many);
      check_nothing_later(of_few);
      check_nothing_later(of_many);
      CHECK(of_many[0].calls == of_few[0].calls);
      CHECK(of_many[0].bytes == of_few[0].bytes);
    }
  });
}

TEST_CASE("a grid's objective takes its memory once") {
  using Network = Factorised<>::Network;
  const Network network = test::small_network<Factorised<>>(4, 1);
  const Index sites = 300, genes = 40;
  const auto drawn = [](Index size, std::uint64_t seed) {
    const test::Values values = test::drawn_values(size, seed);
    return std::vector<float>(values.begin(), values.end());
  };
  for (const int threads : workers) {
    CAPTURE(threads);
    const B backend{.threads = {threads}};
    const ProductSource<B> source(backend, sites, genes, drawn(3 * sites, 1), drawn(genes, 2),
                                  drawn(sites * genes, 3));
    check_nothing_later(taken_by_calls(backend, network, source));
  }
}

TEST_CASE("steps of training take nothing but room for their losses") {
  const Index steps = 12;
  for_each_type(TypeList<Adam, AdamW, ScheduleFreeAdamW, Sgd>{}, [&]<class O>() {
    CAPTURE(std::string(O::name));
    for (const int threads : workers) {
      CAPTURE(threads);
      test::Taken later;
      const auto taken = taken_by_steps<O>(B{.threads = {threads}}, few, steps);
      for (std::size_t step = 1; step < taken.size(); ++step) {
        later.calls += taken[step].calls;
        later.bytes += taken[step].bytes;
      }
      // A list that doubles when it is full.
      CHECK(later.calls <= 4);
      CHECK(later.bytes <= 4 * sizeof(double) * static_cast<std::size_t>(steps));
    }
  });
}

TEST_CASE("no step of any optimiser takes more for ten times the rows") {
  for_each_type(Optimizers{}, []<class O>() {
    CAPTURE(std::string(O::name));
    const auto of_few = taken_by_steps<O>(B{.threads = {2}}, few, 3);
    const auto of_many = taken_by_steps<O>(B{.threads = {2}}, many, 3);
    for (std::size_t step = 0; step < of_few.size(); ++step) {
      CAPTURE(step);
      CHECK(of_many[step].calls == of_few[step].calls);
      CHECK(of_many[step].bytes == of_few[step].bytes);
    }
  });
}

TEST_CASE("prediction takes the same for ten times the inputs") {
  const auto network = test::small_network<Siren>(3, 2);
  const auto theta = initial_parameters<float>(network, 1);
  const std::vector<float> x(static_cast<std::size_t>(3 * many), 0.5F);
  std::vector<float> y(static_cast<std::size_t>(2 * many));
  for (const int threads : workers) {
    CAPTURE(threads);
    const auto taken = [&](Index rows) {
      return test::taken_by([&] {
        predict(B{.threads = {threads}}, network, std::span<const float>(theta),
                test::FirstInputs<B>{x, 3, rows},
                std::span(y).first(static_cast<std::size_t>(2 * rows)));
      });
    };
    CHECK(taken(many) == taken(few));
  }
}
