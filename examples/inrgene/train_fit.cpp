// The fit of `inrgene train`: the one file that knows every backbone as a type.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <limits>
#include <sstream>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "choices.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/model/built_ins.hpp"
#include "inrgene/pipelines/regressor.hpp"
#include "inrgene/pipelines/state_file.hpp"
#include "inrgene/training/built_ins.hpp"
#include "interrupt.hpp"
#include "metrics.hpp"
#include "progress_meter.hpp"
#include "train.hpp"

namespace inrgene::program {

namespace {

/// "hidden_features" of a settings aggregate is "hidden-features" on the command line.
std::string option_name(std::string_view field) {
  std::string name(field);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

/// The backbone's defaults with what the user gave. Throws ArgumentError for an option that this
/// backbone does not have and for a fraction where a whole number should be.
template <class K>
typename K::Settings network_settings(const TrainOptions& o) {
  typename K::Settings settings;
  std::vector<std::string> known;
  const auto take = [&](const auto& field) {
    const std::string name = option_name(field.name);
    known.push_back("--" + name);
    const auto given = o.network.find(name);
    if (given == o.network.end() || !given->second) return;
    const double value = *given->second;
    using V = std::remove_cvref_t<decltype(settings.*field.member)>;
    if constexpr (std::is_integral_v<V>) {
      require(value == std::trunc(value) && std::abs(value) < 1e9, "--" + name, value,
              "a whole number");
    }
    settings.*field.member = static_cast<V>(value);
  };
  std::apply([&](const auto&... field) { (take(field), ...); }, K::fields);
  for (const auto& [name, value] : o.network) {
    if (!value || std::find(known.begin(), known.end(), "--" + name) != known.end()) continue;
    throw ArgumentError(text("--", name, ": --backbone ", K::name, " has no such setting, only ",
                             detail::name_list(known, std::ssize(known))));
  }
  return settings;
}

template <class R>
typename R::Settings regressor_settings(const TrainOptions& o, const Run& run) {
  typename R::Settings s;
  s.encoding = o.encoding == "paper" ? NerfSettings::paper() : NerfSettings::released_code();
  if (o.frequencies) s.encoding.frequencies = *o.frequencies;
  s.tissue_sign = tissue_sign_from_text(o.data.tissue_sign);
  s.value_scaling = o.value_scaling == "unit" ? ValueScaling::unit_per_gene : ValueScaling::none;
  s.missing = o.split.split == "rows" ? MissingValues::leave_out_row : MissingValues::refuse;
  s.training.optimizer.learning_rate = o.learning_rate;
  if (o.schedule == "constant") {
    s.training.schedule = ConstantRate{};
  } else {
    StepRate step;
    step.every = o.schedule_every;
    step.gamma = o.schedule_gamma;
    s.training.schedule = step;
  }
  s.training.steps = o.steps;
  s.training.batch_rows = o.batch_rows;
  s.training.stop_below = o.stop_below;
  s.training.keep = o.keep == "best" ? KeptModel::best : KeptModel::last;
  s.training.seed = run.seed();
  s.seed = run.seed();
  s.backend = {.threads = run.threads()};
  return s;
}

/// Mean squared error over all values of `part`, each gene in the scale it is trained in.
template <class Field>
double loss_of(const Field& field, const Part& part) {
  const MetricsTable table{field.genes(),
                           {measure(part, field.genes(), field.predict(part.samples.sites))}};
  const auto& range = field.description().value_range;
  double sum = 0, count = 0;
  for (std::size_t g = 0; g < table.genes.size(); ++g) {
    const double n = static_cast<double>(table.parts[0].n[g]);
    if (n == 0) continue;
    const double scale = range.empty() ? 1.0 : range[g].high - range[g].low;
    sum += n * table.parts[0].mse[g] / (scale * scale);
    count += n;
  }
  return sum / count;
}

/// The training log; `held_out` has entries (step, loss).
void write_log(const std::string& file, const std::vector<double>& losses,
               const std::vector<std::pair<Index, double>>& held_out, bool has_held_out) {
  CsvWriter csv;
  if (has_held_out) {
    csv.row("step", "loss", "held_out_loss");
  } else {
    csv.row("step", "loss");
  }
  auto next = held_out.begin();
  for (Index step = 1; step <= std::ssize(losses); ++step) {
    csv.field(step).field(losses[static_cast<std::size_t>(step - 1)]);
    if (has_held_out) {
      if (next != held_out.end() && next->first == step) {
        csv.field((next++)->second);
      } else {
        csv.field("");
      }
    }
    csv.end_row();
  }
  csv.write(file);
}

Json number_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}

/// What the checkpoint remembers of the run: nothing that differs between equal commands, so no
/// times and no names of outputs.
Json training_record(const Run& run, const Parts& parts, const FitReport& report,
                     const MetricsTable& metrics) {
  Json configuration = run.configuration();
  for (const char* key : {"out", "log", "log-every", "metrics", "resume", "state-every", "quiet"}) {
    configuration.erase(key);
  }
  const auto& losses = report.losses;
  return {{"configuration", configuration},
          {"seed", run.seed()},
          {"threads", run.threads().resolved()},
          {"split", parts.record},
          {"rows", report.rows},
          {"steps", report.steps},
          {"loss",
           {{"first", losses.empty() ? Json() : number_or_null(losses.front())},
            {"last", losses.empty() ? Json() : number_or_null(losses.back())},
            {"best", number_or_null(report.best_loss)}}},
          {"metrics", metrics.to_json()}};
}

template <class K, class O>
void fit_as(const TrainOptions& o, const SamplesOnAxis& data, const Parts& parts, Run& run) {
  using R = Regressor<K, NerfOnGeneAxis, Cpu<float>, O, AnySchedule>;
  using Field = typename R::Field;
  auto settings = regressor_settings<R>(o, run);
  settings.network = network_settings<K>(o);
  R model(settings);

  const Part* held_out = parts.parts.size() > 1 ? &parts.parts.back() : nullptr;
  std::vector<std::pair<Index, double>> held_out_losses;
  FieldDescription description;
  FitSettings<float> how;
  how.progress = run.progress();
  how.warn = run.warnings();
  how.interrupted = interrupted;
  StateFile state{.path = o.out + ".state", .every_seconds = o.state_every};
  how.described = [&](const FieldDescription& d) { description = d; };
  if (held_out != nullptr && !o.log.empty()) {
    how.after_step = [&](Index step, double /*loss*/, std::span<const float> theta) {
      if (step % o.log_every != 0) return;
      const Field field({settings.network, settings.encoding}, description,
                        {theta.begin(), theta.end()}, settings.backend);
      held_out_losses.emplace_back(step, loss_of(field, *held_out));
    };
  }
  const bool has_state = std::filesystem::exists(state.path);
  if (o.resume) {
    state.start = StateFile::Start::resume;
    run.note(has_state ? "resumes from " + state.path.string()
                       : "no unfinished run at " + state.path.string() + ": starts anew");
  } else if (has_state) {
    run.warn(state.path.string() +
             " holds an unfinished run; it is replaced (--resume would go on from it)");
  }

  run.stage("train");
  FitReport report;
  try {
    report = model.fit(parts.parts.front().samples, data.axis, how, state);
  } catch (const InterruptedError& error) {
    throw InterruptedError(text(error.what(), "; its state is in ", state.path.string(),
                                "; the same command with --resume goes on from there"));
  }
  MetricsTable metrics{model.field().genes(), {}};
  for (const Part& part : parts.parts) {
    metrics.parts.push_back(
        measure(part, metrics.genes, model.field().predict(part.samples.sites)));
  }
  if (!o.log.empty()) write_log(o.log, report.losses, held_out_losses, held_out != nullptr);
  if (!o.metrics.empty()) metrics.write(o.metrics);
  model.field().save(o.out, training_record(run, parts, report, metrics));
  std::filesystem::remove(state.path);
  std::ostringstream note;
  note << report.steps << " steps on " << report.rows << " rows";
  if (!report.losses.empty()) note << ", smallest loss " << report.best_loss;
  note << ", " << clock_text(report.seconds) << "; wrote " << o.out;
  run.note(note.str());
  std::cout << metrics.for_reading();
}

}  // namespace

void add_network_options(CLI::App& app, TrainOptions& options) {
  for_each_type(Backbones{}, [&]<class K>() {
    const typename K::Settings defaults;
    const auto add = [&](const auto& field) {
      const std::string name = option_name(field.name);
      std::ostringstream words;
      words << "Setting of --backbone " << K::name << " [" << defaults.*field.member << "]";
      if (CLI::Option* known = app.get_option_no_throw("--" + name)) {
        known->description(known->get_description() + "; " + words.str());
        return;
      }
      app.add_option("--" + name, options.network[name], words.str())->type_name("NUMBER");
    };
    std::apply([&](const auto&... field) { (add(field), ...); }, K::fields);
  });
}

void require_backbone(const std::string& name) {
  if (with_named_type(Backbones{}, name, []<class>() {})) return;
  const std::string built = names_of(Backbones{});
  constexpr std::array planned{"siren", "wire",  "wire2d", "gauss",     "relu",
                               "mfn",   "finer", "oinr",   "factorised"};
  if (std::find(planned.begin(), planned.end(), name) != planned.end()) {
    throw UnavailableError(text("--backbone ", name, ": not in this version, which has: ", built));
  }
  throw ArgumentError(text("--backbone: found '", name, "', expected one of: ", built));
}

void fit(const TrainOptions& o, const SamplesOnAxis& data, const Parts& parts, Run& run) {
  with_named_type(Backbones{}, o.backbone, [&]<class K>() {
    with_named_type(Optimizers{}, o.optimizer,
                    [&]<class O>() { fit_as<K, O>(o, data, parts, run); });
  });
}

}  // namespace inrgene::program
