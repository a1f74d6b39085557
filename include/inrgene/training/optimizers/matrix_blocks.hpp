// The tensors of a layout as matrices whose sides can be rotated.
#pragma once

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include "inrgene/backend/backend.hpp"
#include "inrgene/backend/copy_kernel.hpp"
#include "inrgene/model/module.hpp"

namespace inrgene::detail {

/// One side of a matrix: its length, and where its [length × length] matrices stand in a buffer of
/// all such matrices; -1: it is not rotated.
struct MatrixSide {
  Index length = 0;
  Index at = -1;
  [[nodiscard]] bool rotated() const { return at >= 0; }
};

/// One tensor as it lies in the flat buffer, a column-major matrix: `rows` are the input side,
/// `cols` the output side.
struct MatrixBlock {
  Index offset = 0;
  MatrixSide rows, cols;
  [[nodiscard]] Index count() const { return rows.length * cols.length; }
  [[nodiscard]] bool rotated() const { return rows.rotated() || cols.rotated(); }
};

/// All tensors of a layout: those of one axis are columns that nothing rotates, those of more than
/// two are matrices of their first axis by all others, complex ones have two reals an entry of the
/// input side. A side of 1 or longer than `max_side` is not rotated.
struct MatrixBlocks {
  MatrixBlocks(const std::vector<ParameterInfo>& layout, Index max_side) {
    for (const ParameterInfo& p : layout) {
      if (p.count == 0) continue;
      if (p.shape.size() < 2) {
        blocks.push_back({p.offset, {p.count, -1}, {1, -1}});
        continue;
      }
      const MatrixSide rows = side(p.count / p.shape.front(), max_side);
      const MatrixSide cols = side(p.shape.front(), max_side);
      blocks.push_back({p.offset, rows, cols});
      if (blocks.back().rotated()) largest = std::max(largest, p.count);
    }
  }

  std::vector<MatrixBlock> blocks;
  Index squares = 0;  ///< numbers in one square matrix per rotated side
  Index longest = 0;  ///< rotated side
  Index largest = 0;  ///< numbers in the largest block with a rotated side

 private:
  MatrixSide side(Index length, Index max_side) {
    MatrixSide out{length, -1};
    if (length > 1 && length <= max_side) {
      out.at = std::exchange(squares, squares + length * length);
      longest = std::max(longest, length);
    }
    return out;
  }
};

/// One worker's memory for rotations.
template <Backend B>
struct RotationScratch {
  using Buffer = typename backend_traits<B>::template buffer<scalar_of<B>>;
  RotationScratch(Index largest, Index longest)
      : gradient(static_cast<std::size_t>(largest)),
        moment(gradient.size()),
        between(gradient.size()),
        square(static_cast<std::size_t>(longest * longest)) {}
  Buffer gradient, moment, between, square;
};

/// Towards the eigenbases, or back.
enum class Turn { forward, back };

/// out = Q_Lᵀ x Q_R (forward) or Q_L x Q_Rᵀ (back), Q = 1 for a side that is not rotated; `bases`
/// is the buffer of all Q. `x` and `out` may be the same.
template <Backend B>
void rotate(context_of<B>& context, const scalar_of<B>* bases, RotationScratch<B>& scratch,
            const MatrixBlock& block, Turn turn, MatrixView<const scalar_of<B>> x,
            MatrixView<scalar_of<B>> out) {
  using Ops = backend_traits<B>;
  using T = scalar_of<B>;
  const auto basis = [&](const MatrixSide& side) {
    return MatrixView<const T>(bases + side.at, side.length, side.length);
  };
  const MatrixView<T> between(scratch.between.data(), x.rows, x.cols);
  MatrixView<const T> half = x;
  if (block.rows.rotated()) {
    const MatrixView<const T> q = basis(block.rows);
    if (turn == Turn::forward) {
      Ops::template gemm<Op::transpose, Op::none, T>(context, q, x, between, Write::replace);
    } else {
      Ops::template gemm<Op::none, Op::none, T>(context, q, x, between, Write::replace);
    }
    half = between;
  } else if (block.cols.rotated() && x.data == out.data) {
    Ops::map(context, CopyKernel{}, std::tuple(between), x);
    half = between;
  }
  if (!block.cols.rotated()) {
    Ops::map(context, CopyKernel{}, std::tuple(out), half);
    return;
  }
  const MatrixView<const T> q = basis(block.cols);
  if (turn == Turn::forward) {
    Ops::template gemm<Op::none, Op::none, T>(context, half, q, out, Write::replace);
  } else {
    Ops::template gemm<Op::none, Op::transpose, T>(context, half, q, out, Write::replace);
  }
}

}  // namespace inrgene::detail
