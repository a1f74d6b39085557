// How fast are the products of a layer on one thread, held against the FMA peak of the same run?
// Competitors: Eigen's expression and, where it was found, OpenBLAS. See benchmarks/README.md.
#include <benchmark/benchmark.h>

#include <complex>
#include <string>
#include <vector>

#include "../support/fma_peak.hpp"
#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/math/eigen.hpp"

#if defined(INRGENE_BENCHMARK_OPENBLAS)
#include <cblas.h>
#endif

namespace {

using inrgene::Index;
using inrgene::MatrixView;
using inrgene::Op;

/// [in × out] weights, [in × n] inputs, [out × n] results.
struct Shape {
  Index in, out, n;
};

template <class E>
inrgene::Matrix<E, inrgene::Cpu<float>> drawn(Index rows, Index cols) {
  inrgene::Matrix<E, inrgene::Cpu<float>> m(rows, cols);
  inrgene::Random random(7);
  using T = inrgene::math::real_of<E>;
  const auto size = rows * cols * static_cast<Index>(sizeof(E) / sizeof(T));
  auto* data = reinterpret_cast<T*>(m.view().data);
  for (Index k = 0; k < size; ++k) data[k] = static_cast<T>(random.uniform(-1, 1));
  return m;
}

template <class E>
void report(benchmark::State& state, const Shape& s) {
  using T = inrgene::math::real_of<E>;
  static const double peak = inrgene::bench::fma_peak<T>(1, 0.3);
  constexpr double flop_a_product = sizeof(E) == sizeof(T) ? 2 : 8;
  const double flop = flop_a_product * static_cast<double>(s.in * s.out * s.n);
  using C = benchmark::Counter;
  state.counters["GFLOP/s"] = C(1e-9 * flop, C::kIsIterationInvariantRate);
  state.counters["of_peak"] = C(flop / peak, C::kIsIterationInvariantRate);
}

/// The backend's three products of a layer: z = Wᵀx + b, ∂L/∂x = W·dz, ∂L/∂W += x·dzᵀ.
enum class Product { forward, to_inputs, to_weights };

template <class E, Product P, class B = inrgene::Cpu<inrgene::math::real_of<E>>>
void ours(benchmark::State& state) {
  using Ops = inrgene::backend_traits<B>;
  const Shape s{state.range(0), state.range(1), state.range(2)};
  auto w = drawn<E>(s.in, s.out), b = drawn<E>(s.out, 1), x = drawn<E>(s.in, s.n),
       z = drawn<E>(s.out, s.n);
  const auto constant = [](auto& m) { return MatrixView<const E>(m.view()); };
  Ops::run(B{}, 1, [&](int /*worker*/, inrgene::context_of<B>& context) {
    for (auto _ : state) {
      if constexpr (P == Product::forward) {
        Ops::template affine<E>(context, constant(w), constant(b), constant(x), z.view());
      } else if constexpr (P == Product::to_inputs) {
        Ops::template pull_affine<E>(context, constant(w), constant(z), x.view(),
                                     inrgene::Write::replace);
      } else {
        Ops::template gemm<Op::conjugate, Op::transpose, E>(context, constant(x), constant(z),
                                                            w.view(), inrgene::Write::add);
      }
      benchmark::ClobberMemory();
    }
  });
  report<E>(state, s);
}

/// The same, less the bias, as an Eigen expression. Complex numbers of both lie alike.
template <class E, Product P>
void eigen(benchmark::State& state) {
  using M = Eigen::Matrix<E, Eigen::Dynamic, Eigen::Dynamic>;
  const Shape s{state.range(0), state.range(1), state.range(2)};
  M w = M::Random(s.in, s.out), x = M::Random(s.in, s.n), z = M::Random(s.out, s.n);
  for (auto _ : state) {
    if constexpr (P == Product::forward) {
      z.noalias() = w.transpose() * x;
    } else if constexpr (P == Product::to_inputs) {
      x.noalias() = w.conjugate() * z;
    } else {
      w.noalias() += x.conjugate() * z.transpose();
    }
    benchmark::ClobberMemory();
  }
  using T = typename Eigen::NumTraits<E>::Real;
  constexpr bool complex = Eigen::NumTraits<E>::IsComplex != 0;
  report<std::conditional_t<complex, inrgene::math::Complex<T>, T>>(state, s);
}

#if defined(INRGENE_BENCHMARK_OPENBLAS)
template <Product P>
void openblas(benchmark::State& state) {
  openblas_set_num_threads(1);
  const Shape s{state.range(0), state.range(1), state.range(2)};
  auto w = drawn<float>(s.in, s.out), x = drawn<float>(s.in, s.n), z = drawn<float>(s.out, s.n);
  const auto i = [](Index size) { return static_cast<int>(size); };
  float* const wp = w.view().data;
  float* const xp = x.view().data;
  float* const zp = z.view().data;
  for (auto _ : state) {
    if constexpr (P == Product::forward) {
      cblas_sgemm(CblasColMajor, CblasTrans, CblasNoTrans, i(s.out), i(s.n), i(s.in), 1, wp,
                  i(s.in), xp, i(s.in), 0, zp, i(s.out));
    } else if constexpr (P == Product::to_inputs) {
      cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, i(s.in), i(s.n), i(s.out), 1, wp,
                  i(s.in), zp, i(s.out), 0, xp, i(s.in));
    } else {
      cblas_sgemm(CblasColMajor, CblasNoTrans, CblasTrans, i(s.in), i(s.out), i(s.n), 1, xp,
                  i(s.in), zp, i(s.out), 1, wp, i(s.in));
    }
    benchmark::ClobberMemory();
  }
  report<float>(state, s);
}
#endif

template <class Run>
void add(const char* name, Run run) {
  auto* one = benchmark::RegisterBenchmark(name, run);
  one->ArgNames({"in", "out", "n"})->UseRealTime();
  // A tile of the published model, a larger one, its first layer, a small net, an odd size.
  for (const Shape s : {Shape{512, 512, 252}, Shape{512, 512, 1024}, Shape{24, 512, 252},
                        Shape{64, 64, 252}, Shape{67, 59, 131}}) {
    one->Args({s.in, s.out, s.n});
  }
}

}  // namespace

int main(int argc, char** argv) {
  using inrgene::math::Complex;
  using enum Product;
  add("forward/float/ours", ours<float, forward>);
  add("forward/float/eigen", eigen<float, forward>);
  add("to_inputs/float/ours", ours<float, to_inputs>);
  add("to_inputs/float/eigen", eigen<float, to_inputs>);
  add("to_weights/float/ours", ours<float, to_weights>);
  add("to_weights/float/eigen", eigen<float, to_weights>);
#if defined(INRGENE_BENCHMARK_OPENBLAS)
  add("forward/float/openblas", openblas<forward>);
  add("to_inputs/float/openblas", openblas<to_inputs>);
  add("to_weights/float/openblas", openblas<to_weights>);
#endif
  add("forward/double/ours", ours<double, forward>);
  add("forward/double/eigen", eigen<double, forward>);
  using Half = inrgene::Cpu<float, inrgene::Bf16Products>;  // of float's FMA peak
  add("forward/bf16/ours", ours<float, forward, Half>);
  add("to_inputs/bf16/ours", ours<float, to_inputs, Half>);
  add("to_weights/bf16/ours", ours<float, to_weights, Half>);
  add("forward/complex/ours", ours<Complex<float>, forward>);
  add("forward/complex/eigen", eigen<std::complex<float>, forward>);
  add("to_inputs/complex/ours", ours<Complex<float>, to_inputs>);
  add("to_inputs/complex/eigen", eigen<std::complex<float>, to_inputs>);
  add("to_weights/complex/ours", ours<Complex<float>, to_weights>);
  add("to_weights/complex/eigen", eigen<std::complex<float>, to_weights>);
  benchmark::AddCustomContext("vectors", inrgene::bench::vector_name());
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
