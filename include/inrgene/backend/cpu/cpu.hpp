// The CPU backend: samples in tiles, one worker a core, products by our own kernels (backend/cpu/
// products.hpp offers others), vectorised loops for everything elementwise.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <tuple>
#include <type_traits>
#include <vector>

#include "inrgene/backend/backend.hpp"
#include "inrgene/backend/cpu/map_blocks.hpp"
#include "inrgene/backend/cpu/packed_weights.hpp"
#include "inrgene/backend/cpu/products.hpp"
#include "inrgene/backend/cpu/tiled_product.hpp"
#include "inrgene/backend/host_buffer.hpp"
#include "inrgene/backend/real_parts.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/math/complex.hpp"

namespace inrgene {

/// Runs on the host's cores in precision T (float to work, double to check gradients).
template <class T = float, class Products = TiledProducts>
struct Cpu {
  Threads threads{};  ///< 0: all cores
  /// Samples a worker takes at a time; as many as fill half of 1 MiB with 512 features.
  Index tile_samples = detail::samples_at_a_time<T>;
};

template <class T, class Products>
struct backend_traits<Cpu<T, Products>> {
  using scalar = T;
  using backend = Cpu<T, Products>;
  template <class E>
  using buffer = HostBuffer<E>;
  /// One worker's scratch, on a cache line of its own, and within a run the weights of all.
  struct alignas(64) context {
    detail::ProductScratch scratch;
    detail::PackedWeights* weights = nullptr;

    template <class Format, class E>
    detail::Panels<Format> packed(MatrixView<const E> w, detail::WeightUse use) {
      return weights != nullptr
                 ? weights->template get<Format>(w, use)
                 : detail::PackedWeights::template pack<Format>(w, use, scratch.panels);
    }
  };
  struct contexts {
    std::vector<context> workers;
    std::unique_ptr<detail::PackedWeights> weights;
  };

  static int workers(const backend& b) { return b.threads.resolved(); }
  static Index tile_samples(const backend& b) { return b.tile_samples; }
  static Index tile_multiple(const backend& /*b*/) { return detail::KernelShape<T>::samples; }

  /// Takes no memory of its own.
  template <class Task>
  static void run(const backend& /*b*/, int workers, Task&& task) {
    detail::PackedWeights weights;
    weights.begin_run();
    run_workers(workers, [&](int worker) {
      context c;
      c.weights = &weights;
      task(worker, c);
    });
  }
  template <class Task>
  static void run(const backend& /*b*/, contexts& kept, int workers, Task&& task) {
    const auto count = static_cast<std::size_t>(std::max(workers, 1));
    if (kept.weights == nullptr) kept.weights = std::make_unique<detail::PackedWeights>();
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
    const Index depth = OpA == Op::transpose ? a.rows : a.cols;
    if (write == Write::replace && (depth == 0 || !own_kernel)) fill(c, out, E{});
    if constexpr (own_kernel) {
      constexpr bool weight_gradient = OpA == Op::conjugate && OpB == Op::transpose;
      if (depth == 0) return;
      in_format<E>(!weight_gradient || detail::is_narrow(out.rows, out.cols),
                   [&]<class Format>(Format /*tag*/) {
                     product<Format, OpA, OpB>(c, a, b, detail::as_reals(out), write == Write::add);
                   });
    } else {
      Products::template gemm_add<OpA, OpB>(a, b, out);
    }
  }

  template <class E>
  static void affine(context& c, MatrixView<const E> w, MatrixView<const E> bias,
                     MatrixView<const E> x, MatrixView<E> z) {
    if constexpr (own_kernel) {
      weight_product(c, w, detail::WeightUse::forward, x,
                     {.bias = detail::as_reals(bias), .out = detail::as_reals(z)});
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
    if constexpr (own_kernel) {
      weight_product(c, w, detail::WeightUse::backward, dL_dz,
                     {.out = detail::as_reals(dL_dx), .add = write == Write::add});
    } else {
      gemm<Op::conjugate, Op::none, E>(c, w, dL_dz, dL_dx, write);
    }
  }

  template <class F, class E, class... Outs>
  static void affine_map(context& c, MatrixView<const E> w, MatrixView<const E> bias,
                         MatrixView<const E> x, const F& f, std::tuple<MatrixView<Outs>...> outs) {
    if constexpr (own_kernel) {
      const detail::MapEpilogue<E, F, Outs...> after{f, outs};
      weight_product(c, w, detail::WeightUse::forward, x,
                     {.bias = detail::as_reals(bias), .epilogue = {&after.finish, &after}});
    } else {
      const auto& z = std::get<0>(outs);
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
  static constexpr bool own_kernel =
      !std::is_void_v<typename detail::ProductFormat<T, Products>::type>;

  /// Calls f with the policy's format for elements E, or with that of all digits.
  template <class E, class F>
  static void in_format(bool all_digits, const F& f) {
    using Format = typename detail::ProductFormat<E, Products>::type;
    if constexpr (Format::steps > 1) {
      if (all_digits) return f(detail::Full<T>{});
    }
    f(Format{});
  }

  /// What follows a product of a weight.
  struct Finish {
    MatrixView<const T> bias{};
    MatrixView<T> out{};
    bool add = false;
    detail::BlockEpilogue<T> epilogue{};
  };

  template <class E>
  static void weight_product(context& c, MatrixView<const E> w, detail::WeightUse use,
                             MatrixView<const E> x, const Finish& finish) {
    in_format<E>(detail::is_narrow(w.rows, w.cols), [&]<class Format>(Format /*tag*/) {
      const auto reals = detail::as_reals(x);
      detail::run_panel_product<Format>({.panels = c.template packed<Format>(w, use),
                                         .spread = {reals.data, 1, reals.stride},
                                         .samples = x.cols,
                                         .bias = finish.bias,
                                         .out = finish.out,
                                         .add = finish.add,
                                         .epilogue = finish.epilogue},
                                        c.scratch.spread);
    });
  }

  template <class Format, Op OpA, Op OpB, class E>
  static void product(context& c, MatrixView<const E> a, MatrixView<const E> b, MatrixView<T> out,
                      bool add) {
    const auto reals = detail::as_reals(b);
    detail::PanelSource<E> source{a, OpA == Op::transpose};
    const auto run = [&](detail::SpreadFactor<T> spread, bool adds) {
      detail::TiledProduct<Format, E>(source, spread)(out, adds, c.scratch);
    };
    if constexpr (!math::is_complex<E>) {
      run(OpB == Op::transpose ? detail::SpreadFactor<T>{b.data, b.stride, 1}
                               : detail::SpreadFactor<T>{b.data, 1, b.stride},
          add);
    } else {
      source.conjugated = OpA == Op::conjugate;
      source.other_conjugated = OpB == Op::conjugate;
      if (OpB != Op::transpose) return run({reals.data, 1, reals.stride}, add);
      // The parts of a number lie otherwise than the numbers: one product of each.
      source.rows = detail::ComplexRows::of_real;
      run({reals.data, reals.stride, 2}, add);
      source.rows = detail::ComplexRows::of_imaginary;
      run({reals.data + 1, reals.stride, 2}, true);
    }
  }
};

static_assert(Backend<Cpu<float>> && Backend<Cpu<double>> && Backend<Cpu<float, Bf16Products>>);

}  // namespace inrgene
