// The whole microarray pipeline against abagen's own output, option set by option set.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/surface_regions.hpp"
#include "inrgene/brain/ahba/volume_regions.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/pipelines/ahba/expression.hpp"
#include "inrgene/pipelines/ahba/regions.hpp"
#include "support/abagen_sets.hpp"
#include "support/paths.hpp"

using namespace inrgene;

namespace {

/// Where a case's atlas comes from.
enum class Place { volume, volume_2mm, volume_flipped, surface };

struct Case {
  const char* key;
  Place place = Place::volume;
  bool info = true;
  bool corrected = true;
  bool reannotated = true;
  std::function<void(AhbaSettings&)> change = [](AhbaSettings&) {};
  bool two_donors = false;   ///< the first two
  bool last_donors = false;  ///< the last two instead
};

std::vector<Case> cases() {
  using S = AhbaSettings;
  const auto c = [](S& s) {
    s.missing = MissingRegions::interpolate;
    s.lr_mirror = Mirroring::bidirectional;
    s.norm_structures = true;
  };
  std::vector<Case> out;
  out.push_back({.key = "A"});
  out.push_back({.key = "A0", .info = false});
  out.push_back({.key = "B", .change = [](S& s) {
                   s.norm_structures = true;
                   s.lr_mirror = Mirroring::leftright;
                   s.region_agg = RegionAggregation::none;
                   s.return_donors = true;
                 }});
  out.push_back({.key = "B0", .info = false, .change = [](S& s) {
                   s.norm_structures = true;
                   s.region_agg = RegionAggregation::none;
                 }});
  out.push_back({.key = "C", .change = c});
  out.push_back({.key = "D", .change = [](S& s) {
                   s.missing = MissingRegions::centroids;
                   s.sample_norm = s.gene_norm = normaliser_from_text("norm", "zscore");
                   s.probe_selection = ProbeMethod::max_intensity;
                   s.tolerance = -3;
                 }});
  out.push_back({.key = "E",
                 .change =
                     [](S& s) {
                       s.probe_selection = ProbeMethod::average;
                       s.lr_mirror = Mirroring::rightleft;
                       s.tolerance = 0;
                     },
                 .two_donors = true});
  out.push_back({.key = "F1", .reannotated = false, .change = [](S& s) {
                   s.missing = MissingRegions::centroids;  // exact = False
                 }});
  out.push_back({.key = "F2", .corrected = false, .change = [](S& s) {
                   s.tolerance = 3;  // exact = True
                 }});
  out.push_back({.key = "F3",
                 .info = false,
                 .corrected = false,
                 .reannotated = false,
                 .change =
                     [](S& s) {
                       s.missing = MissingRegions::centroids;
                       s.probe_selection = ProbeMethod::corr_variance;
                       s.donor_probes = DonorProbes::independent;
                     },
                 .two_donors = true,
                 .last_donors = true});
  out.push_back({.key = "H", .change = [](S& s) {
                   s.region_agg = RegionAggregation::samples;
                   s.agg_metric = AggregationMetric::median;
                   s.sim_threshold = 2;
                   s.norm_matched = false;
                   s.missing = MissingRegions::interpolate;
                 }});
  out.push_back({.key = "I", .change = [](S& s) {
                   s.sample_norm = normaliser_from_text("norm", "none");
                   s.gene_norm = normaliser_from_text("norm", "mixed_sig");
                   s.probe_selection = ProbeMethod::max_variance;
                   s.donor_probes = DonorProbes::common;
                 }});
  out.push_back({.key = "I2", .change = [](S& s) {
                   s.sample_norm = normaliser_from_text("norm", "none");
                   s.probe_selection = ProbeMethod::max_intensity;
                 }});
  out.push_back({.key = "J", .change = [](S& s) {
                   s.return_donors = true;
                   s.missing = MissingRegions::interpolate;
                   s.lr_mirror = Mirroring::bidirectional;
                   s.sample_norm = normaliser_from_text("norm", "center");
                   s.gene_norm = normaliser_from_text("norm", "rs");
                 }});
  out.push_back({.key = "L", .change = [](S& s) {
                   s.ibf_threshold = 0;
                   s.sample_norm = normaliser_from_text("norm", "minmax");
                   s.gene_norm = normaliser_from_text("norm", "scaled_sig_qnt");
                   s.norm_matched = false;
                   s.norm_structures = true;
                   s.probe_selection = ProbeMethod::max_variance;
                   s.donor_probes = DonorProbes::independent;
                 }});
  out.push_back({.key = "M", .info = false, .change = [](S& s) {
                   s.norm_structures = true;
                   s.return_donors = true;
                   s.agg_metric = AggregationMetric::median;
                 }});
  out.push_back({.key = "V2", .place = Place::volume_2mm, .change = [](S& s) {
                   s.missing = MissingRegions::interpolate;
                   s.tolerance = 4;
                 }});
  out.push_back({.key = "VL", .place = Place::volume_flipped, .change = [](S& s) {
                   s.lr_mirror = Mirroring::bidirectional;
                 }});
  out.push_back({.key = "S1", .place = Place::surface});
  out.push_back({.key = "S2", .place = Place::surface, .change = [](S& s) {
                   s.missing = MissingRegions::interpolate;
                   s.tolerance = -4;
                   s.lr_mirror = Mirroring::bidirectional;
                 }});
  out.push_back({.key = "S3", .place = Place::surface, .change = [](S& s) {
                   s.missing = MissingRegions::centroids;
                   s.tolerance = 1;
                 }});
  return out;
}

/// One case on one set: all that a run hands out.
struct Ran {
  struct Donor {
    RegionSamples table;
    std::vector<std::string> genes;
  };
  AhbaExpression expression;
  AhbaResult result;
  std::vector<Donor> donors;
  std::vector<Dropped> dropped;
  std::vector<std::vector<Index>> label;
};

/// Largest difference, and that NaN stands where NaN stands.
double largest_difference(const Eigen::MatrixXd& values, const CsvTable& table, Index first_row,
                          Index first_column) {
  double largest = 0;
  for (Index c = 0; c < values.cols(); ++c) {
    for (Index g = 0; g < values.rows(); ++g) {
      const double expected = table.number(first_row + c, first_column + g);
      const double found = values(g, c);
      if (std::isnan(expected) != std::isnan(found)) return INFINITY;
      if (!std::isnan(expected)) largest = std::max(largest, std::abs(found - expected));
    }
  }
  return largest;
}

template <class G>
Ran run_on(const AhbaInputs& inputs, const AhbaSettings& settings, const G& geometry) {
  Ran out;
  AhbaFigures figures;
  const AhbaHooks hooks{.threads = {2},
                        .warn = {},
                        .drop = [&](Dropped d) { out.dropped.push_back(std::move(d)); },
                        .stage = {}};
  out.expression = read_ahba(inputs, settings, hooks, figures);
  AhbaExpression used = out.expression;
  for (const DonorSamples& samples : used.samples) out.label.push_back(geometry.match(samples));
  out.result = to_regions(std::move(used), std::span(&geometry, 1), settings, hooks, figures,
                          [&](const RegionSamples& donor, const std::vector<std::string>& genes) {
                            out.donors.push_back({donor, genes});
                          });
  return out;
}

Ran run_case(const Case& c, const std::filesystem::path& set, const std::filesystem::path& data) {
  AhbaSettings settings;
  c.change(settings);
  AhbaInputs inputs{.data = set};
  if (c.corrected) inputs.coordinates = data / "ahba_tables/corrected_mni_coordinates.csv.gz";
  if (c.reannotated) inputs.reannotation = data / "ahba_tables/reannotated.csv.gz";
  if (c.two_donors) {
    const std::vector<DonorFiles> donors = open_ahba(set).donors;
    const std::size_t first = c.last_donors ? donors.size() - 2 : 0;
    inputs.donors = {std::to_string(donors[first + 1].donor), std::to_string(donors[first].donor)};
  }
  const std::filesystem::path atlas = data / "atlas";
  const auto info = [&](std::span<const Index> labels) {
    return c.info ? std::optional(read_region_info(atlas / "atlas-desikankilliany.csv", labels))
                  : std::nullopt;
  };
  const MatchSettings match{.tolerance = settings.tolerance, .placement = settings.placement};
  if (c.place == Place::surface) {
    const auto at = [&](const char* name) { return atlas / "surface" / name; };
    const SurfaceAtlas surface =
        read_surface_atlas({.left_labels = at("atlas-desikankilliany-lh.label.gii.gz"),
                            .right_labels = at("atlas-desikankilliany-rh.label.gii.gz"),
                            .left_surface = at("fsaverage5-pial-lh.surf.gii.gz"),
                            .right_surface = at("fsaverage5-pial-rh.surf.gii.gz")});
    return run_on(inputs, settings, SurfaceRegions(surface, match));
  }
  std::filesystem::path image = atlas / "atlas-desikankilliany.nii.gz";
  if (c.place == Place::volume_2mm) image = set.parent_path() / "dk_2mm.nii.gz";
  if (c.place == Place::volume_flipped) image = set.parent_path() / "dk_1mm_flipx.nii.gz";
  Atlas volume = read_atlas(image);
  std::vector<Index> labels;
  for (const Region& region : volume.regions) labels.push_back(region.id);
  return run_on(inputs, settings, VolumeRegions(std::move(volume), info(labels), match));
}

void check_samples(const Ran& ran, const std::filesystem::path& file) {
  const CsvTable table = read_csv(file);
  Index row = 0;
  std::string problems;
  const auto differ = [&](const std::string& what) {
    if (problems.size() < 400) problems += what + "; ";
  };
  for (std::size_t d = 0; d < ran.expression.samples.size(); ++d) {
    const DonorSamples& samples = ran.expression.samples[d];
    for (Index s = 0; s < samples.size(); ++s, ++row) {
      const auto i = static_cast<std::size_t>(s);
      if (row >= table.rows()) break;
      const auto whole = [&](const char* name, Index found) {
        const Index expected = table.integer(row, table.column(name));
        if (found != expected) differ(text("row ", row, " ", name, " ", found, "/", expected));
      };
      whole("donor", samples.donor);
      whole("sample_id", samples.column[i] + 1);
      whole("well_id", samples.well_id[i]);
      whole("structure_id", samples.structure_id[i]);
      whole("label", ran.label[d][i]);
      for (Index a = 0; a < 3; ++a) {
        const char* axis[] = {"mni_x", "mni_y", "mni_z"};
        const double expected = table.number(row, table.column(axis[a]));
        // Printed with 10 significant digits in the larger set: half the last one is 5e-9.
        if (!(std::abs(samples.mni_mm(a, s) - expected) < 5.1e-9)) {
          differ(text("row ", row, " ", axis[a]));
        }
      }
    }
  }
  CHECK(row == table.rows());
  CHECK(problems == "");
}

void check_probes(const Ran& ran, const std::filesystem::path& expected, const std::string& key,
                  const AhbaSettings& settings) {
  const CsvTable ibf = read_csv(expected / (key + "_ibf.csv"));
  const auto& calls = ran.expression.calls;
  const ProbeTable& annotated = ran.expression.annotated;
  REQUIRE(ibf.rows() == annotated.size());
  Index wrong = 0, kept = 0;
  for (Index p = 0; p < ibf.rows(); ++p) {
    const auto i = static_cast<std::size_t>(p);
    const bool keep = ibf.integer(p, ibf.column("keep")) != 0;
    if (ibf.integer(p, 0) != annotated.id[i] || ibf.integer(p, 1) != calls.present[i] ||
        ibf.integer(p, 2) != calls.samples) {
      ++wrong;
    }
    if (keep && ran.expression.probes.id[static_cast<std::size_t>(kept)] != annotated.id[i]) {
      ++wrong;
    }
    kept += keep ? 1 : 0;
  }
  CHECK(wrong == 0);
  CHECK(kept == ran.expression.probes.size());
  const std::filesystem::path file = expected / (key + "_probestat.csv");
  // Where donors choose apart abagen keeps the figures of the last one, which are not ours to hand
  // out; the test of the selection compares those.
  if (!std::filesystem::exists(file) || settings.donor_probes != DonorProbes::aggregate) return;
  const CsvTable stat = read_csv(file);
  REQUIRE(stat.rows() == ran.expression.probes.size());
  wrong = 0;
  for (Index p = 0; p < stat.rows(); ++p) {
    const auto i = static_cast<std::size_t>(p);
    const double figure = stat.number(p, 2), found = ran.expression.selected.statistic[i];
    if (stat.integer(p, 0) != ran.expression.probes.id[i]) ++wrong;
    // Figures above 1 are printed with fewer decimals.
    const double near = 1e-9 * std::max(1.0, std::abs(figure));
    if (std::isnan(figure) ? !std::isnan(found) : !(std::abs(figure - found) < near)) ++wrong;
  }
  CHECK(wrong == 0);
}

/// Tables of samples: one a donor, or all donors with the union of their genes.
void check_sample_tables(const Ran& ran, const std::filesystem::path& expected,
                         const std::string& key) {
  const std::filesystem::path joined = expected / (key + ".csv");
  Index row = 0;
  for (const Ran::Donor& donor : ran.donors) {
    const int number = donor.table.samples.donor;
    const bool alone = !std::filesystem::exists(joined);
    const CsvTable table = read_csv(alone ? expected / text(key, "_", number, ".csv") : joined);
    if (alone) row = 0;
    const std::vector<Index> kept = complete_genes(donor.table, donor.genes);
    std::map<std::string, Index> row_of;
    for (const Index g : kept) row_of[donor.genes[static_cast<std::size_t>(g)]] = g;
    if (alone) CHECK(std::ssize(kept) == table.columns() - 2);
    double largest = 0;
    for (Index s = 0; s < donor.table.samples.size(); ++s, ++row) {
      const auto i = static_cast<std::size_t>(s);
      REQUIRE(row < table.rows());
      CHECK(table.integer(row, 0) == donor.table.label[i]);
      CHECK(table.integer(row, 1) == donor.table.samples.well_id[i]);
      for (Index c = 2; c < table.columns(); ++c) {
        const auto gene = row_of.find(table.header()[static_cast<std::size_t>(c)]);
        const double value = table.number(row, c);
        if (gene == row_of.end() || std::isnan(value)) {
          if (gene != row_of.end() || !std::isnan(value)) largest = INFINITY;
          continue;
        }
        largest = std::max(largest, std::abs(value - donor.table.values(gene->second, s)));
      }
    }
    CHECK(largest < 1e-9);
    if (alone) CHECK(row == table.rows());
  }
}

void check_regions(const Ran& ran, const AhbaSettings& settings,
                   const std::filesystem::path& expected, const std::string& key,
                   double tolerance) {
  const auto check = [&](const Eigen::MatrixXd& values, const std::filesystem::path& file) {
    const CsvTable table = read_csv(file);
    REQUIRE(table.rows() == values.cols());
    REQUIRE(std::vector<std::string>(table.header().begin() + 1, table.header().end()) ==
            ran.result.genes);
    for (Index r = 0; r < table.rows(); ++r) {
      CHECK(table.integer(r, 0) == ran.result.labels[static_cast<std::size_t>(r)]);
    }
    const double largest = largest_difference(values, table, 0, 1);
    CHECK(largest < tolerance);
  };
  if (settings.return_donors) {
    for (std::size_t d = 0; d < ran.result.donors.size(); ++d) {
      check(ran.result.by_donor[d], expected / text(key, "_", ran.result.donors[d], ".csv"));
    }
  } else {
    check(ran.result.values, expected / (key + ".csv"));
  }
  const std::filesystem::path counts = expected / (key + "_counts.csv");
  if (!std::filesystem::exists(counts)) return;
  const CsvTable table = read_csv(counts);
  for (std::size_t d = 0; d < ran.result.donors.size(); ++d) {
    const Index column = table.column(std::to_string(ran.result.donors[d]));
    for (Index r = 0; r < table.rows(); ++r) {
      CHECK(table.integer(r, column) == ran.result.counts[d][static_cast<std::size_t>(r)]);
    }
  }
}

void check_set(const std::filesystem::path& set, const std::filesystem::path& data) {
  const std::filesystem::path expected = set / "expected";
  for (const Case& c : cases()) {
    const std::string key = c.key;
    if (!std::filesystem::exists(expected / (key + "_samples.csv"))) continue;
    CAPTURE(key);
    AhbaSettings settings;
    c.change(settings);
    const Ran ran = run_case(c, set, data);
    check_samples(ran, expected / (key + "_samples.csv"));
    check_probes(ran, expected, key, settings);
    if (settings.region_agg == RegionAggregation::none) {
      check_sample_tables(ran, expected, key);
    } else {
      const bool from_graph =
          c.place == Place::surface && settings.missing == MissingRegions::interpolate;
      check_regions(ran, settings, expected, key, from_graph ? 1e-6 : 1e-9);
    }
  }
}

}  // namespace

TEST_SUITE("parity") {
  TEST_CASE("the microarray pipeline gives abagen's tables, every option set of every set") {
    const auto fixtures = test::fixture_folder("abagen");
    const auto data = test::data_root();
    if (!fixtures || !data) {
      MESSAGE("skipped: no abagen reference values or no real data");
      return;
    }
    const std::vector<std::string> sets = test::abagen_sets(*fixtures);
    CHECK(!sets.empty());
    for (const std::string& set : sets) {
      CAPTURE(set);
      check_set(*fixtures / set, *data);
    }
  }
}
