// Every encoder of the list by itself, and side by side with others.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/model/built_ins.hpp"
#include "inrgene/model/field.hpp"
#include "support/encoder_module.hpp"
#include "support/module_checks.hpp"
#include "support/small_models.hpp"

using namespace inrgene;
using test::EncoderModule;
using test::Values;

static_assert(Encoder<IdentityEncoder, Cpu<float>> && Encoder<NerfEncoder, Cpu<float>>);
static_assert(Encoder<Concatenation<IdentityEncoder, NerfEncoder>, Cpu<double>>);
static_assert(Encoder<test::ScaleEncoder, Cpu<double>>);

TEST_CASE("every encoder has right derivatives on every backend") {
  for_each_type(Encoders{}, []<class E>() {
    CAPTURE(std::string(E::name));
    for (const Index features : {1, 3}) {
      const EncoderModule module(test::SmallEncoder<E>::make(features));
      test::check_layout(module);
      test::check_module(module, {.input_step = 1e-5, .float_tolerance = 1e-5});
    }
  });
}

TEST_CASE("encoders side by side have right derivatives, parameters included") {
  const Concatenation both(test::ScaleEncoder(2), NerfEncoder(1, {.frequencies = 3}),
                           test::ScaleEncoder(1));
  test::check_layout(EncoderModule(both));
  test::check_module(EncoderModule(both), {.input_step = 1e-5});
  const NeuralField field(both,
                          Siren::build(both.out_features(), 1, test::SmallSettings<Siren>::make()));
  test::check_layout(field);
  test::check_module(field, {.input_step = 1e-5});
  const auto layout = field.layout();
  REQUIRE(layout.size() >= 2);
  CHECK(layout.front().name == "net.0.linear.weight");
  CHECK(layout[layout.size() - 2].name == "encoder.0.scale");
  CHECK(layout.back().name == "encoder.2.scale");
}

TEST_CASE("the seed method's inputs: four features as they are, the gene's position encoded") {
  const Concatenation paper(IdentityEncoder(4), NerfEncoder(1, NerfSettings::paper()));
  CHECK(paper.in_features() == 5);
  CHECK(paper.out_features() == 24);
  const Concatenation code(IdentityEncoder(4), NerfEncoder(1, NerfSettings::released_code()));
  CHECK(code.out_features() == 27);
  const Values x = test::drawn_values(10, 1);
  const Values y = test::run_forward(Cpu<double>{{1}}, EncoderModule(code), {}, x);
  REQUIRE(y.size() == 54);
  for (std::size_t j = 0; j < 2; ++j) {
    // The raw position is the fifth input of the network.
    for (std::size_t i = 0; i < 5; ++i) CHECK(y[27 * j + i] == x[5 * j + i]);
    CHECK(y[27 * j + 5] == doctest::Approx(std::sin(x[5 * j + 4])).epsilon(1e-13));
    CHECK(y[27 * j + 26] == doctest::Approx(std::cos(1024 * x[5 * j + 4])).epsilon(1e-11));
  }
}

TEST_CASE("an encoder as wide as the network reads is required") {
  CHECK_THROWS_AS(
      NeuralField(IdentityEncoder(3), Siren::build(4, 1, test::SmallSettings<Siren>::make())),
      ArgumentError);
  CHECK_THROWS_AS(IdentityEncoder(0), ArgumentError);
}
