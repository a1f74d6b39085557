// Encoders, losses, optimisers and objectives on a GPU.
#include <doctest/doctest.h>

#include "backend/cuda/device_checks.hpp"
#include "backend/cuda/part_checks.hpp"

using namespace inrgene;

TEST_CASE("every encoder gives on a GPU as with plain loops") {
  if (!test::has_device()) return;
  test::check_encoders(Cuda<float>{});
}

TEST_CASE("every optimiser and every loss steps on a GPU as with plain loops") {
  if (!test::has_device()) return;
  test::check_rules_and_losses(Cuda<float>{});
}

TEST_CASE("product fields are evaluated on a GPU as with plain loops") {
  if (!test::has_device()) return;
  test::check_product_fields(Cuda<float>{});
}

TEST_CASE("penalties on derivatives are evaluated on a GPU as with plain loops") {
  if (!test::has_device()) return;
  test::check_penalties(Cuda<float>{});
}
