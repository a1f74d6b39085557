#include "inrgene/backend/matrix_view.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <vector>

using namespace inrgene;

TEST_CASE("a view reads column by column, by its stride") {
  std::vector<int> memory(12);
  std::iota(memory.begin(), memory.end(), 0);
  const MatrixView<int> whole(memory.data(), 3, 4);
  CHECK(whole(2, 1) == 5);
  const MatrixView<int> padded(memory.data(), 3, 2, 5);
  CHECK(padded(1, 1) == 6);
  const auto part = whole.columns(1, 2).features(1, 2);
  CHECK(part.rows == 2);
  CHECK(part.cols == 2);
  CHECK(part(0, 0) == 4);
  CHECK(part(1, 1) == 8);
  const MatrixView<const int> constant = part;
  CHECK(constant(1, 1) == 8);
  const auto repeated = broadcast(memory.data() + 3, 3, 100);
  CHECK(repeated(1, 99) == 4);
  CHECK(MatrixView<int>().empty());
  CHECK_FALSE(whole.empty());
}
