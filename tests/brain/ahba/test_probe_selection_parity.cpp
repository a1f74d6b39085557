// abagen's own choices and figures, on the reference sets.
#include <doctest/doctest.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/brain/ahba/probe_selection.hpp"
#include "inrgene/io/csv.hpp"
#include "support/paths.hpp"
#include "support/sample_columns.hpp"

using namespace inrgene;

namespace {

namespace fs = std::filesystem;

/// A headerless table of a key and numbers a line.
MatrixRows read_rows(const fs::path& path) {
  std::ifstream stream(path);
  std::vector<Index> keys;
  std::vector<double> values;
  for (std::string line; std::getline(stream, line);) {
    const char* at = line.data();
    const char* const end = at + line.size();
    Index key = 0;
    at = std::from_chars(at, end, key).ptr;
    keys.push_back(key);
    while (at < end && *at == ',') {
      double value = 0;
      at = std::from_chars(at + 1, end, value).ptr;
      values.push_back(value);
    }
  }
  const Index rows = std::ssize(keys), columns = std::ssize(values) / rows;
  return {std::move(keys), Eigen::Map<Eigen::MatrixXd>(values.data(), columns, rows),
          path.string()};
}

enum class Part { all, last_donor };

/// A reference set: expression of its donors, and what abagen kept and chose for an option set.
class ReferenceSet {
 public:
  explicit ReferenceSet(fs::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] bool has(const std::string& name) const {
    return fs::exists(folder_ / "expected" / name);
  }
  [[nodiscard]] CsvTable table(const std::string& name) const {
    return read_csv(folder_ / "expected" / name);
  }

  /// The samples that took part, donor by donor.
  [[nodiscard]] std::vector<DonorSamples> samples(const std::string& key) {
    const CsvTable table = this->table(key + "_samples.csv");
    const Index donor = table.column("donor"), sample = table.column("sample_id"),
                well = table.column("well_id"), structure = table.column("structure_id");
    struct Columns {
      std::vector<Index> column, well_id, structure_id;
    };
    std::map<int, Columns> found;
    for (Index row = 0; row < table.rows(); ++row) {
      Columns& out = found[static_cast<int>(table.integer(row, donor))];
      out.column.push_back(table.integer(row, sample) - 1);
      out.well_id.push_back(table.integer(row, well));
      out.structure_id.push_back(table.integer(row, structure));
    }
    std::vector<DonorSamples> out;
    for (auto& [number, columns] : found) {
      out.push_back(
          test::samples_of_columns(std::move(columns.column), rows(number).columns(), number));
      out.back().well_id = std::move(columns.well_id);
      out.back().structure_id = std::move(columns.structure_id);
    }
    return out;
  }
  const MatrixRows& rows(int donor) {
    const auto at = rows_.find(donor);
    if (at != rows_.end()) return at->second;
    const fs::path file = folder_ / "microarray" / text("normalized_microarray_donor", donor) /
                          "MicroarrayExpression.csv";
    return rows_.emplace(donor, read_rows(file)).first->second;
  }
  [[nodiscard]] SelectedExpression select(const ProbeTable& probes, const std::string& key,
                                          const ProbeSelectionSettings& settings,
                                          Part part = Part::all) {
    std::vector<DonorSamples> all = samples(key);
    if (part == Part::last_donor) all.erase(all.begin(), all.end() - 1);
    std::vector<DonorRows<MatrixRows>> donors;
    for (const DonorSamples& one : all) donors.push_back({&one, &rows(one.donor)});
    return select_probes<MatrixRows>(probes, donors, settings);
  }

 private:
  fs::path folder_;
  std::map<int, MatrixRows> rows_;
};

std::vector<ReferenceSet> reference_sets() {
  std::vector<ReferenceSet> out;
  if (const auto root = test::fixture_folder("abagen")) {
    for (const auto& entry : fs::directory_iterator(*root)) {
      if (fs::is_directory(entry.path() / "expected")) out.emplace_back(entry.path());
    }
  }
  return out;
}

/// The probes of a table of statistics.
ProbeTable probes_of(const CsvTable& table) {
  ProbeTable out;
  for (Index row = 0; row < table.rows(); ++row) {
    out.id.push_back(table.integer(row, 0));
    out.gene.emplace_back(table.cell(row, 1));
    out.entrez.push_back(1);
  }
  return out;
}

/// Whether the two probes read the same in all donors of the set.
bool equal_probes(ReferenceSet& set, const std::vector<DonorSamples>& donors, Index a, Index b) {
  for (const DonorSamples& donor : donors) {
    const MatrixRows& rows = set.rows(donor.donor);
    std::vector<double> x(static_cast<std::size_t>(rows.columns())), y = x;
    rows.read(rows.find(a).value(), x);
    rows.read(rows.find(b).value(), y);
    if (x != y) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("probe selection: figures and choices are abagen's" * doctest::test_suite("parity")) {
  std::vector<ReferenceSet> sets = reference_sets();
  if (sets.empty()) MESSAGE("reference values of abagen not found: skipped");
  for (ReferenceSet& set : sets) {
    for (const char* const key : {"A", "A0", "B", "B0", "C", "D", "F1", "F2", "H", "I", "I2", "J",
                                  "L", "M", "S1", "S2", "S3", "V2", "VL"}) {
      if (!set.has(text(key, "_probestat.csv"))) continue;
      INFO(std::string(key));
      const CsvTable table = set.table(text(key, "_probestat.csv"));
      const ProbeTable probes = probes_of(table);
      ProbeSelectionSettings settings;
      settings.method = from_word("method", table.header()[2], probe_method_words);
      settings.threads = {2};
      // Where donors choose apart (I, L), abagen's figures are those of the last one, and every
      // probe counts as selected that any donor chose.
      const bool is_apart = std::string_view(key) == "I" || std::string_view(key) == "L";
      const SelectedExpression out =
          set.select(probes, key, settings, is_apart ? Part::last_donor : Part::all);
      settings.donors = is_apart ? DonorProbes::independent : DonorProbes::aggregate;
      const SelectedExpression choice = is_apart ? set.select(probes, key, settings) : out;
      std::set<Index> chosen;
      for (const auto& ids : choice.probe) chosen.insert(ids.begin(), ids.end());
      double worst = 0;
      Index undefined = 0, wrong = 0;
      for (Index row = 0; row < table.rows(); ++row) {
        const double expected = table.number(row, 2);
        const double found = out.statistic[static_cast<std::size_t>(row)];
        if (std::isnan(expected) != std::isnan(found)) ++undefined;
        if (!std::isnan(expected)) {
          worst = std::max(worst, std::abs(found - expected) / std::max(1.0, std::abs(expected)));
        }
        const bool is_chosen = chosen.count(table.integer(row, 0)) > 0;
        if (is_chosen != (table.integer(row, 3) == 1)) {
          ++wrong;
          INFO(probes.gene[static_cast<std::size_t>(row)]);
          INFO(table.integer(row, 0));
          CHECK(is_chosen == (table.integer(row, 3) == 1));
        }
      }
      CHECK(worst < 1e-9);
      CHECK(undefined == 0);
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("probe selection: every method chooses as abagen does" * doctest::test_suite("parity")) {
  std::vector<ReferenceSet> sets = reference_sets();
  if (sets.empty()) MESSAGE("reference values of abagen not found: skipped");
  for (ReferenceSet& set : sets) {
    const std::vector<DonorSamples> donors = set.samples("A");
    const ProbeTable probes = probes_of(set.table("A_probestat.csv"));
    const CsvTable table = set.table("G_selected_probes.csv");
    std::map<std::string, SelectedExpression> done;
    Index compared = 0, excused = 0;
    for (Index column = 1; column < table.columns(); ++column) {
      const std::string& name = table.header()[static_cast<std::size_t>(column)];
      CAPTURE(name);
      const std::size_t dot = name.find('.'), second = name.find('.', dot + 1);
      const std::string word = name.substr(dot + 1, second - dot - 1);
      ProbeSelectionSettings settings;
      settings.method = from_word("method", name.substr(0, dot), probe_method_words);
      settings.donors = from_word("donors", word, donor_probes_words);
      settings.threads = {2};
      const std::string run = name.substr(0, second);
      if (done.count(run) == 0) done.emplace(run, set.select(probes, "A", settings));
      const SelectedExpression& out = done.at(run);
      std::size_t donor = 0;
      if (second != std::string::npos) {
        while (std::to_string(donors[donor].donor) != name.substr(second + 1)) ++donor;
      }
      Index genes = 0;
      for (Index row = 0; row < table.rows(); ++row) {
        if (table.cell(row, column).empty()) continue;
        const std::string gene(table.cell(row, 0));
        const Index expected = table.integer(row, column);
        const auto at = std::lower_bound(out.genes.begin(), out.genes.end(), gene);
        CAPTURE(gene);
        REQUIRE((at != out.genes.end() && *at == gene));
        const Index found = out.probe[donor][static_cast<std::size_t>(at - out.genes.begin())];
        ++genes;
        ++compared;
        if (found == expected) continue;
        // The one tie that abagen leaves to the last bit of its products.
        const bool is_tie = settings.method == ProbeMethod::pc_loading &&
                            equal_probes(set, donors, found, expected);
        CHECK(is_tie);
        CHECK((is_tie || found == expected));
        ++excused;
      }
      CHECK(genes == std::ssize(out.genes));
    }
    MESSAGE(compared, " choices compared, ", excused, " excused");
    // One gene: chosen by all donors, by each, and by the majority.
    CHECK(excused <= std::ssize(donors) + 2);
  }
}
