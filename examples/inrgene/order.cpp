// inrgene order: the gene axis.
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "choices.hpp"
#include "inrgene/brain/expression/tables.hpp"
#include "inrgene/brain/gene_axis/gene_axis_file.hpp"
#include "inrgene/brain/gene_axis/principal.hpp"
#include "inrgene/brain/gene_axis/spectral.hpp"
#include "samples.hpp"
#include "subcommands.hpp"

namespace inrgene::program {

namespace {

struct Options {
  std::vector<std::string> expression;
  std::string genes, out;
  std::string method = "spectral";
  std::string affinity = "nearest-neighbors";
  std::string missing = "refuse";
};

void order(const Options& o, Run& run) {
  if (o.method == "pc1") run.refuse_options({"--affinity"}, "with --method spectral");
  ExpressionTable table = read_expressions(o.expression, run.warnings());
  if (!o.genes.empty()) {
    table = table.select_genes(read_gene_list(o.genes, run.warnings()), run.warnings());
  }
  if (o.missing == "drop-site") drop_missing(table, run.warnings());
  const AxisSettings how{.threads = run.threads(), .warn = run.warnings(), .file = table.file};
  const GeneAxis axis =
      o.method == "pc1" ? pc1_axis(table.values, table.genes, how)
                        : spectral_axis(table.values, table.genes,
                                        {.affinity = affinity_from_text(o.affinity), .axis = how});
  write_gene_axis(axis, o.out);
  std::cout << "genes " << axis.size() << "\ncomponents " << axis.components << "\nfirst "
            << axis.genes.front() << "\nlast " << axis.genes.back() << '\n';
}

}  // namespace

void add_order(Program& program) {
  const auto o = std::make_shared<Options>();
  CLI::App& app = program.add("order", "Order genes on an axis, similar maps close together",
                              [o](Run& run) { order(*o, run); });
  app.add_option("--expression", o->expression,
                 "CSV: well_id or label, then one column a gene; several files: one table")
      ->required()
      ->expected(1, -1);
  app.add_option("--genes", o->genes, "Only the genes of this file, one symbol a line");
  app.add_option("--method", o->method, "spectral (embedding) or pc1 (first component)")
      ->check(CLI::IsMember({"spectral", "pc1"}));
  app.add_option("--affinity", o->affinity,
                 "How genes are compared: nearest-neighbors, rbf or correlation")
      ->check(CLI::IsMember({"nearest-neighbors", "rbf", "correlation"}));
  add_missing(app, o->missing);
  app.add_option("--out", o->out, "CSV: gene_symbol,se,raw (or pc1 for se)")->required();
}

}  // namespace inrgene::program
