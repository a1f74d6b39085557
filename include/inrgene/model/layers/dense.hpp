// The layer every backbone is made of: linear maps and one elementwise activation.
#pragma once

#include <array>
#include <span>
#include <utility>

#include "inrgene/backend/backend.hpp"
#include "inrgene/backend/copy_kernel.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/model/layers/activation_kernels.hpp"
#include "inrgene/model/layers/dense_parameters.hpp"
#include "inrgene/model/layers/path_kernels.hpp"
#include "inrgene/model/module.hpp"

namespace inrgene {

/// h ↦ f(W_1 h + b_1, …, W_k h + b_k), k = Activation::maps.
///
/// Input is the field of h; the weights are of the same field, the output of what f returns.
/// In and Out fix the widths at compile time (otherwise `dynamic`). Parameters lie as
/// DenseParameters says.
/// Cost of a forward: 2·in·out·maps FLOP a sample (× 4 if
/// complex); a backward costs twice that; derivatives along D directions cost 1 + D forwards (2 + D
/// with the Laplacian).
template <Activation A, Field Input = Field::real, Index In = dynamic, Index Out = dynamic>
class Dense : public DenseParameters<A, Input, In, Out> {
 public:
  template <class T>
  using X = std::conditional_t<Input == Field::complex, math::Complex<T>, T>;
  template <class T>
  using Y = activated<A, X<T>>;
  static constexpr std::size_t maps = static_cast<std::size_t>(A::maps);
  static constexpr Field output_field = math::is_complex<Y<double>> ? Field::complex : Field::real;
  /// A real activation of one map keeps f'(z) in place of z: one matrix, no second sine.
  static constexpr bool keeps_derivative =
      A::maps == 1 && Input == Field::real && output_field == Field::real && !own_trainable<A>;

  using Parameters = DenseParameters<A, Input, In, Out>;
  using Parameters::bias, Parameters::name, Parameters::out_features, Parameters::own,
      Parameters::own_offset, Parameters::trains_own, Parameters::weight;

  /// From widths and an activation: see DenseParameters.
  using Parameters::Parameters;

  /// What a forward keeps for its backward, and room for derivatives pushed forward.
  template <Backend B>
  class Tape {
   public:
    using T = scalar_of<B>;
    Tape(const Dense& layer, Index max_samples, TapeMode mode) : mode_(mode) {
      if (keeps_derivative && mode == TapeMode::record) {
        derivative_ = Matrix<T, B>(layer.out_features(), max_samples);
      }
      if (!keeps_derivative) {
        for (auto& z : z_) z = Matrix<X<T>, B>(layer.out_features(), max_samples);
      }
      if (layer.trains_own() && mode == TapeMode::record) {
        own_sums_ = typename backend_traits<B>::template buffer<double>(A::own_count);
      }
    }

   private:
    friend class Dense;
    TapeMode mode_;
    MatrixView<const X<T>> x_;
    Matrix<T, B> derivative_;
    std::array<Matrix<X<T>, B>, maps> z_;
    // Of push_forward: its input, the linear maps' channels, and room to reverse it.
    Derivatives<const X<T>> path_x_;
    std::array<Matrix<X<T>, B>, maps> jets_;
    std::array<Matrix<X<T>, B>, maps> cotangents_;
    typename backend_traits<B>::template buffer<double> own_sums_;
  };

  /// y = f(W x + b): x [in × n], y [out × n].
  template <Backend B>
  void forward(context_of<B>& context, std::span<const scalar_of<B>> theta,
               MatrixView<const X<scalar_of<B>>> x, Tape<B>& tape,
               MatrixView<Y<scalar_of<B>>> y) const {
    using T = scalar_of<B>;
    tape.x_ = x;
    if constexpr (keeps_derivative) {
      if (tape.mode_ == TapeMode::record) {
        backend_traits<B>::affine_map(context, weight(theta, 0), bias(theta, 0), x,
                                      detail::RecordKernel<A, T>{own(theta)},
                                      std::tuple(y, tape.derivative_.view(x.cols)));
        return;
      }
    }
    Shifts<T> b;
    for (std::size_t m = 0; m < maps; ++m) b[m] = bias(theta, m);
    evaluate<B>(context, theta, b, x, tape, y);
  }

  /// y = f(W x + b) of the input whose first features are x [some of in × n]; what the others add
  /// is s [maps·out × 1], with b. Nothing is recorded.
  template <Backend B>
  void forward_share(context_of<B>& context, std::span<const scalar_of<B>> theta,
                     MatrixView<const X<scalar_of<B>>> x, MatrixView<const X<scalar_of<B>>> s,
                     Tape<B>& tape, MatrixView<Y<scalar_of<B>>> y) const {
    evaluate<B>(context, theta, shifts(s), x, tape, y);
  }

  /// What the features [begin, begin + x.rows) of the input add to the linear maps, with b or
  /// without: x [some of in × n], z [maps·out × n], one map below the other.
  template <Backend B>
  void share(context_of<B>& context, std::span<const scalar_of<B>> theta, const InputShare& of,
             MatrixView<const X<scalar_of<B>>> x, MatrixView<X<scalar_of<B>>> z) const {
    for (std::size_t m = 0; m < maps; ++m) {
      const auto b = bias(theta, m);
      backend_traits<B>::affine(context, weight(theta, m).features(of.begin, x.rows),
                                of.bias == InputShare::Bias::added ? b : decltype(b){}, x,
                                z.features(static_cast<Index>(m) * out_features(), out_features()));
    }
  }
  /// y = f(z + s), where the shares z [maps·out × n] and s [maps·out × 1] make up W x + b.
  template <Backend B>
  void activate(context_of<B>& context, std::span<const scalar_of<B>> theta,
                MatrixView<const X<scalar_of<B>>> z, MatrixView<const X<scalar_of<B>>> s,
                MatrixView<Y<scalar_of<B>>> y) const {
    using T = scalar_of<B>;
    each_map([&]<std::size_t... M>(std::index_sequence<M...>) {
      backend_traits<B>::map(
          context, detail::SumValueKernel<A, T>{own(theta)}, std::tuple(y),
          z.features(static_cast<Index>(M) * out_features(), out_features())...,
          broadcast(s.data + static_cast<Index>(M) * out_features(), out_features(), y.cols)...);
    });
  }

  /// Adds ∂L/∂θ to `gradients` and writes ∂L/∂x [in × n] unless `dL_dx` is empty. `dL_dx` may be
  /// the memory of the x that forward saw: x is read before it is written.
  template <Backend B>
  void backward(context_of<B>& context, std::span<const scalar_of<B>> theta,
                MatrixView<const Y<scalar_of<B>>> dL_dy, Tape<B>& tape,
                std::span<scalar_of<B>> gradients, MatrixView<X<scalar_of<B>>> dL_dx) const {
    using Ops = backend_traits<B>;
    using T = scalar_of<B>;
    require_recording(tape);
    const Index n = dL_dy.cols;
    std::array<MatrixView<X<T>>, maps> dz;
    if constexpr (keeps_derivative) {
      dz[0] = tape.derivative_.view(n);
      Ops::map_sum_samples(context, detail::MultiplyKernel{}, dz[0], bias(gradients, 0), dL_dy,
                           MatrixView<const T>(dz[0]));
    } else {
      each_map([&]<std::size_t... M>(std::index_sequence<M...>) {
        ((dz[M] = tape.z_[M].view(n)), ...);
        add_own_gradients<B>(context, tape, gradients, [&](auto k, double* sum) {
          Ops::sum_map(context, sum, detail::OwnPullKernel<A, T>{own(theta), k}, std::tuple<>{},
                       dL_dy, constant(dz[M])...);
        });
        Ops::map(context, detail::PullKernel<A, T>{own(theta)}, std::tuple(dz[M]...), dL_dy,
                 constant(dz[M])...);
      });
    }
    for (std::size_t m = 0; m < maps; ++m) {
      Ops::template gemm<Op::conjugate, Op::transpose, X<T>>(context, tape.x_, dz[m],
                                                             weight(gradients, m), Write::add);
      if constexpr (!keeps_derivative) {
        Ops::template sum_samples<X<T>>(context, dz[m], bias(gradients, m));
      }
    }
    if (dL_dx.empty()) return;
    for (std::size_t m = 0; m < maps; ++m) {
      Ops::pull_affine(context, weight(theta, m), constant(dz[m]), dL_dx,
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
    require(x.directions > 0, "directions of push_forward", x.directions, "at least one");
    tape.path_x_ = x;
    std::array<Derivatives<X<T>>, maps> z;
    for (std::size_t m = 0; m < maps; ++m) {
      z[m] = {room_for(tape.jets_[m], x.all.cols), x.samples, x.directions, x.order};
      // The bias belongs to the value alone: derivatives of a constant vanish.
      Ops::affine(context, weight(theta, m), bias(theta, m), constant(x.value()), z[m].value());
      const Index rest = x.all.cols - x.samples;
      Ops::affine(context, weight(theta, m), MatrixView<const X<T>>(),
                  x.all.columns(x.samples, rest), z[m].all.columns(x.samples, rest));
    }
    each_map([&]<std::size_t... M>(std::index_sequence<M...>) {
      for (Index d = 0; d < x.directions; ++d) {
        if (x.order == DerivativeOrder::first) {
          Ops::map(context, detail::PushKernel<A, T>{own(theta)}, std::tuple(y.value(), y.along(d)),
                   constant(z[M].value())..., constant(z[M].along(d))...);
        } else {
          Ops::map(context, detail::LaplacianKernel<A, T>{own(theta), d == 0 ? T(1) : T(0)},
                   std::tuple(y.value(), y.along(d), y.laplacian()), constant(y.laplacian()),
                   constant(z[M].value())..., constant(z[M].along(d))...,
                   constant(z[M].laplacian())...);
        }
      }
    });
  }

  /// The reverse of the last push_forward: `dL_dy` holds the cotangent of every channel of y. Adds
  /// ∂L/∂θ to `gradients` and writes the channels of ∂L/∂x unless `dL_dx` is empty; it may be the
  /// memory of the x that push_forward saw.
  template <Backend B>
  void backward_derivatives(context_of<B>& context, std::span<const scalar_of<B>> theta,
                            Derivatives<const Y<scalar_of<B>>> dL_dy, Tape<B>& tape,
                            std::span<scalar_of<B>> gradients,
                            Derivatives<X<scalar_of<B>>> dL_dx) const {
    using Ops = backend_traits<B>;
    using T = scalar_of<B>;
    require_recording(tape);
    const auto& x = tape.path_x_;
    std::array<Derivatives<X<T>>, maps> z;
    std::array<MatrixView<X<T>>, maps> dz;
    for (std::size_t m = 0; m < maps; ++m) {
      z[m] = {tape.jets_[m].view(x.all.cols), x.samples, x.directions, x.order};
      dz[m] = room_for(tape.cotangents_[m], x.samples);
    }
    for (Index d = 0; d < x.directions; ++d) {
      pull_path<B>(context, theta, d, dL_dy, z, dz, tape, gradients);
    }
    // The derivatives' cotangents have replaced the derivatives; the value's follow.
    for (std::size_t m = 0; m < maps; ++m) {
      Ops::map(context, detail::CopyKernel{}, std::tuple(z[m].value()), constant(dz[m]));
      Ops::template gemm<Op::conjugate, Op::transpose, X<T>>(context, x.all, constant(z[m].all),
                                                             weight(gradients, m), Write::add);
      Ops::template sum_samples<X<T>>(context, constant(dz[m]), bias(gradients, m));
    }
    if (dL_dx.all.empty()) return;
    for (std::size_t m = 0; m < maps; ++m) {
      Ops::pull_affine(context, weight(theta, m), constant(z[m].all), dL_dx.all,
                       m == 0 ? Write::replace : Write::add);
    }
  }

  /// Calls visit(name, z [out × n]) for each linear map's result at x: what the activation reads.
  template <Backend B, class Visit>
  void inspect(context_of<B>& context, std::span<const scalar_of<B>> theta,
               MatrixView<const X<scalar_of<B>>> x, Tape<B>& tape, Visit&& visit) const {
    for (std::size_t m = 0; m < maps; ++m) {
      const auto z = room_for(tape.jets_[m], x.cols);
      backend_traits<B>::affine(context, weight(theta, m), bias(theta, m), x, z);
      visit(name() + A::map_names[m], constant(z));
    }
  }

 private:
  /// What is added to each map, [out × 1].
  template <class T>
  using Shifts = std::array<MatrixView<const X<T>>, maps>;
  template <class E>
  [[nodiscard]] auto shifts(MatrixView<E> s) const {
    std::array<MatrixView<E>, maps> each;
    for (std::size_t m = 0; m < maps; ++m)
      each[m] = s.features(static_cast<Index>(m) * out_features(), out_features());
    return each;
  }

  /// y = f(W x + shift), x the first features of the input.
  template <Backend B>
  void evaluate(context_of<B>& context, std::span<const scalar_of<B>> theta,
                const Shifts<scalar_of<B>>& shift, MatrixView<const X<scalar_of<B>>> x,
                Tape<B>& tape, MatrixView<Y<scalar_of<B>>> y) const {
    using Ops = backend_traits<B>;
    using T = scalar_of<B>;
    const detail::ValueKernel<A, T> formula{own(theta)};
    const auto w = [&](std::size_t m) { return weight(theta, m).features(0, x.rows); };
    if constexpr (keeps_derivative) {
      Ops::affine_map(context, w(0), shift[0], x, formula, std::tuple(y));
    } else {
      each_map([&]<std::size_t... M>(std::index_sequence<M...>) {
        (Ops::affine(context, w(M), shift[M], x, tape.z_[M].view(x.cols)), ...);
        Ops::map(context, formula, std::tuple(y), constant(tape.z_[M].view(x.cols))...);
      });
    }
  }

  /// One direction of backward_derivatives: turns z's derivatives into cotangents in their place.
  template <Backend B>
  void pull_path(context_of<B>& context, std::span<const scalar_of<B>> theta, Index d,
                 Derivatives<const Y<scalar_of<B>>> dL_dy,
                 std::array<Derivatives<X<scalar_of<B>>>, maps>& z,
                 std::array<MatrixView<X<scalar_of<B>>>, maps>& dz, Tape<B>& tape,
                 std::span<scalar_of<B>> gradients) const {
    constexpr auto first = detail::PathShare::first_direction;
    constexpr auto other = detail::PathShare::other_direction;
    constexpr auto flat = DerivativeOrder::first;
    constexpr auto bent = DerivativeOrder::laplacian;
    each_map([&]<std::size_t... M>(std::index_sequence<M...>) {
      const auto pull = [&]<DerivativeOrder O, detail::PathShare S>(auto outs, auto before,
                                                                    auto... ins) {
        using Ops = backend_traits<B>;
        using T = scalar_of<B>;
        add_own_gradients<B>(context, tape, gradients, [&](auto k, double* sum) {
          Ops::sum_map(context, sum, detail::OwnPathKernel<A, T, O, S>{own(theta), k},
                       std::tuple<>{}, ins...);
        });
        std::apply(
            [&](auto... so_far) {
              Ops::map(context, detail::PullPathKernel<A, T, O, S>{own(theta)}, outs, ins...,
                       so_far...);
            },
            before);
      };
      const auto g = dL_dy.along(d);
      if (dL_dy.order == flat && d == 0) {
        pull.template operator()<flat, first>(
            std::tuple(dz[M]..., z[M].along(d)...), std::tuple<>{}, dL_dy.value(), g,
            constant(z[M].value())..., constant(z[M].along(d))...);
      } else if (dL_dy.order == flat) {
        pull.template operator()<flat, other>(
            std::tuple(dz[M]..., z[M].along(d)...), std::tuple(constant(dz[M])...), g,
            constant(z[M].value())..., constant(z[M].along(d))...);
      } else if (d == 0) {
        pull.template operator()<bent, first>(
            std::tuple(dz[M]..., z[M].along(d)..., z[M].laplacian()...), std::tuple<>{},
            dL_dy.value(), g, dL_dy.laplacian(), constant(z[M].value())...,
            constant(z[M].along(d))..., constant(z[M].laplacian())...);
      } else {
        pull.template operator()<bent, other>(
            std::tuple(dz[M]..., z[M].along(d)...), std::tuple(constant(dz[M])...), g,
            dL_dy.laplacian(), constant(z[M].value())..., constant(z[M].along(d))...);
      }
    });
  }

  /// Runs `sum_of(k, slot)` for every trained own parameter and adds the sums to its gradient.
  template <Backend B, class F>
  void add_own_gradients(context_of<B>& context, Tape<B>& tape, std::span<scalar_of<B>> gradients,
                         F&& sum_of) const {
    if constexpr (own_trainable<A>) {
      if (!trains_own()) return;
      using Ops = backend_traits<B>;
      const auto count = static_cast<Index>(A::own_count);
      const MatrixView<double> sums(tape.own_sums_.data(), count, 1);
      Ops::fill(context, sums, 0.0);
      for (int k = 0; k < static_cast<int>(count); ++k) sum_of(k, sums.data + k);
      const MatrixView<scalar_of<B>> to(gradients.data() + own_offset(), count, 1);
      Ops::map(context, detail::AddSumKernel{}, std::tuple(to), constant(sums), constant(to));
    }
  }

  template <Backend B>
  void require_recording(const Tape<B>& tape) const {
    if (tape.mode_ == TapeMode::record) return;
    throw ArgumentError("tape of layer " + name() +
                        ": found one that only evaluates, expected one that records");
  }
  /// `columns` columns of a matrix that grows when they do not fit.
  template <class E, Backend B>
  MatrixView<E> room_for(Matrix<E, B>& matrix, Index columns) const {
    if (matrix.cols() < columns) matrix = Matrix<E, B>(out_features(), columns);
    return matrix.view(columns);
  }
  template <class E>
  static MatrixView<const E> constant(MatrixView<E> v) {
    return v;
  }
  template <class F>
  static void each_map(F&& f) {
    f(std::make_index_sequence<maps>{});
  }
};

}  // namespace inrgene
