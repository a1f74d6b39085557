#include "inrgene/statistics/normalisers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/core/random.hpp"

using namespace inrgene;

namespace {

template <class N>
std::vector<double> normalised(std::vector<double> values, const N& normaliser = {}) {
  QuantileScratch scratch;
  normaliser(values, scratch);
  return values;
}

template <class N>
void check_all_nan(std::vector<double> values) {
  CAPTURE(N::name);
  for (const double v : normalised<N>(std::move(values))) CHECK(std::isnan(v));
}

double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

std::vector<double> random_values(std::size_t n) {
  Random random(3);
  std::vector<double> out(n);
  for (double& v : out) v = 4 + 2 * random.normal();
  return out;
}

const double nan_value = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE_TEMPLATE("every built-in is a named normaliser and keeps the order of values", N,
                   ScaledRobustSigmoid, RobustSigmoid, MixedSigmoid, ScaledSigmoid,
                   ScaledSigmoidQuantiles, Sigmoid, ZScore, UnitRange, Centre) {
  static_assert(NamedNormaliser<N>);
  static_assert(Normalisers::size == 9);
  const std::vector<double> values = random_values(257);
  const std::vector<double> out = normalised<N>(values);
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    CHECK((values[i] < values[i + 1]) == (out[i] < out[i + 1]));
  }
  CHECK(normalised<N>(values, N{}) == out);
  CHECK(normalised<N>({}).empty());
}

TEST_CASE_TEMPLATE("scaled normalisers span exactly [0, 1], whatever the unit of the values", N,
                   ScaledRobustSigmoid, MixedSigmoid, ScaledSigmoid, ScaledSigmoidQuantiles,
                   UnitRange) {
  const std::vector<double> values = random_values(101);
  const std::vector<double> out = normalised<N>(values);
  CHECK(*std::min_element(out.begin(), out.end()) == 0);
  CHECK(*std::max_element(out.begin(), out.end()) == 1);
  std::vector<double> other_unit = values;
  for (double& v : other_unit) v = 1000 * v - 77;
  const std::vector<double> again = normalised<N>(other_unit);
  for (std::size_t i = 0; i < out.size(); ++i) {
    CHECK(again[i] == doctest::Approx(out[i]).epsilon(1e-12));
  }
}

TEST_CASE("normalisers worked by hand") {
  const std::vector<double> v{1, 2, 3, 4, 10};  // mean 4, sd √12.5, median 3, quartiles 2 and 4
  const double sd = std::sqrt(12.5);
  const double s = 2 / 1.3489795003921634;
  const std::vector<double> centred = normalised<Centre>(v);
  const std::vector<double> z = normalised<ZScore>(v);
  const std::vector<double> sig = normalised<Sigmoid>(v);
  const std::vector<double> scaled = normalised<ScaledSigmoid>(v);
  const std::vector<double> rs = normalised<RobustSigmoid>(v);
  const std::vector<double> srs = normalised<ScaledRobustSigmoid>(v);
  const std::vector<double> qnt = normalised<ScaledSigmoidQuantiles>(v);
  // Between the percentiles 1.2 and 8.8 lie 2, 3 and 4: mean 3, sd 1.
  const auto between = [](double x, double low, double high) { return (x - low) / (high - low); };
  for (std::size_t i = 0; i < v.size(); ++i) {
    CAPTURE(i);
    CHECK(centred[i] == v[i] - 4);
    CHECK(z[i] == doctest::Approx((v[i] - 4) / sd));
    CHECK(sig[i] == doctest::Approx(logistic((v[i] - 4) / sd)));
    CHECK(scaled[i] ==
          doctest::Approx(between(logistic((v[i] - 4) / sd), logistic(-3 / sd), logistic(6 / sd))));
    CHECK(rs[i] == doctest::Approx(logistic((v[i] - 3) / s)));
    CHECK(srs[i] ==
          doctest::Approx(between(logistic((v[i] - 3) / s), logistic(-2 / s), logistic(7 / s))));
    CHECK(qnt[i] == doctest::Approx(between(logistic(v[i] - 3), logistic(-2), logistic(7))));
    CHECK(normalised<UnitRange>(v)[i] == doctest::Approx((v[i] - 1) / 9));
  }
}

TEST_CASE("normalisers of equal values, of one and of two") {
  const std::vector<double> equal(7, 3.7);  // 3.7 times 7 rounds
  CHECK(normalised<Centre>(equal) == std::vector<double>(7, 0.0));
  check_all_nan<ZScore>(equal);
  check_all_nan<UnitRange>(equal);
  check_all_nan<Sigmoid>(equal);
  check_all_nan<ScaledSigmoid>(equal);
  check_all_nan<RobustSigmoid>(equal);
  check_all_nan<ScaledRobustSigmoid>(equal);
  CHECK(normalised<ScaledSigmoidQuantiles>(equal) == std::vector<double>(7, 1.0));
  CHECK(normalised<MixedSigmoid>(equal) == std::vector<double>(7, 0.0));

  check_all_nan<ScaledRobustSigmoid>({5});
  check_all_nan<ZScore>({5});
  CHECK(normalised<ScaledSigmoidQuantiles>({5}) == std::vector<double>{1});
  CHECK(normalised<MixedSigmoid>({5}) == std::vector<double>{0});

  CHECK(normalised<ScaledRobustSigmoid>({2, 1}) == std::vector<double>{1, 0});
  CHECK(normalised<ScaledSigmoid>({2, 1}) == std::vector<double>{1, 0});
  CHECK(normalised<ScaledSigmoidQuantiles>({2, 1}) == std::vector<double>{1, 1});
}

TEST_CASE("normalisers without an interquartile range") {
  const std::vector<double> one_above{3, 3, 3, 3, 9};
  const std::vector<double> rs = normalised<RobustSigmoid>(one_above);
  for (std::size_t i = 0; i < 4; ++i) CHECK(std::isnan(rs[i]));
  CHECK(rs[4] == 1);
  CHECK(normalised<RobustSigmoid>({3, 3, 3, 3, 1})[4] == 0);
  check_all_nan<ScaledRobustSigmoid>(one_above);
  CHECK(normalised<MixedSigmoid>(one_above) == std::vector<double>{0, 0, 0, 0, 1});
  CHECK(normalised<ScaledSigmoidQuantiles>(one_above) == std::vector<double>(5, 1.0));
}

TEST_CASE("a value that is no number makes all NaN, and 0 for the mixed sigmoid") {
  const std::vector<double> values{1, 2, nan_value, 4, 5, 6, 7, 8, 9, 10};
  check_all_nan<Centre>(values);
  check_all_nan<ZScore>(values);
  check_all_nan<UnitRange>(values);
  check_all_nan<Sigmoid>(values);
  check_all_nan<ScaledSigmoid>(values);
  check_all_nan<ScaledSigmoidQuantiles>(values);
  check_all_nan<RobustSigmoid>(values);
  check_all_nan<ScaledRobustSigmoid>(values);
  CHECK(normalised<MixedSigmoid>(values) == std::vector<double>(10, 0.0));
}

TEST_CASE("normaliser_from_text knows every word and alias, and lists them for another") {
  for_each_type(Normalisers{}, []<class N>() {
    CHECK(normaliser_from_text("gene_norm", N::name)->word() == N::name);
    for (const std::string_view alias : N::aliases) {
      CHECK(normaliser_from_text("gene_norm", alias)->word() == N::name);
    }
    const std::vector<double> values = random_values(50);
    CHECK(normalised(values, *normaliser_from_text("x", N::name)) == normalised<N>(values));
  });
  CHECK(NormaliserVariant{}.word() == "srs");
  CHECK(!normaliser_from_text("gene_norm", "none"));
  for (const char* word : {"batch", "", "SRS", "robust"}) {
    try {
      (void)normaliser_from_text("gene_norm", word);
      FAIL("accepted");
    } catch (const ArgumentError& error) {
      const std::string what = error.what();
      CHECK(what.find("gene_norm: found '" + std::string(word) + "'") == 0);
      for (const char* listed : {"srs", "rs", "mixed_sig", "scaled_sig", "scaled_sig_qnt", "sig",
                                 "zscore", "minmax", "center", "none"}) {
        CHECK(what.find(listed) != std::string::npos);
      }
    }
  }
}
