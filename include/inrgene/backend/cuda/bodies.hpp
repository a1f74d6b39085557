// What a kernel's threads do, as plain functors: a device runs them in a launch, a test in loops.
// All are generic over the functors that the CPU runs, so that no formula is written twice.
//
// A body says how many `phases` it has and how many bytes its block shares; between two phases the
// threads of a block wait for each other: `phase<P>(place, shared)`.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "inrgene/backend/cuda/launch.hpp"
#include "inrgene/backend/matrix_view.hpp"
#include "inrgene/math/complex.hpp"

namespace inrgene::detail {

/// The type that sums of E's are formed in: double, or a complex number of doubles.
template <class E>
struct SumOf {
  using type = double;
};
template <class T>
struct SumOf<math::Complex<T>> {
  using type = math::Complex<double>;
};
template <class E>
using sum_of = typename SumOf<E>::type;

/// The same number, wider or narrower.
template <class To, class From>
INRGENE_HD INRGENE_INLINE To converted(const From& x) {
  if constexpr (math::is_complex<To>) {
    using T = math::real_of<To>;
    return {static_cast<T>(x.re), static_cast<T>(x.im)};
  } else {
    return static_cast<To>(x);
  }
}

/// R elements of one operand, in registers.
template <class E, int R>
struct Held {
  E values[R];
};

/// A functor with its operands.
template <class F, class Outs, class Ins>
struct Mapping;
template <class F, class... Outs, class... Ins>
struct Mapping<F, std::tuple<MatrixView<Outs>...>, std::tuple<MatrixView<Ins>...>> {
  F f;
  std::tuple<MatrixView<Outs>...> outs;
  std::tuple<MatrixView<Ins>...> ins;

  using Result =
      decltype(std::declval<const F&>()(std::declval<const Ins&>()..., std::declval<Outs&>()...));
  static constexpr int group = elements_a_thread((std::size_t{0} + ... + sizeof(Outs)) +
                                                 (std::size_t{0} + ... + sizeof(Ins)));

  /// Whether all matrices lie without gaps.
  [[nodiscard]] bool flat() const {
    const auto dense = [](const auto&... v) { return ((v.stride == v.rows) && ...); };
    return std::apply(dense, outs) && std::apply(dense, ins);
  }

  /// Applies f to the elements at cells[0 … n - 1], n ≤ group. All are loaded before any is stored:
  /// loads wait for each other otherwise, since an output may be an input. Calls see(k, result of
  /// element k, first output of it) after that.
  template <class See>
  INRGENE_HD INRGENE_INLINE void operator()(const Cell* cells, int n, const See& see) const {
    apply(std::index_sequence_for<Ins...>{}, std::index_sequence_for<Outs...>{}, cells, n, see);
  }

 private:
  template <std::size_t... I, std::size_t... O, class See>
  INRGENE_HD INRGENE_INLINE void apply(std::index_sequence<I...>, std::index_sequence<O...>,
                                       const Cell* cells, int n, const See& see) const {
    std::tuple<Held<std::remove_const_t<Ins>, group>...> in;
    std::tuple<Held<Outs, group>...> out;
    for (int k = 0; k < group; ++k) {
      if (k < n) {
        ((std::get<I>(in).values[k] = std::get<I>(ins)(cells[k].row, cells[k].col)), ...);
      }
    }
    for (int k = 0; k < group; ++k) {
      if (k >= n) continue;
      if constexpr (std::is_void_v<Result>) {
        f(std::as_const(std::get<I>(in).values[k])..., std::get<O>(out).values[k]...);
        see(k, std::get<0>(out).values[k]);
      } else {
        see(k, f(std::as_const(std::get<I>(in).values[k])..., std::get<O>(out).values[k]...));
      }
    }
    for (int k = 0; k < group; ++k) {
      if (k < n) {
        ((std::get<O>(outs)(cells[k].row, cells[k].col) = std::get<O>(out).values[k]), ...);
      }
    }
  }
};

/// Nothing to look at.
struct SeeNothing {
  template <class E>
  INRGENE_HD INRGENE_INLINE void operator()(int /*k*/, const E& /*value*/) const {}
};

/// The cells of elements first, first + block_threads, … of a line, Group at most; how many there
/// are.
template <int Group>
INRGENE_HD INRGENE_INLINE int cells_from(const ElementLine& line, Index first, Cell* cells) {
  int n = 0;
  for (int k = 0; k < Group; ++k) {
    const Index number = first + Index{block_threads} * k;
    if (number >= line.count) continue;
    cells[k] = line[number];
    n = k + 1;
  }
  return n;
}

/// f on every element: each block takes block_threads · group elements, a thread's lie
/// block_threads apart, so that neighbouring threads touch neighbouring memory.
template <class M>
struct MapBody {
  M mapping;
  ElementLine line;

  static constexpr int phases = 1;
  static constexpr std::size_t shared_bytes = 0;
  static constexpr Index chunk = Index{block_threads} * M::group;
  [[nodiscard]] Index blocks() const { return divided_up(line.count, chunk); }

  template <int Phase>
  INRGENE_HD INRGENE_INLINE void phase(const LaunchPlace& at, void* /*shared*/) const {
    Cell cells[M::group];
    const int n = cells_from<M::group>(line, at.block * chunk + at.thread, cells);
    mapping(cells, n, SeeNothing{});
  }
};

/// Halves `values[0 … 2^Levels · width - 1]` level by level: after phase P = 1 … Levels of a body
/// that calls it, the first 2^(Levels - P) · width hold sums. The order is fixed.
template <int Levels, int Phase, class S>
INRGENE_HD INRGENE_INLINE void add_halves(S* values, int thread, int width) {
  const int half = width << (Levels - Phase);
  if (thread < half) values[thread] = values[thread] + values[thread + half];
}

/// Σ f over all elements, and f's outputs. Block by block into `parts`, or, when `parts` is null,
/// by the one block there is onto *slot.
template <class M>
struct SumBody {
  M mapping;
  ElementLine line;
  Index block_count;
  double* parts;
  double* slot;

  static constexpr int levels = 8;
  static_assert(1 << levels == block_threads);
  static constexpr int phases = levels + 2;
  static constexpr std::size_t shared_bytes = block_threads * sizeof(double);
  static constexpr Index chunk = Index{block_threads} * M::group;
  [[nodiscard]] Index blocks() const { return block_count; }

  template <int Phase>
  INRGENE_HD INRGENE_INLINE void phase(const LaunchPlace& at, void* shared) const {
    auto* sums = static_cast<double*>(shared);
    if constexpr (Phase == 0) {
      double sum = 0;
      const auto add = [&sum](int /*k*/, const auto& value) { sum += static_cast<double>(value); };
      for (Index first = at.block * chunk; first < line.count; first += at.blocks * chunk) {
        Cell cells[M::group];
        const int n = cells_from<M::group>(line, first + at.thread, cells);
        mapping(cells, n, add);
      }
      sums[at.thread] = sum;
    } else if constexpr (Phase <= levels) {
      add_halves<levels, Phase>(sums, at.thread, 1);
    } else if (at.thread == 0) {
      if (parts != nullptr) {
        parts[at.block] = sums[0];
      } else {
        *slot += sums[0];
      }
    }
  }
};

/// out(i) += Σ_j v(i, j), v the first output of a mapping. Slice by slice into `parts`
/// [features × slices], or, when `parts` is null, from the one slice there is onto `out`.
template <class M, class E>
struct SumSamplesBody {
  M mapping;
  SampleGrid grid;
  sum_of<E>* parts;
  E* out;

  static constexpr int levels = 3;
  static_assert(1 << levels == SampleGrid::sample_rows);
  static constexpr int phases = levels + 2;
  static constexpr std::size_t shared_bytes = block_threads * sizeof(sum_of<E>);
  [[nodiscard]] Index blocks() const { return grid.blocks(); }

  template <int Phase>
  INRGENE_HD INRGENE_INLINE void phase(const LaunchPlace& at, void* shared) const {
    auto* sums = static_cast<sum_of<E>*>(shared);
    const Index feature = grid.feature(at);
    const Index slice = grid.slice(at);
    if constexpr (Phase == 0) {
      sum_of<E> sum{};
      const auto add = [&sum](int /*k*/, const auto& value) { sum += converted<sum_of<E>>(value); };
      const Index end = feature < grid.features ? grid.begin(slice + 1) : Index{0};
      const Index first = grid.begin(slice) + at.thread / SampleGrid::lanes;
      for (Index j = first; j < end; j += SampleGrid::sample_rows * M::group) {
        Cell cells[M::group];
        int n = 0;
        for (int k = 0; k < M::group; ++k) {
          const Index sample = j + Index{SampleGrid::sample_rows} * k;
          if (sample >= end) continue;
          cells[k] = {feature, sample};
          n = k + 1;
        }
        mapping(cells, n, add);
      }
      sums[at.thread] = sum;
    } else if constexpr (Phase <= levels) {
      add_halves<levels, Phase>(sums, at.thread, SampleGrid::lanes);
    } else if (at.thread < SampleGrid::lanes && feature < grid.features) {
      if (parts != nullptr) {
        parts[feature + slice * grid.features] = sums[at.thread];
      } else {
        out[feature] = converted<E>(converted<sum_of<E>>(out[feature]) + sums[at.thread]);
      }
    }
  }
};

/// out(i, j) = f(i, j).
template <class F, class E>
struct GenerateBody {
  F f;
  MatrixView<E> out;
  ElementLine line;

  static constexpr int phases = 1;
  static constexpr std::size_t shared_bytes = 0;
  static constexpr int group = 2;
  static constexpr Index chunk = Index{block_threads} * group;
  [[nodiscard]] Index blocks() const { return divided_up(line.count, chunk); }

  template <int Phase>
  INRGENE_HD INRGENE_INLINE void phase(const LaunchPlace& at, void* /*shared*/) const {
    for (int k = 0; k < group; ++k) {
      const Index number = at.block * chunk + Index{block_threads} * k + at.thread;
      if (number >= line.count) continue;
      const Cell cell = line[number];
      out(cell.row, cell.col) = f(cell.row, cell.col);
    }
  }
};

}  // namespace inrgene::detail
