// A stack of dense layers: one in → H, L times H → H, and a linear H → out.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/model/activations/identity.hpp"
#include "inrgene/model/layers/dense.hpp"
#include "inrgene/model/module.hpp"

namespace inrgene {

/// Φ(x) = W_{L+1} h_L + b_{L+1}, h_i = f(W_i h_{i-1} + b_i), h_{-1} = x; of a complex stack the
/// real part is taken at the end.
///
/// The first layer's activation may have other hyper-parameters (ω₁) than the hidden ones.
/// Names follow the released code: net.0.linear.weight, …, net.{L+1}.weight.
template <Activation A, Initializer I, Index In = dynamic, Index Width = dynamic,
          Index Out = dynamic>
class DenseNetwork {
  using First = Dense<A, Field::real, In, Width>;
  using Hidden = Dense<A, First::output_field, Width, Width>;
  static_assert(Hidden::output_field == First::output_field,
                "the activation must map its own output's field to itself");
  using LastActivation =
      std::conditional_t<First::output_field == Field::complex, RealPart, IdentityActivation>;
  using Last = Dense<LastActivation, First::output_field, Width, Out>;
  template <class T>
  using H = typename First::template Y<T>;

 public:
  struct Shape {
    Index in_features = In;
    Index out_features = Out;
    Index width = Width;      ///< H: features of every hidden layer
    Index hidden_layers = 1;  ///< L: the number of H → H layers
    OwnParameters own = OwnParameters::fixed;
  };

  /// Throws ArgumentError unless all widths are positive and hidden_layers ≥ 0.
  DenseNetwork(const Shape& shape, const A& first, const A& hidden, I init = {})
      : first_(shape.in_features, shape.width, first, layer_name(0), shape.own),
        last_(shape.width, shape.out_features, LastActivation{},
              layer_name(shape.hidden_layers + 1)),
        init_(init),
        hidden_omega_(frequency(hidden)) {
    require(shape.hidden_layers >= 0, "hidden_layers", shape.hidden_layers, "0 or more");
    for (Index i = 0; i < shape.hidden_layers; ++i) {
      hidden_.emplace_back(shape.width, shape.width, hidden, layer_name(i + 1), shape.own);
    }
  }

  [[nodiscard]] Index in_features() const { return first_.in_features(); }
  [[nodiscard]] Index out_features() const { return last_.out_features(); }
  [[nodiscard]] Index parameter_count() const {
    return hidden_offset(std::ssize(hidden_)) + last_.parameter_count();
  }
  [[nodiscard]] std::vector<ParameterInfo> layout() const {
    std::vector<ParameterInfo> all = first_.layout();
    for (const auto& layer : hidden_) append_layout(all, layer.layout());
    append_layout(all, last_.layout());
    return all;
  }

  /// Draws all parameters, layer by layer, in double whatever the working precision.
  void initialize(Random& random, std::span<double> theta) const {
    first_.initialize(init_, {LayerPosition::first, 0, 0, frequency(first_.activation())}, random,
                      part(theta, 0, first_));
    for (Index i = 0; i < std::ssize(hidden_); ++i) {
      at(i).initialize(init_, {LayerPosition::hidden, 0, 0, hidden_omega_}, random,
                       part(theta, hidden_offset(i), at(i)));
    }
    last_.initialize(init_, {LayerPosition::last, 0, 0, hidden_omega_}, random,
                     part(theta, hidden_offset(std::ssize(hidden_)), last_));
  }

  /// Activations and what each layer keeps. Recording holds one matrix [H × n] a layer for the
  /// values; evaluation works in two.
  template <Backend B>
  class Tape {
   public:
    using T = scalar_of<B>;
    Tape(const DenseNetwork& net, Index max_samples, TapeMode mode)
        : mode_(mode),
          first_(net.first_, max_samples, mode),
          last_(net.last_, max_samples, mode),
          y_(net.out_features(), max_samples) {
      hidden_.reserve(net.hidden_.size());
      for (const auto& layer : net.hidden_) hidden_.emplace_back(layer, max_samples, mode);
      const std::size_t count = mode == TapeMode::record
                                    ? net.hidden_.size() + 1
                                    : std::min<std::size_t>(2, net.hidden_.size() + 1);
      for (std::size_t i = 0; i < count; ++i) {
        h_.emplace_back(net.first_.out_features(), max_samples);
      }
      jets_.resize(count);
    }

   private:
    friend class DenseNetwork;
    TapeMode mode_;
    typename First::template Tape<B> first_;
    std::vector<typename Hidden::template Tape<B>> hidden_;
    typename Last::template Tape<B> last_;
    std::vector<Matrix<H<T>, B>> h_;
    Matrix<T, B> y_;
    std::vector<Matrix<H<T>, B>> jets_;  ///< of push_forward, as many as h_
    Matrix<T, B> y_jets_;
  };

  /// x [in × n] → y [out × n].
  template <Backend B>
  MatrixView<scalar_of<B>> forward(context_of<B>& context, std::span<const scalar_of<B>> theta,
                                   MatrixView<const scalar_of<B>> x, Tape<B>& tape) const {
    first_.template forward<B>(context, part(theta, 0, first_), x, tape.first_,
                               tape.h_[0].view(x.cols));
    return behind_first<B>(context, theta, x.cols, tape);
  }

  /// See SharedInput: the first layer's linear maps, one below the other.
  [[nodiscard]] Index share_features() const {
    return static_cast<Index>(First::maps) * first_.out_features();
  }
  template <Backend B>
  void share(context_of<B>& context, std::span<const scalar_of<B>> theta, const InputShare& of,
             MatrixView<const scalar_of<B>> x, MatrixView<scalar_of<B>> z) const {
    first_.template share<B>(context, part(theta, 0, first_), of, x, z);
  }
  template <Backend B>
  MatrixView<scalar_of<B>> forward_share(context_of<B>& context,
                                         std::span<const scalar_of<B>> theta,
                                         MatrixView<const scalar_of<B>> x,
                                         MatrixView<const scalar_of<B>> s, Tape<B>& tape) const {
    first_.template forward_share<B>(context, part(theta, 0, first_), x, s, tape.first_,
                                     tape.h_[0].view(x.cols));
    return behind_first<B>(context, theta, x.cols, tape);
  }
  template <Backend B>
  MatrixView<scalar_of<B>> forward_shares(context_of<B>& context,
                                          std::span<const scalar_of<B>> theta,
                                          MatrixView<const scalar_of<B>> z,
                                          MatrixView<const scalar_of<B>> s, Tape<B>& tape) const {
    first_.template activate<B>(context, part(theta, 0, first_), z, s, tape.h_[0].view(z.cols));
    return behind_first<B>(context, theta, z.cols, tape);
  }

  /// See Module. Each layer's ∂L/∂x overwrites the activation it no longer needs.
  template <Backend B>
  void backward(context_of<B>& context, std::span<const scalar_of<B>> theta,
                MatrixView<const scalar_of<B>> dL_dy, Tape<B>& tape,
                std::span<scalar_of<B>> gradients, MatrixView<scalar_of<B>> dL_dx) const {
    const Index n = dL_dy.cols;
    const Index layers = std::ssize(hidden_);
    require_recording(tape);
    const auto h = [&](Index i) { return tape.h_[static_cast<std::size_t>(i)].view(n); };
    const Index offset = hidden_offset(layers);
    last_.template backward<B>(context, part(theta, offset, last_), dL_dy, tape.last_,
                               part(gradients, offset, last_), h(layers));
    for (Index i = layers - 1; i >= 0; --i) {
      at(i).template backward<B>(context, part(theta, hidden_offset(i), at(i)), h(i + 1),
                                 tape.hidden_[static_cast<std::size_t>(i)],
                                 part(gradients, hidden_offset(i), at(i)), h(i));
    }
    first_.template backward<B>(context, part(theta, 0, first_), h(0), tape.first_,
                                part(gradients, 0, first_), dL_dx);
  }

  /// See Module. Exact first derivatives and Laplacian along x.directions directions.
  template <Backend B>
  Derivatives<scalar_of<B>> push_forward(context_of<B>& context,
                                         std::span<const scalar_of<B>> theta,
                                         Derivatives<const scalar_of<B>> x, Tape<B>& tape) const {
    using T = scalar_of<B>;
    const Index columns = x.all.cols;
    for (auto& room : tape.jets_) {
      if (room.cols() < columns) room = Matrix<H<T>, B>(first_.out_features(), columns);
    }
    if (tape.y_jets_.cols() < columns) tape.y_jets_ = Matrix<T, B>(out_features(), columns);
    const auto slot = [&](Index i) { return jets_slot<B>(tape, i, x); };
    first_.template push_forward<B>(context, part(theta, 0, first_), x, tape.first_, slot(0));
    const Index layers = std::ssize(hidden_);
    for (Index i = 0; i < layers; ++i) {
      at(i).template push_forward<B>(context, part(theta, hidden_offset(i), at(i)),
                                     slot(i).as_constant(),
                                     tape.hidden_[static_cast<std::size_t>(i)], slot(i + 1));
    }
    const Derivatives<T> y{tape.y_jets_.view(columns), x.samples, x.directions, x.order};
    last_.template push_forward<B>(context, part(theta, hidden_offset(layers), last_),
                                   slot(layers).as_constant(), tape.last_, y);
    return y;
  }

  /// See TwiceDifferentiable. Each layer's cotangents overwrite the channels it no longer needs.
  /// Writes the channels of ∂L/∂x unless `dL_dx` is empty.
  template <Backend B>
  void backward_derivatives(context_of<B>& context, std::span<const scalar_of<B>> theta,
                            Derivatives<const scalar_of<B>> dL_dy, Tape<B>& tape,
                            std::span<scalar_of<B>> gradients,
                            Derivatives<scalar_of<B>> dL_dx = {}) const {
    require_recording(tape);
    const Index layers = std::ssize(hidden_);
    const auto slot = [&](Index i) { return jets_slot<B>(tape, i, dL_dy); };
    const Index offset = hidden_offset(layers);
    last_.template backward_derivatives<B>(context, part(theta, offset, last_), dL_dy, tape.last_,
                                           part(gradients, offset, last_), slot(layers));
    for (Index i = layers - 1; i >= 0; --i) {
      at(i).template backward_derivatives<B>(context, part(theta, hidden_offset(i), at(i)),
                                             slot(i + 1).as_constant(),
                                             tape.hidden_[static_cast<std::size_t>(i)],
                                             part(gradients, hidden_offset(i), at(i)), slot(i));
    }
    first_.template backward_derivatives<B>(context, part(theta, 0, first_), slot(0).as_constant(),
                                            tape.first_, part(gradients, 0, first_), dL_dx);
  }

  /// Calls visit(layer, z [features × n]) for what each layer's activation reads at x, in order.
  template <Backend B, class Visit>
  void inspect(context_of<B>& context, std::span<const scalar_of<B>> theta,
               MatrixView<const scalar_of<B>> x, Tape<B>& tape, Visit&& visit) const {
    const auto slot = [&](Index i) {
      return MatrixView<const H<scalar_of<B>>>(
          tape.h_[static_cast<std::size_t>(i) % tape.h_.size()].view(x.cols));
    };
    first_.template inspect<B>(context, part(theta, 0, first_), x, tape.first_, visit);
    first_.template forward<B>(context, part(theta, 0, first_), x, tape.first_,
                               tape.h_[0].view(x.cols));
    const Index layers = std::ssize(hidden_);
    for (Index i = 0; i < layers; ++i) {
      const auto theta_i = part(theta, hidden_offset(i), at(i));
      auto& tape_i = tape.hidden_[static_cast<std::size_t>(i)];
      at(i).template inspect<B>(context, theta_i, slot(i), tape_i, visit);
      at(i).template forward<B>(
          context, theta_i, slot(i), tape_i,
          tape.h_[static_cast<std::size_t>(i + 1) % tape.h_.size()].view(x.cols));
    }
    last_.template inspect<B>(context, part(theta, hidden_offset(layers), last_), slot(layers),
                              tape.last_, visit);
  }

 private:
  template <Backend B>
  static void require_recording(const Tape<B>& tape) {
    if (tape.mode_ == TapeMode::record) return;
    throw ArgumentError(
        "tape of the network: found one that only evaluates, expected one that records");
  }
  /// The channels behind hidden layer i, shaped as `like`.
  template <Backend B, class E>
  static Derivatives<H<scalar_of<B>>> jets_slot(Tape<B>& tape, Index i,
                                                const Derivatives<E>& like) {
    auto& room = tape.jets_[static_cast<std::size_t>(i) % tape.jets_.size()];
    return {room.view(like.all.cols), like.samples, like.directions, like.order};
  }

  /// The layers behind the first, from what it left in the tape.
  template <Backend B>
  MatrixView<scalar_of<B>> behind_first(context_of<B>& context, std::span<const scalar_of<B>> theta,
                                        Index n, Tape<B>& tape) const {
    const auto slot = [&](Index i) {
      return tape.h_[static_cast<std::size_t>(i) % tape.h_.size()].view(n);
    };
    const Index layers = std::ssize(hidden_);
    for (Index i = 0; i < layers; ++i) {
      at(i).template forward<B>(context, part(theta, hidden_offset(i), at(i)), slot(i),
                                tape.hidden_[static_cast<std::size_t>(i)], slot(i + 1));
    }
    const auto y = tape.y_.view(n);
    last_.template forward<B>(context, part(theta, hidden_offset(layers), last_), slot(layers),
                              tape.last_, y);
    return y;
  }

  static std::string layer_name(Index i) { return "net." + std::to_string(i) + "."; }
  static double frequency(const A& activation) {
    const auto own = activation.own();
    return own.empty() ? 1.0 : own[0];
  }
  [[nodiscard]] const Hidden& at(Index i) const { return hidden_[static_cast<std::size_t>(i)]; }
  [[nodiscard]] Index hidden_offset(Index i) const {
    return first_.parameter_count() + (i == 0 ? 0 : i * hidden_[0].parameter_count());
  }
  template <class S, class Layer>
  static std::span<S> part(std::span<S> all, Index offset, const Layer& layer) {
    return all.subspan(static_cast<std::size_t>(offset),
                       static_cast<std::size_t>(layer.parameter_count()));
  }

  First first_;
  std::vector<Hidden> hidden_;
  Last last_;
  [[no_unique_address]] I init_;
  double hidden_omega_;  ///< the last layer's start depends on it, hidden layers or not
};

}  // namespace inrgene
