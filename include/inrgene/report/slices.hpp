// Flat cuts through a volume in world orientation, as pixels to colour.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/parallel.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/volume.hpp"
#include "inrgene/report/slice_view.hpp"

namespace inrgene {

/// What a pixel between voxel centres shows. `nearest`: value and label of the voxel that holds
/// it. `smooth`: the trilinear mean of the labelled voxels around it, and the label with the most
/// weight under a quadratic B-spline, which rounds the steps of borders (and drops a voxel that
/// stands alone).
enum class Sampling : std::uint8_t { nearest, smooth };

/// Pixels of a cut, rows from the top. `label` is 0 outside the mask; `value` is NaN there and
/// where the volume holds no finite number.
struct Slice {
  Index width = 0;
  Index height = 0;
  std::vector<float> value;
  std::vector<std::int32_t> label;

  [[nodiscard]] std::size_t offset(Index x, Index y) const {
    return static_cast<std::size_t>(x + y * width);
  }
};

/// What `cut` shows, and how finely.
struct SliceRequest {
  SliceView view = {};
  SliceFrame frame = {};
  Index width = 0;  ///< pixels; the height follows from the frame's proportions
  Sampling sampling = Sampling::smooth;
};

namespace detail {

/// Value and label at places between voxels.
class SliceSampler {
 public:
  SliceSampler(const Volume<float>& volume, const Volume<std::int32_t>& labels)
      : grid_(grid_of(labels)), value_(volume.values.data()), label_(labels.values.data()) {}

  /// Label at a place in voxel units, 0 outside.
  [[nodiscard]] std::int32_t label(const std::array<double, 3>& p, Sampling sampling) const {
    for (std::size_t a = 0; a < 3; ++a) {
      // Compared as double: a far place would not fit an integer.
      if (!(p[a] > -1.5 && p[a] < static_cast<double>(grid_.shape[a]) + 0.5)) return 0;
    }
    const std::array<Index, 3> centre = nearest(p);
    if (sampling == Sampling::nearest) return label_of(centre);
    std::array<std::int32_t, 27> labels{};
    bool is_inner = true;
    for (std::size_t a = 0; a < 3; ++a) {
      is_inner = is_inner && centre[a] >= 1 && centre[a] + 1 < grid_.shape[a];
    }
    if (is_inner) {
      // Nearly all places: rows of three labels lie side by side in memory.
      const std::int32_t* row =
          label_ + grid_.linear({centre[0] - 1, centre[1] - 1, centre[2] - 1});
      const Index next_row = grid_.shape[0], next_plane = next_row * grid_.shape[1];
      for (std::size_t i = 0; i < 27; ++i) {
        const auto step = static_cast<Index>(i);
        labels[i] = row[step % 3 + next_row * (step / 3 % 3) + next_plane * (step / 9)];
      }
    } else {
      for (std::size_t i = 0; i < 27; ++i) labels[i] = label_of(around(centre, i));
    }
    const bool is_uniform = std::all_of(labels.begin(), labels.end(),
                                        [&](std::int32_t found) { return found == labels[0]; });
    return is_uniform ? labels[0] : heaviest(labels, p, centre);
  }

  /// Value at a place in voxel units; NaN where numbers have less weight than gaps.
  [[nodiscard]] float value(const std::array<double, 3>& p, Sampling sampling) const {
    std::array<double, 3> at = p;
    if (sampling == Sampling::nearest) {
      for (double& x : at) x = std::floor(x + 0.5);
    }
    Mean mean;
    for (std::size_t corner = 0; corner < 8; ++corner) {
      double weight = 1;
      std::array<Index, 3> voxel{};
      for (std::size_t a = 0; a < 3; ++a) {
        const double low = std::floor(at[a]);
        const bool is_upper = ((corner >> a) & 1U) != 0;
        weight *= is_upper ? at[a] - low : 1 - (at[a] - low);
        voxel[a] = static_cast<Index>(low) + (is_upper ? 1 : 0);
      }
      add(mean, voxel, weight);
    }
    if (mean.known + mean.unknown == 0) {
      // The rounded border reaches a little beyond the labelled voxels' own neighbours.
      const std::array<Index, 3> centre = nearest(p);
      const auto weight = spline_weights(p, centre);
      for (std::size_t i = 0; i < 27; ++i) add(mean, around(centre, i), weight[i]);
    }
    if (mean.known == 0 || mean.known < mean.unknown) {
      return std::numeric_limits<float>::quiet_NaN();
    }
    return static_cast<float>(mean.sum / mean.known);
  }

 private:
  /// Weighted sum of the numbers, and the weight of numbers and of gaps.
  struct Mean {
    double sum = 0;
    double known = 0;
    double unknown = 0;
  };

  void add(Mean& mean, const std::array<Index, 3>& voxel, double weight) const {
    if (weight == 0 || label_of(voxel) == 0) return;
    const float found = value_[grid_.linear(voxel)];
    if (std::isfinite(found)) {
      mean.sum += weight * static_cast<double>(found);
      mean.known += weight;
    } else {
      mean.unknown += weight;
    }
  }

  static std::array<Index, 3> nearest(const std::array<double, 3>& p) {
    const auto round = [](double x) { return static_cast<Index>(std::floor(x + 0.5)); };
    return {round(p[0]), round(p[1]), round(p[2])};
  }

  [[nodiscard]] std::int32_t label_of(const std::array<Index, 3>& voxel) const {
    return grid_.contains(voxel) ? label_[grid_.linear(voxel)] : 0;
  }

  /// The i-th of the 27 voxels around a voxel.
  static std::array<Index, 3> around(const std::array<Index, 3>& centre, std::size_t i) {
    const auto step = static_cast<Index>(i);
    return {centre[0] + step % 3 - 1, centre[1] + step / 3 % 3 - 1, centre[2] + step / 9 - 1};
  }

  /// Quadratic B-spline weights of the 27 voxels; they add up to 1.
  static std::array<double, 27> spline_weights(const std::array<double, 3>& p,
                                               const std::array<Index, 3>& centre) {
    std::array<std::array<double, 3>, 3> spline{};
    for (std::size_t a = 0; a < 3; ++a) {
      const double f = p[a] - static_cast<double>(centre[a]);
      spline[a] = {0.5 * (0.5 - f) * (0.5 - f), 0.75 - f * f, 0.5 * (0.5 + f) * (0.5 + f)};
    }
    std::array<double, 27> weight{};
    for (std::size_t i = 0; i < 27; ++i) {
      weight[i] = spline[0][i % 3] * spline[1][i / 3 % 3] * spline[2][i / 9];
    }
    return weight;
  }

  /// The label with the most B-spline weight, 0 when the outside has more than half; equal
  /// weights: the one that comes first among the voxels.
  static std::int32_t heaviest(const std::array<std::int32_t, 27>& labels,
                               const std::array<double, 3>& p, const std::array<Index, 3>& centre) {
    const auto spline = spline_weights(p, centre);
    std::array<double, 27> weight{};
    double inside = 0;
    for (std::size_t i = 0; i < 27; ++i) {
      if (labels[i] == 0) continue;
      inside += spline[i];
      // All weight of a label is gathered where it comes first.
      std::size_t first = 0;
      while (labels[first] != labels[i]) ++first;
      weight[first] += spline[i];
    }
    if (inside < 0.5) return 0;
    std::size_t best = 0;
    for (std::size_t i = 1; i < 27; ++i) {
      if (weight[i] > weight[best]) best = i;
    }
    return labels[best];
  }

  Grid grid_;
  const float* value_;
  const std::int32_t* label_;
};

}  // namespace detail

/// Cuts through a volume. Voxels with label 0 are outside: they neither show nor mix into their
/// neighbours; nor do voxels without a finite number, and a pixel is NaN where these have the most
/// weight. `labels` stands on the volume's grid. Throws ArgumentError for another grid, an affine
/// that cannot be inverted, a width not in 1 … 8192 or an empty frame. Cost O(pixels), on all
/// cores.
[[nodiscard]] inline Slice cut(const Volume<float>& volume, const Volume<std::int32_t>& labels,
                               const SliceRequest& request) {
  require(volume.shape() == labels.shape() &&
              corner_distance_mm(grid_of(volume), grid_of(labels)) <= same_grid_tolerance_mm,
          "grid of the volume", "another shape or place", "the grid of the labels");
  const SliceFrame& frame = request.frame;
  require(frame.width_mm() > 0 && frame.height_mm() > 0, "frame",
          text(frame.width_mm(), " x ", frame.height_mm(), " mm"), "above 0 on both sides");
  require(request.width >= 1 && request.width <= 8192, "width", request.width, "1 to 8192 pixels");
  const VoxelFinder finder(grid_of(labels));
  const double step_mm = frame.width_mm() / static_cast<double>(request.width);
  const double rows = std::max(1.0, std::round(frame.height_mm() / step_mm));
  require(rows <= 8192, "height", rows, "1 to 8192 pixels");
  Slice out{.width = request.width, .height = static_cast<Index>(rows), .value = {}, .label = {}};
  out.value.resize(static_cast<std::size_t>(out.width * out.height),
                   std::numeric_limits<float>::quiet_NaN());
  out.label.resize(out.value.size(), 0);
  const detail::SliceSampler sampler(volume, labels);
  parallel_for(Threads{}, out.height, [&](Index y) {
    std::array<double, 3> mm{};
    mm[request.view.normal_axis()] = request.view.position_mm;
    mm[request.view.up_axis()] = frame.top_mm - (static_cast<double>(y) + 0.5) * step_mm;
    for (Index x = 0; x < out.width; ++x) {
      mm[request.view.right_axis()] = frame.left_mm + (static_cast<double>(x) + 0.5) * step_mm;
      const auto place = finder.voxel_units(mm);
      const std::int32_t label = sampler.label(place, request.sampling);
      if (label == 0) continue;
      out.label[out.offset(x, y)] = label;
      out.value[out.offset(x, y)] = sampler.value(place, request.sampling);
    }
  });
  return out;
}

}  // namespace inrgene
