#include "inrgene/report/bar_figure.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "support/temp_dir.hpp"

using inrgene::BarFigure;
using inrgene::Canvas;
using inrgene::Index;
using inrgene::MeanLines;
using inrgene::Rgb;

namespace {

constexpr Rgb red{1, 0, 0};
constexpr Rgb green{0, 1, 0};

/// Heights of the runs of a colour along the bottom-most row that holds them, left to right.
struct Bars {
  std::vector<Index> left;
  std::vector<Index> height;
};

Bars bars_of(const Canvas& canvas, const Rgb& color, Index from_row) {
  Bars out;
  bool was_bar = false;
  for (Index x = 0; x < canvas.width(); ++x) {
    Index count = 0;
    for (Index y = from_row; y < canvas.height(); ++y) {
      count += canvas.pixel(x, y) == color ? 1 : 0;
    }
    const bool is_bar = count > 8;
    if (is_bar && !was_bar) out.left.push_back(x);
    if (is_bar && !was_bar) out.height.push_back(0);
    if (is_bar) out.height.back() = std::max(out.height.back(), count);
    was_bar = is_bar;
  }
  return out;
}

// Title and legend end above this row.
constexpr Index below_legend = 100;

BarFigure three_genes() {
  return {.title = "R",
          .y_label = "Pearson R",
          .groups = {"APOE", "MAPT", "TREM2"},
          .series = {{.name = "INR", .values = {0.8, 0.4, 1.0}, .color = red},
                     {.name = "nearest", .values = {0.6, 0.2, -0.5}, .color = green}},
          .means = MeanLines::none};
}

}  // namespace

TEST_CASE("bar figure: bars are as high as their values, methods side by side") {
  const Canvas canvas = draw(three_genes());
  const Bars inr = bars_of(canvas, red, below_legend);
  const Bars nearest = bars_of(canvas, green, below_legend);
  REQUIRE(inr.height.size() == 3);
  REQUIRE(nearest.height.size() == 3);
  const auto per_one = static_cast<double>(inr.height[2]);
  CHECK(static_cast<double>(inr.height[0]) == doctest::Approx(0.8 * per_one).epsilon(0.01));
  CHECK(static_cast<double>(inr.height[1]) == doctest::Approx(0.4 * per_one).epsilon(0.01));
  CHECK(static_cast<double>(nearest.height[2]) == doctest::Approx(0.5 * per_one).epsilon(0.02));
  for (std::size_t g = 0; g < 3; ++g) CHECK(inr.left[g] < nearest.left[g]);
}

TEST_CASE("bar figure: a missing value has no bar") {
  BarFigure figure = three_genes();
  figure.series[0].values[1] = std::nan("");
  CHECK(bars_of(draw(figure), red, below_legend).height.size() == 2);
}

TEST_CASE("bar figure: means of the finite values") {
  CHECK(inrgene::detail::finite_mean({1, std::nan(""), 2, 6}) == 3);
  CHECK(std::isnan(inrgene::detail::finite_mean({std::nan("")})));
  BarFigure figure = three_genes();
  figure.means = MeanLines::shown;
  CHECK(draw(figure).bytes() != draw(three_genes()).bytes());
  figure.series[1].values.assign(3, std::nan(""));
  CHECK_NOTHROW((void)draw(figure));
}

TEST_CASE("bar figure: numbers beside the plot are moved apart and stay in it") {
  std::vector<std::pair<double, std::size_t>> at{{50, 0}, {51, 1}, {10, 2}, {99, 3}, {98, 4}};
  inrgene::detail::spread(at, 20, 10, 100);
  for (std::size_t i = 1; i < at.size(); ++i) CHECK(at[i].first - at[i - 1].first >= 20);
  CHECK(at.back().first <= 100);
  CHECK(at.front().second == 2);
  CHECK(at.back().second == 3);
}

TEST_CASE("bar figure: many groups, long names, all zero, nothing") {
  BarFigure figure;
  for (int g = 0; g < 100; ++g) {
    figure.groups.push_back("a gene with a long name " + std::to_string(g));
  }
  figure.series = {{.name = std::string(400, 'n'), .values = std::vector<double>(100, 0.5)}};
  CHECK_NOTHROW((void)draw(figure));
  figure.series[0].values.assign(100, 0.0);
  CHECK_NOTHROW((void)draw(figure));
  figure.series[0].values.assign(100, std::nan(""));
  CHECK_NOTHROW((void)draw(figure));
  figure.series.clear();
  CHECK_NOTHROW((void)draw(figure));
}

TEST_CASE("bar figure: equal figures give equal bytes; lengths and sizes must agree") {
  const inrgene::test::TempDir dir;
  draw(three_genes()).write(dir / "a.png");
  draw(three_genes()).write(dir / "b.png");
  CHECK(dir.read("a.png") == dir.read("b.png"));
  BarFigure figure = three_genes();
  figure.series[0].values.pop_back();
  CHECK_THROWS_AS((void)draw(figure), inrgene::ArgumentError);
  figure = three_genes();
  figure.groups.clear();
  CHECK_THROWS_AS((void)draw(figure), inrgene::ArgumentError);
  figure = three_genes();
  figure.height = 10;
  CHECK_THROWS_AS((void)draw(figure), inrgene::ArgumentError);
}
