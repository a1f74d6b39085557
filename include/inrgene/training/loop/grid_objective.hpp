// Loss and gradient of a product field on a table of sites × genes, each side evaluated once.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "inrgene/backend/add_kernel.hpp"
#include "inrgene/backend/copy_kernel.hpp"
#include "inrgene/model/product_field.hpp"
#include "inrgene/training/loop/batch_objective.hpp"
#include "inrgene/training/loop/objective.hpp"
#include "inrgene/training/losses/loss_kernels.hpp"
#include "inrgene/training/sources/product_source.hpp"

namespace inrgene {

namespace detail {

/// LossKernel for a pair that is `count` rows; one that is none adds nothing, whatever it holds.
template <class L, class T>
struct CountedLossKernel {
  LossKernel<L, T> row;

  INRGENE_HD INRGENE_INLINE T operator()(const T& y, const T& target, const T& count,
                                         T& dL_dy) const {
    T derivative{};
    const T loss = row(y, target, derivative);
    dL_dy = count > T(0) ? count * derivative : T(0);
    return count > T(0) ? count * loss : T(0);
  }
};

/// OwnDerivativeKernel likewise.
template <class L, class T>
struct CountedOwnKernel {
  OwnDerivativeKernel<L, T> row;

  INRGENE_HD INRGENE_INLINE T operator()(const T& y, const T& target, const T& count) const {
    const T derivative = row(y, target);
    return count > T(0) ? count * derivative : T(0);
  }
};

}  // namespace detail

/// What BatchObjective computes for a ProductField a(x)·b(g) over all rows of a ProductSource, at
/// about 1/genes of its cost: with A = a(sites) [K × S] and B = b(genes) [K × G],
///
///     Y = BᵀA,  ∂L/∂A = B ∂L/∂Y,  ∂L/∂B = A (∂L/∂Y)ᵀ;
///
/// the trunk runs once a site, tile by tile, and the head once a gene. Pairs that are no rows count
/// neither in the loss nor in the gradient. Cost: S trunk + G head passes and 6·K·S·G FLOP.
///
/// All memory is taken in the constructor: workers × (activations of a tile of sites and of the
/// worker's genes, G × tile values, K × G, the gradient). Sums are taken in the order of workers:
/// the same threads and parameters give the same bytes. Other rows than all in their order, and
/// sources whose halves are not the field's, are left to a BatchObjective, made where it is needed.
template <class M, Loss L, Backend B>
requires(is_product_field<M>&& Module<M, B>) class GridObjective {
  using Ops = backend_traits<B>;
  using T = scalar_of<B>;
  using Left = std::remove_cvref_t<decltype(std::declval<const M&>().left())>;
  using Right = std::remove_cvref_t<decltype(std::declval<const M&>().right())>;

 public:
  using Source = ProductSource<B>;

  GridObjective(const M& module, const L& loss, const B& backend, const Source& source,
                Index max_rows)
      : module_(module), loss_(loss), backend_(backend), max_rows_(max_rows) {
    if (!fits(source) || max_rows < source.size()) {
      rows_.emplace(module, loss, backend, max_rows);
      return;
    }
    sites_ = source.left().cols;
    genes_ = source.right().cols;
    const Index workers = std::clamp<Index>(sites_ / min_sites_a_worker, 1,
                                            static_cast<Index>(Ops::workers(backend)));
    tile_ = tile_size((sites_ + workers - 1) / workers);
    vectors_ = Matrix<T, B>(module_.rank(), genes_);
    for (Index w = 0; w < workers; ++w) {
      const Index genes = gene_begin(w + 1, workers) - gene_begin(w, workers);
      workers_.emplace_back(module_, Sizes{tile_, genes, genes_, w > 0});
    }
  }

  /// Mean loss over `rows` of `source` at theta; writes (not adds) the gradient; both as
  /// BatchObjective.
  double operator()(const Source& source, RowRange rows, const T* theta, T* gradients) {
    const bool all = rows.order == nullptr && rows.begin == 0 && rows.count == source.size();
    if (workers_.empty() || !all || !fits(source) || source.left().cols != sites_ ||
        source.right().cols != genes_) {
      if (!rows_) rows_.emplace(module_, loss_, backend_, max_rows_);
      return (*rows_)(source, rows, theta, gradients);
    }
    const auto count = static_cast<std::size_t>(module_.parameter_count());
    const std::span<const T> parameters(theta, count);
    const double elements = static_cast<double>(rows.count);
    const int workers = static_cast<int>(std::ssize(workers_));
    Ops::run(backend_, contexts_, workers, [&](int w, context_of<B>& context) {
      Worker& worker = workers_[static_cast<std::size_t>(w)];
      const std::span<T> own = gradients_of(w, gradients, count);
      Ops::fill(context, MatrixView<T>(own.data(), std::ssize(own), 1), T(0));
      Ops::fill(context, MatrixView<double>(worker.sums.data(), std::ssize(Sums{}), 1), 0.0);
      evaluate_head(source, parameters, w, context);
    });
    Ops::run(backend_, contexts_, workers, [&](int w, context_of<B>& context) {
      visit_sites(source, {theta, static_cast<T>(1.0 / elements)}, w, context,
                  gradients_of(w, gradients, count));
    });
    Ops::run(backend_, contexts_, workers, [&](int w, context_of<B>& context) {
      pull_head(parameters, w, context, gradients_of(w, gradients, count));
    });
    for (int w = 1; w < workers; ++w) {
      map_flat(backend_, static_cast<Index>(count), detail::AddKernel{}, std::tuple(gradients),
               static_cast<const T*>(gradients),
               static_cast<const T*>(workers_[static_cast<std::size_t>(w)].gradients.data()));
    }
    return finish_sums(elements, gradients + count);
  }

 private:
  using Sums = std::array<double, 1 + most_own_parameters<L>()>;

  /// Below this a second worker costs more than it brings.
  static constexpr Index min_sites_a_worker = 16;
  /// Values of a tile [genes × sites] that a worker holds at a time: 4 MiB of floats.
  static constexpr Index most_values_a_tile = Index{1} << 20;

  struct Sizes {
    Index tile, own_genes, genes;
    bool own_gradients;
  };
  struct Worker {
    Worker(const M& module, const Sizes& size)
        : trunk(module.left(), size.tile, TapeMode::record),
          head(module.right(), std::max<Index>(size.own_genes, 1), TapeMode::record),
          y(size.genes, size.tile),
          dL_da(module.rank(), size.tile),
          dL_db(module.rank(), size.genes),
          gradients(size.own_gradients ? static_cast<std::size_t>(module.parameter_count()) : 0),
          sums(Sums{}.size()) {}
    typename Left::template Tape<B> trunk;
    typename Right::template Tape<B> head;
    Matrix<T, B> y;  ///< Y, then ∂L/∂Y in its place
    Matrix<T, B> dL_da, dL_db;
    typename Ops::template buffer<T> gradients;
    typename Ops::template buffer<double> sums;
  };
  struct AtSites {
    const T* theta;
    T weight;
  };

  [[nodiscard]] bool fits(const Source& source) const {
    return module_.out_features() == 1 && source.left().rows == module_.left().in_features() &&
           source.right().rows == module_.right().in_features();
  }
  [[nodiscard]] Index gene_begin(Index w, Index workers) const { return genes_ * w / workers; }
  [[nodiscard]] std::span<T> gradients_of(int w, T* gradients, std::size_t count) {
    return {w == 0 ? gradients : workers_[static_cast<std::size_t>(w)].gradients.data(), count};
  }
  [[nodiscard]] Index tile_size(Index sites) const {
    const Index most =
        std::clamp<Index>(most_values_a_tile / genes_, 1, Ops::tile_samples(backend_));
    return even_tile(backend_, sites, most);
  }

  /// The worker's columns of B.
  void evaluate_head(const Source& source, std::span<const T> theta, int w,
                     context_of<B>& context) {
    const Index workers = std::ssize(workers_);
    const Index begin = gene_begin(w, workers), count = gene_begin(w + 1, workers) - begin;
    if (count == 0) return;
    const auto b = module_.right().template forward<B>(context, module_.right_part(theta),
                                                       source.right().columns(begin, count),
                                                       workers_[static_cast<std::size_t>(w)].head);
    Ops::map(context, detail::CopyKernel{}, std::tuple(vectors_.view().columns(begin, count)),
             MatrixView<const T>(b));
  }

  /// Loss, ∂L/∂B and the trunk's gradient over the worker's sites.
  void visit_sites(const Source& source, const AtSites& at, int w, context_of<B>& context,
                   std::span<T> gradients) {
    const auto count = static_cast<std::size_t>(module_.parameter_count());
    const std::span<const T> theta = module_.left_part(std::span<const T>(at.theta, count));
    Worker& worker = workers_[static_cast<std::size_t>(w)];
    const Index workers = std::ssize(workers_);
    const MatrixView<const T> b = vectors_.view();
    Ops::fill(context, worker.dL_db.view(), T(0));
    const Index end = sites_ * (w + 1) / workers;
    for (Index first = sites_ * w / workers; first < end; first += tile_) {
      const Index n = std::min(tile_, end - first);
      const MatrixView<const T> a = module_.left().template forward<B>(
          context, theta, source.left().columns(first, n), worker.trunk);
      const auto y = worker.y.view(n);
      Ops::template gemm<Op::transpose, Op::none, T>(context, b, a, y, Write::replace);
      const auto counts = source.counts();
      add_loss(context, {at.theta + count, at.weight}, y, source.values().columns(first, n),
               counts.empty() ? counts : counts.columns(first, n), worker.sums.data());
      const MatrixView<const T> dL_dy = y;
      Ops::template gemm<Op::none, Op::transpose, T>(context, a, dL_dy, worker.dL_db.view(),
                                                     Write::add);
      const auto dL_da = worker.dL_da.view(n);
      Ops::template gemm<Op::none, Op::none, T>(context, b, dL_dy, dL_da, Write::replace);
      module_.left().template backward<B>(context, theta, dL_da, worker.trunk,
                                          module_.left_part(gradients), {});
    }
  }

  /// As apply_loss, with the number of rows each pair is; y becomes ∂L/∂y.
  void add_loss(context_of<B>& context, const AtSites& own, MatrixView<T> y,
                MatrixView<const T> target, MatrixView<const T> counts, double* sums) const {
    const MatrixView<const T> values = y;
    visit_loss(loss_, [&]<class Held>(const Held& held) {
      // The own parameters' derivatives first: they read y, which the loss's replaces.
      if constexpr (detail::OwnCount<Held>::value > 0) {
        for (std::size_t k = 0; k < detail::OwnCount<Held>::value; ++k) {
          const detail::OwnDerivativeKernel<Held, T> row{held, own.theta, k};
          if (counts.empty()) {
            Ops::sum_map(context, sums + 1 + k, row, std::tuple<>(), values, target);
          } else {
            Ops::sum_map(context, sums + 1 + k, detail::CountedOwnKernel<Held, T>{row},
                         std::tuple<>(), values, target, counts);
          }
        }
      }
      const detail::LossKernel<Held, T> row{held, own.weight, own.theta};
      if (counts.empty()) {
        Ops::sum_map(context, sums, row, std::tuple(y), values, target);
      } else {
        Ops::sum_map(context, sums, detail::CountedLossKernel<Held, T>{row}, std::tuple(y), values,
                     target, counts);
      }
    });
  }

  /// Sums ∂L/∂B of the worker's genes over all workers and pulls it through the head.
  void pull_head(std::span<const T> theta, int w, context_of<B>& context, std::span<T> gradients) {
    const Index workers = std::ssize(workers_);
    const Index begin = gene_begin(w, workers), count = gene_begin(w + 1, workers) - begin;
    if (count == 0) return;
    const auto part = [&](Worker& worker) { return worker.dL_db.view().columns(begin, count); };
    const auto sum = part(workers_[0]);
    for (std::size_t other = 1; other < workers_.size(); ++other) {
      Ops::map(context, detail::AddKernel{}, std::tuple(sum), MatrixView<const T>(sum),
               MatrixView<const T>(part(workers_[other])));
    }
    module_.right().template backward<B>(context, module_.right_part(theta), sum,
                                         workers_[static_cast<std::size_t>(w)].head,
                                         module_.right_part(gradients), {});
  }

  /// The mean loss; writes the gradient of the loss's own parameters.
  double finish_sums(double elements, T* own_gradients) {
    Sums sums{};
    for (const Worker& worker : workers_) {
      Sums part{};
      Ops::download(backend_, worker.sums.data(), std::span<double>(part));
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += part[i];
    }
    std::array<T, most_own_parameters<L>()> own{};
    for (std::size_t k = 0; k < own.size(); ++k) own[k] = static_cast<T>(sums[1 + k] / elements);
    const auto own_count = static_cast<std::size_t>(own_parameter_count(loss_));
    Ops::upload(backend_, std::span<const T>(own).first(own_count), own_gradients);
    return sums[0] / elements;
  }

  M module_;
  L loss_;
  B backend_;
  Index max_rows_;
  Index sites_ = 0;
  Index genes_ = 0;
  Index tile_ = 0;
  Matrix<T, B> vectors_;  ///< B
  std::vector<Worker> workers_;
  typename Ops::contexts contexts_;
  std::optional<BatchObjective<M, L, B>> rows_;
};

template <class M, Loss L, Backend B>
requires(is_product_field<M>) struct ObjectiveFor<M, L, B, ProductSource<B>> {
  using type = GridObjective<M, L, B>;
};

}  // namespace inrgene
