// Made-up sites for the tests of splits.
#pragma once

#include <cstdint>

#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/core/random.hpp"

namespace inrgene::test {

/// `count` sites, uniform in a box of the brain's size; site i has a mirrored twin for even i, so
/// that about two thirds of all sites have one. Twins are far apart in the order of sites.
inline Sites scattered_sites(Index count, std::uint64_t seed) {
  Random random(seed);
  Sites sites;
  const Index twins = count / 2;
  sites.mni_mm.resize(3, count + twins);
  for (Index i = 0; i < count; ++i) {
    sites.mni_mm.col(i) << random.uniform(-65, 65), random.uniform(-100, 70),
        random.uniform(-60, 80);
  }
  for (Index i = 0; i < twins; ++i) {
    sites.mni_mm.col(count + i) = sites.mni_mm.col(2 * i);
    sites.mni_mm(0, count + i) *= -1;
  }
  for (Index i = 0; i < count + twins; ++i) sites.well_ids.push_back(text("w", i));
  return sites;
}

}  // namespace inrgene::test
