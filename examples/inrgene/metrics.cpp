#include "metrics.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <limits>
#include <map>
#include <sstream>
#include <string_view>

#include "inrgene/io/csv.hpp"
#include "inrgene/statistics/correlation.hpp"
#include "inrgene/statistics/errors.hpp"

namespace inrgene::program {

namespace {
constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
}

PartMetrics measure(const Part& part, const std::vector<std::string>& genes,
                    const Eigen::MatrixXd& predicted) {
  std::map<std::string_view, Index> row_of;
  for (Index g = 0; g < std::ssize(part.samples.genes); ++g) {
    row_of.emplace(part.samples.genes[static_cast<std::size_t>(g)], g);
  }
  PartMetrics out;
  out.part = part.name;
  for (Index g = 0; g < std::ssize(genes); ++g) {
    const Index row = row_of.at(genes[static_cast<std::size_t>(g)]);
    std::vector<double> truth, answer;
    for (Index s = 0; s < part.samples.size(); ++s) {
      if (std::isnan(part.samples.values(row, s))) continue;
      truth.push_back(part.samples.values(row, s));
      answer.push_back(predicted(g, s));
    }
    out.n.push_back(std::ssize(truth));
    out.r.push_back(truth.size() < 2 ? undefined : pearson(answer, truth));
    out.mse.push_back(truth.empty() ? undefined : mean_squared_error(answer, truth));
  }
  return out;
}

Summary summarise(const std::vector<double>& values) {
  std::vector<double> finite;
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
               [](double v) { return std::isfinite(v); });
  if (finite.empty()) return {undefined, undefined};
  const MeanAndSd both = mean_and_sd(finite);
  return {both.mean, both.sd};
}

std::string short_text(double value) {
  if (std::isnan(value)) return "-";
  std::ostringstream out;
  const bool tiny = value != 0 && std::abs(value) < 0.001;
  out << (tiny ? std::scientific : std::fixed) << std::setprecision(tiny ? 2 : 4) << value;
  return out.str();
}

std::string MetricsTable::for_reading() const {
  std::size_t width = 4;
  for (const std::string& gene : genes) width = std::max(width, gene.size());
  std::ostringstream out;
  const auto cell = [&](const std::string& words) { out << "  " << std::setw(14) << words; };
  const auto begin = [&](const std::string& name) {
    out << std::left << std::setw(static_cast<int>(width)) << name << std::right;
  };
  begin("gene");
  for (const PartMetrics& p : parts) {
    cell(p.part + "_R");
    cell(p.part + "_MSE");
  }
  for (std::size_t g = 0; g < genes.size(); ++g) {
    out << '\n';
    begin(genes[g]);
    for (const PartMetrics& p : parts) {
      cell(short_text(p.r[g]));
      cell(short_text(p.mse[g]));
    }
  }
  for (const bool is_mean : {true, false}) {
    out << '\n';
    begin(is_mean ? "mean" : "sd");
    for (const PartMetrics& p : parts) {
      for (const Summary s : {summarise(p.r), summarise(p.mse)}) {
        cell(short_text(is_mean ? s.mean : s.sd));
      }
    }
  }
  out << '\n';
  return out.str();
}

void MetricsTable::write(const std::filesystem::path& file) const {
  CsvWriter csv;
  csv.field("gene");
  for (const PartMetrics& p : parts) {
    csv.field(p.part + "_n").field(p.part + "_r").field(p.part + "_mse");
  }
  csv.end_row();
  for (std::size_t g = 0; g < genes.size(); ++g) {
    csv.field(genes[g]);
    for (const PartMetrics& p : parts) csv.field(p.n[g]).field(p.r[g]).field(p.mse[g]);
    csv.end_row();
  }
  for (const bool is_mean : {true, false}) {
    csv.field(is_mean ? "mean" : "sd");
    for (const PartMetrics& p : parts) {
      const Summary r = summarise(p.r);
      const Summary mse = summarise(p.mse);
      csv.field("").field(is_mean ? r.mean : r.sd).field(is_mean ? mse.mean : mse.sd);
    }
    csv.end_row();
  }
  csv.write(file);
}

Json MetricsTable::to_json() const {
  Json out = Json::object();
  for (const PartMetrics& p : parts) {
    const Summary r = summarise(p.r);
    const Summary mse = summarise(p.mse);
    out[p.part] = {{"n", p.n},         {"r", p.r},     {"mse", p.mse},
                   {"mean_r", r.mean}, {"sd_r", r.sd}, {"mean_mse", mse.mean},
                   {"sd_mse", mse.sd}};
  }
  return out;
}

}  // namespace inrgene::program
