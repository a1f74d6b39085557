// A free vector for each gene: the head of a factorised field that knows no axis.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/model/module.hpp"

namespace inrgene {

/// b(g) = column g of a trained table [vector × genes]; the input is the number g of the gene.
///
/// A number is rounded to the nearest gene there is, so that a kernel has nothing to refuse: who
/// hands in indices checks them. The output is constant between genes: derivatives to g are 0.
/// Parameters: "vectors" [genes, vector]. Cost of a forward: a copy; of a backward, an addition.
class GeneVectors {
 public:
  /// ProductField leaves the start as it is drawn here.
  static constexpr bool starts_at_unit_length = true;
  /// Whole numbers up to here are exact in a float.
  static constexpr Index most_genes = Index{1} << 24;

  /// `rank`: the part of the vector that stands for one output (see `initialize`); 0: all of it.
  /// Throws ArgumentError unless 1 ≤ genes ≤ 2^24 and the vector is not empty.
  GeneVectors(Index genes, Index vector, Index rank = 0)
      : genes_(genes), vector_(vector), rank_(rank == 0 ? vector : rank) {
    require(genes > 0 && genes <= most_genes, "genes with a vector", genes,
            text("1 to ", most_genes));
    require(vector > 0, "length of a gene's vector", vector, "a positive number");
    require(rank_ > 0 && vector % rank_ == 0, "rank of a gene's vector", rank_,
            text("a divisor of its length, ", vector));
  }

  [[nodiscard]] Index genes() const { return genes_; }
  [[nodiscard]] static Index in_features() { return 1; }
  [[nodiscard]] Index out_features() const { return vector_; }
  [[nodiscard]] Index parameter_count() const { return genes_ * vector_; }
  [[nodiscard]] std::vector<ParameterInfo> layout() const {
    return {{"vectors", {genes_, vector_}, 0, genes_ * vector_, ParameterInfo::Field::real}};
  }
  /// U(±√(3/rank)): the entries of one output have a mean square length of 1 together.
  void initialize(Random& random, std::span<double> theta) const {
    const double bound = std::sqrt(3.0 / static_cast<double>(rank_));
    for (double& value : theta) value = random.uniform(-bound, bound);
  }

  template <Backend B>
  class Tape {
   public:
    using T = scalar_of<B>;
    Tape(const GeneVectors& vectors, Index max_samples, TapeMode mode)
        : mode_(mode), y_(vectors.vector_, max_samples), marks_(vectors.vector_, 1) {}

   private:
    friend class GeneVectors;
    TapeMode mode_;
    MatrixView<const T> x_;
    Derivatives<const T> path_x_;
    Matrix<T, B> y_, jets_;
    Matrix<T, B> marks_;  ///< what Scatter returns: nothing of use
  };

  template <Backend B>
  MatrixView<scalar_of<B>> forward(context_of<B>& context, std::span<const scalar_of<B>> theta,
                                   MatrixView<const scalar_of<B>> x, Tape<B>& tape) const {
    tape.x_ = x;
    const auto y = tape.y_.view(x.cols);
    backend_traits<B>::generate(context, Gather<scalar_of<B>>{table(theta), x}, y);
    return y;
  }
  template <Backend B>
  void backward(context_of<B>& context, std::span<const scalar_of<B>> /*theta*/,
                MatrixView<const scalar_of<B>> dL_dy, Tape<B>& tape,
                std::span<scalar_of<B>> gradients, MatrixView<scalar_of<B>> dL_dx) const {
    scatter<B>(context, dL_dy, tape.x_, tape, gradients);
    if (!dL_dx.empty()) backend_traits<B>::fill(context, dL_dx, scalar_of<B>{});
  }
  template <Backend B>
  Derivatives<scalar_of<B>> push_forward(context_of<B>& context,
                                         std::span<const scalar_of<B>> theta,
                                         Derivatives<const scalar_of<B>> x, Tape<B>& tape) const {
    using T = scalar_of<B>;
    tape.path_x_ = x;
    if (tape.jets_.cols() < x.all.cols) tape.jets_ = Matrix<T, B>(vector_, x.all.cols);
    const Derivatives<T> y{tape.jets_.view(x.all.cols), x.samples, x.directions, x.order};
    backend_traits<B>::generate(context, Gather<T>{table(theta), x.value()}, y.value());
    backend_traits<B>::fill(context, y.all.columns(x.samples, x.all.cols - x.samples), T{});
    return y;
  }
  template <Backend B>
  void backward_derivatives(context_of<B>& context, std::span<const scalar_of<B>> /*theta*/,
                            Derivatives<const scalar_of<B>> dL_dy, Tape<B>& tape,
                            std::span<scalar_of<B>> gradients,
                            Derivatives<scalar_of<B>> dL_dx = {}) const {
    scatter<B>(context, dL_dy.value(), tape.path_x_.value(), tape, gradients);
    if (!dL_dx.all.empty()) backend_traits<B>::fill(context, dL_dx.all, scalar_of<B>{});
  }
  /// Calls visit("vectors", b): there is no other layer.
  template <Backend B, class Visit>
  void inspect(context_of<B>& context, std::span<const scalar_of<B>> theta,
               MatrixView<const scalar_of<B>> x, Tape<B>& tape, Visit&& visit) const {
    const auto y = forward<B>(context, theta, x, tape);
    visit(std::string_view("vectors"), MatrixView<const scalar_of<B>>(y));
  }

  // Public, since a device's kernel cannot take a private type.
  template <class T>
  struct Gather {
    MatrixView<const T> table, x;
    INRGENE_HD T operator()(Index i, Index j) const { return table(i, gene(x(0, j), table.cols)); }
  };
  /// Row i of the table gathers its gradient from all samples in their order; no two rows write to
  /// the same place, so a backend may run them in any order.
  template <class T>
  struct Scatter {
    MatrixView<const T> dL_dy, x;
    MatrixView<T> gradients;
    INRGENE_HD T operator()(Index i, Index /*j*/) const {
      for (Index j = 0; j < dL_dy.cols; ++j) {
        gradients(i, gene(x(0, j), gradients.cols)) += dL_dy(i, j);
      }
      return T{};
    }
  };

 private:
  /// The gene that a number means. NaN means gene 0.
  template <class T>
  INRGENE_HD static Index gene(T number, Index genes) {
    const T top = static_cast<T>(genes - 1);
    const T inside = number > T(0) ? (number < top ? number : top) : T(0);
    const auto below = static_cast<Index>(inside);  // adding ½ first would round up the largest
    return below + (inside - static_cast<T>(below) >= T(0.5) ? 1 : 0);
  }
  template <Backend B>
  void scatter(context_of<B>& context, MatrixView<const scalar_of<B>> dL_dy,
               MatrixView<const scalar_of<B>> x, Tape<B>& tape,
               std::span<scalar_of<B>> gradients) const {
    if (tape.mode_ != TapeMode::record) {
      throw ArgumentError(
          "tape of the gene vectors: found one that only evaluates, expected one that records");
    }
    backend_traits<B>::generate(context, Scatter<scalar_of<B>>{dL_dy, x, table(gradients)},
                                tape.marks_.view());
  }
  template <class S>
  [[nodiscard]] MatrixView<S> table(std::span<S> theta) const {
    return {theta.data(), vector_, genes_};
  }

  Index genes_;
  Index vector_;
  Index rank_;
};

}  // namespace inrgene
