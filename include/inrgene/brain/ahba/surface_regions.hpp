// The regions of a parcellated cortical surface: which samples lie at them and which stand in.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/donor_samples.hpp"
#include "inrgene/brain/ahba/region_geometry.hpp"
#include "inrgene/brain/ahba/region_info.hpp"
#include "inrgene/brain/ahba/region_match.hpp"
#include "inrgene/brain/ahba/surface_atlas.hpp"
#include "inrgene/brain/ahba/surface_graph.hpp"
#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/brain/interpolation/nearest_sites.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// The regions of a cortical surface (see `RegionGeometry`). The rules are those of abagen
/// (Markello et al. 2021, https://doi.org/10.7554/eLife.72129).
///
/// Matching: samples of class cortex take the label of the nearest labelled vertex, 0 when that is
/// on another side. With a tolerance t from 0 on, samples farther than mean + t sd from their
/// vertex are left out (mean and standard deviation over the donor's cortical samples, n - 1; no
/// cut with a single one); with t < 0 those farther than -t mm.
///
/// Filling: each available sample stands at its nearest labelled vertex; each vertex of the empty
/// region takes the nearest of those along the surface (`SurfaceGraph`; equal lengths: the first
/// sample) with weight 1/d, or 1 for d = 0; weights are summed over samples. Only samples of the
/// region's class and side count, and of these only those at a vertex they could match.
///
/// A region's centroid is the labelled vertex nearest to the mean of its vertices.
class SurfaceRegions {
 public:
  /// `info`: one entry a label that replaces the one of the label files. Throws ArgumentError when
  /// it does not fit the labels, the atlas's arrays have different lengths, no vertex has a label,
  /// or the settings are out of bounds. Cost O(vertices log vertices).
  explicit SurfaceRegions(const SurfaceAtlas& atlas, const MatchSettings& settings = {},
                          std::optional<std::vector<RegionInfo>> info = {})
      : file_(atlas.file),
        settings_(settings),
        info_(info ? *std::move(info) : atlas.info),
        vertices_(labelled(atlas)),
        tree_(places(atlas, vertices_)),
        graph_(atlas.mni_mm, atlas.triangles, kept(atlas)) {
    settings_.validate();
    std::set<Index> labels;
    for (const Index v : vertices_) {
      label_.push_back(atlas.label[static_cast<std::size_t>(v)]);
      labels.insert(label_.back());
      mni_mm_.emplace_back(atlas.mni_mm.col(v));
      box_.extend(mni_mm_.back());
    }
    labels_.assign(labels.begin(), labels.end());
    detail::require_info(labels_, info_);
    region_vertices_.resize(labels_.size());
    std::vector<Eigen::Vector3d> sum(labels_.size(), Eigen::Vector3d::Zero());
    for (std::size_t v = 0; v < vertices_.size(); ++v) {
      const std::size_t at = position(label_[v]);
      region_vertices_[at].push_back(vertices_[v]);
      sum[at] += mni_mm_[v];
    }
    for (std::size_t r = 0; r < labels_.size(); ++r) {
      const Eigen::Vector3d mean = sum[r] / static_cast<double>(region_vertices_[r].size());
      centroids_.push_back(mni_mm_[static_cast<std::size_t>(tree_.find(mean, 1).front().index)]);
    }
  }

  [[nodiscard]] std::span<const Index> labels() const { return labels_; }
  /// Always true: the label files say the side, and all is cortex.
  [[nodiscard]] bool has_info() const { return true; }
  [[nodiscard]] const RegionInfo& info(Index region) const { return info_[position(region)]; }
  /// The vertex in the middle of the region, millimetres.
  [[nodiscard]] const Eigen::Vector3d& centroid_mm(Index region) const {
    return centroids_[position(region)];
  }

  /// Label of each sample, 0 for none. Throws ArgumentError for a coordinate that is not finite.
  /// Cost O(samples log vertices).
  [[nodiscard]] std::vector<Index> match(const DonorSamples& samples) const {
    detail::require_finite_places(samples);
    std::vector<Index> out(static_cast<std::size_t>(samples.size()), 0);
    std::vector<std::size_t> cortical;
    std::vector<double> distance_mm;
    for (std::size_t s = 0; s < out.size(); ++s) {
      if (samples.structure[s] != StructureClass::cortex) continue;
      const Neighbor nearest = nearest_vertex(samples, s);
      const Index label = label_[static_cast<std::size_t>(nearest.index)];
      cortical.push_back(s);
      distance_mm.push_back(std::sqrt(nearest.distance_sqr_mm));
      if (may_match(info(label), samples.structure[s], samples.hemisphere[s])) out[s] = label;
    }
    const double farthest = farthest_mm(distance_mm);
    for (std::size_t c = 0; c < cortical.size(); ++c) {
      if (distance_mm[c] > farthest) out[cortical[c]] = 0;
    }
    return out;
  }

  /// Millimetres (through space, not along the surface) from the region's centroid to each sample.
  [[nodiscard]] std::vector<double> distance_to_centroid(Index region,
                                                         const DonorSamples& samples) const {
    return detail::distances_to(centroid_mm(region), samples);
  }

  /// Weight of each sample in the interpolated row of a region without samples; empty when none
  /// may stand in or can be reached. On the calling thread (regions are the loop to run in
  /// parallel). Cost: one search over the part of the surface between the samples and the region,
  /// about a millisecond on fsaverage5.
  [[nodiscard]] std::vector<double> fill_weights(Index region, const DonorSamples& samples) const {
    detail::require_finite_places(samples);
    const std::size_t at = position(region);
    std::vector<Index> place(static_cast<std::size_t>(samples.size()), -1);
    for (std::size_t s = 0; s < place.size(); ++s) {
      const auto structure = samples.structure[s];
      const auto hemisphere = samples.hemisphere[s];
      if (!may_fill(info_[at], structure, hemisphere)) continue;
      const auto nearest = static_cast<std::size_t>(nearest_vertex(samples, s).index);
      if (may_match(info(label_[nearest]), structure, hemisphere)) place[s] = vertices_[nearest];
    }
    const detail::DistinctPlaces standing =
        detail::distinct_places(place, [&](std::size_t s) { return place[s] >= 0; });
    if (standing.place.empty()) return {};
    std::vector<double> weight(place.size(), 0.0);
    bool is_any = false;
    for (const OnSurface& way : graph_.nearest(standing.place, region_vertices_[at])) {
      if (way.source < 0) continue;
      is_any = true;
      const Index sample = standing.sample[static_cast<std::size_t>(way.source)];
      weight[static_cast<std::size_t>(sample)] += detail::fill_weight(double{way.distance_mm});
    }
    if (!is_any) return {};
    return weight;
  }

  /// Throws InputError when not one sample of all these donors lies in the box around the labelled
  /// vertices: the surfaces are then in another space than the samples.
  void require_inside(std::span<const DonorSamples> donors) const {
    detail::require_any_inside(box_, donors, file_);
  }

 private:
  [[nodiscard]] static std::vector<Index> labelled(const SurfaceAtlas& atlas) {
    require(std::ssize(atlas.label) == atlas.mni_mm.cols(), "labels", atlas.label.size(),
            text("one a vertex: ", atlas.mni_mm.cols()));
    std::vector<Index> out;
    for (Index v = 0; v < atlas.mni_mm.cols(); ++v) {
      if (atlas.label[static_cast<std::size_t>(v)] != 0) out.push_back(v);
    }
    require(!out.empty(), "vertices with a label", 0, "at least 1");
    return out;
  }
  [[nodiscard]] static Eigen::Matrix3Xd places(const SurfaceAtlas& atlas,
                                               std::span<const Index> vertices) {
    Eigen::Matrix3Xd out(3, std::ssize(vertices));
    for (Index v = 0; v < out.cols(); ++v) {
      out.col(v) = atlas.mni_mm.col(vertices[static_cast<std::size_t>(v)]);
    }
    return out;
  }
  [[nodiscard]] static std::vector<bool> kept(const SurfaceAtlas& atlas) {
    std::vector<bool> out;
    for (const Index label : atlas.label) out.push_back(label != 0);
    return out;
  }
  [[nodiscard]] std::size_t position(Index region) const {
    return detail::label_position(labels_, region, file_);
  }
  /// The labelled vertex nearest to a sample; its index counts the labelled ones.
  [[nodiscard]] Neighbor nearest_vertex(const DonorSamples& samples, std::size_t s) const {
    return tree_.find(samples.mni_mm.col(static_cast<Index>(s)), 1).front();
  }
  /// How far a sample may be, by the distances of all cortical ones.
  [[nodiscard]] double farthest_mm(std::span<const double> distance_mm) const {
    const auto count = static_cast<double>(distance_mm.size());
    if (settings_.tolerance < 0) return -settings_.tolerance;
    if (distance_mm.size() < 2) return std::numeric_limits<double>::infinity();
    double sum = 0, squares = 0;
    for (const double d : distance_mm) sum += d;
    const double mean = sum / count;
    for (const double d : distance_mm) squares += (d - mean) * (d - mean);
    return mean + settings_.tolerance * std::sqrt(squares / (count - 1));
  }

  std::string file_;
  MatchSettings settings_;
  std::vector<RegionInfo> info_;
  std::vector<Index> vertices_;  // those with a label
  NearestSites tree_;            // over them
  SurfaceGraph graph_;           // over all vertices
  std::vector<Index> label_;     // one each of vertices_
  std::vector<Eigen::Vector3d> mni_mm_;
  std::vector<Index> labels_;
  std::vector<std::vector<Index>> region_vertices_;
  std::vector<Eigen::Vector3d> centroids_;
  detail::BoxMm box_;
};

static_assert(RegionGeometry<SurfaceRegions>);

}  // namespace inrgene
