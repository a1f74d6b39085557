// Pipelines on a GPU.
#include <doctest/doctest.h>

#include "backend/cuda/device_checks.hpp"
#include "pipelines/cuda/pipeline_checks.hpp"

TEST_CASE("a field is fitted, kept and mapped on a GPU") {
  using namespace inrgene;
  if (!test::has_device()) return;
  test::check_pipeline<Siren>(Cuda<float>{});
  test::check_pipeline<Factorised<>>(Cuda<float>{});
}
