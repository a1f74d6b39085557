#include "samples.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "inrgene/brain/expression/concatenate.hpp"
#include "inrgene/brain/expression/join.hpp"
#include "inrgene/brain/expression/merged.hpp"
#include "inrgene/brain/expression/tables.hpp"
#include "inrgene/brain/gene_axis/gene_axis_file.hpp"
#include "inrgene/core/error.hpp"

namespace inrgene::program {

namespace {

/// The axis that a merged table carries. Positions beyond [0, 1] (unscaled eigenvectors) are
/// brought there as the order table's are.
GeneAxis axis_of(const Merged& merged, const WarningCallback& warn) {
  const auto [low, high] = std::minmax_element(merged.axis.begin(), merged.axis.end());
  const bool scaled = *low >= 0 && *high <= 1;
  if (!scaled && *low == *high) {
    throw InputError({merged.samples.file, "column '" + merged.axis_name + "'",
                      text(*low, " for all genes"),
                      "positions in [0, 1] or positions that differ"});
  }
  if (!scaled) {
    warn(text(merged.samples.file, ": positions on the gene axis from ", *low, " to ", *high,
              " are scaled to [0, 1]"));
  }
  std::vector<std::size_t> order(merged.axis.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto& genes = merged.samples.genes;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return merged.axis[a] < merged.axis[b] ||
           (merged.axis[a] == merged.axis[b] && genes[a] < genes[b]);
  });
  GeneAxis axis;
  axis.method = merged.axis_name;
  for (const std::size_t g : order) {
    axis.genes.push_back(genes[g]);
    axis.raw.push_back(merged.axis[g]);
    axis.position.push_back(scaled ? merged.axis[g] : (merged.axis[g] - *low) / (*high - *low));
  }
  return axis;
}

/// The part of `axis` whose genes are in `genes`.
GeneAxis axis_over(const GeneAxis& axis, const std::vector<std::string>& genes) {
  const std::set<std::string_view> wanted(genes.begin(), genes.end());
  GeneAxis out;
  out.method = axis.method;
  out.components = axis.components;
  for (std::size_t i = 0; i < axis.genes.size(); ++i) {
    if (!wanted.contains(axis.genes[i])) continue;
    out.genes.push_back(axis.genes[i]);
    out.position.push_back(axis.position[i]);
    out.raw.push_back(axis.raw[i]);
  }
  return out;
}

}  // namespace

ExpressionTable read_expressions(const std::vector<std::string>& files,
                                 const WarningCallback& warn) {
  std::vector<ExpressionTable> tables;
  for (const std::string& file : files) tables.push_back(read_expression(file));
  return tables.size() == 1 ? std::move(tables.front()) : concatenate(tables, warn);
}

void drop_missing(ExpressionTable& table, const WarningCallback& warn) {
  std::vector<Index> kept;
  for (Index i = 0; i < table.values.cols(); ++i) {
    if (!table.values.col(i).array().isNaN().any()) kept.push_back(i);
  }
  const Index dropped = table.values.cols() - std::ssize(kept);
  if (dropped == 0) return;
  if (kept.empty()) {
    throw InputError({table.file, "values", text("missing values in all ", dropped, " rows"),
                      "at least one row without"});
  }
  warn(text(table.file, ": ", dropped, dropped == 1 ? " row" : " rows",
            " with missing values left out"));
  table.ids = detail::select_elements(table.ids, kept);
  table.lines = detail::select_elements(table.lines, kept);
  table.values = table.values(Eigen::all, kept).eval();
}

SamplesOnAxis read_samples(const SampleOptions& o, const WarningCallback& warn) {
  const bool some_tables = !o.expression.empty() || !o.annotation.empty() || !o.order.empty();
  const bool all_tables = !o.expression.empty() && !o.annotation.empty() && !o.order.empty();
  if (o.merged.empty() ? !all_tables : some_tables) {
    throw ArgumentError(
        "training data: expected either --expression, --annotation and --order, or --merged");
  }
  const TissueSign sign = tissue_sign_from_text(o.tissue_sign);
  SamplesOnAxis out;
  if (!o.merged.empty()) {
    Merged merged = read_merged(o.merged, sign);
    out.axis = axis_of(merged, warn);
    out.samples = std::move(merged.samples);
  } else {
    const MissingPolicy missing =
        o.missing == "drop-site" ? MissingPolicy::drop_site : MissingPolicy::refuse;
    std::vector<Sites> sites;
    for (const std::string& file : o.annotation) {
      sites.push_back(read_annotation(file, sign).sites);
    }
    out.samples = join(read_expressions(o.expression, warn), concatenate(sites, warn),
                       {.missing = missing, .warn = warn});
    out.axis = read_gene_axis(o.order);
  }
  if (!o.genes.empty()) {
    out.samples = out.samples.select_genes(read_gene_list(o.genes, warn), warn);
  }
  const GeneAxis shared = axis_over(out.axis, out.samples.genes);
  if (shared.size() == 0) {
    throw InputError(
        {o.order.empty() ? o.merged : o.order, "gene axis",
         text("none of the genes to train on (", detail::name_list(out.samples.genes, 5), ")"),
         "at least one of them"});
  }
  // Genes that were not asked for are no surprise to warn of; others are.
  if (!o.genes.empty()) out.axis = shared;
  return out;
}

}  // namespace inrgene::program
