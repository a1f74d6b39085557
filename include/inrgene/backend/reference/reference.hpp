// The reference backend: every operation as the plain loops of its definition, one thread, no
// library, sums in double. Slow and obviously right; the tests hold every other backend against it.
#pragma once

#include <algorithm>
#include <span>
#include <tuple>
#include <type_traits>

#include "inrgene/backend/backend.hpp"
#include "inrgene/backend/composed_products.hpp"
#include "inrgene/backend/host_buffer.hpp"
#include "inrgene/math/complex.hpp"

namespace inrgene {

/// Plain loops in precision T.
template <class T = double>
struct Reference {};

namespace detail {

/// The same number in double.
template <class T>
[[nodiscard]] double widened(T x) {
  return static_cast<double>(x);
}
template <class T>
[[nodiscard]] math::Complex<double> widened(const math::Complex<T>& z) {
  return {static_cast<double>(z.re), static_cast<double>(z.im)};
}
/// Rounded to what `E` holds.
template <class E, class W>
[[nodiscard]] E narrowed(const W& x) {
  if constexpr (math::is_complex<E>) {
    using T = math::real_of<E>;
    return {static_cast<T>(x.re), static_cast<T>(x.im)};
  } else {
    return static_cast<E>(x);
  }
}

}  // namespace detail

template <class T>
struct backend_traits<Reference<T>> : detail::ComposedProducts<backend_traits<Reference<T>>> {
  using scalar = T;
  template <class E>
  using buffer = HostBuffer<E>;
  struct context {};
  struct contexts {};

  static int workers(const Reference<T>& /*b*/) { return 1; }
  static Index tile_samples(const Reference<T>& /*b*/) { return 64; }
  static Index tile_multiple(const Reference<T>& /*b*/) { return 1; }

  template <class Task>
  static void run(const Reference<T>& /*b*/, int workers, Task&& task) {
    context c;
    for (int worker = 0; worker < workers; ++worker) task(worker, c);
  }
  template <class Task>
  static void run(const Reference<T>& b, contexts& /*kept*/, int workers, Task&& task) {
    run(b, workers, task);
  }

  template <class E>
  static void upload(const Reference<T>& /*b*/, std::span<const E> host, E* device) {
    std::copy(host.begin(), host.end(), device);
  }
  template <class E>
  static void download(const Reference<T>& /*b*/, const E* device, std::span<E> host) {
    std::copy_n(device, host.size(), host.begin());
  }
  template <class E>
  static void fill(context& c, MatrixView<E> m, E value) {
    generate(
        c, [value](Index, Index) { return value; }, m);
  }

  template <Op O, class E>
  static E element(MatrixView<const E> m, Index i, Index j) {
    if constexpr (O == Op::transpose) {
      return m(j, i);
    } else if constexpr (O == Op::conjugate) {
      return math::conjugate(m(i, j));
    } else {
      return m(i, j);
    }
  }

  template <Op OpA, Op OpB, class E>
  static void gemm(context& /*c*/, MatrixView<const E> a, MatrixView<const E> b, MatrixView<E> c,
                   Write write) {
    const Index inner = OpA == Op::transpose ? a.rows : a.cols;
    for (Index j = 0; j < c.cols; ++j) {
      for (Index i = 0; i < c.rows; ++i) {
        auto sum = detail::widened(write == Write::add ? c(i, j) : E{});
        for (Index k = 0; k < inner; ++k) {
          sum +=
              detail::widened(element<OpA, E>(a, i, k)) * detail::widened(element<OpB, E>(b, k, j));
        }
        c(i, j) = detail::narrowed<E>(sum);
      }
    }
  }

  template <class E>
  static void affine(context& c, MatrixView<const E> w, MatrixView<const E> bias,
                     MatrixView<const E> x, MatrixView<E> z) {
    generate(
        c, [bias](Index i, Index) { return bias.empty() ? E{} : bias.data[i]; }, z);
    gemm<Op::transpose, Op::none, E>(c, w, x, z, Write::add);
  }

  template <class F, class... Outs, class... Ins>
  static void map(context& /*c*/, const F& f, std::tuple<MatrixView<Outs>...> outs,
                  MatrixView<Ins>... ins) {
    const auto& shape = std::get<0>(outs);
    for (Index j = 0; j < shape.cols; ++j) {
      for (Index i = 0; i < shape.rows; ++i) {
        // By value: an output may lie where an input does.
        std::apply([&](auto... o) { f(std::remove_const_t<Ins>(ins(i, j))..., o(i, j)...); }, outs);
      }
    }
  }

  template <class F, class... Outs, class First, class... Ins>
  static void sum_map(context& /*c*/, double* slot, const F& f,
                      std::tuple<MatrixView<Outs>...> outs, MatrixView<First> first,
                      MatrixView<Ins>... ins) {
    for (Index j = 0; j < first.cols; ++j) {
      for (Index i = 0; i < first.rows; ++i) {
        *slot += static_cast<double>(
            std::apply([&](auto... o) { return f(first(i, j), ins(i, j)..., o(i, j)...); }, outs));
      }
    }
  }

  template <class F, class E, class... Ins>
  static void map_sum_samples(context& c, const F& f, MatrixView<E> out, MatrixView<E> sums,
                              MatrixView<Ins>... ins) {
    map(c, f, std::tuple(out), ins...);
    sum_samples(c, MatrixView<const E>(out), sums);
  }

  template <class F, class E>
  static void generate(context& /*c*/, const F& f, MatrixView<E> out) {
    for (Index j = 0; j < out.cols; ++j) {
      for (Index i = 0; i < out.rows; ++i) out(i, j) = f(i, j);
    }
  }

  template <class E>
  static void sum_samples(context& /*c*/, MatrixView<const E> x, MatrixView<E> out) {
    for (Index i = 0; i < x.rows; ++i) {
      auto sum = detail::widened(out.data[i]);
      for (Index j = 0; j < x.cols; ++j) sum += detail::widened(x(i, j));
      out.data[i] = detail::narrowed<E>(sum);
    }
  }
};

static_assert(Backend<Reference<float>> && Backend<Reference<double>>);

}  // namespace inrgene
