// SOAP: Adam in the eigenbasis of Shampoo's preconditioner.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/settings_field.hpp"
#include "inrgene/math/elementary.hpp"
#include "inrgene/training/optimizers/adam.hpp"
#include "inrgene/training/optimizers/matrix_blocks.hpp"
#include "inrgene/training/optimizers/optimizer.hpp"
#include "inrgene/training/optimizers/symmetric_basis.hpp"

namespace inrgene {

/// For a weight W with gradient G, both [m × n]:
///
///     M ← β₁M + (1-β₁)G,   G' = Q_Lᵀ G Q_R,   V ← β₂V + (1-β₂) G'∘G'
///     W ← W - η Q_L [M̂' / (√V̂ + ε)] Q_Rᵀ,   M' = Q_Lᵀ M Q_R
///     L ← β₂L + (1-β₂) G Gᵀ,   R ← β₂R + (1-β₂) Gᵀ G
///
/// with Adam's corrections of M and V. Q_L and Q_R hold the eigenvectors of L and R: those of the
/// first step's L and R, then Q ← QR(LQ) every `precondition_every` steps, the columns sorted by
/// their Rayleigh quotients and V with them (as the authors' program does).
///
/// A tensor of one axis is updated by Adam; one of more than two is a matrix of its first axis by
/// all others, a complex one has its real and imaginary parts side by side, [out × 2 in]. A side of
/// 1 or longer than `max_side` is not rotated; with none rotated the rule is Adam.
///
/// Memory: 2 numbers a parameter and, for a matrix, 2 (m² + n²). Cost a step beside the objective:
/// some 14 mn(m + n) FLOP a matrix, and 5 (m³ + n³), on the host, every `precondition_every` steps.
/// Source: Vyas, Morwani, Zhao, Kwun, Shapira, Brandfonbrener, Janson and Kakade, "SOAP: improving
/// and stabilizing Shampoo using Adam", ICLR 2025 (arXiv 2409.11321), algorithms 3 and 4.
struct Soap {
  double learning_rate = 3e-3;
  double beta1 = 0.95;
  double beta2 = 0.95;
  double epsilon = 1e-8;
  Index precondition_every = 10;
  Index max_side = 2048;

  static constexpr std::string_view name = "soap";
  static constexpr auto fields =
      std::tuple{SettingsField{"learning_rate", &Soap::learning_rate},
                 SettingsField{"beta1", &Soap::beta1},
                 SettingsField{"beta2", &Soap::beta2},
                 SettingsField{"epsilon", &Soap::epsilon},
                 SettingsField{"precondition_every", &Soap::precondition_every},
                 SettingsField{"max_side", &Soap::max_side}};

  template <Backend B>
  struct State;

  /// Throws ArgumentError when a hyper-parameter is outside its bounds.
  void validate() const {
    detail::check_adam(learning_rate, beta1, beta2, epsilon);
    require(precondition_every >= 1, "precondition_every", precondition_every, "at least 1");
    require(max_side >= 0, "max_side", max_side, "0 or more");
  }

  template <Backend B, class F>
  requires Objective<F, scalar_of<B>>
  double step(const B& backend, State<B>& state, F&& objective, scalar_of<B>* theta,
              scalar_of<B>* gradients, double rate) const {
    using T = scalar_of<B>;
    const double loss = objective(theta, gradients);
    if (!std::isfinite(loss)) return loss;
    ++state.steps;
    const bool first = state.steps == 1;
    if (first) {
      each_block(backend, state, [&](context_of<B>& context, auto& scratch, const Block& block) {
        add_covariances<B>(context, state, scratch, block, gradients);
      });
      set_bases(backend, state, first);
    }
    const auto update = detail::AdamKernel<T>::at(state.steps, rate, beta1, beta2, epsilon);
    each_block(backend, state, [&](context_of<B>& context, auto& scratch, const Block& block) {
      move<B>(context, state, scratch, block, update, state.floor_of(block), theta, gradients);
      if (!first) add_covariances<B>(context, state, scratch, block, gradients);
    });
    if (first) {
      std::fill(state.floor.begin(), state.floor.end(), T(0));
    } else if (state.steps % precondition_every == 0) {
      set_bases(backend, state, first);
    }
    return loss;
  }

  // Public, since a device's kernel cannot take a private type.
  /// a ← β a + (1-β) b.
  template <class T>
  struct Blend {
    T beta;
    INRGENE_HD INRGENE_INLINE void operator()(const T& a, const T& b, T& out) const {
      out = beta * a + (T(1) - beta) * b;
    }
  };
  /// Adam's move in the rotated space.
  template <class T>
  struct RotatedMove {
    detail::AdamKernel<T> adam;
    T floor;  ///< below it nothing moves
    INRGENE_HD INRGENE_INLINE void operator()(const T& g, const T& m, const T& v, T& move,
                                              T& v_out) const {
      v_out = adam.beta2 * v + (T(1) - adam.beta2) * g * g;
      const T step = adam.size * m / (math::sqrt(v_out) * adam.correction + adam.epsilon);
      move = math::abs(g) < floor ? T(0) : step;
    }
  };
  template <class T>
  struct Subtract {
    INRGENE_HD INRGENE_INLINE void operator()(const T& p, const T& move, T& out) const {
      out = p - move;
    }
  };

 private:
  using Block = detail::MatrixBlock;
  using Side = detail::MatrixSide;

  /// Work on the blocks, shared among the workers by index.
  template <Backend B, class F>
  static void each_block(const B& backend, State<B>& state, const F& work) {
    const auto workers = std::ssize(state.scratch);
    backend_traits<B>::run(backend, static_cast<int>(workers),
                           [&](int worker, context_of<B>& context) {
                             for (Index i = worker; i < std::ssize(state.blocks); i += workers) {
                               work(context, state.scratch[static_cast<std::size_t>(worker)],
                                    state.blocks[static_cast<std::size_t>(i)]);
                             }
                           });
  }

  template <Backend B>
  void add_covariances(context_of<B>& context, State<B>& state, detail::RotationScratch<B>& scratch,
                       const Block& block, const scalar_of<B>* gradients) const {
    using Ops = backend_traits<B>;
    using T = scalar_of<B>;
    const MatrixView<const T> g(gradients + block.offset, block.rows.length, block.cols.length);
    const auto add = [&](const Side& side, bool rows) {
      if (!side.rotated()) return;
      const MatrixView<T> product(scratch.square.data(), side.length, side.length);
      if (rows) {
        Ops::template gemm<Op::none, Op::transpose, T>(context, g, g, product, Write::replace);
      } else {
        Ops::template gemm<Op::transpose, Op::none, T>(context, g, g, product, Write::replace);
      }
      const MatrixView<T> mean(state.covariance.data() + side.at, side.length, side.length);
      Ops::map(context, Blend<T>{static_cast<T>(beta2)}, std::tuple(mean),
               MatrixView<const T>(mean), MatrixView<const T>(product));
    };
    add(block.rows, true);
    add(block.cols, false);
  }

  /// One block's step.
  template <Backend B>
  void move(context_of<B>& context, State<B>& state, detail::RotationScratch<B>& scratch,
            const Block& block, const detail::AdamKernel<scalar_of<B>>& update, scalar_of<B> floor,
            scalar_of<B>* theta, const scalar_of<B>* gradients) const {
    using Ops = backend_traits<B>;
    using T = scalar_of<B>;
    const auto slice = [&](auto* data) {
      return MatrixView(data + block.offset, block.rows.length, block.cols.length);
    };
    const MatrixView<T> p = slice(theta);
    const MatrixView<T> m = slice(state.first.data());
    const MatrixView<T> v = slice(state.second.data());
    const MatrixView<const T> g = slice(gradients);
    const auto in = [](MatrixView<T> view) { return MatrixView<const T>(view); };
    if (!block.rotated()) {
      Ops::map(context, update, std::tuple(p, m, v), g, in(p), in(m), in(v));
      return;
    }
    Ops::map(context, Blend<T>{update.beta1}, std::tuple(m), in(m), g);
    const MatrixView<T> g_turned(scratch.gradient.data(), p.rows, p.cols);
    const MatrixView<T> m_turned(scratch.moment.data(), p.rows, p.cols);
    const T* basis = state.basis.data();
    using detail::Turn;
    detail::rotate<B>(context, basis, scratch, block, Turn::forward, g, g_turned);
    detail::rotate<B>(context, basis, scratch, block, Turn::forward, m, m_turned);
    Ops::map(context, RotatedMove<T>{update, floor}, std::tuple(m_turned, v), in(g_turned),
             in(m_turned), in(v));
    detail::rotate<B>(context, basis, scratch, block, Turn::back, m_turned, m_turned);
    Ops::map(context, Subtract<T>{}, std::tuple(p), in(p), in(m_turned));
  }

  /// Sets the bases from the covariances, on the host: eigenvectors at first, then a QR step.
  ///
  /// In the bases of the first gradient alone, that gradient is diagonal. What stands beside the
  /// diagonal is rounding, which the division by √V would make as large as the rest: below
  /// √(n ε λ_max), the share of G that n sums of rounding ε leave of G Gᵀ, nothing moves.
  template <Backend B>
  void set_bases(const B& backend, State<B>& state, bool first) const {
    using Ops = backend_traits<B>;
    using T = scalar_of<B>;
    const auto fetched = [&](const auto& buffer) {
      std::vector<T> host(buffer.size());
      Ops::download(backend, buffer.data(), std::span<T>(host));
      return host;
    };
    const std::vector<T> covariance = fetched(state.covariance);
    std::vector<T> basis = fetched(state.basis);
    std::vector<T> second = fetched(state.second);
    const auto workers = std::ssize(state.scratch);
    run_workers(static_cast<int>(workers), [&](int worker) {
      for (Index i = worker; i < std::ssize(state.blocks); i += workers) {
        const Block& block = state.blocks[static_cast<std::size_t>(i)];
        const std::span<T> v(second.data() + block.offset, static_cast<std::size_t>(block.count()));
        for (const bool rows : {true, false}) {
          const Side& side = rows ? block.rows : block.cols;
          if (!side.rotated()) continue;
          detail::SquareMatrix mean(side.length), q(side.length);
          std::copy_n(covariance.data() + side.at, side.length * side.length, mean.values.data());
          std::copy_n(basis.data() + side.at, side.length * side.length, q.values.data());
          if (first) {
            const double noise = std::numeric_limits<T>::epsilon();
            detail::Eigenbasis found = detail::covariance_basis(mean, noise);
            const double largest = found.values.front() / (1 - beta2);
            T& floor = state.floor[static_cast<std::size_t>(i)];
            floor = std::max(floor, static_cast<T>(std::sqrt(static_cast<double>(side.length) *
                                                             noise * largest)));
            q = std::move(found.vectors);
          } else {
            detail::RefinedBasis refined = detail::refined_basis(mean, q);
            reorder(v, block, refined.order, rows);
            q = std::move(refined.vectors);
          }
          std::transform(q.values.begin(), q.values.end(), basis.data() + side.at,
                         [](double x) { return static_cast<T>(x); });
        }
      }
    });
    Ops::upload(backend, std::span<const T>(basis), state.basis.data());
    Ops::upload(backend, std::span<const T>(second), state.second.data());
  }

  /// Brings the rows (or columns) of a block's V into the order of its new basis.
  template <class T>
  static void reorder(std::span<T> v, const Block& block, const std::vector<Index>& order,
                      bool rows) {
    const std::vector<T> old(v.begin(), v.end());
    const Index m = block.rows.length;
    for (Index j = 0; j < block.cols.length; ++j) {
      for (Index i = 0; i < m; ++i) {
        const Index from = rows ? order[static_cast<std::size_t>(i)] + j * m
                                : i + order[static_cast<std::size_t>(j)] * m;
        v[static_cast<std::size_t>(i + j * m)] = old[static_cast<std::size_t>(from)];
      }
    }
  }
};

template <Backend B>
struct Soap::State {
  using T = scalar_of<B>;
  using Buffer = typename backend_traits<B>::template buffer<T>;

  State(const Soap& rule, const B& backend, const std::vector<ParameterInfo>& layout)
      : first(static_cast<std::size_t>(parameter_count(layout))), second(first.size()) {
    detail::MatrixBlocks found(layout, rule.max_side);
    covariance = Buffer(static_cast<std::size_t>(found.squares));
    basis = Buffer(static_cast<std::size_t>(found.squares));
    blocks = std::move(found.blocks);
    floor.resize(blocks.size());
    for (int w = 0; w < backend_traits<B>::workers(backend); ++w) {
      scratch.emplace_back(found.largest, found.longest);
    }
  }

  Buffer first;       ///< M
  Buffer second;      ///< V, in the eigenbases
  Buffer covariance;  ///< L and R of all matrices
  Buffer basis;       ///< Q_L and Q_R of all matrices
  Index steps = 0;

  std::vector<Block> blocks;
  std::vector<detail::RotationScratch<B>> scratch;  ///< per worker
  std::vector<T> floor;                             ///< per block, of the first step; 0 else

  [[nodiscard]] T floor_of(const Block& block) const {
    return floor[static_cast<std::size_t>(&block - blocks.data())];
  }

  template <class F>
  void for_each(F&& f) {
    f("exp_avg", first);
    f("exp_avg_sq", second);
    f("covariance", covariance);
    f("basis", basis);
  }
};

}  // namespace inrgene
