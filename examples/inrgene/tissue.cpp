// inrgene tissue: the tissue class of every site, from probability maps.
#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <utility>

#include "choices.hpp"
#include "inrgene/brain/expression/tables.hpp"
#include "inrgene/brain/expression/tissue.hpp"
#include "inrgene/io/nifti.hpp"
#include "subcommands.hpp"

namespace inrgene::program {

namespace {

struct Options {
  std::string annotation, grey, white, out;
  double threshold = 0.5;
  std::string tissue_sign = "paper";
};

void tissue(const Options& o, Run& run) {
  const TissueSign sign = tissue_sign_from_text(o.tissue_sign);
  const Annotation annotation = read_annotation(o.annotation, sign);
  if (!annotation.sites.tissue.empty()) {
    run.warn(o.annotation + " has a column 'classification' already; it is replaced");
  }
  const TissueMasks masks{.grey = read_nifti<float>(o.grey),
                          .white = read_nifti<float>(o.white),
                          .threshold = o.threshold,
                          .grey_file = o.grey,
                          .white_file = o.white};
  const std::vector<Tissue> tissue = classify_tissue(annotation.sites.mni_mm, masks);
  write_annotation(o.out, annotation.table, {tissue, sign});
  std::cout << "sites " << tissue.size() << '\n';
  for (const auto& [name, value] :
       {std::pair{"grey", Tissue::grey}, {"white", Tissue::white}, {"neither", Tissue::neither}}) {
    std::cout << name << ' ' << std::count(tissue.begin(), tissue.end(), value) << '\n';
  }
}

}  // namespace

void add_tissue(Program& program) {
  const auto o = std::make_shared<Options>();
  CLI::App& app =
      program.add("tissue", "Add the tissue class of each site from grey and white masks",
                  [o](Run& run) { tissue(*o, run); });
  app.add_option("--annotation", o->annotation, "CSV: well_id,mni_x,mni_y,mni_z, ...")->required();
  app.add_option("--grey", o->grey, "NIfTI: grey matter probability or mask")->required();
  app.add_option("--white", o->white, "NIfTI: white matter probability or mask")->required();
  app.add_option("--threshold", o->threshold, "Probability from which a point counts, in (0, 1]");
  add_tissue_sign(app, o->tissue_sign);
  app.add_option("--out", o->out, "CSV: all columns of the annotation, and classification")
      ->required();
}

}  // namespace inrgene::program
