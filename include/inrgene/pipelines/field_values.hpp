// Genes of a field at the same points: values or exact derivatives, averaged over each voxel.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "inrgene/backend/backend.hpp"
#include "inrgene/model/product_field.hpp"
#include "inrgene/pipelines/field_maps.hpp"
#include "inrgene/pipelines/field_passes.hpp"
#include "inrgene/pipelines/field_points.hpp"
#include "inrgene/training/loop/row_window.hpp"

namespace inrgene::detail {

/// Called between runs of tiles with the voxels done and all of them; may throw.
using FieldTick = std::function<void(Index done, Index total)>;

/// out(i, v) = the mean of y(i, ·) over the points of voxel v.
template <class T>
struct VoxelMeanKernel {
  MatrixView<const T> y;
  Index per_voxel;
  INRGENE_HD T operator()(Index i, Index v) const {
    T sum{};
    for (Index p = 0; p < per_voxel; ++p) sum += y(i, v * per_voxel + p);
    return sum / static_cast<T>(per_voxel);
  }
};

/// Evaluates a pass (field_passes.hpp) tile by tile and keeps the means over voxels. Memory beyond
/// those: workers × one tile. The tapes are kept, so that many calls share them.
template <class Pass, Backend B, FieldChannels C>
class VoxelMeans {
  using Ops = backend_traits<B>;
  using T = scalar_of<B>;

 public:
  VoxelMeans(const B& backend, Pass pass, const FieldPoints<B>& points)
      : backend_(backend),
        pass_(std::move(pass)),
        points_(points),
        tile_(std::max<Index>(1, Ops::tile_samples(backend) / points.per_voxel())) {
    const Index tiles = (points.voxels() + tile_ - 1) / tile_;
    const auto workers = std::clamp<Index>(tiles, 1, static_cast<Index>(Ops::workers(backend)));
    const Index most =
        std::min(points.size(), tile_ * points.per_voxel() + 2 * pass_.row_context());
    for (Index w = 0; w < workers; ++w) {
      workers_.push_back(std::make_unique<Worker>(pass_, most, points.room(most)));
    }
  }

  /// Writes to `out` [of the module × voxels · channels · genes], gene after gene and in each one
  /// channel after the other. `genes` as the module reads them.
  void operator()(std::span<const T> theta, std::span<const T> genes, MatrixView<T> out,
                  const FieldTick& tick) {
    pass_.bind(backend_, theta, genes);
    const Index voxels = points_.voxels();
    const Index workers = std::ssize(workers_);
    const Index count = std::ssize(genes);
    const Index block = workers * tile_ * std::max<Index>(1, tiles_a_run / count);
    for (Index begin = 0; begin < voxels; begin += block) {
      if (tick) tick(begin, voxels);
      const Index tiles = (std::min(block, voxels - begin) + tile_ - 1) / tile_;
      Ops::run(backend_, contexts_, static_cast<int>(workers), [&](int w, context_of<B>& context) {
        for (Index t = tiles * w / workers; t < tiles * (w + 1) / workers; ++t) {
          const Index first = begin + t * tile_;
          evaluate(context, *workers_[static_cast<std::size_t>(w)],
                   {first, std::min(tile_, voxels - first)}, count, out);
        }
      });
    }
  }

  /// Genes that one call takes well: what tiles of sites have in common is shared by so many that
  /// it costs next to nothing, and a run of tiles stays short.
  static constexpr Index genes_a_call = 64;

 private:
  /// Tiles times genes that a worker evaluates between two calls of the tick. The weights are
  /// packed once a run. With the published model of 512 × 12 and tiles of 252 points that is 0.4 %
  /// of the run, which takes 0.4 s on a core of 290 GFLOP/s.
  static constexpr Index tiles_a_run = 80;

  struct Worker {
    Worker(const Pass& pass, Index points, Index room)
        : passing(pass, points), sites(site_features, room) {}
    typename Pass::Worker passing;
    Matrix<T, B> sites;
  };
  struct Voxels {
    Index first, count;
  };

  void evaluate(context_of<B>& context, Worker& worker, const Voxels& tile, Index genes,
                MatrixView<T> out) {
    const Index per_voxel = points_.per_voxel();
    const RowWindow window(tile.first * per_voxel, tile.count * per_voxel, pass_.row_context(),
                           points_.size());
    pass_.read(context, worker.passing,
               points_.features(context, window.begin, window.rows, worker.sites.view()));
    for (Index g = 0; g < genes; ++g) {
      pass_.evaluate(context, worker.passing, g, [&](Index channel, MatrixView<const T> y) {
        const Index begin = (g * channel_count(C) + channel) * points_.voxels() + tile.first;
        Ops::generate(context, VoxelMeanKernel<T>{window.inner(y), per_voxel},
                      out.columns(begin, tile.count));
      });
    }
  }

  const B& backend_;
  Pass pass_;
  const FieldPoints<B>& points_;
  Index tile_;
  std::vector<std::unique_ptr<Worker>> workers_;
  typename Ops::contexts contexts_;
};

/// Genes whose results take at most 64 MiB (of floats), `most` at most and 1 at least.
[[nodiscard]] constexpr Index genes_that_fit(Index results_a_gene, Index most) {
  return std::clamp<Index>((Index{1} << 24) / std::max<Index>(1, results_a_gene), 1, most);
}

/// Several genes at the same points, one call for as many as `genes_at_a_time`; then their numbers
/// gene by gene. In general the network runs at every point under every gene.
template <class M, GeneEncoding E, Backend B, FieldChannels C>
class FieldValues {
  using T = scalar_of<B>;
  using Pass = decltype(make_pass<E, B, C>(std::declval<const M&>(),
                                           std::declval<const typename E::Settings&>()));
  using Means = VoxelMeans<Pass, B, C>;

 public:
  FieldValues(const B& backend, const M& module, const typename E::Settings& encoding,
              const FieldPoints<B>& points)
      : backend_(backend),
        means_(backend, make_pass<E, B, C>(module, encoding), points),
        voxels_(points.voxels()),
        host_(static_cast<std::size_t>(columns())) {}

  [[nodiscard]] Index genes_at_a_time() const {
    return genes_that_fit(columns(), Means::genes_a_call);
  }

  /// Evaluates genes, given as the module reads them.
  void operator()(std::span<const T> theta, std::span<const T> genes, const FieldTick& tick) {
    const Index wanted = columns() * std::ssize(genes);
    if (values_.cols() < wanted) values_ = Matrix<T, B>(1, wanted);
    means_(theta, genes, values_.view(), tick);
  }
  /// The i-th of the genes that were evaluated, until the next call: [1 × voxels · channels].
  [[nodiscard]] GeneNumbers<T> gene(Index i) {
    backend_traits<B>::download(
        backend_, static_cast<const T*>(values_.view().columns(i * columns(), columns()).data),
        std::span<T>(host_));
    return {host_, {0, 1, voxels_}};
  }

 private:
  [[nodiscard]] Index columns() const { return voxels_ * channel_count(C); }

  const B& backend_;
  Means means_;
  Index voxels_;
  Matrix<T, B> values_;
  std::vector<T> host_;
};

/// Of a product field the trunk's channels are kept, [K × voxels · channels] numbers: it runs once
/// a point, however many genes are asked for, and the head once a gene. A voxel's mean may be
/// taken of the trunk, since Φ is linear in it; so are the derivatives to the coordinates.
template <class Left, class Right, GeneEncoding E, Backend B, FieldChannels C>
class FieldValues<ProductField<Left, Right>, E, B, C> {
  using Ops = backend_traits<B>;
  using T = scalar_of<B>;
  using M = ProductField<Left, Right>;

 public:
  FieldValues(const B& backend, const M& module, const typename E::Settings& /*encoding*/,
              const FieldPoints<B>& points)
      : backend_(backend),
        module_(module),
        means_(backend, WholePass<Left, B, C>(module.left()), points),
        voxels_(points.voxels()),
        trunk_(module.rank(), voxels_ * channel_count(C)) {}

  [[nodiscard]] Index genes_at_a_time() const {
    return genes_that_fit(trunk_.cols(), Index{1} << 24);
  }

  /// As in general. The trunk runs anew when theta is another one than the call's before.
  void operator()(std::span<const T> theta, std::span<const T> genes, const FieldTick& tick) {
    if (evaluated_at_ != theta.data()) {
      const T none{};
      means_(module_.left_part(theta), std::span(&none, 1), trunk_.view(), tick);
      evaluated_at_ = theta.data();
    }
    genes_ = std::ssize(genes);
    Matrix<T, B> inputs(1, genes_), values(genes_, trunk_.cols());
    Ops::upload(backend_, genes, inputs.view().data);
    typename Right::template Tape<B> tape(module_.right(), genes_, TapeMode::evaluate);
    MatrixView<const T> vectors;
    Ops::run(backend_, 1, [&](int /*worker*/, context_of<B>& context) {
      vectors = module_.right().template forward<B>(context, module_.right_part(theta),
                                                    MatrixView<const T>(inputs.view()), tape);
    });
    const int workers = Ops::workers(backend_);
    Ops::run(backend_, workers, [&](int w, context_of<B>& context) {
      const Index begin = trunk_.cols() * w / workers;
      const Index size = trunk_.cols() * (w + 1) / workers - begin;
      if (size == 0) return;
      const MatrixView<const T> a = trunk_.view();
      Ops::template gemm<Op::transpose, Op::none, T>(context, vectors, a.columns(begin, size),
                                                     values.view().columns(begin, size),
                                                     Write::replace);
    });
    host_.resize(static_cast<std::size_t>(genes_ * trunk_.cols()));
    Ops::download(backend_, static_cast<const T*>(values.view().data), std::span<T>(host_));
  }
  /// As in general, a row of [genes × voxels · channels].
  [[nodiscard]] GeneNumbers<T> gene(Index i) const { return {host_, {i, genes_, voxels_}}; }

 private:
  const B& backend_;
  const M& module_;
  VoxelMeans<WholePass<Left, B, C>, B, C> means_;
  Index voxels_;
  Matrix<T, B> trunk_;
  const T* evaluated_at_ = nullptr;
  Index genes_ = 0;
  std::vector<T> host_;
};

}  // namespace inrgene::detail
