#include "inrgene/math/jet.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

#include "inrgene/math/complex.hpp"
#include "support/compare.hpp"

using namespace inrgene;
using math::Jet;

namespace {

/// Holds f against f' and f'' in closed form and against central differences, at x.
template <class F, class D, class DD>
void check_derivatives(const char* name, const F& f, const D& first, const DD& second, double x) {
  CAPTURE(name);
  CAPTURE(x);
  const auto once = f(Jet<double, 1>::variable(x, 0));
  CHECK(once.value == doctest::Approx(f(x)).epsilon(1e-14));
  CHECK(once.d[0] == doctest::Approx(first(x)).epsilon(1e-13));
  CHECK(once.d[0] == doctest::Approx(test::central_difference(f, x, 1e-3)).epsilon(1e-9));
  using Nested = Jet<Jet<double, 1>, 1>;
  const auto twice = f(Nested::variable(Jet<double, 1>::variable(x, 0), 0));
  CHECK(twice.value.value == doctest::Approx(f(x)).epsilon(1e-14));
  CHECK(twice.value.d[0] == doctest::Approx(first(x)).epsilon(1e-13));
  CHECK(twice.d[0].value == doctest::Approx(first(x)).epsilon(1e-13));
  CHECK(twice.d[0].d[0] == doctest::Approx(second(x)).epsilon(1e-12));
}

}  // namespace

TEST_CASE("jets have the derivatives of every function") {
  for (const double x : {0.3, 1.1, 2.7}) {
    check_derivatives(
        "sin", [](const auto& t) { return math::sin(t); }, [](double t) { return std::cos(t); },
        [](double t) { return -std::sin(t); }, x);
    check_derivatives(
        "cos", [](const auto& t) { return math::cos(t); }, [](double t) { return -std::sin(t); },
        [](double t) { return -std::cos(t); }, x);
    check_derivatives(
        "sincos",
        [](const auto& t) {
          const auto sc = math::sincos(t);
          return sc.sin * sc.cos;
        },
        [](double t) { return std::cos(2 * t); }, [](double t) { return -2 * std::sin(2 * t); }, x);
    check_derivatives(
        "exp", [](const auto& t) { return math::exp(-1.5 * t); },
        [](double t) { return -1.5 * std::exp(-1.5 * t); },
        [](double t) { return 2.25 * std::exp(-1.5 * t); }, x);
    check_derivatives(
        "log", [](const auto& t) { return math::log(t); }, [](double t) { return 1 / t; },
        [](double t) { return -1 / (t * t); }, x);
    check_derivatives(
        "sqrt", [](const auto& t) { return math::sqrt(t); },
        [](double t) { return 0.5 / std::sqrt(t); },
        [](double t) { return -0.25 / (t * std::sqrt(t)); }, x);
    check_derivatives(
        "abs", [](const auto& t) { return math::abs(-2.0 * t * t); },
        [](double t) { return 4 * t; }, [](double) { return 4.0; }, x);
    check_derivatives(
        "positive_part", [](const auto& t) { return math::positive_part(t * t * t); },
        [](double t) { return 3 * t * t; }, [](double t) { return 6 * t; }, x);
    check_derivatives(
        "at_most", [](const auto& t) { return math::at_most(t * t, 100.0); },
        [](double t) { return 2 * t; }, [](double) { return 2.0; }, x);
  }
}

TEST_CASE("jets have the derivatives of sums, products and quotients") {
  for (const double x : {-0.8, 0.4, 1.9}) {
    check_derivatives(
        "polynomial", [](const auto& t) { return (t * t - 2.0 * t + 3.0) * t - (1.0 - t) / 4.0; },
        [](double t) { return 3 * t * t - 4 * t + 3.25; }, [](double t) { return 6 * t - 4; }, x);
    check_derivatives(
        "quotient", [](const auto& t) { return (t + 2.0) / (t * t + 1.0); },
        [](double t) { return (1 - 4 * t - t * t) / std::pow(t * t + 1, 2); },
        [](double t) { return (2 * t * t * t + 12 * t * t - 6 * t - 4) / std::pow(t * t + 1, 3); },
        x);
    check_derivatives(
        "constants", [](const auto& t) { return -(2.0 + t) * 3.0 - t; },
        [](double) { return -4.0; }, [](double) { return 0.0; }, x);
  }
}

TEST_CASE("a jet carries several derivatives side by side") {
  using J = Jet<double, 3>;
  const J x = J::variable(0.5, 0), y = J::variable(-1.2, 1), z = J::variable(2.0, 2);
  const J f = x * math::exp(y) / z + math::sin(x * z);
  CHECK(f.d[0] == doctest::Approx(std::exp(-1.2) / 2 + 2 * std::cos(1.0)).epsilon(1e-14));
  CHECK(f.d[1] == doctest::Approx(0.25 * std::exp(-1.2)).epsilon(1e-14));
  CHECK(f.d[2] == doctest::Approx(-0.125 * std::exp(-1.2) + 0.5 * std::cos(1.0)).epsilon(1e-14));
}

TEST_CASE("at kinks jets follow PyTorch, and detached parts are constants") {
  using J = Jet<float, 1>;
  CHECK(math::positive_part(J::variable(0.0F, 0)).d[0] == 0.0F);
  CHECK(math::positive_part(J::variable(-1.0F, 0)).d[0] == 0.0F);
  CHECK(math::positive_part(J::variable(1.0F, 0)).d[0] == 1.0F);
  CHECK(math::abs(J::variable(-1.0F, 0)).d[0] == -1.0F);
  CHECK(math::at_most(J::variable(3.0F, 0), 2.0F).value == 2.0F);
  CHECK(math::at_most(J::variable(3.0F, 0), 2.0F).d[0] == 0.0F);
  const J x = J::variable(3.0F, 0);
  const J product = math::detach(x) * x;
  CHECK(product.value == 9.0F);
  CHECK(product.d[0] == 3.0F);
}

TEST_CASE("float jets have the value and derivatives of floats") {
  const auto j = math::exp(math::sin(Jet<float, 1>::variable(0.8F, 0)));
  CHECK(j.value == doctest::Approx(std::exp(std::sin(0.8))).epsilon(1e-6));
  CHECK(j.d[0] == doctest::Approx(std::exp(std::sin(0.8)) * std::cos(0.8)).epsilon(1e-6));
}
