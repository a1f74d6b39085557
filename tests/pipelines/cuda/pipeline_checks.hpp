// From samples to maps on a backend whose memory the host cannot reach, against plain loops.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "inrgene/backend/reference/reference.hpp"
#include "inrgene/pipelines/regressor.hpp"
#include "pipelines/small_fields.hpp"
#include "support/compare.hpp"
#include "support/temp_dir.hpp"

namespace inrgene::test {

/// 5 × 4 × 3 voxels of 10 mm, most of them labelled.
inline Atlas ten_mm_atlas() {
  Volume<std::int32_t> labels;
  labels.values = Array<std::int32_t, 3>::from_shape({5, 4, 3});
  labels.values.fill(1);
  labels.values(0, 0, 0) = labels.values(4, 3, 2) = 0;
  labels.voxel_to_mm = {{{10, 0, 0, -20}, {0, 10, 0, -15}, {0, 0, 10, -10}, {0, 0, 0, 1}}};
  return make_atlas(labels);
}

inline std::vector<double> flat(const Eigen::MatrixXd& m) {
  return {m.data(), m.data() + m.size()};
}

/// Fits with sites held out, then asks the fitted field, and the same weights on plain loops, for
/// the samples' sites and for maps of means over three points a voxel, derivatives too.
template <class K, Backend B>
void check_pipeline(const B& backend) {
  static_assert(std::same_as<scalar_of<B>, float>);
  CAPTURE(std::string(K::name));
  using Model = Regressor<K, NerfOnGeneAxis, B>;
  typename Model::Settings settings;
  settings.network = small_network<K>();
  settings.encoding.frequencies = 2;
  settings.training.optimizer.learning_rate = 1e-2;
  settings.training.steps = 20;
  settings.training.held_out_every = 10;
  settings.training.keep = KeptModel::best_held_out;
  settings.backend = backend;
  Model model(settings);
  const Samples samples = smooth_samples(), held_out = smooth_samples(10);
  FitSettings<float> how;
  how.held_out = &held_out;
  const FitReport report = model.fit(samples, three_genes(), how);
  CHECK(report.losses.back() < 0.5 * report.losses.front());

  const TempDir folder;
  const auto file = folder.path() / "field.safetensors";
  model.field().save(file);
  const auto plain = GeneField<K, NerfOnGeneAxis, Reference<float>>::load(file);
  const auto& ours = model.field();
  CHECK(relative_difference(flat(ours.predict(samples.sites)), flat(plain.predict(samples.sites))) <
        1e-4);
  const Atlas atlas = ten_mm_atlas();
  MapSettings maps;
  maps.sub_voxel = {.points = 3, .seed = 1};
  const auto map_of = [&](const auto& field) {
    const Volume<float> m = field.map("B", atlas, maps);
    return std::vector<float>(m.values.begin(), m.values.end());
  };
  const auto values = [](const std::vector<float>& m) {
    std::vector<float> inside;  // outside of the labels nothing is said
    for (const float v : m) {
      if (std::isfinite(v)) inside.push_back(v);
    }
    return inside;
  };
  CHECK(relative_difference(values(map_of(ours)), values(map_of(plain))) < 1e-4);
}

}  // namespace inrgene::test
