#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>
#include <numeric>
#include <vector>

#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/backend/reference/reference.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/training/sources/product_source.hpp"
#include "inrgene/training/sources/table_source.hpp"
#include "support/module_runs.hpp"

using namespace inrgene;
using test::Values;

namespace {

struct Rows {
  Values x, y;
  friend bool operator==(const Rows&, const Rows&) = default;
};

/// What a source gives for a range of rows.
template <Backend B, class Source>
Rows read(const Source& source, RowRange range) {
  Matrix<double, B> x(source.in_features(), range.count), y(source.out_features(), range.count);
  context_of<B> context;
  const auto batch = source.read(context, range, x.view(), y.view());
  Rows rows;
  for (Index j = 0; j < range.count; ++j) {
    for (Index i = 0; i < batch.x.rows; ++i) rows.x.push_back(batch.x(i, j));
    for (Index i = 0; i < batch.target.rows; ++i) rows.y.push_back(batch.target(i, j));
  }
  return rows;
}

std::vector<Index> shuffled(Index count) {
  std::vector<Index> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), Index{0});
  Random(1).shuffle(order);
  return order;
}

template <Backend B>
void check_product(const B& backend) {
  // 4 left items of 3 features, 5 right items of 2: rows by left item, then right item.
  const Values left = test::drawn_values(12, 1), right = test::drawn_values(10, 2);
  const Values values = test::drawn_values(20, 3);
  const ProductSource<B> product(backend, 4, 5, left, right, values);
  Values x;
  for (std::size_t l = 0; l < 4; ++l) {
    for (std::size_t r = 0; r < 5; ++r) {
      x.insert(x.end(),
               {left[3 * l], left[3 * l + 1], left[3 * l + 2], right[2 * r], right[2 * r + 1]});
    }
  }
  const TableSource<B> table(backend, 20, x, values);
  CHECK(product.size() == table.size());
  CHECK(product.in_features() == table.in_features());
  CHECK(product.out_features() == table.out_features());
  const auto order = shuffled(20);
  for (const Index begin : {0, 3, 19}) {
    for (const Index count : {1, 7, 20}) {
      if (begin + count > 20) continue;
      const RowRange plain{nullptr, begin, count}, mixed{order.data(), begin, count};
      CHECK(read<B>(product, plain) == read<B>(table, plain));
      CHECK(read<B>(product, mixed) == read<B>(table, mixed));
    }
  }
}

}  // namespace

TEST_CASE("a table gives its rows, in order or by an order") {
  const Cpu<double> backend{{1}};
  const Values x = test::drawn_values(2 * 6, 1), y = test::drawn_values(6, 2);
  const TableSource<Cpu<double>> table(backend, 6, x, y);
  CHECK(read<Cpu<double>>(table, {nullptr, 0, 6}) == Rows{x, y});
  const std::vector<Index> order{5, 0, 2};
  CHECK(read<Cpu<double>>(table, {order.data(), 1, 2}) ==
        Rows{{x[0], x[1], x[4], x[5]}, {y[0], y[2]}});
}

TEST_CASE("a product of items is the table of all pairs") {
  check_product(Cpu<double>{{1}});
  check_product(Reference<double>{});
}

TEST_CASE("sizes that do not fit are refused") {
  const Cpu<double> backend{{1}};
  using Table = TableSource<Cpu<double>>;
  using Product = ProductSource<Cpu<double>>;
  CHECK_THROWS_AS(Table(backend, 3, Values(7), Values(3)), ArgumentError);
  CHECK_THROWS_AS(Table(backend, 3, Values(6), Values(4)), ArgumentError);
  CHECK_THROWS_AS(Table(backend, 0, Values(6), Values(3)), ArgumentError);
  CHECK_THROWS_AS(Table(backend, 3, Values(6), Values{}), ArgumentError);
  CHECK_THROWS_AS(Product(backend, 2, 3, Values(4), Values(3), Values(5)), ArgumentError);
  CHECK_THROWS_AS(Product(backend, 2, 3, Values(5), Values(3), Values(6)), ArgumentError);
  CHECK_THROWS_AS(Product(backend, 2, 3, Values(4), Values(4), Values(6)), ArgumentError);
}
