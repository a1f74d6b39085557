// From samples to maps in one type: compose it of backbone, encoding, backend, optimiser, schedule
// and loss, fit it, ask it for maps.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/model/networks/siren.hpp"
#include "inrgene/pipelines/gene_field.hpp"
#include "inrgene/training/loop/trainer.hpp"
#include "inrgene/training/sources/product_source.hpp"

namespace inrgene {

/// How a run reports and is stopped.
template <class T>
struct FitSettings {
  ProgressCallback progress{};
  InterruptCheck interrupted{};
  WarningCallback warn{};
  std::function<void(Index step, double loss, std::span<const T> theta)> after_step{};
  /// Told once, before the first step, how the data are scaled: with it, `theta` of `after_step`
  /// can be evaluated.
  std::function<void(const FieldDescription&)> described{};
};

/// A fit that is not kept on disk while it runs; StateFile (pipelines/state_file.hpp) is one that
/// is.
struct NoStateFile {
  static constexpr bool keeps_state = false;
};

/// What a value that is missing (NaN) means to a fit.
enum class MissingValues {
  refuse,        ///< InputError that names the site and gene
  leave_out_row  ///< that (site, gene) pair is no row: how a split over rows hides the others
};

/// What a fit did.
struct FitReport {
  Index steps = 0;
  Index rows = 0;
  double best_loss = 0;
  double seconds = 0;          ///< of this call; a resumed run counts what it ran itself
  std::vector<double> losses;  ///< of every step, resumed ones included
};

/// Fits Φ(x, y, z, c, γ(e_g)) = v to all (site, gene) pairs of some samples.
///
///     Regressor<Siren> model({.network = {.hidden_features = 64, .hidden_layers = 2}});
///     model.fit(samples, spectral_axis(samples.values, samples.genes));
///     write_nifti(model.map("APOE", atlas), "APOE.nii.gz");
///
/// Another backbone is another word in place of Siren. Method: Yu et al. 2025.
template <Backbone K = Siren, GeneEncoding E = NerfOnGeneAxis, Backend B = Cpu<float>,
          class O = Adam, Schedule S = StepRate, Loss L = MeanSquaredError>
class Regressor {
 public:
  using T = scalar_of<B>;
  using Field = GeneField<K, E, B>;

  struct Settings {
    typename K::Settings network{};
    typename E::Settings encoding{};
    TissueSign tissue_sign = TissueSign::paper;
    ValueScaling value_scaling = ValueScaling::none;
    MissingValues missing = MissingValues::refuse;
    TrainingSettings<O, S, L> training{};
    std::uint64_t seed = 0;  ///< of the starting weights
    B backend{};
  };

  explicit Regressor(Settings settings = {}) : settings_(std::move(settings)) {}

  /// Fits to all of `samples` [genes × sites] whose genes are on `axis`; what a missing value means
  /// is `Settings::missing`. Scalings are fitted on these samples alone, so hand in the training
  /// side of a split and nothing else. `keep` may be a StateFile.
  /// Throws InputError when no gene is on the axis, a value is not finite (a missing one only when
  /// they are refused) or a gene has no value, InterruptedError when stopped (after `keep` has
  /// written the state), NumericalError when the loss leaves the finite numbers; the best model
  /// until then stays in this regressor.
  template <class Keep = NoStateFile>
  FitReport fit(const Samples& samples, const GeneAxis& axis, const FitSettings<T>& how = {},
                const Keep& keep = {}) {
    samples.check();
    const auto started = std::chrono::steady_clock::now();
    const std::vector<Index> rows = match_genes(samples, axis, how.warn);
    const FieldDescription description = describe(samples, axis, rows, how.warn);
    if (how.described) how.described(description);
    const ProductSource<B> source = training_rows(samples, rows, description);
    const auto module = Field::build({settings_.network, settings_.encoding});
    const std::vector<T> start = initial_parameters<T>(module, settings_.seed);
    Trainer<typename Field::Module, B, O, S, L> trainer(module, settings_.backend,
                                                        settings_.training, start);
    TrainingHooks<T> hooks{how.progress, how.interrupted, how.after_step};
    const auto finish = [&] {
      field_.emplace(typename Field::Configuration{settings_.network, settings_.encoding},
                     description, trainer.kept(), settings_.backend);
    };
    try {
      if constexpr (Keep::keeps_state) {
        auto session = keep.open(trainer, fingerprint_of(samples, description));
        hooks.after_step = [&](Index step, double loss, std::span<const T> theta) {
          if (how.after_step) how.after_step(step, loss, theta);
          session.after_step();
        };
        try {
          trainer.run(source, hooks);
        } catch (const InterruptedError&) {
          session.write();
          throw;
        }
      } else {
        trainer.run(source, hooks);
      }
    } catch (const InterruptedError&) {
      finish();
      throw;
    } catch (const NumericalError&) {
      finish();
      throw;
    }
    finish();
    return {trainer.step(), source.size(), trainer.best_loss(),
            std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count(),
            trainer.losses()};
  }

  /// The fitted field. Throws ArgumentError before the first fit.
  [[nodiscard]] const Field& field() const {
    require(field_.has_value(), "regressor", "no fitted field", "a call of fit() before");
    return *field_;
  }
  /// The map of one gene on the labelled voxels of `atlas` (0 elsewhere); see GeneField.
  [[nodiscard]] Volume<float> map(const std::string& gene, const Atlas& atlas,
                                  const MapSettings& how = {}) const {
    return field().map(gene, atlas, how);
  }
  [[nodiscard]] const Settings& settings() const { return settings_; }

 private:
  /// Row in `samples` of each gene of the axis that has one, in the order of the axis.
  static std::vector<Index> match_genes(const Samples& samples, const GeneAxis& axis,
                                        const WarningCallback& warn) {
    std::map<std::string_view, Index> row_of;
    for (Index g = 0; g < std::ssize(samples.genes); ++g) {
      row_of.emplace(samples.genes[static_cast<std::size_t>(g)], g);
    }
    std::vector<Index> rows;
    std::vector<std::string> only_axis;
    for (const std::string& gene : axis.genes) {
      const auto at = row_of.find(gene);
      if (at == row_of.end()) {
        only_axis.push_back(gene);
        continue;
      }
      rows.push_back(at->second);
      row_of.erase(at);
    }
    if (rows.empty()) {
      throw InputError(
          {samples.file, "genes",
           text(samples.genes.size(), " (", detail::name_list(samples.genes, 5),
                "), none on the gene axis"),
           text("some of the axis's ", axis.size(), " (", detail::name_list(axis.genes, 5), ")")});
    }
    std::vector<std::string> only_samples;
    only_samples.reserve(row_of.size());
    for (const auto& [gene, row] : row_of) only_samples.emplace_back(gene);
    if (warn && !only_axis.empty()) {
      warn(text(only_axis.size(), " genes of the axis are not in ", samples.file,
                " and left out: ", detail::name_list(only_axis, 10)));
    }
    if (warn && !only_samples.empty()) {
      warn(text(only_samples.size(), " genes of ", samples.file,
                " are not on the gene axis and left out: ", detail::name_list(only_samples, 10)));
    }
    return rows;
  }

  FieldDescription describe(const Samples& samples, const GeneAxis& axis,
                            const std::vector<Index>& rows, const WarningCallback& warn) const {
    FieldDescription d;
    d.tissue_sign = settings_.tissue_sign;
    d.tissue_input = samples.sites.tissue.empty() ? TissueInput::unknown : TissueInput::used;
    if (samples.sites.tissue.empty() && warn) {
      warn(text(samples.sites.file,
                ": no tissue classes; the field is fitted and evaluated with c = 0 everywhere"));
    }
    d.coordinates_mm = fit_coordinates(samples.sites.mni_mm);
    d.axis.method = axis.method;
    d.axis.components = axis.components;
    bool beyond_unit = false;
    for (const Index row : rows) {
      const std::string& gene = samples.genes[static_cast<std::size_t>(row)];
      const auto at = static_cast<std::size_t>(*axis.find(gene));
      d.axis.genes.push_back(gene);
      d.axis.position.push_back(axis.position[at]);
      d.axis.raw.push_back(axis.raw[at]);
      std::vector<double> known;
      for (Index s = 0; s < samples.size(); ++s) {
        const double v = samples.values(row, s);
        if (is_left_out(v)) continue;
        if (!std::isfinite(v)) {
          throw InputError({samples.file,
                            text("well_id ", samples.sites.well_ids[static_cast<std::size_t>(s)],
                                 ", gene ", gene),
                            text(v), "a finite number"});
        }
        beyond_unit = beyond_unit || v < 0 || v > 1;
        known.push_back(v);
      }
      if (known.empty()) {
        throw InputError({samples.file, "gene " + gene, "no value", "at least one to learn from"});
      }
      if (settings_.value_scaling == ValueScaling::unit_per_gene) {
        d.value_range.push_back(fit_values(known, gene));
      }
    }
    if (beyond_unit && warn && settings_.value_scaling == ValueScaling::none) {
      warn(text(samples.file,
                ": some values lie outside [0, 1] and are fitted as they are; genes "
                "of other ranges weigh differently (see the value scaling)"));
    }
    return d;
  }

  [[nodiscard]] ProductSource<B> training_rows(const Samples& samples,
                                               const std::vector<Index>& rows,
                                               const FieldDescription& d) const {
    const std::vector<T> left = Field::site_inputs(d, samples.sites.mni_mm, samples.sites.tissue);
    std::vector<T> right;
    for (const double e : d.axis.position) right.push_back(static_cast<T>(e));
    std::vector<T> values;
    std::vector<Index> pairs;
    bool some_left_out = false;
    for (const Index row : rows)
      some_left_out = some_left_out || !samples.values.row(row).allFinite();
    values.reserve(rows.size() * static_cast<std::size_t>(samples.size()));
    for (Index s = 0; s < samples.size(); ++s) {
      for (std::size_t g = 0; g < rows.size(); ++g) {
        const double v = samples.values(rows[g], s);
        if (some_left_out && !is_left_out(v)) pairs.push_back(std::ssize(values));
        values.push_back(static_cast<T>(d.value_range.empty() ? v : d.value_range[g].to_unit(v)));
      }
    }
    return ProductSource<B>(settings_.backend, samples.size(), std::ssize(rows), left, right,
                            values, pairs);
  }

  [[nodiscard]] bool is_left_out(double value) const {
    return settings_.missing == MissingValues::leave_out_row && std::isnan(value);
  }

  /// Names configuration and data: a resumed run must match it. The data enter as a 64-bit FNV-1a
  /// hash of coordinates, classes and values.
  [[nodiscard]] std::string fingerprint_of(const Samples& samples,
                                           const FieldDescription& d) const {
    std::uint64_t hash = 14695981039346656037ULL;
    const auto add = [&hash](const void* data, std::size_t bytes) {
      const auto* p = static_cast<const unsigned char*>(data);
      for (std::size_t i = 0; i < bytes; ++i) hash = (hash ^ p[i]) * 1099511628211ULL;
    };
    add(samples.sites.mni_mm.data(),
        sizeof(double) * static_cast<std::size_t>(samples.sites.mni_mm.size()));
    add(samples.sites.tissue.data(), sizeof(Tissue) * samples.sites.tissue.size());
    add(samples.values.data(), sizeof(double) * static_cast<std::size_t>(samples.values.size()));
    const auto& t = settings_.training;
    return Json{{"backbone", K::name},
                {"network", settings_to_json(settings_.network, K::fields)},
                {"encoding", E::to_json(settings_.encoding)},
                {"description", to_json(d)},
                {"optimizer", component_to_json(t.optimizer)},
                {"schedule", component_to_json(t.schedule)},
                {"loss", component_to_json(t.loss)},
                {"batch_rows", t.batch_rows},
                {"seed", settings_.seed},
                {"row_seed", t.seed},
                {"scalar_bytes", sizeof(T)},
                {"data", hash}}
        .dump();
  }

  Settings settings_;
  std::optional<Field> field_;
};

}  // namespace inrgene
