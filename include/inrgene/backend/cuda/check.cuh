// Calls into CUDA and cuBLASLt: what they say is wrong becomes an exception.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <string_view>

#include "inrgene/core/error.hpp"

namespace inrgene::detail {

/// Whether an error means that there is no device to work on, which is no fault of the work.
[[nodiscard]] inline bool means_no_device(cudaError_t error) {
  return error == cudaErrorNoDevice || error == cudaErrorInsufficientDriver ||
         error == cudaErrorInvalidDevice || error == cudaErrorDevicesUnavailable ||
         error == cudaErrorSystemNotReady || error == cudaErrorSystemDriverMismatch ||
         error == cudaErrorCompatNotSupportedOnDevice || error == cudaErrorStubLibrary ||
         error == cudaErrorNoKernelImageForDevice;
}

/// "on GPU 0"; the device that calls of this thread go to.
[[nodiscard]] INRGENE_COLD inline std::string device_in_words() {
  int device = 0;
  return cudaGetDevice(&device) == cudaSuccess ? text("on GPU ", device) : "without a GPU";
}

/// Throws unless `error` is none: UnavailableError where there is no device to work on or not
/// enough memory on it, Error for everything else. `call` is what was tried, in a word or two.
/// A kernel's own fault is told by the first call that waits for it.
inline void check_cuda(cudaError_t error, std::string_view call) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // forgets an error that is not sticky, so that the next call is judged alone
  const std::string said = text(call, ": ", cudaGetErrorString(error), " (",
                                cudaGetErrorName(error), ", ", device_in_words(), ")");
  if (means_no_device(error)) {
    throw UnavailableError("the CUDA backend found no GPU that it can use: " + said);
  }
  if (error == cudaErrorMemoryAllocation) {
    throw UnavailableError("the GPU has too little free memory (fewer tile_samples need less): " +
                           said);
  }
  throw Error(said);
}

/// Throws unless `status` is success: UnavailableError where the library could not start or has no
/// way to do what was asked for, Error for everything else.
inline void check_cublas(cublasStatus_t status, std::string_view call) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  const std::string said = text(call, ": ", cublasLtGetStatusString(status), " (",
                                cublasLtGetStatusName(status), ", ", device_in_words(), ")");
  if (status == CUBLAS_STATUS_NOT_INITIALIZED || status == CUBLAS_STATUS_ARCH_MISMATCH ||
      status == CUBLAS_STATUS_ALLOC_FAILED || status == CUBLAS_STATUS_NOT_SUPPORTED) {
    throw UnavailableError("cuBLASLt cannot do this here: " + said);
  }
  throw Error(said);
}

/// Devices that the runtime sees: 0 where there is no driver too.
[[nodiscard]] inline int device_count() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();
  return 0;
}

/// Makes `device` the one that this thread's calls go to, and lets its pool keep memory that was
/// given back: a step that allocates finds it there.
inline void use_device(int device) {
  check_cuda(cudaSetDevice(device), text("selecting GPU ", device));
  cudaMemPool_t pool{};
  check_cuda(cudaDeviceGetDefaultMemPool(&pool, device), "finding the memory pool");
  std::uint64_t keep = ~std::uint64_t{0};
  check_cuda(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep),
             "setting up the memory pool");
}

/// The stream that a thread's work goes through, in order: allocation, copies, launches, products.
/// Objects that one thread uses need no other synchronisation. (The runtime's per-thread stream
/// needs no handle to keep, and can be captured.)
[[nodiscard]] inline cudaStream_t work_stream() {
  return cudaStreamPerThread;
}

/// Waits for all work of this thread.
inline void finish_work(std::string_view call) {
  check_cuda(cudaStreamSynchronize(work_stream()), call);
}

}  // namespace inrgene::detail
