// Part 2 of the backbones in training; cut in three, which compile side by side.
#include <doctest/doctest.h>

#include "inrgene/model/built_ins.hpp"
#include "support/backbone_checks.hpp"
#include "support/objective_checks.hpp"
#include "support/training_checks.hpp"

TEST_CASE("every backbone learns a smooth target, and a hostile start ends in the guard, part 2") {
  using namespace inrgene;
  for_each_type(TypeSlice<Backbones, 2, 3>{}, []<class K>() {
    CAPTURE(std::string(K::name));
    const auto network = test::small_network<K>(3, 1);
    test::check_learns(network);
    test::check_hostile_start(network);
  });
}

TEST_CASE("every backbone gives the reference's batches at every remainder, part 2") {
  using namespace inrgene;
  for_each_type(TypeSlice<Backbones, 2, 3>{}, []<class K>() {
    CAPTURE(std::string(K::name));
    test::check_batches<K>();
  });
}
