// After the pipeline: genes that donors agree on, and coexpression without the part of distance.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/holes.hpp"
#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/statistics/quantiles.hpp"

namespace inrgene {

/// What the threshold of `keep_stable_genes` is: a share of genes to pass over, or a correlation.
enum class StabilityThreshold { quantile, correlation };

/// What is correlated between donors.
enum class StabilityMeasure { ranks, values };

/// Settings of `keep_stable_genes`; the defaults keep the most stable tenth of the genes.
struct StableGenesSettings {
  double threshold = 0.9;
  StabilityThreshold kind = StabilityThreshold::quantile;
  StabilityMeasure measure = StabilityMeasure::ranks;
  Threads threads = {};

  /// Throws ArgumentError for a quantile outside [0, 1] and a correlation outside [-1, 1].
  void validate() const {
    const double least = kind == StabilityThreshold::quantile ? 0 : -1;
    require(threshold >= least && threshold <= 1, "threshold", threshold,
            least == 0 ? "a quantile in [0, 1]" : "a correlation in [-1, 1]");
  }
};

/// How stable genes are, and those that are kept.
struct StableGenes {
  std::vector<double> stability;  ///< one a gene; 0 where no pair of donors defines it
  double threshold = 0;           ///< the least correlation kept
  std::vector<Index> kept;        ///< positions of genes, ascending
};

namespace detail {

/// Ranks 1 … n of the numbers among `values`, equal ones sharing their mean rank; NaN stays NaN.
inline void rank_numbers(std::span<double> values, std::vector<std::size_t>& order,
                         std::vector<double>& ranks) {
  order.clear();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return values[a] < values[b] || (values[a] == values[b] && a < b);
  });
  ranks.assign(values.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double shared = 0.5 * static_cast<double>(begin + 1 + end);
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = shared;
    begin = end;
  }
  std::copy(ranks.begin(), ranks.end(), values.begin());
}

/// Pearson's r over `places`; NaN for fewer than two, a NaN among the values, or equal values.
inline double correlation_at(std::span<const double> a, std::span<const double> b,
                             std::span<const Index> places) {
  const double n = static_cast<double>(places.size());
  if (places.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  // Deviations from the first value: equal values then have exactly their mean.
  const double a0 = a[static_cast<std::size_t>(places[0])];
  const double b0 = b[static_cast<std::size_t>(places[0])];
  double sum_a = 0, sum_b = 0;
  for (const Index p : places) {
    sum_a += a[static_cast<std::size_t>(p)] - a0;
    sum_b += b[static_cast<std::size_t>(p)] - b0;
  }
  double aa = 0, bb = 0, ab = 0;
  for (const Index p : places) {
    const double da = a[static_cast<std::size_t>(p)] - a0 - sum_a / n;
    const double db = b[static_cast<std::size_t>(p)] - b0 - sum_b / n;
    aa += da * da;
    bb += db * db;
    ab += da * db;
  }
  return ab / std::sqrt(aa * bb);  // 0 / 0 for equal values
}

}  // namespace detail

/// Differential stability of every gene: the mean over pairs of donors of the correlation, across
/// the regions that both have, of its values or of their ranks (taken over all regions of the
/// donor). Pairs without a correlation are passed over; a gene without any has stability 0. Kept
/// are genes at or above the threshold. `donors` are matrices [genes x regions], NaN where a donor
/// has no value.
/// Throws ArgumentError for fewer than two donors, no gene, matrices of different shapes, and as
/// `validate`. Cost O(genes donors (regions log regions + donors regions)).
/// Source: Hawrylycz et al., "Canonical genetic signatures of the adult human brain", Nature
/// Neuroscience 2015; abagen's keep_stable_genes.
[[nodiscard]] inline StableGenes keep_stable_genes(std::span<const Eigen::MatrixXd> donors,
                                                   const StableGenesSettings& settings = {}) {
  settings.validate();
  require(donors.size() >= 2, "donors", donors.size(), "at least 2");
  const Index genes = donors[0].rows(), regions = donors[0].cols();
  require(genes >= 1, "genes", genes, "at least 1");
  std::vector<std::vector<Index>> present;
  for (const Eigen::MatrixXd& donor : donors) {
    require(donor.rows() == genes && donor.cols() == regions, "shape of a donor",
            text(donor.rows(), " x ", donor.cols()), text(genes, " x ", regions, ", as the first"));
    present.push_back(columns_with_numbers(donor));
  }
  struct Pair {
    std::size_t first, second;
    std::vector<Index> regions;
  };
  std::vector<Pair> pairs;
  for (std::size_t a = 0; a < donors.size(); ++a) {
    for (std::size_t b = a + 1; b < donors.size(); ++b) {
      Pair pair{a, b, {}};
      std::set_intersection(present[a].begin(), present[a].end(), present[b].begin(),
                            present[b].end(), std::back_inserter(pair.regions));
      pairs.push_back(std::move(pair));
    }
  }
  StableGenes out;
  out.stability.assign(static_cast<std::size_t>(genes), 0.0);
  const int workers = static_cast<int>(std::min<Index>(settings.threads.resolved(), genes));
  run_workers(workers, [&](int worker) {
    std::vector<std::vector<double>> rows(donors.size());
    std::vector<std::size_t> order;
    std::vector<double> ranks;
    const Index end = genes * (worker + 1) / workers;
    for (Index g = genes * worker / workers; g < end; ++g) {
      for (std::size_t d = 0; d < donors.size(); ++d) {
        rows[d].assign(donors[d].row(g).begin(), donors[d].row(g).end());
        if (settings.measure == StabilityMeasure::ranks) {
          detail::rank_numbers(rows[d], order, ranks);
        }
      }
      double sum = 0, defined = 0;
      for (const Pair& pair : pairs) {
        const double r = detail::correlation_at(rows[pair.first], rows[pair.second], pair.regions);
        if (std::isnan(r)) continue;
        sum += r;
        defined += 1;
      }
      if (defined > 0) out.stability[static_cast<std::size_t>(g)] = sum / defined;
    }
  });
  out.threshold = settings.threshold;
  if (settings.kind == StabilityThreshold::quantile) {
    QuantileScratch scratch;
    out.threshold = quantile(out.stability, settings.threshold, scratch);
  }
  for (Index g = 0; g < genes; ++g) {
    if (out.stability[static_cast<std::size_t>(g)] >= out.threshold) out.kept.push_back(g);
  }
  return out;
}

/// Which pairs of regions share a line in `remove_distance`.
enum class DistancePairs {
  together,     ///< all pairs one line
  cortex_only,  ///< pairs within cortex; all others become 0 (abagen with a table of regions)
  by_class      ///< a line for each pair of classes: cortex with cortex, with cerebellum, …
};

namespace detail {

/// Subtracts from y the line in x that fits best (least squares); for equal x the mean.
inline void subtract_line(std::span<const double> x, std::span<double> y) {
  if (x.empty()) return;
  const double n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n;
  const double mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double xx = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  const double slope = xx > 0 ? xy / xx : 0;
  for (std::size_t i = 0; i < x.size(); ++i) y[i] -= mean_y + slope * (x[i] - mean_x);
}

}  // namespace detail

/// Coexpression [regions x regions] without what the distance between regions explains: residuals
/// of a line in the Euclidean distance of their centroids (`centroids_mm` [3 x regions], mm),
/// fitted over pairs of different regions; the diagonal is 1. `structure` (one a region) is needed
/// unless `pairs` is `together`. Throws ArgumentError for shapes that do not agree, a coexpression
/// that is not symmetric (beyond 1e-10 + 1e-5 of the value) or not finite, and a centroid that is
/// not finite. Cost O(regions²). Source: abagen's remove_distance (Markello et al., eLife 2021).
[[nodiscard]] inline Eigen::MatrixXd remove_distance(
    const Eigen::MatrixXd& coexpression, const Eigen::Matrix3Xd& centroids_mm,
    DistancePairs pairs = DistancePairs::together, std::span<const StructureClass> structure = {}) {
  const Index regions = coexpression.rows();
  require(coexpression.cols() == regions, "columns of the coexpression", coexpression.cols(),
          text("as many as rows: ", regions));
  require(centroids_mm.cols() == regions, "centroids", centroids_mm.cols(),
          text("one a region: ", regions));
  require(coexpression.allFinite(), "coexpression", "a value that is not finite", "numbers");
  require(centroids_mm.allFinite(), "centroids", "one that is not finite", "millimetres");
  require(pairs == DistancePairs::together || std::ssize(structure) == regions, "structure",
          structure.size(), text("one a region: ", regions));
  for (Index b = 0; b < regions; ++b) {
    for (Index a = 0; a < b; ++a) {
      const double apart = std::abs(coexpression(a, b) - coexpression(b, a));
      if (apart <= 1e-10 + 1e-5 * std::abs(coexpression(b, a))) continue;
      require(false, text("coexpression of regions ", a, " and ", b), coexpression(a, b),
              text("the same as of ", b, " and ", a, ", ", coexpression(b, a)));
    }
  }
  // The line of a pair: by the unordered pair of classes.
  constexpr std::size_t classes = 6;  // with `none`
  const auto line_of = [&](Index a, Index b) -> std::size_t {
    if (pairs == DistancePairs::together) return 0;
    const StructureClass first = structure[static_cast<std::size_t>(a)];
    const StructureClass second = structure[static_cast<std::size_t>(b)];
    if (pairs == DistancePairs::cortex_only) {
      const bool is_cortex = first == StructureClass::cortex && second == StructureClass::cortex;
      return is_cortex ? 0 : classes * classes;
    }
    const auto number = [](StructureClass of) {  // none is -1
      return static_cast<std::size_t>(static_cast<Index>(of) + Index{1});
    };
    const std::size_t low = number(std::min(first, second));
    const std::size_t high = number(std::max(first, second));
    return low * classes + high;
  };
  Eigen::MatrixXd out = Eigen::MatrixXd::Identity(regions, regions);
  for (std::size_t line = 0; line < classes * classes; ++line) {
    std::vector<double> distance, value;
    std::vector<std::array<Index, 2>> place;
    for (Index a = 0; a < regions; ++a) {
      for (Index b = a + 1; b < regions; ++b) {
        if (line_of(a, b) != line) continue;
        distance.push_back((centroids_mm.col(a) - centroids_mm.col(b)).norm());
        value.push_back(coexpression(a, b));
        place.push_back({a, b});
      }
    }
    detail::subtract_line(distance, value);
    for (std::size_t i = 0; i < place.size(); ++i) {
      out(place[i][0], place[i][1]) = out(place[i][1], place[i][0]) = value[i];
    }
  }
  return out;
}

}  // namespace inrgene
