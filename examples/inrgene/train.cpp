// inrgene train: its options, and what stands between the data and the fit.
#include "train.hpp"

#include <memory>

#include "choices.hpp"
#include "interrupt.hpp"
#include "subcommands.hpp"
#include "train_choices.hpp"

namespace inrgene::program {

namespace {

void check_options(const TrainOptions& o, const Run& run) {
  // All choices once, so that a wrong one is told before the data are read.
  check_network_settings(o);
  static_cast<void>(chosen_encoding(o));
  static_cast<void>(chosen_optimizer(o));
  static_cast<void>(chosen_schedule(o));
  static_cast<void>(chosen_loss(o));
  if (o.split.split != "blocks")
    run.refuse_options({"--block-mm", "--buffer-mm"}, "with --split blocks");
  if (o.split.split != "blocks" && o.split.split != "sites") {
    run.refuse_options({"--held-out"}, "with --split sites or blocks (rows are split 18:1:1)");
  }
  if (o.split.split == "none") {
    run.refuse_options({"--split-seed", "--patience"}, "with another --split than none");
    require(o.keep != "held-out", "--keep", o.keep, "best or last, where nothing is held out");
  }
  if (!o.data.merged.empty()) run.refuse_options({"--missing"}, "with --expression");
  if (o.per_gene) {
    run.refuse_options(
        {"--resume", "--state-every", "--gradient-penalty", "--laplacian-penalty", "--tv-penalty"},
        "without --per-gene");
  }
  if (o.penalty.any()) {
    require(!o.penalty.atlas.empty(), "penalty on derivatives", "no --penalty-atlas",
            "the atlas whose voxels the points are drawn from");
  } else {
    run.refuse_options({"--penalty-points", "--penalty-atlas"},
                       "with --gradient-penalty, --laplacian-penalty or --tv-penalty");
  }
}

void train(const TrainOptions& o, Run& run) {
  check_options(o, run);
  run.stage("read");
  const SamplesOnAxis data = read_samples(o.data, run.warnings());
  const Parts parts = divide(data.samples, data.axis, o.split);
  if (o.split.split == "rows") {
    run.note(
        "a split by rows has the same sites on both sides under other genes: its held-out figures "
        "are no measure of accuracy at new sites (use --split sites or blocks)");
  }
  if (o.split.split != "none") {
    run.warn("the gene axis comes from a file and may have been made with the held-out " +
             std::string(o.split.split == "rows" ? "values" : "sites"));
  }
  require_writable(o.out);
  catch_interrupts();
  fit(o, data, parts, run);
}

void add_data_options(CLI::App& app, TrainOptions& o) {
  app.add_option("--expression", o.data.expression,
                 "CSV: well_id, then one column a gene; several files (one a donor): one table")
      ->expected(1, -1);
  app.add_option("--annotation", o.data.annotation,
                 "CSV: well_id,mni_x,mni_y,mni_z and, best, classification (inrgene tissue); one "
                 "or several files")
      ->expected(1, -1);
  app.add_option("--order", o.data.order, "CSV: gene_symbol,se (inrgene order)");
  app.add_option("--merged", o.data.merged,
                 "CSV in place of these three: gene_symbol,well_id,mni_x,mni_y,mni_z,"
                 "classification,value,se");
  add_tissue_sign(app, o.data.tissue_sign);
  app.add_option("--genes", o.data.genes, "Only the genes of this file, one symbol a line");
  add_missing(app, o.data.missing);
  app.add_option("--value-scaling", o.value_scaling, "none, or unit: each gene to [0, 1]")
      ->check(CLI::IsMember({"none", "unit"}));
  app.add_option("--split", o.split.split,
                 "What is held out: none, rows (18:1:1, leaks), sites or blocks")
      ->check(CLI::IsMember({"none", "rows", "sites", "blocks"}));
  app.add_option("--held-out", o.split.held_out, "Part of the sites to hold out, in (0, 1)");
  app.add_option("--block-mm", o.split.block_mm, "Edge of the blocks, millimetres");
  app.add_option("--buffer-mm", o.split.buffer_mm,
                 "Training sites nearer than this to a held-out one are dropped, millimetres");
  app.add_option("--split-seed", o.split.seed, "Seed of the split");
}

void add_training_options(CLI::App& app, TrainOptions& o) {
  app.add_option("--steps", o.steps, "Steps; 0 writes the starting weights")->check(at_least(0));
  app.add_option("--batch-rows", o.batch_rows, "(site, gene) pairs a step; 0: all")
      ->check(at_least(0));
  app.add_option("--clip-norm", o.clip_norm, "Gradients longer than this are shortened; 0: none")
      ->check(at_least(0));
  app.add_option("--largest-argument", o.largest_argument,
                 "Stop when an activation's argument is larger; 0: never [1/sqrt(epsilon): 2896]")
      ->check(at_least(0));
  app.add_option("--gradient-penalty", o.penalty.gradient,
                 "Weight of |grad|^2 of the field at points of an atlas, in scaled coordinates")
      ->check(at_least(0));
  app.add_option("--laplacian-penalty", o.penalty.laplacian,
                 "Weight of the squared Laplacian there")
      ->check(at_least(0));
  app.add_option("--tv-penalty", o.penalty.total_variation, "Weight of |grad|, total variation")
      ->check(at_least(0));
  app.add_option("--penalty-atlas", o.penalty.atlas,
                 "NIfTI: label image; the points are drawn from its labelled voxels");
  app.add_option("--penalty-points", o.penalty.points, "Points drawn anew each step")
      ->check(at_least(1));
  app.add_option("--stop-below", o.stop_below, "Stop once the training loss is smaller");
  app.add_option("--patience", o.patience,
                 "Stop when the held-out loss has not fallen for this many looks (--log-every "
                 "steps apart); 0: never")
      ->check(at_least(0));
  app.add_option("--keep", o.keep,
                 "Which weights: best (smallest training loss), last, or held-out (smallest "
                 "held-out loss)")
      ->check(CLI::IsMember({"best", "last", "held-out"}));
  app.add_option("--noise", o.noise,
                 "Part of the training values that get uniform noise of 10 % of the data's range")
      ->check(CLI::Range(0.0, 1.0));
  app.add_flag("--per-gene", o.per_gene,
               "One network for each gene, trained side by side; other defaults: see docs");
}

void add_output_options(CLI::App& app, TrainOptions& o) {
  app.add_option("--out", o.out, "The model, a .safetensors file")->required();
  app.add_flag("--resume", o.resume, "Go on from OUT.state, which an interrupted run leaves");
  app.add_option("--state-every", o.state_every, "Seconds between writes of OUT.state")
      ->check(at_least(0));
  app.add_option("--log", o.log,
                 "CSV: step,loss and, with --noise, clean_loss (without the noise) and, when sites "
                 "are held out, held_out_loss");
  app.add_option("--log-every", o.log_every,
                 "Steps between looks at the clean and the held-out loss")
      ->check(at_least(1));
  app.add_option("--metrics", o.metrics, "CSV: R and MSE of each gene, as printed");
}

}  // namespace

void add_train(Program& program) {
  const auto o = std::make_shared<TrainOptions>();
  CLI::App& app = program.add("train", "Fit a model to samples", [o](Run& run) { train(*o, run); });
  add_data_options(app, *o);
  add_choices(app, *o);
  add_training_options(app, *o);
  add_output_options(app, *o);
}

}  // namespace inrgene::program
