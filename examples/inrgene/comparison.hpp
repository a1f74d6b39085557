// Figures of agreement between two sets of values, an entry a gene.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "inrgene/core/progress.hpp"
#include "inrgene/core/types.hpp"
#include "maps.hpp"
#include "run.hpp"

namespace inrgene::program {

/// One gene's values of a and b against each other; NaN where a figure is undefined.
struct Agreement {
  std::string gene;
  Index n = 0;  ///< voxels or regions compared
  double r = 0;
  double spearman = 0;
  double r2 = 0;  ///< of a as a prediction of b
  double mse = 0;
  double r_whole_volume = 0;    ///< maps only: background included, as the paper's table 1
  double mse_whole_volume = 0;  ///< maps only
};

struct Comparison {
  enum class Kind { maps, tables } kind = Kind::maps;
  std::vector<Agreement> genes;
  std::vector<Agreement> all;  ///< tables: one line over all (gene, region) pairs

  /// gene,n,r,spearman,r2,mse (maps: and r_whole_volume,mse_whole_volume), a line a gene, then mean
  /// and sd over the genes and, for tables, all_pairs.
  void write(const std::filesystem::path& file) const;
  /// A LaTeX tabular of gene, R, Spearman, R² and MSE with mean ± sd.
  void write_latex(const std::filesystem::path& file) const;
  [[nodiscard]] std::string for_reading() const;
};

/// Genes that both sets have, in the order of `a`, inside the voxels of `mask` that are not 0.
/// Throws InputError when no gene is in both, grids differ or a value in the mask is not finite.
[[nodiscard]] Comparison compare_maps(const std::vector<MapFile>& a, const std::vector<MapFile>& b,
                                      const std::filesystem::path& mask, const Run& run);

/// Genes and regions that both tables have; a region without a value on either side does not count.
[[nodiscard]] Comparison compare_tables(const std::filesystem::path& a,
                                        const std::filesystem::path& b,
                                        const WarningCallback& warn);

}  // namespace inrgene::program
