// What do the activations cost, an element, on one thread? Each in its two forms: the value, as in
// prediction, and value and derivative together, as in training; through the backend's elementwise
// pass, over numbers in the first-level cache. Competitors: the C library and Eigen.
#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <string>
#include <tuple>

#include "../support/fma_peak.hpp"
#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/model/activations/finer.hpp"
#include "inrgene/model/activations/gabor.hpp"
#include "inrgene/model/activations/gaussian.hpp"
#include "inrgene/model/activations/relu.hpp"
#include "inrgene/model/activations/sine.hpp"

namespace {

using inrgene::Index;
using inrgene::MatrixView;
using inrgene::math::Complex;
using inrgene::math::Jet;

constexpr Index elements = 2048;

template <class T, class A>
std::array<T, A::own_count> own_of(const A& activation) {
  std::array<T, A::own_count> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<T>(activation.own()[i]);
  return out;
}

/// y = f(z), real or complex.
template <class A, class T>
struct Value {
  std::array<T, A::own_count> own;
  template <class Z, class Y>
  INRGENE_HD INRGENE_INLINE void operator()(const Z& z, Y& y) const {
    y = A::formula(own, z);
  }
};

/// y = f(z) and f'(z).
template <class A, class T>
struct ValueAndDerivative {
  std::array<T, A::own_count> own;
  INRGENE_HD INRGENE_INLINE void operator()(const T& z, T& y, T& derivative) const {
    const auto jet = A::formula(own, Jet<T, 1>::variable(z, 0));
    y = jet.value;
    derivative = jet.d[0];
  }
};

/// Both from the C library.
struct LibrarySine {
  INRGENE_HD INRGENE_INLINE void operator()(const float& z, float& y, float& derivative) const {
    y = std::sin(30.0F * z);
    derivative = 30.0F * std::cos(30.0F * z);
  }
};

template <class E>
inrgene::Matrix<E, inrgene::Cpu<float>> drawn() {
  inrgene::Matrix<E, inrgene::Cpu<float>> m(elements, 1);
  inrgene::Random random(7);
  using T = inrgene::math::real_of<E>;
  auto* data = reinterpret_cast<T*>(m.view().data);
  for (std::size_t k = 0; k < elements * sizeof(E) / sizeof(T); ++k) {
    data[k] = static_cast<T>(random.uniform(-1, 1));
  }
  return m;
}

void report(benchmark::State& state) {
  using C = benchmark::Counter;
  state.counters["an_element"] =
      C(static_cast<double>(elements), C::kIsIterationInvariantRate | C::kInvert);
}

/// Applies `f` to the elements by the backend of precision T; Y results from Z.
template <class T, class Z, class Y, class F>
void pass(benchmark::State& state, const F& f) {
  using B = inrgene::Cpu<T>;
  using Ops = inrgene::backend_traits<B>;
  auto z = drawn<Z>();
  auto y = drawn<Y>(), derivative = drawn<Y>();
  Ops::run(B{}, 1, [&](int /*worker*/, inrgene::context_of<B>& context) {
    for (auto _ : state) {
      if constexpr (requires(Z a, Y b) { f(a, b, b); }) {
        Ops::map(context, f, std::tuple(y.view(), derivative.view()),
                 MatrixView<const Z>(z.view()));
      } else {
        Ops::map(context, f, std::tuple(y.view()), MatrixView<const Z>(z.view()));
      }
      benchmark::ClobberMemory();
    }
  });
  report(state);
}

template <class A, class T>
void value(benchmark::State& state) {
  pass<T, T, T>(state, Value<A, T>{own_of<T>(A{})});
}
template <class A, class T>
void both(benchmark::State& state) {
  pass<T, T, T>(state, ValueAndDerivative<A, T>{own_of<T>(A{})});
}
template <class A>
void complex_value(benchmark::State& state) {
  pass<float, Complex<float>, Complex<float>>(state, Value<A, float>{own_of<float>(A{})});
}
void library_sine(benchmark::State& state) {
  pass<float, float, float>(state, LibrarySine{});
}
void eigen_sine(benchmark::State& state) {
  const Eigen::ArrayXf z = Eigen::ArrayXf::Random(elements);
  Eigen::ArrayXf y(elements), derivative(elements);
  for (auto _ : state) {
    y = (30.0F * z).sin();
    derivative = 30.0F * (30.0F * z).cos();
    benchmark::ClobberMemory();
  }
  report(state);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace inrgene;
  const auto add = [](const char* name, auto run) {
    benchmark::RegisterBenchmark(name, run)->UseRealTime();
  };
  add("sine/value_and_derivative/ours", both<Sine, float>);
  add("sine/value_and_derivative/eigen", eigen_sine);
  add("sine/value_and_derivative/c_library", library_sine);
  add("sine/value/ours", value<Sine, float>);
  add("finer/value_and_derivative/ours", both<Finer, float>);
  add("finer/value/ours", value<Finer, float>);
  add("gaussian/value_and_derivative/ours", both<Gaussian, float>);
  add("gaussian/value/ours", value<Gaussian, float>);
  add("relu/value_and_derivative/ours", both<Relu, float>);
  add("relu/value/ours", value<Relu, float>);
  add("gabor/complex_value/ours", complex_value<Gabor>);
  add("sine/value_and_derivative/double/ours", both<Sine, double>);
  benchmark::AddCustomContext("vectors", bench::vector_name());
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
