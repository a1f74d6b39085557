// Products by the micro-kernel against plain loops and against Eigen: every size at which blocks,
// panels and their edges meet. What lies between and around the operands is NaN: reading it shows
// in the result; results are compared with all the memory they lie in.
#include "inrgene/backend/cpu/tiled_product.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "backend/cpu/product_checks.hpp"
#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/backend/reference/reference.hpp"
#include "inrgene/core/random.hpp"

using namespace inrgene;
using namespace inrgene::test;

namespace {

template <class T>
void check_products(const Size& s, Random& random) {
  check_product<Op::none, Op::none, T>(s, random);
  check_product<Op::transpose, Op::none, T>(s, random);
  check_product<Op::conjugate, Op::transpose, T>(s, random);
}

template <class F>
void for_both_precisions(F&& check) {
  check.template operator()<float>();
  check.template operator()<double>();
}

}  // namespace

TEST_CASE("products of every width from 1 to 70 agree with plain loops") {
  Random random(1);
  for_both_precisions([&]<class T>() {
    for (Index m = 1; m <= 70; ++m) {
      for (const Index n : {1, 2, 4, 6, 13, 14, 15, 23}) {
        check_products<T>({m, n, 1 + (7 * m + n) % 19, m % 3}, random);
      }
    }
    for (Index k = 1; k <= 70; ++k) check_products<T>({33, 19, k, 1}, random);
  });
}

TEST_CASE("products of every number of samples from 1 to 600 agree with plain loops") {
  Random random(2);
  for_both_precisions([&]<class T>() {
    for (Index n = 1; n <= 600; ++n) {
      check_product<Op::transpose, Op::none, T>({n % 5 + 30, n, 5, n % 2}, random);
      check_product<Op::none, Op::transpose, T>({n % 5 + 30, 9, n, n % 2}, random);
    }
  });
}

TEST_CASE("products longer than a block of second-level cache are put together") {
  Random random(3);
  for_both_precisions([&]<class T>() {
    check_products<T>({40, 20, 1100, 0}, random);
    check_products<T>({600, 17, 513, 2}, random);
    check_products<T>({5, 1030, 40, 0}, random);
  });
}

TEST_CASE("columns a page apart are copied first") {
  Random random(4);
  for_both_precisions([&]<class T>() {
    constexpr Index page = 4096 / static_cast<Index>(sizeof(T));
    check_products<T>({34, 29, page, 0}, random);
    check_products<T>({34, 270, page - 1, 1}, random);
  });
}

TEST_CASE("what a layer asks for agrees with plain loops and Eigen, at every edge") {
  Random random(5);
  for_both_precisions([&]<class T>() {
    for (const Index in : {1, 3, 24, 33}) {
      for (const Index out : {1, 2, 16, 31, 32, 65}) {
        for (const Index n : {1, 3, 14, 29, 260}) check_layer<T>(in, out, n, n % 3, random);
      }
    }
    for (Index width = 1; width <= 70; ++width) check_layer<T>(width, 71 - width, 20, 0, random);
    check_layer<T>(1030, 40, 20, 0, random);
  });
}

TEST_CASE("packed weights hold for one run") {
  using B = Cpu<float>;
  using Ops = backend_traits<B>;
  Random random(6);
  Framed<float> w(3, 2, 0, 0.0, random), x(3, 5, 0, 0.0, random), other = w;
  Framed<float> z(2, 5, 0, 0.0, random), expected = z, before = z;
  const MatrixView<const float> none;
  const auto compute = [&](auto& context, Framed<float>& weights, Framed<float>& out) {
    Ops::affine(context, weights.constant(), none, x.constant(), out.view());
  };
  typename Ops::contexts kept;
  for (int step = 0; step < 3; ++step) {
    CAPTURE(step);
    for (float& value : w.memory) value += 1;
    Ops::run(B{}, kept, 1, [&](int, auto& context) {
      compute(context, w, z);
      compute(context, other, before);
      compute(context, w, z);
    });
    expected.memory =
        product<Reference<float>, Op::transpose, Op::none>(w, x, expected, Write::replace);
    CHECK(distance(z.memory, expected.memory) < 1e-5);
    expected.memory =
        product<Reference<float>, Op::transpose, Op::none>(other, x, expected, Write::replace);
    CHECK(distance(before.memory, expected.memory) < 1e-5);
  }
  // Outside of a run nothing is remembered.
  typename Ops::context alone;
  for (int step = 0; step < 2; ++step) {
    for (float& value : w.memory) value += 1;
    compute(alone, w, z);
    expected.memory =
        product<Reference<float>, Op::transpose, Op::none>(w, x, expected, Write::replace);
    CHECK(distance(z.memory, expected.memory) < 1e-5);
  }
}

TEST_CASE("workers share packed weights") {
  using B = Cpu<float>;
  using Ops = backend_traits<B>;
  constexpr int workers = 4;
  Random random(8);
  std::vector<Framed<float>> weights;
  for (int i = 0; i < 5; ++i) weights.emplace_back(70, 45, 0, 0.0, random);
  Framed<float> x(70, 9, 0, 0.0, random), y(45, 9, 0, 0.0, random);
  typename Ops::contexts kept;
  for (int step = 0; step < 20; ++step) {
    for (auto& w : weights) w.memory.front() += 1;
    std::vector<Framed<float>> z(workers * weights.size(), Framed<float>(45, 9, 1, 7.0, random));
    std::vector<Framed<float>> dx(z.size(), Framed<float>(70, 9, 1, 7.0, random));
    Ops::run(B{{workers}}, kept, workers, [&](int worker, auto& context) {
      for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::size_t at = static_cast<std::size_t>(worker) * weights.size() + i;
        Ops::affine(context, weights[i].constant(), MatrixView<const float>(), x.constant(),
                    z[at].view());
        Ops::pull_affine(context, weights[i].constant(), y.constant(), dx[at].view(),
                         Write::replace);
      }
    });
    for (std::size_t at = 0; at < z.size(); ++at) {
      Framed<float>& w = weights[at % weights.size()];
      const Framed<float> room(45, 9, 1, 7.0, random), dx_room(70, 9, 1, 7.0, random);
      const auto plain_z =
          product<Reference<float>, Op::transpose, Op::none>(w, x, room, Write::replace);
      const auto plain_dx =
          product<Reference<float>, Op::conjugate, Op::none>(w, y, dx_room, Write::replace);
      CHECK(distance(z[at].memory, plain_z) < 1e-4);
      CHECK(distance(dx[at].memory, plain_dx) < 1e-4);
    }
  }
}

TEST_CASE("a map that also sums over samples agrees with the two passes") {
  Random random(7);
  const auto times = [](const auto& a, const auto& b, auto& out) { out = a * b; };
  for_both_precisions([&]<class T>() {
    for (const Index rows : {1, 31, 32, 33, 70}) {
      Framed<T> a(rows, 9, 1, 0.0, random), b(rows, 9, 0, 0.0, random);
      Framed<T> sums(rows, 1, 2, 7.0, random), plain_sums = sums, plain_b = b;
      typename backend_traits<Cpu<T>>::context context;
      typename backend_traits<Reference<T>>::context plain;
      backend_traits<Cpu<T>>::map_sum_samples(context, times, b.view(), sums.view(), a.constant(),
                                              b.constant());
      backend_traits<Reference<T>>::map_sum_samples(plain, times, plain_b.view(), plain_sums.view(),
                                                    a.constant(), plain_b.constant());
      CHECK(distance(b.memory, plain_b.memory) <= tolerance<T>(1));
      CHECK(distance(sums.memory, plain_sums.memory) <= tolerance<T>(9));
    }
  });
}

TEST_CASE("the kernel names itself, and tiles suit it") {
  CHECK(kernel_name<float>() == text(detail::simd_name, ", ", detail::KernelShape<float>::samples,
                                     "x", detail::KernelShape<float>::features, ", float"));
  const Cpu<float> backend;
  const Index multiple = backend_traits<Cpu<float>>::tile_multiple(backend);
  const Index most = backend_traits<Cpu<float>>::tile_samples(backend);
  CHECK(most % multiple == 0);
  for (const Index n : {1, 13, 100, 252, 253, 10000}) {
    const Index tile = even_tile(backend, n, most);
    CHECK(tile <= most);
    CHECK(tile % multiple == 0);
    // No more tiles than needed.
    CHECK((n + tile - 1) / tile == (n + most - 1) / most);
  }
  CHECK(even_tile(Cpu<float>{{1}, 5}, 9, 5) == 5);
  CHECK(even_tile(Reference<float>{}, 9, 5) == 5);
  CHECK(even_tile(Reference<float>{}, 100, 64) == 50);
}
