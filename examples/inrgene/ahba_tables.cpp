#include "ahba_tables.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "inrgene/brain/ahba/aggregate.hpp"
#include "inrgene/brain/atlas/region_table.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/io/csv.hpp"

namespace inrgene::program {

namespace {

/// Tissue by the ontology: white matter, or any of the grey classes.
Tissue tissue_of(StructureClass structure) {
  if (structure == StructureClass::none) return Tissue::neither;
  return structure == StructureClass::white_matter ? Tissue::white : Tissue::grey;
}

}  // namespace

SampleTables::SampleTables(std::filesystem::path folder, std::vector<std::string> genes,
                           TissueSign sign)
    : folder_(std::move(folder)), genes_(std::move(genes)), sign_(sign) {}

void SampleTables::add(const RegionSamples& donor, const std::vector<std::string>& genes,
                       const AhbaHooks& hooks) {
  if (donor.samples.size() == 0) {
    if (hooks.warn)
      hooks.warn(text("donor ", donor.samples.donor, " has no table: no sample is left"));
    return;
  }
  std::vector<Index> kept = complete_genes(donor, genes, hooks.threads, hooks.drop);
  if (kept.empty() && !genes.empty() && hooks.warn) {
    hooks.warn(text("donor ", donor.samples.donor,
                    ": some sample has no value in any gene (report.csv names it), so that no gene "
                    "is complete and its table has no gene, as abagen's; a sample alone in its "
                    "class does this under --norm-structures, and --drop-lone-samples leaves it "
                    "out"));
  }
  if (!genes_.empty()) {
    const bool is_first = tables_.empty();
    const std::vector<Index> asked = detail::find_genes(genes, genes_, "the processed expression",
                                                        is_first ? hooks.warn : WarningCallback());
    const std::set<Index> wanted(asked.begin(), asked.end());
    std::erase_if(kept, [&](Index g) { return !wanted.contains(g); });
  }
  std::vector<std::string> header{"label", "well_id"};
  for (const Index g : kept) {
    header.push_back(genes[static_cast<std::size_t>(g)]);
    written_.insert(header.back());
  }
  tables_.push_back(std::make_unique<TableStream>(
      folder_ / text("expression_", donor.samples.donor, ".csv"), header, hooks.threads));
  tables_.back()->rows(donor.samples.size(), [&](RowText& row, Index s) {
    const auto i = static_cast<std::size_t>(s);
    row.field(donor.label[i]).field(donor.samples.well_id[i]);
    for (const Index g : kept) row.field(donor.values(g, s));
  });
  add_annotation(donor, hooks.threads);
}

void SampleTables::add_annotation(const RegionSamples& donor, Threads threads) {
  const DonorSamples& samples = donor.samples;
  tables_.push_back(std::make_unique<TableStream>(
      folder_ / text("annotation_", samples.donor, ".csv"),
      std::vector<std::string>{"well_id", "mni_x", "mni_y", "mni_z", "classification", "structure",
                               "hemisphere", "label", "donor", "slab", "structure_id",
                               "structure_name", "mirrored"},
      threads));
  tables_.back()->rows(samples.size(), [&](RowText& row, Index s) {
    const auto i = static_cast<std::size_t>(s);
    row.field(samples.well_id[i]);
    for (Index a = 0; a < 3; ++a) row.field(samples.mni_mm(a, s));
    row.field(static_cast<Index>(tissue_value(tissue_of(samples.structure[i]), sign_)));
    row.field(to_word(samples.structure[i], structure_class_words));
    row.field(to_word(samples.hemisphere[i], hemisphere_words));
    row.field(donor.label[i]).field(samples.donor).field(std::string_view(samples.slab[i]));
    row.field(samples.structure_id[i]).field(std::string_view(samples.structure_name[i]));
    row.field(static_cast<int>(samples.copied[i]));
  });
}

void SampleTables::commit() {
  for (const auto& table : tables_) table->commit();
}

void DenseGenes::add(const RegionSamples& donor, const std::vector<std::string>& genes,
                     const WarningCallback& warn) {
  if (samples_.empty()) {
    // All donors have the same genes: who is not there for the first is there for none.
    std::vector<std::string> there;
    for (const Index g : detail::find_genes(genes, genes_, "the processed expression", warn)) {
      there.push_back(genes[static_cast<std::size_t>(g)]);
    }
    genes_ = std::move(there);
    samples_.resize(genes_.size());
  }
  const std::vector<Index> rows = detail::find_genes(genes, genes_, "the processed expression", {});
  for (std::size_t k = 0; k < genes_.size(); ++k) {
    const Eigen::VectorXd row = donor.values.row(rows[k]).head(donor.samples.size()).transpose();
    samples_[k].add(donor.samples, {row.data(), static_cast<std::size_t>(row.size())});
  }
}

void write_region_tables(const AhbaResult& result, bool by_donor,
                         const std::filesystem::path& folder) {
  CsvWriter counts;
  counts.field("label");
  for (const int donor : result.donors) counts.field(donor);
  counts.end_row();
  for (std::size_t r = 0; r < result.labels.size(); ++r) {
    counts.field(result.labels[r]);
    for (const auto& count : result.counts) counts.field(count[r]);
    counts.end_row();
  }
  counts.write(folder / "counts.csv");
  for (std::size_t d = 0; by_donor && d < result.donors.size(); ++d) {
    write_regions({result.labels, result.genes, result.by_donor[d]},
                  folder / text("expression_", result.donors[d], ".csv"));
  }
  if (!by_donor) {
    write_regions({result.labels, result.genes, result.values}, folder / "expression.csv");
  }
}

WrittenFiles written_files(const std::filesystem::path& folder) {
  WrittenFiles out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool is_table =
        name.ends_with(".csv") &&
        (name.starts_with("expression") || name.starts_with("annotation_") || name == "counts.csv");
    const bool is_map = name.starts_with("dense_") && name.ends_with(".nii.gz");
    if (is_table || is_map) out[name] = entry.last_write_time();
  }
  return out;
}

std::vector<std::string> leftovers(const std::filesystem::path& folder,
                                   const WrittenFiles& before) {
  std::vector<std::string> out;
  for (const auto& [name, written] : written_files(folder)) {
    const auto old = before.find(name);
    if (old != before.end() && old->second == written) out.push_back(name);
  }
  return out;
}

void write_drop_report(const std::vector<Dropped>& dropped, const std::filesystem::path& file) {
  CsvWriter report;
  report.row("item", "kind", "reason");
  for (const Dropped& one : dropped) report.row(one.item, one.kind, one.reason);
  report.write(file);
}

}  // namespace inrgene::program
