// How far apart two arrays are.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace inrgene::test {

/// max |a - b| / max |b| (max |a - b| where b is all zero): the error of a tensor relative to its
/// own scale, since entries near zero carry the rounding of the large ones. Infinite for different
/// sizes and when a value is not finite.
template <class A, class B>
double relative_difference(const A& a, const B& b) {
  if (std::size(a) != std::size(b)) return std::numeric_limits<double>::infinity();
  double difference = 0, scale = 0;
  for (std::size_t i = 0; i < std::size(a); ++i) {
    const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    if (!std::isfinite(x) || !std::isfinite(y)) return std::numeric_limits<double>::infinity();
    difference = std::max(difference, std::abs(x - y));
    scale = std::max(scale, std::abs(y));
  }
  return scale > 0 ? difference / scale : difference;
}

/// ‖a - b‖ / ‖b‖ (‖a‖ where b is all zero), Euclidean norms. Infinite for different sizes and when
/// a value is not finite.
template <class A, class B>
double euclidean_difference(const A& a, const B& b) {
  if (std::size(a) != std::size(b)) return std::numeric_limits<double>::infinity();
  double difference = 0, scale = 0;
  for (std::size_t i = 0; i < std::size(a); ++i) {
    const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    difference += (x - y) * (x - y);
    scale += y * y;
  }
  if (!std::isfinite(difference)) return std::numeric_limits<double>::infinity();
  return std::sqrt(scale > 0 ? difference / scale : difference);
}

/// f'(x) by the five-point stencil; the error is h⁴ f⁗'/30 and rounding of about 1e-16 |f| / h.
template <class F>
double central_difference(F&& f, double x, double h) {
  return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h);
}

}  // namespace inrgene::test
