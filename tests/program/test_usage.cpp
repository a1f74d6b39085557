// Help, versions, wrong usage (exit 2) and what is not available (exit 4).
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "inrgene/backend/cpu/products.hpp"
#include "inrgene/core/version.hpp"
#include "program/run_program.hpp"
#include "program/small_data.hpp"

namespace inrgene::test {

namespace {

const std::vector<std::string> subcommands{"ahba",    "tissue",     "order",   "train",
                                           "predict", "parcellate", "compare", "ablate"};

/// Options that a subcommand cannot do without, with any values.
std::vector<std::string> required(const std::string& name) {
  if (name == "tissue") {
    return {name, "--annotation", "a", "--grey", "g", "--white", "w", "--out", "o"};
  }
  if (name == "ahba") return {name, "--data", "d", "--atlas", "a", "--out", "o"};
  if (name == "order") return {name, "--expression", "e", "--out", "o"};
  if (name == "train") return {name, "--merged", "m", "--out", "o"};
  if (name == "predict") return {name, "--model", "m", "--all", "--atlas", "a", "--out-dir", "d"};
  if (name == "parcellate") return {name, "--atlas", "a", "--maps", "m.nii", "--out", "o"};
  if (name == "ablate") return {name, "--grid", "g", "--out", "o"};
  return {name, "--a", "a", "--b", "b", "--out", "o"};
}

std::vector<std::string> with(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

TEST_SUITE("program") {
  TEST_CASE("help and version go to stdout") {
    const Result help = run({"--help"});
    CHECK(help.code == 0);
    for (const std::string& name : subcommands) {
      CHECK(contains(help.out, name));
      const Result own = run({name, "--help"});
      CHECK(own.code == 0);
      for (const char* option : {"--threads", "--seed", "--quiet", "--backend"}) {
        CHECK(contains(own.out, option));
      }
    }
    for (const char* later : {"associate", "evaluate", "compress"})
      CHECK(!contains(help.out, later));
    const Result version_line = run({"--version"});
    CHECK(version_line.code == 0);
    CHECK(version_line.out ==
          text("inrgene ", version, "\nCPU kernel: ", kernel_name<float>(), "\n"));
  }

  TEST_CASE("wrong usage ends with 2, a message and nothing on stdout") {
    const auto refuse = [](const std::vector<std::string>& words, const std::string& part) {
      const Result result = run(words);
      INFO(part, ": ", result.err);
      CHECK(result.code == 2);
      CHECK(contains(result.err, part));
      CHECK(result.err.starts_with("inrgene"));
      CHECK(result.out.empty());
    };
    refuse({}, "subcommand");
    refuse({"nonsense"}, "tissue, order, train");
    for (const std::string& name : subcommands) {
      refuse({name}, "inrgene " + name);
      refuse(with(required(name), {"--bogus", "1"}), "--bogus");
      refuse(with(required(name), {"--threads", "-1"}), "--threads");
      refuse(with(required(name), {"--backend", "tpu"}), "cpu");
      refuse(with(required(name), {"--seed", "1.5"}), "--seed");
    }
    refuse({"order", "--expression", "e", "--out", "o", "--method", "umap"}, "spectral");
    refuse(with(required("order"), {"--method", "pc1", "--affinity", "rbf"}), "--affinity");
    const std::vector<std::string> train = required("train");
    refuse({"train", "--out", "o"}, "--merged");
    refuse(with(train, {"--order", "x"}), "--merged");
    refuse(with(train, {"--backbone", "resnet"}), "siren");
    refuse(with(train, {"--split", "genes"}), "blocks");
    refuse(with(train, {"--block-mm", "10"}), "--split blocks");
    refuse(with(train, {"--split", "rows", "--held-out", "0.5"}), "18:1:1");
    refuse(with(train, {"--schedule", "constant", "--schedule-every", "5"}), "--schedule constant");
    refuse(with(train, {"--steps", "-1"}), "--steps");
    refuse(with(train, {"--optimizer", "newton"}), "adam");
    refuse(with(train, {"--backbone", "relu", "--first-omega", "3"}), "--hidden-layers");
    refuse({"predict", "--model", "m", "--atlas", "a", "--out-dir", "d"}, "--gene");
    refuse({"predict", "--model", "m", "--all"}, "--atlas");
    refuse(with(required("predict"), {"--gene", "A"}), "exactly one");
    refuse(with(required("predict"), {"--grey", "g"}), "--white");
    refuse(with(required("predict"), {"--at", "p", "--out", "v"}), "--at");
    refuse({"compare", "--a", "a.nii", "--b", "b.nii", "--out", "o"}, "--mask");
  }

  TEST_CASE("settings out of bounds end with 2") {
    const SmallData data;
    data.order();
    const auto refuse = [&](const std::vector<std::string>& more) {
      const auto before = listing(data.dir.path());
      const Result result = run(data.train("m.safetensors", more));
      INFO(more.front(), ": ", result.err);
      CHECK(result.code == 2);
      CHECK(!contains(result.err, "pp:"));  // no source lines for users
      CHECK(listing(data.dir.path()) == before);
    };
    refuse({"--lr", "-1"});
    refuse({"--hidden-omega", "0"});
    refuse({"--hidden-features", "2.5"});
    refuse({"--schedule-gamma", "0"});
    refuse({"--split", "sites", "--held-out", "1.5"});
    const Result threshold =
        run({"tissue", "--annotation", data / "annotation.csv", "--grey", data / "grey.nii.gz",
             "--white", data / "white.nii.gz", "--threshold", "2", "--out", data / "t.csv"});
    CHECK(threshold.code == 2);
  }

  TEST_CASE("what this build does not have ends with 4 and a sentence") {
    for (const char* name : {"associate", "evaluate", "compress", "report"}) {
      const Result result = run({name, "--help"});
      CHECK(result.code == 4);
      CHECK(contains(result.err, name));
    }
    for (const std::string& name : subcommands) {
      const Result result = run(with(required(name), {"--backend", "cuda"}));
      CHECK(result.code == 4);
      CHECK(contains(result.err, "cuda"));
    }
  }
}

}  // namespace inrgene::test
