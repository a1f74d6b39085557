// Loss and gradient of a batch: rows in tiles, tiles to workers by index, sums in a fixed order.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <tuple>
#include <vector>

#include "inrgene/backend/add_kernel.hpp"
#include "inrgene/model/module.hpp"
#include "inrgene/training/loop/row_window.hpp"
#include "inrgene/training/losses/loss_kernels.hpp"
#include "inrgene/training/sources/sample_source.hpp"

namespace inrgene {

/// Evaluates mean loss and gradient of module M under loss L on a backend. All memory is taken in
/// the constructor, but for what the backend keeps of its own, which the first call takes: later
/// calls allocate nothing. Memory: workers × (tile activations + gradient).
/// The same rows, threads and parameters give the same bytes.
///
/// Where an output depends on neighbouring rows (`row_context`), a tile is read with as many rows
/// around it as matter, clipped at the ends of the batch, and the loss counts its own rows only:
/// the result does not depend on the tiles. Such rows are evaluated twice.
template <class M, Loss L, Backend B>
requires Module<M, B>
class BatchObjective {
  using Ops = backend_traits<B>;
  using T = scalar_of<B>;

 public:
  BatchObjective(const M& module, const L& loss, const B& backend, Index max_rows)
      : module_(module),
        loss_(loss),
        backend_(backend),
        context_rows_(row_context(module)),
        workers_(static_cast<int>(
            std::clamp<Index>(max_rows / min_rows_a_worker, 1, Ops::workers(backend)))),
        most_in_tile_(tile_size((max_rows + workers_ - 1) / workers_)) {
    const Index window = std::min(std::max<Index>(max_rows, 1), most_in_tile_ + 2 * context_rows_);
    for (int w = 0; w < workers_; ++w) workers_state_.emplace_back(module_, window, w > 0);
  }

  /// Mean loss over `rows` of `source` at theta; writes (not adds) the gradient. Behind the
  /// module's parameters theta and gradients hold the loss's own, when it has any.
  template <class S>
  requires SampleSource<S, B>
  double operator()(const S& source, RowRange rows, const T* theta, T* gradients) {
    const auto count = static_cast<std::size_t>(module_.parameter_count());
    const std::span<const T> parameters(theta, count);
    const double elements = static_cast<double>(rows.count * module_.out_features());
    const T weight = static_cast<T>(1.0 / elements);
    Ops::run(backend_, contexts_, workers_, [&](int w, context_of<B>& context) {
      Worker& worker = workers_state_[static_cast<std::size_t>(w)];
      const std::span<T> own(w == 0 ? gradients : worker.gradients.data(), count);
      Ops::fill(context, MatrixView<T>(own.data(), std::ssize(own), 1), T(0));
      Ops::fill(context, MatrixView<double>(worker.sums.data(), std::ssize(Sums{}), 1), 0.0);
      const Index begin = rows.count * w / workers_;
      const Index end = rows.count * (w + 1) / workers_;
      // Fewer rows may divide into fewer, longer tiles than memory was taken for.
      const Index tile = std::min(most_in_tile_, tile_size(end - begin));
      for (Index first = begin; first < end; first += tile) {
        const RowWindow window(first, std::min(tile, end - first), context_rows_, rows.count);
        const auto batch =
            source.read(context, {rows.order, rows.begin + window.begin, window.rows},
                        worker.x.view(window.rows), worker.target.view(window.rows));
        const auto y = module_.template forward<B>(context, parameters, batch.x, worker.tape);
        const auto dL_dy = worker.dL_dy.view(window.rows);
        if (window.rows != window.inner_rows) Ops::fill(context, dL_dy, T(0));
        apply_loss<B>(context, loss_, theta + count, weight, window.inner(MatrixView<const T>(y)),
                      window.inner(batch.target), window.inner(dL_dy), worker.sums.data());
        module_.template backward<B>(context, parameters, dL_dy, worker.tape, own, {});
      }
    });
    add_workers(gradients, static_cast<Index>(count));
    Sums sums{};
    for (const Worker& worker : workers_state_) {
      Sums part{};
      Ops::download(backend_, worker.sums.data(), std::span<double>(part));
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += part[i];
    }
    std::array<T, most_own_parameters<L>()> own_gradients{};
    for (std::size_t k = 0; k < own_gradients.size(); ++k) {
      own_gradients[k] = static_cast<T>(sums[1 + k] / elements);
    }
    const auto own_count = static_cast<std::size_t>(own_parameter_count(loss_));
    Ops::upload(backend_, std::span<const T>(own_gradients).first(own_count), gradients + count);
    return sums[0] / elements;
  }

 private:
  /// Σ loss, and Σ of its derivatives to the loss's own parameters.
  using Sums = std::array<double, 1 + most_own_parameters<L>()>;

  /// Below this a second worker costs more than it brings.
  static constexpr Index min_rows_a_worker = 32;

  struct Worker {
    Worker(const M& module, Index tile, bool own_gradients)
        : tape(module, tile, TapeMode::record),
          x(module.in_features(), tile),
          target(module.out_features(), tile),
          dL_dy(module.out_features(), tile),
          gradients(own_gradients ? static_cast<std::size_t>(module.parameter_count()) : 0),
          sums(Sums{}.size()) {}
    typename M::template Tape<B> tape;
    Matrix<T, B> x, target, dL_dy;
    typename Ops::template buffer<T> gradients;
    typename Ops::template buffer<double> sums;
  };

  [[nodiscard]] Index tile_size(Index rows) const {
    return even_tile(backend_, rows, Ops::tile_samples(backend_));
  }

  void add_workers(T* gradients, Index count) {
    for (int w = 1; w < workers_; ++w) {
      map_flat(backend_, count, detail::AddKernel{}, std::tuple(gradients),
               static_cast<const T*>(gradients),
               static_cast<const T*>(workers_state_[static_cast<std::size_t>(w)].gradients.data()));
    }
  }

  M module_;
  L loss_;
  B backend_;
  Index context_rows_;
  int workers_;
  Index most_in_tile_;
  std::vector<Worker> workers_state_;
  typename Ops::contexts contexts_;
};

}  // namespace inrgene
