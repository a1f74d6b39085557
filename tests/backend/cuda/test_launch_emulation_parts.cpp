// Encoders, losses, optimisers and objectives by the GPU's launches, run by loops on the host.
#include <doctest/doctest.h>

#include "backend/cuda/emulated.hpp"
#include "backend/cuda/part_checks.hpp"

using namespace inrgene;

TEST_CASE("every encoder gives on emulated launches as with plain loops") {
  test::check_encoders(test::Emulated<float>{});
}

TEST_CASE("every optimiser and every loss steps on emulated launches as with plain loops") {
  test::check_rules_and_losses(test::Emulated<float>{});
}

TEST_CASE("product fields are evaluated on emulated launches as with plain loops") {
  test::check_product_fields(test::Emulated<float>{});
}

TEST_CASE("penalties on derivatives are evaluated on emulated launches as with plain loops") {
  test::check_penalties(test::Emulated<float>{});
}
