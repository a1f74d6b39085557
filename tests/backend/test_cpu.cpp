// The Cpu backend against the Reference backend, operation by operation.
#include "inrgene/backend/cpu/cpu.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "inrgene/backend/reference/reference.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/math/complex.hpp"

using namespace inrgene;

namespace {

/// Elements between the rows of one column and the next, kept to show that nothing is written
/// there.
constexpr double untouched = 1234.5;

template <class E>
E element(double re, double im) {
  if constexpr (math::is_complex<E>) {
    using T = math::real_of<E>;
    return {static_cast<T>(re), static_cast<T>(im)};
  } else {
    return static_cast<E>(re);
  }
}

/// Memory of a matrix with a stride: random inside, `untouched` between the columns.
template <class E>
struct Strided {
  std::vector<E> memory;
  Index rows, cols, stride;

  Strided(Index r, Index c, Index gap, Random& random) : rows(r), cols(c), stride(r + gap) {
    memory.assign(static_cast<std::size_t>(stride * std::max<Index>(c, 1)),
                  element<E>(untouched, 0));
    for (Index j = 0; j < c; ++j) {
      for (Index i = 0; i < r; ++i) {
        view()(i, j) = element<E>(random.uniform(-1, 1), random.uniform(-1, 1));
      }
    }
  }
  MatrixView<E> view() { return {memory.data(), rows, cols, stride}; }
  MatrixView<const E> constant() { return view(); }
};

template <class E>
double distance(const E& a, const E& b) {
  if constexpr (math::is_complex<E>) {
    return std::hypot(static_cast<double>(a.re - b.re), static_cast<double>(a.im - b.im));
  } else {
    return std::abs(static_cast<double>(a - b));
  }
}

/// Whole memories are compared, gaps included.
template <class E>
void check_same(const Strided<E>& a, const Strided<E>& b, double tolerance) {
  double worst = 0;
  for (std::size_t i = 0; i < a.memory.size(); ++i) {
    worst = std::max(worst, distance(a.memory[i], b.memory[i]));
  }
  CHECK(worst <= tolerance);
}

template <class E>
constexpr double rounding = static_cast<double>(std::numeric_limits<math::real_of<E>>::epsilon());

template <class T>
using CpuOps = backend_traits<Cpu<T>>;
template <class T>
using PlainOps = backend_traits<Reference<T>>;

/// A sum of products written to, or added to, an output; the same for both backends.
template <Op OpA, Op OpB, class E>
void check_gemm(Index m, Index n, Index k, Index gap, Random& random) {
  using T = math::real_of<E>;
  CAPTURE(m);
  CAPTURE(n);
  CAPTURE(k);
  CAPTURE(gap);
  Strided<E> a =
      OpA == Op::transpose ? Strided<E>(k, m, gap, random) : Strided<E>(m, k, gap, random);
  Strided<E> b =
      OpB == Op::transpose ? Strided<E>(n, k, gap, random) : Strided<E>(k, n, gap, random);
  for (const Write write : {Write::replace, Write::add}) {
    Strided<E> c(m, n, gap, random);
    Strided<E> plain = c;
    typename CpuOps<T>::context cpu_context;
    typename PlainOps<T>::context plain_context;
    CpuOps<T>::template gemm<OpA, OpB, E>(cpu_context, a.constant(), b.constant(), c.view(), write);
    PlainOps<T>::template gemm<OpA, OpB, E>(plain_context, a.constant(), b.constant(), plain.view(),
                                            write);
    // Entries up to 1 (√2 when complex): k products, each rounded, in any order.
    check_same(c, plain, 8 * static_cast<double>(k + 1) * rounding<E>);
  }
}

template <class E>
void check_all_gemms(Index m, Index n, Index k, Index gap, Random& random) {
  check_gemm<Op::none, Op::none, E>(m, n, k, gap, random);
  check_gemm<Op::transpose, Op::none, E>(m, n, k, gap, random);
  check_gemm<Op::conjugate, Op::none, E>(m, n, k, gap, random);
  check_gemm<Op::none, Op::transpose, E>(m, n, k, gap, random);
  check_gemm<Op::conjugate, Op::transpose, E>(m, n, k, gap, random);
}

const std::vector<Index> odd_rows{1, 2, 3, 5, 8, 17, 31, 32, 33, 64, 70};
const std::vector<Index> odd_columns{1, 2, 7, 16, 40};

struct TwoOutputs {
  template <class E>
  INRGENE_HD void operator()(const E& a, const E& b, E& p, E& q) const {
    p = a * b;
    q = a + b;
  }
};
struct Square {
  template <class E>
  INRGENE_HD void operator()(const E& in, E& out) const {
    out = in * in;
  }
};
/// Writes a product and returns a real number to be summed.
struct SummedProduct {
  template <class E>
  INRGENE_HD math::real_of<E> operator()(const E& a, const E& b, E& product) const {
    product = a * b;
    if constexpr (math::is_complex<E>) {
      return math::norm(product) - product.im;
    } else {
      return product * product - a;
    }
  }
};

/// What one backend's elementwise operations make of the same matrices.
template <class E>
struct Mapped {
  Strided<E> p, q, broadcast_p, in_place, product;
  double sum = 0.5;

  template <class Ops>
  void run(Ops /*ops*/, Strided<E>& a, Strided<E>& b, Strided<E>& column) {
    typename Ops::context context;
    Ops::map(context, TwoOutputs{}, std::tuple(p.view(), q.view()), a.constant(), b.constant());
    Ops::map(context, TwoOutputs{}, std::tuple(broadcast_p.view(), q.view()),
             MatrixView<const E>(broadcast(column.memory.data(), a.rows, a.cols)), b.constant());
    Ops::map(context, Square{}, std::tuple(in_place.view()), in_place.constant());
    Ops::sum_map(context, &sum, SummedProduct{}, std::tuple(product.view()), a.constant(),
                 b.constant());
  }
};

template <class E>
void check_maps(Index rows, Index cols, Index gap, Random& random) {
  using T = math::real_of<E>;
  CAPTURE(rows);
  CAPTURE(cols);
  CAPTURE(gap);
  const auto make = [&](Index c, Index g) { return Strided<E>(rows, c, g, random); };
  Strided<E> a = make(cols, gap), b = make(cols, 0), column = make(1, 0);
  Mapped<E> fast{make(cols, gap), make(cols, 2 * gap), make(cols, 0), make(cols, gap),
                 make(cols, 0)};
  Mapped<E> plain = fast;
  fast.run(CpuOps<T>{}, a, b, column);
  plain.run(PlainOps<T>{}, a, b, column);
  const double tolerance = 8 * rounding<E>;
  check_same(fast.p, plain.p, tolerance);
  check_same(fast.q, plain.q, tolerance);
  check_same(fast.broadcast_p, plain.broadcast_p, tolerance);
  check_same(fast.in_place, plain.in_place, tolerance);
  check_same(fast.product, plain.product, tolerance);
  CHECK(std::abs(fast.sum - plain.sum) <= 16 * static_cast<double>(rows * cols) * rounding<E>);
}

/// The operations that are not products or maps.
template <class E>
void check_the_rest(Index rows, Index cols, Index gap, Random& random) {
  using T = math::real_of<E>;
  CAPTURE(rows);
  CAPTURE(cols);
  typename CpuOps<T>::context context;
  typename PlainOps<T>::context plain_context;

  Strided<E> w(7, rows, gap, random), bias(rows, 1, 0, random), x(7, cols, gap, random);
  Strided<E> z(rows, cols, gap, random);
  Strided<E> plain_z = z;
  CpuOps<T>::template affine<E>(context, w.constant(), bias.constant(), x.constant(), z.view());
  PlainOps<T>::template affine<E>(plain_context, w.constant(), bias.constant(), x.constant(),
                                  plain_z.view());
  check_same(z, plain_z, 64 * rounding<E>);

  Strided<E> sums(rows, 1, 0, random);
  Strided<E> plain_sums = sums;
  CpuOps<T>::template sum_samples<E>(context, z.constant(), sums.view());
  PlainOps<T>::template sum_samples<E>(plain_context, z.constant(), plain_sums.view());
  check_same(sums, plain_sums, 64 * static_cast<double>(cols) * rounding<E>);

  const auto indices = [](Index i, Index j) {
    return element<E>(static_cast<double>(i), static_cast<double>(j));
  };
  CpuOps<T>::generate(context, indices, z.view());
  PlainOps<T>::generate(plain_context, indices, plain_z.view());
  check_same(z, plain_z, 0);
  CHECK(distance(z.view()(rows - 1, cols - 1), indices(rows - 1, cols - 1)) == 0);

  CpuOps<T>::fill(context, z.view(), element<E>(3, 4));
  PlainOps<T>::fill(plain_context, plain_z.view(), element<E>(3, 4));
  check_same(z, plain_z, 0);
}

/// Calls check(E{}) for every element type.
template <class F>
void for_each_element(F&& check) {
  for_each_type(TypeList<float, double, math::Complex<float>, math::Complex<double>>{}, check);
}

}  // namespace

TEST_CASE("gemm agrees with plain loops") {
  Random random(1);
  for_each_element([&]<class E>() {
    for (const Index m : odd_rows) {
      for (const Index n : odd_columns) check_all_gemms<E>(m, n, (m * n) % 13 + 1, n % 3, random);
    }
    check_all_gemms<E>(1, 1, 1, 0, random);
    check_all_gemms<E>(70, 40, 70, 0, random);
    check_all_gemms<E>(129, 37, 200, 3, random);
  });
}

TEST_CASE("maps agree with plain loops, with gaps, repeated columns and in place") {
  Random random(2);
  for_each_element([&]<class E>() {
    for (const Index rows : odd_rows) {
      for (const Index cols : odd_columns) {
        check_maps<E>(rows, cols, 0, random);
        check_maps<E>(rows, cols, 3, random);
      }
    }
  });
}

TEST_CASE("affine, sums over samples, generated and filled matrices agree with plain loops") {
  Random random(3);
  for_each_element([&]<class E>() {
    for (const Index rows : odd_rows) {
      for (const Index cols : odd_columns) {
        check_the_rest<E>(rows, cols, 0, random);
        check_the_rest<E>(rows, cols, 2, random);
      }
    }
  });
}

TEST_CASE("empty matrices are left alone") {
  Random random(4);
  for_each_element([&]<class E>() {
    using Ops = CpuOps<math::real_of<E>>;
    typename Ops::context context;
    Strided<E> a(5, 0, 0, random), p(5, 0, 0, random), w(5, 3, 0, random), bias(3, 1, 0, random);
    Strided<E> c(3, 5, 0, random), before = c, z(3, 0, 0, random), sums = bias;
    double sum = 2.5;
    Ops::map(context, Square{}, std::tuple(p.view()), a.constant());
    Ops::sum_map(context, &sum, SummedProduct{}, std::tuple(p.view()), a.constant(), a.constant());
    Ops::template affine<E>(context, w.constant(), bias.constant(), a.constant(), z.view());
    Ops::template sum_samples<E>(context, z.constant(), sums.view());
    Ops::fill(context, p.view(), E{});
    // No samples: their products add nothing.
    Ops::template gemm<Op::conjugate, Op::transpose, E>(context, z.constant(), a.constant(),
                                                        c.view(), Write::add);
    CHECK(sum == 2.5);
    check_same(c, before, 0);
    check_same(sums, bias, 0);
    CHECK(distance(p.memory[0], element<E>(untouched, 0)) == 0);
  });
}

TEST_CASE("a sum runs in double whatever the precision") {
  typename CpuOps<float>::context context;
  const std::vector<float> ones(100000, 0.1F);
  double sum = 0;
  std::vector<float> out(ones.size());
  const auto count = std::ssize(ones);
  CpuOps<float>::sum_map(
      context, &sum,
      [](const float& a, float& b) {
        b = a;
        return a;
      },
      std::tuple(MatrixView(out.data(), Index{1}, count)),
      MatrixView<const float>(ones.data(), 1, count));
  CHECK(sum == doctest::Approx(0.1F * 1e5).epsilon(1e-12));
}

TEST_CASE("map_flat covers a buffer once with any number of threads") {
  for (const int threads : {1, 2, 3, 8}) {
    for (const Index size : {1, 2, 7, 1000}) {
      std::vector<double> counts(static_cast<std::size_t>(size));
      map_flat(
          Cpu<double>{{threads}}, size, [](const double& in, double& out) { out = in + 1; },
          std::tuple(counts.data()), static_cast<const double*>(counts.data()));
      CHECK(std::all_of(counts.begin(), counts.end(), [](double c) { return c == 1; }));
    }
  }
}

TEST_CASE("workers run once each and copies are whole") {
  const Cpu<float> backend{{3}, 64};
  CHECK(CpuOps<float>::workers(backend) == 3);
  CHECK(CpuOps<float>::tile_samples(backend) == 64);
  std::vector<std::atomic<int>> runs(3);
  CpuOps<float>::run(backend, 3, [&](int w, auto&) { ++runs[static_cast<std::size_t>(w)]; });
  CHECK(std::all_of(runs.begin(), runs.end(), [](const auto& r) { return r == 1; }));
  const std::vector<float> host{1, 2, 3};
  typename CpuOps<float>::template buffer<float> device(3);
  CpuOps<float>::upload(backend, std::span<const float>(host), device.data());
  std::vector<float> back(3);
  CpuOps<float>::download(backend, static_cast<const float*>(device.data()), std::span(back));
  CHECK(back == host);
}
