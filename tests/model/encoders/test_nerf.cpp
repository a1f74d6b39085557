#include "inrgene/model/encoders/nerf.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/backend/reference/reference.hpp"
#include "support/encoder_module.hpp"
#include "support/module_runs.hpp"

using namespace inrgene;
using test::Values;

namespace {

/// The definition, with the library's sine and cosine of the long double angle.
Values by_definition(const NerfSettings& settings, const Values& features) {
  Values y;
  for (const double e : features) {
    if (settings.raw_input == RawInput::kept) y.push_back(e);
    for (Index k = 0; k < settings.frequencies; ++k) {
      const long double angle =
          std::ldexp(static_cast<long double>(settings.scale), static_cast<int>(k)) *
          static_cast<long double>(e);
      y.push_back(static_cast<double>(std::sin(angle)));
      y.push_back(static_cast<double>(std::cos(angle)));
    }
  }
  return y;
}

template <class B>
double worst_error(const B& backend, const NerfSettings& settings, Index features) {
  Values x = test::drawn_values(features * 200, 1);
  const Values expected = by_definition(settings, x);
  const Values y =
      test::run_forward(backend, test::EncoderModule(NerfEncoder(features, settings)), {}, x);
  REQUIRE(y.size() == expected.size());
  double worst = 0;
  for (std::size_t i = 0; i < y.size(); ++i) worst = std::max(worst, std::abs(y[i] - expected[i]));
  return worst;
}

}  // namespace

TEST_CASE("presets of the NeRF encoding have the widths of paper and code") {
  CHECK(NerfEncoder(1, NerfSettings::paper()).out_features() == 20);
  CHECK(NerfEncoder(1, NerfSettings::released_code()).out_features() == 23);
  CHECK(NerfEncoder(3, NerfSettings::paper()).out_features() == 60);
  CHECK(NerfEncoder(3).in_features() == 3);
  CHECK(NerfSettings::paper().scale == std::numbers::pi);
  CHECK(NerfSettings::released_code().scale == 1.0);
}

TEST_CASE("the NeRF encoding is sine and cosine, interleaved, frequency after frequency") {
  for (const auto& settings : {NerfSettings::paper(), NerfSettings::released_code()}) {
    for (const Index features : {1, 3}) {
      // The angle reaches 1608 rad: 16 digits of it leave 13 of the sine, and a float's sine 7.
      CHECK(worst_error(Cpu<double>{{1}}, settings, features) < 1e-12);
      CHECK(worst_error(Reference<double>{}, settings, features) < 1e-12);
      CHECK(worst_error(Cpu<float>{{1}}, settings, features) < 3e-7);
      CHECK(worst_error(Reference<float>{}, settings, features) < 3e-7);
    }
  }
}

TEST_CASE("an encoding out of bounds is refused") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(NerfEncoder(0), ArgumentError);
  CHECK_THROWS_AS(NerfEncoder(1, {.frequencies = 0}), ArgumentError);
  CHECK_THROWS_AS(NerfEncoder(1, {.frequencies = 31}), ArgumentError);
  CHECK_THROWS_AS(NerfEncoder(1, {.scale = 0}), ArgumentError);
  CHECK_THROWS_AS(NerfEncoder(1, {.scale = infinity}), ArgumentError);
  CHECK_NOTHROW(NerfEncoder(1, {.frequencies = 30}));
}
