// Planes through the world, and the part of them that a picture shows.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/volume.hpp"
#include "inrgene/report/ticks.hpp"

namespace inrgene {

enum class Plane : std::uint8_t { axial, coronal, sagittal };

/// A plane through the world. Neurological convention: axial and coronal cuts show the subject's
/// right on the right (x grows to the right); axial cuts have the front up, sagittal ones the
/// front on the right, the others the top of the head up.
struct SliceView {
  Plane plane = Plane::axial;
  double position_mm = 0;  ///< z of an axial, y of a coronal, x of a sagittal cut

  /// World axis (0, 1, 2 for x, y, z) that runs to the right, upwards, through the plane.
  [[nodiscard]] std::size_t right_axis() const { return plane == Plane::sagittal ? 1 : 0; }
  [[nodiscard]] std::size_t up_axis() const { return plane == Plane::axial ? 1 : 2; }
  [[nodiscard]] std::size_t normal_axis() const { return 3 - right_axis() - up_axis(); }
};

/// "axial" and "z = 10 mm".
[[nodiscard]] inline std::string plane_name(Plane plane) {
  return plane == Plane::axial ? "axial" : plane == Plane::coronal ? "coronal" : "sagittal";
}
[[nodiscard]] inline std::string position_text(const SliceView& view) {
  const bool is_whole = view.position_mm == std::round(view.position_mm);
  return std::string(1, "xyz"[view.normal_axis()]) + " = " +
         detail::fixed_text(view.position_mm, is_whole ? 0 : 1) + " mm";
}

/// The rectangle of a plane that a picture shows, in world millimetres.
struct SliceFrame {
  double left_mm = 0;
  double right_mm = 0;
  double bottom_mm = 0;
  double top_mm = 0;

  [[nodiscard]] double width_mm() const { return right_mm - left_mm; }
  [[nodiscard]] double height_mm() const { return top_mm - bottom_mm; }
};

namespace detail {

/// Which labelled voxels count for a frame.
enum class Through : std::uint8_t { all, plane };

/// The box along the view's axes of the labelled voxels that count, or nothing when none does.
inline std::optional<SliceFrame> labelled_frame(const Volume<std::int32_t>& labels,
                                                const SliceView& view, Through through) {
  const Grid grid = grid_of(labels);
  const std::size_t right = view.right_axis(), up = view.up_axis(), normal = view.normal_axis();
  // A voxel reaches so far from its centre along a world axis.
  const auto half_mm = [&](std::size_t axis) {
    const auto& row = grid.voxel_to_mm[axis];
    return (std::abs(row[0]) + std::abs(row[1]) + std::abs(row[2])) / 2;
  };
  const double half_right = half_mm(right), half_up = half_mm(up);
  constexpr double far = std::numeric_limits<double>::infinity();
  const double reach = through == Through::plane ? half_mm(normal) : far;
  SliceFrame out{far, -far, far, -far};
  for (Index v = 0; v < grid.size(); ++v) {
    if (labels.values.data()[v] == 0) continue;
    const auto mm = grid.centre_mm(v);
    if (!(std::abs(mm[normal] - view.position_mm) <= reach)) continue;
    out.left_mm = std::min(out.left_mm, mm[right] - half_right);
    out.right_mm = std::max(out.right_mm, mm[right] + half_right);
    out.bottom_mm = std::min(out.bottom_mm, mm[up] - half_up);
    out.top_mm = std::max(out.top_mm, mm[up] + half_up);
  }
  if (out.left_mm == far) return std::nullopt;
  return out;
}

}  // namespace detail

/// The rectangle that holds every labelled voxel of the volume, seen along the view; its position
/// does not matter. Throws ArgumentError when no voxel has a label. Cost: one pass.
[[nodiscard]] inline SliceFrame frame_of_labels(const Volume<std::int32_t>& labels,
                                                const SliceView& view) {
  const auto frame = detail::labelled_frame(labels, view, detail::Through::all);
  require(frame.has_value(), "labels", text("0 in all ", labels.size(), " voxels"),
          "at least one voxel with a label");
  return *frame;
}

/// The rectangle that holds the labelled voxels that the plane goes through; when it meets none,
/// as `frame_of_labels`. Throws ArgumentError when no voxel has a label. Cost: one pass.
[[nodiscard]] inline SliceFrame frame_of_cut(const Volume<std::int32_t>& labels,
                                             const SliceView& view) {
  const auto frame = detail::labelled_frame(labels, view, detail::Through::plane);
  return frame ? *frame : frame_of_labels(labels, view);
}

/// Axial, coronal and sagittal cuts through the middle of the labelled voxels' box, in whole
/// millimetres; the sagittal one a quarter of the width right of it, where more is to be seen.
/// Throws ArgumentError when no voxel has a label.
[[nodiscard]] inline std::vector<SliceView> middle_views(const Volume<std::int32_t>& labels) {
  const SliceFrame a = frame_of_labels(labels, {Plane::axial, 0});
  const SliceFrame c = frame_of_labels(labels, {Plane::coronal, 0});
  return {{Plane::axial, std::round((c.bottom_mm + c.top_mm) / 2)},
          {Plane::coronal, std::round((a.bottom_mm + a.top_mm) / 2)},
          {Plane::sagittal, std::round((a.left_mm + a.right_mm) / 2 + a.width_mm() / 4)}};
}

}  // namespace inrgene
