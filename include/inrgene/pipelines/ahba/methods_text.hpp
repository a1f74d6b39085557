// A run of the microarray pipeline in words: a methods section with its references.
#pragma once

#include <string>

#include "inrgene/pipelines/ahba/methods_references.hpp"
#include "inrgene/pipelines/ahba/methods_regions.hpp"
#include "inrgene/pipelines/ahba/methods_samples.hpp"
#include "inrgene/pipelines/ahba/settings.hpp"

namespace inrgene {

/// The methods section of a run: one paragraph that says what was done under these settings and
/// with which counts, works cited as [1], [2], … in order; then a list "References" of those cited,
/// a line each. Plain text in UTF-8. What a setting leaves out of the pipeline is left out of the
/// text. Age and sex are given for the six donors of the Allen Human Brain Atlas.
[[nodiscard]] inline std::string methods_paragraph(const AhbaSettings& settings,
                                                   const AhbaFigures& figures) {
  return detail::number_citations(detail::MethodsOfSamples(settings, figures).write() +
                                  detail::MethodsOfRegions(settings, figures).write());
}

}  // namespace inrgene
