// abagen's interpolated maps, from the raw folders on.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "inrgene/brain/ahba/dense_map.hpp"
#include "inrgene/brain/ahba/folder.hpp"
#include "inrgene/brain/ahba/gene_rows.hpp"
#include "inrgene/brain/ahba/intensity_filter.hpp"
#include "inrgene/brain/ahba/mirror.hpp"
#include "inrgene/brain/ahba/normalise.hpp"
#include "inrgene/brain/ahba/probe_selection.hpp"
#include "inrgene/brain/ahba/probes.hpp"
#include "inrgene/brain/ahba/samples.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/keyed_rows.hpp"
#include "support/abagen_sets.hpp"
#include "support/paths.hpp"

using namespace inrgene;

namespace fs = std::filesystem;

namespace {

/// Samples and normalised expression of all donors, mirrored both ways, none matched to an atlas.
struct Normalised {
  std::vector<std::string> genes;
  std::vector<DonorSamples> donors;
  std::vector<DonorSamples> unmirrored;
  std::vector<Eigen::MatrixXd> values;
};

Normalised normalised_set(const fs::path& set, const fs::path& tables) {
  const AhbaFolder folder = open_ahba(set, {});
  const CorrectedCoordinates corrected =
      CorrectedCoordinates::read(tables / "corrected_mni_coordinates.csv.gz");
  Normalised out;
  for (const DonorFiles& files : folder.donors) {
    const Ontology ontology = read_ontology(files.ontology);
    DonorSamples samples = read_samples_annotation(files, ontology);
    correct_coordinates(samples, corrected);
    out.unmirrored.push_back(samples);
    out.donors.push_back(drop_mismatched(mirror(samples, ontology, Mirroring::bidirectional)));
  }
  ProbeTable probes =
      reannotate(read_probes(folder.donors[0].probes), tables / "reannotated.csv.gz");
  std::vector<DonorCalls> calls;
  for (std::size_t d = 0; d < out.donors.size(); ++d) {
    calls.push_back({folder.donors[d].calls, &out.donors[d]});
  }
  probes = filter_by_intensity(probes, count_present(calls, probes), 0.5);
  std::vector<std::unique_ptr<KeyedRows>> tables_of;
  std::vector<DonorRows<KeyedRows>> rows;
  for (std::size_t d = 0; d < out.donors.size(); ++d) {
    tables_of.push_back(std::make_unique<KeyedRows>(folder.donors[d].expression));
    rows.push_back({&out.donors[d], tables_of.back().get()});
  }
  const SelectedExpression selected = select_probes<KeyedRows>(probes, rows, {});
  out.genes = selected.genes;
  for (std::size_t d = 0; d < out.donors.size(); ++d) {
    out.values.push_back(expand(selected.values[d], out.donors[d]));
    normalise_samples(out.values.back(), ScaledRobustSigmoid{});
    normalise_genes(out.values.back(), {}, ScaledRobustSigmoid{});
  }
  return out;
}

}  // namespace

TEST_CASE("dense_map fed as abagen feeds itself gives abagen's maps" *
          doctest::test_suite("parity")) {
  const auto root = test::fixture_folder("abagen");
  const auto data = test::data_root();
  if (!root || !data) {
    MESSAGE("no reference values: skipped");
    return;
  }
  const Atlas atlas = read_atlas(*data / "atlas" / "atlas-desikankilliany.nii.gz");
  for (const std::string& name : test::abagen_sets(*root)) {
    if (!std::filesystem::exists(*root / name / "expected" / "P_dense.csv")) continue;
    CAPTURE(name);
    const Normalised set = normalised_set(*root / name, *data / "ahba_tables");
    const CsvTable expected = read_csv(*root / name / "expected" / "P_dense.csv");
    REQUIRE(expected.rows() == 1500);
    for (Index column = 3; column < expected.columns(); ++column) {
      const std::string& gene = expected.header()[static_cast<std::size_t>(column)];
      CAPTURE(gene);
      const auto at = std::lower_bound(set.genes.begin(), set.genes.end(), gene);
      REQUIRE((at != set.genes.end() && *at == gene));
      DenseMapSamples samples;
      for (std::size_t d = 0; d < set.donors.size(); ++d) {
        // abagen places a mirrored copy where its source lies.
        DonorSamples placed = set.donors[d];
        for (Index s = 0; s < placed.size(); ++s) {
          placed.mni_mm.col(s) =
              set.unmirrored[d].mni_mm.col(placed.column[static_cast<std::size_t>(s)]);
        }
        const Eigen::VectorXd row = set.values[d].row(at - set.genes.begin());
        samples.add(placed, std::span(row.data(), static_cast<std::size_t>(row.size())));
      }
      const Volume<double> map = dense_map<double>(samples, atlas);
      double worst = 0;
      for (Index v = 0; v < expected.rows(); ++v) {
        const Index voxel = atlas.grid().linear(
            {expected.integer(v, 0), expected.integer(v, 1), expected.integer(v, 2)});
        worst = std::max(worst, std::abs(map.values.data()[voxel] - expected.number(v, column)));
      }
      CHECK(worst < 1e-9);
    }
    MESSAGE(name << ": " << expected.columns() - 3 << " genes at " << expected.rows()
                 << " voxels compared");
  }
}
