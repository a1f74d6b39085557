#include "inrgene/report/slices.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/math/volume.hpp"
#include "inrgene/report/slice_view.hpp"

using inrgene::Affine;
using inrgene::Index;
using inrgene::Plane;
using inrgene::Sampling;
using inrgene::Slice;
using inrgene::SliceFrame;
using inrgene::SliceView;
using inrgene::Volume;

namespace {

/// A volume whose value is x + 100 y + 10000 z in millimetres, all labelled 1.
struct Known {
  Volume<float> values;
  Volume<std::int32_t> labels;
};

double value_at(double x, double y, double z) {
  return x + 100 * y + 10000 * z;
}

Known known_volume(const std::array<std::size_t, 3>& shape, const Affine& affine) {
  Known out;
  out.labels.values = inrgene::Array<std::int32_t, 3>(shape, 1);
  out.labels.voxel_to_mm = affine;
  out.values = out.labels.like<float>();
  const inrgene::Grid grid = grid_of(out.labels);
  for (Index v = 0; v < grid.size(); ++v) {
    const auto mm = grid.centre_mm(v);
    out.values.values.data()[v] = static_cast<float>(value_at(mm[0], mm[1], mm[2]));
  }
  return out;
}

/// World coordinates of a pixel's centre.
std::array<double, 3> pixel_mm(const SliceView& view, const SliceFrame& frame, const Slice& slice,
                               Index x, Index y) {
  const double step = frame.width_mm() / static_cast<double>(slice.width);
  std::array<double, 3> mm{};
  mm[view.normal_axis()] = view.position_mm;
  mm[view.right_axis()] = frame.left_mm + (static_cast<double>(x) + 0.5) * step;
  mm[view.up_axis()] = frame.top_mm - (static_cast<double>(y) + 0.5) * step;
  return mm;
}

constexpr Affine plain{{{2, 0, 0, -8}, {0, 2, 0, -10}, {0, 0, 2, -6}, {0, 0, 0, 1}}};
// The same places with x stored from right to left, as radiological files do.
constexpr Affine mirrored{{{-2, 0, 0, 10}, {0, 2, 0, -10}, {0, 0, 2, -6}, {0, 0, 0, 1}}};
// Voxel axes i, j, k along y, -z, x.
constexpr Affine turned{{{0, 0, 2, -8}, {2, 0, 0, -10}, {0, -2, 0, 8}, {0, 0, 0, 1}}};

}  // namespace

TEST_CASE("slices: the axes of each plane") {
  CHECK(SliceView{Plane::axial, 0}.normal_axis() == 2);
  CHECK(SliceView{Plane::coronal, 0}.normal_axis() == 1);
  CHECK(SliceView{Plane::sagittal, 0}.normal_axis() == 0);
  CHECK(inrgene::position_text({Plane::axial, 10}) == "z = 10 mm");
  CHECK(inrgene::position_text({Plane::sagittal, -2.5}) == "x = −2.5 mm");
  CHECK(inrgene::plane_name(Plane::coronal) == "coronal");
}

TEST_CASE("slices: every pixel shows its place, whichever way the voxels are stored") {
  struct Case {
    std::array<std::size_t, 3> shape;
    Affine affine;
  };
  // All three cover x -9 … 11, y -11 … 11, z -7 … 9 mm.
  const std::array<Case, 3> cases{
      {{{10, 11, 8}, plain}, {{10, 11, 8}, mirrored}, {{11, 8, 10}, turned}}};
  for (const Case& stored : cases) {
    const Known known = known_volume(stored.shape, stored.affine);
    for (const SliceView view : {SliceView{Plane::axial, 2}, SliceView{Plane::coronal, -4},
                                 SliceView{Plane::sagittal, 6}}) {
      const SliceFrame frame = inrgene::frame_of_labels(known.labels, view);
      const std::array<double, 3> low{-9, -11, -7}, high{11, 11, 9};
      CHECK(frame.left_mm == low[view.right_axis()]);
      CHECK(frame.right_mm == high[view.right_axis()]);
      CHECK(frame.bottom_mm == low[view.up_axis()]);
      CHECK(frame.top_mm == high[view.up_axis()]);
      for (const Sampling sampling : {Sampling::nearest, Sampling::smooth}) {
        // One pixel a voxel: centres meet centres.
        const auto width = static_cast<Index>(frame.width_mm() / 2);
        const Slice slice =
            cut(known.values, known.labels,
                {.view = view, .frame = frame, .width = width, .sampling = sampling});
        REQUIRE(slice.height == static_cast<Index>(frame.height_mm() / 2));
        for (Index y = 0; y < slice.height; ++y) {
          for (Index x = 0; x < slice.width; ++x) {
            const auto mm = pixel_mm(view, frame, slice, x, y);
            // At edges the B-spline's border lies half a voxel inside the corners.
            if (slice.label[slice.offset(x, y)] == 0) continue;
            CHECK(static_cast<double>(slice.value[slice.offset(x, y)]) ==
                  doctest::Approx(value_at(mm[0], mm[1], mm[2])));
          }
        }
        const std::size_t middle = slice.offset(slice.width / 2, slice.height / 2);
        CHECK(slice.label[middle] == 1);
        if (sampling == Sampling::nearest) {
          CHECK(slice.label[0] == 1);
          CHECK(slice.label.back() == 1);
        }
      }
    }
  }
}

TEST_CASE("slices: a plane between voxels is their mean, and finer pixels stay on the line") {
  const Known known = known_volume({10, 11, 8}, mirrored);
  const SliceView view{Plane::axial, 1};
  const SliceFrame frame{-5, 5, -5, 5};
  const Slice slice = cut(known.values, known.labels, {.view = view, .frame = frame, .width = 40});
  for (Index y = 0; y < slice.height; ++y) {
    for (Index x = 0; x < slice.width; ++x) {
      const auto mm = pixel_mm(view, frame, slice, x, y);
      CHECK(static_cast<double>(slice.value[slice.offset(x, y)]) ==
            doctest::Approx(value_at(mm[0], mm[1], mm[2])));
    }
  }
}

TEST_CASE("slices: a grid turned by 30 degrees about z") {
  const double c = 2 * std::cos(0.5235987755982988), s = 2 * std::sin(0.5235987755982988);
  const Known known = known_volume({21, 21, 5}, {{{c, -s, 0, -20 * c / 2 + 20 * s / 2},
                                                  {s, c, 0, -20 * s / 2 - 20 * c / 2},
                                                  {0, 0, 2, -4},
                                                  {0, 0, 0, 1}}});
  const SliceView view{Plane::axial, 0};
  const SliceFrame frame = inrgene::frame_of_labels(known.labels, view);
  // The middle is the origin; the square of 42 mm, turned, is 42 (cos + sin) wide.
  CHECK(frame.left_mm == doctest::Approx(-21 * (std::cos(0.5235987755982988) + 0.5)));
  CHECK(frame.right_mm == doctest::Approx(-frame.left_mm));
  const Slice slice = cut(known.values, known.labels, {.view = view, .frame = frame, .width = 60});
  Index inside = 0;
  for (Index y = 0; y < slice.height; ++y) {
    for (Index x = 0; x < slice.width; ++x) {
      const auto mm = pixel_mm(view, frame, slice, x, y);
      const bool is_far = std::hypot(mm[0], mm[1]) > 30;
      if (is_far) CHECK(slice.label[slice.offset(x, y)] == 0);
      if (std::hypot(mm[0], mm[1]) > 19) continue;
      ++inside;
      CHECK(static_cast<double>(slice.value[slice.offset(x, y)]) ==
            doctest::Approx(value_at(mm[0], mm[1], 0)).epsilon(1e-4));
    }
  }
  CHECK(inside > 500);
}

TEST_CASE("slices: what is outside does not mix in, gaps stay gaps, borders lie in the middle") {
  Known known = known_volume({10, 11, 8}, plain);
  const inrgene::Grid grid = grid_of(known.labels);
  for (Index v = 0; v < grid.size(); ++v) {
    const auto mm = grid.centre_mm(v);
    float& value = known.values.values.data()[v];
    value = 3;
    if (mm[0] > 1) {
      known.labels.values.data()[v] = 0;
      value = 1e6F;
    } else if (mm[0] < -3) {
      known.labels.values.data()[v] = 2;
      value = std::nanf("");
    }
  }
  const SliceView view{Plane::axial, 0};
  for (const Sampling sampling : {Sampling::nearest, Sampling::smooth}) {
    const Slice slice =
        cut(known.values, known.labels,
            {.view = view, .frame = {-7, 9, -4, 4}, .width = 64, .sampling = sampling});
    for (Index y = 0; y < slice.height; ++y) {
      for (Index x = 0; x < slice.width; ++x) {
        const double mm = -7 + (static_cast<double>(x) + 0.5) / 4;
        const std::size_t at = slice.offset(x, y);
        // Labels 2 | 1 | 0 meet half-way between voxel centres: at -3 and 1 mm.
        CHECK(slice.label[at] == (mm < -3 ? 2 : mm < 1 ? 1 : 0));
        const bool has_value = mm > -3 && mm < 1;
        CHECK(std::isfinite(slice.value[at]) == has_value);
        if (has_value) CHECK(slice.value[at] == 3.0F);
      }
    }
  }
}

TEST_CASE("slices: the frame of a cut holds what the plane meets") {
  Known known = known_volume({10, 11, 8}, plain);
  known.labels.values.fill(0);
  known.labels.values(2, 3, 1) = 5;  // at (-4, -4, -4) mm
  known.labels.values(7, 3, 6) = 5;  // at (6, -4, 6) mm
  const SliceFrame one = inrgene::frame_of_cut(known.labels, {Plane::axial, -4});
  CHECK(one.left_mm == -5);
  CHECK(one.right_mm == -3);
  CHECK(one.bottom_mm == -5);
  CHECK(one.top_mm == -3);
  const SliceFrame none = inrgene::frame_of_cut(known.labels, {Plane::axial, 0});
  CHECK(none.left_mm == -5);
  CHECK(none.right_mm == 7);
}

TEST_CASE("slices: arguments that do not go together") {
  Known known = known_volume({4, 4, 4}, plain);
  const SliceFrame frame{-5, 5, -5, 5};
  CHECK_THROWS_AS((void)cut(known.values, known.labels, {.frame = frame, .width = 0}),
                  inrgene::ArgumentError);
  CHECK_THROWS_AS((void)cut(known.values, known.labels, {.frame = {1, 1, 0, 1}, .width = 9}),
                  inrgene::ArgumentError);
  CHECK_THROWS_AS((void)cut(known.values, known.labels, {.frame = {0, 1, 0, 1e6}, .width = 9}),
                  inrgene::ArgumentError);
  const Known other = known_volume({4, 4, 5}, plain);
  CHECK_THROWS_AS((void)cut(other.values, known.labels, {.frame = frame, .width = 9}),
                  inrgene::ArgumentError);
  known.labels.values.fill(0);
  CHECK_THROWS_AS((void)inrgene::frame_of_labels(known.labels, {}), inrgene::ArgumentError);
  known.labels.voxel_to_mm[0][0] = 0;
  known.values.voxel_to_mm[0][0] = 0;
  CHECK_THROWS_AS((void)cut(known.values, known.labels, {.frame = frame, .width = 9}),
                  inrgene::ArgumentError);
}
