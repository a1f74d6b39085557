// Genes of a field at the same points: values or exact derivatives, averaged over each voxel.
#pragma once

#include <algorithm>
#include <functional>
#include <span>
#include <tuple>
#include <vector>

#include "inrgene/backend/backend.hpp"
#include "inrgene/model/module.hpp"
#include "inrgene/model/product_field.hpp"
#include "inrgene/pipelines/encodings.hpp"
#include "inrgene/training/loop/row_window.hpp"

namespace inrgene::detail {

/// What is evaluated at a point.
enum class FieldChannels {
  value,
  derivatives  ///< value, ∂/∂x, ∂/∂y, ∂/∂z, Laplacian, in the scaled coordinates
};

[[nodiscard]] constexpr Index channel_count(FieldChannels channels) {
  return channels == FieldChannels::value ? 1 : derivative_channels(3, DerivativeOrder::laplacian);
}

/// Points in a backend's memory: [4 × voxels · per_voxel] features, those of a voxel together.
template <class T, FieldChannels C = FieldChannels::value>
struct FieldPoints {
  MatrixView<const T> sites;
  Index per_voxel = 1;

  [[nodiscard]] Index voxels() const { return sites.cols / per_voxel; }
};

/// Called between blocks of tiles with the voxels done and all of them; may throw.
using FieldTick = std::function<void(Index done, Index total)>;

/// The inputs of some points, one channel after the other: a point itself, the unit vectors along
/// x, y and z, and 0 for the Laplacian. Behind the site's features, the gene where one is wanted.
template <class T>
struct FieldInputKernel {
  MatrixView<const T> sites;
  T gene;
  INRGENE_HD T operator()(Index i, Index column) const {
    const Index channel = column / sites.cols;
    if (channel > 0) return channel <= 3 && i == channel - 1 ? T(1) : T(0);
    return i < sites.rows ? sites(i, column % sites.cols) : gene;
  }
};

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

/// Evaluates a module tile by tile and keeps the means over voxels, [out × voxels · channels] with
/// one channel after the other. Memory beyond that: workers × one tile. The tapes are kept, so that
/// many genes share them.
template <class M, Backend B, FieldChannels C>
class VoxelMeans {
  using Ops = backend_traits<B>;
  using T = scalar_of<B>;

 public:
  VoxelMeans(const B& backend, const M& module, const FieldPoints<T, C>& points)
      : backend_(backend),
        module_(module),
        points_(points),
        context_rows_(row_context(module)),
        tile_(std::max<Index>(1, Ops::tile_samples(backend) / points.per_voxel)) {
    const Index tiles = (points.voxels() + tile_ - 1) / tile_;
    const auto workers = std::clamp<Index>(tiles, 1, static_cast<Index>(Ops::workers(backend)));
    const Index most = std::min(points.sites.cols, tile_ * points.per_voxel + 2 * context_rows_);
    for (Index w = 0; w < workers; ++w) workers_.emplace_back(module_, most, channels());
  }

  /// Writes the means of the module at theta, the gene's input being `gene`, to `out`.
  void operator()(std::span<const T> theta, T gene, MatrixView<T> out, const FieldTick& tick) {
    const Index voxels = points_.voxels();
    const Index workers = std::ssize(workers_);
    const Index block = workers * tile_ * tiles_a_block;
    for (Index begin = 0; begin < voxels; begin += block) {
      if (tick) tick(begin, voxels);
      const Index tiles = (std::min(block, voxels - begin) + tile_ - 1) / tile_;
      Ops::run(backend_, contexts_, static_cast<int>(workers), [&](int w, context_of<B>& context) {
        for (Index t = tiles * w / workers; t < tiles * (w + 1) / workers; ++t) {
          const Index first = begin + t * tile_;
          evaluate(context, workers_[static_cast<std::size_t>(w)], theta, gene,
                   {first, std::min(tile_, voxels - first)}, out);
        }
      });
    }
  }

 private:
  /// Between two calls of the tick: some tens of milliseconds.
  static constexpr Index tiles_a_block = 16;

  struct Worker {
    Worker(const M& module, Index points, Index channels)
        : tape(module, points, TapeMode::evaluate), x(module.in_features(), points * channels) {}
    typename M::template Tape<B> tape;
    Matrix<T, B> x;
  };
  struct Voxels {
    Index first, count;
  };

  [[nodiscard]] static constexpr Index channels() { return channel_count(C); }

  void evaluate(context_of<B>& context, Worker& worker, std::span<const T> theta, T gene,
                const Voxels& tile, MatrixView<T> out) {
    const Index per_voxel = points_.per_voxel;
    const RowWindow window(tile.first * per_voxel, tile.count * per_voxel, context_rows_,
                           points_.sites.cols);
    const auto x = worker.x.view(window.rows * channels());
    Ops::generate(context,
                  FieldInputKernel<T>{points_.sites.columns(window.begin, window.rows), gene}, x);
    const auto keep = [&](Index channel, MatrixView<const T> y) {
      Ops::generate(context, VoxelMeanKernel<T>{window.inner(y), per_voxel},
                    out.columns(channel * points_.voxels() + tile.first, tile.count));
    };
    // A type decides: a program that never asks for derivatives does not compile them.
    if constexpr (C == FieldChannels::value) {
      keep(0, module_.template forward<B>(context, theta, x, worker.tape));
    } else {
      const Derivatives<const T> jets{x, window.rows, 3, DerivativeOrder::laplacian};
      const auto y = module_.template push_forward<B>(context, theta, jets, worker.tape);
      for (Index c = 0; c < channels(); ++c) keep(c, y.channel(c));
    }
  }

  const B& backend_;
  const M& module_;
  FieldPoints<T, C> points_;
  Index context_rows_;
  Index tile_;
  std::vector<Worker> workers_;
  typename Ops::contexts contexts_;
};

/// Several genes at the same points, one call for as many as `genes_at_a_time`. In general the
/// module runs at every point under every gene.
template <class M, Backend B, FieldChannels C>
class FieldValues {
  using T = scalar_of<B>;

 public:
  FieldValues(const B& backend, const M& module, const FieldPoints<T, C>& points)
      : backend_(backend),
        means_(backend, module, points),
        values_(1, points.voxels() * channel_count(C)) {}

  [[nodiscard]] static Index genes_at_a_time() { return 1; }

  /// [genes × voxels · channels] on the host, column-major; genes as the module reads them.
  [[nodiscard]] std::vector<T> operator()(std::span<const T> theta, std::span<const T> genes,
                                          const FieldTick& tick) {
    means_(theta, genes.front(), values_.view(), tick);
    std::vector<T> host(static_cast<std::size_t>(values_.cols()));
    backend_traits<B>::download(backend_, static_cast<const T*>(values_.view().data),
                                std::span<T>(host));
    return host;
  }

 private:
  const B& backend_;
  VoxelMeans<M, B, C> means_;
  Matrix<T, B> values_;
};

/// Of a product field the trunk's channels are kept, [K × voxels · channels] numbers: it runs once
/// a point, however many genes are asked for, and the head once a gene. A voxel's mean may be
/// taken of the trunk, since Φ is linear in it; so are the derivatives to the coordinates.
template <class Left, class Right, Backend B, FieldChannels C>
class FieldValues<ProductField<Left, Right>, B, C> {
  using Ops = backend_traits<B>;
  using T = scalar_of<B>;
  using M = ProductField<Left, Right>;

 public:
  FieldValues(const B& backend, const M& module, const FieldPoints<T, C>& points)
      : backend_(backend),
        module_(module),
        means_(backend, module.left(), points),
        trunk_(module.rank(), points.voxels() * channel_count(C)) {}

  /// So many that their values take at most 64 MiB (of floats), 1 at least.
  [[nodiscard]] Index genes_at_a_time() const {
    return std::max<Index>(1, (Index{1} << 24) / std::max<Index>(1, trunk_.cols()));
  }

  /// As in general. The trunk runs anew when theta is another one than the call's before.
  [[nodiscard]] std::vector<T> operator()(std::span<const T> theta, std::span<const T> genes,
                                          const FieldTick& tick) {
    if (evaluated_at_ != theta.data()) {
      means_(module_.left_part(theta), T{}, trunk_.view(), tick);
      evaluated_at_ = theta.data();
    }
    const Index count = std::ssize(genes);
    Matrix<T, B> inputs(1, count), values(count, trunk_.cols());
    Ops::upload(backend_, genes, inputs.view().data);
    typename Right::template Tape<B> tape(module_.right(), count, TapeMode::evaluate);
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
    std::vector<T> host(static_cast<std::size_t>(count * trunk_.cols()));
    Ops::download(backend_, static_cast<const T*>(values.view().data), std::span<T>(host));
    return host;
  }

 private:
  const B& backend_;
  const M& module_;
  VoxelMeans<Left, B, C> means_;
  Matrix<T, B> trunk_;
  const T* evaluated_at_ = nullptr;
};

}  // namespace inrgene::detail
