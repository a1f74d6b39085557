// Fields of a backbone behind every encoding: what they predict is the module's own forward pass,
// whether or not genes share the sites' part of the first layer.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/model/built_ins.hpp"
#include "pipelines/small_fields.hpp"
#include "support/compare.hpp"
#include "support/module_runs.hpp"
#include "support/small_models.hpp"

namespace inrgene::test {

template <class K, class E>
constexpr bool shares = detail::shares_first_layer<typename FieldModule<K, E>::type, E, Cpu<float>>;

template <class K, bool Expected>
constexpr bool shares_with_all = shares<K, NerfOnGeneAxis> == Expected&& shares<K, RawGeneAxis> ==
                                 Expected&& shares<K, GroupedEncoding> == Expected;

// Their inputs enter through one linear layer; the others' enter every layer, or as rows beside
// each other, or in two networks.
static_assert(shares_with_all<Siren, true> && shares_with_all<Wire, true> &&
              shares_with_all<Wire2d, true> && shares_with_all<Gauss, true> &&
              shares_with_all<ReluNetwork, true> && shares_with_all<FinerNetwork, true>);
static_assert(shares_with_all<Mfn, false> && shares_with_all<Oinr, false> &&
              shares_with_all<Factorised<>, false> && shares_with_all<FreeFactorised<>, false>);

inline FieldDescription description_in_units() {
  FieldDescription d = three_gene_description();
  d.value_range.clear();
  return d;
}

/// Values of all genes by the module's forward pass over all rows at once, [sites] gene by gene.
template <class Field, Backend B>
std::vector<Values> by_forward(const Field& field, const B& backend, const Sites& sites) {
  const auto x = Field::site_inputs(field.description(), sites.mni_mm, sites.tissue);
  const auto genes = Field::gene_inputs(field.description());
  const auto theta = field.parameters();
  std::vector<Values> all;
  for (const auto gene : genes) {
    Values rows;
    for (Index s = 0; s < sites.size(); ++s) {
      for (Index i = 0; i < site_features; ++i) {
        rows.push_back(static_cast<double>(x[static_cast<std::size_t>(s * site_features + i)]));
      }
      rows.push_back(static_cast<double>(gene));
    }
    all.push_back(run_forward(backend, field.module(), Values(theta.begin(), theta.end()), rows));
  }
  return all;
}

template <class K, class E, Backend B>
void check_field(const B& backend, const typename E::Settings& encoding, double tolerance) {
  using Field = GeneField<K, E, B>;
  const FieldDescription description = description_in_units();
  const typename Field::Configuration configuration{SmallSettings<K>::make(), encoding};
  const auto module = Field::build(configuration, description);
  const Field field(configuration, description, initial_parameters<scalar_of<B>>(module, 5),
                    backend);
  const Sites sites = smooth_samples(50).sites;
  const auto expected = by_forward(field, backend, sites);
  const Eigen::MatrixXd table = field.predict(sites);
  for (Index g = 0; g < table.rows(); ++g) {
    const Values& whole = expected[static_cast<std::size_t>(g)];
    const Eigen::VectorXd row = table.row(g);
    CHECK(relative_difference(Values(row.begin(), row.end()), whole) < tolerance);
    const std::string& gene = field.genes()[static_cast<std::size_t>(g)];
    CHECK(relative_difference(field.predict(gene, sites.mni_mm, sites.tissue), whole) < tolerance);
  }
}

/// Encodings with few site features and with many, with parameters of their own and without.
inline std::vector<GroupedEncodingSettings> grouped_encodings() {
  const HashGridSettings grid{
      .levels = 5, .log2_table_size = 6, .base_resolution = 2, .growth = 1.5};
  const FourierSettings fourier{.frequencies = 5, .sigma = 0.5, .seed = 3};
  const NerfSettings nerf{.frequencies = 2};
  return {{IdentitySettings{}, nerf},
          {nerf, IdentitySettings{}},
          {fourier, nerf},
          {grid, nerf},
          {grid, IdentitySettings{}}};
}

/// All of it. In float, phases of some 30 rad are rounded to 2e-6 rad, layer after layer.
template <class K>
void check_field_of() {
  CAPTURE(std::string(K::name));
  const Cpu<double> exact{{2}, 7};
  check_field<K, NerfOnGeneAxis>(exact, {.frequencies = 3}, 1e-12);
  check_field<K, RawGeneAxis>(exact, {}, 1e-12);
  for (const auto& encoding : grouped_encodings()) {
    check_field<K, GroupedEncoding>(exact, encoding, 1e-12);
    check_field<K, GroupedEncoding>(Cpu<float>{{2}, 7}, encoding, 3e-5);
  }
}

}  // namespace inrgene::test
