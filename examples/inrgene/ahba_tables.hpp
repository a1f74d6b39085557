// The files that `inrgene ahba` leaves behind: all of them, or none.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ahba.hpp"
#include "inrgene/brain/ahba/dense_map.hpp"
#include "inrgene/brain/ahba/region_samples.hpp"
#include "inrgene/io/table_stream.hpp"
#include "inrgene/pipelines/ahba/regions.hpp"

namespace inrgene::program {

/// Tables of samples, one pair a donor, under temporary names until `commit`.
class SampleTables {
 public:
  /// `genes` are those asked for; empty: all.
  SampleTables(std::filesystem::path folder, std::vector<std::string> genes, TissueSign sign);

  /// Writes a donor's rows with the genes that have a value in each of them. A donor without rows
  /// has no table, so that the commands that read them can be given all there are; `hooks.warn`
  /// hears of it.
  void add(const RegionSamples& donor, const std::vector<std::string>& genes,
           const AhbaHooks& hooks);
  void commit();
  [[nodiscard]] bool empty() const { return tables_.empty(); }
  /// Genes in the table of some donor.
  [[nodiscard]] Index genes_written() const { return std::ssize(written_); }

 private:
  void add_annotation(const RegionSamples& donor, Threads threads);

  std::filesystem::path folder_;
  std::vector<std::string> genes_;
  TissueSign sign_;
  std::vector<std::unique_ptr<TableStream>> tables_;
  std::set<std::string> written_;
};

/// Values of the genes that maps are asked of, gathered donor by donor.
class DenseGenes {
 public:
  explicit DenseGenes(std::vector<std::string> genes) : genes_(std::move(genes)) {}

  /// Genes that the expression does not have are left out and told to `warn`. Throws InputError
  /// when it has none of them.
  void add(const RegionSamples& donor, const std::vector<std::string>& genes,
           const WarningCallback& warn);
  [[nodiscard]] const std::vector<std::string>& genes() const { return genes_; }
  [[nodiscard]] const DenseMapSamples& samples(std::size_t gene) const { return samples_[gene]; }

 private:
  std::vector<std::string> genes_;
  std::vector<DenseMapSamples> samples_;
};

/// expression.csv, or one a donor; counts.csv.
void write_region_tables(const AhbaResult& result, bool by_donor,
                         const std::filesystem::path& folder);

/// Tables and maps in a folder, and when they were last written.
using WrittenFiles = std::map<std::string, std::filesystem::file_time_type>;

/// Those in `folder`.
[[nodiscard]] WrittenFiles written_files(const std::filesystem::path& folder);

/// Names of those in `folder` that are as they were `before`: an earlier run's, which a pattern
/// such as expression_*.csv would take for this one's.
[[nodiscard]] std::vector<std::string> leftovers(const std::filesystem::path& folder,
                                                 const WrittenFiles& before);

/// report.csv: item, kind, reason.
void write_drop_report(const std::vector<Dropped>& dropped, const std::filesystem::path& file);

}  // namespace inrgene::program
