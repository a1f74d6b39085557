// Each operation of the GPU backend against the Reference backend, in every precision.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "backend/cuda/device_checks.hpp"
#include "inrgene/core/random.hpp"

using namespace inrgene;

namespace {

/// A matrix with `gap` elements between its columns, on both sides.
template <Backend B, class E>
struct Twin {
  using Ops = backend_traits<B>;
  std::vector<E> host;
  typename Ops::template buffer<E> device;
  Index rows, cols, stride;

  Twin(Index r, Index c, Index gap, Random& random)
      : host(static_cast<std::size_t>((r + gap) * c)),
        device(host.size()),
        rows(r),
        cols(c),
        stride(r + gap) {
    for (E& e : host) {
      if constexpr (math::is_complex<E>) {
        using T = math::real_of<E>;
        e = {static_cast<T>(random.uniform(-1, 1)), static_cast<T>(random.uniform(-1, 1))};
      } else {
        e = static_cast<E>(random.uniform(-1, 1));
      }
    }
    Ops::upload(B{}, std::span<const E>(host), device.data());
  }
  MatrixView<E> here() { return {host.data(), rows, cols, stride}; }
  MatrixView<E> there() { return {device.data(), rows, cols, stride}; }
  MatrixView<const E> fixed_here() { return here(); }
  MatrixView<const E> fixed_there() { return there(); }

  /// The largest difference between the two memories, gaps included.
  double distance() {
    std::vector<E> back(host.size());
    Ops::download(B{}, static_cast<const E*>(device.data()), std::span<E>(back));
    double worst = 0;
    for (std::size_t i = 0; i < back.size(); ++i) {
      if constexpr (math::is_complex<E>) {
        worst = std::max({worst, std::abs(static_cast<double>(back[i].re - host[i].re)),
                          std::abs(static_cast<double>(back[i].im - host[i].im))});
      } else {
        worst = std::max(worst, std::abs(static_cast<double>(back[i] - host[i])));
      }
    }
    return worst;
  }
};

/// The error of one product of `depth` terms up to 1 (two of them an entry when complex), as
/// precision.hpp derives it.
template <class P>
double product_error(Index depth) {
  constexpr bool wide = std::is_same_v<P, Fp64>;
  const double u = wide ? 0x1p-53 : 0x1p-24;
  const double factors = std::is_same_v<P, Tf32>     ? 2 * 0x1p-11 + 0x1p-22
                         : std::is_same_v<P, Bf16>   ? 2 * 0x1p-8 + 0x1p-16
                         : std::is_same_v<P, Tf32x3> ? 5 * 0x1p-22
                                                     : 0;
  const auto n = static_cast<double>(depth + 2);
  return 2 * n * (factors + 6 * n * u);
}

template <Op OpA, Op OpB, class P, class E>
void check_gemm(Index m, Index n, Index k, Index gap) {
  using B = Cuda<math::real_of<E>, P>;
  using Plain = backend_traits<Reference<math::real_of<E>>>;
  CAPTURE(m);
  CAPTURE(n);
  CAPTURE(k);
  CAPTURE(gap);
  Random random(static_cast<std::uint64_t>(m + 100 * n + 10000 * k));
  constexpr bool turned_a = OpA == Op::transpose, turned_b = OpB == Op::transpose;
  Twin<B, E> a(turned_a ? k : m, turned_a ? m : k, gap, random);
  Twin<B, E> b(turned_b ? n : k, turned_b ? k : n, gap, random);
  Twin<B, E> c(m, n, gap, random);
  typename Plain::context plain;
  backend_traits<B>::run(B{}, 1, [&](int /*worker*/, auto& context) {
    for (const Write write : {Write::replace, Write::add}) {
      backend_traits<B>::template gemm<OpA, OpB, E>(context, a.fixed_there(), b.fixed_there(),
                                                    c.there(), write);
      Plain::template gemm<OpA, OpB, E>(plain, a.fixed_here(), b.fixed_here(), c.here(), write);
      CHECK(c.distance() <= product_error<P>(k));
    }
  });
}

template <class P, class E>
void check_products() {
  for (const Index m : {1, 2, 7, 64, 130}) {
    for (const Index n : {1, 3, 33, 200}) {
      const Index k = (m * n) % 13 + 1, gap = n % 3;
      check_gemm<Op::none, Op::none, P, E>(m, n, k, gap);
      check_gemm<Op::transpose, Op::none, P, E>(m, n, k, gap);
      check_gemm<Op::conjugate, Op::none, P, E>(m, n, k, gap);
      check_gemm<Op::none, Op::transpose, P, E>(m, n, k, gap);
      check_gemm<Op::conjugate, Op::transpose, P, E>(m, n, k, gap);
    }
  }
  check_gemm<Op::transpose, Op::none, P, E>(512, 1000, 512, 0);
  check_gemm<Op::conjugate, Op::transpose, P, E>(512, 512, 1000, 0);
}

template <class P, class E>
void check_affine(Index in, Index out, Index samples, Index shift) {
  using B = Cuda<math::real_of<E>, P>;
  using Plain = backend_traits<Reference<math::real_of<E>>>;
  CAPTURE(in);
  CAPTURE(out);
  CAPTURE(shift);
  Random random(3);
  Twin<B, E> w(in, out, 0, random), bias(out + shift, 1, 0, random), x(in, samples, 0, random);
  Twin<B, E> z(out, samples, 0, random);
  typename Plain::context plain;
  backend_traits<B>::run(B{}, 1, [&](int /*worker*/, auto& context) {
    // A bias anywhere in a parameter buffer, aligned or not.
    backend_traits<B>::affine(context, w.fixed_there(), bias.fixed_there().features(shift, out),
                              x.fixed_there(), z.there());
    Plain::affine(plain, w.fixed_here(), bias.fixed_here().features(shift, out), x.fixed_here(),
                  z.here());
    CHECK(z.distance() <= product_error<P>(in));
    backend_traits<B>::affine(context, w.fixed_there(), MatrixView<const E>(), x.fixed_there(),
                              z.there());
    Plain::affine(plain, w.fixed_here(), MatrixView<const E>(), x.fixed_here(), z.here());
    CHECK(z.distance() <= product_error<P>(in));
  });
}

template <class P, class T>
void check_precision() {
  check_products<P, T>();
  check_products<P, math::Complex<T>>();
  for (const Index shift : {0, 1, 4}) {
    check_affine<P, T>(24, 64, 100, shift);
    check_affine<P, math::Complex<T>>(24, 64, 100, shift);
    check_affine<P, T>(64, 1, 100, shift);
  }
}

struct SumAndProduct {
  template <class E>
  INRGENE_HD void operator()(const E& a, const E& b, E& sum, E& product) const {
    sum = a + b;
    product = a * b;
  }
};
struct Squared {
  template <class E>
  INRGENE_HD void operator()(const E& in, E& out) const {
    out = in * in;
  }
};
struct Doubled {
  template <class E>
  INRGENE_HD double operator()(const E& in, E& out) const {
    out = in + in;
    if constexpr (math::is_complex<E>) {
      return static_cast<double>(in.re);
    } else {
      return static_cast<double>(in);
    }
  }
};

/// Elementwise passes and sums; a device may fuse a product and a sum, which rounds once less.
template <class E>
void check_launches(Index rows, Index cols, Index gap) {
  using T = math::real_of<E>;
  using B = Cuda<T>;
  using Ops = backend_traits<B>;
  using Plain = backend_traits<Reference<T>>;
  CAPTURE(rows);
  CAPTURE(cols);
  CAPTURE(gap);
  Random random(4);
  const double epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
  Twin<B, E> a(rows, cols, gap, random), b(rows, cols, 0, random), p(rows, cols, gap, random),
      q(rows, cols, 0, random), sums(rows, 1, 0, random);
  Twin<B, double> slot(1, 1, 0, random);
  typename Plain::context plain;
  Ops::run(B{}, 1, [&](int /*worker*/, auto& c) {
    Ops::map(c, SumAndProduct{}, std::tuple(p.there(), q.there()), a.fixed_there(),
             b.fixed_there());
    Plain::map(plain, SumAndProduct{}, std::tuple(p.here(), q.here()), a.fixed_here(),
               b.fixed_here());
    CHECK(p.distance() <= 2 * epsilon);
    CHECK(q.distance() <= 2 * epsilon);
    Ops::sum_map(c, slot.device.data(), Doubled{}, std::tuple(p.there()), a.fixed_there());
    Plain::sum_map(plain, slot.host.data(), Doubled{}, std::tuple(p.here()), a.fixed_here());
    CHECK(slot.distance() <= 1e-15 * static_cast<double>(rows * cols));
    const auto n = static_cast<double>(cols);
    Ops::sum_samples(c, a.fixed_there(), sums.there());
    Plain::sum_samples(plain, a.fixed_here(), sums.here());
    CHECK(sums.distance() <= 2 * epsilon * n + 1.2e-16 * n * n);
    Ops::map_sum_samples(c, Squared{}, q.there(), sums.there(), a.fixed_there());
    Plain::map_sum_samples(plain, Squared{}, q.here(), sums.here(), a.fixed_here());
    CHECK(sums.distance() <= 8 * epsilon * n + 2.4e-16 * n * n);
    CHECK(q.distance() <= 2 * epsilon);
    Ops::fill(c, p.there(), E{});
    Plain::fill(plain, p.here(), E{});
    CHECK(p.distance() == 0);
  });
}

}  // namespace

TEST_CASE("products on a GPU are as exact as their precision says") {
  if (!test::has_device()) return;
  check_precision<Fp64, double>();
  check_precision<Fp32, float>();
  check_precision<Tf32x3, float>();
  check_precision<Tf32, float>();
  check_precision<Bf16, float>();
}

TEST_CASE("elementwise passes and sums on a GPU agree with plain loops") {
  if (!test::has_device()) return;
  for_each_type(TypeList<float, double, math::Complex<float>, math::Complex<double>>{},
                []<class E>() {
                  for (const Index rows : {1, 31, 33, 257, 1025}) {
                    for (const Index cols : {1, 9, 129, 1000}) {
                      check_launches<E>(rows, cols, 0);
                      check_launches<E>(rows, cols, 3);
                    }
                  }
                });
}

TEST_CASE("without a GPU the backend says so") {
  if (cuda_device_count() > 0) return;
  std::string message;
  try {
    const DeviceBuffer<float> buffer(10);
  } catch (const UnavailableError& error) {
    message = error.what();
  }
  CHECK(message.find("no GPU") != std::string::npos);
  CHECK_THROWS_AS(backend_traits<Cuda<float>>::run(Cuda<float>{}, 1, [](int, auto&) {}),
                  UnavailableError);
  CHECK_THROWS_AS(use(Cuda<float>{}), UnavailableError);
}

TEST_CASE("a device that does not exist is refused") {
  if (!test::has_device()) return;
  CHECK_THROWS_AS(use(Cuda<float>{cuda_device_count()}), UnavailableError);
}

TEST_CASE("a GPU with too little memory says so") {
  if (!test::has_device()) return;
  std::size_t free = 0, total = 0;
  REQUIRE(cudaMemGetInfo(&free, &total) == cudaSuccess);
  CHECK_THROWS_AS(DeviceBuffer<char>(2 * total), UnavailableError);
  CHECK(DeviceBuffer<char>(16).size() == 16);
}

TEST_CASE("the smallest SIREN runs in every precision within its bound") {
  if (!test::has_device()) return;
  const auto network = Siren::build(4, 2, test::SmallSettings<Siren>::make());
  const auto check = [&]<class P>(P /*policy*/) {
    test::check_against_plain(Cuda<typename P::scalar, P>{}, network, test::network_tolerance<P>,
                              100);
  };
  check(Fp64{});
  check(Fp32{});
  check(Tf32{});
  check(Bf16{});
}
