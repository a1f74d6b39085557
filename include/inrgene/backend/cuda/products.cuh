// Matrix products by cuBLASLt.
#pragma once

#include <cublasLt.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "inrgene/backend/backend.hpp"
#include "inrgene/backend/cuda/check.cuh"
#include "inrgene/backend/cuda/device_buffer.cuh"
#include "inrgene/backend/cuda/precision.hpp"
#include "inrgene/math/complex.hpp"

namespace inrgene::detail {

template <class E>
inline constexpr cudaDataType_t cuda_type = CUDA_R_32F;
template <>
inline constexpr cudaDataType_t cuda_type<double> = CUDA_R_64F;
template <>
inline constexpr cudaDataType_t cuda_type<math::Complex<float>> = CUDA_C_32F;
template <>
inline constexpr cudaDataType_t cuda_type<math::Complex<double>> = CUDA_C_64F;

template <class Precision>
inline constexpr cublasComputeType_t compute_type = CUBLAS_COMPUTE_32F;
template <>
inline constexpr cublasComputeType_t compute_type<Fp64> = CUBLAS_COMPUTE_64F;
template <>
inline constexpr cublasComputeType_t compute_type<Tf32> = CUBLAS_COMPUTE_32F_FAST_TF32;
template <>
inline constexpr cublasComputeType_t compute_type<Tf32x3> = CUBLAS_COMPUTE_32F_FAST_TF32;
template <>
inline constexpr cublasComputeType_t compute_type<Bf16> = CUBLAS_COMPUTE_32F_FAST_16BF;

/// The largest power of two up to 256 that divides an address.
[[nodiscard]] inline std::uint32_t alignment_of(const void* p) {
  const auto address = reinterpret_cast<std::uintptr_t>(p) | 256U;
  return static_cast<std::uint32_t>(address & (~address + 1U));
}

/// One of cuBLASLt's handles.
template <class Handle, cublasStatus_t (*destroy)(Handle)>
class LtObject {
 public:
  LtObject() = default;
  LtObject(LtObject&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  LtObject& operator=(LtObject&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~LtObject() {
    if (handle_ != nullptr) destroy(handle_);
  }
  [[nodiscard]] Handle get() const { return handle_; }
  [[nodiscard]] Handle* address() { return &handle_; }

 private:
  Handle handle_ = nullptr;
};
using LtLibrary = LtObject<cublasLtHandle_t, cublasLtDestroy>;
using LtOperation = LtObject<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy>;
using LtLayout = LtObject<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy>;
using LtPreference = LtObject<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy>;

/// All that decides how a product is done; a plan is good for every product of the same.
struct ProductShape {
  cudaDataType_t type{};
  cublasOperation_t op_a{}, op_b{};
  Index rows = 0, cols = 0, depth = 0;
  Index stride_a = 0, stride_b = 0, stride_c = 0;
  std::uint32_t aligned_a = 0, aligned_b = 0, aligned_c = 0;
  std::uint32_t aligned_bias = 0;  ///< 0: no bias
  bool operator==(const ProductShape&) const = default;
};

/// How one shape is multiplied: cuBLASLt's descriptions and its choice of kernel.
struct ProductPlan {
  ProductShape shape{};
  LtOperation operation{};
  LtLayout a{}, b{}, c{};
  cublasLtMatmulAlgo_t algorithm{};
};

/// C = αop(A)op(B) + βC (+ a bias for every row): products of one context, whose plans, made at the
/// first product of a shape, are kept.
template <class Precision>
class Products {
 public:
  /// `bias` may be null and must otherwise be aligned to `bias_alignment`.
  static constexpr std::uint32_t bias_alignment = 16;

  template <class E>
  void operator()(cublasOperation_t op_a, cublasOperation_t op_b, MatrixView<const E> a,
                  MatrixView<const E> b, MatrixView<E> c, Write write, const E* bias = nullptr) {
    const ProductShape shape{.type = cuda_type<E>,
                             .op_a = op_a,
                             .op_b = op_b,
                             .rows = c.rows,
                             .cols = c.cols,
                             .depth = op_a == CUBLAS_OP_N ? a.cols : a.rows,
                             .stride_a = a.stride,
                             .stride_b = b.stride,
                             .stride_c = c.stride,
                             .aligned_a = alignment_of(a.data),
                             .aligned_b = alignment_of(b.data),
                             .aligned_c = alignment_of(c.data),
                             .aligned_bias = bias == nullptr ? 0U : alignment_of(bias)};
    ProductPlan& plan = plan_of(shape, bias);
    if (bias != nullptr) {
      set(plan.operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, static_cast<const void*>(bias));
    }
    const E one = unit<E>(), factor = write == Write::add ? one : E{};
    check_cublas(cublasLtMatmul(library_.get(), plan.operation.get(), &one, a.data, plan.a.get(),
                                b.data, plan.b.get(), &factor, c.data, plan.c.get(), c.data,
                                plan.c.get(), &plan.algorithm, workspace_.reserve<std::byte>(room),
                                static_cast<std::size_t>(room), work_stream()),
                 "multiplying matrices");
  }

 private:
  /// NVIDIA's advice for Hopper; older cards want less.
  static constexpr Index room = Index{32} << 20;

  template <class E>
  static constexpr E unit() {
    if constexpr (math::is_complex<E>) {
      return {1, 0};
    } else {
      return E(1);
    }
  }

  template <class V>
  static void set(LtOperation& operation, cublasLtMatmulDescAttributes_t what, const V& value) {
    check_cublas(cublasLtMatmulDescSetAttribute(operation.get(), what, &value, sizeof value),
                 "describing a product");
  }
  template <class V>
  static void set(LtPreference& preference, cublasLtMatmulPreferenceAttributes_t what,
                  const V& value) {
    check_cublas(cublasLtMatmulPreferenceSetAttribute(preference.get(), what, &value, sizeof value),
                 "describing a product");
  }
  static LtLayout layout(cudaDataType_t type, Index rows, Index cols, Index stride) {
    LtLayout out;
    // Of a matrix of one column no stride is read, but one below its rows is refused.
    check_cublas(
        cublasLtMatrixLayoutCreate(out.address(), type, static_cast<std::uint64_t>(rows),
                                   static_cast<std::uint64_t>(cols), std::max(stride, rows)),
        "describing a matrix");
    return out;
  }

  ProductPlan& plan_of(const ProductShape& shape, const void* bias) {
    for (ProductPlan& plan : plans_) {
      if (plan.shape == shape) return plan;
    }
    plans_.push_back(made(shape, bias));
    return plans_.back();
  }

  ProductPlan made(const ProductShape& s, const void* bias) {
    if (library_.get() == nullptr) {
      check_cublas(cublasLtCreate(library_.address()), "starting cuBLASLt");
    }
    ProductPlan plan{.shape = s};
    check_cublas(
        cublasLtMatmulDescCreate(plan.operation.address(), compute_type<Precision>, s.type),
        "describing a product");
    set(plan.operation, CUBLASLT_MATMUL_DESC_TRANSA, s.op_a);
    set(plan.operation, CUBLASLT_MATMUL_DESC_TRANSB, s.op_b);
    if (bias != nullptr) {
      set(plan.operation, CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS);
      // The choice of a kernel goes by the address's alignment.
      set(plan.operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias);
    }
    const auto shaped = [&](cublasOperation_t op, Index rows, Index cols, Index stride) {
      return op == CUBLAS_OP_N ? layout(s.type, rows, cols, stride)
                               : layout(s.type, cols, rows, stride);
    };
    plan.a = shaped(s.op_a, s.rows, s.depth, s.stride_a);
    plan.b = shaped(s.op_b, s.depth, s.cols, s.stride_b);
    plan.c = layout(s.type, s.rows, s.cols, s.stride_c);

    LtPreference preference;
    check_cublas(cublasLtMatmulPreferenceCreate(preference.address()), "describing a product");
    set(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, static_cast<std::size_t>(room));
    set(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, s.aligned_a);
    set(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, s.aligned_b);
    set(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, s.aligned_c);
    set(preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, s.aligned_c);
    cublasLtMatmulHeuristicResult_t result{};
    int found = 0;
    check_cublas(
        cublasLtMatmulAlgoGetHeuristic(library_.get(), plan.operation.get(), plan.a.get(),
                                       plan.b.get(), plan.c.get(), plan.c.get(), preference.get(),
                                       1, &result, &found),
        text("choosing a product of ", s.rows, " × ", s.depth, " and ", s.depth, " × ", s.cols));
    if (found == 0) {
      throw UnavailableError(text("cuBLASLt knows no product of ", s.rows, " × ", s.depth, " and ",
                                  s.depth, " × ", s.cols, " ", device_in_words()));
    }
    plan.algorithm = result.algo;
    return plan;
  }

  LtLibrary library_;
  std::vector<ProductPlan> plans_;
  DeviceRoom workspace_;
};

}  // namespace inrgene::detail
