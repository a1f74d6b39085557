#include "parts.hpp"

#include <cmath>
#include <limits>
#include <set>
#include <string_view>
#include <utility>

#include "inrgene/brain/datasets/split.hpp"
#include "inrgene/brain/datasets/splits.hpp"
#include "inrgene/core/error.hpp"

namespace inrgene::program {

namespace {

/// A copy of `samples` with the values at `kept` (site, gene) pairs and NaN elsewhere; sites
/// without any are left out altogether, coordinates included.
Samples only_rows(const Samples& samples, const std::vector<std::pair<Index, Index>>& pairs,
                  const std::vector<Index>& kept) {
  Samples out = samples;
  out.values.setConstant(std::numeric_limits<double>::quiet_NaN());
  std::set<Index> sites;
  for (const Index row : kept) {
    const auto [site, gene] = pairs[static_cast<std::size_t>(row)];
    out.values(gene, site) = samples.values(gene, site);
    sites.insert(site);
  }
  return out.select(std::vector<Index>(sites.begin(), sites.end()));
}

Parts divide_rows(const Samples& samples, const GeneAxis& axis, const SplitOptions& options) {
  const std::set<std::string_view> on_axis(axis.genes.begin(), axis.genes.end());
  std::vector<std::pair<Index, Index>> pairs;
  for (Index site = 0; site < samples.size(); ++site) {
    for (Index gene = 0; gene < samples.values.rows(); ++gene) {
      if (on_axis.contains(samples.genes[static_cast<std::size_t>(gene)])) {
        pairs.emplace_back(site, gene);
      }
    }
  }
  const Split split = split_rows(std::ssize(pairs), {.seed = options.seed});
  return {{{"training", only_rows(samples, pairs, split.train)},
           {"validation", only_rows(samples, pairs, split.validation)},
           {"held_out", only_rows(samples, pairs, split.held_out)}},
          {{"kind", "rows"},
           {"training_rows", split.train.size()},
           {"validation_rows", split.validation.size()},
           {"held_out_rows", split.held_out.size()}}};
}

}  // namespace

Parts divide(const Samples& samples, const GeneAxis& axis, const SplitOptions& o) {
  if (o.split == "none") {
    return {{{"training", samples}}, {{"kind", "none"}, {"training_sites", samples.size()}}};
  }
  if (o.split == "rows") return divide_rows(samples, axis, o);
  const Split split =
      o.split == "sites"
          ? split_sites(samples.sites, {.held_out_fraction = o.held_out, .seed = o.seed})
          : split_blocks(samples.sites, {.block_mm = o.block_mm,
                                         .held_out_fraction = o.held_out,
                                         .buffer_mm = o.buffer_mm,
                                         .seed = o.seed});
  SplitSamples sides = take(samples, split);
  return {{{"training", std::move(sides.train)}, {"held_out", std::move(sides.held_out)}},
          {{"kind", o.split},
           {"training_sites", split.train.size()},
           {"held_out_sites", split.held_out.size()},
           {"dropped_sites", split.dropped.size()}}};
}

}  // namespace inrgene::program
