// The GPU backend: what `Cuda` does, for files that nvcc compiles. A model, a loss or an optimiser
// sees nothing of it but backend_traits.
#pragma once

#include <span>
#include <tuple>

#include "inrgene/backend/composed_products.hpp"
#include "inrgene/backend/copy_kernel.hpp"
#include "inrgene/backend/cuda/check.cuh"
#include "inrgene/backend/cuda/device.hpp"
#include "inrgene/backend/cuda/device_buffer.cuh"
#include "inrgene/backend/cuda/launched_operations.hpp"
#include "inrgene/backend/cuda/launcher.cuh"
#include "inrgene/backend/cuda/products.cuh"
#include "inrgene/backend/real_parts.hpp"

namespace inrgene {

/// How many GPUs there are that CUDA can see.
[[nodiscard]] inline int cuda_device_count() {
  return detail::device_count();
}

/// Throws UnavailableError unless the backend's device is there, and makes it this thread's: memory
/// that is asked for from then on lies there. `run`, `upload` and `download` do so too; a program
/// that names another device than the first does it before it makes anything on it.
template <class T, class P>
void use(const Cuda<T, P>& backend) {
  detail::use_device(backend.device);
}

/// One worker, which hands work to the device in order and does not wait for it: `download` and
/// `upload` do. A fault in a kernel is therefore told by a later call.
///
/// All objects on a device belong to the thread that made them: another one uses them after it has
/// waited for that thread and that thread has downloaded something.
template <class T, class P>
struct backend_traits<Cuda<T, P>> : detail::LaunchedOperations<detail::DeviceLauncher>,
                                    detail::ComposedProducts<backend_traits<Cuda<T, P>>> {
  using Launched = detail::LaunchedOperations<detail::DeviceLauncher>;
  using Launched::fill, Launched::generate, Launched::map;
  using scalar = T;
  using backend = Cuda<T, P>;
  template <class E>
  using buffer = DeviceBuffer<E>;
  /// Partial sums, cuBLASLt's plans, and room for operands in another form.
  struct context : detail::DeviceLauncher {
    detail::Products<P> products;
    detail::DeviceRoom first_factor, second_factor, result;
  };
  struct contexts {
    context only;
  };

  static int workers(const backend& /*b*/) { return 1; }
  static Index tile_samples(const backend& b) { return b.tile_samples; }
  static Index tile_multiple(const backend& /*b*/) { return 128; }

  template <class Task>
  static void run(const backend& b, int workers, Task&& task) {
    contexts fresh;
    run(b, fresh, workers, task);
  }
  template <class Task>
  static void run(const backend& b, contexts& kept, int workers, Task&& task) {
    detail::use_device(b.device);
    for (int worker = 0; worker < workers; ++worker) task(worker, kept.only);
  }

  template <class E>
  static void upload(const backend& b, std::span<const E> host, E* device) {
    if (host.empty()) return;
    detail::use_device(b.device);
    detail::check_cuda(cudaMemcpyAsync(device, host.data(), host.size_bytes(),
                                       cudaMemcpyHostToDevice, detail::work_stream()),
                       text("copying ", host.size_bytes(), " bytes to the GPU"));
    detail::finish_work("copying to the GPU");
  }
  template <class E>
  static void download(const backend& b, const E* device, std::span<E> host) {
    if (host.empty()) return;
    detail::use_device(b.device);
    detail::check_cuda(cudaMemcpyAsync(host.data(), device, host.size_bytes(),
                                       cudaMemcpyDeviceToHost, detail::work_stream()),
                       text("copying ", host.size_bytes(), " bytes from the GPU"));
    detail::finish_work("waiting for the GPU's work");
  }

  template <Op OpA, Op OpB, class E>
  static void gemm(context& c, MatrixView<const E> a, MatrixView<const E> b, MatrixView<E> out,
                   Write write) {
    if (out.rows == 0 || out.cols == 0) return;
    if ((OpA == Op::transpose ? a.rows : a.cols) == 0) {
      if (write == Write::replace) fill(c, out, E{});
    } else if constexpr (!math::is_complex<E> || (OpA != Op::conjugate && OpB != Op::conjugate)) {
      multiply(c, plain(OpA), plain(OpB), a, b, out, write);
    } else if constexpr (OpA == Op::conjugate && OpB == Op::transpose) {
      // cuBLASLt conjugates only what it transposes: (Ā·Bᵀ)ᵀ = B·Aᴴ, turned after that.
      const MatrixView<E> turned(c.result.template reserve<E>(out.rows * out.cols), out.cols,
                                 out.rows);
      multiply(c, CUBLAS_OP_N, CUBLAS_OP_C, b, a, turned, Write::replace);
      generate(c, detail::TransposedKernel<E>{turned, out, write == Write::add}, out);
    } else {
      static_assert(OpA == Op::conjugate && OpB == Op::none, "no model multiplies like this");
      // The first factor is a weight, which is small.
      const MatrixView<E> conjugated(c.result.template reserve<E>(a.rows * a.cols), a.rows, a.cols);
      map(c, detail::ConjugateKernel{}, std::tuple(conjugated), a);
      multiply(c, CUBLAS_OP_N, CUBLAS_OP_N, MatrixView<const E>(conjugated), b, out, write);
    }
  }

  template <class E>
  static void affine(context& c, MatrixView<const E> w, MatrixView<const E> bias,
                     MatrixView<const E> x, MatrixView<E> z) {
    if (z.rows == 0 || z.cols == 0) return;
    constexpr auto aligned = detail::Products<P>::bias_alignment;
    if (bias.empty()) {
      multiply(c, CUBLAS_OP_T, CUBLAS_OP_N, w, x, z, Write::replace);
    } else if (!math::is_complex<E> && detail::alignment_of(bias.data) >= aligned) {
      multiply(c, CUBLAS_OP_T, CUBLAS_OP_N, w, x, z, Write::replace, bias.data);
    } else {
      map(c, detail::CopyKernel{}, std::tuple(z),
          MatrixView<const E>(bias.data, z.rows, z.cols, 0));
      multiply(c, CUBLAS_OP_T, CUBLAS_OP_N, w, x, z, Write::add);
    }
  }

 private:
  static constexpr cublasOperation_t plain(Op op) {
    return op == Op::transpose ? CUBLAS_OP_T : CUBLAS_OP_N;
  }

  /// out = op(a)·op(b) (+ out) (+ bias), in the policy's precision.
  template <class E>
  static void multiply(context& c, cublasOperation_t op_a, cublasOperation_t op_b,
                       MatrixView<const E> a, MatrixView<const E> b, MatrixView<E> out, Write write,
                       const E* bias = nullptr) {
    if constexpr (std::is_same_v<P, Tf32x3>) {
      const auto [a_high, a_low] = split(c, c.first_factor, a);
      const auto [b_high, b_low] = split(c, c.second_factor, b);
      c.products(op_a, op_b, a_low, b_high, out, write);
      c.products(op_a, op_b, a_high, b_low, out, Write::add);
      c.products(op_a, op_b, a_high, b_high, out, Write::add, bias);
    } else {
      c.products(op_a, op_b, a, b, out, write, bias);
    }
  }

  /// A factor as two whose numbers have 11 significant bits, real and imaginary parts alike.
  template <class E>
  static std::pair<MatrixView<const E>, MatrixView<const E>> split(context& c,
                                                                   detail::DeviceRoom& room,
                                                                   MatrixView<const E> m) {
    // Both aligned as cuBLASLt likes it best.
    constexpr Index line = 256 / static_cast<Index>(sizeof(E));
    const Index count = detail::divided_up(m.rows * m.cols, line) * line;
    E* high = room.template reserve<E>(2 * count);
    const MatrixView<E> upper(high, m.rows, m.cols), lower(high + count, m.rows, m.cols);
    map(c, detail::SplitTf32Kernel{}, std::tuple(detail::as_reals(upper), detail::as_reals(lower)),
        detail::as_reals(m));
    return {upper, lower};
  }
};

static_assert(Backend<Cuda<float>> && Backend<Cuda<double>>);

}  // namespace inrgene
