// Expression meets sites: one table of samples by well.
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/brain/expression/samples.hpp"
#include "inrgene/core/error.hpp"
#include "inrgene/core/progress.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// What happens to a site whose expression has a missing value.
enum class MissingPolicy {
  refuse,    ///< InputError that names file, well and gene
  drop_site  ///< the site is left out, and a warning says how many were
};

/// Settings of `join`.
struct JoinSettings {
  MissingPolicy missing = MissingPolicy::refuse;
  WarningCallback warn = {};  ///< told about wells on one side only and dropped sites
};

namespace detail {

/// Position of each name. Throws InputError when one stands twice; `file` and `what` are for the
/// message.
[[nodiscard]] inline std::map<std::string_view, Index> positions(
    const std::vector<std::string>& names, const std::string& file, std::string_view what) {
  std::map<std::string_view, Index> out;
  for (Index i = 0; i < std::ssize(names); ++i) {
    const std::string& name = names[static_cast<std::size_t>(i)];
    const auto [entry, fresh] = out.emplace(name, i);
    if (!fresh) {
      throw InputError({file, text(what, " ", i + 1),
                        text("'", name, "', which is ", what, " ", entry->second + 1, " too"),
                        "each name once"});
    }
  }
  return out;
}

/// "line 7, gene 'APOE'" when the line is known, else "well_id '97', gene 'APOE'".
[[nodiscard]] inline std::string value_place(const ExpressionTable& table, Index gene, Index id) {
  const auto at = static_cast<std::size_t>(id);
  const std::string line = table.lines.empty() ? "" : text("line ", table.lines[at], ", ");
  return text(line, table.key, " '", table.ids[at], "', gene '",
              table.genes[static_cast<std::size_t>(gene)], "'");
}

inline void report_one_sided(const std::vector<std::string>& wells, std::string_view where,
                             const WarningCallback& warn) {
  if (wells.empty() || !warn) return;
  warn(text(wells.size(), wells.size() == 1 ? " well is only in " : " wells are only in ", where,
            " and left out: ", name_list(wells, 5)));
}

}  // namespace detail

/// The samples of `expression` [genes x wells] that have a site, in the order of `expression`, with
/// the columns of `sites` [3 x sites]. The order of `sites` has no influence on the result. Wells
/// on one side only are told to `warn` with their number and first names.
/// Throws InputError when the table is of regions, a well stands twice, no well is common (naming
/// both files), a value is missing and the policy is to refuse, or none is left; ArgumentError when
/// shapes do not agree. Cost: O(genes wells + (wells + sites) log sites).
[[nodiscard]] inline Samples join(const ExpressionTable& expression, const Sites& sites,
                                  const JoinSettings& settings = {}) {
  sites.check();
  require(expression.values.rows() == std::ssize(expression.genes) &&
              expression.values.cols() == std::ssize(expression.ids),
          "expression values", text(expression.values.rows(), " x ", expression.values.cols()),
          text(expression.genes.size(), " genes x ", expression.ids.size(), " ids"));
  require(expression.lines.empty() || expression.lines.size() == expression.ids.size(),
          "expression lines", expression.lines.size(), text("none or ", expression.ids.size()));
  if (expression.key != "well_id") {
    throw InputError({expression.file, "header", text("a table by '", expression.key, "'"),
                      "a table by 'well_id' to join with " + sites.file});
  }
  const auto in_expression = detail::positions(expression.ids, expression.file, "well");
  const auto in_sites = detail::positions(sites.well_ids, sites.file, "site");

  std::vector<std::string> without_site, without_expression, dropped;
  std::vector<Index> columns, places;
  for (Index id = 0; id < std::ssize(expression.ids); ++id) {
    const std::string& well = expression.ids[static_cast<std::size_t>(id)];
    const auto found = in_sites.find(well);
    if (found == in_sites.end()) {
      without_site.push_back(well);
      continue;
    }
    Index missing = 0;
    while (missing < expression.values.rows() && !std::isnan(expression.values(missing, id))) {
      ++missing;
    }
    if (missing < expression.values.rows()) {
      if (settings.missing == MissingPolicy::refuse) {
        throw InputError({expression.file, detail::value_place(expression, missing, id),
                          "a missing value", "a number"});
      }
      dropped.push_back(well);
      continue;
    }
    columns.push_back(id);
    places.push_back(found->second);
  }
  for (const std::string& well : sites.well_ids) {
    if (!in_expression.contains(well)) without_expression.push_back(well);
  }
  if (without_site.size() == expression.ids.size()) {
    throw InputError({expression.file, "well_id",
                      text("no well of ", sites.file, " (", sites.size(),
                           " wells: ", detail::name_list(sites.well_ids, 3), ")"),
                      text("wells in common with its ", expression.ids.size(), " (",
                           detail::name_list(expression.ids, 3), ")")});
  }
  if (columns.empty()) {
    throw InputError(
        {expression.file, "values",
         text("missing values in all ", dropped.size(), " wells that ", sites.file, " has too"),
         "at least one well without"});
  }
  detail::report_one_sided(without_site, expression.file, settings.warn);
  detail::report_one_sided(without_expression, sites.file, settings.warn);
  if (!dropped.empty() && settings.warn) {
    settings.warn(text(expression.file, ": ", dropped.size(),
                       dropped.size() == 1 ? " site" : " sites",
                       " with missing values left out: ", detail::name_list(dropped, 5)));
  }

  Samples out;
  out.sites = sites.select(places);
  out.genes = expression.genes;
  out.values.resize(expression.values.rows(), std::ssize(columns));
  for (Index i = 0; i < std::ssize(columns); ++i) {
    out.values.col(i) = expression.values.col(columns[static_cast<std::size_t>(i)]);
  }
  out.file = expression.file;
  return out;
}

}  // namespace inrgene
