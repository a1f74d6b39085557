#include "inrgene/report/map_figure.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/math/volume.hpp"
#include "inrgene/report/slice_panel.hpp"
#include "support/temp_dir.hpp"

using inrgene::Canvas;
using inrgene::ColorTable;
using inrgene::Index;
using inrgene::MapFigure;
using inrgene::MapSamples;
using inrgene::Plane;
using inrgene::Rgb;
using inrgene::Volume;
namespace ink = inrgene::ink;

namespace {

/// Two boxes: label 1 for x < 0, label 2 for x > 0, within 10 mm of the origin; 2 mm voxels.
Volume<std::int32_t> two_boxes() {
  Volume<std::int32_t> labels;
  labels.values = inrgene::Array<std::int32_t, 3>({16, 16, 16}, 0);
  labels.voxel_to_mm = {{{-2, 0, 0, 15}, {0, 2, 0, -15}, {0, 0, 2, -15}, {0, 0, 0, 1}}};
  const inrgene::Grid grid = grid_of(labels);
  for (Index v = 0; v < grid.size(); ++v) {
    const auto mm = grid.centre_mm(v);
    const bool is_inside = std::abs(mm[0]) < 10 && std::abs(mm[1]) < 10 && std::abs(mm[2]) < 10;
    if (is_inside) labels.values.data()[v] = mm[0] < 0 ? 1 : 2;
  }
  return labels;
}

/// The label as value.
Volume<float> label_map(const Volume<std::int32_t>& labels) {
  Volume<float> map = labels.like<float>();
  for (Index v = 0; v < labels.size(); ++v) {
    map.values.data()[v] = static_cast<float>(labels.values.data()[v]);
  }
  return map;
}

MapSamples one_sample(double x, double y, double z, double value) {
  MapSamples samples;
  samples.mni_mm.resize(3, 1);
  samples.mni_mm << x, y, z;
  samples.values = Eigen::VectorXd::Constant(1, value);
  return samples;
}

bool is_near(const Rgb& a, const Rgb& b, float tolerance = 0.01F) {
  return std::abs(a.r - b.r) < tolerance && std::abs(a.g - b.g) < tolerance &&
         std::abs(a.b - b.b) < tolerance;
}

MapFigure small_figure() {
  MapFigure figure{.title = "APOE", .labels = two_boxes(), .column_px = 120};
  figure.columns.push_back(
      {.title = "Truth", .subtitle = "R = 1.00", .map = label_map(figure.labels)});
  figure.columns.push_back({.title = "Samples", .samples = one_sample(4, 4, 0, 2)});
  return figure;
}

}  // namespace

TEST_CASE("panel: the subject's left is on the left, its value has its colour") {
  const Volume<std::int32_t> labels = two_boxes();
  const Volume<float> map = label_map(labels);
  const ColorTable colors({.low = 1, .high = 2});
  // 10 pixels a millimetre over -12 … 12 mm.
  Canvas canvas(240, 240);
  inrgene::draw_panel(canvas, {.labels = labels, .map = &map}, {Plane::axial, 0},
                      {-12, 12, -12, 12}, {.width = 240}, colors);
  CHECK(is_near(canvas.pixel(70, 120), colors(1)));
  CHECK(is_near(canvas.pixel(170, 120), colors(2)));
  CHECK(canvas.pixel(5, 120) == ink::white);
  CHECK(canvas.pixel(120, 5) == ink::white);
  // The border between the regions lies at x = 0 and is darker than either side.
  const double border = inrgene::luminance(canvas.pixel(120, 60));
  CHECK(border < inrgene::luminance(canvas.pixel(170, 60)));
  Canvas plain(240, 240);
  inrgene::draw_panel(plain, {.labels = labels, .map = &map}, {Plane::axial, 0}, {-12, 12, -12, 12},
                      {.width = 240}, colors, {.outlines = inrgene::Outlines::none});
  CHECK(inrgene::luminance(plain.pixel(121, 60)) > border);
}

TEST_CASE("panel: without a map tissue is grey, with NaN it is striped grey") {
  const Volume<std::int32_t> labels = two_boxes();
  const ColorTable colors({.low = 1, .high = 2});
  Canvas blank(240, 240);
  inrgene::draw_panel(blank, {.labels = labels}, {Plane::coronal, 1}, {-12, 12, -12, 12},
                      {.width = 240}, colors);
  CHECK(is_near(blank.pixel(70, 120), ink::tissue));
  Volume<float> map = labels.like<float>(std::nanf(""));
  Canvas gaps(240, 240);
  inrgene::draw_panel(gaps, {.labels = labels, .map = &map}, {Plane::coronal, 1},
                      {-12, 12, -12, 12}, {.width = 240}, colors);
  int grey = 0, dark = 0;
  for (Index x = 50; x < 100; ++x) {
    const Rgb p = gaps.pixel(x, 100);
    if (std::abs(p.r - p.b) < 0.04F) ++grey;
    if (p.r < 0.75F) ++dark;
  }
  CHECK(grey == 50);
  CHECK(dark > 5);
  CHECK(dark < 35);
}

TEST_CASE("panel: a sample lies where its millimetres say, and only near the plane") {
  const Volume<std::int32_t> labels = two_boxes();
  const ColorTable colors({.low = 1, .high = 2});
  MapSamples samples = one_sample(-5, 6, 3, 2);
  const auto paint = [&](const inrgene::SliceView& view) {
    Canvas canvas(240, 240);
    inrgene::draw_panel(canvas, {.labels = labels, .samples = &samples}, view, {-12, 12, -12, 12},
                        {.width = 240}, colors);
    return canvas;
  };
  CHECK(is_near(paint({Plane::axial, 0}).pixel(70, 60), colors(2)));
  CHECK(is_near(paint({Plane::coronal, 4}).pixel(70, 90), colors(2)));
  CHECK(is_near(paint({Plane::sagittal, -5}).pixel(180, 90), colors(2)));
  CHECK(is_near(paint({Plane::axial, -5}).pixel(70, 60), ink::tissue));
  samples.values(0) = std::nan("");
  CHECK(is_near(paint({Plane::axial, 0}).pixel(70, 60), ink::axis));
  samples.values.resize(2);
  CHECK_THROWS_AS((void)paint({Plane::axial, 0}), inrgene::ArgumentError);
}

TEST_CASE("map figure: one scale for all columns, by hand") {
  MapFigure figure = small_figure();
  CHECK(inrgene::shared_scale(figure).low == 1);
  CHECK(inrgene::shared_scale(figure).high == 2);
  figure.columns[0].map->values.data()[0] = 1e9F;  // label 0: not seen
  CHECK(inrgene::shared_scale(figure).high == 2);
  figure.colormap = inrgene::Colormap::diverging;
  CHECK(inrgene::shared_scale(figure).low == -2);
  CHECK(inrgene::shared_scale(figure).high == 2);
  figure.columns = {{.title = "nothing"}};
  CHECK(inrgene::shared_scale(figure).low == 0);
  CHECK(inrgene::shared_scale(figure).high == 1);
}

TEST_CASE("map figure: cuts through the middle") {
  const auto views = inrgene::middle_views(two_boxes());
  REQUIRE(views.size() == 3);
  CHECK(views[0].position_mm == 0);
  CHECK(views[1].position_mm == 0);
  CHECK(views[2].position_mm == 5);
}

TEST_CASE("map figure: equal figures give equal bytes, each part changes them") {
  const inrgene::test::TempDir dir;
  const MapFigure figure = small_figure();
  draw(figure).write(dir / "a.png");
  draw(figure).write(dir / "b.png");
  CHECK(dir.read("a.png") == dir.read("b.png"));
  const auto bytes = draw(figure).bytes();
  const auto changes = [&](auto&& change) {
    MapFigure other = small_figure();
    change(other);
    return draw(other).bytes() != bytes;
  };
  CHECK(changes([](MapFigure& f) { f.title = "APOF"; }));
  CHECK(changes([](MapFigure& f) { f.columns[0].subtitle = ""; }));
  CHECK(changes([](MapFigure& f) { f.columns[1].samples->values(0) = 1; }));
  CHECK(changes([](MapFigure& f) { f.value_label = "z"; }));
  CHECK(changes([](MapFigure& f) { f.colors = inrgene::ColorScale{0, 5}; }));
  CHECK(changes([](MapFigure& f) { f.views = {{Plane::axial, 0}}; }));
}

TEST_CASE("map figure: long names, constant and missing maps, planes beyond the brain") {
  MapFigure figure = small_figure();
  const Index width = draw(figure).width();
  figure.columns[0].title = std::string(300, 'W');
  figure.columns[0].subtitle = std::string(300, 'w');
  figure.value_label = std::string(300, 'x');
  CHECK(draw(figure).width() == width);
  figure.title = std::string(300, 'T');
  CHECK(draw(figure).width() <= width * 3 / 2);
  figure.columns[0].map = figure.labels.like<float>(7);
  CHECK_NOTHROW((void)draw(figure));
  figure.columns[0].map = figure.labels.like<float>(std::nanf(""));
  figure.columns[1].samples = MapSamples{};
  CHECK_NOTHROW((void)draw(figure));
  figure.views = {{Plane::axial, 400}};
  CHECK_NOTHROW((void)draw(figure));
}

TEST_CASE("map figure: what cannot be drawn") {
  MapFigure figure = small_figure();
  figure.columns[0].map->values = inrgene::Array<float, 3>({4, 4, 4}, 0.0F);
  CHECK_THROWS_AS((void)draw(figure), inrgene::ArgumentError);
  figure = small_figure();
  figure.columns.clear();
  CHECK_THROWS_AS((void)draw(figure), inrgene::ArgumentError);
  figure = small_figure();
  figure.labels.values.fill(0);
  CHECK_THROWS_AS((void)draw(figure), inrgene::ArgumentError);
  figure = small_figure();
  figure.column_px = 0;
  CHECK_THROWS_AS((void)draw(figure), inrgene::ArgumentError);
}
