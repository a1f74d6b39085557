// What the tests of the CPU's products share: operands in NaN, whole memories compared, and all
// that a layer asks a backend for.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

#include "inrgene/backend/backend.hpp"
#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/backend/cpu/eigen_products.hpp"
#include "inrgene/backend/reference/reference.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/math/complex.hpp"

namespace inrgene::test {

inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// A number that is drawn, or the same in each part.
template <class E>
E drawn(Random& random) {
  using T = math::real_of<E>;
  if constexpr (math::is_complex<E>) {
    const T re = static_cast<T>(random.uniform(-1, 1));
    return {re, static_cast<T>(random.uniform(-1, 1))};
  } else {
    return static_cast<T>(random.uniform(-1, 1));
  }
}
template <class E>
E everywhere(double value) {
  const auto part = static_cast<math::real_of<E>>(value);
  if constexpr (math::is_complex<E>) {
    return {part, part};
  } else {
    return part;
  }
}

/// Random numbers with `gap` elements of `between` behind every column and in front of the first.
template <class E>
struct Framed {
  std::vector<E> memory;
  Index rows, cols, stride, front;

  Framed(Index r, Index c, Index gap, double between, Random& random)
      : memory(static_cast<std::size_t>((r + gap) * c + gap), everywhere<E>(between)),
        rows(r),
        cols(c),
        stride(r + gap),
        front(gap) {
    for (Index j = 0; j < c; ++j) {
      for (Index i = 0; i < r; ++i) view()(i, j) = drawn<E>(random);
    }
  }
  MatrixView<E> view() { return {memory.data() + front, rows, cols, stride}; }
  MatrixView<const E> constant() { return view(); }
};

/// The largest difference of two numbers' parts; NaN where one is.
template <class E>
double distance(const std::vector<E>& a, const std::vector<E>& b) {
  double worst = 0;
  const auto compare = [&](auto p, auto q) {
    const double d = std::abs(static_cast<double>(p) - static_cast<double>(q));
    if (!(d <= worst)) worst = d;  // a NaN stays
  };
  for (std::size_t i = 0; i < a.size(); ++i) {
    if constexpr (math::is_complex<E>) {
      compare(a[i].re, b[i].re);
      compare(a[i].im, b[i].im);
    } else {
      compare(a[i], b[i]);
    }
  }
  return worst;
}

/// Sums of k products of numbers with parts in [-1, 1], rounded in any order.
template <class E>
double tolerance(Index k) {
  using Limits = std::numeric_limits<math::real_of<E>>;
  return 4 * math::components<E> * static_cast<double>(k + 1) *
         static_cast<double>(Limits::epsilon());
}

struct Size {
  Index m, n, k, gap;
};

/// One product on backend B, with all the memory it lies in.
template <class B, Op OpA, Op OpB, class E>
std::vector<E> product(Framed<E>& a, Framed<E>& b, Framed<E> c, Write write) {
  typename backend_traits<B>::context context;
  backend_traits<B>::template gemm<OpA, OpB, E>(context, a.constant(), b.constant(), c.view(),
                                                write);
  return c.memory;
}

struct TwoOutputs {
  template <class E>
  INRGENE_HD void operator()(const E& z, E& y, E& square) const {
    y = z + z;
    square = z * z;
  }
};
/// Own products against plain loops.
template <Op OpA, Op OpB, class E>
void check_product(const Size& s, Random& random) {
  Framed<E> a = OpA == Op::transpose ? Framed<E>(s.k, s.m, s.gap, not_a_number, random)
                                     : Framed<E>(s.m, s.k, s.gap, not_a_number, random);
  Framed<E> b = OpB == Op::transpose ? Framed<E>(s.n, s.k, s.gap, not_a_number, random)
                                     : Framed<E>(s.k, s.n, s.gap, not_a_number, random);
  const Framed<E> c(s.m, s.n, s.gap, 7.0, random);
  for (const Write write : {Write::replace, Write::add}) {
    const auto own = product<Cpu<math::real_of<E>>, OpA, OpB>(a, b, c, write);
    const auto plain = product<Reference<math::real_of<E>>, OpA, OpB>(a, b, c, write);
    if (distance(own, plain) <= tolerance<E>(s.k)) continue;
    CAPTURE(s.m);
    CAPTURE(s.n);
    CAPTURE(s.k);
    CAPTURE(s.gap);
    CHECK(distance(own, plain) <= tolerance<E>(s.k));
  }
}

/// Every operation of a layer on one backend.
template <class T>
struct LayerResults {
  Framed<T> z, linear, y, square, dx, added;

  template <class B>
  void run(const B& backend, Framed<T>& w, Framed<T>& bias, Framed<T>& x, Framed<T>& dz) {
    using Ops = backend_traits<B>;
    Ops::run(backend, 1, [&](int, auto& context) {
      Ops::affine(context, w.constant(), bias.constant(), x.constant(), z.view());
      Ops::affine(context, w.constant(), MatrixView<const T>(), x.constant(), linear.view());
      Ops::affine_map(context, w.constant(), bias.constant(), x.constant(), TwoOutputs{},
                      std::tuple(y.view(), square.view()));
      Ops::pull_affine(context, w.constant(), dz.constant(), dx.view(), Write::replace);
      Ops::pull_affine(context, w.constant(), dz.constant(), added.view(), Write::add);
    });
  }
  /// The sum of the results' distances, in which a NaN stays.
  [[nodiscard]] double distance_to(const LayerResults& o) const {
    return distance(z.memory, o.z.memory) + distance(linear.memory, o.linear.memory) +
           distance(y.memory, o.y.memory) + distance(square.memory, o.square.memory) +
           distance(dx.memory, o.dx.memory) + distance(added.memory, o.added.memory);
  }
};

/// The same by the own kernel, by plain loops and by Eigen.
template <class E>
void check_layer(Index in, Index out, Index n, Index gap, Random& random) {
  using T = math::real_of<E>;
  // W has no gaps: it lies within θ.
  Framed<E> w(in, out, 0, not_a_number, random), bias(out, 1, 0, not_a_number, random),
      x(in, n, gap, not_a_number, random), dz(out, n, gap, not_a_number, random);
  const auto results = [&](Index rows) { return Framed<E>(rows, n, gap, 7.0, random); };
  LayerResults<E> own{results(out), results(out), results(out),
                      results(out), results(in),  results(in)};
  LayerResults<E> plain = own, eigen = own;
  own.run(Cpu<T>{}, w, bias, x, dz);
  plain.run(Reference<T>{}, w, bias, x, dz);
  eigen.run(Cpu<T, EigenProducts>{}, w, bias, x, dz);
  // A square's error is the number's twice, times its size.
  const double bound = 2 * static_cast<double>(in + 2) * tolerance<E>(std::max(in, out));
  if (own.distance_to(plain) <= bound && own.distance_to(eigen) <= bound) return;
  CAPTURE(in);
  CAPTURE(out);
  CAPTURE(n);
  CHECK(own.distance_to(plain) <= bound);
  CHECK(own.distance_to(eigen) <= bound);
}

}  // namespace inrgene::test
