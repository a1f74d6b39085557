#include "inrgene/math/complex.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <complex>
#include <cstddef>
#include <type_traits>

#include "inrgene/math/jet.hpp"

using namespace inrgene;
using C = math::Complex<double>;

namespace {

void check_equal(const C& a, const std::complex<double>& b) {
  CHECK(a.re == doctest::Approx(b.real()).epsilon(1e-15));
  CHECK(a.im == doctest::Approx(b.imag()).epsilon(1e-15));
}

}  // namespace

TEST_CASE("complex arithmetic is std::complex's") {
  const std::complex<double> p(1.5, -0.7), q(-2.25, 3.1);
  const C a{1.5, -0.7}, b{-2.25, 3.1};
  check_equal(a + b, p + q);
  check_equal(a - b, p - q);
  check_equal(a * b, p * q);
  check_equal(3.0 * a, 3.0 * p);
  C sum = a;
  sum += b;
  check_equal(sum, p + q);
  check_equal(math::conjugate(a), std::conj(p));
  CHECK(math::norm(a) == doctest::Approx(std::norm(p)));
  CHECK(math::conjugate(2.5) == 2.5);
  check_equal(math::exp_polar(0.4, 2.0), std::exp(std::complex<double>(0.4, 2.0)));
}

TEST_CASE("a complex number lies as std::complex does") {
  static_assert(sizeof(math::Complex<float>) == sizeof(std::complex<float>));
  static_assert(std::is_trivially_copyable_v<C> && std::is_standard_layout_v<C>);
  CHECK(offsetof(C, re) == 0);
  CHECK(offsetof(C, im) == sizeof(double));
  static_assert(math::is_complex<C> && !math::is_complex<double>);
  static_assert(math::components<C> == 2 && math::components<float> == 1);
}

TEST_CASE("the derivative of a complex exponential follows from its parts") {
  using J = math::Jet<double, 2>;
  const double u = 0.3, v = -0.8;
  // e^{iz}, z = u + iv: modulus e^{-v}, phase u.
  const auto y = math::exp_polar(-J::variable(v, 1), J::variable(u, 0));
  const std::complex<double> right = std::exp(std::complex<double>(-v, u));
  CHECK(y.re.d[0] == doctest::Approx(-right.imag()));
  CHECK(y.im.d[0] == doctest::Approx(right.real()));
  CHECK(y.re.d[1] == doctest::Approx(-right.real()));
  CHECK(y.im.d[1] == doctest::Approx(-right.imag()));
}
