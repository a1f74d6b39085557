// The second half of the methods section of a run: matching, normalisation, and regions.
#pragma once

#include <cmath>
#include <string>
#include <string_view>

#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/pipelines/ahba/methods_references.hpp"
#include "inrgene/pipelines/ahba/methods_wording.hpp"
#include "inrgene/pipelines/ahba/settings.hpp"

namespace inrgene::detail {

/// What was done from one value a gene and sample to the tables written.
class MethodsOfRegions {
 public:
  MethodsOfRegions(const AhbaSettings& settings, const AhbaFigures& figures)
      : s_(settings), f_(figures) {}

  /// Sentences, each with a blank after it, works cited by the marks of `cite`.
  [[nodiscard]] std::string write() const {
    return text(matching(), normalisation(), missing(), aggregation());
  }

 private:
  [[nodiscard]] bool surface() const { return f_.atlas == AtlasKind::surface; }
  [[nodiscard]] bool by_sample() const { return s_.region_agg == RegionAggregation::none; }

  [[nodiscard]] std::string matching() const {
    std::string out = surface() ? match_to_surface() : match_to_volume();
    if (f_.atlas_info) {
      out +=
          "Samples could be assigned only to regions of their own hemisphere and structural "
          "class (cortex, subcortex and brainstem, cerebellum, white matter, other). ";
    }
    out += text("Of ", counted(f_.samples_kept, "sample"), ", ", grouped(f_.samples_matched),
                f_.samples_matched == 1 ? " was" : " were", " assigned to a region. ");
    if (s_.drop_lone_samples) {
      out += "Samples of no structural class, and those alone in theirs, were then left out. ";
    }
    return out;
  }

  [[nodiscard]] std::string match_to_surface() const {
    std::string out =
        "Cortical samples were assigned to the region of the nearest labelled vertex "
        "unless they lay ";
    if (s_.tolerance < 0) return out + text("more than ", -s_.tolerance, " mm from it. ");
    if (s_.tolerance == 0) return out + "farther from it than the donor's samples on average. ";
    return out + text("more than ", s_.tolerance,
                      " standard deviations farther from it than the donor's samples on average. ");
  }

  [[nodiscard]] std::string match_to_volume() const {
    const double reach_mm = std::floor(std::abs(s_.tolerance));
    std::string out = "A sample was assigned to the region of the voxel that it lies in";
    if (f_.atlas != AtlasKind::native_volumes) {
      out += s_.placement == GridPlacement::nearest
                 ? " (the one with the nearest centre)"
                 : " (positions were rounded down to the voxel grid, as in abagen)";
    }
    if (reach_mm < 1) return out + ". ";
    out += text(" or, failing that, to a region with voxels within ", reach_mm,
                " mm, searched for in steps of 1 mm");
    out += f_.atlas_info ? "; of several regions at hand, the one with the nearest centroid was "
                           "taken"
                         : "; of several regions at hand, the one with most voxels was taken, and "
                           "where that did not decide, the one with the nearest centroid";
    return out + ". ";
  }

  /// What a normaliser does, as "by …".
  [[nodiscard]] static std::string normaliser(std::string_view word) {
    const std::string rescaled = ", rescaled to the unit interval";
    std::string robust = text(
        "the robust sigmoid 1/(1 + exp(-(v - median)/s)), with s the interquartile range divided "
        "by "
        "1.349 ",
        cite(Reference::robust_sigmoid));
    std::string plain = text("the sigmoid 1/(1 + exp(-(v - mean)/sd)) ", cite(Reference::sigmoid));
    if (word == "srs") return robust + rescaled;
    if (word == "rs") return robust;
    if (word == "mixed_sig") {
      return text(robust, " or, where that range is 0, ", plain, rescaled);
    }
    if (word == "scaled_sig") return plain + rescaled;
    if (word == "scaled_sig_qnt") {
      return text(plain, " with mean and sd of the values from the 5th to the 95th percentile",
                  rescaled);
    }
    if (word == "sig") return plain;
    if (word == "zscore") return "subtracting the mean and dividing by the standard deviation";
    if (word == "minmax") return "rescaling to the unit interval";
    if (word == "center") return "subtracting the mean";
    return text("the normaliser ", word);
  }

  [[nodiscard]] std::string normalisation() const {
    const std::string over_samples = "those of each gene over the samples of each donor separately";
    std::string out;
    if (s_.sample_norm && s_.gene_norm && s_.sample_norm->word() == s_.gene_norm->word()) {
      out = text("Values of each sample were normalised over genes, and then ", over_samples,
                 ", both by ", normaliser(s_.gene_norm->word()), ". ");
    } else if (s_.sample_norm && s_.gene_norm) {
      out = text("Values of each sample were normalised over genes by ",
                 normaliser(s_.sample_norm->word()), "; then ", over_samples, " by ",
                 normaliser(s_.gene_norm->word()), ". ");
    } else if (s_.gene_norm) {
      out =
          text("Values of each gene were normalised over the samples of each donor separately by ",
               normaliser(s_.gene_norm->word()), ". ");
    } else if (s_.sample_norm) {
      out = text("Values of each sample were normalised over genes by ",
                 normaliser(s_.sample_norm->word()), "; genes were not normalised over samples. ");
    } else {
      out = "Values were log2 intensities and were not normalised further. ";
    }
    if (!s_.gene_norm) return out;
    out += text(s_.norm_matched ? "Only samples assigned to a region entered "
                                : "All samples, assigned to a region or not, entered ",
                s_.sample_norm ? "the latter" : "this");
    if (s_.norm_structures) out += ", separately for each structural class";
    return out + ". ";
  }

  [[nodiscard]] std::string missing() const {
    if (by_sample()) return {};
    const std::string own_kind = f_.atlas_info ? " of its own hemisphere and structural class" : "";
    if (s_.missing == MissingRegions::interpolate) {
      return text("Where a donor had no sample in a region, each ", surface() ? "vertex" : "voxel",
                  " of the region was given the donor's nearest sample", own_kind,
                  ", and the region their mean, weighted by the inverse of the distance",
                  surface() ? " along the surface" : "", "; this filled up to ",
                  counted(f_.regions_filled, "region"), " in a donor. ");
    }
    if (s_.missing == MissingRegions::centroids) {
      return text(
          "A region without a sample of any donor was given the mean of the donors' samples",
          own_kind,
          " nearest to its centroid, one from each donor, weighted by the inverse of the "
          "distance; this filled ",
          counted(f_.regions_filled, "region"), ". ");
    }
    if (f_.regions_unsampled == 0) return {};
    return text("No donor had a sample in ", grouped(f_.regions_unsampled), " of the ",
                counted(f_.regions, "region"),
                f_.regions_unsampled == 1 ? "; it was left empty. " : "; these were left empty. ");
  }

  [[nodiscard]] std::string aggregation() const {
    const bool mean = s_.agg_metric == AggregationMetric::mean;
    std::string out,
        lost = "Genes that lacked a value in a region for which other genes had one were left out";
    switch (s_.region_agg) {
      case RegionAggregation::donors:
        out = mean ? "Values were averaged over the samples of a region within each donor"
                   : "The median over the samples of a region was taken within each donor";
        out += s_.return_donors ? ", and donors were kept apart. " : ", and then over donors. ";
        break;
      case RegionAggregation::samples:
        out = mean ? "Values were averaged over the samples of a region, all donors together. "
                   : "The median over the samples of a region was taken, all donors together. ";
        break;
      case RegionAggregation::none:
        out = "Values were kept sample by sample, with the position of each. ";
        lost = "Genes that lacked a value in some sample of a donor were left out for that donor";
        break;
    }
    if (!s_.return_donors || by_sample()) out += lost + ". ";
    if (!s_.genes.empty()) {
      out += text("Results were restricted to a list of ", counted(std::ssize(s_.genes), "gene"),
                  ". ");
    }
    const bool several = by_sample() || s_.return_donors;
    out += text(several ? "The resulting tables hold " : "The resulting table holds ",
                counted(f_.genes_written, "gene"));
    return out + (by_sample() ? "." : text(" in ", counted(f_.regions, "region"), "."));
  }

  const AhbaSettings& s_;
  const AhbaFigures& f_;
};

}  // namespace inrgene::detail
