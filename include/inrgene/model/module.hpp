// The contract of everything that maps features to features: encoders, layer stacks, whole fields.
#pragma once

#include <concepts>
#include <span>
#include <string>
#include <vector>

#include "inrgene/backend/backend.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

/// One parameter tensor inside the flat buffer, named and shaped as PyTorch's state_dict has it.
struct ParameterInfo {
  std::string name;          ///< "net.0.linear.weight"
  std::vector<Index> shape;  ///< PyTorch's order, row-major: a weight is [out, in]
  Index offset = 0;          ///< first real in the flat buffer
  Index count = 0;           ///< reals, two a complex entry
  enum class Field { real, complex } field = Field::real;
};

/// What a forward pass is for: `record` keeps what backward needs, `evaluate` only the values.
enum class TapeMode { evaluate, record };

/// Which derivatives to the coordinates are carried forward.
enum class DerivativeOrder { first, laplacian };

/// Values and derivatives to the coordinates, side by side: [features × samples·channels] with
/// channel 0 the value, channels 1 … D the derivatives along D directions and, when asked for, one
/// more that holds the Laplacian Σ_d ∂²/∂x_d².
template <class E>
struct Derivatives {
  MatrixView<E> all;
  Index samples = 0;
  Index directions = 0;
  DerivativeOrder order = DerivativeOrder::first;

  INRGENE_HD [[nodiscard]] MatrixView<E> channel(Index c) const {
    return all.columns(c * samples, samples);
  }
  INRGENE_HD [[nodiscard]] MatrixView<E> value() const { return channel(0); }
  INRGENE_HD [[nodiscard]] MatrixView<E> along(Index d) const { return channel(1 + d); }
  INRGENE_HD [[nodiscard]] MatrixView<E> laplacian() const { return channel(1 + directions); }
  INRGENE_HD [[nodiscard]] Derivatives features(Index begin, Index count) const {
    return {all.features(begin, count), samples, directions, order};
  }
  INRGENE_HD [[nodiscard]] Derivatives<const E> as_constant() const {
    return {all, samples, directions, order};
  }
};

/// Channels of a Derivatives block.
[[nodiscard]] constexpr Index derivative_channels(Index directions, DerivativeOrder order) {
  return 1 + directions + (order == DerivativeOrder::laplacian ? 1 : 0);
}

/// A differentiable map y = M(θ, x), x [in × samples], y [out × samples], stateless: the parameters
/// θ are passed in, so that one description serves workers, ensembles and line searches.
///
/// Every call takes the worker's context first, through which its backend issues work.
/// - `forward(θ, x, tape)` returns y, which lives in the tape until the next forward;
/// - `backward(θ, dL_dy, tape, gradients, dL_dx)` adds ∂L/∂θ to `gradients` and writes ∂L/∂x unless
///   `dL_dx` is an empty view; it uses up what forward recorded, so one backward a forward;
/// - `push_forward(θ, x, tape)` carries derivatives to the coordinates forward, along at least one
///   direction.
/// Gradients of complex parameters are ∂L/∂Re + i ∂L/∂Im, as PyTorch's.
template <class M, class B>
concept Module = Backend<B> &&
    requires(const M m, typename M::template Tape<B>& tape, context_of<B>& context,
             std::span<const scalar_of<B>> theta, std::span<scalar_of<B>> gradients,
             MatrixView<const scalar_of<B>> x, MatrixView<scalar_of<B>> dx,
             Derivatives<const scalar_of<B>> jets) {
  { m.in_features() } -> std::convertible_to<Index>;
  { m.out_features() } -> std::convertible_to<Index>;
  { m.parameter_count() } -> std::convertible_to<Index>;
  { m.layout() } -> std::same_as<std::vector<ParameterInfo>>;
  { m.template forward<B>(context, theta, x, tape) } -> std::same_as<MatrixView<scalar_of<B>>>;
  m.template backward<B>(context, theta, x, tape, gradients, dx);
  {
    m.template push_forward<B>(context, theta, jets, tape)
    } -> std::same_as<Derivatives<scalar_of<B>>>;
};

/// A module that can also reverse its push_forward, which makes the parameter gradients of losses
/// that contain ∇Φ and ΔΦ exact.
///
/// - `backward_derivatives(θ, dL_dy, tape, gradients)` takes the cotangent of every channel of a
///   push_forward on a recording tape and adds ∂L/∂θ; one a push_forward.
template <class M, class B>
concept TwiceDifferentiable = Module<M, B> &&
    requires(const M m, typename M::template Tape<B>& tape, context_of<B>& context,
             std::span<const scalar_of<B>> theta, std::span<scalar_of<B>> gradients,
             Derivatives<const scalar_of<B>> cotangents) {
  m.template backward_derivatives<B>(context, theta, cotangents, tape, gradients);
};

/// Which part of the input a share is of: the features from `begin` on, the bias with it or not.
struct InputShare {
  enum class Bias { left_out, added };
  Index begin = 0;
  Bias bias = Bias::left_out;
};

/// A module whose input enters through linear maps alone, so that what each group of its features
/// adds to them can be computed by itself, and used again where the other group changes.
///
/// - `share(θ, part, x, z)` writes what some features x [features × n] add, z
///   [share_features() × n];
/// - `forward_shares(θ, z, s, tape)` is `forward` of the input whose shares are z [… × n] and, the
///   same for every sample, s [… × 1], which holds the bias;
/// - `forward_share(θ, x, s, tape)` the same, of the first features x in place of their share.
/// Neither records anything.
template <class M, class B>
concept SharedInput = Module<M, B> &&
    requires(const M m, typename M::template Tape<B>& tape, context_of<B>& context,
             std::span<const scalar_of<B>> theta, MatrixView<const scalar_of<B>> x,
             MatrixView<scalar_of<B>> z) {
  { m.share_features() } -> std::convertible_to<Index>;
  m.template share<B>(context, theta, InputShare{}, x, z);
  {
    m.template forward_shares<B>(context, theta, x, x, tape)
    } -> std::same_as<MatrixView<scalar_of<B>>>;
  {
    m.template forward_share<B>(context, theta, x, x, tape)
    } -> std::same_as<MatrixView<scalar_of<B>>>;
};

/// Rows of a batch before and behind a row that the module's output for it depends on: 0 but for
/// modules that say otherwise by a member of this name.
template <class M>
[[nodiscard]] Index row_context(const M& module) {
  if constexpr (requires { module.row_context(); }) {
    return module.row_context();
  } else {
    return 0;
  }
}

/// The layout of a part moved behind what stands before it, its names prefixed.
inline void append_layout(std::vector<ParameterInfo>& all, std::vector<ParameterInfo> part,
                          const std::string& prefix = {}) {
  const Index begin = all.empty() ? 0 : all.back().offset + all.back().count;
  for (auto& p : part) {
    p.offset += begin;
    p.name.insert(0, prefix);
    all.push_back(std::move(p));
  }
}

}  // namespace inrgene
