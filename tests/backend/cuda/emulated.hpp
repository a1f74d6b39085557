// The GPU backend's launches as loops on the host: the same bodies and functors, every block after
// the other, every thread of a phase before any of the next. Products are the reference's. The host
// cannot reach its buffers but through the backend.
#pragma once

#include <cstddef>
#include <vector>

#include "backend/cuda/guarded_buffer.hpp"
#include "inrgene/backend/composed_products.hpp"
#include "inrgene/backend/cuda/launched_operations.hpp"
#include "inrgene/backend/reference/reference.hpp"

namespace inrgene::test {

/// How the threads of a phase follow each other: a body must not depend on it.
enum class ThreadOrder { upwards, downwards };

/// Runs bodies by loops.
struct HostLauncher {
  ThreadOrder order = ThreadOrder::upwards;
  Index launches = 0;
  std::vector<std::byte> memory{};

  template <class Body>
  void launch(const Body& body) {
    const OnDevice open;
    ++launches;
    const Index blocks = body.blocks();
    std::vector<std::byte> shared(Body::shared_bytes);
    for (Index b = 0; b < blocks; ++b) {
      const Index block = order == ThreadOrder::upwards ? b : blocks - 1 - b;
      [&]<int... P>(std::integer_sequence<int, P...>) {
        (run_phase<P>(body, block, blocks, shared.data()), ...);
      }
      (std::make_integer_sequence<int, Body::phases>{});
    }
  }
  template <class S>
  S* parts(Index count) {
    // Bytes that are no number: what is read must have been written.
    memory.assign(static_cast<std::size_t>(count) * sizeof(S), std::byte{0xFF});
    return reinterpret_cast<S*>(memory.data());
  }

 private:
  template <int P, class Body>
  void run_phase(const Body& body, Index block, Index blocks, void* shared) const {
    for (int t = 0; t < detail::block_threads; ++t) {
      const int thread = order == ThreadOrder::upwards ? t : detail::block_threads - 1 - t;
      body.template phase<P>({block, blocks, thread}, shared);
    }
  }
};

/// A backend of those launches.
template <class T>
struct Emulated {
  Index tile_samples = 64;
};

}  // namespace inrgene::test

namespace inrgene {

template <class T>
struct backend_traits<test::Emulated<T>>
    : detail::LaunchedOperations<test::HostLauncher>,
      detail::ComposedProducts<backend_traits<test::Emulated<T>>> {
  using scalar = T;
  using backend = test::Emulated<T>;
  using Plain = backend_traits<Reference<T>>;
  template <class E>
  using buffer = test::GuardedBuffer<E>;
  using context = test::HostLauncher;
  struct contexts {};

  static int workers(const backend& /*b*/) { return 1; }
  static Index tile_samples(const backend& b) { return b.tile_samples; }
  static Index tile_multiple(const backend& /*b*/) { return 1; }

  template <class Task>
  static void run(const backend& /*b*/, int workers, Task&& task) {
    context c;
    for (int worker = 0; worker < workers; ++worker) task(worker, c);
  }
  template <class Task>
  static void run(const backend& b, contexts& /*kept*/, int workers, Task&& task) {
    run(b, workers, task);
  }
  template <class E>
  static void upload(const backend& /*b*/, std::span<const E> host, E* device) {
    const test::OnDevice open;
    std::copy(host.begin(), host.end(), device);
  }
  template <class E>
  static void download(const backend& /*b*/, const E* device, std::span<E> host) {
    const test::OnDevice open;
    std::copy_n(device, host.size(), host.begin());
  }

  template <Op OpA, Op OpB, class E>
  static void gemm(context& /*c*/, MatrixView<const E> a, MatrixView<const E> b, MatrixView<E> c,
                   Write write) {
    const test::OnDevice open;
    typename Plain::context plain;
    Plain::template gemm<OpA, OpB, E>(plain, a, b, c, write);
  }
  template <class E>
  static void affine(context& /*c*/, MatrixView<const E> w, MatrixView<const E> bias,
                     MatrixView<const E> x, MatrixView<E> z) {
    const test::OnDevice open;
    typename Plain::context plain;
    Plain::affine(plain, w, bias, x, z);
  }
};

static_assert(Backend<test::Emulated<float>> && Backend<test::Emulated<double>>);

}  // namespace inrgene
