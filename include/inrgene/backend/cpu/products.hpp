// By which kernels, and in which precision, the CPU backend multiplies matrices.
#pragma once

#include <algorithm>
#include <string>
#include <type_traits>

#include "inrgene/backend/cpu/formats.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/math/complex.hpp"

namespace inrgene {

/// All products by this library's micro-kernel (backend/cpu/tiled_product.hpp).
struct TiledProducts {};

/// The products of wide real layers with factors rounded to bf16 (8 significant bits), for
/// `Cpu<float>`: near half the time on a processor with AVX-512 BF16; an emulation of the same
/// elsewhere, slower than float. Sums, biases, activations, results and parameters stay float.
///
/// What is rounded: both factors of `affine`, `affine_map`, `pull_affine` and of the weight
/// gradient, which is `gemm<Op::conjugate, Op::transpose>`; to nearest, ties to even. What keeps
/// all digits: layers of at most 32 inputs or outputs, which cost little, and whose rounding would
/// stand in coordinates or in the prediction itself; complex numbers; every other `gemm`, since
/// optimisers and distances want their digits.
///
/// Error: a factor is off by at most u = 2⁻⁸ of itself, a term a·b of a sum by at most
/// 2u + u² = 2⁻⁷ (1 + 2⁻⁹) of itself, so that |found − Σ a b| ≤ (2u + u²)·Σ |a b|, besides float's
/// rounding of the sum. A loss after 1,000 steps is mostly, but not always, within 5 % of float's
/// (benchmarks/precision): measure on your own data. Rounded products: Kalamkar et al. 2019, A
/// study of BFLOAT16 for deep learning training, arXiv:1905.12322.
struct Bf16Products {};

namespace detail {

/// The format in which a product of elements E is computed; `void` where the policy multiplies by
/// itself: `Products::gemm_add<OpA, OpB>(A, B, C)`.
template <class E, class Products>
struct ProductFormat {
  using type = void;
};
template <class E>
struct ProductFormat<E, TiledProducts> {
  using type = Full<math::real_of<E>>;
};
template <class E>
struct ProductFormat<E, Bf16Products> {
  static_assert(std::is_same_v<math::real_of<E>, float>, "Bf16Products are for Cpu<float>");
  using type = std::conditional_t<math::is_complex<E>, Full<float>, Bf16Pairs<>>;
};

/// Whether a layer keeps all digits for its shape. The same on every machine.
[[nodiscard]] constexpr bool is_narrow(Index in, Index out) {
  return in <= 32 || out <= 32;
}

}  // namespace detail

/// The instructions, block and precision of the matrix kernel in this program: "AVX-512, 14x32,
/// float" computes 32 features of 14 samples at a time; "AVX2, 6x16, bf16, emulated" has no
/// instruction for bf16.
template <class T, class Products = TiledProducts>
[[nodiscard]] std::string kernel_name() {
  using Shape = detail::KernelShape<T>;
  constexpr bool bf16 = std::is_same_v<Products, Bf16Products>;
  constexpr bool instruction = bf16 && detail::has_bf16_instruction;
  return text(detail::simd_name, instruction ? " BF16" : "", ", ", Shape::samples, "x",
              Shape::features, ", ",
              !bf16         ? (std::is_same_v<T, float> ? "float" : "double")
              : instruction ? "bf16"
                            : "bf16, emulated");
}

}  // namespace inrgene
