// Part 1 of the backbones as fields; cut in two, which compile side by side.
#include <doctest/doctest.h>

#include "pipelines/field_checks.hpp"

TEST_CASE("fields predict their module's forward pass, whatever the encoding, part 1") {
  using namespace inrgene;
  for_each_type(TypeSlice<Backbones, 1, 2>{}, []<class K>() { test::check_field_of<K>(); });
}
