// Samples and gene axis as the options name them.
#pragma once

#include <string>
#include <vector>

#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/brain/gene_axis/gene_axis.hpp"
#include "inrgene/core/progress.hpp"

namespace inrgene::program {

/// Where training data come from: three tables or a merged one.
struct SampleOptions {
  std::vector<std::string> expression, annotation;  ///< files, one or one a donor
  std::string order, merged, genes;
  std::string tissue_sign = "paper";
  std::string missing = "refuse";
};

struct SamplesOnAxis {
  Samples samples;
  GeneAxis axis;
};

/// The tables of one or several files as one.
[[nodiscard]] ExpressionTable read_expressions(const std::vector<std::string>& files,
                                               const WarningCallback& warn);

/// Leaves out the samples or regions with a missing value and warns of their number. Throws
/// InputError when none is left.
void drop_missing(ExpressionTable& table, const WarningCallback& warn);

/// Reads, joins and selects. Throws ArgumentError unless the options name either form of the data.
[[nodiscard]] SamplesOnAxis read_samples(const SampleOptions& options, const WarningCallback& warn);

}  // namespace inrgene::program
