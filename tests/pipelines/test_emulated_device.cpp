// Pipelines on emulated launches, in memory that the host cannot reach.
#include <doctest/doctest.h>

#include "backend/cuda/emulated.hpp"
#include "pipelines/cuda/pipeline_checks.hpp"

TEST_CASE("a field is fitted, kept and mapped in a device's memory") {
  using namespace inrgene;
  test::check_pipeline<Siren>(test::Emulated<float>{});
  test::check_pipeline<Factorised<>>(test::Emulated<float>{});
}
