// What `inrgene train` was asked for, between its options and the fit.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "inrgene/core/types.hpp"
#include "parts.hpp"
#include "run.hpp"
#include "samples.hpp"

namespace inrgene::program {

struct TrainOptions {
  SampleOptions data;
  SplitOptions split;
  std::string backbone = "siren";
  std::string encoding = "paper";
  std::optional<Index> frequencies;
  /// Settings of the backbone by the option's name without dashes in front, e.g. "hidden-features".
  std::map<std::string, std::optional<double>> network;
  std::string optimizer = "adam";
  double learning_rate = 1e-4;
  std::string schedule = "step";
  Index schedule_every = 1000;
  double schedule_gamma = 0.9;
  Index steps = 5000;
  Index batch_rows = 0;
  std::string value_scaling = "none";
  double stop_below = 0;
  std::string keep = "best";
  bool resume = false;
  double state_every = 60;
  std::string log, metrics, out;
  Index log_every = 100;
};

/// Adds an option for every setting of every built-in backbone.
void add_network_options(CLI::App& app, TrainOptions& options);

/// Fits, reports on stdout and writes the model; the options' words are known to be good.
void fit(const TrainOptions& options, const SamplesOnAxis& data, const Parts& parts, Run& run);

/// Throws ArgumentError for an unknown backbone, UnavailableError for one of a later version.
void require_backbone(const std::string& name);

}  // namespace inrgene::program
