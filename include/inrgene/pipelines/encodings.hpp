// What a gene field does to its raw input (x, y, z, c, e_g) before the network: recipes by name.
#pragma once

#include <concepts>
#include <string_view>

#include "inrgene/io/json.hpp"
#include "inrgene/model/encoders/concatenation.hpp"
#include "inrgene/model/encoders/identity.hpp"
#include "inrgene/model/encoders/nerf.hpp"

namespace inrgene {

/// Raw features of a gene field: three coordinates and the tissue class, then the gene's place.
inline constexpr Index site_features = 4;
inline constexpr Index gene_features = 1;

/// A recipe for the encoder in front of a gene field's network: `name`, `Settings`, `build`, and
/// strict JSON of the settings for checkpoints.
template <class E>
concept GeneEncoding = requires(const typename E::Settings& settings, const Json& json) {
  { E::name } -> std::convertible_to<std::string_view>;
  { E::build(settings) } -> std::same_as<typename E::Encoder>;
  { E::to_json(settings) } -> std::same_as<Json>;
  { E::from_json(json, "file") } -> std::same_as<typename E::Settings>;
};

/// (x, y, z, c) as they are and γ(e_g): 24 features for the preset `paper`, 27 for
/// `released_code`. Source: Yu et al. 2025, section 3; γ is NerfEncoder.
struct NerfOnGeneAxis {
  static constexpr std::string_view name = "nerf_on_gene_axis";
  using Settings = NerfSettings;
  using Encoder = Concatenation<IdentityEncoder, NerfEncoder>;

  static Encoder build(const Settings& settings) {
    return Encoder(IdentityEncoder(site_features), NerfEncoder(gene_features, settings));
  }
  static Json to_json(const Settings& s) {
    return {{"frequencies", s.frequencies},
            {"scale", s.scale},
            {"raw_input", s.raw_input == RawInput::kept ? "kept" : "left_out"}};
  }
  /// Throws InputError for a missing, unknown or mistyped key.
  static Settings from_json(const Json& json, const std::string& file) {
    check_keys(json, file, "encoding", {"frequencies", "scale", "raw_input"});
    const auto raw = get<std::string>(json, "raw_input", file, "encoding");
    if (raw != "kept" && raw != "left_out") {
      throw InputError({file, "encoding, key 'raw_input'", raw, "kept or left_out"});
    }
    return {get<Index>(json, "frequencies", file, "encoding"),
            get<double>(json, "scale", file, "encoding"),
            raw == "kept" ? RawInput::kept : RawInput::left_out};
  }
};

/// (x, y, z, c, e_g) as they are: 5 features, the seed method's per-gene networks.
struct RawGeneAxis {
  static constexpr std::string_view name = "raw_gene_axis";
  struct Settings {};
  using Encoder = IdentityEncoder;

  static Encoder build(const Settings& /*settings*/) {
    return Encoder(site_features + gene_features);
  }
  static Json to_json(const Settings& /*settings*/) { return Json::object(); }
  static Settings from_json(const Json& json, const std::string& file) {
    check_keys(json, file, "encoding", {});
    return {};
  }
};

static_assert(GeneEncoding<NerfOnGeneAxis> && GeneEncoding<RawGeneAxis>);

}  // namespace inrgene
