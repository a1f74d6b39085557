// The linear half of a Gabor filter: what its exponential and its sine read.
#pragma once

#include <cmath>
#include <numbers>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/backend/backend.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/model/initializers/initializer.hpp"
#include "inrgene/model/layers/squared_norm.hpp"
#include "inrgene/model/module.hpp"

namespace inrgene {

namespace detail {

/// −½‖μ_h‖².
template <class T>
struct NegativeHalfNorms {
  MatrixView<const T> mu;
  INRGENE_HD INRGENE_INLINE T operator()(Index h, Index /*j*/) const {
    return T(-0.5) * column_product(mu, mu, h);
  }
};

/// gradient(k, h) − sum(h)·μ(k, h).
template <class T>
struct PullCentres {
  MatrixView<const T> before, mu, sums;
  INRGENE_HD INRGENE_INLINE T operator()(Index k, Index h) const {
    return before(k, h) - sums.data[h] * mu(k, h);
  }
};

}  // namespace detail

/// x ↦ e, z: e_h = −½‖x − μ_h‖² = μ_h·x − ½‖μ_h‖² − ½‖x‖² and z_h = w_h·x + b_h, in every channel
/// of derivatives to the coordinates; and γ, which travels with them.
///
/// Parameters: mu [out, in], gamma [out], linear.weight [out, in], linear.bias [out].
/// Cost: 4·in·out FLOP a sample and channel. In float e is off by 1e-7 of ‖x‖² + ‖μ‖².
class GaborMaps {
 public:
  /// Throws ArgumentError unless both widths are positive.
  GaborMaps(Index in, Index out, std::string name) : in_(in), out_(out), name_(std::move(name)) {
    require(in > 0, "input features of filter " + name_, in, "a positive number");
    require(out > 0, "output features of filter " + name_, out, "a positive number");
  }

  [[nodiscard]] Index out_features() const { return out_; }
  [[nodiscard]] Index parameter_count() const { return 2 * (in_ + 1) * out_; }
  [[nodiscard]] std::vector<ParameterInfo> layout() const {
    std::vector<ParameterInfo> all;
    append_layout(all, {{name_ + "mu", {out_, in_}, 0, in_ * out_}});
    append_layout(all, {{name_ + "gamma", {out_}, 0, out_}});
    append_layout(all, {{name_ + "linear.weight", {out_, in_}, 0, in_ * out_}});
    append_layout(all, {{name_ + "linear.bias", {out_}, 0, out_}});
    return all;
  }

  /// μ ~ U(±1), γ ~ Gamma(gamma_shape, 1), w_h ~ U(±1/√in)·weight_scale·√γ_h, b ~ U(±π).
  void initialize(double gamma_shape, double weight_scale, Random& random,
                  std::span<double> theta) const {
    const LinearShape shape{LayerPosition::first, in_, out_};
    for (double& v : slice(theta, 0, in_ * out_)) v = symmetric_uniform(1.0, random);
    const auto gamma = slice(theta, in_ * out_, out_);
    for (double& v : gamma) v = random.gamma(gamma_shape);
    for (Index h = 0; h < out_; ++h) {
      const double scale = weight_scale * std::sqrt(gamma[static_cast<std::size_t>(h)]);
      for (double& v : slice(theta, (in_ + 1) * out_ + h * in_, in_)) {
        v = scale * PyTorchLinear::weight(shape, random);
      }
    }
    for (double& v : slice(theta, (2 * in_ + 1) * out_, out_)) {
      v = symmetric_uniform(std::numbers::pi, random);
    }
  }

  /// e and z of the last pass, which a reverse pass replaces by their cotangents.
  template <Backend B>
  class Tape {
   public:
    using T = scalar_of<B>;
    Tape(const GaborMaps& maps, Index max_samples)
        : e_(maps.out_, max_samples),
          z_(maps.out_, max_samples),
          centres_(maps.out_, 1),
          sums_(maps.out_, 1) {}
    [[nodiscard]] Derivatives<T> e() { return channels(e_); }
    [[nodiscard]] Derivatives<T> z() { return channels(z_); }

   private:
    friend class GaborMaps;
    Derivatives<T> channels(Matrix<T, B>& m) const {
      return {m.view(x_.all.cols), x_.samples, x_.directions, x_.order};
    }
    Derivatives<const T> x_;
    Matrix<T, B> e_, z_;
    Matrix<T, B> centres_;  ///< −½‖μ‖²
    Matrix<T, B> sums_;     ///< Σ over samples of e's cotangents
  };

  /// Computes the tape's e and z from x, which must live until `pull`. Values alone are channels
  /// without directions.
  template <Backend B>
  void push(context_of<B>& context, std::span<const scalar_of<B>> theta,
            Derivatives<const scalar_of<B>> x, const SquaredNorm<B>& square, Tape<B>& tape) const {
    using Ops = backend_traits<B>;
    using T = scalar_of<B>;
    tape.x_ = x;
    for (auto* m : {&tape.e_, &tape.z_}) {
      if (m->cols() < x.all.cols) *m = Matrix<T, B>(out_, x.all.cols);
    }
    Ops::generate(context, detail::NegativeHalfNorms<T>{mu(theta)}, tape.centres_.view());
    const auto apply = [&](MatrixView<const T> matrix, MatrixView<const T> constant,
                           const Derivatives<T>& to) {
      Ops::affine(context, matrix, constant, x.value(), to.value());
      const Index rest = x.all.cols - x.samples;
      if (rest == 0) return;
      Ops::affine(context, matrix, MatrixView<const T>(), x.all.columns(x.samples, rest),
                  to.all.columns(x.samples, rest));
    };
    apply(mu(theta), tape.centres_.view(), tape.e());
    apply(weight(theta), bias(theta), tape.z());
    square.add_to(context, tape.e().all);
  }

  /// From cotangents in the tape's e and z, and γ's [out × n]: adds ∂L/∂θ to `gradients` and,
  /// unless `dL_dx` is empty, ∂L/∂x to it but for the part through ‖x‖², which `square` collects.
  template <Backend B>
  void pull(context_of<B>& context, std::span<const scalar_of<B>> theta, SquaredNorm<B>& square,
            Tape<B>& tape, MatrixView<const scalar_of<B>> dL_dgamma,
            std::span<scalar_of<B>> gradients, Derivatives<scalar_of<B>> dL_dx) const {
    using Ops = backend_traits<B>;
    using T = scalar_of<B>;
    const auto& x = tape.x_;
    const auto e = tape.e().as_constant(), z = tape.z().as_constant();
    Ops::template gemm<Op::none, Op::transpose, T>(context, x.all, e.all, mu(gradients),
                                                   Write::add);
    Ops::fill(context, tape.sums_.view(), T(0));
    Ops::sum_samples(context, e.value(), tape.sums_.view());
    Ops::generate(context, detail::PullCentres<T>{mu(gradients), mu(theta), tape.sums_.view()},
                  mu(gradients));
    Ops::sum_samples(context, dL_dgamma, gamma(gradients));
    Ops::template gemm<Op::none, Op::transpose, T>(context, x.all, z.all, weight(gradients),
                                                   Write::add);
    Ops::sum_samples(context, z.value(), bias(gradients));
    if (dL_dx.all.empty()) return;
    Ops::pull_affine(context, mu(theta), e.all, dL_dx.all, Write::add);
    Ops::pull_affine(context, weight(theta), z.all, dL_dx.all, Write::add);
    square.collect(context, e.all);
  }

  /// γ [out × 1] within θ.
  template <class S>
  [[nodiscard]] MatrixView<S> gamma(std::span<S> theta) const {
    return {theta.data() + in_ * out_, out_, 1};
  }

 private:
  template <class S>
  static std::span<S> slice(std::span<S> all, Index offset, Index count) {
    return all.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(count));
  }
  template <class S>
  [[nodiscard]] MatrixView<S> mu(std::span<S> theta) const {
    return {theta.data(), in_, out_};
  }
  template <class S>
  [[nodiscard]] MatrixView<S> weight(std::span<S> theta) const {
    return {theta.data() + (in_ + 1) * out_, in_, out_};
  }
  template <class S>
  [[nodiscard]] MatrixView<S> bias(std::span<S> theta) const {
    return {theta.data() + (2 * in_ + 1) * out_, out_, 1};
  }

  Index in_;
  Index out_;
  std::string name_;
};

}  // namespace inrgene
