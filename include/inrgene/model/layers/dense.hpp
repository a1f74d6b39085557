// The layer every backbone is made of: linear maps and one elementwise activation.
#pragma once

#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/backend/backend.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/model/initializers/initializer.hpp"
#include "inrgene/model/layers/activation_kernels.hpp"
#include "inrgene/model/module.hpp"

namespace inrgene {

using Field = ParameterInfo::Field;

/// h ↦ f(W_1 h + b_1, …, W_k h + b_k), k = Activation::maps.
///
/// Input is the field of h; the weights are of the same field, the output of what f returns.
/// In and Out fix the widths at compile time (otherwise `dynamic`).
/// Parameters lie as PyTorch's: per map the weight [out, in] row-major, then the bias [out];
/// a complex entry is (re, im). Cost of a forward: 2·in·out·maps FLOP a sample (× 4 if complex);
/// a backward costs twice that.
template <Activation A, Field Input = Field::real, Index In = dynamic, Index Out = dynamic>
class Dense {
 public:
  template <class T>
  using X = std::conditional_t<Input == Field::complex, math::Complex<T>, T>;
  template <class T>
  using Y = activated<A, X<T>>;
  static constexpr std::size_t maps = static_cast<std::size_t>(A::maps);
  static constexpr Field output_field = math::is_complex<Y<double>> ? Field::complex : Field::real;
  /// A real activation of one map keeps f'(z) in place of z: one matrix, no second sine.
  static constexpr bool keeps_derivative =
      A::maps == 1 && Input == Field::real && output_field == Field::real;

  /// Throws ArgumentError when a width is not positive or differs from a fixed extent.
  Dense(Index in, Index out, A activation, std::string name)
      : in_(in), out_(out), activation_(activation), name_(std::move(name)) {
    require(in > 0 && Extent<In>::accepts(in), "input features of layer " + name_, in,
            In == dynamic ? "a positive number" : "the extent fixed in the type");
    require(out > 0 && Extent<Out>::accepts(out), "output features of layer " + name_, out,
            Out == dynamic ? "a positive number" : "the extent fixed in the type");
  }

  [[nodiscard]] Index in_features() const { return in_; }
  [[nodiscard]] Index out_features() const { return out_; }
  [[nodiscard]] const A& activation() const { return activation_; }
  [[nodiscard]] Index parameter_count() const {
    return static_cast<Index>(maps) * (in_ + 1) * out_ * reals;
  }

  [[nodiscard]] std::vector<ParameterInfo> layout() const {
    std::vector<ParameterInfo> all;
    for (const char* map : A::map_names) {
      const std::string stem = name_ + map;
      append_layout(all, {{stem + "weight", {out_, in_}, 0, in_ * out_ * reals, Input}});
      append_layout(all, {{stem + "bias", {out_}, 0, out_ * reals, Input}});
    }
    return all;
  }

  /// Fills `theta` [parameter_count] with draws of `init`, weights before biases.
  template <Initializer I>
  void initialize(const I& init, LinearShape shape, Random& random, std::span<double> theta) const {
    shape.fan_in = in_;
    shape.fan_out = out_;
    for (const auto& p : layout()) {
      const bool weight = p.shape.size() == 2;
      for (double& value :
           theta.subspan(static_cast<std::size_t>(p.offset), static_cast<std::size_t>(p.count))) {
        value = weight ? init.weight(shape, random) : init.bias(shape, random);
      }
    }
  }

  /// What a forward keeps for its backward, and room for derivatives pushed forward.
  template <Backend B>
  class Tape {
   public:
    using T = scalar_of<B>;
    Tape(const Dense& layer, Index max_samples, TapeMode mode) : mode_(mode) {
      if (keeps_derivative && mode == TapeMode::record) {
        derivative_ = Matrix<T, B>(layer.out_, max_samples);
      }
      if (!keeps_derivative) {
        for (auto& z : z_) z = Matrix<X<T>, B>(layer.out_, max_samples);
      }
    }

   private:
    friend class Dense;
    TapeMode mode_;
    MatrixView<const X<T>> x_;
    Matrix<T, B> derivative_;
    std::array<Matrix<X<T>, B>, maps> z_;
    std::array<Matrix<X<T>, B>, maps> jets_;
  };

  /// y = f(W x + b): x [in × n], y [out × n].
  template <Backend B>
  void forward(context_of<B>& context, std::span<const scalar_of<B>> theta,
               MatrixView<const X<scalar_of<B>>> x, Tape<B>& tape,
               MatrixView<Y<scalar_of<B>>> y) const {
    using Ops = backend_traits<B>;
    using T = scalar_of<B>;
    tape.x_ = x;
    if constexpr (keeps_derivative) {
      Ops::affine(context, weight<T>(theta, 0), bias<T>(theta, 0), x, y);
      const MatrixView<const T> z = y;
      if (tape.mode_ == TapeMode::record) {
        Ops::map(context, detail::RecordKernel<A, T>{own<T>()},
                 std::tuple(y, tape.derivative_.view(x.cols)), z);
      } else {
        Ops::map(context, detail::ValueKernel<A, T>{own<T>()}, std::tuple(y), z);
      }
    } else {
      each_map([&]<std::size_t... M>(std::index_sequence<M...>) {
        (Ops::affine(context, weight<T>(theta, M), bias<T>(theta, M), x, tape.z_[M].view(x.cols)),
         ...);
        Ops::map(context, detail::ValueKernel<A, T>{own<T>()}, std::tuple(y),
                 constant(tape.z_[M].view(x.cols))...);
      });
    }
  }

  /// Adds ∂L/∂θ to `gradients` and writes ∂L/∂x [in × n] unless `dL_dx` is empty. `dL_dx` may be
  /// the memory of the x that forward saw: x is read before it is written.
  template <Backend B>
  void backward(context_of<B>& context, std::span<const scalar_of<B>> theta,
                MatrixView<const Y<scalar_of<B>>> dL_dy, Tape<B>& tape,
                std::span<scalar_of<B>> gradients, MatrixView<X<scalar_of<B>>> dL_dx) const {
    using Ops = backend_traits<B>;
    using T = scalar_of<B>;
    if (tape.mode_ != TapeMode::record) {
      throw ArgumentError("tape of layer " + name_ +
                          ": found one that only evaluates, expected one that records");
    }
    const Index n = dL_dy.cols;
    std::array<MatrixView<X<T>>, maps> dz;
    if constexpr (keeps_derivative) {
      dz[0] = tape.derivative_.view(n);
      Ops::map(context, detail::MultiplyKernel{}, std::tuple(dz[0]), dL_dy,
               MatrixView<const T>(dz[0]));
    } else {
      each_map([&]<std::size_t... M>(std::index_sequence<M...>) {
        ((dz[M] = tape.z_[M].view(n)), ...);
        Ops::map(context, detail::PullKernel<A, T>{own<T>()}, std::tuple(dz[M]...), dL_dy,
                 constant(dz[M])...);
      });
    }
    for (std::size_t m = 0; m < maps; ++m) {
      Ops::template gemm<Op::conjugate, Op::transpose, X<T>>(context, tape.x_, dz[m],
                                                             weight<T>(gradients, m), Write::add);
      Ops::template sum_samples<X<T>>(context, dz[m], bias<T>(gradients, m));
    }
    if (dL_dx.empty()) return;
    for (std::size_t m = 0; m < maps; ++m) {
      Ops::template gemm<Op::conjugate, Op::none, X<T>>(context, weight<T>(theta, m), dz[m], dL_dx,
                                                        m == 0 ? Write::replace : Write::add);
    }
  }

  /// Carries values, derivatives and, when asked for, the Laplacian through the layer.
  template <Backend B>
  void push_forward(context_of<B>& context, std::span<const scalar_of<B>> theta,
                    Derivatives<const X<scalar_of<B>>> x, Tape<B>& tape,
                    Derivatives<Y<scalar_of<B>>> y) const {
    using Ops = backend_traits<B>;
    using T = scalar_of<B>;
    std::array<Derivatives<X<T>>, maps> z;
    for (std::size_t m = 0; m < maps; ++m) {
      auto& room = tape.jets_[m];
      if (room.cols() < x.all.cols) room = Matrix<X<T>, B>(out_, x.all.cols);
      z[m] = {room.view(x.all.cols), x.samples, x.directions, x.order};
      // The bias belongs to the value alone: derivatives of a constant vanish.
      Ops::affine(context, weight<T>(theta, m), bias<T>(theta, m), constant(x.value()),
                  z[m].value());
      const Index rest = x.all.cols - x.samples;
      Ops::template gemm<Op::transpose, Op::none, X<T>>(
          context, weight<T>(theta, m), x.all.columns(x.samples, rest),
          z[m].all.columns(x.samples, rest), Write::replace);
    }
    each_map([&]<std::size_t... M>(std::index_sequence<M...>) {
      for (Index d = 0; d < x.directions; ++d) {
        if (x.order == DerivativeOrder::first) {
          Ops::map(context, detail::PushKernel<A, T>{own<T>()}, std::tuple(y.value(), y.along(d)),
                   constant(z[M].value())..., constant(z[M].along(d))...);
        } else {
          Ops::map(context, detail::LaplacianKernel<A, T>{own<T>(), d == 0 ? T(1) : T(0)},
                   std::tuple(y.value(), y.along(d), y.laplacian()), constant(y.laplacian()),
                   constant(z[M].value())..., constant(z[M].along(d))...,
                   constant(z[M].laplacian())...);
        }
      }
    });
  }

 private:
  static constexpr Index reals = Input == Field::complex ? 2 : 1;

  template <class E>
  static MatrixView<const E> constant(MatrixView<E> v) {
    return v;
  }
  template <class F>
  static void each_map(F&& f) {
    f(std::make_index_sequence<maps>{});
  }
  template <class T>
  [[nodiscard]] std::array<T, A::own_count> own() const {
    std::array<T, A::own_count> values{};
    const auto wide = activation_.own();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(wide[i]);
    return values;
  }
  template <class T, class S>
  [[nodiscard]] auto* entry(std::span<S> theta, std::size_t map) const {
    using E = std::conditional_t<std::is_const_v<S>, const X<T>, X<T>>;
    return reinterpret_cast<E*>(theta.data()) + static_cast<Index>(map) * (in_ + 1) * out_;
  }
  /// W of one map as it lies, [in × out] column-major = PyTorch's [out, in] row-major.
  template <class T, class S>
  [[nodiscard]] auto weight(std::span<S> theta, std::size_t map) const {
    return MatrixView(entry<T>(theta, map), in_, out_);
  }
  template <class T, class S>
  [[nodiscard]] auto bias(std::span<S> theta, std::size_t map) const {
    return MatrixView(entry<T>(theta, map) + in_ * out_, out_, 1);
  }

  Extent<In> in_;
  Extent<Out> out_;
  A activation_;
  std::string name_;
};

}  // namespace inrgene
