// Products of any size from the micro-kernel: packing, blocks for the caches, edges.
#pragma once

#include <algorithm>
#include <type_traits>

#include "inrgene/backend/backend.hpp"
#include "inrgene/backend/cpu/micro_kernel.hpp"
#include "inrgene/backend/cpu/panels.hpp"
#include "inrgene/backend/cpu/spread_factor.hpp"

namespace inrgene::detail {

/// What happens to a finished block of features × samples, given as [sample][feature] with a stride
/// of KernelShape<T>::features, while it is in first-level cache. A plain function, so that the
/// product is compiled once whatever follows it.
template <class T>
struct BlockEpilogue {
  struct Place {
    Index feature, features, sample, samples;
  };
  void (*finish)(const void* self, MatrixView<const T> block, const Place& at) = nullptr;
  const void* self = nullptr;
};

/// One product of packed panels; the other factor's elements are E.
template <class Format, class E = typename Format::element>
struct PanelProduct {
  using T = typename Format::scalar;

  Panels<Format> panels;
  SpreadFactor<E> spread;
  Index samples;
  MatrixView<const T> bias{};  ///< added to every column; may be empty
  MatrixView<T> out{};         ///< [features × all samples]; unused with an epilogue
  bool add = false;
  Index first = 0;  ///< sample of `out` that is the spread factor's first
  BlockEpilogue<T> epilogue{};
};

/// Computes it. Where the spread factor's columns lie one after the other, panel by panel over all
/// samples, so that a panel is fetched once; where they lie beside each other (a transposed factor,
/// which is read a few columns at a time), samples by samples over all panels.
template <class Format>
class PanelProductRunner {
  using T = typename Format::scalar;
  using E = typename Format::element;
  static constexpr Index width = KernelShape<T>::features;
  static constexpr Index most = KernelShape<T>::samples;

 public:
  explicit PanelProductRunner(const PanelProduct<Format>& product)
      : p_(product), panel_size_(width * product.panels.elements()) {
    task_.elements = p_.panels.elements();
    task_.start = start_;
    std::fill(start_, start_ + width, T(0));
  }

  void operator()() {
    if (p_.spread.step == 1) {
      // The next panel is fetched evenly over this one's blocks, not at once by its first.
      const Index steps = (p_.samples + most - 1) / most * std::max<Index>(task_.elements, 1);
      const Index bytes = panel_size_ * static_cast<Index>(sizeof(E));
      for (Index i = 0; i < p_.panels.features; i += width) {
        const bool last = i + width >= p_.panels.features;
        take_panel(i);
        task_.fetch.at = reinterpret_cast<const char*>(task_.panel + (last ? 0 : panel_size_));
        task_.fetch.stride = last ? 0 : (bytes + steps - 1) / steps;
        over_samples([this]<int samples>(std::integral_constant<int, samples>, Index j) {
          block<samples>(j);
          task_.fetch.at += task_.fetch.stride * task_.elements;
        });
      }
    } else {
      // What the next block spreads is fetched line by line while this one's first panel is used:
      // its columns lie apart, and no processor looks so far ahead by itself.
      over_samples([this]<int samples>(std::integral_constant<int, samples>, Index j) {
        const Index last = std::min(j + samples + most, p_.samples) - 1;
        task_.fetch = {reinterpret_cast<const char*>(p_.spread.at(0, last).data),
                       p_.spread.step * static_cast<Index>(sizeof(E))};
        for (Index i = 0; i < p_.panels.features; i += width) {
          take_panel(i);
          block<samples>(j);
          task_.fetch.stride = 0;
        }
      });
    }
  }

 private:
  /// Calls f(block's samples, first one) for blocks as large as what is left allows.
  template <class F>
  void over_samples(const F& f) const {
    Index j = 0;
    const auto each = [&]<int samples>(std::integral_constant<int, samples> size) {
      for (; j + samples <= p_.samples; j += samples) f(size, j);
    };
    each(std::integral_constant<int, static_cast<int>(most)>{});
    if constexpr (most > 8) each(std::integral_constant<int, 8>{});
    each(std::integral_constant<int, 2>{});
    each(std::integral_constant<int, 1>{});
  }

  void take_panel(Index i) {
    feature_ = i;
    features_ = std::min(width, p_.panels.features - i);
    task_.panel = p_.panels.data + i / width * panel_size_;
    if (p_.bias.empty()) return;
    std::copy_n(p_.bias.data + i, features_, start_);
    std::fill(start_ + features_, start_ + width, T(0));
  }

  template <int samples>
  void block(Index j) {
    const bool direct = features_ == width && p_.epilogue.finish == nullptr;
    task_.spread = p_.spread.at(0, j);
    task_.out = direct ? BlockOut<T>{p_.out.data + feature_ + (p_.first + j) * p_.out.stride,
                                     p_.out.stride, p_.add}
                       : BlockOut<T>{block_, width, false};
    micro_kernel<Format, samples>(task_);
    if (!direct) finish(j, samples);
  }

  __attribute__((noinline)) void finish(Index j, Index samples) {
    const MatrixView<const T> block(block_, features_, samples, width);
    if (p_.epilogue.finish != nullptr) {
      p_.epilogue.finish(p_.epilogue.self, block, {feature_, features_, p_.first + j, samples});
      return;
    }
    for (Index s = 0; s < samples; ++s) {
      for (Index i = 0; i < features_; ++i) {
        T& to = p_.out(feature_ + i, p_.first + j + s);
        to = p_.add ? to + block(i, s) : block(i, s);
      }
    }
  }

  const PanelProduct<Format>& p_;
  const Index panel_size_;
  KernelTask<Format> task_{};
  Index feature_ = 0;
  Index features_ = 0;
  alignas(64) T start_[width];
  alignas(64) T block_[width * most];
};

/// Scratch of one worker's products.
struct ProductScratch {
  Workspace panels;
  Workspace spread;
};

/// Samples of a spread factor that are worked on at a time: 512 features of them fill half of 1
/// MiB.
template <class T>
inline constexpr Index samples_at_a_time =
    Index{1008} / static_cast<Index>(sizeof(T)) / KernelShape<T>::samples* KernelShape<T>::samples;

/// panels · spread + bias for any number of samples, unsplit in depth.
template <class Format>
void run_panel_product(const PanelProduct<Format, typename Format::scalar>& p,
                       Workspace& workspace) {
  constexpr Index most = samples_at_a_time<typename Format::scalar>;
  for (Index j = 0; j < p.samples; j += most) {
    const Index samples = std::min(most, p.samples - j);
    const PanelProduct<Format> part{
        .panels = p.panels,
        .spread = elements_of<Format>(p.spread.at(0, j), p.panels.depth, samples, workspace),
        .samples = samples,
        .bias = p.bias,
        .out = p.out,
        .add = p.add,
        .first = j,
        .epilogue = p.epilogue};
    PanelProductRunner<Format>{part}();
  }
}

/// out (+)= op(A)·op(B), packing op(A) in blocks that fit second-level cache.
template <class Format, class E>
class TiledProduct {
  using T = typename Format::scalar;
  /// 512 × 512 floats are 1 MiB.
  static constexpr Index most_depth = 512 * Format::steps;
  static constexpr Index most_features = Index{2048} / static_cast<Index>(sizeof(T));

 public:
  TiledProduct(const PanelSource<E>& a, SpreadFactor<T> b) : a_(a), b_(b) {}

  void operator()(MatrixView<T> out, bool add, ProductScratch& scratch) const {
    const Index whole_depth = a_.depth();
    for (Index k = 0; k < whole_depth; k += most_depth) {
      const Index depth = std::min(most_depth, whole_depth - k);
      for (Index i = 0; i < out.rows; i += most_features) {
        const Index features = std::min(most_features, out.rows - i);
        auto* to = scratch.panels.template reserve<typename Format::element>(
            panel_elements<Format>(features, depth));
        run_panel_product<Format>({.panels = pack_panels<Format>(a_, {i, features}, {k, depth}, to),
                                   .spread = b_.at(k, 0),
                                   .samples = out.cols,
                                   .out = {out.data + i, features, out.cols, out.stride},
                                   .add = add || k > 0},
                                  scratch.spread);
      }
    }
  }

 private:
  PanelSource<E> a_;
  SpreadFactor<T> b_;
};

}  // namespace inrgene::detail
