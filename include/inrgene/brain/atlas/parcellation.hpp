// From maps to one value a region, and back.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "inrgene/brain/atlas/atlas.hpp"
#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"
#include "inrgene/math/volume.hpp"

namespace inrgene {

/// One number a region.
struct RegionMeans {
  std::vector<Index> label;  ///< ascending
  std::vector<double> mean;
  std::vector<Index> count;  ///< voxels behind each mean
};

/// Mean of `map` over the voxels of each region of `atlas`, summed in double. `name` is the map in
/// messages. Throws InputError when the grids differ (shape, or corners by more than
/// `same_grid_tolerance_mm`) and for a value in a region that is not finite. Cost: one pass.
template <class T>
[[nodiscard]] RegionMeans parcellate(const Volume<T>& map, const Atlas& atlas,
                                     const std::string& name = "map") {
  require_same_grid(grid_of(map), atlas.grid(), name, atlas.file);
  RegionMeans out;
  for (const Region& region : atlas.regions) out.label.push_back(region.id);
  out.mean.assign(atlas.regions.size(), 0.0);
  out.count.assign(atlas.regions.size(), 0);
  const std::int32_t* label = atlas.labels.values.data();
  const T* value = map.values.data();
  std::int32_t last_label = 0;
  std::size_t region = 0;
  for (Index v = 0; v < map.size(); ++v) {
    if (label[v] == 0) continue;
    if (label[v] != last_label) {
      const auto found = atlas.find(label[v]);
      require(found.has_value(), "label", label[v], "one of the atlas's regions");
      region = static_cast<std::size_t>(*found);
      last_label = label[v];
    }
    const double x = static_cast<double>(value[v]);
    if (!std::isfinite(x)) {
      const auto at = atlas.grid().voxel(v);
      throw InputError({name, text("voxel (", at[0], ", ", at[1], ", ", at[2], ")"), text(x),
                        text("a finite value inside region ", label[v])});
    }
    out.mean[region] += x;
    ++out.count[region];
  }
  for (std::size_t r = 0; r < out.mean.size(); ++r) {
    require(out.count[r] > 0, text("voxels of region ", out.label[r]), 0, "at least 1");
    out.mean[r] /= static_cast<double>(out.count[r]);
  }
  return out;
}

/// Every voxel of a region gets the region's value; 0 outside. `value` has one entry a region of
/// the atlas, in its order (ascending id). Throws ArgumentError for another size.
[[nodiscard]] inline Volume<float> paint_regions(std::span<const double> value,
                                                 const Atlas& atlas) {
  require(value.size() == atlas.regions.size(), "values", value.size(),
          text("one a region: ", atlas.regions.size()));
  Volume<float> out = atlas.labels.like<float>(0.0F);
  for (Index v = 0; v < out.size(); ++v) {
    const std::int32_t label = atlas.labels.values.data()[v];
    if (label == 0) continue;
    const auto region = atlas.find(label);
    require(region.has_value(), "label", label, "one of the atlas's regions");
    out.values.data()[v] = static_cast<float>(value[static_cast<std::size_t>(*region)]);
  }
  return out;
}

/// Means of several rows over labelled columns.
struct LabelMeans {
  std::vector<Index> label;  ///< ascending, without 0
  Eigen::MatrixXd values;    ///< [genes x labels]
  std::vector<Index> count;  ///< columns behind each label
};

/// Mean of `values` [genes x sites] over the sites of each label; label 0 (outside) is left out.
/// Throws ArgumentError when `label` has another size than the columns, for a negative label, and
/// for a value with a label that is not finite. Cost O(genes sites).
[[nodiscard]] inline LabelMeans mean_by_label(const Eigen::MatrixXd& values,
                                              std::span<const Index> label) {
  require(std::ssize(label) == values.cols(), "labels", label.size(),
          text("one a column of values: ", values.cols()));
  std::map<Index, Index> column;
  for (const Index id : label) {
    require(id >= 0, "label", id, "0 or more");
    if (id > 0) column.emplace(id, 0);
  }
  LabelMeans out;
  for (auto& [id, at] : column) {
    at = std::ssize(out.label);
    out.label.push_back(id);
  }
  out.values = Eigen::MatrixXd::Zero(values.rows(), std::ssize(out.label));
  out.count.assign(out.label.size(), 0);
  for (Index s = 0; s < values.cols(); ++s) {
    const Index id = label[static_cast<std::size_t>(s)];
    if (id == 0) continue;
    require(values.col(s).allFinite(), text("values of site ", s), "a value that is not finite",
            "finite numbers");
    const Index at = column.at(id);
    out.values.col(at) += values.col(s);
    ++out.count[static_cast<std::size_t>(at)];
  }
  for (Index c = 0; c < out.values.cols(); ++c) {
    out.values.col(c) /= static_cast<double>(out.count[static_cast<std::size_t>(c)]);
  }
  return out;
}

}  // namespace inrgene
