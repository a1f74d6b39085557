// The elementwise passes of a layer, derived from its activation's one formula by forward-mode
// differentiation. Plain functors: a backend inlines them into its loops or kernels.
#pragma once

#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

#include "inrgene/core/annotations.hpp"
#include "inrgene/model/activations/activation.hpp"

namespace inrgene::detail {

/// y = f(z_1, …): values only.
template <class A, class T>
struct ValueKernel {
  std::array<T, A::own_count> own;

  template <class... Args>
  INRGENE_HD INRGENE_INLINE void operator()(Args&&... args) const {
    apply(std::forward_as_tuple(args...),
          std::make_index_sequence<static_cast<std::size_t>(A::maps)>{});
  }

 private:
  template <class Tuple, std::size_t... I>
  INRGENE_HD INRGENE_INLINE void apply(Tuple args, std::index_sequence<I...> /*i*/) const {
    std::get<sizeof...(I)>(args) = A::formula(own, std::get<I>(args)...);
  }
};

/// y = f(z) and f'(z): for real activations of one map, whose derivative is one real number.
template <class A, class T>
struct RecordKernel {
  std::array<T, A::own_count> own;

  INRGENE_HD INRGENE_INLINE void operator()(const T& z, T& y, T& derivative) const {
    const auto jet = A::formula(own, math::Jet<T, 1>::variable(z, 0));
    y = jet.value;
    derivative = jet.d[0];
  }
};

/// ∂L/∂z_m from g = ∂L/∂y: Jᵀg over the real components. Arguments: g, z…, dz&….
template <class A, class T>
struct PullKernel {
  std::array<T, A::own_count> own;

  template <class... Args>
  INRGENE_HD INRGENE_INLINE void operator()(Args&&... args) const {
    apply(std::forward_as_tuple(args...),
          std::make_index_sequence<static_cast<std::size_t>(A::maps)>{});
  }

 private:
  template <class Tuple, std::size_t... I>
  INRGENE_HD INRGENE_INLINE void apply(Tuple args, std::index_sequence<I...> /*i*/) const {
    using Z = std::remove_cvref_t<std::tuple_element_t<1, Tuple>>;
    constexpr int per_map = math::components<Z>;
    using J = math::Jet<T, A::maps * per_map>;
    const auto seed = [](const Z& z, int m) {
      return lift<J>(z, [m](const T& part, int c) { return J::variable(part, m * per_map + c); });
    };
    const auto y = A::formula(own, seed(std::get<1 + I>(args), static_cast<int>(I))...);
    const auto& g = std::get<0>(args);
    (write(std::get<1 + sizeof...(I) + I>(args), y, g, static_cast<int>(I) * per_map), ...);
  }

  template <class Z, class Y, class G>
  INRGENE_HD INRGENE_INLINE static void write(Z& dz, const Y& y, const G& g, int k) {
    if constexpr (math::is_complex<Z>) {
      dz = Z{contract(y, g, k), contract(y, g, k + 1)};
    } else {
      dz = contract(y, g, k);
    }
  }
};

/// y and its derivative along one direction. Arguments: z…, dz…, y&, dy&.
template <class A, class T>
struct PushKernel {
  std::array<T, A::own_count> own;

  template <class... Args>
  INRGENE_HD INRGENE_INLINE void operator()(Args&&... args) const {
    apply(std::forward_as_tuple(args...),
          std::make_index_sequence<static_cast<std::size_t>(A::maps)>{});
  }

 private:
  template <class Tuple, std::size_t... I>
  INRGENE_HD INRGENE_INLINE void apply(Tuple args, std::index_sequence<I...> /*i*/) const {
    constexpr std::size_t maps = sizeof...(I);
    using J = math::Jet<T, 1>;
    const auto seed = [](const auto& z, const auto& dz) {
      return lift<J>(z, [&dz](const T& part, int c) {
        J jet(part);
        jet.d[0] = component(dz, c);
        return jet;
      });
    };
    const auto y = A::formula(own, seed(std::get<I>(args), std::get<maps + I>(args))...);
    if constexpr (math::is_complex<std::remove_cvref_t<decltype(y)>>) {
      std::get<2 * maps>(args) = {y.re.value, y.im.value};
      std::get<2 * maps + 1>(args) = {y.re.d[0], y.im.d[0]};
    } else {
      std::get<2 * maps>(args) = y.value;
      std::get<2 * maps + 1>(args) = y.d[0];
    }
  }
};

/// One direction's share of value, derivative and Laplacian:
/// Δy = Σ_d f''[z_d, z_d] + f'[Δz]; the first direction brings in Δz, the others pass `use = 0`.
/// Arguments: Δy so far, z…, dz…, Δz…, y&, dy&, Δy&.
template <class A, class T>
struct LaplacianKernel {
  std::array<T, A::own_count> own;
  T use;  ///< 1 in the first direction, which starts the sum; 0 after

  template <class... Args>
  INRGENE_HD INRGENE_INLINE void operator()(Args&&... args) const {
    apply(std::forward_as_tuple(args...),
          std::make_index_sequence<static_cast<std::size_t>(A::maps)>{});
  }

 private:
  template <class Tuple, std::size_t... I>
  INRGENE_HD INRGENE_INLINE void apply(Tuple args, std::index_sequence<I...> /*i*/) const {
    constexpr std::size_t maps = sizeof...(I);
    using S = math::Taylor<T>;
    const auto seed = [this](const auto& z, const auto& dz, const auto& lz) {
      return lift<S>(z, [&, this](const T& part, int c) {
        return S(part, component(dz, c), use * component(lz, c));
      });
    };
    const auto y = A::formula(own, seed(std::get<1 + I>(args), std::get<1 + maps + I>(args),
                                        std::get<1 + 2 * maps + I>(args))...);
    const auto& sum = std::get<0>(args);
    if constexpr (math::is_complex<std::remove_cvref_t<decltype(y)>>) {
      std::get<1 + 3 * maps>(args) = {y.re.value, y.im.value};
      std::get<2 + 3 * maps>(args) = {y.re.first, y.im.first};
      std::get<3 + 3 * maps>(args) = {so_far(sum.re) + y.re.second, so_far(sum.im) + y.im.second};
    } else {
      std::get<1 + 3 * maps>(args) = y.value;
      std::get<2 + 3 * maps>(args) = y.first;
      std::get<3 + 3 * maps>(args) = so_far(sum) + y.second;
    }
  }
  /// Nothing in the first direction, whatever stood in the memory (a product with 0 would keep
  /// NaN).
  INRGENE_HD INRGENE_INLINE T so_far(const T& sum) const { return use == T(1) ? T(0) : sum; }
};

/// dz = g · f'(z), written over the recorded derivative.
struct MultiplyKernel {
  template <class T>
  INRGENE_HD INRGENE_INLINE void operator()(const T& g, const T& derivative, T& dz) const {
    dz = g * derivative;
  }
};

}  // namespace inrgene::detail
