// From tissue samples to a map of APOE. Run it on the demo's files:
//   01_quickstart out/demo/expression.csv out/demo/annotation.csv out/demo/atlas.nii.gz
#include <inrgene/inrgene.hpp>
#include <iostream>

int main(int argc, char** argv) try {
  using namespace inrgene;
  if (argc != 4) throw ArgumentError("usage: 01_quickstart EXPRESSION ANNOTATION ATLAS");

  const Annotation annotation = read_annotation(argv[2], TissueSign::paper);
  const Samples samples = join(read_expression(argv[1]), annotation.sites);
  const GeneAxis axis = spectral_axis(samples.values, samples.genes);

  Regressor<Siren, NerfOnGeneAxis, Cpu<float>> model({
      .network = {.hidden_features = 64, .hidden_layers = 2},
      .training = {.optimizer = {.learning_rate = 1e-3}, .steps = 300},
  });
  const FitReport report = model.fit(samples, axis);

  write_nifti(model.map("APOE", read_atlas(argv[3])), "APOE.nii.gz");
  std::cout << "loss " << report.best_loss << " after " << report.steps << " steps; APOE.nii.gz\n";
} catch (const inrgene::Error& error) {
  std::cerr << error.what() << '\n';
  return 3;
}
