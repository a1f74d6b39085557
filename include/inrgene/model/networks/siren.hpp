// The SIREN backbone.
#pragma once

#include <string_view>
#include <tuple>

#include "inrgene/model/activations/sine.hpp"
#include "inrgene/model/initializers/siren_uniform.hpp"
#include "inrgene/model/networks/backbone.hpp"
#include "inrgene/model/networks/dense_network.hpp"

namespace inrgene {

/// sin(ω(Wh + b)) in every hidden layer, ω₁ in the first; the seed method's main network.
/// Source: Sitzmann et al., NeurIPS 2020; defaults as Yu et al. 2025.
struct Siren {
  static constexpr std::string_view name = "siren";
  using Network = DenseNetwork<Sine, SirenUniform>;

  struct Settings {
    Index hidden_features = 512;
    Index hidden_layers = 12;
    double first_omega = 30.0;
    double hidden_omega = 30.0;
  };
  static constexpr auto fields =
      std::tuple{SettingsField{"hidden_features", &Settings::hidden_features},
                 SettingsField{"hidden_layers", &Settings::hidden_layers},
                 SettingsField{"first_omega", &Settings::first_omega},
                 SettingsField{"hidden_omega", &Settings::hidden_omega}};

  /// Throws ArgumentError when a width is not positive or a frequency not finite and positive.
  static Network build(Index in_features, Index out_features, const Settings& settings) {
    require_positive(settings.first_omega, "first_omega");
    require_positive(settings.hidden_omega, "hidden_omega");
    return {{in_features, out_features, settings.hidden_features, settings.hidden_layers},
            Sine{settings.first_omega},
            Sine{settings.hidden_omega}};
  }
};

static_assert(Backbone<Siren>);

}  // namespace inrgene
