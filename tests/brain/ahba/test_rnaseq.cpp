#include "inrgene/brain/ahba/rnaseq.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "support/input_problem.hpp"
#include "support/probe_case.hpp"
#include "support/raw_folder.hpp"
#include "support/raw_set.hpp"
#include "support/temp_dir.hpp"

using namespace inrgene;

namespace {

constexpr const char* annotation =
    "RNAseq_sample_name,main_structure,ontology_structure_id\nS1,Main,4001\nS2,Main,4002\n";

RnaSeq rna_of(int donor, std::vector<std::string> genes, Eigen::MatrixXd tpm,
              std::vector<Index> structures) {
  return {donor, std::move(genes), std::move(tpm), std::move(structures)};
}

SelectedExpression select(const test::ProbeCase& set, const std::vector<RnaSeq>& rna,
                          const DropSink& sink = {}) {
  return set.select({.method = ProbeMethod::rnaseq, .rnaseq = rna, .threads = {1}}, sink);
}

}  // namespace

TEST_CASE("read_rnaseq: both files of a raw folder, plain or packed") {
  const test::RawSet set = test::raw_set();
  for (const bool gzip : {false, true}) {
    const test::TempDir dir;
    const test::RawPaths paths = test::write_raw_folder(dir.path(), set, {.gzip = gzip});
    const auto folder = paths.rna_folder(9861);
    const RnaSeq rna = read_rnaseq({9861, folder / ("RNAseqTPM.csv" + paths.ending),
                                    folder / ("SampleAnnot.csv" + paths.ending)});
    const test::RawDonor& donor = set.donors.front();
    CHECK(rna.donor == 9861);
    CHECK(rna.gene == set.rna_genes);
    REQUIRE(rna.tpm.rows() == std::ssize(donor.rna));
    REQUIRE(rna.tpm.cols() == std::ssize(set.rna_genes));
    for (Index s = 0; s < rna.tpm.rows(); ++s) {
      const test::RawRnaSample& sample = donor.rna[static_cast<std::size_t>(s)];
      CHECK(rna.structure_id[static_cast<std::size_t>(s)] == sample.structure_id);
      for (Index g = 0; g < rna.tpm.cols(); ++g) {
        CHECK(rna.tpm(s, g) == sample.tpm[static_cast<std::size_t>(g)]);
      }
    }
  }
}

TEST_CASE("read_rnaseq: what does not fit is refused with its line") {
  const test::TempDir dir;
  const auto samples = dir.write("SampleAnnot.csv", annotation);
  const auto problem_of = [&](const char* tpm) {
    const auto file = dir.write("RNAseqTPM.csv", tpm);
    return test::input_problem([&] { (void)read_rnaseq({9861, file, samples}); });
  };
  InputProblem problem = problem_of("A,1,2\nB,1\n");
  CHECK(problem.place == "line 2");
  CHECK(problem.found == "2 fields");
  CHECK(test::says(problem.expected, "3: a gene and one number"));
  problem = problem_of("A,1,2\nB,1,x\n");
  CHECK(problem.place == "line 2, field 3");
  CHECK(problem.found == "'x'");
  problem = problem_of("A,1,2\nB,1,2\nA,3,4\n");
  CHECK(problem.place == "line 3");
  CHECK(test::says(problem.found, "the gene 'A', which line 1 has too"));
  CHECK(problem_of("").found == "an empty file");
  const auto other = dir.write("Other.csv", "structure,well_id\n1,2\n");
  problem = test::input_problem([&] { (void)read_rnaseq({9861, samples, other}); });
  CHECK(test::says(problem.expected, "'ontology_structure_id'"));
  const RnaSeq crlf = read_rnaseq({9861, dir.write("tpm", "A,1,2.5\r\n\"B\",3,4\r\n"), samples});
  CHECK(crlf.gene == std::vector<std::string>{"A", "B"});
  CHECK(crlf.tpm == Eigen::MatrixXd{{1, 3}, {2.5, 4}});
}

TEST_CASE("rnaseq: by hand, two donors with and one without RNA") {
  test::ProbeCase set;
  set.probe(1, "G").probe(2, "G").probe(3, "H").probe(4, "I");
  // Structure 4001 has two samples in the first donor, with means 2 and 4.
  set.donor(9861, {{1, 3, 5, 6, 7}, {5, 3, 5, 6, 7}, {1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}},
            {4001, 4001, 4002, 4003, 4004});
  set.donor(10021, {{2, 1, 3}, {1, 2, 3}, {1, 2, 3}, {1, 2, 3}}, {4001, 4002, 4003});
  set.donor(12876, {{0, 0}, {9, 9}, {1, 2}, {1, 2}});
  // [samples x genes]: G, H (the same everywhere), and one that is not measured otherwise.
  const Eigen::MatrixXd first{{1, 5, 1}, {3, 5, 2}, {9, 5, 3}, {2, 5, 4}, {4, 5, 5}};
  const Eigen::MatrixXd second{{1, 0, 1}, {2, 0, 2}, {3, 0, 3}};
  const std::vector<RnaSeq> rna{
      // 4001: mean 2; then 4002, 4003, 4004 in another order; 4099 is in the RNA alone.
      rna_of(9861, {"G", "H", "Y"}, first, {4001, 4001, 4099, 4004, 4003}),
      rna_of(10021, {"G", "H", "Y"}, second, {4001, 4002, 4003}),
      rna_of(15496, {"G", "H", "Y"}, second, {4001, 4002, 4003})};
  std::vector<std::string> lines;
  const SelectedExpression out = select(set, rna, [&](const Dropped& d) {
    lines.push_back(d.kind + " " + d.item + ": " + d.reason);
  });
  // 9861, common 4001, 4003, 4004: RNA 2, 4, 2, ranks 1.5, 3, 1.5. Probe 1 reads 2, 6, 7, probe 2
  // reads 4, 6, 7: ranks 1, 2, 3 both, deviations −1, 0, 1 against −0.5, 1, −0.5: 0.
  // 10021: RNA 1, 2, 3; probe 1 has ranks 2, 1, 3 (1 − 6·2/24 = 0.5), probe 2 has 1.
  CHECK(out.statistic[0] == doctest::Approx(0.25).epsilon(1e-14));
  CHECK(out.statistic[1] == doctest::Approx(0.5).epsilon(1e-14));
  CHECK(std::isnan(out.statistic[2]));
  CHECK(std::isnan(out.statistic[3]));
  CHECK(out.genes == std::vector<std::string>{"G"});
  CHECK(out.probe == std::vector<std::vector<Index>>{{2}, {2}, {2}});
  CHECK(out.values[2] == Eigen::MatrixXd{{9, 9}});
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == "probe 1: of G: 2 has the larger rnaseq (0.5 against 0.25)");
  CHECK(test::says(lines[2], "gene H: its probes cannot be compared with RNA sequencing"));
}

TEST_CASE("rnaseq: a donor without a figure is passed over") {
  test::ProbeCase set;
  set.probe(1, "G").probe(2, "G");
  set.donor(9861, {{1, 2, 3}, {5, 5, 5}}).donor(10021, {{1, 3, 2}, {1, 2, 3}});
  const Eigen::MatrixXd rising{{1}, {2}, {3}};
  const std::vector<RnaSeq> rna{rna_of(9861, {"G"}, rising, {4001, 4002, 4003}),
                                rna_of(10021, {"G"}, rising, {4001, 4002, 4003})};
  const SelectedExpression out = select(set, rna);
  CHECK(out.statistic[0] == doctest::Approx(0.75).epsilon(1e-14));  // 1 and 0.5
  CHECK(out.statistic[1] == doctest::Approx(1).epsilon(1e-14));     // undefined and 1
  CHECK(out.probe[0] == std::vector<Index>{2});
}

TEST_CASE("rnaseq: without RNA sequencing of any donor, and with too much, refused") {
  test::ProbeCase set;
  set.probe(1, "G").donor(12876, {{1, 2, 3}});
  const RnaSeq rna = rna_of(9861, {"G"}, Eigen::MatrixXd{{1}, {2}}, {4001, 4002});
  CHECK_THROWS_WITH_AS((void)select(set, {rna}), doctest::Contains("12876"), ArgumentError);
  CHECK_THROWS_AS((void)select(set, {}), ArgumentError);
  test::ProbeCase with;
  with.probe(1, "G").donor(9861, {{1, 2, 3}});
  CHECK_THROWS_WITH_AS((void)select(with, {rna, rna}), doctest::Contains("at most one"),
                       ArgumentError);
  RnaSeq uneven = rna;
  uneven.structure_id.push_back(4003);
  CHECK_THROWS_AS((void)select(with, {uneven}), ArgumentError);
}
