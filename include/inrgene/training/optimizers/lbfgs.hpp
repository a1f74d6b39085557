// L-BFGS with a line search.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "inrgene/backend/copy_kernel.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/settings_field.hpp"
#include "inrgene/training/optimizers/flat.hpp"
#include "inrgene/training/optimizers/optimizer.hpp"
#include "inrgene/training/optimizers/wolfe.hpp"

namespace inrgene {

/// θ ← θ - α H ∇L(θ). H approximates the inverse Hessian by the last `history` pairs
/// s = θ_{k+1} - θ_k, y = ∇L_{k+1} - ∇L_k, applied by the two-loop recursion from H⁰ = (sᵀy / yᵀy)
/// I; α satisfies the strong Wolfe conditions. A pair without positive curvature, sᵀy ≤ 1e-8
/// ‖s‖‖y‖, is left out. `learning_rate` is the first α tried: 1 is the Newton length (before there
/// is a pair, a gradient of 1-norm above 1 is first scaled to 1).
///
/// For full batches: value and gradient at the end of a step serve the next one, so a step costs
/// about one evaluation, and the objective must be the same function at every step.
///
/// When no decrease is found, the history is dropped for the steepest descent; when that finds none
/// either, θ is as low as the objective's rounding lets it get: θ stays, and later steps return the
/// same loss without evaluating anything.
///
/// Memory: 2 · history + 3 times the parameters. Cost a step beside the objective: 6 · history
/// passes over the parameters.
/// Source: Nocedal and Wright, "Numerical optimization", 2nd edition 2006, algorithms 7.4 and 7.5,
/// equation 7.20; line search: algorithms 3.5 and 3.6.
struct Lbfgs {
  double learning_rate = 1.0;
  Index history = 20;
  double sufficient_decrease = 1e-4;  ///< c₁
  double curvature = 0.9;             ///< c₂
  Index max_evaluations = 20;         ///< of one line search

  static constexpr std::string_view name = "lbfgs";
  static constexpr bool full_batch = true;
  static constexpr auto fields =
      std::tuple{SettingsField{"learning_rate", &Lbfgs::learning_rate},
                 SettingsField{"history", &Lbfgs::history},
                 SettingsField{"sufficient_decrease", &Lbfgs::sufficient_decrease},
                 SettingsField{"curvature", &Lbfgs::curvature},
                 SettingsField{"max_evaluations", &Lbfgs::max_evaluations}};

  template <Backend B>
  struct State {
    using T = scalar_of<B>;
    using Buffer = typename backend_traits<B>::template buffer<T>;
    State(const Lbfgs& rule, const B& backend, const std::vector<ParameterInfo>& layout)
        : size(parameter_count(layout)),
          moves(static_cast<std::size_t>(rule.history * size)),
          changes(moves.size()),
          gradient(static_cast<std::size_t>(size)),
          counters(3 + detail::scalars_a_double),
          start(gradient.size()),
          direction(gradient.size()),
          sums(backend) {}

    Index size;
    Buffer moves;     ///< the pairs' s, a ring
    Buffer changes;   ///< the pairs' y
    Buffer gradient;  ///< at θ
    Buffer counters;  ///< pairs, place of the next one, phase, loss at θ (split)
    Index steps = 0;
    Buffer start, direction;  ///< scratch
    detail::FlatSums<B> sums;

    template <class F>
    void for_each(F&& f) {
      f("s", moves);
      f("y", changes);
      f("gradient", gradient);
      f("counters", counters);
    }
  };

  /// Throws ArgumentError when a hyper-parameter is outside its bounds.
  void validate() const {
    require(std::isfinite(learning_rate) && learning_rate > 0, "learning_rate", learning_rate,
            "a finite number above 0");
    require(history >= 1, "history", history, "at least 1");
    require(sufficient_decrease > 0 && sufficient_decrease < 0.5, "sufficient_decrease",
            sufficient_decrease, "a number in (0, 0.5)");
    require(curvature > sufficient_decrease && curvature < 1, "curvature", curvature,
            "a number between sufficient_decrease and 1");
    require(max_evaluations >= 2, "max_evaluations", max_evaluations, "at least 2");
  }

  template <Backend B, class F>
  requires Objective<F, scalar_of<B>>
  double step(const B& backend, State<B>& state, F&& objective, scalar_of<B>* theta,
              scalar_of<B>* gradients, double rate) const {
    using T = scalar_of<B>;
    Memory memory = load(backend, state);
    if (memory.phase == Phase::fresh) {
      memory.loss = objective(static_cast<const T*>(theta), gradients);
      if (!std::isfinite(memory.loss)) return memory.loss;
      copy(backend, state.size, gradients, state.gradient.data());
      memory.phase = Phase::moving;
    }
    const double loss = memory.loss;
    ++state.steps;
    if (memory.phase == Phase::moving) {
      copy(backend, state.size, theta, state.start.data());
      bool moved = false;
      if (memory.pairs > 0) {
        moved = search(backend, state, memory, objective, theta, gradients, rate);
        if (!moved) memory.pairs = 0;
      }
      if (!moved) moved = search(backend, state, memory, objective, theta, gradients, rate);
      if (!moved) {
        copy(backend, state.size, state.start.data(), theta);
        const T* g = state.gradient.data();
        // A gradient that is not finite is no minimum: whoever reads the loss must hear of it.
        if (!std::isfinite(state.sums.dot(backend, state.size, g, g))) {
          return std::numeric_limits<double>::quiet_NaN();
        }
        memory.phase = Phase::ended;
      }
      save(backend, state, memory);
    }
    copy(backend, state.size, state.gradient.data(), gradients);
    return loss;
  }

 private:
  enum class Phase { fresh, moving, ended };

  /// The state's counters on the host.
  struct Memory {
    Index pairs = 0;
    Index next = 0;
    Phase phase = Phase::fresh;
    double loss = 0;
  };

  template <Backend B, class T>
  static void copy(const B& backend, Index size, const T* from, T* to) {
    detail::pass(backend, size, detail::CopyKernel{}, std::tuple(to), from);
  }

  template <Backend B>
  static Memory load(const B& backend, const State<B>& state) {
    using T = scalar_of<B>;
    std::vector<T> c(state.counters.size());
    backend_traits<B>::download(backend, state.counters.data(), std::span<T>(c));
    return {static_cast<Index>(c[0]), static_cast<Index>(c[1]),
            static_cast<Phase>(static_cast<int>(c[2])), detail::joined_double(c.data() + 3)};
  }

  template <Backend B>
  static void save(const B& backend, State<B>& state, const Memory& memory) {
    using T = scalar_of<B>;
    std::vector<T> c{static_cast<T>(memory.pairs), static_cast<T>(memory.next),
                     static_cast<T>(static_cast<int>(memory.phase))};
    const auto loss = detail::split_double<T>(memory.loss);
    c.insert(c.end(), loss.begin(), loss.end());
    backend_traits<B>::upload(backend, std::span<const T>(c), state.counters.data());
  }

  /// direction = -H ∇L(θ) by the two-loop recursion.
  template <Backend B>
  static void set_direction(const B& backend, State<B>& state, const Memory& memory, Index ring) {
    using T = scalar_of<B>;
    const Index n = state.size;
    T* d = state.direction.data();
    detail::pass(backend, n, detail::Scaled<T>{T(-1)}, std::tuple(d),
                 static_cast<const T*>(state.gradient.data()));
    const auto dot = [&](const T* a, const T* b) { return state.sums.dot(backend, n, a, b); };
    const auto add = [&](double a, const T* x) {
      detail::pass(backend, n, detail::AddScaled<T>{static_cast<T>(a)}, std::tuple(d),
                   static_cast<const T*>(d), x);
    };
    std::vector<double> curvature_of, weight;
    for (Index k = 1; k <= memory.pairs; ++k) {  // from the newest
      const Index at = (memory.next - k + ring) % ring * n;
      const T* s = state.moves.data() + at;
      const T* y = state.changes.data() + at;
      curvature_of.push_back(dot(s, y));
      weight.push_back(dot(s, d) / curvature_of.back());
      add(-weight.back(), y);
    }
    if (memory.pairs == 0) return;
    const T* newest = state.changes.data() + (memory.next - 1 + ring) % ring * n;
    detail::pass(backend, n,
                 detail::Scaled<T>{static_cast<T>(curvature_of.front() / dot(newest, newest))},
                 std::tuple(d), static_cast<const T*>(d));
    for (Index k = memory.pairs; k >= 1; --k) {
      const Index at = (memory.next - k + ring) % ring * n;
      const auto i = static_cast<std::size_t>(k - 1);
      const double b = dot(state.changes.data() + at, d) / curvature_of[i];
      add(weight[i] - b, state.moves.data() + at);
    }
  }

  /// One line search. Moves θ and the state on and returns true, or leaves the state as it is.
  template <Backend B, class F>
  bool search(const B& backend, State<B>& state, Memory& memory, F& objective, scalar_of<B>* theta,
              scalar_of<B>* gradients, double rate) const {
    using T = scalar_of<B>;
    const Index n = state.size;
    const auto dot = [&](const T* a, const T* b) { return state.sums.dot(backend, n, a, b); };
    const T* direction = state.direction.data();
    const T* start = state.start.data();
    set_direction(backend, state, memory, history);
    const detail::LinePoint origin{0, memory.loss, dot(direction, state.gradient.data())};
    if (!(origin.slope < 0) || !std::isfinite(origin.slope)) return false;
    double first = rate;
    if (memory.pairs == 0) {
      first /= std::max(1.0, state.sums.sum(backend, n, detail::MagnitudeInDouble{}, direction));
    }
    const auto evaluate = [&](double step) {
      detail::pass(backend, n, detail::AddScaled<T>{static_cast<T>(step)}, std::tuple(theta), start,
                   direction);
      const double value = objective(static_cast<const T*>(theta), gradients);
      return detail::LinePoint{step, value, dot(gradients, direction)};
    };
    detail::WolfeSearch line({sufficient_decrease, curvature, max_evaluations}, origin, evaluate);
    detail::WolfeResult found = line.run(first);
    if (!(found.point.step > 0)) return false;
    if (!found.last) found.point = evaluate(found.point.step);
    const Index at = memory.next * n;
    T* s = state.moves.data() + at;
    T* y = state.changes.data() + at;
    // The pair overwrites the oldest one, which is lost should this one be left out.
    detail::pass(backend, n, detail::Difference<T>{}, std::tuple(s), static_cast<const T*>(theta),
                 start);
    detail::pass(backend, n, detail::Difference<T>{}, std::tuple(y),
                 static_cast<const T*>(gradients), static_cast<const T*>(state.gradient.data()));
    if (dot(s, y) > 1e-8 * std::sqrt(dot(s, s) * dot(y, y))) {
      memory.next = (memory.next + 1) % history;
      memory.pairs = std::min(memory.pairs + 1, history);
    } else {
      memory.pairs = std::min(memory.pairs, history - 1);
    }
    copy(backend, n, static_cast<const T*>(gradients), state.gradient.data());
    memory.loss = found.point.value;
    return true;
  }
};

}  // namespace inrgene
