#include "inrgene/core/parallel.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

using namespace inrgene;

TEST_CASE("0 threads ask for all cores, others for themselves") {
  CHECK(Threads{0}.resolved() >= 1);
  CHECK(Threads{3}.resolved() == 3);
}

TEST_CASE("every worker runs once") {
  for (const int workers : {1, 2, 3, 7}) {
    std::vector<std::atomic<int>> runs(static_cast<std::size_t>(workers));
    run_workers(workers, [&](int w) { ++runs[static_cast<std::size_t>(w)]; });
    CHECK(std::all_of(runs.begin(), runs.end(), [](const auto& r) { return r == 1; }));
  }
}

TEST_CASE("parallel_for visits every index once") {
  for (const int threads : {1, 2, 3, 5}) {
    for (const Index n : {0, 1, 2, 4, 101}) {
      CAPTURE(threads);
      CAPTURE(n);
      std::vector<std::atomic<int>> visits(static_cast<std::size_t>(n));
      parallel_for(Threads{threads}, n, [&](Index i) { ++visits[static_cast<std::size_t>(i)]; });
      CHECK(std::all_of(visits.begin(), visits.end(), [](const auto& v) { return v == 1; }));
    }
  }
}

TEST_CASE("the exception of the lowest worker is rethrown after all have ended") {
  for (int repeat = 0; repeat < 20; ++repeat) {
    std::atomic<int> ended{0};
    std::string message;
    try {
      run_workers(4, [&](int w) {
        ++ended;
        if (w > 0) throw std::runtime_error("worker " + std::to_string(w));
      });
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
    CHECK(message == "worker 1");
    CHECK(ended == 4);
  }
}

TEST_CASE("an exception of a single worker passes through") {
  CHECK_THROWS_AS(run_workers(1, [](int) { throw std::logic_error("x"); }), std::logic_error);
  CHECK_THROWS_AS(parallel_for(Threads{2}, 10,
                               [](Index i) {
                                 if (i == 9) throw std::logic_error("x");
                               }),
                  std::logic_error);
}

TEST_CASE("a nested loop does all its work") {
  std::vector<std::atomic<int>> visits(12);
  run_workers(3, [&](int outer) {
    run_workers(4, [&](int inner) { ++visits[static_cast<std::size_t>(4 * outer + inner)]; });
  });
  CHECK(std::all_of(visits.begin(), visits.end(), [](const auto& v) { return v == 1; }));
}
