// Where the parameters of a dense layer lie, and how they start.
#pragma once

#include <array>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "inrgene/backend/matrix_view.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/model/activations/activation.hpp"
#include "inrgene/model/initializers/initializer.hpp"
#include "inrgene/model/layers/own_values.hpp"
#include "inrgene/model/module.hpp"

namespace inrgene {

using Field = ParameterInfo::Field;

/// Whether a layer's activation keeps its own parameters (ω, s) or trains them.
enum class OwnParameters { fixed, trained };

/// Shapes, names and places of the parameters of `Dense` (layers/dense.hpp), of the same types.
///
/// They lie as PyTorch's: per map the weight [out, in] row-major, then the bias [out]; a complex
/// entry is (re, im). Trained own parameters of the activation stand behind, each [1].
template <Activation A, Field Input, Index In, Index Out>
class DenseParameters {
 public:
  template <class T>
  using X = std::conditional_t<Input == Field::complex, math::Complex<T>, T>;
  static constexpr std::size_t maps = static_cast<std::size_t>(A::maps);

  /// Throws ArgumentError when a width is not positive or differs from a fixed extent, or when own
  /// parameters are to be trained that A does not offer for it.
  DenseParameters(Index in, Index out, A activation, std::string name,
                  OwnParameters own = OwnParameters::fixed)
      : in_(in), out_(out), activation_(activation), own_(own), name_(std::move(name)) {
    require(own == OwnParameters::fixed || own_trainable<A>, "own parameters of layer " + name_,
            "trained", "fixed, for this activation");
    require(in > 0 && Extent<In>::accepts(in), "input features of layer " + name_, in,
            In == dynamic ? "a positive number" : "the extent fixed in the type");
    require(out > 0 && Extent<Out>::accepts(out), "output features of layer " + name_, out,
            Out == dynamic ? "a positive number" : "the extent fixed in the type");
  }

  [[nodiscard]] Index in_features() const { return in_; }
  [[nodiscard]] Index out_features() const { return out_; }
  [[nodiscard]] const A& activation() const { return activation_; }
  [[nodiscard]] Index parameter_count() const {
    return own_offset() + (trains_own() ? static_cast<Index>(A::own_count) : 0);
  }

  [[nodiscard]] std::vector<ParameterInfo> layout() const {
    std::vector<ParameterInfo> all;
    for (const char* map : A::map_names) {
      const std::string stem = name_ + map;
      append_layout(all, {{stem + "weight", {out_, in_}, 0, in_ * out_ * reals, Input}});
      append_layout(all, {{stem + "bias", {out_}, 0, out_ * reals, Input}});
    }
    if (trains_own()) {
      if constexpr (own_trainable<A>) {
        for (const char* own : A::own_names) {
          append_layout(all, {{name_ + own, {1}, 0, 1, Field::real}});
        }
      }
    }
    return all;
  }

  /// Fills `theta` [parameter_count] with draws of `init`, weights before biases; trained own
  /// parameters start at the activation's.
  template <Initializer I>
  void initialize(const I& init, LinearShape shape, Random& random, std::span<double> theta) const {
    shape.fan_in = in_;
    shape.fan_out = out_;
    for (const auto& p : layout()) {
      if (p.offset >= own_offset()) {
        theta[static_cast<std::size_t>(p.offset)] =
            activation_.own()[static_cast<std::size_t>(p.offset - own_offset())];
        continue;
      }
      const bool weight = p.shape.size() == 2;
      for (double& value :
           theta.subspan(static_cast<std::size_t>(p.offset), static_cast<std::size_t>(p.count))) {
        value = weight ? init.weight(shape, random) : init.bias(shape, random);
      }
    }
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool trains_own() const { return own_ == OwnParameters::trained; }
  /// Where the trained own parameters begin.
  [[nodiscard]] Index own_offset() const {
    return static_cast<Index>(maps) * (in_ + 1) * out_ * reals;
  }
  /// The activation's own parameters, the trained ones by their place.
  template <class T>
  [[nodiscard]] detail::OwnValues<A, T> own(std::span<const T> theta) const {
    detail::OwnValues<A, T> values{};
    const auto wide = activation_.own();
    for (std::size_t i = 0; i < A::own_count; ++i) values.fixed[i] = static_cast<T>(wide[i]);
    if (trains_own()) values.trained = theta.data() + own_offset();
    return values;
  }
  /// W of one map as it lies, [in × out] column-major = PyTorch's [out, in] row-major.
  template <class S>
  [[nodiscard]] auto weight(std::span<S> theta, std::size_t map) const {
    return MatrixView(entry(theta, map), static_cast<Index>(in_), static_cast<Index>(out_));
  }
  /// b of one map, [out × 1].
  template <class S>
  [[nodiscard]] auto bias(std::span<S> theta, std::size_t map) const {
    return MatrixView(entry(theta, map) + in_ * out_, static_cast<Index>(out_), Index{1});
  }

 private:
  static constexpr Index reals = Input == Field::complex ? 2 : 1;

  template <class S>
  [[nodiscard]] auto* entry(std::span<S> theta, std::size_t map) const {
    using E = X<std::remove_const_t<S>>;
    using Entry = std::conditional_t<std::is_const_v<S>, const E, E>;
    return reinterpret_cast<Entry*>(theta.data()) + static_cast<Index>(map) * (in_ + 1) * out_;
  }

  Extent<In> in_;
  Extent<Out> out_;
  A activation_;
  OwnParameters own_;
  std::string name_;
};

}  // namespace inrgene
