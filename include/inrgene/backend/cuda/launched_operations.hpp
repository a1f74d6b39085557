// The operations of a backend that are no products, as launches. Generic over the launcher, so that
// a test runs the same bodies on the host.
#pragma once

#include <tuple>

#include "inrgene/backend/backend.hpp"
#include "inrgene/backend/cuda/bodies.hpp"
#include "inrgene/backend/cuda/kernel_functors.hpp"

namespace inrgene::detail {

template <class F, class... Outs, class... Ins>
Mapping<F, std::tuple<MatrixView<Outs>...>, std::tuple<MatrixView<Ins>...>> make_mapping(
    const F& f, std::tuple<MatrixView<Outs>...> outs, MatrixView<Ins>... ins) {
  return {f, outs, std::tuple<MatrixView<Ins>...>(ins...)};
}

/// The elementwise and summing members of backend_traits. `Launcher` has
/// - `launch(body)`: runs a body's blocks after what was launched before;
/// - `parts<S>(count)`: memory for `count` partial sums, until the next call.
/// Sums are formed in double and in an order that the shape alone decides.
template <class Launcher>
struct LaunchedOperations {
  template <class E>
  static void fill(Launcher& c, MatrixView<E> m, E value) {
    generate(c, ConstantKernel<E>{value}, m);
  }

  template <class F, class... Outs, class... Ins>
  static void map(Launcher& c, const F& f, std::tuple<MatrixView<Outs>...> outs,
                  MatrixView<Ins>... ins) {
    const auto& shape = std::get<0>(outs);
    if (shape.rows == 0 || shape.cols == 0) return;
    const auto m = make_mapping(f, outs, ins...);
    c.launch(MapBody<std::remove_const_t<decltype(m)>>{m, {shape.rows, shape.cols, m.flat()}});
  }

  template <class F, class... Outs, class First, class... Ins>
  static void sum_map(Launcher& c, double* slot, const F& f, std::tuple<MatrixView<Outs>...> outs,
                      MatrixView<First> first, MatrixView<Ins>... ins) {
    if (first.rows == 0 || first.cols == 0) return;
    const auto m = make_mapping(f, outs, first, ins...);
    using Body = SumBody<std::remove_const_t<decltype(m)>>;
    const ElementLine line(first.rows, first.cols, m.flat());
    const Index blocks = sum_blocks(line.count, Body::chunk);
    if (blocks == 1) {
      c.launch(Body{m, line, 1, nullptr, slot});
      return;
    }
    double* parts = c.template parts<double>(blocks);
    c.launch(Body{m, line, blocks, parts, nullptr});
    const auto rest =
        make_mapping(PassOn{}, std::tuple<>{}, MatrixView<const double>(parts, blocks, 1));
    c.launch(
        SumBody<std::remove_const_t<decltype(rest)>>{rest, {blocks, 1, true}, 1, nullptr, slot});
  }

  template <class F, class E>
  static void generate(Launcher& c, const F& f, MatrixView<E> out) {
    if (out.rows == 0 || out.cols == 0) return;
    c.launch(GenerateBody<F, E>{f, out, {out.rows, out.cols, out.cols == 1}});
  }

  template <class E>
  static void sum_samples(Launcher& c, MatrixView<const E> x, MatrixView<E> out) {
    sum_slices(c, make_mapping(PassOn{}, std::tuple<>{}, x), x.rows, x.cols, out.data);
  }

  template <class F, class E, class... Ins>
  static void map_sum_samples(Launcher& c, const F& f, MatrixView<E> out, MatrixView<E> sums,
                              MatrixView<Ins>... ins) {
    sum_slices(c, make_mapping(f, std::tuple(out), ins...), out.rows, out.cols, sums.data);
  }

 private:
  /// sums(i) += Σ_j of what the mapping gives; the slices of a long sum are summed by a second
  /// launch.
  template <class M, class E>
  static void sum_slices(Launcher& c, const M& m, Index features, Index samples, E* sums) {
    if (features == 0 || samples == 0) return;
    constexpr Index most_slices = 128;
    const SampleGrid grid = SampleGrid::of(features, samples, most_slices);
    if (grid.slices == 1) {
      c.launch(SumSamplesBody<M, E>{m, grid, nullptr, sums});
      return;
    }
    using S = sum_of<E>;
    S* parts = c.template parts<S>(features * grid.slices);
    c.launch(SumSamplesBody<M, E>{m, grid, parts, nullptr});
    const auto rest =
        make_mapping(PassOn{}, std::tuple<>{}, MatrixView<const S>(parts, features, grid.slices));
    c.launch(SumSamplesBody<std::remove_const_t<decltype(rest)>, E>{
        rest, {features, grid.slices, 1}, nullptr, sums});
  }
};

}  // namespace inrgene::detail
