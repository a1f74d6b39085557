// Complex products by the micro-kernel against plain loops and Eigen: every way to read the
// factors, at every edge, in memory framed by NaN.
#include <doctest/doctest.h>

#include <vector>

#include "backend/cpu/product_checks.hpp"
#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/math/complex.hpp"

using namespace inrgene;
using namespace inrgene::test;

namespace {

template <class E>
void check_every_product(const Size& s, Random& random) {
  const auto with = [&]<Op OpA>() {
    check_product<OpA, Op::none, E>(s, random);
    check_product<OpA, Op::transpose, E>(s, random);
    check_product<OpA, Op::conjugate, E>(s, random);
  };
  with.template operator()<Op::none>();
  with.template operator()<Op::transpose>();
  with.template operator()<Op::conjugate>();
}

template <class F>
void for_both_precisions(F&& check) {
  check.template operator()<math::Complex<float>>();
  check.template operator()<math::Complex<double>>();
}

}  // namespace

TEST_CASE("a complex product worked by hand") {
  using E = math::Complex<double>;
  std::vector<E> a{{1, 2}, {3, -1}}, b{{2, -3}, {0, 4}}, c(1);
  const auto multiplied = [&]<Op OpA, Op OpB>() {
    const bool transposed = OpA == Op::transpose;
    context_of<Cpu<double>> context;
    backend_traits<Cpu<double>>::gemm<OpA, OpB, E>(
        context, {a.data(), transposed ? 2 : 1, transposed ? 1 : 2},
        {b.data(), OpB == Op::transpose ? 1 : 2, OpB == Op::transpose ? 2 : 1}, {c.data(), 1, 1},
        Write::replace);
    return c[0];
  };
  const auto check = [](const E& found, double re, double im) {
    CHECK(found.re == re);
    CHECK(found.im == im);
  };
  // (1 + 2i)(2 − 3i) = 8 + i and (3 − i)·4i = 4 + 12i.
  check(multiplied.operator()<Op::none, Op::none>(), 12, 13);
  check(multiplied.operator()<Op::transpose, Op::transpose>(), 12, 13);
  // (1 − 2i)(2 − 3i) = −4 − 7i and (3 + i)·4i = −4 + 12i.
  check(multiplied.operator()<Op::conjugate, Op::none>(), -8, 5);
  check(multiplied.operator()<Op::conjugate, Op::transpose>(), -8, 5);
  // The conjugate of that.
  check(multiplied.operator()<Op::none, Op::conjugate>(), -8, -5);
  check(multiplied.operator()<Op::conjugate, Op::conjugate>(), 12, -13);
}

TEST_CASE("complex products of every width from 1 to 70 agree with plain loops") {
  Random random(1);
  for_both_precisions([&]<class E>() {
    for (Index m = 1; m <= 70; ++m) {
      for (const Index n : {1, 2, 6, 13, 14, 15}) {
        check_every_product<E>({m, n, 1 + (7 * m + n) % 19, m % 3}, random);
      }
    }
    for (Index k = 1; k <= 70; ++k) check_every_product<E>({17, 19, k, 1}, random);
  });
}

TEST_CASE("complex products of every number of samples from 1 to 300 agree with plain loops") {
  Random random(2);
  for_both_precisions([&]<class E>() {
    for (Index n = 1; n <= 300; ++n) {
      check_product<Op::transpose, Op::none, E>({n % 5 + 15, n, 5, n % 2}, random);
      check_product<Op::conjugate, Op::transpose, E>({n % 5 + 15, 9, n, n % 2}, random);
    }
  });
}

TEST_CASE("complex products longer than a block of second-level cache are put together") {
  Random random(3);
  for_both_precisions([&]<class E>() {
    check_every_product<E>({20, 15, 530, 0}, random);
    check_every_product<E>({270, 9, 257, 2}, random);
    check_every_product<E>({5, 300, 512, 0}, random);
  });
}

TEST_CASE("what a complex layer asks for agrees with plain loops and Eigen, at every edge") {
  Random random(4);
  for_both_precisions([&]<class E>() {
    for (const Index in : {1, 3, 24}) {
      for (const Index out : {1, 2, 15, 16, 17, 33}) {
        for (const Index n : {1, 3, 14, 29, 260}) check_layer<E>(in, out, n, n % 3, random);
      }
    }
    for (Index width = 1; width <= 70; ++width) check_layer<E>(width, 71 - width, 20, 0, random);
    check_layer<E>(530, 40, 20, 0, random);
  });
}
