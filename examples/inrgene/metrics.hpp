// How well predictions agree with samples, per gene and over genes, as table, CSV and JSON.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "inrgene/io/json.hpp"
#include "inrgene/math/eigen.hpp"
#include "parts.hpp"

namespace inrgene::program {

/// Figures of one part of the samples, an entry a gene; NaN where a figure is undefined.
struct PartMetrics {
  std::string part;
  std::vector<Index> n;  ///< values behind the figures
  std::vector<double> r;
  std::vector<double> mse;
};

/// `predicted` [genes × sites of the part], rows as `genes`; values of the part that are NaN do not
/// count.
[[nodiscard]] PartMetrics measure(const Part& part, const std::vector<std::string>& genes,
                                  const Eigen::MatrixXd& predicted);

/// Mean and standard deviation over the values that are finite; NaN for none.
struct Summary {
  double mean;
  double sd;
};
[[nodiscard]] Summary summarise(const std::vector<double>& values);

/// Figures of several parts under each other's genes.
struct MetricsTable {
  std::vector<std::string> genes;
  std::vector<PartMetrics> parts;

  /// One line a gene, then mean ± sd, in columns for reading.
  [[nodiscard]] std::string for_reading() const;
  /// gene,PART_n,PART_r,PART_mse,…, then the lines mean and sd.
  void write(const std::filesystem::path& file) const;
  /// {PART: {n, r, mse: lists in the order of the genes; mean_r, sd_r, mean_mse, sd_mse}}
  [[nodiscard]] Json to_json() const;
};

/// `value` with 4 decimals, or "-" for NaN.
[[nodiscard]] std::string short_text(double value);

}  // namespace inrgene::program
