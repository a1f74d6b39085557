// The positional encoding of NeRF, on any number of features.
#pragma once

#include <cmath>
#include <numbers>
#include <string_view>
#include <tuple>

#include "inrgene/core/error.hpp"
#include "inrgene/core/settings_field.hpp"
#include "inrgene/math/elementary.hpp"
#include "inrgene/math/taylor.hpp"
#include "inrgene/model/encoders/encoder.hpp"

namespace inrgene {

struct NerfSettings {
  static constexpr std::string_view name = "nerf";

  Index frequencies = 10;                   ///< N
  double scale = std::numbers::pi;          ///< s
  RawInput raw_input = RawInput::left_out;  ///< each feature in front of its own outputs

  static constexpr auto fields =
      std::tuple{SettingsField{"frequencies", &NerfSettings::frequencies},
                 SettingsField{"scale", &NerfSettings::scale},
                 SettingsField{"raw_input", &NerfSettings::raw_input}};
  bool operator==(const NerfSettings&) const = default;

  /// Throws ArgumentError unless 0 < N ≤ 30 and s is finite and positive.
  void validate() const {
    require(frequencies > 0 && frequencies <= 30, "frequencies of the NeRF encoding", frequencies,
            "1 to 30");
    require(std::isfinite(scale) && scale > 0, "scale of the NeRF encoding", scale,
            "a finite number above 0");
  }

  /// N = 10, s = π, without the raw feature: 20 outputs a feature.
  [[nodiscard]] static constexpr NerfSettings paper() { return {}; }
  /// N = 11, s = 1, with the raw feature: 23 outputs a feature.
  [[nodiscard]] static constexpr NerfSettings released_code() { return {11, 1.0, RawInput::kept}; }
};

/// γ(e) = (sin 2⁰s e, cos 2⁰s e, …, sin 2^{N-1}s e, cos 2^{N-1}s e), per feature, the features one
/// after the other, each with its raw value in front when that is kept.
/// Source: Mildenhall et al., "NeRF", ECCV 2020, eq. 4; presets as Yu et al. 2025 print (`paper`)
/// and as their released code computes (`released_code`).
class NerfEncoder : public WithoutParameters {
 public:
  static constexpr std::string_view name = "nerf";

  using Settings = NerfSettings;

  /// Throws ArgumentError unless features > 0 and the settings are valid.
  explicit NerfEncoder(Index features, Settings settings = {})
      : features_(features), settings_(settings) {
    require(features > 0, "features of the NeRF encoding", features, "a positive number");
    settings.validate();
  }
  [[nodiscard]] Index in_features() const { return features_; }
  [[nodiscard]] Index out_features() const { return features_ * width(); }
  [[nodiscard]] const Settings& settings() const { return settings_; }

  template <Backend B>
  void encode(context_of<B>& context, std::span<const scalar_of<B>> /*theta*/,
              MatrixView<const scalar_of<B>> x, MatrixView<scalar_of<B>> y) const {
    backend_traits<B>::generate(context, Encode<scalar_of<B>>{x, formula()}, y);
  }
  template <Backend B>
  void pull_back(context_of<B>& context, std::span<const scalar_of<B>> /*theta*/,
                 MatrixView<const scalar_of<B>> x, MatrixView<const scalar_of<B>> dL_dy,
                 std::span<scalar_of<B>> /*gradients*/, MatrixView<scalar_of<B>> dL_dx) const {
    if (dL_dx.empty()) return;
    backend_traits<B>::generate(context, PullBack<scalar_of<B>>{x, dL_dy, formula()}, dL_dx);
  }
  template <Backend B>
  void push_forward(context_of<B>& context, std::span<const scalar_of<B>> /*theta*/,
                    Derivatives<const scalar_of<B>> x, Derivatives<scalar_of<B>> y) const {
    backend_traits<B>::generate(context, Push<scalar_of<B>>{x, formula()}, y.all);
  }

  // Public, since a device's kernel cannot take a private type.
  /// One output of one feature, for any number type; `turns` keeps the reduction in double, since
  /// 2^k s e reaches thousands of radians, which a float resolves to 1e-4 only.
  struct Formula {
    Index width;
    Index raw;  ///< 1 when output 0 is the raw feature
    double scale;

    INRGENE_HD [[nodiscard]] double frequency(Index output) const {
      return scale * static_cast<double>(Index{1} << ((output - raw) / 2));
    }
    template <class T>
    INRGENE_HD [[nodiscard]] math::SinCos<T> sincos(Index output, T e) const {
      const double turns = frequency(output) * static_cast<double>(e) / (2 * std::numbers::pi);
      return math::sincos(static_cast<T>((turns - std::rint(turns)) * (2 * std::numbers::pi)));
    }
    /// The output along a second-order path of e.
    template <class T>
    INRGENE_HD [[nodiscard]] math::Taylor<T> operator()(Index output,
                                                        const math::Taylor<T>& e) const {
      if (output < raw) return e;
      const auto f = static_cast<T>(frequency(output));
      const auto sc = sincos(output, e.value);
      return (output - raw) % 2 == 0 ? e.chain(sc.sin, f * sc.cos, -f * f * sc.sin)
                                     : e.chain(sc.cos, -f * sc.sin, -f * f * sc.cos);
    }
  };
  template <class T>
  struct Encode {
    MatrixView<const T> x;
    Formula formula;
    INRGENE_HD T operator()(Index row, Index j) const {
      const Index output = row % formula.width;
      const T e = x(row / formula.width, j);
      if (output < formula.raw) return e;
      const auto sc = formula.sincos(output, e);
      return (output - formula.raw) % 2 == 0 ? sc.sin : sc.cos;
    }
  };
  template <class T>
  struct PullBack {
    MatrixView<const T> x;
    MatrixView<const T> dL_dy;
    Formula formula;
    INRGENE_HD T operator()(Index feature, Index j) const {
      T sum{};
      for (Index k = 0; k < formula.width; ++k) {
        const math::Taylor<T> e(x(feature, j), T(1), T(0));
        sum += dL_dy(feature * formula.width + k, j) * formula(k, e).first;
      }
      return sum;
    }
  };
  template <class T>
  struct Push {
    Derivatives<const T> x;
    Formula formula;
    INRGENE_HD T operator()(Index row, Index column) const {
      const Index channel = column / x.samples;
      const Index j = column % x.samples;
      const Index feature = row / formula.width;
      const Index output = row % formula.width;
      const T e = x.value()(feature, j);
      if (channel == 0) return formula(output, math::Taylor<T>(e)).value;
      if (channel <= x.directions) {
        return formula(output, math::Taylor<T>(e, x.along(channel - 1)(feature, j), T(0))).first;
      }
      T sum = formula(output, math::Taylor<T>(e, T(0), x.laplacian()(feature, j))).second;
      for (Index d = 0; d < x.directions; ++d) {
        sum += formula(output, math::Taylor<T>(e, x.along(d)(feature, j), T(0))).second;
      }
      return sum;
    }
  };

 private:
  [[nodiscard]] Index raw() const { return settings_.raw_input == RawInput::kept ? 1 : 0; }
  [[nodiscard]] Index width() const { return raw() + 2 * settings_.frequencies; }
  [[nodiscard]] Formula formula() const { return {width(), raw(), settings_.scale}; }

  Index features_;
  Settings settings_;
};

}  // namespace inrgene
