// The first half of the methods section of a run: donors, probes, samples, and genes.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/brain/ahba/vocabulary.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/core/version.hpp"
#include "inrgene/pipelines/ahba/methods_references.hpp"
#include "inrgene/pipelines/ahba/methods_wording.hpp"
#include "inrgene/pipelines/ahba/settings.hpp"

namespace inrgene::detail {

/// What was done up to one value a gene and sample, in the order of the steps.
class MethodsOfSamples {
 public:
  MethodsOfSamples(const AhbaSettings& settings, const AhbaFigures& figures)
      : s_(settings), f_(figures) {}

  /// Sentences, each with a blank after it, works cited by the marks of `cite`.
  [[nodiscard]] std::string write() const {
    return text(data(), annotation(), positions(), filter(), selection());
  }

 private:
  /// "one woman and five men, aged 24 to 57 years; "; empty when a donor is not known.
  [[nodiscard]] std::string people() const {
    struct Person {
      int donor, age;
      bool woman;
    };
    constexpr std::array known{Person{9861, 24, false},  Person{10021, 39, false},
                               Person{12876, 57, false}, Person{14380, 31, false},
                               Person{15496, 49, true},  Person{15697, 55, false}};
    Index women = 0, men = 0;
    int youngest = 1000, oldest = 0;
    for (const int donor : f_.donors) {
      const auto at = std::find_if(known.begin(), known.end(),
                                   [&](const Person& person) { return person.donor == donor; });
      if (at == known.end()) return {};
      ++(at->woman ? women : men);
      youngest = std::min(youngest, at->age);
      oldest = std::max(oldest, at->age);
    }
    if (f_.donors.empty()) return {};
    const auto some = [](Index n, std::string_view one, std::string_view many) {
      return n == 0 ? std::string() : text(in_words(n), " ", n == 1 ? one : many);
    };
    const std::string ages = youngest == oldest ? text(youngest) : text(youngest, " to ", oldest);
    return text(some(women, "woman", "women"), women > 0 && men > 0 ? " and " : "",
                some(men, "man", "men"), ", aged ", ages, " years; ");
  }

  [[nodiscard]] std::string data() const {
    const auto donors = std::ssize(f_.donors);
    std::string out = text(
        "Gene expression came from the microarray data of the Allen Human Brain Atlas ",
        cite(Reference::human_brain_atlas), ": ", counted(f_.samples_measured, "tissue sample"),
        " of ", in_words(donors), donors == 1 ? " post-mortem brain (" : " post-mortem brains (",
        people(), donors == 1 ? "donor " : "donors ", listed(f_.donors), "). ");
    const std::string regions = counted(f_.regions, "region");
    out += text("They were processed with inrgene ", version, " ", cite(Reference::this_software),
                ", which follows the procedure of abagen ", cite(Reference::abagen),
                ", and matched to ");
    switch (f_.atlas) {
      case AtlasKind::volume:
        return text(out, "a volumetric atlas of ", regions, " in MNI space. ");
      case AtlasKind::surface:
        return text(out, "a parcellation of the cortical surface into ", regions, ". ");
      case AtlasKind::native_volumes:
        return text(out, "a volumetric atlas of ", regions,
                    " given in the space of each donor's own scan. ");
    }
    return out;
  }

  [[nodiscard]] std::string annotation() const {
    if (f_.reannotated) {
      return text("Probes were assigned to genes by the reannotation of Arnatkevičiūtė and others ",
                  cite(Reference::practical_guide), ", which gives ", grouped(f_.probes_annotated),
                  " of the ", counted(f_.probes_measured, "probe"),
                  " a gene with an Entrez identifier; the others were left out. ");
    }
    return text("Probes kept the genes that the Allen Institute assigns to them; of ",
                counted(f_.probes_measured, "probe"), ", the ", grouped(f_.probes_annotated),
                " with an Entrez identifier were used. ");
  }

  [[nodiscard]] std::string positions() const {
    std::string out;
    if (f_.atlas == AtlasKind::native_volumes) {
      out += "Positions of samples were taken in the space of each donor's T1-weighted scan. ";
    } else if (f_.corrected_coordinates) {
      out += text(
          "Positions of samples were MNI coordinates recomputed by non-linear registration "
          "with ANTs ",
          cite(Reference::registration), " and distributed with alleninf ",
          cite(Reference::corrected_coordinates), ". ");
    } else {
      out += "Positions of samples were the MNI coordinates supplied by the Allen Institute. ";
    }
    if (s_.lr_mirror != Mirroring::none) {
      out += text("To cover both hemispheres, ",
                  s_.lr_mirror == Mirroring::leftright   ? "samples of the left hemisphere"
                  : s_.lr_mirror == Mirroring::rightleft ? "samples of the right hemisphere"
                                                         : "samples of each hemisphere",
                  " were copied to the mirrored position in the other one ",
                  cite(Reference::mirrored_samples), ". ");
    }
    out +=
        "Samples that do not lie on the side of the brain that they are annotated to were left "
        "out, as were samples annotated to neither side unless on the midline";
    if (s_.sim_threshold) {
      out += text(
          ", and those whose summed correlation with all samples of the same donor lay more "
          "than ",
          *s_.sim_threshold, " standard deviations below the donor's mean");
    }
    const std::string copies =
        s_.lr_mirror == Mirroring::none
            ? std::string()
            : text(" (", grouped(f_.samples_copied), " of them mirrored copies)");
    return out + text("; ", grouped(f_.samples_kept), " remained", copies, ". ");
  }

  [[nodiscard]] std::string filter() const {
    const double share = std::clamp(s_.ibf_threshold, 0.0, 1.0);
    if (share == 0) return "No probe was left out for a low intensity. ";
    return text("Probes were kept whose intensity exceeded the background ",
                cite(Reference::background_filter), " in at least ", 100 * share,
                " % of these samples, all donors taken together, which left ",
                counted(f_.probes_kept, "probe"), ". ");
  }

  [[nodiscard]] std::string selection() const {
    std::string out;
    bool donors_matter = true;
    const std::string several = "Of several probes of one gene, the one ";
    switch (s_.probe_selection) {
      case ProbeMethod::average:
        out = "The probes of one gene were averaged";
        donors_matter = false;
        break;
      case ProbeMethod::max_intensity:
        out = several + "with the highest mean intensity over samples was used";
        break;
      case ProbeMethod::max_variance:
        out = several + "that varies most over samples was used";
        break;
      case ProbeMethod::pc_loading:
        out = text(several,
                   "with the largest score on the first principal component of their "
                   "values over samples was used ",
                   cite(Reference::pc_loading));
        break;
      case ProbeMethod::corr_variance:
      case ProbeMethod::corr_intensity:
        out = text(several,
                   "that correlates best with the others, on average over them, was used (of two "
                   "probes, the one with the ",
                   s_.probe_selection == ProbeMethod::corr_variance ? "larger variance"
                                                                    : "higher mean intensity",
                   ") ", cite(Reference::representative_probe));
        break;
      case ProbeMethod::diff_stability:
        out = text(several,
                   "with the greatest differential stability was used, the mean over all pairs of "
                   "donors of Spearman's correlation between their mean values in those structures "
                   "of the Allen ontology that both have ",
                   cite(Reference::differential_stability));
        donors_matter = false;
        break;
      case ProbeMethod::rnaseq:
        out = text(several,
                   "was used whose mean values in the structures of the Allen ontology correlate "
                   "best (Spearman) with RNA sequencing of that gene, which is available for ",
                   sequenced());
        donors_matter = false;
        break;
    }
    if (donors_matter) {
      out += s_.donor_probes == DonorProbes::aggregate
                 ? ". Probes were chosen on the samples of all donors together"
             : s_.donor_probes == DonorProbes::independent
                 ? ". Probes were chosen for each donor separately, so that donors may differ in "
                   "them"
                 : ". Probes were chosen for each donor separately, and the most frequent choice "
                   "was then taken for all";
    }
    return out + text("; this gave ", counted(f_.genes_selected, "gene"), ". ");
  }

  /// Those of the donors with RNA sequencing: "donors 9861 and 10021".
  [[nodiscard]] std::string sequenced() const {
    std::vector<int> donors;
    for (const int donor : f_.donors) {
      if (donor == 9861 || donor == 10021) donors.push_back(donor);
    }
    return text(donors.size() == 1 ? "donor " : "donors ", listed(donors));
  }

  const AhbaSettings& s_;
  const AhbaFigures& f_;
};

}  // namespace inrgene::detail
