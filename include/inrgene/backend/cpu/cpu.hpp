// The CPU backend: samples in tiles, one worker a core, products by our own kernels (Eigen's for
// complex numbers, and where asked for), vectorised loops for everything elementwise.
#pragma once

#include <algorithm>
#include <complex>
#include <memory>
#include <span>
#include <tuple>
#include <type_traits>
#include <vector>

#include "inrgene/backend/backend.hpp"
#include "inrgene/backend/cpu/map_blocks.hpp"
#include "inrgene/backend/cpu/packed_weights.hpp"
#include "inrgene/backend/cpu/tiled_product.hpp"
#include "inrgene/backend/host_buffer.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/math/complex.hpp"
#include "inrgene/math/gemm.hpp"

namespace inrgene {

/// Real products by this library's micro-kernel (backend/cpu/tiled_product.hpp).
struct TiledProducts {};
/// All products by Eigen: a second opinion in the tests.
struct EigenProducts {};

/// Runs on the host's cores in precision T (float to work, double to check gradients).
template <class T = float, class Products = TiledProducts>
struct Cpu {
  Threads threads{};  ///< 0: all cores
  /// Samples a worker takes at a time; as many as fill half of 1 MiB with 512 features.
  Index tile_samples = detail::samples_at_a_time<T>;
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

}  // namespace detail

template <class T, class Products>
struct backend_traits<Cpu<T, Products>> {
  using scalar = T;
  using backend = Cpu<T, Products>;
  template <class E>
  using buffer = HostBuffer<E>;
  /// One worker's scratch, on a cache line of its own, and within a run the weights of all.
  struct alignas(64) context {
    detail::ProductScratch<T> scratch;
    detail::PackedWeights<T>* weights = nullptr;

    detail::Panels<T> packed(MatrixView<const T> w, detail::WeightUse use) {
      return weights != nullptr ? (*weights)(w, use)
                                : detail::PackedWeights<T>::pack(w, use, scratch.panels);
    }
  };
  struct contexts {
    std::vector<context> workers;
    std::unique_ptr<detail::PackedWeights<T>> weights;
  };

  static int workers(const backend& b) { return b.threads.resolved(); }
  static Index tile_samples(const backend& b) { return b.tile_samples; }
  static Index tile_multiple(const backend& /*b*/) { return detail::KernelShape<T>::samples; }

  template <class Task>
  static void run(const backend& b, int workers, Task&& task) {
    contexts fresh;
    run(b, fresh, workers, task);
  }
  template <class Task>
  static void run(const backend& /*b*/, contexts& kept, int workers, Task&& task) {
    const auto count = static_cast<std::size_t>(std::max(workers, 1));
    if (kept.weights == nullptr) kept.weights = std::make_unique<detail::PackedWeights<T>>();
    while (kept.workers.size() < count) kept.workers.emplace_back().weights = kept.weights.get();
    kept.weights->begin_run();
    run_workers(workers,
                [&](int worker) { task(worker, kept.workers[static_cast<std::size_t>(worker)]); });
  }

  template <class E>
  static void upload(const backend& /*b*/, std::span<const E> host, E* device) {
    std::copy(host.begin(), host.end(), device);
  }
  template <class E>
  static void download(const backend& /*b*/, const E* device, std::span<E> host) {
    std::copy_n(device, host.size(), host.begin());
  }
  template <class E>
  static void fill(context& /*c*/, MatrixView<E> m, E value) {
    for (Index j = 0; j < m.cols; ++j) std::fill_n(m.data + j * m.stride, m.rows, value);
  }

  template <Op OpA, Op OpB, class E>
  static void gemm(context& c, MatrixView<const E> a, MatrixView<const E> b, MatrixView<E> out,
                   Write write) {
    if constexpr (tiled<E>) {
      const bool transposed = OpA == Op::transpose;
      if ((transposed ? a.rows : a.cols) > 0) {
        detail::TiledProduct<T>(a, transposed, spread<OpB>(b))(out, write == Write::add, c.scratch);
      } else if (write == Write::replace) {
        fill(c, out, E{});
      }
    } else {
      if (write == Write::replace) fill(c, out, E{});
      math::gemm_add<detail::gemm_factor(OpA), detail::gemm_factor(OpB)>(
          detail::gemm_operand(a), detail::gemm_operand(b), detail::gemm_operand(out));
    }
  }

  template <class E>
  static void affine(context& c, MatrixView<const E> w, MatrixView<const E> bias,
                     MatrixView<const E> x, MatrixView<E> z) {
    if constexpr (tiled<E>) {
      detail::run_panel_product<T>({.panels = c.packed(w, detail::WeightUse::forward),
                                    .spread = spread<Op::none>(x),
                                    .samples = x.cols,
                                    .bias = bias,
                                    .out = z},
                                   c.scratch.spread);
    } else {
      if (!bias.empty()) {
        for (Index j = 0; j < z.cols; ++j) std::copy_n(bias.data, z.rows, z.data + j * z.stride);
      }
      gemm<Op::transpose, Op::none, E>(c, w, x, z, bias.empty() ? Write::replace : Write::add);
    }
  }

  template <class E>
  static void pull_affine(context& c, MatrixView<const E> w, MatrixView<const E> dL_dz,
                          MatrixView<E> dL_dx, Write write) {
    if constexpr (tiled<E>) {
      detail::run_panel_product<T>({.panels = c.packed(w, detail::WeightUse::backward),
                                    .spread = spread<Op::none>(dL_dz),
                                    .samples = dL_dz.cols,
                                    .out = dL_dx,
                                    .add = write == Write::add},
                                   c.scratch.spread);
    } else {
      gemm<Op::conjugate, Op::none, E>(c, w, dL_dz, dL_dx, write);
    }
  }

  template <class F, class E, class... Outs>
  static void affine_map(context& c, MatrixView<const E> w, MatrixView<const E> bias,
                         MatrixView<const E> x, const F& f, std::tuple<MatrixView<Outs>...> outs) {
    const auto& z = std::get<0>(outs);
    if constexpr (tiled<E>) {
      const detail::MapEpilogue<T, F, Outs...> after{f, outs};
      detail::run_panel_product<T>({.panels = c.packed(w, detail::WeightUse::forward),
                                    .spread = spread<Op::none>(x),
                                    .samples = x.cols,
                                    .bias = bias,
                                    .epilogue = {&after.finish, &after}},
                                   c.scratch.spread);
    } else {
      affine(c, w, bias, x, z);
      map(c, f, outs, MatrixView<const E>(z));
    }
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

  template <class F, class E, class... Ins>
  static void map_sum_samples(context& /*c*/, const F& f, MatrixView<E> out, MatrixView<E> sums,
                              MatrixView<Ins>... ins) {
    for (Index j = 0; j < out.cols; ++j) {
      for (Index i = 0; i < out.rows; i += detail::cpu_block) {
        const Index n = std::min(detail::cpu_block, out.rows - i);
        E* to = out.data + i + j * out.stride;
        E* sum = sums.data + i;
        const auto add = [&](auto count) {
          detail::map_elements(
              [&f](const E& before, const Ins&... in, E& value, E& after) {
                f(in..., value);
                after = before + value;
              },
              count, std::tuple<E*, E*>(to, sum), static_cast<const E*>(sum),
              static_cast<const std::remove_const_t<Ins>*>(ins.data + i + j * ins.stride)...);
        };
        if (n == detail::cpu_block) {
          add(std::integral_constant<Index, detail::cpu_block>{});
        } else {
          add(n);
        }
      }
    }
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

 private:
  template <class E>
  static constexpr bool tiled = std::is_same_v<Products, TiledProducts>&& std::is_same_v<E, T>;

  template <Op O>
  static detail::SpreadFactor<T> spread(MatrixView<const T> m) {
    return O == Op::transpose ? detail::SpreadFactor<T>{m.data, m.stride, 1}
                              : detail::SpreadFactor<T>{m.data, 1, m.stride};
  }
};

static_assert(Backend<Cpu<float>> && Backend<Cpu<double>> && Backend<Cpu<float, EigenProducts>>);

}  // namespace inrgene
