// One of several schedules, chosen at run time: a program's option, at no cost in the numeric path.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "inrgene/training/schedules/schedule.hpp"

namespace inrgene {

/// Holds one of S...; a Schedule itself.
template <Schedule... S>
class ScheduleVariant {
 public:
  static constexpr std::string_view name = "variant";
  /// Room for the state of any member.
  using State = std::array<double, std::max({std::tuple_size_v<typename S::State>...})>;

  ScheduleVariant() = default;
  template <class T>
  requires(std::same_as<T, S> || ...) ScheduleVariant(T schedule)
      : schedule_(std::move(schedule)) {}  // NOLINT: holds any of them

  /// Calls f with the schedule held.
  template <class F>
  decltype(auto) visit(F&& f) const {
    return std::visit(std::forward<F>(f), schedule_);
  }
  void validate() const {
    visit([](const auto& s) { s.validate(); });
  }
  [[nodiscard]] double factor(Index step, const State& state) const {
    return std::visit(
        [&](const auto& s) { return s.factor(step, part<std::decay_t<decltype(s)>>(state)); },
        schedule_);
  }
  void observe(State& state, double loss) const {
    std::visit(
        [&](const auto& s) {
          auto own = part<std::decay_t<decltype(s)>>(state);
          s.observe(own, loss);
          copy(own, state);
        },
        schedule_);
  }

 private:
  template <class Member>
  static typename Member::State part(const State& state) {
    typename Member::State own{};
    copy(state, own);
    return own;
  }

  /// As many numbers as both hold.
  template <class From, class To>
  static void copy(const From& from, To& to) {
    for (std::size_t i = 0; i < std::min(from.size(), to.size()); ++i) to[i] = from[i];
  }

  std::variant<S...> schedule_;
};

}  // namespace inrgene
