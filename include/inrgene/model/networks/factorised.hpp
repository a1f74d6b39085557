// The factorised backbones: a spatial trunk and a gene head joined by products.
#pragma once

#include <algorithm>
#include <concepts>
#include <string_view>
#include <tuple>

#include "inrgene/core/settings_field.hpp"
#include "inrgene/model/networks/backbone.hpp"
#include "inrgene/model/networks/gene_vectors.hpp"
#include "inrgene/model/networks/siren.hpp"
#include "inrgene/model/product_field.hpp"

namespace inrgene {

/// What a factorised backbone knows of a gene.
enum class GeneInput {
  place,  ///< e_g, its place on the gene axis
  number  ///< its number among the genes of the axis: each gene has a free vector
};

/// A backbone whose network is a ProductField: a gene field builds the two sides behind encoders of
/// their own. `build_trunk(in, out, settings)` and `build_head(in, out, genes, settings)` give
/// out × K outputs each.
template <class K>
concept TwoPartBackbone = Backbone<K> && requires(const typename K::Settings& settings) {
  { K::gene_input } -> std::convertible_to<GeneInput>;
  { K::build_trunk(Index{1}, Index{1}, settings) } -> std::same_as<typename K::TrunkNetwork>;
  {
    K::build_head(Index{1}, Index{1}, Index{1}, settings)
    } -> std::same_as<typename K::HeadNetwork>;
};

namespace detail {

struct FactorisedStem {
  static constexpr std::string_view name = "factorised";
};
struct FreeFactorisedStem {
  static constexpr std::string_view name = "factorised_free";
};
struct Underscore {
  static constexpr std::string_view name = "_";
};
struct HeadPrefix {
  static constexpr std::string_view name = "head_";
};
struct NoPrefix {
  static constexpr std::string_view name = "";
};

/// A backbone's defaults as a head's: it runs once a gene on a handful of features, so 128 wide and
/// one hidden layer deep where the backbone counts so.
template <class Settings>
[[nodiscard]] constexpr Settings head_defaults() {
  Settings settings{};
  if constexpr (requires { settings.hidden_features = settings.hidden_layers; }) {
    settings.hidden_features = 128;
    settings.hidden_layers = 1;
  }
  return settings;
}

/// How many of a plain network's inputs its trunk reads; 0 stands for all but one. Throws
/// ArgumentError when that leaves none for either side.
[[nodiscard]] inline Index inputs_of_trunk(Index in_features, Index trunk_features) {
  const Index read = trunk_features == 0 ? in_features - 1 : trunk_features;
  require(read > 0 && read < in_features, "trunk_features", trunk_features,
          text("0 (all but one) or 1 to ", in_features - 1, " of the network's ", in_features,
               " inputs, 2 at least; the head reads the rest"));
  return read;
}

}  // namespace detail

/// Φ = Σ_k a_k(x, y, z, c)·b_k(γ(e_g)), k < rank: any backbone as trunk a, any as head b. On a
/// table of sites × genes the trunk runs once a site and the head once a gene.
///
/// Fields: `rank`, the trunk's under their own names, the head's with "head_" in front. Source:
/// this project; the form is a DeepONet's (see ProductField).
template <class Trunk = Siren, class Head = Siren>
struct Factorised {
  static constexpr std::string_view name =
      std::same_as<Trunk, Siren> && std::same_as<Head, Siren>
          ? detail::FactorisedStem::name
          : detail::JoinedNames<detail::FactorisedStem, detail::Underscore, Trunk,
                                detail::Underscore, Head>::value;
  static constexpr GeneInput gene_input = GeneInput::place;
  static constexpr Smoothness smoothness = std::max(smoothness_of<Trunk>(), smoothness_of<Head>());
  using TrunkNetwork = typename Trunk::Network;
  using HeadNetwork = typename Head::Network;
  using Network = ProductField<TrunkNetwork, HeadNetwork>;

  struct Settings {
    Index rank = 32;  ///< K
    typename Trunk::Settings trunk{};
    typename Head::Settings head = detail::head_defaults<typename Head::Settings>();
    /// Inputs that the trunk reads where the network is built without a gene field, 0: all but the
    /// last; the head reads the rest. Files and command lines build gene fields: not a field.
    Index trunk_features = 0;
  };
  static constexpr auto fields =
      std::tuple_cat(std::tuple{SettingsField{"rank", &Settings::rank}},
                     nested_fields<Trunk, detail::NoPrefix>(&Settings::trunk),
                     nested_fields<Head, detail::HeadPrefix>(&Settings::head));

  /// The trunk's; see inrgene::width_for.
  static Index width_for(Index nominal) { return inrgene::width_for<Trunk>(nominal); }

  static TrunkNetwork build_trunk(Index in_features, Index out_features, const Settings& settings) {
    require(settings.rank > 0, "rank", settings.rank, "a positive number of products");
    return Trunk::build(in_features, settings.rank * out_features, settings.trunk);
  }
  static HeadNetwork build_head(Index in_features, Index out_features, Index /*genes*/,
                                const Settings& settings) {
    require(settings.rank > 0, "rank", settings.rank, "a positive number of products");
    return Head::build(in_features, settings.rank * out_features, settings.head);
  }
  /// Throws ArgumentError when rank is not positive, when no input is left for the head, and as
  /// the two backbones.
  static Network build(Index in_features, Index out_features, const Settings& settings) {
    const Index read = detail::inputs_of_trunk(in_features, settings.trunk_features);
    return {build_trunk(read, out_features, settings),
            build_head(in_features - read, out_features, 1, settings), out_features};
  }
};

/// Φ = Σ_k a_k(x, y, z, c)·b_kg with a free vector b_g for each gene: no axis and no smoothness
/// among genes, so that genes never trained on cannot be asked.
///
/// Fields as Factorised without a head. Source: this project; a matrix factorisation whose one
/// factor is a function of space.
template <class Trunk = Siren>
struct FreeFactorised {
  static constexpr std::string_view name =
      std::same_as<Trunk, Siren>
          ? detail::FreeFactorisedStem::name
          : detail::JoinedNames<detail::FreeFactorisedStem, detail::Underscore, Trunk>::value;
  static constexpr GeneInput gene_input = GeneInput::number;
  static constexpr Smoothness smoothness = smoothness_of<Trunk>();
  using TrunkNetwork = typename Trunk::Network;
  using HeadNetwork = GeneVectors;
  using Network = ProductField<TrunkNetwork, HeadNetwork>;

  struct Settings {
    Index rank = 32;  ///< K
    typename Trunk::Settings trunk{};
    Index trunk_features = 0;  ///< as Factorised's; the one input behind is the gene's number
    Index genes = 1;           ///< vectors, likewise; a gene field has as many as its axis genes
  };
  static constexpr auto fields =
      std::tuple_cat(std::tuple{SettingsField{"rank", &Settings::rank}},
                     nested_fields<Trunk, detail::NoPrefix>(&Settings::trunk));

  /// The trunk's; see inrgene::width_for.
  static Index width_for(Index nominal) { return inrgene::width_for<Trunk>(nominal); }

  static TrunkNetwork build_trunk(Index in_features, Index out_features, const Settings& settings) {
    require(settings.rank > 0, "rank", settings.rank, "a positive number of products");
    return Trunk::build(in_features, settings.rank * out_features, settings.trunk);
  }
  static HeadNetwork build_head(Index /*in_features*/, Index out_features, Index genes,
                                const Settings& settings) {
    require(settings.rank > 0, "rank", settings.rank, "a positive number of products");
    return GeneVectors(genes, settings.rank * out_features, settings.rank);
  }
  /// Throws ArgumentError as Factorised, and unless one input is left for the head.
  static Network build(Index in_features, Index out_features, const Settings& settings) {
    const Index read = detail::inputs_of_trunk(in_features, settings.trunk_features);
    require(in_features - read == 1, "inputs behind the trunk's", in_features - read,
            "1, the gene's number");
    return {build_trunk(read, out_features, settings),
            build_head(1, out_features, settings.genes, settings), out_features};
  }
};

static_assert(TwoPartBackbone<Factorised<>> && TwoPartBackbone<FreeFactorised<>>);
static_assert(!TwoPartBackbone<Siren>);

}  // namespace inrgene
