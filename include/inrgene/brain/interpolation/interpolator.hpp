// What a method must offer that carries measured values from sites to any point.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// Values measured at sites. Classes, when given, are any small numbers that tell kinds of sites
/// apart (tissue, cortex or cerebellum, …): a point is then answered from sites of its own class.
struct FieldSamples {
  Eigen::Matrix3Xd mni_mm;        ///< [3 x sites]
  Eigen::MatrixXd values;         ///< [outputs x sites]
  std::vector<int> classes = {};  ///< one a site, or empty

  /// Throws ArgumentError for no site, shapes that do not agree and numbers that are not finite.
  void check() const {
    require(mni_mm.cols() >= 1, "sites", mni_mm.cols(), "at least 1");
    require(values.cols() == mni_mm.cols(), "values columns", values.cols(),
            text("one a site: ", mni_mm.cols()));
    require(classes.empty() || std::ssize(classes) == mni_mm.cols(), "classes", classes.size(),
            text("none, or one a site: ", mni_mm.cols()));
    require(mni_mm.allFinite(), "mni_mm", "a coordinate that is not finite", "finite millimetres");
    require(values.allFinite(), "values", "a value that is not finite", "finite numbers");
  }
};

/// Points to answer at, with classes exactly when the samples had them.
struct FieldPoints {
  Eigen::Matrix3Xd mni_mm;        ///< [3 x points]
  std::vector<int> classes = {};  ///< one a point, or empty
};

/// An interpolator: `fit` takes the samples (and may be called again), `predict` returns
/// [outputs x points]. It is a value: a copy predicts the same. `name` is its word on the command
/// line and in tables.
template <class I>
concept Interpolator = std::copyable<I> && std::default_initializable<I> &&
    requires(I method, const I fitted, const FieldSamples& samples, const FieldPoints& points) {
  { I::name } -> std::convertible_to<std::string_view>;
  { method.fit(samples) } -> std::same_as<void>;
  { fitted.predict(points) } -> std::same_as<Eigen::MatrixXd>;
};

namespace detail {

/// The distinct classes, ascending, and the sites of each; one class 0 of all without classes.
struct SitesByClass {
  std::vector<int> classes;
  std::vector<std::vector<Index>> sites;
};

inline SitesByClass sites_by_class(const FieldSamples& samples) {
  SitesByClass out;
  out.classes = samples.classes.empty() ? std::vector<int>{0} : samples.classes;
  std::sort(out.classes.begin(), out.classes.end());
  out.classes.erase(std::unique(out.classes.begin(), out.classes.end()), out.classes.end());
  out.sites.resize(out.classes.size());
  for (Index s = 0; s < samples.mni_mm.cols(); ++s) {
    const int of = samples.classes.empty() ? 0 : samples.classes[static_cast<std::size_t>(s)];
    const auto at = std::lower_bound(out.classes.begin(), out.classes.end(), of);
    out.sites[static_cast<std::size_t>(at - out.classes.begin())].push_back(s);
  }
  return out;
}

}  // namespace detail
}  // namespace inrgene
