// Every backbone and encoder of the lists under the checks that hold for any module. A new built-in
// is tested here by its word in the list.
#include "inrgene/model/built_ins.hpp"

#include <doctest/doctest.h>

#include <string>

#include "inrgene/model/field.hpp"
#include "support/module_checks.hpp"
#include "support/small_models.hpp"

using namespace inrgene;

namespace {

template <class K>
typename K::Network small_network(Index in, Index out) {
  return K::build(in, out, test::SmallSettings<K>::make());
}

}  // namespace

TEST_CASE("every backbone has right derivatives on every backend") {
  for_each_type(Backbones{}, []<class K>() {
    CAPTURE(std::string(K::name));
    test::check_module(small_network<K>(4, 2));
    test::check_module(small_network<K>(1, 1));
  });
}

TEST_CASE("every backbone behind every encoder has right derivatives") {
  for_each_type(Backbones{}, []<class K>() {
    for_each_type(Encoders{}, []<class E>() {
      CAPTURE(std::string(K::name));
      CAPTURE(std::string(E::name));
      const E encoder = test::SmallEncoder<E>::make(3);
      const NeuralField field(encoder, small_network<K>(encoder.out_features(), 1));
      // The NeRF encoding's shortest wavelength is 4 thousandths; its fastest direction multiplies
      // rounding by 1600 in the first derivative and again in the second.
      test::check_module(field, {.samples = 3,
                                 .input_step = 1e-5,
                                 .difference_tolerance = 1e-5,
                                 .float_tolerance = 1e-3});
    });
  });
}

TEST_CASE("every backbone's parameters tile the buffer under names of their own") {
  for_each_type(Backbones{}, []<class K>() {
    CAPTURE(std::string(K::name));
    for (const Index out : {1, 3}) test::check_layout(small_network<K>(5, out));
    for_each_type(Encoders{}, []<class E>() {
      const E encoder = test::SmallEncoder<E>::make(2);
      test::check_layout(NeuralField(encoder, small_network<K>(encoder.out_features(), 1)));
    });
  });
}

TEST_CASE("the same seed draws the same parameters, another seed others") {
  for_each_type(Backbones{}, []<class K>() {
    const auto network = small_network<K>(3, 1);
    CHECK(test::drawn_parameters(network, 5) == test::drawn_parameters(network, 5));
    CHECK(test::drawn_parameters(network, 5) != test::drawn_parameters(network, 6));
  });
}
