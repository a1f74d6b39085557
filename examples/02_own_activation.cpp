// An activation of your own, in your own file: one formula, and the library's layers, training,
// derivatives and backends work with it. Nothing in the library is edited.
#include <array>
#include <iostream>
#include <string_view>
#include <tuple>

#include "inrgene/brain/datasets/splits.hpp"
#include "inrgene/brain/gene_axis/spectral.hpp"
#include "inrgene/brain/phantom/phantom.hpp"
#include "inrgene/model/networks/siren.hpp"
#include "inrgene/pipelines/regressor.hpp"

using namespace inrgene;

// [activation]
/// f(z) = sin(ωz) exp(−(sz)²): a sine that dies away, real and with one linear map.
struct SineUnderGaussian {
  double omega = 6.0;
  double width = 1.0;  ///< s

  static constexpr int maps = 1;
  static constexpr std::array<const char*, 1> map_names{"linear."};
  static constexpr std::size_t own_count = 2;
  static constexpr std::array<const char*, 2> own_names{"omega_0", "scale_0"};
  [[nodiscard]] constexpr std::array<double, 2> own() const { return {omega, width}; }

  template <class R, class Z>
  INRGENE_HD INRGENE_INLINE static constexpr Z formula(const std::array<R, 2>& own, const Z& z) {
    const Z u = own[1] * z;
    return math::sin(own[0] * z) * math::exp(-(u * u));
  }
};
static_assert(Activation<SineUnderGaussian>);
// [end]

// [backbone]
/// A stack of such layers, started as SIREN is.
struct Wavelets {
  static constexpr std::string_view name = "wavelets";
  using Network = DenseNetwork<SineUnderGaussian, SirenUniform>;

  struct Settings {
    Index hidden_features = 32;
    Index hidden_layers = 2;
    double omega = 6.0;
    double width = 1.0;
  };
  static constexpr auto fields = std::tuple{
      SettingsField{"hidden_features", &Settings::hidden_features},
      SettingsField{"hidden_layers", &Settings::hidden_layers},
      SettingsField{"omega", &Settings::omega}, SettingsField{"width", &Settings::width}};

  static Network build(Index in_features, Index out_features, const Settings& settings) {
    require_positive(settings.omega, "omega");
    require_positive(settings.width, "width");
    const SineUnderGaussian activation{settings.omega, settings.width};
    return {{in_features, out_features, settings.hidden_features, settings.hidden_layers},
            activation,
            activation};
  }
};
static_assert(Backbone<Wavelets>);
// [end]

int main() try {
  const Phantom phantom = make_phantom({.sites_per_donor = 120, .genes = 4});
  const SplitSamples sides = take(phantom.samples, split_sites(phantom.samples.sites, {.seed = 7}));
  const GeneAxis axis =
      spectral_axis(sides.train.values, sides.train.genes, {.affinity = Affinity::correlation});

  // [swap]
  Regressor<Wavelets, NerfOnGeneAxis, Cpu<float>> model({
      .network = {.hidden_features = 32, .hidden_layers = 2},
      .training = {.optimizer = {.learning_rate = 1e-3}, .steps = 300},
  });
  // [end]
  const FitReport report = model.fit(sides.train, axis);
  // Rows of a prediction stand in the order of the axis; put the measured ones into the same order.
  const Eigen::MatrixXd found = model.field().predict(sides.held_out.sites);
  const Eigen::MatrixXd wanted = sides.held_out.select_genes(axis.genes).values;
  const Eigen::VectorXd mean = sides.train.select_genes(axis.genes).values.rowwise().mean();
  const double field_error = (found - wanted).array().square().mean();
  const double guess_error = (wanted.colwise() - mean).array().square().mean();
  std::cout << "loss " << report.losses.front() << " at the start, " << report.best_loss
            << " at best\nheld-out sites: MSE " << field_error << ", of the mean of the training "
            << "sites " << guess_error << '\n';
  return report.best_loss < report.losses.front() && field_error < guess_error ? 0 : 1;
} catch (const Error& error) {
  std::cerr << error.what() << '\n';
  return 3;
}
