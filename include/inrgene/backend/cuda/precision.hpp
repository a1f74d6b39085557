// How a GPU's products round: policies named as types, so that a model's type says what it does.
#pragma once

#include <concepts>
#include <type_traits>

namespace inrgene {

// Errors below are of one product Σ_k a_k b_k of n terms, relative to Σ_k |a_k b_k|, with unit
// roundoffs u = 2^-24 (float), 2^-11 (TF32) and 2^-8 (bfloat16). Each operand rounded to unit
// roundoff v puts a factor (1 + δ), |δ| ≤ v, on every term: 2v + v² in all. Accumulation in float
// adds (n - 1)u at worst and about √n u in practice; tensor cores align and truncate what they add
// up, which doubles u. A network's loss and gradients inherit these errors layer by layer.

/// Every multiplication and addition in double. For Cuda<double>; error at most n 2^-53.
struct Fp64 {
  using scalar = double;
};

/// Multiplications and additions in float, without tensor cores: error at most n u, as on a CPU.
struct Fp32 {
  using scalar = float;
};

/// Operands rounded to TF32 (11 significant bits), sums in float: error at most
/// 2·2^-11 + 2^-22 + 2(n - 1)u, so 1e-3 whatever n. On tensor cores, one product's worth of work.
struct Tf32 {
  using scalar = float;
};

/// Each operand as a sum of two TF32 numbers, a = h + l with |l| ≤ 2^-11 |a|; the product is
/// l·h' + h·l' + h·h', smallest first, in float. Left out is l·l' ≤ 2^-22 |ab|; l itself keeps 11
/// of its at most 13 bits, which costs 2·2^-22 |ab| rounded and 2·2^-21 truncated: error at most
/// 5·2^-22 + 2(3n - 1)u, the same size as Fp32's. Three products' worth of work on tensor cores,
/// and one pass over each operand that writes it twice.
struct Tf32x3 {
  using scalar = float;
};

/// Operands rounded to bfloat16 (8 significant bits), sums in float: error at most
/// 2·2^-8 + 2^-16 + 2(n - 1)u, so 8e-3 whatever n. Parameters, activations and gradients stay in
/// float in memory.
struct Bf16 {
  using scalar = float;
};

namespace detail {
template <class P, class... Known>
inline constexpr bool one_of = (std::same_as<P, Known> || ...);
}  // namespace detail

/// Whether P says how products of T's round.
template <class P, class T>
concept CudaPrecision =
    detail::one_of<P, Fp64, Fp32, Tf32, Tf32x3, Bf16> && std::same_as<typename P::scalar, T>;

/// What a backend rounds like unless told otherwise: as a CPU does, until the faster policies have
/// been measured to train to the same loss.
template <class T>
using DefaultPrecision = std::conditional_t<std::same_as<T, double>, Fp64, Tf32x3>;

static_assert(CudaPrecision<DefaultPrecision<float>, float>);
static_assert(CudaPrecision<DefaultPrecision<double>, double>);

}  // namespace inrgene
