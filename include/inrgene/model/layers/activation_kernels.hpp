// The elementwise passes of a layer, derived from its activation's one formula by forward-mode
// differentiation. Plain functors: a backend inlines them into its loops or kernels.
// The passes of derivatives to the coordinates are in path_kernels.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "inrgene/core/annotations.hpp"
#include "inrgene/model/activations/activation.hpp"
#include "inrgene/model/layers/own_values.hpp"

namespace inrgene::detail {

/// Calls f(indices of A's maps, tuple of references to the arguments).
template <class A, class F, class... Args>
INRGENE_HD INRGENE_INLINE decltype(auto) with_maps(const F& f, Args&... args) {
  return f(std::make_index_sequence<static_cast<std::size_t>(A::maps)>{}, std::tie(args...));
}

/// Writes the part of a gradient that belongs to z, whose components are variables k, k + 1.
template <class Z, class Y, class G>
INRGENE_HD INRGENE_INLINE void write_cotangent(Z& dz, const Y& y, const G& g, int k) {
  if constexpr (math::is_complex<Z>) {
    dz = Z{contract(y, g, k), contract(y, g, k + 1)};
  } else {
    dz = contract(y, g, k);
  }
}

/// y = f(z_1, …): values only.
template <class A, class T>
struct ValueKernel {
  OwnValues<A, T> own;

  template <class... Args>
  INRGENE_HD INRGENE_INLINE void operator()(Args&&... args) const {
    with_maps<A>(
        [this]<std::size_t... I>(std::index_sequence<I...>, auto a) {
          std::get<sizeof...(I)>(a) = A::formula(own.get(), std::get<I>(a)...);
        },
        args...);
  }
};

/// y = f(z_1 + s_1, …): the linear maps as two summands. Arguments: z…, s…, y&.
template <class A, class T>
struct SumValueKernel {
  OwnValues<A, T> own;

  template <class... Args>
  INRGENE_HD INRGENE_INLINE void operator()(Args&&... args) const {
    with_maps<A>(
        [this]<std::size_t... I>(std::index_sequence<I...>, auto a) {
          constexpr std::size_t maps = sizeof...(I);
          std::get<2 * maps>(a) =
              A::formula(own.get(), (std::get<I>(a) + std::get<maps + I>(a))...);
        },
        args...);
  }
};

/// y = f(z) and f'(z): for real activations of one map, whose derivative is one real number.
template <class A, class T>
struct RecordKernel {
  OwnValues<A, T> own;

  INRGENE_HD INRGENE_INLINE void operator()(const T& z, T& y, T& derivative) const {
    const auto jet = A::formula(own.get(), math::Jet<T, 1>::variable(z, 0));
    y = jet.value;
    derivative = jet.d[0];
  }
};

/// ∂L/∂z_m from g = ∂L/∂y: Jᵀg over the real components. Arguments: g, z…, dz&….
template <class A, class T>
struct PullKernel {
  OwnValues<A, T> own;

  template <class... Args>
  INRGENE_HD INRGENE_INLINE void operator()(Args&&... args) const {
    with_maps<A>(
        [this]<std::size_t... I>(std::index_sequence<I...>, auto a) {
          using Z = std::remove_cvref_t<std::tuple_element_t<1, decltype(a)>>;
          constexpr int per_map = math::components<Z>;
          using J = math::Jet<T, A::maps * per_map>;
          const auto seed = [](const Z& z, int m) {
            return lift<J>(
                z, [m](const T& part, int c) { return J::variable(part, m * per_map + c); });
          };
          const auto y = A::formula(own.get(), seed(std::get<1 + I>(a), static_cast<int>(I))...);
          (write_cotangent(std::get<1 + sizeof...(I) + I>(a), y, std::get<0>(a),
                           static_cast<int>(I) * per_map),
           ...);
        },
        args...);
  }
};

/// ⟨g, ∂y/∂own_k⟩ of one element. Arguments: g, z….
template <class A, class T>
struct OwnPullKernel {
  OwnValues<A, T> own;
  int k;

  template <class... Args>
  INRGENE_HD INRGENE_INLINE T operator()(Args&&... args) const {
    return with_maps<A>(
        [this]<std::size_t... I>(std::index_sequence<I...>, auto a) {
          using J = math::Jet<T, 1>;
          const auto constant = [](const auto& z) {
            return lift<J>(z, [](const T& part, int) { return J(part); });
          };
          return contract(A::formula(own.template varying<J>(k), constant(std::get<1 + I>(a))...),
                          std::get<0>(a), 0);
        },
        args...);
  }
};

/// dz = g · f'(z), written over the recorded derivative.
struct MultiplyKernel {
  template <class T>
  INRGENE_HD INRGENE_INLINE void operator()(const T& g, const T& derivative, T& dz) const {
    dz = g * derivative;
  }
};

/// A sum in double, added to a gradient.
struct AddSumKernel {
  template <class T>
  INRGENE_HD INRGENE_INLINE void operator()(const double& sum, const T& before, T& after) const {
    after = before + static_cast<T>(sum);
  }
};

}  // namespace inrgene::detail
