// Gradient descent with momentum.
#pragma once

#include <cmath>
#include <string_view>
#include <tuple>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/settings_field.hpp"
#include "inrgene/training/optimizers/optimizer.hpp"

namespace inrgene {

/// g ← ∇L(θ) + λθ, b ← μb + g, θ ← θ - η b, or θ ← θ - η (g + μb) in Nesterov's form; b starts at
/// 0. λ is an L2 penalty inside the gradient, not a decoupled decay (see AdamW). Source: Sutskever,
/// Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep learning",
/// ICML 2013, in the form of PyTorch's SGD, where the rate stands outside of b.
struct Sgd {
  double learning_rate = 1e-2;
  double momentum = 0.9;      ///< μ
  Index nesterov = 0;         ///< 1: Nesterov's form
  double weight_decay = 0.0;  ///< λ

  static constexpr std::string_view name = "sgd";
  static constexpr auto fields = std::tuple{SettingsField{"learning_rate", &Sgd::learning_rate},
                                            SettingsField{"momentum", &Sgd::momentum},
                                            SettingsField{"nesterov", &Sgd::nesterov},
                                            SettingsField{"weight_decay", &Sgd::weight_decay}};

  template <Backend B>
  struct State {
    using Buffer = typename backend_traits<B>::template buffer<scalar_of<B>>;
    State(const Sgd& /*rule*/, const B& /*backend*/, const std::vector<ParameterInfo>& layout)
        : velocity(static_cast<std::size_t>(parameter_count(layout))) {}

    Buffer velocity;  ///< b
    Index steps = 0;

    template <class F>
    void for_each(F&& f) {
      f("momentum_buffer", velocity);
    }
  };

  /// Throws ArgumentError when a hyper-parameter is outside its bounds.
  void validate() const {
    require(std::isfinite(learning_rate) && learning_rate > 0, "learning_rate", learning_rate,
            "a finite number above 0");
    require(momentum >= 0 && momentum < 1, "momentum", momentum, "a number in [0, 1)");
    require(nesterov == 0 || (nesterov == 1 && momentum > 0), "nesterov", nesterov,
            "0, or 1 with a momentum above 0");
    require(std::isfinite(weight_decay) && weight_decay >= 0, "weight_decay", weight_decay,
            "a finite number, 0 or more");
  }

  template <Backend B, class F>
  requires Objective<F, scalar_of<B>>
  double step(const B& backend, State<B>& state, F&& objective, scalar_of<B>* theta,
              scalar_of<B>* gradients, double rate) const {
    using T = scalar_of<B>;
    const double loss = objective(theta, gradients);
    if (!std::isfinite(loss)) return loss;
    ++state.steps;
    const T mu = static_cast<T>(momentum);
    // θ moves along `ahead` b + `now` g.
    const Update<T> update{static_cast<T>(rate), mu, static_cast<T>(weight_decay),
                           nesterov == 1 ? mu : T(1), nesterov == 1 ? T(1) : T(0)};
    map_flat(backend, static_cast<Index>(state.velocity.size()), update,
             std::tuple(theta, state.velocity.data()), gradients, theta, state.velocity.data());
    return loss;
  }

  // Public, since a device's kernel cannot take a private type.
  template <class T>
  struct Update {
    T rate, momentum, decay, ahead, now;
    INRGENE_HD INRGENE_INLINE void operator()(const T& gradient, const T& p, const T& b, T& p_out,
                                              T& b_out) const {
      const T g = gradient + decay * p;
      b_out = momentum * b + g;
      p_out = p - rate * (ahead * b_out + now * g);
    }
  };
};

}  // namespace inrgene
