// The one level of threading: every parallel loop of the library goes through here.
#pragma once

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>

#include "inrgene/core/types.hpp"

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace inrgene {

/// How many workers a loop may use. 0 asks for all cores.
struct Threads {
  int count = 0;

  /// The number of workers meant: `count`, or the hardware's for 0; at least 1.
  [[nodiscard]] int resolved() const {
    if (count > 0) return count;
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  }
};

/// Calls `task(worker)` for worker = 0 … workers-1, each on a thread of its own, and waits.
/// Work is assigned by index, never by timing, so equal inputs give equal bytes. The exception of
/// the lowest worker is rethrown after all have ended. A nested call runs on the calling thread.
template <class Task>
void run_workers(int workers, Task&& task) {
  if (workers <= 1) {
    task(0);
    return;
  }
#if defined(_OPENMP)
  std::exception_ptr failure;
  int failed_worker = workers;
  std::mutex guard;
#pragma omp parallel for num_threads(workers) schedule(static, 1)
  for (int worker = 0; worker < workers; ++worker) {
    try {
      task(worker);
    } catch (...) {
      const std::lock_guard lock(guard);
      if (worker < failed_worker) {
        failed_worker = worker;
        failure = std::current_exception();
      }
    }
  }
  if (failure) std::rethrow_exception(failure);
#else
  for (int worker = 0; worker < workers; ++worker) task(worker);
#endif
}

/// Calls `body(i)` for i in [0, n), in contiguous blocks, one a worker.
template <class Body>
void parallel_for(Threads threads, Index n, Body&& body) {
  const int workers = static_cast<int>(std::min<Index>(threads.resolved(), std::max<Index>(n, 1)));
  run_workers(workers, [&](int worker) {
    const Index begin = n * worker / workers;
    const Index end = n * (worker + 1) / workers;
    for (Index i = begin; i < end; ++i) body(i);
  });
}

}  // namespace inrgene
