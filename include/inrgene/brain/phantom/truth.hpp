// The phantom's expression: smooth fields of known form, one family of genes.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

#include "inrgene/brain/expression/tissue_class.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/random.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// Wavelengths the phantom's fields are made of, millimetres.
inline constexpr double phantom_shortest_wave_mm = 90;
inline constexpr double phantom_longest_wave_mm = 200;

/// The true expression of the phantom's genes, at any point. With t_g ∈ [0, 1] the hidden position
/// of gene g and φ_k, ψ_g sums of plane waves of 90 to 200 mm,
///   f_g(x, grey)  = o_g + s_g (Σ_k a_k(t_g) φ_k(x) + ¼ ψ_g(x)),  a_k(t) = exp(−(3t − k)²/2)
///   f_g(x, white) = the same with the bracket times 0.7, plus 1.2 − 2 t_g inside it,
/// and `neither` half way between. Genes of near t share most of their field, which is what a joint
/// model with a gene axis can use.
class PhantomTruth {
 public:
  /// Genes at the hidden positions `position`, each in [0, 1]; the fields follow `seed`.
  PhantomTruth(std::vector<double> position, std::uint64_t seed) : position_(std::move(position)) {
    for (const double t : position_) require(t >= 0 && t <= 1, "hidden position", t, "in [0, 1]");
    Random random(seed, 1);
    for (Field& field : shared_) field = draw_field(random, shared_waves);
    for (std::size_t g = 0; g < position_.size(); ++g) {
      own_.push_back(draw_field(random, own_waves));
    }
    scale_.assign(position_.size(), 1.0);
    offset_.assign(position_.size(), 0.0);
  }

  [[nodiscard]] Index genes() const { return std::ssize(position_); }
  /// t_g of each gene.
  [[nodiscard]] const std::vector<double>& position() const { return position_; }

  /// f_g at a point. Throws ArgumentError for an index out of range. Cost: some 25 cosines.
  [[nodiscard]] double value(Index gene, const Eigen::Vector3d& mni_mm, Tissue tissue) const {
    require(gene >= 0 && gene < genes(), "gene", gene, text("an index in [0, ", genes(), ")"));
    return scaled(gene, shared_at(mni_mm), mni_mm, tissue);
  }

  /// f of all genes at points [3 x points], as [genes x points]; one tissue class a point.
  /// Throws ArgumentError when their numbers differ.
  [[nodiscard]] Eigen::MatrixXd values(const Eigen::Matrix3Xd& mni_mm,
                                       std::span<const Tissue> tissue) const {
    require(std::ssize(tissue) == mni_mm.cols(), "tissue classes", tissue.size(),
            text("one a point: ", mni_mm.cols()));
    Eigen::MatrixXd out(genes(), mni_mm.cols());
    for (Index p = 0; p < mni_mm.cols(); ++p) {
      const Eigen::Vector3d point = mni_mm.col(p);
      const std::array<double, 4> shared = shared_at(point);
      for (Index g = 0; g < genes(); ++g) {
        out(g, p) = scaled(g, shared, point, tissue[static_cast<std::size_t>(p)]);
      }
    }
    return out;
  }

  /// Bound A of |f_g − its constant part| anywhere. The waves being no shorter than 90 mm,
  /// ‖∇f_g‖ ≤ (2π/90 mm) A everywhere.
  [[nodiscard]] double amplitude(Index gene) const {
    require(gene >= 0 && gene < genes(), "gene", gene, text("an index in [0, ", genes(), ")"));
    const auto g = static_cast<std::size_t>(gene);
    double sum = own_weight * std::sqrt(2.0 * own_waves);
    for (std::size_t k = 0; k < shared_.size(); ++k) {
      sum += weight(k, position_[g]) * std::sqrt(2.0 * shared_waves);
    }
    return std::abs(scale_[g]) * sum;
  }

  /// Sets o_g and s_g so that f_g spans [low, high] over the given points.
  void fit_range(const Eigen::Matrix3Xd& mni_mm, std::span<const Tissue> tissue, double low,
                 double high) {
    scale_.assign(position_.size(), 1.0);
    offset_.assign(position_.size(), 0.0);
    const Eigen::MatrixXd raw = values(mni_mm, tissue);
    for (Index g = 0; g < genes(); ++g) {
      const double smallest = raw.row(g).minCoeff();
      const double range = raw.row(g).maxCoeff() - smallest;
      require(range > 0, text("range of gene ", g), range, "above 0");
      scale_[static_cast<std::size_t>(g)] = (high - low) / range;
      offset_[static_cast<std::size_t>(g)] = low - smallest * (high - low) / range;
    }
  }

 private:
  static constexpr int shared_waves = 5;
  static constexpr int own_waves = 3;
  static constexpr double own_weight = 0.25;

  /// √(2/n) Σ cos(k·x + phase): mean 0 and variance 1 over all space.
  struct Wave {
    Eigen::Vector3d per_mm;
    double phase;
  };
  using Field = std::vector<Wave>;

  static Field draw_field(Random& random, int waves) {
    Field field;
    for (int w = 0; w < waves; ++w) {
      Eigen::Vector3d direction;
      for (Index a = 0; a < 3; ++a) direction(a) = random.normal();
      const double wave_mm = random.uniform(phantom_shortest_wave_mm, phantom_longest_wave_mm);
      const double phase = random.uniform(0, 2 * std::numbers::pi);
      field.push_back({direction.normalized() * (2 * std::numbers::pi / wave_mm), phase});
    }
    return field;
  }
  static double at(const Field& field, const Eigen::Vector3d& x) {
    double sum = 0;
    for (const Wave& wave : field) sum += std::cos(wave.per_mm.dot(x) + wave.phase);
    return sum * std::sqrt(2.0 / static_cast<double>(field.size()));
  }
  static double weight(std::size_t k, double t) {
    const double away = 3 * t - static_cast<double>(k);
    return std::exp(-0.5 * away * away);
  }
  [[nodiscard]] std::array<double, 4> shared_at(const Eigen::Vector3d& x) const {
    std::array<double, 4> out{};
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = at(shared_[k], x);
    return out;
  }
  [[nodiscard]] double scaled(Index gene, const std::array<double, 4>& shared,
                              const Eigen::Vector3d& x, Tissue tissue) const {
    const auto g = static_cast<std::size_t>(gene);
    double field = own_weight * at(own_[g], x);
    for (std::size_t k = 0; k < shared.size(); ++k) field += weight(k, position_[g]) * shared[k];
    // 0 in grey, 1 in white.
    const double whiteness = 0.5 * (1 - tissue_value(tissue, TissueSign::paper));
    field = field * (1 - 0.3 * whiteness) + (1.2 - 2 * position_[g]) * whiteness;
    return offset_[g] + scale_[g] * field;
  }

  std::vector<double> position_;
  std::array<Field, 4> shared_;
  std::vector<Field> own_;
  std::vector<double> scale_;
  std::vector<double> offset_;
};

}  // namespace inrgene
