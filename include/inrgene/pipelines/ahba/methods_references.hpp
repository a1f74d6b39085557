// Works that the methods section of a run may cite.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "inrgene/core/error.hpp"
#include "inrgene/core/version.hpp"

namespace inrgene::detail {

/// A work, in the order of `methods_references`.
enum class Reference {
  human_brain_atlas,
  this_software,
  abagen,
  practical_guide,
  corrected_coordinates,
  registration,
  mirrored_samples,
  background_filter,
  differential_stability,
  pc_loading,
  representative_probe,
  sigmoid,
  robust_sigmoid
};

inline constexpr std::array<std::string_view, 13> methods_references{
    "Hawrylycz MJ, Lein ES, Guillozet-Bongaarts AL, et al. An anatomically comprehensive atlas of "
    "the adult human brain transcriptome. Nature 489, 391-399, 2012.",
    "The inrgene authors. inrgene: implicit neural representations of gene expression in the "
    "brain. Software, version ",
    "Markello RD, Arnatkevičiūtė A, Poline J-B, Fulcher BD, Fornito A, Misic B. Standardizing "
    "workflows in imaging transcriptomics with the abagen toolbox. eLife 10, e72129, 2021.",
    "Arnatkevičiūtė A, Fulcher BD, Fornito A. A practical guide to linking brain-wide gene "
    "expression and neuroimaging data. NeuroImage 189, 353-367, 2019.",
    "Gorgolewski KJ, Fox AS, Chang L, et al. Tight fitting genes: finding relations between "
    "statistical maps and gene expression patterns. F1000Posters 5, 1607, 2014.",
    "Avants BB, Tustison NJ, Song G, Cook PA, Klein A, Gee JC. A reproducible evaluation of ANTs "
    "similarity metric performance in brain image registration. NeuroImage 54, 2033-2044, 2011.",
    "Romero-Garcia R, Whitaker KJ, Váša F, et al. Structural covariance networks are coupled to "
    "expression of genes enriched in supragranular layers of the human cortex. NeuroImage 171, "
    "256-267, 2018.",
    "Quackenbush J. Microarray data normalization and transformation. Nature Genetics 32, "
    "496-501, 2002.",
    "Hawrylycz M, Miller JA, Menon V, et al. Canonical genetic signatures of the adult human "
    "brain. Nature Neuroscience 18, 1832-1844, 2015.",
    "Parkes L, Fulcher BD, Yücel M, Fornito A. Transcriptional signatures of connectomic "
    "subregions of the human striatum. Genes, Brain and Behavior 16, 647-663, 2017.",
    "Miller JA, Cai C, Langfelder P, et al. Strategies for aggregating gene expression data: the "
    "collapseRows R function. BMC Bioinformatics 12, 322, 2011.",
    "Fulcher BD, Little MA, Jones NS. Highly comparative time-series analysis: the empirical "
    "structure of time series and their methods. Journal of the Royal Society Interface 10, "
    "20130048, 2013.",
    "Fulcher BD, Fornito A. A transcriptional signature of hub connectivity in the mouse "
    "connectome. Proceedings of the National Academy of Sciences 113, 1435-1440, 2016."};

/// Marks a place where a work is cited; `number_citations` turns it into a number.
[[nodiscard]] inline std::string cite(Reference work) {
  return text("[@", static_cast<int>(work), "]");
}

/// Replaces the marks of `cite` by [1], [2], … in the order in which works first stand there, and
/// appends the list of them.
[[nodiscard]] inline std::string number_citations(std::string_view marked) {
  std::string out, list;
  std::array<int, methods_references.size()> number{};
  int cited = 0;
  for (std::size_t at = 0; at < marked.size();) {
    const std::size_t mark = std::min(marked.find("[@", at), marked.size());
    out += marked.substr(at, mark - at);
    if (mark == marked.size()) break;
    const std::size_t end = marked.find(']', mark);
    const auto work =
        static_cast<std::size_t>(std::stoi(std::string(marked.substr(mark + 2, end - mark - 2))));
    if (number[work] == 0) {
      number[work] = ++cited;
      list +=
          text(cited, ". ", methods_references[work],
               work == static_cast<std::size_t>(Reference::this_software) ? text(version, ".") : "",
               "\n");
    }
    out += text("[", number[work], "]");
    at = end + 1;
  }
  return text(out, "\n\nReferences\n\n", list);
}

}  // namespace inrgene::detail
