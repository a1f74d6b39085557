#include "inrgene/brain/datasets/folds.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "brain/datasets/sites_for_tests.hpp"

using namespace inrgene;

namespace {

/// Checks what all folds promise: held-out parts tile the sites, and every fold on its own does.
void check_folds(const std::vector<Split>& folds, Index size) {
  std::vector<int> held(static_cast<std::size_t>(size), 0);
  for (const Split& split : folds) {
    CHECK_NOTHROW(split.check(size));
    CHECK(split.train.size() + split.held_out.size() + split.dropped.size() ==
          static_cast<std::size_t>(size));
    for (const Index i : split.held_out) ++held[static_cast<std::size_t>(i)];
  }
  CHECK(std::all_of(held.begin(), held.end(), [](int n) { return n == 1; }));
}

bool holds(const Split& split, Index i) {
  return std::binary_search(split.held_out.begin(), split.held_out.end(), i);
}

}  // namespace

TEST_CASE("site folds tile the sites, keep twins together and are level") {
  const Sites sites = test::scattered_sites(200, 4);  // 300 sites
  for (const Index k : {Index{2}, Index{5}, Index{7}}) {
    const auto folds = fold_sites(sites, {.folds = k, .seed = 3});
    CHECK(std::ssize(folds) == k);
    check_folds(folds, sites.size());
    for (const Split& split : folds) {
      CHECK(std::abs(static_cast<double>(split.held_out.size()) - 300.0 / static_cast<double>(k)) <
            2.0);
      CHECK(split.dropped.empty());
      for (Index i = 0; i < 100; ++i) CHECK(holds(split, 2 * i) == holds(split, 200 + i));
    }
  }
  const auto first = fold_sites(sites, {.seed = 3});
  const auto again = fold_sites(sites, {.seed = 3});
  const auto other = fold_sites(sites, {.seed = 4});
  CHECK(first[0].held_out == again[0].held_out);
  CHECK(first[0].held_out != other[0].held_out);
}

TEST_CASE("block folds tile the sites by whole cubes and keep the buffer, by brute force") {
  const Sites sites = test::scattered_sites(400, 8);
  const auto folds = fold_blocks(sites, {.block_mm = 20, .folds = 5, .buffer_mm = 6, .seed = 1});
  check_folds(folds, sites.size());
  for (const Split& split : folds) {
    CHECK(!split.dropped.empty());
    std::set<std::array<Index, 3>> held_blocks;
    for (const Index j : split.held_out) held_blocks.insert(block_of(sites.mni_mm.col(j), 20));
    for (Index i = 0; i < sites.size(); ++i) {
      CHECK(holds(split, i) == held_blocks.contains(block_of(sites.mni_mm.col(i), 20)));
    }
    for (const Index i : split.train) {
      double nearest_mm = 1e9;
      for (const Index j : split.held_out) {
        nearest_mm = std::min(nearest_mm, (sites.mni_mm.col(i) - sites.mni_mm.col(j)).norm());
      }
      CHECK(nearest_mm >= 6.0);
    }
    for (Index i = 0; i < 200; ++i) CHECK(holds(split, 2 * i) == holds(split, 400 + i));
  }
}

TEST_CASE("donor folds leave each donor out once, by name") {
  Sites sites = test::scattered_sites(6, 3);
  sites.donor = {"b", "a", "b", "c", "a", "a", "c", "b", "a"};
  const auto folds = fold_donors(sites);
  REQUIRE(folds.size() == 3);
  check_folds(folds, sites.size());
  CHECK(folds[0].held_out == std::vector<Index>{1, 4, 5, 8});
  CHECK(folds[1].held_out == std::vector<Index>{0, 2, 7});
  CHECK(folds[2].held_out == std::vector<Index>{3, 6});
}

TEST_CASE("folds refuse numbers that cannot be") {
  const Sites sites = test::scattered_sites(8, 3);  // 8 groups, 12 sites
  for (const Index k : {Index{-1}, Index{0}, Index{1}, Index{9}}) {
    try {
      static_cast<void>(fold_sites(sites, {.folds = k}));
      FAIL("no exception");
    } catch (const ArgumentError& error) {
      CHECK(std::string(error.what())
                .find(text("folds: found ", k,
                           ", expected at least 2 and at most the 8 groups of sites")) == 0);
    }
  }
  CHECK_THROWS_AS(static_cast<void>(fold_blocks(sites, {.folds = 2, .buffer_mm = 1000})),
                  ArgumentError);
  CHECK_THROWS_AS(static_cast<void>(fold_donors(sites)), ArgumentError);
}
