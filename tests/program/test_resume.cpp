// Same command, same bytes: also when a run is interrupted or killed on its way.
#include <doctest/doctest.h>
#include <signal.h>

#include <filesystem>
#include <string>
#include <vector>

#include "inrgene/brain/datasets/splits.hpp"
#include "inrgene/brain/expression/tables.hpp"
#include "inrgene/io/csv.hpp"
#include "inrgene/io/safetensors.hpp"
#include "program/run_program.hpp"
#include "program/small_data.hpp"

namespace inrgene::test {

namespace {

/// The weights of a model file, all tensors' bytes in the order of their names.
std::vector<std::byte> weights(const std::filesystem::path& file) {
  std::vector<std::byte> all;
  for (const auto& [name, tensor] : read_safetensors(file).tensors) {
    all.insert(all.end(), tensor.bytes.begin(), tensor.bytes.end());
  }
  return all;
}

/// Steps enough that a signal arrives on the way, above all where every step saves the state. One
/// thread: two would wait for each other at every step on a busy machine.
const std::vector<std::string> long_run{"--steps", "10000", "--batch-rows", "64", "--threads", "2"};
const std::vector<std::string> save_every_step{"--state-every", "0"};

std::vector<std::string> with(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

TEST_SUITE("program") {
  TEST_CASE("the same command gives the same bytes, another seed others") {
    const SmallData data;
    data.order();
    const std::vector<std::string> how{"--steps",    "30", "--split",         "blocks",
                                       "--block-mm", "15", "--value-scaling", "unit"};
    const std::string a = succeed(data.train("a.safetensors", how));
    const std::string b = succeed(data.train("b.safetensors", how));
    CHECK(a == b);
    CHECK(data.dir.read("a.safetensors") == data.dir.read("b.safetensors"));
    succeed(with(data.train("c.safetensors", how), {"--seed", "1"}));
    CHECK(weights(data.dir / "c.safetensors") != weights(data.dir / "a.safetensors"));
    for (const std::string folder : {"one", "two"}) {
      succeed({"predict", "--model", data / "a.safetensors", "--all", "--atlas",
               data / "atlas.nii.gz", "--samples-per-voxel", "3", "--out-dir", data / folder});
    }
    CHECK(data.dir.read("one/CCC.nii.gz") == data.dir.read("two/CCC.nii.gz"));
  }

  TEST_CASE("interrupted or killed, then resumed: the bytes of a run that was left alone") {
    const SmallData data;
    data.order();
    succeed(data.train("whole.safetensors", long_run));
    struct Stop {
      int signal;
      int code;
    };
    for (const Stop stop : {Stop{SIGINT, 130}, Stop{SIGTERM, 130}, Stop{SIGKILL, 128 + SIGKILL}}) {
      CAPTURE(stop.signal);
      const std::vector<std::string> command = data.train("stopped.safetensors", long_run);
      const std::filesystem::path model = data.dir / "stopped.safetensors";
      const std::filesystem::path state = data.dir / "stopped.safetensors.state";
      Process process(with(command, save_every_step));
      wait_for(state);
      process.signal(stop.signal);
      const Result stopped = process.wait();
      REQUIRE(stopped.code == stop.code);
      CHECK(!std::filesystem::exists(model));
      REQUIRE(std::filesystem::exists(state));
      if (stop.code == 130) {
        CHECK(contains(stopped.err, state.string()));
        CHECK(contains(stopped.err, "--resume"));
      }
      const Result resumed = run(with(command, {"--resume"}));
      REQUIRE(resumed.code == 0);
      CHECK(contains(resumed.err, "resumes from"));
      CHECK(!std::filesystem::exists(state));
      CHECK(data.dir.read("stopped.safetensors") == data.dir.read("whole.safetensors"));
      std::filesystem::remove(model);
    }
  }

  TEST_CASE("a state of other options is refused; without --resume it is replaced with a warning") {
    const SmallData data;
    data.order();
    Process process(with(data.train("m.safetensors", long_run), save_every_step));
    wait_for(data.dir / "m.safetensors.state");
    process.signal(SIGINT);
    REQUIRE(process.wait().code == 130);
    std::vector<std::string> other = data.train("m.safetensors", long_run);
    other.insert(other.end(), {"--value-scaling", "unit", "--resume"});
    const Result refused = run(other);
    CHECK(refused.code == 3);
    CHECK(contains(refused.err, "m.safetensors.state"));
    const Result anew = run(data.train("m.safetensors", {"--steps", "5"}));
    CHECK(anew.code == 0);
    CHECK(contains(anew.err, "unfinished run"));
    CHECK(!std::filesystem::exists(data.dir / "m.safetensors.state"));
    const Result nothing = run(data.train("m.safetensors", {"--steps", "5", "--resume"}));
    CHECK(nothing.code == 0);
    CHECK(contains(nothing.err, "starts anew"));
  }

  TEST_CASE("held-out values have no influence on the weights") {
    const SmallData data;
    data.order();
    const ExpressionTable table = read_expression(data.dir / "expression.csv");
    const Annotation annotation = read_annotation(data.dir / "annotation.csv", TissueSign::paper);
    for (const std::string kind : {"sites", "blocks", "rows"}) {
      CAPTURE(kind);
      const std::vector<std::string> how{"--steps",        "20",          "--split", kind, "--log",
                                         data / "log.csv", "--log-every", "10"};
      const std::string honest = succeed(data.train("a.safetensors", how));
      CHECK(contains(honest, "held_out_R"));
      CHECK(read_csv(data.dir / "log.csv").number(9, 2) > 0);
      ExpressionTable poisoned = table;
      if (kind == "rows") {
        // Rows are numbered site by site; all genes of these data are on the axis.
        const Split split = split_rows(table.values.size(), {.seed = 42});
        for (const auto* side : {&split.held_out, &split.validation}) {
          for (const Index row : *side) poisoned.values(row % 5, row / 5) = 1e6;
        }
      } else {
        const Split split = kind == "sites" ? split_sites(annotation.sites, {.seed = 42})
                                            : split_blocks(annotation.sites, {.seed = 42});
        for (const Index site : split.held_out) poisoned.values.col(site).setConstant(1e6);
        for (const Index site : split.dropped) poisoned.values.col(site).setConstant(1e6);
      }
      write_expression(data.dir / "expression.csv", poisoned);
      CHECK(succeed(data.train("b.safetensors", how)) != honest);
      CHECK(weights(data.dir / "b.safetensors") == weights(data.dir / "a.safetensors"));
      write_expression(data.dir / "expression.csv", table);
    }
  }
}

}  // namespace inrgene::test
