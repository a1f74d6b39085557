// inrgene compare: R, R² and MSE between two sets of maps or of regional values, gene by gene.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "comparison.hpp"
#include "inrgene/core/error.hpp"
#include "maps.hpp"
#include "subcommands.hpp"

namespace inrgene::program {

namespace {

struct Options {
  std::vector<std::string> a, b;
  std::string mask, out, latex;
};

/// Whether the names are one region table rather than maps.
bool is_table(const std::vector<std::string>& names) {
  return names.size() == 1 && !is_map_name(names.front()) &&
         !std::filesystem::is_directory(names.front());
}

void compare(const Options& o, Run& run) {
  const bool tables = is_table(o.a);
  if (tables != is_table(o.b)) {
    throw ArgumentError(
        "--a and --b: found maps and a table, expected two sets of maps or two region tables");
  }
  if (tables) run.refuse_options({"--mask"}, "with maps");
  require(tables || !o.mask.empty(), "--mask", "none given",
          "a NIfTI image: figures of maps are taken inside its voxels that are not 0");
  require_writable(o.out);
  const Comparison comparison = tables ? compare_tables(o.a.front(), o.b.front(), run.warnings())
                                       : compare_maps(list_maps(o.a), list_maps(o.b), o.mask, run);
  comparison.write(o.out);
  if (!o.latex.empty()) comparison.write_latex(o.latex);
  std::cout << comparison.for_reading();
}

}  // namespace

void add_compare(Program& program) {
  const auto o = std::make_shared<Options>();
  CLI::App& app = program.add("compare", "Compare two sets of maps or region tables, gene by gene",
                              [o](Run& run) { compare(*o, run); });
  app.add_option("--a", o->a, "Maps, folders of maps, or one region table (CSV)")
      ->required()
      ->expected(1, -1);
  app.add_option("--b", o->b, "The same kind; the reference of R2")->required()->expected(1, -1);
  app.add_option("--mask", o->mask, "NIfTI, needed for maps: its voxels that are not 0 count");
  app.add_option("--out", o->out, "CSV: gene,n,r,spearman,r2,mse, then the lines mean and sd")
      ->required();
  app.add_option("--latex", o->latex, "The same as a LaTeX table");
}

}  // namespace inrgene::program
