// How a tile of points goes through a field's network under one gene after the other: in general,
// and where genes share the sites' part of the first layer.
#pragma once

#include <concepts>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "inrgene/backend/backend.hpp"
#include "inrgene/model/field.hpp"
#include "inrgene/model/module.hpp"
#include "inrgene/pipelines/encodings.hpp"

namespace inrgene::detail {

/// What is evaluated at a point.
enum class FieldChannels {
  value,
  derivatives  ///< value, ∂/∂x, ∂/∂y, ∂/∂z, Laplacian, in the scaled coordinates
};

[[nodiscard]] constexpr Index channel_count(FieldChannels channels) {
  return channels == FieldChannels::value ? 1 : derivative_channels(3, DerivativeOrder::laplacian);
}

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

/// The module at every point under every gene.
///
/// A pass is bound to parameters and genes, then reads a tile of sites after the other and
/// evaluates it gene by gene: `evaluate` calls keep(channel, y [out × points]) for every channel.
template <class M, Backend B, FieldChannels C>
class WholePass {
  using Ops = backend_traits<B>;
  using T = scalar_of<B>;

 public:
  explicit WholePass(const M& module) : module_(module) {}

  struct Worker {
    Worker(const WholePass& pass, Index points)
        : tape(pass.module_, points, TapeMode::evaluate),
          x(pass.module_.in_features(), points * channel_count(C)) {}
    typename M::template Tape<B> tape;
    Matrix<T, B> x;
    MatrixView<const T> sites{};
  };

  [[nodiscard]] Index row_context() const { return inrgene::row_context(module_); }

  void bind(const B& /*backend*/, std::span<const T> theta, std::span<const T> genes) {
    theta_ = theta;
    genes_.assign(genes.begin(), genes.end());
  }
  void read(context_of<B>& /*context*/, Worker& worker, MatrixView<const T> sites) const {
    worker.sites = sites;
  }
  template <class Keep>
  void evaluate(context_of<B>& context, Worker& worker, Index gene, const Keep& keep) const {
    const MatrixView<const T>& sites = worker.sites;
    const auto x = worker.x.view(sites.cols * channel_count(C));
    const T e = genes_[static_cast<std::size_t>(gene)];
    Ops::generate(context, FieldInputKernel<T>{sites, e}, x);
    // A type decides: a program that never asks for derivatives does not compile them.
    if constexpr (C == FieldChannels::value) {
      keep(0, module_.template forward<B>(context, theta_, x, worker.tape));
    } else {
      const Derivatives<const T> jets{x, sites.cols, 3, DerivativeOrder::laplacian};
      const auto y = module_.template push_forward<B>(context, theta_, jets, worker.tape);
      for (Index c = 0; c < channel_count(C); ++c) keep(c, y.channel(c));
    }
  }

 private:
  const M& module_;
  std::span<const T> theta_;
  std::vector<T> genes_;
};

/// The same values of a NeuralField whose encoder is Site and Gene side by side and whose network
/// reads its input through linear maps: W x + b = W_site x_site + (W_gene γ(e_g) + b). The bracket
/// is computed once a gene, x_site, and its share where it is worth it, once a tile of sites.
/// A gene's values do not depend on which others are asked for.
template <class Site, class Gene, class N, Backend B>
requires SharedInput<N, B>
class SharedPass {
  using Ops = backend_traits<B>;
  using T = scalar_of<B>;

 public:
  SharedPass(const N& network, Site site, Gene gene)
      : network_(network), site_(std::move(site)), gene_(std::move(gene)) {
    require(site_.out_features() + gene_.out_features() == network_.in_features(),
            "features of a site and a gene", site_.out_features() + gene_.out_features(),
            text(network_.in_features(), ", the network's input width"));
  }

  struct Worker {
    Worker(const SharedPass& pass, Index points)
        : tape(pass.network_, points, TapeMode::evaluate),
          encoded(pass.site_.out_features(), points),
          z(pass.keeps_shares() ? pass.network_.share_features() : 0, points) {}
    typename N::template Tape<B> tape;
    Matrix<T, B> encoded, z;
    Index read = 0;  ///< points of the tile at hand
  };

  [[nodiscard]] static constexpr Index row_context() { return 0; }

  /// `theta` as NeuralField has it: the network's, the site's, the gene's.
  void bind(const B& backend, std::span<const T> theta, std::span<const T> genes) {
    theta_ = theta;
    const Index count = std::ssize(genes);
    Matrix<T, B> inputs(gene_features, count), encoded(gene_.out_features(), count);
    shares_ = Matrix<T, B>(network_.share_features(), count);
    Ops::upload(backend, genes, inputs.view().data);
    Ops::run(backend, 1, [&](int /*worker*/, context_of<B>& context) {
      gene_.template encode<B>(
          context,
          part(network_.parameter_count() + site_.parameter_count(), gene_.parameter_count()),
          MatrixView<const T>(inputs.view()), encoded.view());
      network_.template share<B>(context, network_theta(),
                                 {site_.out_features(), InputShare::Bias::added},
                                 MatrixView<const T>(encoded.view()), shares_.view());
    });
  }
  void read(context_of<B>& context, Worker& worker, MatrixView<const T> sites) const {
    worker.read = sites.cols;
    const auto encoded = worker.encoded.view(sites.cols);
    site_.template encode<B>(context, part(network_.parameter_count(), site_.parameter_count()),
                             sites, encoded);
    if (!keeps_shares()) return;
    network_.template share<B>(context, network_theta(), {}, MatrixView<const T>(encoded),
                               worker.z.view(sites.cols));
  }
  template <class Keep>
  void evaluate(context_of<B>& context, Worker& worker, Index gene, const Keep& keep) const {
    const MatrixView<const T> s = shares_.view().columns(gene, 1);
    if constexpr (may_keep_shares) {
      if (keeps_shares()) {
        const MatrixView<const T> z = worker.z.view(worker.read);
        keep(0, network_.template forward_shares<B>(context, network_theta(), z, s, worker.tape));
        return;
      }
    }
    const MatrixView<const T> x = worker.encoded.view(worker.read);
    keep(0, network_.template forward_share<B>(context, network_theta(), x, s, worker.tape));
  }

 private:
  /// Of few features the share is computed as fast as it is read again: it has the size of a layer.
  /// (4 × 64 layers: kept, 4 features cost the same time, 32 cost 8 % less, 256 40 % less.)
  [[nodiscard]] bool keeps_shares() const { return may_keep_shares && site_.out_features() > 8; }
  /// The raw features, known to be few, need no code for it.
  static constexpr bool may_keep_shares = !std::same_as<Site, IdentityEncoder>;
  [[nodiscard]] std::span<const T> part(Index begin, Index count) const {
    return theta_.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count));
  }
  [[nodiscard]] std::span<const T> network_theta() const {
    return part(0, network_.parameter_count());
  }

  const N& network_;
  Site site_;
  Gene gene_;
  std::span<const T> theta_;
  Matrix<T, B> shares_;  ///< [share_features() × genes]
};

/// Whether values of a field of module M behind encoding E are evaluated by a SharedPass.
template <class M, class E, class B>
inline constexpr bool shares_first_layer = false;
template <class N, class E, class B>
inline constexpr bool shares_first_layer<NeuralField<typename E::Encoder, N>, E, B> =
    SharedInput<N, B>;

/// The pass that suits the types.
template <GeneEncoding E, Backend B, FieldChannels C, class M>
[[nodiscard]] auto make_pass(const M& module, const typename E::Settings& encoding) {
  if constexpr (C == FieldChannels::value && shares_first_layer<M, E, B>) {
    using N = std::remove_cvref_t<decltype(module.network())>;
    return SharedPass<typename E::SiteEncoder, typename E::GeneEncoder, N, B>(
        module.network(), E::build_site(encoding), E::build_gene(encoding));
  } else {
    return WholePass<M, B, C>(module);
  }
}

}  // namespace inrgene::detail
