// The mean of a penalty on derivatives over points drawn anew for every step, as a term of an
// objective.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "inrgene/backend/add_kernel.hpp"
#include "inrgene/backend/copy_kernel.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/model/module.hpp"
#include "inrgene/training/loop/objective_term.hpp"
#include "inrgene/training/loop/row_window.hpp"
#include "inrgene/training/losses/derivative_penalty.hpp"
#include "inrgene/training/sources/sample_source.hpp"

namespace inrgene {

/// Inputs drawn anew: `draw(step)` makes the points of a step, a function of the step alone (so
/// that a resumed run sees the same), and `read(context, begin, x)` fills x [in × count] with them.
template <class S, class B>
concept PointSource = InputSource<S, B> && requires(S source, Index step) {
  source.draw(step);
};

/// Points that a function draws on the host: `draw(step, x)` fills x [in × count], column-major.
template <Backend B, class F>
requires std::invocable<F&, Index, std::span<scalar_of<B>>>
class DrawnPoints {
  using T = scalar_of<B>;

 public:
  /// Throws ArgumentError unless both are positive.
  DrawnPoints(const B& backend, Index in_features, Index count, F draw)
      : backend_(backend), draw_(std::move(draw)) {
    require(in_features > 0, "features of the points", in_features, "a positive number");
    require(count > 0, "points a step", count, "a positive number");
    host_.resize(static_cast<std::size_t>(in_features * count));
    x_ = Matrix<T, B>(in_features, count);
  }
  [[nodiscard]] Index size() const { return x_.cols(); }
  [[nodiscard]] Index in_features() const { return x_.rows(); }
  void draw(Index step) {
    draw_(step, std::span<T>(host_));
    backend_traits<B>::upload(backend_, std::span<const T>(host_), x_.view().data);
  }
  void read(context_of<B>& context, Index begin, MatrixView<T> x) const {
    backend_traits<B>::map(context, detail::CopyKernel{}, std::tuple(x),
                           x_.view().columns(begin, x.cols));
  }

 private:
  B backend_;
  F draw_;
  std::vector<T> host_;
  Matrix<T, B> x_;
};

namespace detail {

/// One point's penalty, and its derivatives to value, gradient and Laplacian times `weight`. What
/// is not carried (uses[i] = 0) enters as 0.
template <class P, class T>
struct PenaltyKernel {
  P penalty;
  T weight;
  std::array<T, 4> uses;

  INRGENE_HD INRGENE_INLINE T operator()(const T& y, const T& d0, const T& d1, const T& d2,
                                         const T& laplacian, T& dy, T& dd0, T& dd1, T& dd2,
                                         T& dlaplacian) const {
    using Jet = math::Jet<T, 5>;
    const auto jet = penalty.formula(
        Jet::variable(y, 0),
        std::array<Jet, 3>{Jet::variable(uses[0] * d0, 1), Jet::variable(uses[1] * d1, 2),
                           Jet::variable(uses[2] * d2, 3)},
        Jet::variable(uses[3] * laplacian, 4));
    dy = jet.d[0] * weight;
    dd0 = jet.d[1] * weight;
    dd1 = jet.d[2] * weight;
    dd2 = jet.d[3] * weight;
    dlaplacian = jet.d[4] * weight;
    return jet.value;
  }
};

/// Derivative channels of inputs along the first coordinate axes: unit vectors, and a Laplacian of
/// 0.
template <class T>
struct AxisChannels {
  Index samples;
  Index directions;
  INRGENE_HD T operator()(Index feature, Index column) const {
    const Index channel = column / samples;
    return channel < directions && feature == channel ? T(1) : T(0);
  }
};

}  // namespace detail

/// (1 / (points · outputs)) Σ R(Φ, ∇Φ, ΔΦ), an ObjectiveTerm. Points drawn anew make it another
/// term at each step; for a rule that needs the same objective throughout, let them not depend on
/// the step. The parameters' gradient is exact: reverse mode through the forward mode of the
/// derivatives.
///
/// Cost: about (2 + directions) times a pass over as many training rows, one more with the
/// Laplacian. Memory is taken once: workers × (derivative channels of a tile + gradient). Workers
/// and sums are fixed as in BatchObjective: the same threads give the same bytes.
template <class M, Penalty P, Backend B, class S>
requires(TwiceDifferentiable<M, B>&& PointSource<S, B>) class PenaltyObjective {
  using Ops = backend_traits<B>;
  using T = scalar_of<B>;

 public:
  /// Throws ArgumentError when the points are none or not the module's inputs, or for a setting of
  /// the penalty out of bounds.
  PenaltyObjective(const M& module, const P& penalty, const B& backend, S points)
      : module_(module),
        penalty_(penalty),
        backend_(backend),
        points_(std::move(points)),
        directions_(std::min<Index>(3, module.in_features())),
        order_(reads_laplacian(penalty) ? DerivativeOrder::laplacian : DerivativeOrder::first) {
    require(points_.in_features() == module.in_features(), "features of the penalty's points",
            points_.in_features(), text(module.in_features(), ", what the model reads"));
    require(points_.size() > 0, "points of the penalty", points_.size(), "a positive number");
    if constexpr (requires { penalty.validate(); }) penalty.validate();
    const Index n = points_.size();
    workers_ = static_cast<int>(std::clamp<Index>(n / least_a_worker, 1, Ops::workers(backend)));
    tile_ = even_tile(backend, (n + workers_ - 1) / workers_, Ops::tile_samples(backend));
    const Index window = std::min(n, tile_ + 2 * row_context(module_));
    for (int w = 0; w < workers_; ++w) {
      workers_state_.emplace_back(module_, window, derivative_channels(directions_, order_), w > 0);
    }
  }

  /// The mean penalty at θ; adds its gradient. Draws the points when `step` is another than before.
  double operator()(Index step, const T* theta, T* gradients) {
    if (step != drawn_step_) points_.draw(step);
    drawn_step_ = step;
    const Index n = points_.size();
    const auto count = static_cast<std::size_t>(module_.parameter_count());
    const double elements = static_cast<double>(n * module_.out_features());
    Ops::run(backend_, contexts_, workers_, [&](int w, context_of<B>& context) {
      Worker& worker = workers_state_[static_cast<std::size_t>(w)];
      const std::span<T> own(w == 0 ? gradients : worker.gradients.data(), count);
      if (w > 0) Ops::fill(context, MatrixView<T>(own.data(), std::ssize(own), 1), T(0));
      Ops::fill(context, MatrixView<double>(worker.sum.data(), 1, 1), 0.0);
      const Index end = n * (w + 1) / workers_;
      for (Index first = n * w / workers_; first < end; first += tile_) {
        const RowWindow window(first, std::min(tile_, end - first), row_context(module_), n);
        add_tile(context, worker, window, {theta, count}, static_cast<T>(1.0 / elements), own);
      }
    });
    double sum = 0;
    for (int w = 0; w < workers_; ++w) {
      const Worker& worker = workers_state_[static_cast<std::size_t>(w)];
      if (w > 0) {
        map_flat(backend_, static_cast<Index>(count), detail::AddKernel{}, std::tuple(gradients),
                 static_cast<const T*>(gradients), worker.gradients.data());
      }
      double part = 0;
      Ops::download(backend_, worker.sum.data(), std::span(&part, 1));
      sum += part;
    }
    return sum / elements;
  }

 private:
  /// Below this a second worker costs more than it brings.
  static constexpr Index least_a_worker = 32;
  /// Value, three directions and the Laplacian, carried or not.
  static constexpr Index all_channels = 5;

  struct Worker {
    Worker(const M& module, Index tile, Index channels, bool own_gradients)
        : tape(module, tile, TapeMode::record),
          x(module.in_features(), tile * channels),
          dL_dy(module.out_features(), tile * all_channels),
          gradients(own_gradients ? static_cast<std::size_t>(module.parameter_count()) : 0),
          sum(1) {}
    typename M::template Tape<B> tape;
    Matrix<T, B> x, dL_dy;
    typename Ops::template buffer<T> gradients;
    typename Ops::template buffer<double> sum;
  };
  static bool reads_laplacian(const P& penalty) {
    if constexpr (requires { penalty.reads_laplacian(); }) {
      return penalty.reads_laplacian();
    } else {
      return true;
    }
  }

  void add_tile(context_of<B>& context, Worker& worker, const RowWindow& window,
                std::span<const T> theta, T weight, std::span<T> gradients) const {
    const Index n = window.rows;
    const Index carried = derivative_channels(directions_, order_);
    const bool laplacian = order_ == DerivativeOrder::laplacian;
    const auto x = worker.x.view(n * carried);
    points_.read(context, window.begin, x.columns(0, n));
    Ops::generate(context, detail::AxisChannels<T>{n, directions_},
                  x.columns(n, n * (carried - 1)));
    const Derivatives<T> y = module_.template push_forward<B>(
        context, theta, Derivatives<const T>{x, n, directions_, order_}, worker.tape);
    // Channels that are not carried read the value, times 0, and write behind the others.
    const auto cotangents = worker.dL_dy.view(n * all_channels);
    if (n != window.inner_rows) Ops::fill(context, cotangents, T(0));
    std::array<Index, 4> slot{};
    std::array<T, 4> uses{};
    Index spare = carried;
    for (Index i = 0; i < 4; ++i) {
      const bool used = i < 3 ? i < directions_ : laplacian;
      const auto at = static_cast<std::size_t>(i);
      uses[at] = used ? T(1) : T(0);
      slot[at] = used ? (i < 3 ? 1 + i : 1 + directions_) : spare++;
    }
    const auto in = [&](std::size_t i) {
      return window.inner(MatrixView<const T>(uses[i] > T(0) ? y.channel(slot[i]) : y.value()));
    };
    const auto out = [&](Index channel) {
      return window.inner(cotangents.columns(channel * n, n));
    };
    Ops::sum_map(context, worker.sum.data(), detail::PenaltyKernel<P, T>{penalty_, weight, uses},
                 std::tuple(out(0), out(slot[0]), out(slot[1]), out(slot[2]), out(slot[3])),
                 window.inner(MatrixView<const T>(y.value())), in(0), in(1), in(2), in(3));
    module_.template backward_derivatives<B>(
        context, theta,
        Derivatives<const T>{cotangents.columns(0, n * carried), n, directions_, order_},
        worker.tape, gradients);
  }

  M module_;
  P penalty_;
  B backend_;
  S points_;
  Index directions_;
  DerivativeOrder order_;
  int workers_ = 1;
  Index tile_ = 1;
  Index drawn_step_ = -1;
  std::vector<Worker> workers_state_;
  typename Ops::contexts contexts_;
};

}  // namespace inrgene
