// What was measured where: sites, a table of expression, and the two joined.
#pragma once

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/brain/expression/tissue_class.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/progress.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

namespace detail {

/// Throws ArgumentError unless every index is in [0, size).
inline void require_indices(std::span<const Index> indices, Index size, std::string_view name) {
  for (const Index i : indices) {
    require(i >= 0 && i < size, name, i, text("an index in [0, ", size, ")"));
  }
}

/// The elements at `indices` (checked by the caller); an empty column stays empty.
template <class T>
[[nodiscard]] std::vector<T> select_elements(const std::vector<T>& column,
                                             std::span<const Index> indices) {
  std::vector<T> out = {};
  if (column.empty()) return out;
  out.reserve(indices.size());
  for (const Index i : indices) out.push_back(column[static_cast<std::size_t>(i)]);
  return out;
}

/// "a, b, c and 4 more": the first `shown` names, for messages.
[[nodiscard]] inline std::string name_list(std::span<const std::string> names, Index shown) {
  std::string out;
  const Index count = std::min<Index>(shown, std::ssize(names));
  for (Index i = 0; i < count; ++i) {
    if (i > 0) out += ", ";
    out += names[static_cast<std::size_t>(i)];
  }
  if (count < std::ssize(names)) out += text(" and ", std::ssize(names) - count, " more");
  return out;
}

}  // namespace detail

/// Places in the brain where tissue was taken, one per well. Optional columns are empty when the
/// source does not have them, else as long as `well_ids`.
struct Sites {
  std::vector<std::string> well_ids = {};
  Eigen::Matrix3Xd mni_mm = {};              ///< [3 x sites], MNI space, millimetres
  std::vector<Tissue> tissue = {};           ///< optional
  std::vector<std::string> donor = {};       ///< optional
  std::vector<std::string> slab = {};        ///< optional: CX, BS, CB
  std::vector<std::string> structure = {};   ///< optional
  std::vector<std::string> hemisphere = {};  ///< optional
  std::vector<Index> label = {};             ///< optional: atlas label
  std::string file = "sites";                ///< where they came from, for messages

  [[nodiscard]] Index size() const { return std::ssize(well_ids); }

  /// Throws ArgumentError when a column present has another length than `well_ids`.
  void check() const {
    const auto same = [&](std::string_view name, Index length) {
      require(length == size(), name, length, text("as many as well_ids: ", size()));
    };
    same("sites.mni_mm columns", mni_mm.cols());
    if (!tissue.empty()) same("sites.tissue", std::ssize(tissue));
    if (!donor.empty()) same("sites.donor", std::ssize(donor));
    if (!slab.empty()) same("sites.slab", std::ssize(slab));
    if (!structure.empty()) same("sites.structure", std::ssize(structure));
    if (!hemisphere.empty()) same("sites.hemisphere", std::ssize(hemisphere));
    if (!label.empty()) same("sites.label", std::ssize(label));
  }

  /// A copy of the sites at `sites`, in that order; an index may repeat. Throws ArgumentError for
  /// an index out of range. Cost: O(selected).
  [[nodiscard]] Sites select(std::span<const Index> sites) const {
    check();
    detail::require_indices(sites, size(), "site");
    Sites out;
    out.well_ids = detail::select_elements(well_ids, sites);
    out.mni_mm.resize(3, std::ssize(sites));
    for (Index i = 0; i < std::ssize(sites); ++i) {
      out.mni_mm.col(i) = mni_mm.col(sites[static_cast<std::size_t>(i)]);
    }
    out.tissue = detail::select_elements(tissue, sites);
    out.donor = detail::select_elements(donor, sites);
    out.slab = detail::select_elements(slab, sites);
    out.structure = detail::select_elements(structure, sites);
    out.hemisphere = detail::select_elements(hemisphere, sites);
    out.label = detail::select_elements(label, sites);
    out.file = file;
    return out;
  }
};

namespace detail {

/// Rows of `genes` for `wanted`, in the order of `wanted`, repeats left out. Genes that are not
/// there are named in one warning; throws InputError when none is there, ArgumentError when
/// nothing is wanted. Cost: O((genes + wanted) log genes).
[[nodiscard]] inline std::vector<Index> find_genes(const std::vector<std::string>& genes,
                                                   std::span<const std::string> wanted,
                                                   const std::string& file,
                                                   const WarningCallback& warn) {
  require(!wanted.empty(), "genes asked for", 0, "at least 1");
  std::map<std::string_view, Index> row_of;
  for (Index g = 0; g < std::ssize(genes); ++g) {
    row_of.emplace(genes[static_cast<std::size_t>(g)], g);
  }
  std::vector<Index> rows = {};
  std::vector<std::string> missing = {};
  std::map<std::string_view, bool> seen;
  for (const std::string& gene : wanted) {
    if (!seen.emplace(gene, true).second) continue;
    const auto found = row_of.find(gene);
    if (found == row_of.end()) {
      missing.push_back(gene);
    } else {
      rows.push_back(found->second);
    }
  }
  if (rows.empty()) {
    throw InputError(
        {file, "genes",
         text("none of the ", missing.size(), " genes asked for (", name_list(missing, 10), ")"),
         text("at least one of its ", genes.size(), " genes (", name_list(genes, 5), ")")});
  }
  if (!missing.empty() && warn) {
    warn(text(missing.size(), missing.size() == 1 ? " gene" : " genes", " asked for and not in ",
              file, ": ", name_list(missing, std::ssize(missing))));
  }
  return rows;
}

/// The rows of `values` at `rows`.
[[nodiscard]] inline Eigen::MatrixXd select_rows(const Eigen::MatrixXd& values,
                                                 const std::vector<Index>& rows) {
  Eigen::MatrixXd out(std::ssize(rows), values.cols());
  for (Index r = 0; r < std::ssize(rows); ++r) {
    out.row(r) = values.row(rows[static_cast<std::size_t>(r)]);
  }
  return out;
}

}  // namespace detail

/// A table of expression as a file holds it: values of genes for wells or for atlas regions.
struct ExpressionTable {
  std::string key = "well_id";        ///< what `ids` are: "well_id" (samples) or "label" (regions)
  std::vector<std::string> ids = {};  ///< distinct
  std::vector<std::string> genes = {};  ///< distinct
  Eigen::MatrixXd values = {};          ///< [genes x ids]; NaN where the file has no value
  std::vector<Index> lines = {};        ///< line of each id in `file`; empty when not from a file
  std::string file = "expression";

  /// A copy with the genes `wanted`, in that order and without repeats. Those not in the table are
  /// named in one warning; throws InputError when none is.
  [[nodiscard]] ExpressionTable select_genes(std::span<const std::string> wanted,
                                             const WarningCallback& warn = {}) const {
    const std::vector<Index> rows = detail::find_genes(genes, wanted, file, warn);
    return {key,   ids, detail::select_elements(genes, rows), detail::select_rows(values, rows),
            lines, file};
  }
};

/// Sites with the expression measured there: what models are fitted to.
struct Samples {
  Sites sites = {};
  std::vector<std::string> genes = {};
  Eigen::MatrixXd values = {};      ///< [genes x sites]
  std::string file = "expression";  ///< where the values came from, for messages

  [[nodiscard]] Index size() const { return sites.size(); }

  /// Throws ArgumentError when the shapes of the parts do not agree.
  void check() const {
    sites.check();
    require(values.rows() == std::ssize(genes), "samples.values rows", values.rows(),
            text("as many as genes: ", genes.size()));
    require(values.cols() == sites.size(), "samples.values columns", values.cols(),
            text("as many as sites: ", sites.size()));
  }

  /// A copy of the samples at `chosen`, in that order, all genes. Throws ArgumentError for an index
  /// out of range. Cost: O(genes selected).
  [[nodiscard]] Samples select(std::span<const Index> chosen) const {
    check();
    Samples out;
    out.sites = sites.select(chosen);
    out.genes = genes;
    out.values.resize(values.rows(), std::ssize(chosen));
    for (Index i = 0; i < std::ssize(chosen); ++i) {
      out.values.col(i) = values.col(chosen[static_cast<std::size_t>(i)]);
    }
    out.file = file;
    return out;
  }

  /// As ExpressionTable::select_genes, all sites.
  [[nodiscard]] Samples select_genes(std::span<const std::string> wanted,
                                     const WarningCallback& warn = {}) const {
    check();
    const std::vector<Index> rows = detail::find_genes(genes, wanted, file, warn);
    return {sites, detail::select_elements(genes, rows), detail::select_rows(values, rows), file};
  }
};

}  // namespace inrgene
