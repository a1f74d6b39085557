// The points where a field is evaluated, handed out tile by tile in a backend's memory.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <tuple>
#include <vector>

#include "inrgene/backend/backend.hpp"
#include "inrgene/brain/atlas/samplers.hpp"
#include "inrgene/brain/expression/tissue.hpp"
#include "inrgene/pipelines/encodings.hpp"
#include "inrgene/pipelines/field_description.hpp"
#include "inrgene/pipelines/field_maps.hpp"

namespace inrgene::detail {

/// A site's features from the voxel it lies in and its tissue class, point `number` of the voxel.
/// The same arithmetic in double, rounded to T at the end, as GeneField::site_inputs.
template <class T>
struct VoxelFeatureKernel {
  VoxelPoints points;
  MinMax coordinates_mm;
  T tissue_input[3];  ///< of white matter, neither and grey matter
  Index number;

  INRGENE_HD void operator()(const Index& voxel, const Tissue& tissue, T& x, T& y, T& z,
                             T& c) const {
    const auto signed_place = place(voxel);
    x = signed_place[0];
    y = signed_place[1];
    z = signed_place[2];
    c = tissue_input[static_cast<int>(tissue) + 1];
  }
  INRGENE_HD [[nodiscard]] std::array<T, 3> place(Index voxel) const {
    const auto mm = points.mm(voxel, number, points.shift(voxel));
    std::array<T, 3> scaled{};
    for (std::size_t a = 0; a < 3; ++a) scaled[a] = static_cast<T>(coordinates_mm.to_signed(mm[a]));
    return scaled;
  }
};

/// Points of which some, `per_voxel`, make up a voxel, those of a voxel together. Either their
/// features [4 × points] are there already, or they follow from the voxels' indices when they are
/// wanted: then an index a voxel is all that is held, and with masks a byte a point.
template <Backend B>
class FieldPoints {
  using Ops = backend_traits<B>;
  using T = scalar_of<B>;

 public:
  /// Points whose features [4 × points] lie in the backend's memory; each a voxel of its own.
  explicit FieldPoints(MatrixView<const T> features)
      : features_(features), voxels_(features.cols) {}

  /// The points that `how` wants in each voxel. Throws as classify_tissue.
  FieldPoints(const B& backend, const VoxelSet& set, const FieldDescription& description,
              const MapSettings& how)
      : voxels_(set.size()),
        per_voxel_(how.sub_voxel.points),
        index_(set.voxels.size()),
        tissue_(how.masks == nullptr ? 1 : static_cast<std::size_t>(voxels_ * per_voxel_)) {
    require(per_voxel_ >= 1, "points", per_voxel_, "at least 1");
    kernel_.points = {set.grid, how.sub_voxel};
    kernel_.coordinates_mm = description.coordinates_mm;
    for (const Tissue c : {Tissue::white, Tissue::neither, Tissue::grey}) {
      kernel_.tissue_input[static_cast<int>(c) + 1] =
          static_cast<T>(description.tissue_input_value(c));
    }
    Ops::upload(backend, std::span<const Index>(set.voxels), index_.data());
    if (how.masks == nullptr) {
      Ops::upload(backend, std::span<const Tissue>(std::array{Tissue::grey}), tissue_.data());
    } else {
      upload_classes(backend, set, how);
    }
  }

  [[nodiscard]] Index voxels() const { return voxels_; }
  [[nodiscard]] Index per_voxel() const { return per_voxel_; }
  [[nodiscard]] Index size() const { return voxels_ * per_voxel_; }

  /// Columns that `features` needs to write up to `points` points.
  [[nodiscard]] Index room(Index points) const {
    return features_.empty() ? points + 2 * (per_voxel_ - 1) : 0;
  }

  /// Features [4 × count] of the points [begin, begin + count), in `to` where they are not there
  /// already. `to` has the columns that `room` says.
  MatrixView<const T> features(context_of<B>& context, Index begin, Index count,
                               MatrixView<T> to) const {
    if (!features_.empty()) return features_.columns(begin, count);
    const Index first = begin / per_voxel_;
    const Index voxels = (begin + count + per_voxel_ - 1) / per_voxel_ - first;
    const MatrixView<const Index> index(index_.data() + first, 1, voxels);
    VoxelFeatureKernel<T> kernel = kernel_;
    for (Index& p = kernel.number = 0; p < per_voxel_; ++p) {
      const auto row = [&](Index feature) {
        return MatrixView<T>(to.data + feature + p * to.stride, 1, voxels, per_voxel_ * to.stride);
      };
      Ops::map(context, kernel, std::tuple(row(0), row(1), row(2), row(3)), index,
               tissue(first, voxels, p));
    }
    return to.columns(begin - first * per_voxel_, count);
  }

 private:
  /// The classes of point p of some voxels: all grey without masks.
  [[nodiscard]] MatrixView<const Tissue> tissue(Index first, Index voxels, Index p) const {
    if (tissue_.size() == 1) return {tissue_.data(), 1, voxels, 0};
    return {tissue_.data() + first * per_voxel_ + p, 1, voxels, per_voxel_};
  }

  void upload_classes(const B& backend, const VoxelSet& set, const MapSettings& how) {
    const TissueClassifier classify(*how.masks);
    std::vector<Tissue> block;
    constexpr Index most = 4096;
    for (Index first = 0; first < voxels_; first += most) {
      const Index count = std::min(most, voxels_ - first);
      const Eigen::Matrix3Xd mni_mm = set.mni_mm(first, count, how.sub_voxel);
      block.clear();
      for (Index i = 0; i < mni_mm.cols(); ++i) {
        block.push_back(classify(mni_mm.col(i), first * per_voxel_ + i));
      }
      Ops::upload(backend, std::span<const Tissue>(block), tissue_.data() + first * per_voxel_);
    }
  }

  MatrixView<const T> features_;
  Index voxels_ = 0;
  Index per_voxel_ = 1;
  typename Ops::template buffer<Index> index_;
  typename Ops::template buffer<Tissue> tissue_;
  VoxelFeatureKernel<T> kernel_{};
};

}  // namespace inrgene::detail
