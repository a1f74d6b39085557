#include "inrgene/pipelines/ahba/methods_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace inrgene;

namespace {

/// Counts that are all different, so that each can be found again.
AhbaFigures six_donors() {
  AhbaFigures f;
  f.donors = {9861, 10021, 12876, 14380, 15496, 15697};
  f.atlas_info = f.corrected_coordinates = f.reannotated = true;
  f.samples_measured = 3702;
  f.samples_kept = 3601;
  f.samples_copied = 1204;
  f.samples_matched = 2748;
  f.probes_measured = 58692;
  f.probes_annotated = 45821;
  f.probes_kept = 31569;
  f.genes_selected = 15633;
  f.genes_written = 15432;
  f.regions = 83;
  f.regions_unsampled = 5;
  f.regions_filled = 7;
  return f;
}

bool holds(const std::string& words, const std::string& part) {
  return words.find(part) != std::string::npos;
}

std::string paragraph_of(const std::string& whole) {
  return whole.substr(0, whole.find("\n\nReferences\n\n"));
}

std::vector<std::string> references_of(const std::string& whole) {
  const std::string heading = "\n\nReferences\n\n";
  std::vector<std::string> out;
  std::string line;
  for (const char c : whole.substr(whole.find(heading) + heading.size())) {
    if (c != '\n') {
      line += c;
      continue;
    }
    out.push_back(std::exchange(line, ""));
  }
  CHECK(line.empty());
  return out;
}

/// What any methods section must be, whatever the settings: works numbered as they are first cited,
/// each listed once, and sentences without seams.
void check_form(const std::string& whole) {
  CAPTURE(whole);
  const std::string paragraph = paragraph_of(whole);
  int cited = 0;
  for (std::size_t at = paragraph.find('['); at != std::string::npos;
       at = paragraph.find('[', at + 1)) {
    const int number = std::stoi(paragraph.substr(at + 1));
    CHECK(number >= 1);
    CHECK(number <= cited + 1);
    cited = std::max(cited, number);
  }
  const std::vector<std::string> references = references_of(whole);
  REQUIRE(std::ssize(references) == cited);
  std::set<std::string> works;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const std::string number = text(i + 1, ". ");
    CHECK(references[i].starts_with(number));
    CHECK(references[i].back() == '.');
    CHECK(works.insert(references[i].substr(number.size())).second);
  }
  for (const char* seam : {"  ", " .", " ,", "..", ",.", ";.", "[@", "\n", "( ", " )", "()"}) {
    CAPTURE(seam);
    CHECK_FALSE(holds(paragraph, seam));
  }
  CHECK(paragraph.back() == '.');
  for (std::size_t at = paragraph.find(". "); at != std::string::npos;
       at = paragraph.find(". ", at + 1)) {
    const char next = paragraph[at + 2];
    CHECK(next >= 'A');
    CHECK(next <= 'Z');
  }
}

}  // namespace

TEST_CASE("works are numbered as they are first cited") {
  using detail::cite, detail::Reference;
  const std::string marked = "Late " + cite(Reference::robust_sigmoid) + ", early " +
                             cite(Reference::human_brain_atlas) + ", late again " +
                             cite(Reference::robust_sigmoid) + ".";
  const std::string whole = detail::number_citations(marked);
  CHECK(paragraph_of(whole) == "Late [1], early [2], late again [1].");
  const auto references = references_of(whole);
  REQUIRE(references.size() == 2);
  CHECK(references[0].starts_with("1. Fulcher BD, Fornito A."));
  CHECK(references[1].starts_with("2. Hawrylycz MJ"));
  CHECK(detail::number_citations("None.") == "None.\n\nReferences\n\n");
}

TEST_CASE("numbers are said as in print") {
  CHECK(detail::grouped(0) == "0");
  CHECK(detail::grouped(999) == "999");
  CHECK(detail::grouped(1000) == "1,000");
  CHECK(detail::grouped(58692) == "58,692");
  CHECK(detail::grouped(1234567) == "1,234,567");
  CHECK(detail::grouped(-1000) == "-1,000");
  CHECK(detail::grouped(-100) == "-100");
  CHECK(detail::counted(1, "gene") == "1 gene");
  CHECK(detail::counted(0, "gene") == "0 genes");
  CHECK(detail::in_words(6) == "six");
  CHECK(detail::in_words(7) == "7");
  CHECK(detail::in_words(0) == "0");
  const std::vector<int> donors{1, 2, 3};
  CHECK(detail::listed(std::span(donors).first(1)) == "1");
  CHECK(detail::listed(std::span(donors).first(2)) == "1 and 2");
  CHECK(detail::listed(donors) == "1, 2 and 3");
}

TEST_CASE("the methods section of a run with defaults") {
  const std::string whole = methods_paragraph({}, six_donors());
  check_form(whole);
  const std::string paragraph = paragraph_of(whole);
  CAPTURE(paragraph);
  for (const char* part :
       {"Allen Human Brain Atlas [1]", "3,702 tissue samples of six post-mortem brains",
        "one woman and five men, aged 24 to 57 years",
        "donors 9861, 10021, 12876, 14380, 15496 and 15697",
        "a volumetric atlas of 83 regions in MNI space", "45,821 of the 58,692 probes",
        "; 3,601 remained. ", "at least 50 % of these samples", "left 31,569 probes",
        "greatest differential stability", "gave 15,633 genes", "within 2 mm",
        "own hemisphere and structural class", "Of 3,601 samples, 2,748 were assigned",
        "both by the robust sigmoid",
        "No donor had a sample in 5 of the 83 regions; these were left empty",
        "averaged over the samples of a region within each donor, and then over donors",
        "table holds 15,432 genes in 83 regions."}) {
    CAPTURE(part);
    CHECK(holds(paragraph, part));
  }
  CHECK_FALSE(holds(paragraph, "mirrored"));
  CHECK(references_of(whole).size() == 9);
  CHECK(holds(whole, "\n2. The inrgene authors."));
  CHECK(holds(whole, text("version ", version, ".\n")));
}

TEST_CASE("every setting and every figure has a say in the methods section") {
  struct Change {
    const char* name;
    std::function<void(AhbaSettings&, AhbaFigures&)> make;
  };
  const std::vector<Change> changes{
      {"ibf_threshold", [](auto& s, auto&) { s.ibf_threshold = 0.3; }},
      {"average", [](auto& s, auto&) { s.probe_selection = ProbeMethod::average; }},
      {"max_intensity", [](auto& s, auto&) { s.probe_selection = ProbeMethod::max_intensity; }},
      {"max_variance", [](auto& s, auto&) { s.probe_selection = ProbeMethod::max_variance; }},
      {"pc_loading", [](auto& s, auto&) { s.probe_selection = ProbeMethod::pc_loading; }},
      {"corr_variance", [](auto& s, auto&) { s.probe_selection = ProbeMethod::corr_variance; }},
      {"corr_intensity", [](auto& s, auto&) { s.probe_selection = ProbeMethod::corr_intensity; }},
      {"rnaseq", [](auto& s, auto&) { s.probe_selection = ProbeMethod::rnaseq; }},
      {"independent",
       [](auto& s, auto&) {
         s.probe_selection = ProbeMethod::max_intensity;
         s.donor_probes = DonorProbes::independent;
       }},
      {"common",
       [](auto& s, auto&) {
         s.probe_selection = ProbeMethod::max_intensity;
         s.donor_probes = DonorProbes::common;
       }},
      {"sim_threshold", [](auto& s, auto&) { s.sim_threshold = 5; }},
      {"bidirectional", [](auto& s, auto&) { s.lr_mirror = Mirroring::bidirectional; }},
      {"leftright", [](auto& s, auto&) { s.lr_mirror = Mirroring::leftright; }},
      {"rightleft", [](auto& s, auto&) { s.lr_mirror = Mirroring::rightleft; }},
      {"interpolate", [](auto& s, auto&) { s.missing = MissingRegions::interpolate; }},
      {"centroids", [](auto& s, auto&) { s.missing = MissingRegions::centroids; }},
      {"tolerance", [](auto& s, auto&) { s.tolerance = 4; }},
      {"tolerance 0", [](auto& s, auto&) { s.tolerance = 0; }},
      {"no sample_norm", [](auto& s, auto&) { s.sample_norm.reset(); }},
      {"no gene_norm", [](auto& s, auto&) { s.gene_norm.reset(); }},
      {"no norm",
       [](auto& s, auto&) {
         s.sample_norm.reset();
         s.gene_norm.reset();
       }},
      {"norm_matched", [](auto& s, auto&) { s.norm_matched = false; }},
      {"norm_structures", [](auto& s, auto&) { s.norm_structures = true; }},
      {"drop_lone_samples", [](auto& s, auto&) { s.norm_structures = s.drop_lone_samples = true; }},
      {"samples", [](auto& s, auto&) { s.region_agg = RegionAggregation::samples; }},
      {"none", [](auto& s, auto&) { s.region_agg = RegionAggregation::none; }},
      {"median", [](auto& s, auto&) { s.agg_metric = AggregationMetric::median; }},
      {"samples, median",
       [](auto& s, auto&) {
         s.region_agg = RegionAggregation::samples;
         s.agg_metric = AggregationMetric::median;
       }},
      {"return_donors", [](auto& s, auto&) { s.return_donors = true; }},
      {"placement", [](auto& s, auto&) { s.placement = GridPlacement::nearest; }},
      {"genes",
       [](auto& s, auto&) {
         s.genes = {"APOE", "BIN1", "MAPT"};
       }},
      {"one donor", [](auto&, auto& f) { f.donors = {15496}; }},
      {"surface", [](auto&, auto& f) { f.atlas = AtlasKind::surface; }},
      {"surface, no tolerance",
       [](auto& s, auto& f) {
         f.atlas = AtlasKind::surface;
         s.tolerance = 0;
       }},
      {"surface, mm",
       [](auto& s, auto& f) {
         f.atlas = AtlasKind::surface;
         s.tolerance = -2;
       }},
      {"surface, interpolate",
       [](auto& s, auto& f) {
         f.atlas = AtlasKind::surface;
         s.missing = MissingRegions::interpolate;
       }},
      {"native", [](auto&, auto& f) { f.atlas = AtlasKind::native_volumes; }},
      {"atlas_info", [](auto&, auto& f) { f.atlas_info = false; }},
      {"corrected_coordinates", [](auto&, auto& f) { f.corrected_coordinates = false; }},
      {"reannotated", [](auto&, auto& f) { f.reannotated = false; }},
      {"samples_measured", [](auto&, auto& f) { f.samples_measured = 1; }},
      {"samples_kept", [](auto&, auto& f) { f.samples_kept = 1; }},
      {"samples_matched", [](auto&, auto& f) { f.samples_matched = 1; }},
      {"probes_measured", [](auto&, auto& f) { f.probes_measured = 1; }},
      {"probes_annotated", [](auto&, auto& f) { f.probes_annotated = 1; }},
      {"probes_kept", [](auto&, auto& f) { f.probes_kept = 1; }},
      {"genes_selected", [](auto&, auto& f) { f.genes_selected = 1; }},
      {"genes_written", [](auto&, auto& f) { f.genes_written = 1; }},
      {"regions", [](auto&, auto& f) { f.regions = 1; }},
      {"regions filled, interpolate",
       [](auto& s, auto& f) {
         s.missing = MissingRegions::interpolate;
         f.regions_filled = 1;
       }},
      {"regions filled, centroids",
       [](auto& s, auto& f) {
         s.missing = MissingRegions::centroids;
         f.regions_filled = 1;
       }},
      {"samples_copied",
       [](auto& s, auto& f) {
         s.lr_mirror = Mirroring::leftright;
         f.samples_copied = 1;
       }},
      {"drop_lone_samples, no gene_norm",
       [](auto& s, auto&) {
         s.gene_norm.reset();
         s.norm_structures = s.drop_lone_samples = true;
       }},
      {"one region unsampled", [](auto&, auto& f) { f.regions_unsampled = 1; }},
      {"all regions sampled", [](auto&, auto& f) { f.regions_unsampled = 0; }}};
  std::set<std::string> different{methods_paragraph({}, six_donors())};
  for (const Change& change : changes) {
    CAPTURE(change.name);
    AhbaSettings settings;
    AhbaFigures figures = six_donors();
    change.make(settings, figures);
    const std::string whole = methods_paragraph(settings, figures);
    check_form(whole);
    CHECK(different.insert(whole).second);
  }
}

TEST_CASE("every normaliser is described, each for itself") {
  std::set<std::string> different;
  for_each_type(Normalisers{}, [&]<class N>() {
    for (const bool both : {false, true}) {
      AhbaSettings settings;
      settings.gene_norm = N{};
      settings.sample_norm.reset();
      if (both) settings.sample_norm = N{};
      const std::string whole = methods_paragraph(settings, six_donors());
      check_form(whole);
      CHECK_FALSE(holds(whole, "the normaliser"));
      CHECK(different.insert(whole).second);
    }
  });
  AhbaSettings settings;
  settings.sample_norm = ZScore{};
  const std::string whole = methods_paragraph(settings, six_donors());
  check_form(whole);
  CHECK(holds(whole,
              "over genes by subtracting the mean and dividing by the standard deviation; "
              "then those of each gene"));
}

TEST_CASE("options that have no effect are not told") {
  AhbaSettings settings;
  settings.region_agg = RegionAggregation::none;
  settings.missing = MissingRegions::centroids;
  settings.donor_probes = DonorProbes::independent;  // differential stability needs all donors
  const std::string paragraph = paragraph_of(methods_paragraph(settings, six_donors()));
  CHECK_FALSE(holds(paragraph, "centroid,"));
  CHECK_FALSE(holds(paragraph, "filled"));
  CHECK_FALSE(holds(paragraph, "chosen for each donor"));
  CHECK_FALSE(holds(paragraph, "mirrored"));
  CHECK(holds(paragraph, "sample by sample"));
}

TEST_CASE("thresholds and tolerances are told as they act") {
  const auto told = [](auto&& change, AtlasKind atlas = AtlasKind::volume) {
    AhbaSettings settings;
    AhbaFigures figures = six_donors();
    figures.atlas = atlas;
    change(settings);
    return paragraph_of(methods_paragraph(settings, figures));
  };
  // Section 5: the threshold is clipped to [0, 1].
  CHECK(holds(told([](auto& s) { s.ibf_threshold = 7; }), "at least 100 %"));
  CHECK(holds(told([](auto& s) { s.ibf_threshold = -1; }), "No probe was left out"));
  // Section 7: whole millimetres, without sign, for volumes; standard deviations or, below 0,
  // millimetres for surfaces.
  CHECK(holds(told([](auto& s) { s.tolerance = 2.5; }), "within 2 mm"));
  CHECK(holds(told([](auto& s) { s.tolerance = -3; }), "within 3 mm"));
  CHECK_FALSE(holds(told([](auto& s) { s.tolerance = 0.5; }), " mm"));
  CHECK(holds(told([](auto&) {}, AtlasKind::surface), "more than 2 standard deviations"));
  CHECK(holds(told([](auto& s) { s.tolerance = -4.5; }, AtlasKind::surface), "more than 4.5 mm"));
  CHECK_FALSE(holds(told([](auto&) {}, AtlasKind::native_volumes), "grid"));
}

TEST_CASE("RNA sequencing is told of the donors that have it") {
  AhbaSettings settings;
  settings.probe_selection = ProbeMethod::rnaseq;
  AhbaFigures figures = six_donors();
  CHECK(holds(methods_paragraph(settings, figures), "available for donors 9861 and 10021; this"));
  figures.donors = {10021, 12876};
  CHECK(holds(methods_paragraph(settings, figures), "available for donor 10021; this"));
}

TEST_CASE("donors are told by age and sex only where they are known") {
  AhbaFigures figures = six_donors();
  figures.donors = {15496};
  CHECK(holds(methods_paragraph({}, figures),
              "of one post-mortem brain (one woman, aged 49 years; donor 15496). "));
  figures.donors = {9861, 10021};
  CHECK(holds(methods_paragraph({}, figures), "(two men, aged 24 to 39 years; donors 9861 and "));
  figures.donors = {9861, 4711};
  CHECK(holds(methods_paragraph({}, figures), "brains (donors 9861 and 4711). "));
}
