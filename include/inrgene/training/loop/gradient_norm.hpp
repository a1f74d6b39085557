// The length of a gradient, and clipping to one.
#pragma once

#include <cmath>
#include <span>
#include <tuple>
#include <vector>

#include "inrgene/backend/backend.hpp"

namespace inrgene {

/// Measures gradients of `size` reals on backend B. Sums in double and in a fixed order: the same
/// threads give the same bytes. Cost: one read of the gradient.
template <Backend B>
class GradientNorm {
  using Ops = backend_traits<B>;
  using T = scalar_of<B>;

 public:
  GradientNorm(const B& backend, Index size)
      : backend_(backend),
        size_(size),
        workers_(size < least_for_workers ? 1 : Ops::workers(backend)) {
    for (int w = 0; w < workers_; ++w) sums_.emplace_back(std::size_t{1});
  }

  /// ‖g‖²; infinite or NaN when an entry is.
  [[nodiscard]] double squared(const T* gradients) {
    Ops::run(backend_, workers_, [&](int w, context_of<B>& context) {
      double* sum = sums_[static_cast<std::size_t>(w)].data();
      Ops::fill(context, MatrixView<double>(sum, 1, 1), 0.0);
      const Index begin = size_ * w / workers_;
      const Index end = size_ * (w + 1) / workers_;
      Ops::sum_map(context, sum, SquareKernel{}, std::tuple<>(),
                   MatrixView<const T>(gradients + begin, end - begin, 1));
    });
    double total = 0;
    for (const auto& sum : sums_) {
      double part = 0;
      Ops::download(backend_, sum.data(), std::span(&part, 1));
      total += part;
    }
    return total;
  }

  /// g ← g · bound/‖g‖ when ‖g‖ > bound.
  void clip(T* gradients, double squared, double bound) const {
    const double norm = std::sqrt(squared);
    if (!(norm > bound)) return;
    map_flat(backend_, size_, ScaleKernel{static_cast<T>(bound / norm)}, std::tuple(gradients),
             static_cast<const T*>(gradients));
  }

  // Public, since a device's kernel cannot take a private type.
  struct SquareKernel {
    INRGENE_HD INRGENE_INLINE double operator()(const T& g) const {
      return static_cast<double>(g) * static_cast<double>(g);
    }
  };
  struct ScaleKernel {
    T factor;
    INRGENE_HD INRGENE_INLINE void operator()(const T& g, T& out) const { out = factor * g; }
  };

 private:
  /// Below this a second worker costs more than it brings.
  static constexpr Index least_for_workers = 1 << 16;

  B backend_;
  Index size_;
  int workers_;
  std::vector<typename Ops::template buffer<double>> sums_;
};

}  // namespace inrgene
