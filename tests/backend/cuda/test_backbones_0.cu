// Part 0 of the backbones on a GPU against plain loops in double.
#include <doctest/doctest.h>

#include "backend/cuda/device_checks.hpp"
#include "inrgene/model/built_ins.hpp"

TEST_CASE("every backbone gives on a GPU what plain loops give, part 0") {
  using namespace inrgene;
  if (!test::has_device()) return;
  for_each_type(TypeSlice<Backbones, 0, 3>{},
                []<class K>() { test::check_backbone_on_device<K>(); });
}
