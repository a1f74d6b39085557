// Batches of every encoder and every loss against the reference backend, and by Eigen's products.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "inrgene/backend/cpu/eigen_products.hpp"
#include "inrgene/model/built_ins.hpp"
#include "inrgene/model/encoders/concatenation.hpp"
#include "inrgene/model/field.hpp"
#include "inrgene/training/built_ins.hpp"
#include "support/objective_checks.hpp"

using namespace inrgene;

namespace {

/// One block and a bit, one tile and a bit of either precision, more than two tiles.
const std::vector<Index> some_rows{1, 13, 64, 127, 253, 530};

template <class E>
void check_encoder(const E& encoder) {
  const auto network = test::small_network<Siren>(encoder.out_features(), 2);
  const test::DrawnBatch batch(NeuralField(encoder, network), some_rows.back());
  test::check_rows<Cpu<float>>(batch, some_rows);
  test::check_rows<Cpu<double>>(batch, some_rows);
  test::check_same_bytes<Cpu<float>>(batch);
}

}  // namespace

TEST_CASE("every encoder in front of a network gives the reference's batches") {
  for_each_type(Encoders{}, []<class E>() {
    CAPTURE(std::string(E::name));
    check_encoder(test::SmallEncoder<E>::make(3));
  });
  check_encoder(Concatenation(IdentityEncoder(3), test::SmallEncoder<NerfEncoder>::make(1)));
}

TEST_CASE("every loss gives the reference's batches") {
  for_each_type(Losses{}, []<class L>() {
    CAPTURE(std::string(L::name));
    const test::DrawnBatch batch(test::small_network<Siren>(3, 2), some_rows.back(), L{});
    test::check_rows<Cpu<float>>(batch, some_rows);
    test::check_rows<Cpu<double>>(batch, some_rows);
    test::check_same_bytes<Cpu<float>>(batch);
  });
}

TEST_CASE("Eigen's products give the reference's batches") {
  const auto check = []<class K>() {
    CAPTURE(std::string(K::name));
    const test::DrawnBatch batch(test::small_network<K>(4, 2, 33), some_rows.back());
    test::check_rows<Cpu<float, EigenProducts>>(batch, some_rows);
    test::check_rows<Cpu<double, EigenProducts>>(batch, some_rows);
  };
  for_each_type(TypeList<Siren, Wire>{}, check);
}
