// The work of `inrgene predict`: the file that turns the names in a checkpoint into types.
#include <array>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "choices.hpp"
#include "inrgene/backend/cpu/cpu.hpp"
#include "inrgene/brain/expression/tables.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/nifti.hpp"
#include "inrgene/model/built_ins.hpp"
#include "inrgene/pipelines/gene_field.hpp"
#include "interrupt.hpp"
#include "predict.hpp"

namespace inrgene::program {

namespace {

using Encodings = TypeList<NerfOnGeneAxis, RawGeneAxis>;

/// The genes asked for that the model has, each a name that can be a file's.
std::vector<std::string> wanted_genes(const PredictOptions& o, const GeneAxis& axis,
                                      const Run& run) {
  std::vector<std::string> asked = o.gene;
  if (o.all) asked = axis.genes;
  if (!o.genes.empty()) asked = read_gene_list(o.genes, run.warnings());
  std::vector<std::string> genes;
  for (const Index row : detail::find_genes(axis.genes, asked, o.model, run.warnings())) {
    genes.push_back(axis.genes[static_cast<std::size_t>(row)]);
  }
  return genes;
}

void require_file_names(const std::vector<std::string>& genes, const std::string& file) {
  for (const std::string& gene : genes) {
    bool good = !gene.empty() && gene.size() <= 200 && gene.front() != '.';
    for (const char c : gene) good = good && c != '/' && static_cast<unsigned char>(c) >= 0x20;
    if (!good) {
      throw InputError({file, "gene " + in_quotes(gene), "a name that cannot be a file's",
                        "1 to 200 characters without '/' that do not begin with '.'"});
    }
  }
}

std::optional<TissueMasks> read_masks(const PredictOptions& o) {
  if (o.grey.empty()) return std::nullopt;
  return TissueMasks{.grey = read_nifti<float>(o.grey),
                     .white = read_nifti<float>(o.white),
                     .threshold = o.threshold,
                     .grey_file = o.grey,
                     .white_file = o.white};
}

template <class Field>
void write_maps(const PredictOptions& o, const Field& field, const std::vector<std::string>& genes,
                Run& run) {
  require_file_names(genes, o.model);
  run.stage("read");
  const Atlas atlas = read_atlas(o.atlas);
  const std::optional<TissueMasks> masks = read_masks(o);
  const std::filesystem::path folder = o.out_dir;
  make_folder(folder);
  require_writable(folder / "run.json");
  catch_interrupts();
  run.stage("predict");
  Index written = 0;
  const ProgressCallback shown = run.progress();
  const ProgressCallback progress = [&](const Progress& p) {
    if (shown) shown(p);
    if (interrupted() && p.done < p.total) {
      throw InterruptedError(text("interrupted after ", written, " of ", genes.size(),
                                  " maps, which are whole in ", o.out_dir));
    }
  };
  field.for_each_map(
      genes, atlas,
      [&](const std::string& gene, Volume<float>&& map) {
        write_nifti(map, folder / (gene + ".nii.gz"));
        ++written;
      },
      {.masks = masks ? &*masks : nullptr,
       .sub_voxel = {.points = o.samples_per_voxel, .seed = run.seed()}},
      progress);
  run.write_run_json(folder, {{"genes", written}, {"voxels", atlas.labelled()}});
  std::cout << "maps " << written << "\nvoxels " << atlas.labelled() << '\n';
}

template <class Field>
void write_points(const PredictOptions& o, const Field& field,
                  const std::vector<std::string>& genes, Run& run) {
  run.stage("read");
  const CsvTable table = read_csv(o.at);
  const std::array<Index, 3> axes{table.column("mni_x"), table.column("mni_y"),
                                  table.column("mni_z")};
  detail::require_rows(table);
  Eigen::Matrix3Xd mni_mm(3, table.rows());
  for (Index row = 0; row < table.rows(); ++row) {
    for (Index a = 0; a < 3; ++a) {
      mni_mm(a, row) = table.finite(row, axes[static_cast<std::size_t>(a)]);
    }
  }
  std::vector<Tissue> tissue;
  if (const auto masks = read_masks(o)) {
    tissue = classify_tissue(mni_mm, *masks);
  } else if (table.has("classification")) {
    const Index column = table.column("classification");
    const TissueSign sign = tissue_sign_from_text(o.tissue_sign);
    for (Index row = 0; row < table.rows(); ++row) {
      tissue.push_back(tissue_from_value(table.finite(row, column), sign,
                                         {table.file(), table.place(row, column)}));
    }
  }
  require_writable(o.out);
  run.stage("predict");
  std::vector<std::vector<double>> values;
  const ProgressCallback progress = run.progress();
  for (const std::string& gene : genes) {
    if (progress) {
      progress({"predict " + gene, std::ssize(values), std::ssize(genes), std::nan("")});
    }
    values.push_back(field.predict(gene, mni_mm, tissue));
  }
  CsvWriter csv;
  std::vector<Index> kept;
  for (const char* id : {"id", "well_id"}) {
    if (table.has(id)) kept.push_back(table.column(id));
  }
  for (const Index column : kept) csv.field(table.header()[static_cast<std::size_t>(column)]);
  csv.field("mni_x").field("mni_y").field("mni_z");
  for (const std::string& gene : genes) csv.field(gene);
  csv.end_row();
  for (Index row = 0; row < table.rows(); ++row) {
    for (const Index column : kept) csv.field(table.cell(row, column));
    for (Index a = 0; a < 3; ++a) csv.field(mni_mm(a, row));
    for (const auto& column : values) csv.field(column[static_cast<std::size_t>(row)]);
    csv.end_row();
  }
  csv.write(o.out);
  std::cout << "genes " << genes.size() << "\npoints " << table.rows() << '\n';
}

template <class Field>
void predict_with(const PredictOptions& o, Run& run) {
  const Field field = Field::load(o.model, {.threads = run.threads()});
  const std::vector<std::string> genes = wanted_genes(o, field.description().axis, run);
  if (o.at.empty()) {
    write_maps(o, field, genes, run);
  } else {
    write_points(o, field, genes, run);
  }
}

}  // namespace

void predict(const PredictOptions& o, Run& run) {
  run.stage("load");
  using AnyField = GeneField<Siren, NerfOnGeneAxis, Cpu<float>>;  // reads the JSON of all alike
  const Json model = AnyField::read_model_json(read_safetensors(o.model));
  const auto backbone = get<std::string>(model, "backbone", o.model, "model");
  const auto encoding = get<std::string>(model, "encoding_name", o.model, "model");
  bool encoding_known = false;
  const bool known = with_named_type(Backbones{}, backbone, [&]<class K>() {
    encoding_known = with_named_type(Encodings{}, encoding, [&]<class E>() {
      predict_with<GeneField<K, E, Cpu<float>>>(o, run);
    });
  });
  if (!known) {
    throw UnavailableError(text(o.model, ": backbone ", in_quotes(backbone),
                                " is not in this version, which has: ", names_of(Backbones{})));
  }
  if (!encoding_known) {
    throw UnavailableError(text(o.model, ": encoding ", in_quotes(encoding),
                                " is not in this version, which has: ", names_of(Encodings{})));
  }
}

}  // namespace inrgene::program
