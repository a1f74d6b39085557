// Schedule-free AdamW.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/settings_field.hpp"
#include "inrgene/math/elementary.hpp"
#include "inrgene/training/optimizers/adam.hpp"
#include "inrgene/training/optimizers/flat.hpp"
#include "inrgene/training/optimizers/optimizer.hpp"

namespace inrgene {

/// Averages its iterates instead of lowering its rate; meant for the constant schedule. From
/// z₁ = x₁ = θ₁, in step t:
///
///     y = (1-β₁)z + β₁x,   g = ∇L(y),   v ← β₂v + (1-β₂)g²,   γ_t = γ min(1, t / warmup_steps)
///     z ← z - γ_t g / (√(v / (1-β₂ᵗ)) + ε) - γ_t λ y
///     x ← (1-c)x + c z,    c = γ_t² / Σ_{i≤t} γ_i²
///
/// θ is y, where gradients are taken; the parameters to use are x: see `evaluated`. A schedule's
/// factor scales γ.
/// Source: Defazio, Yang, Mehta, Mishchenko, Khaled and Cutkosky, "The road less scheduled",
/// NeurIPS 2024, algorithm 1. (The first version on arXiv has the factor √(1-β₂ᵗ) in γ_t instead of
/// a corrected v.)
struct ScheduleFreeAdamW {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.0;  ///< λ
  Index warmup_steps = 0;     ///< 0: none

  static constexpr std::string_view name = "schedule_free_adamw";
  static constexpr auto fields =
      std::tuple{SettingsField{"learning_rate", &ScheduleFreeAdamW::learning_rate},
                 SettingsField{"beta1", &ScheduleFreeAdamW::beta1},
                 SettingsField{"beta2", &ScheduleFreeAdamW::beta2},
                 SettingsField{"epsilon", &ScheduleFreeAdamW::epsilon},
                 SettingsField{"weight_decay", &ScheduleFreeAdamW::weight_decay},
                 SettingsField{"warmup_steps", &ScheduleFreeAdamW::warmup_steps}};

  template <Backend B>
  struct State {
    using T = scalar_of<B>;
    using Buffer = typename backend_traits<B>::template buffer<T>;
    State(const ScheduleFreeAdamW& /*rule*/, const B& /*backend*/,
          const std::vector<ParameterInfo>& layout)
        : fast(static_cast<std::size_t>(parameter_count(layout))),
          average(fast.size()),
          second(fast.size()),
          weight_sum(detail::scalars_a_double) {}

    Buffer fast;        ///< z
    Buffer average;     ///< x
    Buffer second;      ///< v
    Buffer weight_sum;  ///< Σ γ_i², split
    Index steps = 0;

    template <class F>
    void for_each(F&& f) {
      f("z", fast);
      f("x", average);
      f("exp_avg_sq", second);
      f("weight_sum", weight_sum);
    }
  };

  /// Throws ArgumentError when a hyper-parameter is outside its bounds.
  void validate() const {
    detail::check_adam(learning_rate, beta1, beta2, epsilon);
    require(std::isfinite(weight_decay) && weight_decay >= 0, "weight_decay", weight_decay,
            "a finite number, 0 or more");
    require(warmup_steps >= 0, "warmup_steps", warmup_steps, "0 or more");
  }

  /// x, the parameters to evaluate and keep; before the first step θ itself.
  template <Backend B>
  [[nodiscard]] static const scalar_of<B>* evaluated(const State<B>& state,
                                                     const scalar_of<B>* theta) {
    return evaluated(state, theta, state.steps);
  }
  /// The same where the steps are counted elsewhere.
  template <Backend B>
  [[nodiscard]] static const scalar_of<B>* evaluated(const State<B>& state,
                                                     const scalar_of<B>* theta, Index steps) {
    return steps == 0 ? theta : state.average.data();
  }

  template <Backend B, class F>
  requires Objective<F, scalar_of<B>>
  double step(const B& backend, State<B>& state, F&& objective, scalar_of<B>* theta,
              scalar_of<B>* gradients, double rate) const {
    using Ops = backend_traits<B>;
    using T = scalar_of<B>;
    const double loss = objective(theta, gradients);
    if (!std::isfinite(loss)) return loss;
    const auto size = static_cast<Index>(state.fast.size());
    if (state.steps == 0) {
      map_flat(backend, size, Start<T>{}, std::tuple(state.fast.data(), state.average.data()),
               static_cast<const T*>(theta));
    }
    ++state.steps;
    const auto t = static_cast<double>(state.steps);
    const double warm =
        warmup_steps > 0 ? std::min(1.0, t / static_cast<double>(warmup_steps)) : 1.0;
    const double gamma = rate * warm;
    std::array<T, detail::scalars_a_double> held{};
    Ops::download(backend, static_cast<const T*>(state.weight_sum.data()), std::span<T>(held));
    const double weights = detail::joined_double(held.data()) + gamma * gamma;
    held = detail::split_double<T>(weights);
    Ops::upload(backend, std::span<const T>(held), state.weight_sum.data());
    const Update<T> update{static_cast<T>(beta1),
                           static_cast<T>(beta2),
                           static_cast<T>(epsilon),
                           static_cast<T>(gamma),
                           static_cast<T>(1.0 / std::sqrt(1.0 - std::pow(beta2, t))),
                           static_cast<T>(gamma * weight_decay),
                           static_cast<T>(weights > 0 ? gamma * gamma / weights : 1.0)};
    map_flat(backend, size, update,
             std::tuple(theta, state.fast.data(), state.average.data(), state.second.data()),
             gradients, static_cast<const T*>(theta), static_cast<const T*>(state.fast.data()),
             static_cast<const T*>(state.average.data()),
             static_cast<const T*>(state.second.data()));
    return loss;
  }

  // Public, since a device's kernel cannot take a private type.
  template <class T>
  struct Start {
    INRGENE_HD INRGENE_INLINE void operator()(const T& p, T& z, T& x) const {
      z = p;
      x = p;
    }
  };

  /// `correction` is 1 / √(1-β₂ᵗ), `decay` γ_t λ, `weight` c.
  template <class T>
  struct Update {
    T beta1, beta2, epsilon, gamma, correction, decay, weight;
    INRGENE_HD INRGENE_INLINE void operator()(const T& g, const T& y, const T& z, const T& x,
                                              const T& v, T& y_out, T& z_out, T& x_out,
                                              T& v_out) const {
      v_out = beta2 * v + (T(1) - beta2) * g * g;
      z_out = z - gamma * g / (math::sqrt(v_out) * correction + epsilon) - decay * y;
      x_out = (T(1) - weight) * x + weight * z_out;
      y_out = (T(1) - beta1) * z_out + beta1 * x_out;
    }
  };
};

}  // namespace inrgene
