// Every loss of the list: a smooth formula whose derivative training gets right.
#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/training/built_ins.hpp"
#include "support/compare.hpp"

using namespace inrgene;

TEST_CASE("every loss has the derivative of its formula") {
  for_each_type(Losses{}, []<class L>() {
    CAPTURE(std::string(L::name));
    const L loss{};
    const double weight = 0.25;
    for (const double target : {-1.3, 0.0, 0.7}) {
      for (const double residual : {-2.5, -0.3, 0.4, 1.9}) {
        CAPTURE(residual);
        const double y = target + residual;
        double derivative = 0;
        const double value = detail::LossKernel<L, double>{loss, weight}(y, target, derivative);
        CHECK(value == doctest::Approx(loss.formula(y, target)).epsilon(1e-15));
        const double expected =
            test::central_difference([&](double at) { return loss.formula(at, target); }, y, 1e-3);
        CHECK(derivative == doctest::Approx(weight * expected).epsilon(1e-8));
        CHECK(value > 0);
      }
      CHECK(loss.formula(target, target) == 0);
    }
  });
}

TEST_CASE("the mean squared error is the squared residual") {
  CHECK(MeanSquaredError::formula(3.0, 1.0) == 4.0);
  CHECK(MeanSquaredError::formula(1.0F, 3.5F) == 6.25F);
}
