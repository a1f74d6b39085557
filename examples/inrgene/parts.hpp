// The division of samples into what is learned from and what is only asked afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/brain/gene_axis/gene_axis.hpp"
#include "inrgene/io/json.hpp"

namespace inrgene::program {

struct SplitOptions {
  std::string split = "none";
  double held_out = 0.2;
  double block_mm = 20;
  double buffer_mm = 5;
  std::uint64_t seed = 42;
};

/// Samples under a name: "training", "validation" or "held_out".
struct Part {
  std::string name;
  Samples samples;
};

/// parts[0] is what a model is fitted to. No part holds a value of another: in a split by rows,
/// values of the other parts are NaN.
struct Parts {
  std::vector<Part> parts;
  Json record;  ///< kind and sizes, for the checkpoint
};

/// Divides `samples`; rows of a split by rows are its (site, gene on `axis`) pairs.
[[nodiscard]] Parts divide(const Samples& samples, const GeneAxis& axis,
                           const SplitOptions& options);

}  // namespace inrgene::program
