// A user's program: only what a user can reach. Fits a tiny field, so that everything links.
#include <inrgene/inrgene.hpp>
#include <inrgene/io/gifti.hpp>

#include <cstdio>

int main() {
  using namespace inrgene;
  Samples samples;
  samples.genes = {"A", "B", "C"};
  samples.sites.mni_mm.resize(3, 8);
  samples.values.resize(3, 8);
  for (Index s = 0; s < 8; ++s) {
    const auto x = static_cast<double>(s);
    samples.sites.well_ids.push_back(text(s));
    samples.sites.tissue.push_back(Tissue::grey);
    samples.sites.mni_mm.col(s) << x, x * x, -x;
    samples.values.col(s) << x / 8, 1 - x / 8, x * x / 64;
  }
  Regressor<Siren, NerfOnGeneAxis, Cpu<float>> model(
      {.network = {.hidden_features = 8, .hidden_layers = 1}, .training = {.steps = 3}});
  const FitReport report = model.fit(samples, pc1_axis(samples.values, samples.genes));
  try {
    (void)read_gifti_labels("there-is-no-such-file.label.gii");
    return 1;
  } catch (const InputError&) {  // the surfaces' libraries are linked
  }
  std::printf("inrgene %s: %d steps\n", version, static_cast<int>(report.steps));
  return report.steps == 3 ? 0 : 1;
}
