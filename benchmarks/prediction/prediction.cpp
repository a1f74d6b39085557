// How many rows a second does a trained network predict, and how long does a map of one gene take?
// Rows are those of training_step; the map is Regressor's, over the labelled voxels of an atlas,
// their features made on the way. See benchmarks/README.md.
#include <CLI/CLI.hpp>
#include <iomanip>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "../support/measure.hpp"
#include "../support/problem.hpp"
#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/brain/phantom/phantom.hpp"
#include "inrgene/pipelines/gene_field.hpp"
#include "inrgene/training/loop/initial_parameters.hpp"
#include "inrgene/training/loop/predict.hpp"

using namespace inrgene;

namespace {

using B = Cpu<float>;

struct Choices {
  bench::Work work{.rows = Index{1} << 18};
  int threads = 0;
  Index repeats = 3;
  Index genes = 1;
  Index points = 1;
  bool map = false;
  std::string atlas{};
  bool json = false;

  [[nodiscard]] B backend() const {
    B b;
    b.threads = {threads};
    return b;
  }
  [[nodiscard]] int workers() const { return threads > 0 ? threads : Threads{}.resolved(); }
};

Json of_rows(const Choices& choices) {
  const B backend = choices.backend();
  const auto network = choices.work.network();
  const auto theta = initial_parameters<float>(network, choices.work.seed);
  const bench::Rows<B> rows(choices.work);
  std::vector<float> y(static_cast<std::size_t>(choices.work.rows));
  bench::PairedTimer timer(choices.workers());
  for (Index run = 0; run <= choices.repeats; ++run) {
    timer.start();
    predict(backend, network, std::span(theta), rows, std::span(y));
    timer.lap(run > 0);
  }
  Json json = timer.json(choices.work.forward_flop());
  json["what"] = "rows";
  json["rows"] = choices.work.rows;
  json["rows_per_s"] = static_cast<double>(choices.work.rows) / timer.seconds().median;
  return json;
}

/// A field in the published form with weights as training starts from: its speed is that of any.
GeneField<Siren, NerfOnGeneAxis, B> field_of(const Choices& choices) {
  const Siren::Settings network{.hidden_features = choices.work.width,
                                .hidden_layers = choices.work.layers - 1};
  FieldDescription description;
  description.coordinates_mm = {-110, 110};
  for (Index g = 0; g < choices.genes; ++g) {
    description.axis.genes.push_back(text("gene ", g));
    const double place = static_cast<double>(g) / static_cast<double>(choices.genes);
    description.axis.position.push_back(place);
    description.axis.raw.push_back(place);
  }
  const auto module = GeneField<Siren, NerfOnGeneAxis, B>::build({network, {}}, description);
  return {{network, {}},
          description,
          initial_parameters<float>(module, choices.work.seed),
          choices.backend()};
}

Json of_map(const Choices& choices) {
  const Atlas atlas =
      choices.atlas.empty() ? make_phantom({}).anatomy.atlas : read_atlas(choices.atlas);
  const auto field = field_of(choices);
  bench::PairedTimer timer(choices.workers());
  double sum = 0;
  for (Index run = 0; run <= choices.repeats; ++run) {
    timer.start();
    field.for_each_map(field.genes(), atlas,
                       [&](const std::string& /*gene*/, Volume<float>&& map) {
                         sum += static_cast<double>(map.values.data()[map.values.size() / 2]);
                       },
                       {.sub_voxel = {.points = choices.points}});
    timer.lap(run > 0);
  }
  // What one evaluation a voxel and gene costs; a program that shares work between genes does less.
  bench::Work work = choices.work;
  work.rows = atlas.labelled() * choices.genes * choices.points;
  Json json = timer.json(work.forward_flop());
  json["what"] = "map";
  json["voxels"] = atlas.labelled();
  json["genes"] = choices.genes;
  json["points_a_voxel"] = choices.points;
  json["seconds_a_gene"] = timer.seconds().median / static_cast<double>(choices.genes);
  json["rows_per_s"] = static_cast<double>(work.rows) / timer.seconds().median;
  json["checksum"] = sum;
  return json;
}

void print(const Json& r) {
  const auto number = [&](const char* key) { return r.at(key).get<double>(); };
  const auto seconds = [&](const char* key) { return r.at("seconds").at(key).get<double>(); };
  if (r.at("what") == "map") {
    std::cout << r.at("genes") << " genes at " << r.at("voxels") << " voxels";
  } else {
    std::cout << r.at("rows") << " rows";
  }
  std::cout << ", " << r.at("threads") << " threads, " << r.at("vectors").get<std::string>()
            << "\n\n"
            << std::setprecision(4) << "s, median             " << seconds("median") << "  ("
            << seconds("low") << " to " << seconds("high") << ")\n"
            << "rows/s                " << number("rows_per_s") << '\n'
            << "GFLOP/s               " << number("gflop_per_s") << '\n'
            << "FMA peak, GFLOP/s     " << number("fma_peak_gflop_per_s") << '\n'
            << "of the peak           " << 100 * number("of_fma_peak") << " %\n"
            << "peak memory, MiB      " << number("peak_mib") << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Rows a second of a network, or seconds of a gene's map."};
  Choices c;
  app.add_option("--rows", c.work.rows, "rows to predict")->capture_default_str();
  app.add_option("--width", c.work.width, "features of a layer")->capture_default_str();
  app.add_option("--layers", c.work.layers, "sine layers")->capture_default_str();
  app.add_option("--threads", c.threads, "workers, 0: all cores")->capture_default_str();
  app.add_option("--repeats", c.repeats, "runs that count")->capture_default_str();
  app.add_flag("--map", c.map, "maps over an atlas instead of rows");
  app.add_option("--atlas", c.atlas, "label image of the maps (default: the phantom's)");
  app.add_option("--genes", c.genes, "maps in one call")->capture_default_str();
  app.add_option("--points", c.points, "points averaged in a voxel of a map")
      ->capture_default_str();
  app.add_flag("--json", c.json, "print JSON");
  CLI11_PARSE(app, argc, argv);
  try {
    require(c.work.layers > 0 && c.repeats > 0 && c.genes > 0 && c.points > 0,
            "layers, repeats, genes and points",
            text(c.work.layers, ", ", c.repeats, ", ", c.genes, ", ", c.points),
            "positive numbers");
    Json result = c.map ? of_map(c) : of_rows(c);
    result["width"] = c.work.width;
    result["layers"] = c.work.layers;
    result["peak_mib"] = bench::peak_memory_bytes() / 0x1p20;
    if (c.json) {
      std::cout << result.dump() << '\n';
    } else {
      print(result);
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "benchmark: " << error.what() << '\n';
    return 1;
  }
}
