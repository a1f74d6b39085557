// Bodies as kernels.
#pragma once

#include <cuda_runtime.h>

#include <limits>
#include <utility>

#include "inrgene/backend/cuda/check.cuh"
#include "inrgene/backend/cuda/device_buffer.cuh"
#include "inrgene/backend/cuda/launch.hpp"

namespace inrgene::detail {

/// All phases of a body; the threads of a block wait for each other in between.
template <class Body>
__global__ void __launch_bounds__(block_threads) run_body(const __grid_constant__ Body body) {
  constexpr std::size_t bytes = Body::shared_bytes > 0 ? Body::shared_bytes : 16;
  __shared__ alignas(16) unsigned char shared[bytes];
  const LaunchPlace place{static_cast<Index>(blockIdx.x), static_cast<Index>(gridDim.x),
                          static_cast<int>(threadIdx.x)};
  const auto run = [&]<int Phase>() {
    if constexpr (Phase > 0) __syncthreads();
    body.template phase<Phase>(place, shared);
  };
  [&]<int... Phase>(std::integer_sequence<int, Phase...>) {
    (run.template operator()<Phase>(), ...);
  }
  (std::make_integer_sequence<int, Body::phases>{});
}

/// What LaunchedOperations launches with.
class DeviceLauncher {
 public:
  /// Throws UnavailableError when this build holds no code for the device.
  template <class Body>
  void launch(const Body& body) {
    const Index blocks = body.blocks();
    require(blocks <= std::numeric_limits<int>::max(), "blocks of a launch", blocks,
            "at most 2^31 - 1: fewer tile_samples make fewer");
    run_body<<<static_cast<unsigned>(blocks), block_threads, 0, work_stream()>>>(body);
    check_cuda(cudaGetLastError(), "launching a kernel");
  }
  template <class S>
  [[nodiscard]] S* parts(Index count) {
    return parts_.reserve<S>(count);
  }

 private:
  DeviceRoom parts_;
};

}  // namespace inrgene::detail
