#include "comparison.hpp"

#include <cmath>
#include <cstdint>
#include <iomanip>
#include <limits>
#include <map>
#include <span>
#include <sstream>
#include <utility>

#include "inrgene/brain/atlas/grid.hpp"
#include "inrgene/brain/atlas/region_table.hpp"
#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/io/atomic_file.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/nifti.hpp"
#include "inrgene/statistics/correlation.hpp"
#include "inrgene/statistics/errors.hpp"
#include "metrics.hpp"

namespace inrgene::program {

namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

/// Positions (in a, in b) of the names in both, in the order of a; those on one side are warned of.
std::vector<std::pair<std::size_t, std::size_t>> common(const std::vector<std::string>& a,
                                                        const std::vector<std::string>& b,
                                                        const WarningCallback& warn) {
  std::map<std::string_view, std::size_t> in_b;
  for (std::size_t i = 0; i < b.size(); ++i) in_b.emplace(b[i], i);
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  std::vector<std::string> only_a, only_b;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto found = in_b.find(a[i]);
    if (found == in_b.end()) {
      only_a.push_back(a[i]);
    } else {
      pairs.emplace_back(i, found->second);
      in_b.erase(found);
    }
  }
  for (const auto& [name, at] : in_b) only_b.emplace_back(name);
  if (pairs.empty()) {
    throw InputError(
        {"--a and --b", "genes",
         text("none in both: ", detail::name_list(a, 5), " and ", detail::name_list(b, 5)),
         "at least one gene that both have"});
  }
  for (const auto& [names, side] : {std::pair{&only_a, "--a"}, std::pair{&only_b, "--b"}}) {
    if (names->empty()) continue;
    warn(text(names->size(), names->size() == 1 ? " gene is" : " genes are", " only in ", side,
              " and left out: ", detail::name_list(*names, 10)));
  }
  return pairs;
}

/// In-mask figures; a correlation needs two values.
template <class Values>
Agreement agree(std::string gene, const Values& a, const Values& b, Mask mask, Index n) {
  Agreement out{.gene = std::move(gene), .n = n};
  out.mse = mean_squared_error(a, b, mask);
  const bool enough = n >= 2;
  out.r = enough ? pearson(a, b, mask) : undefined;
  out.spearman = enough ? spearman(a, b, mask) : undefined;
  double mean = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (mask.empty() || mask[i] != 0) mean += static_cast<double>(b[i]);
  }
  out.r2 = enough ? r_squared(a, b, {.reference_mean = mean / static_cast<double>(n), .mask = mask})
                  : undefined;
  out.r_whole_volume = out.mse_whole_volume = undefined;
  return out;
}

std::vector<std::uint8_t> read_mask(const std::filesystem::path& file, Grid& grid, Index& voxels) {
  const Volume<float> volume = read_nifti<float>(file);
  grid = grid_of(volume);
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(volume.size()));
  voxels = 0;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    const float value = volume.values.data()[i];
    mask[i] = !std::isnan(value) && value != 0.0F;
    voxels += mask[i];
  }
  if (voxels == 0) {
    throw InputError({file.string(), "mask", text("0 in all ", mask.size(), " voxels"),
                      "at least one voxel that is not 0"});
  }
  return mask;
}

/// A map on the mask's grid, finite inside it.
Volume<float> read_map(const MapFile& map, const Grid& grid, Mask mask,
                       const std::string& mask_name) {
  Volume<float> volume = read_nifti<float>(map.file);
  require_same_grid(grid_of(volume), grid, map.file.string(), mask_name);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    const float value = volume.values.data()[i];
    if (mask[i] == 0 || std::isfinite(value)) continue;
    const auto at = grid.voxel(static_cast<Index>(i));
    throw InputError({map.file.string(), text("voxel (", at[0], ", ", at[1], ", ", at[2], ")"),
                      text(value), "a finite value inside the mask"});
  }
  return volume;
}

}  // namespace

Comparison compare_maps(const std::vector<MapFile>& a, const std::vector<MapFile>& b,
                        const std::filesystem::path& mask_file, const Run& run) {
  std::vector<std::string> genes_a, genes_b;
  for (const MapFile& map : a) genes_a.push_back(map.gene);
  for (const MapFile& map : b) genes_b.push_back(map.gene);
  const auto pairs = common(genes_a, genes_b, run.warnings());
  Grid grid;
  Index voxels = 0;
  const std::vector<std::uint8_t> mask = read_mask(mask_file, grid, voxels);
  Comparison out{Comparison::Kind::maps, {}, {}};
  const ProgressCallback progress = run.progress();
  for (const auto& [i, j] : pairs) {
    if (progress) {
      progress({"compare " + genes_a[i], std::ssize(out.genes), std::ssize(pairs), undefined});
    }
    const Volume<float> map_a = read_map(a[i], grid, mask, mask_file.string());
    const Volume<float> map_b = read_map(b[j], grid, mask, mask_file.string());
    const std::span values_a(map_a.values.data(), mask.size());
    const std::span values_b(map_b.values.data(), mask.size());
    Agreement agreement = agree(genes_a[i], values_a, values_b, mask, voxels);
    std::vector<std::uint8_t> finite(mask.size());
    for (std::size_t v = 0; v < mask.size(); ++v) {
      finite[v] = std::isfinite(values_a[v]) && std::isfinite(values_b[v]);
    }
    agreement.r_whole_volume = mask.size() < 2 ? undefined : pearson(values_a, values_b, finite);
    agreement.mse_whole_volume = mean_squared_error(values_a, values_b, finite);
    out.genes.push_back(std::move(agreement));
  }
  return out;
}

Comparison compare_tables(const std::filesystem::path& a, const std::filesystem::path& b,
                          const WarningCallback& warn) {
  const RegionTable table_a = read_regions(a);
  const RegionTable table_b = read_regions(b);
  std::map<Index, Index> column_b;
  for (Index r = 0; r < std::ssize(table_b.label); ++r) {
    column_b.emplace(table_b.label[static_cast<std::size_t>(r)], r);
  }
  std::vector<std::pair<Index, Index>> regions;
  for (Index r = 0; r < std::ssize(table_a.label); ++r) {
    const auto found = column_b.find(table_a.label[static_cast<std::size_t>(r)]);
    if (found != column_b.end()) regions.emplace_back(r, found->second);
  }
  if (regions.empty()) {
    throw InputError({a.string(), "label", "no label of " + b.string(), "labels in common"});
  }
  const Index one_sided =
      std::ssize(table_a.label) + std::ssize(table_b.label) - 2 * std::ssize(regions);
  if (one_sided > 0) warn(text(one_sided, " regions are in one table only and left out"));
  Comparison out{Comparison::Kind::tables, {}, {}};
  std::vector<double> all_a, all_b;
  for (const auto& [i, j] : common(table_a.genes, table_b.genes, warn)) {
    std::vector<double> values_a, values_b;
    for (const auto& [column_of_a, column_of_b] : regions) {
      const double value_a = table_a.values(static_cast<Index>(i), column_of_a);
      const double value_b = table_b.values(static_cast<Index>(j), column_of_b);
      if (std::isnan(value_a) || std::isnan(value_b)) continue;
      values_a.push_back(value_a);
      values_b.push_back(value_b);
    }
    if (values_a.empty()) {
      throw InputError({a.string(), "gene " + table_a.genes[i],
                        "no region with a value here and in " + b.string(), "at least one"});
    }
    out.genes.push_back(agree(table_a.genes[i], values_a, values_b, {}, std::ssize(values_a)));
    all_a.insert(all_a.end(), values_a.begin(), values_a.end());
    all_b.insert(all_b.end(), values_b.begin(), values_b.end());
  }
  out.all.push_back(agree("all_pairs", all_a, all_b, {}, std::ssize(all_a)));
  return out;
}

namespace {

using Figure = std::pair<const char*, double Agreement::*>;

std::vector<Figure> figures(Comparison::Kind kind) {
  std::vector<Figure> out{{"r", &Agreement::r},
                          {"spearman", &Agreement::spearman},
                          {"r2", &Agreement::r2},
                          {"mse", &Agreement::mse}};
  if (kind == Comparison::Kind::maps) {
    out.emplace_back("r_whole_volume", &Agreement::r_whole_volume);
    out.emplace_back("mse_whole_volume", &Agreement::mse_whole_volume);
  }
  return out;
}

Summary summary_of(const std::vector<Agreement>& genes, double Agreement::*figure) {
  std::vector<double> values;
  for (const Agreement& gene : genes) values.push_back(gene.*figure);
  return summarise(values);
}

std::string latex_text(const std::string& words) {
  std::string out;
  for (const char c : words) {
    if (std::string_view("#$%&_{}").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

void Comparison::write(const std::filesystem::path& file) const {
  const std::vector<Figure> columns = figures(kind);
  CsvWriter csv;
  csv.field("gene").field("n");
  for (const auto& [name, figure] : columns) csv.field(name);
  csv.end_row();
  const auto line = [&](const Agreement& agreement) {
    csv.field(agreement.gene).field(agreement.n);
    for (const auto& [name, figure] : columns) csv.field(agreement.*figure);
    csv.end_row();
  };
  for (const Agreement& gene : genes) line(gene);
  for (const bool is_mean : {true, false}) {
    csv.field(is_mean ? "mean" : "sd").field(std::ssize(genes));
    for (const auto& [name, figure] : columns) {
      const Summary s = summary_of(genes, figure);
      csv.field(is_mean ? s.mean : s.sd);
    }
    csv.end_row();
  }
  for (const Agreement& pooled : all) line(pooled);
  csv.write(file);
}

void Comparison::write_latex(const std::filesystem::path& file) const {
  const std::vector<Figure> columns = figures(Kind::tables);
  std::ostringstream out;
  out << "\\begin{tabular}{lrrrr}\n\\hline\nGene & $R$ & Spearman & $R^2$ & MSE \\\\\n\\hline\n";
  for (const Agreement& gene : genes) {
    out << latex_text(gene.gene);
    for (const auto& [name, figure] : columns) out << " & " << short_text(gene.*figure);
    out << " \\\\\n";
  }
  out << "\\hline\nmean $\\pm$ sd";
  for (const auto& [name, figure] : columns) {
    const Summary s = summary_of(genes, figure);
    out << " & " << short_text(s.mean) << " $\\pm$ " << short_text(s.sd);
  }
  out << " \\\\\n\\hline\n\\end{tabular}\n";
  write_file(file, out.str());
}

std::string Comparison::for_reading() const {
  const std::vector<Figure> columns = figures(kind);
  std::size_t width = 9;
  for (const Agreement& gene : genes) width = std::max(width, gene.gene.size());
  std::ostringstream out;
  const auto begin = [&](const std::string& name, const std::string& n) {
    out << std::left << std::setw(static_cast<int>(width)) << name << std::right << std::setw(10)
        << n;
  };
  const auto cell = [&](const std::string& words) { out << "  " << std::setw(16) << words; };
  begin("gene", "n");
  for (const auto& [name, figure] : columns) cell(name);
  const auto line = [&](const Agreement& agreement) {
    out << '\n';
    begin(agreement.gene, std::to_string(agreement.n));
    for (const auto& [name, figure] : columns) cell(short_text(agreement.*figure));
  };
  for (const Agreement& gene : genes) line(gene);
  for (const bool is_mean : {true, false}) {
    out << '\n';
    begin(is_mean ? "mean" : "sd", "");
    for (const auto& [name, figure] : columns) {
      const Summary s = summary_of(genes, figure);
      cell(short_text(is_mean ? s.mean : s.sd));
    }
  }
  for (const Agreement& pooled : all) line(pooled);
  out << '\n';
  return out.str();
}

}  // namespace inrgene::program
