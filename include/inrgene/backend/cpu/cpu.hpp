// The CPU backend: samples in tiles, one worker a core, Eigen for the products, vectorised loops
// for everything elementwise.
#pragma once

#include <algorithm>
#include <array>
#include <complex>
#include <span>
#include <tuple>
#include <utility>

#include "inrgene/backend/backend.hpp"
#include "inrgene/backend/host_buffer.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/math/complex.hpp"
#include "inrgene/math/gemm.hpp"

namespace inrgene {

/// Runs on the host's cores in precision T (float to work, double to check gradients).
template <class T = float>
struct Cpu {
  Threads threads{};         ///< 0: all cores
  Index tile_samples = 512;  ///< samples a worker takes at a time
};

namespace detail {

template <class E>
struct GemmScalar {
  using type = E;
};
template <class T>
struct GemmScalar<math::Complex<T>> {
  using type = std::complex<T>;
};

/// The same memory as a gemm sees it. Complex<T> has the layout of std::complex<T>.
template <class E>
auto gemm_operand(MatrixView<E> v) {
  using S = typename GemmScalar<std::remove_const_t<E>>::type;
  using Element = std::conditional_t<std::is_const_v<E>, const S, S>;
  return math::GemmOperand<Element>{reinterpret_cast<Element*>(v.data), v.rows, v.cols, v.stride};
}

constexpr math::Factor gemm_factor(Op op) {
  return op == Op::transpose   ? math::Factor::transposed
         : op == Op::conjugate ? math::Factor::conjugated
                               : math::Factor::plain;
}

/// Elements a vectorised loop works on at a time, in registers or first-level cache.
inline constexpr Index cpu_block = 32;

/// Runs f on one block: loads all inputs to local arrays first, stores all outputs last. The
/// arrays cannot overlap, so the loop between them vectorises even when the map is in place.
template <class F, class... Outs, class... Ins>
INRGENE_INLINE auto map_block(const F& f, Index n, std::tuple<Outs*...> outs, const Ins*... ins) {
  using Result = decltype(f(*ins..., std::declval<Outs&>()...));
  std::tuple<std::array<Ins, cpu_block>...> in;
  std::tuple<std::array<Outs, cpu_block>...> out;
  return [&]<std::size_t... I, std::size_t... O>(std::index_sequence<I...>,
                                                 std::index_sequence<O...>) {
    (std::copy_n(ins, n, std::get<I>(in).data()), ...);
    if constexpr (std::is_void_v<Result>) {
      for (Index k = 0; k < n; ++k) f(std::get<I>(in).data()[k]..., std::get<O>(out).data()[k]...);
      (std::copy_n(std::get<O>(out).data(), n, std::get<O>(outs)), ...);
    } else {
      std::array<Result, cpu_block> results;
      for (Index k = 0; k < n; ++k) {
        results.data()[k] = f(std::get<I>(in).data()[k]..., std::get<O>(out).data()[k]...);
      }
      (std::copy_n(std::get<O>(out).data(), n, std::get<O>(outs)), ...);
      double sum = 0;
      for (Index k = 0; k < n; ++k) sum += static_cast<double>(results.data()[k]);
      return sum;
    }
  }
  (std::index_sequence_for<Ins...>{}, std::index_sequence_for<Outs...>{});
}

/// Calls `visit(i, j, n)` for blocks of n ≤ `cpu_block` features of sample j; matrices without gaps
/// are walked as one long column.
template <class Visit, class... Views>
void visit_blocks(const Visit& visit, const Views&... views) {
  const auto& shape = std::get<0>(std::tie(views...));
  Index rows = shape.rows;
  Index cols = shape.cols;
  if (((views.stride == views.rows) && ...)) {
    rows *= cols;
    cols = rows == 0 ? 0 : 1;
  }
  for (Index j = 0; j < cols; ++j) {
    for (Index i = 0; i < rows; i += cpu_block) visit(i, j, std::min(cpu_block, rows - i));
  }
}

}  // namespace detail

template <class T>
struct backend_traits<Cpu<T>> {
  using scalar = T;
  template <class E>
  using buffer = HostBuffer<E>;
  struct context {};

  static int workers(const Cpu<T>& b) { return b.threads.resolved(); }
  static Index tile_samples(const Cpu<T>& b) { return b.tile_samples; }

  template <class Task>
  static void run(const Cpu<T>& /*b*/, int workers, Task&& task) {
    run_workers(workers, [&](int worker) {
      context c;
      task(worker, c);
    });
  }

  template <class E>
  static void upload(const Cpu<T>& /*b*/, std::span<const E> host, E* device) {
    std::copy(host.begin(), host.end(), device);
  }
  template <class E>
  static void download(const Cpu<T>& /*b*/, const E* device, std::span<E> host) {
    std::copy_n(device, host.size(), host.begin());
  }
  template <class E>
  static void fill(context& /*c*/, MatrixView<E> m, E value) {
    for (Index j = 0; j < m.cols; ++j) std::fill_n(m.data + j * m.stride, m.rows, value);
  }

  template <Op OpA, Op OpB, class E>
  static void gemm(context& c, MatrixView<const E> a, MatrixView<const E> b, MatrixView<E> out,
                   Write write) {
    if (write == Write::replace) fill(c, out, E{});
    math::gemm_add<detail::gemm_factor(OpA), detail::gemm_factor(OpB)>(
        detail::gemm_operand(a), detail::gemm_operand(b), detail::gemm_operand(out));
  }

  template <class E>
  static void affine(context& c, MatrixView<const E> w, MatrixView<const E> bias,
                     MatrixView<const E> x, MatrixView<E> z) {
    for (Index j = 0; j < z.cols; ++j) std::copy_n(bias.data, z.rows, z.data + j * z.stride);
    gemm<Op::transpose, Op::none, E>(c, w, x, z, Write::add);
  }

  template <class F, class... Outs, class... Ins>
  static void map(context& /*c*/, const F& f, std::tuple<MatrixView<Outs>...> outs,
                  MatrixView<Ins>... ins) {
    std::apply(
        [&](auto... o) {
          detail::visit_blocks(
              [&](Index i, Index j, Index n) {
                detail::map_block(
                    f, n, std::tuple<Outs*...>(o.data + i + j * o.stride...),
                    static_cast<const std::remove_const_t<Ins>*>(ins.data + i + j * ins.stride)...);
              },
              o..., ins...);
        },
        outs);
  }

  template <class F, class... Outs, class... Ins>
  static void sum_map(context& /*c*/, double* slot, const F& f,
                      std::tuple<MatrixView<Outs>...> outs, MatrixView<Ins>... ins) {
    std::apply(
        [&](auto... o) {
          detail::visit_blocks(
              [&](Index i, Index j, Index n) {
                *slot += detail::map_block(
                    f, n, std::tuple<Outs*...>(o.data + i + j * o.stride...),
                    static_cast<const std::remove_const_t<Ins>*>(ins.data + i + j * ins.stride)...);
              },
              ins..., o...);
        },
        outs);
  }

  template <class F, class E>
  static void generate(context& /*c*/, const F& f, MatrixView<E> out) {
    for (Index j = 0; j < out.cols; ++j) {
      for (Index i = 0; i < out.rows; ++i) out(i, j) = f(i, j);
    }
  }

  template <class E>
  static void sum_samples(context& /*c*/, MatrixView<const E> x, MatrixView<E> out) {
    for (Index j = 0; j < x.cols; ++j) {
      for (Index i = 0; i < x.rows; ++i) out.data[i] = out.data[i] + x(i, j);
    }
  }
};

static_assert(Backend<Cpu<float>> && Backend<Cpu<double>>);

}  // namespace inrgene
