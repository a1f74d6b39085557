#include "inrgene/brain/datasets/splits.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "brain/datasets/sites_for_tests.hpp"

using namespace inrgene;

namespace {

/// How often each index of [0, size) appears in the parts of `split`.
std::vector<int> uses(const Split& split, Index size) {
  std::vector<int> count(static_cast<std::size_t>(size), 0);
  for (const auto* side : {&split.train, &split.held_out, &split.validation, &split.dropped}) {
    CHECK(std::is_sorted(side->begin(), side->end()));
    for (const Index i : *side) ++count[static_cast<std::size_t>(i)];
  }
  return count;
}

bool all_once(const Split& split, Index size) {
  const auto count = uses(split, size);
  return std::all_of(count.begin(), count.end(), [](int n) { return n == 1; });
}

bool same(const Split& a, const Split& b) {
  return a.train == b.train && a.held_out == b.held_out && a.validation == b.validation &&
         a.dropped == b.dropped;
}

double nearest_mm(const Sites& sites, Index i, const std::vector<Index>& others) {
  double best = std::numeric_limits<double>::infinity();
  for (const Index j : others) {
    best = std::min(best, (sites.mni_mm.col(i) - sites.mni_mm.col(j)).norm());
  }
  return best;
}

std::string message_of(auto&& call) {
  try {
    call();
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "no exception";
}

}  // namespace

TEST_CASE("rows split 18:1:1 cover all rows once, in these numbers") {
  const Split split = split_rows(94600);  // 946 sites x 100 genes
  CHECK(split.train.size() == 85140);
  CHECK(split.validation.size() == 4730);
  CHECK(split.held_out.size() == 4730);
  CHECK(all_once(split, 94600));
  const Split uneven = split_rows(39);  // 39/20 rounds down to 1
  CHECK(uneven.train.size() == 37);
  CHECK(uneven.validation.size() == 1);
  CHECK(uneven.held_out.size() == 1);
  const Split two_way = split_rows(10, {.parts = {4, 0, 1}});
  CHECK(two_way.train.size() == 8);
  CHECK(two_way.validation.empty());
  CHECK(two_way.held_out.size() == 2);
}

TEST_CASE("row splits repeat with the seed and differ without it") {
  CHECK(same(split_rows(1000), split_rows(1000, {.seed = 42})));
  CHECK(!same(split_rows(1000), split_rows(1000, {.seed = 43})));
  // Held-out rows spread over the whole range: the mean of 500 of 10,000 uniform indices is 5000
  // with a standard error of 10000 / sqrt(12 * 500) = 129; five of these are allowed.
  const Split split = split_rows(10000);
  double sum = 0;
  for (const Index i : split.held_out) sum += static_cast<double>(i);
  CHECK(std::abs(sum / 500 - 5000) < 5 * 129);
}

TEST_CASE("row splits refuse empty sides and meaningless parts") {
  CHECK(message_of([] { static_cast<void>(split_rows(19)); }).find("found 19") !=
        std::string::npos);
  CHECK(message_of([] { static_cast<void>(split_rows(0)); }).find("rows to split: found 0") == 0);
  CHECK(message_of([] {
          static_cast<void>(split_rows(100, {.parts = {18, 1, 0}}));
        }).find("found 18:1:0") != std::string::npos);
  CHECK(message_of([] {
          static_cast<void>(split_rows(100, {.parts = {18, -1, 1}}));
        }).find("found -1") != std::string::npos);
}

TEST_CASE("site splits cover all sites once and keep twins on one side") {
  const Sites sites = test::scattered_sites(200, 7);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Split split = split_sites(sites, {.held_out_fraction = 0.2, .seed = seed});
    CHECK(all_once(split, sites.size()));
    CHECK(std::abs(static_cast<double>(split.held_out.size()) - 60.0) <= 1.0);  // of 300, in pairs
    for (Index i = 0; i < 100; ++i) {  // site 2 i and its twin 200 + i
      const bool original = std::binary_search(split.held_out.begin(), split.held_out.end(), 2 * i);
      const bool twin = std::binary_search(split.held_out.begin(), split.held_out.end(), 200 + i);
      CHECK(original == twin);
    }
    CHECK(same(split, split_sites(sites, {.held_out_fraction = 0.2, .seed = seed})));
  }
  CHECK(!same(split_sites(sites, {.seed = 1}), split_sites(sites, {.seed = 2})));
}

TEST_CASE("every site is held out sooner or later") {
  const Sites sites = test::scattered_sites(20, 9);
  std::vector<bool> held(static_cast<std::size_t>(sites.size()), false);
  // A site is missed by one split with probability about 0.8, by 100 with 2e-10.
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    for (const Index i : split_sites(sites, {.seed = seed}).held_out) {
      held[static_cast<std::size_t>(i)] = true;
    }
  }
  CHECK(std::all_of(held.begin(), held.end(), [](bool value) { return value; }));
}

TEST_CASE("site splits refuse fractions that leave a side empty") {
  const Sites pair = test::scattered_sites(2, 1).select(std::vector<Index>{0, 2});  // twins
  CHECK(message_of([&] {
          static_cast<void>(split_sites(pair));
        }).find("split sizes: found 0 train, 2 held out, 0 validation, 0 dropped of 2") == 0);
  const Sites sites = test::scattered_sites(30, 1);
  for (const double fraction : {0.0, 1.0, -0.2, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(message_of([&] {
            static_cast<void>(split_sites(sites, {.held_out_fraction = fraction}));
          }).find("held_out_fraction: found") == 0);
  }
  CHECK_THROWS_AS(static_cast<void>(split_sites(Sites{})), ArgumentError);
}

TEST_CASE("block splits hold out whole cubes, and the buffer is kept, by brute force") {
  const Sites sites = test::scattered_sites(600, 21);
  for (const double buffer_mm : {0.0, 5.0, 15.0}) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const Split split = split_blocks(
          sites, {.block_mm = 40, .held_out_fraction = 0.2, .buffer_mm = buffer_mm, .seed = seed});
      CHECK(all_once(split, sites.size()));
      // a cube has 64,000 of 2,912,000 mm^3 of the box and at most twice that with its mirror
      // image: the fraction is met to within half of the largest group
      CHECK(static_cast<double>(split.held_out.size()) > 0.13 * 900);
      CHECK(static_cast<double>(split.held_out.size()) < 0.27 * 900);
      std::set<std::array<Index, 3>> held_blocks;
      for (const Index j : split.held_out) {
        held_blocks.insert(block_of(sites.mni_mm.col(j), 40));
      }
      for (const Index i : split.train) {
        CHECK(nearest_mm(sites, i, split.held_out) >= buffer_mm);
        CHECK(!held_blocks.contains(block_of(sites.mni_mm.col(i), 40)));
      }
      for (const Index i : split.dropped) {
        CHECK(nearest_mm(sites, i, split.held_out) < buffer_mm);
      }
      if (buffer_mm == 0.0) CHECK(split.dropped.empty());
      if (buffer_mm == 15.0) CHECK(!split.dropped.empty());
      for (Index i = 0; i < 300; ++i) {  // twins: both held out or none
        CHECK(std::binary_search(split.held_out.begin(), split.held_out.end(), 2 * i) ==
              std::binary_search(split.held_out.begin(), split.held_out.end(), 600 + i));
      }
    }
  }
}

TEST_CASE("block splits refuse a buffer or a cube that leaves nothing to train on") {
  Sites sites = test::scattered_sites(100, 2);
  const auto message = [&](const BlockSplit& settings) {
    return message_of([&] { static_cast<void>(split_blocks(sites, settings)); });
  };
  CHECK(message({.buffer_mm = 500}).find("split sizes: found 0 train") == 0);
  CHECK(message({.buffer_mm = -1}).find("buffer_mm: found -1") == 0);
  sites.mni_mm = sites.mni_mm.cwiseAbs().eval();  // all in one cube
  CHECK(message({.block_mm = 500}).find("split sizes: found 0 train, 150 held out") == 0);
}

TEST_CASE("donor splits hold out one donor; an unknown one lists those there are") {
  Sites sites = test::scattered_sites(6, 3);  // 9 sites
  sites.donor = {"b", "a", "b", "c", "a", "a", "c", "b", "a"};
  const Split split = split_donors(sites, "a");
  CHECK(split.held_out == std::vector<Index>{1, 4, 5, 8});
  CHECK(split.train == std::vector<Index>{0, 2, 3, 6, 7});
  CHECK(message_of([&] {
          static_cast<void>(split_donors(sites, "z"));
        }).find("donor to hold out: found z, expected one of a, b, c") == 0);
  const Sites alone = sites.select(std::vector<Index>{1, 4});
  CHECK(message_of([&] {
          static_cast<void>(split_donors(alone, "a"));
        }).find("split sizes: found 0 train, 2 held out") == 0);
  sites.donor.clear();
  CHECK(message_of([&] {
          static_cast<void>(split_donors(sites, "a"));
        }).find("expected sites with a donor column") != std::string::npos);
}
