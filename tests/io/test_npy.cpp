#include "inrgene/io/npy.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/io/json.hpp"
#include "support/paths.hpp"
#include "support/temp_dir.hpp"

namespace fs = std::filesystem;
using inrgene::Index;
using inrgene::InputError;
using inrgene::InputProblem;
using inrgene::NpyArray;
using inrgene::test::TempDir;

namespace {

/// A version-1 file from its header text and its data.
std::string npy(const std::string& header, const std::string& data, char version = 1) {
  std::string out = "\x93NUMPY";
  out += version;
  out += '\0';
  out += static_cast<char>(header.size());
  out += '\0';
  if (version > 1) out += std::string(2, '\0');
  return out + header + data;
}

std::string head(const std::string& type, const std::string& order, const std::string& shape) {
  return "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }  \n";
}

InputProblem problem(const TempDir& dir, const std::string& bytes) {
  try {
    (void)inrgene::read_npy(dir.write("bad.npy", bytes));
  } catch (const InputError& error) {
    return error.problem();
  }
  FAIL("no InputError came");
  return {};
}

}  // namespace

TEST_CASE("npy: written arrays read back the same") {
  const TempDir dir;
  const std::vector<double> values{0.1, -0.0, 1e300, 5e-324, 7, -8};
  for (const std::vector<Index>& shape :
       {std::vector<Index>{6}, std::vector<Index>{2, 3}, std::vector<Index>{1, 2, 3}}) {
    inrgene::write_npy(dir / "a.npy", shape, values);
    const NpyArray back = inrgene::read_npy(dir / "a.npy");
    CHECK(back.shape == shape);
    CHECK(back.values == values);
  }
  inrgene::write_npy(dir / "a.npy", {}, std::vector<double>{3});
  CHECK(inrgene::read_npy(dir / "a.npy").shape.empty());
  inrgene::write_npy(dir / "a.npy", std::vector<Index>{0, 3}, {});
  CHECK(inrgene::read_npy(dir / "a.npy").values.empty());
  CHECK(dir.read("a.npy").size() % 64 == 0);
  CHECK_THROWS_AS(inrgene::write_npy(dir / "b.npy", std::vector<Index>{2}, values),
                  inrgene::ArgumentError);
}

TEST_CASE("npy: types, versions and Fortran order") {
  const TempDir dir;
  const auto read = [&](const std::string& bytes) {
    return inrgene::read_npy(dir.write("a.npy", bytes));
  };
  CHECK(read(npy(head("|b1", "False", "(3,)"), std::string("\0\1\1", 3))).values ==
        std::vector<double>{0, 1, 1});
  CHECK(read(npy(head("<i4", "False", "(1,)"), "\xFE\xFF\xFF\xFF")).values[0] == -2);
  CHECK(read(npy(head("<i8", "False", "()"), std::string("\0\0\0\0\1\0\0\0", 8))).values[0] ==
        0x1p32);
  CHECK(read(npy(head("<f4", "False", "(1, 1)"), std::string("\0\0\xC0\x3F", 4))).values[0] == 1.5);
  // The columns of [[1, 2, 3], [4, 5, 6]] one after the other.
  const NpyArray fortran = read(npy(head("|u1", "True", "(2, 3)"), "\1\4\2\5\3\6", 2));
  CHECK(fortran.shape == std::vector<Index>{2, 3});
  CHECK(fortran.values == std::vector<double>{1, 2, 3, 4, 5, 6});
  const std::string reordered = "{\"shape\":(1,),\"fortran_order\":False,\"descr\":\"|u1\"}";
  CHECK(read(npy(reordered, "\7")).values[0] == 7);
}

TEST_CASE("npy: files that are refused") {
  const TempDir dir;
  const std::string data(8, '\0');
  CHECK(problem(dir, "").expected == "the .npy signature");
  CHECK(problem(dir, "PK\3\4 and more").expected == "the .npy signature");
  CHECK(problem(dir, npy(head("<f8", "False", "(1,)"), data, 9)).place == "version");
  CHECK(problem(dir, npy(head(">f8", "False", "(1,)"), data)).found == "'>f8'");
  CHECK(problem(dir, npy(head("<c16", "False", "(1,)"), data)).found == "'<c16'");
  CHECK(problem(dir, npy(head("<f8", "False", "(2,)"), data)).found == "8 bytes");
  CHECK(problem(dir, npy(head("<f8", "False", "(2,)"), data)).expected ==
        "16 for the header's shape");
  CHECK(problem(dir, npy(head("<f8", "False", "(1,)"), data + "x")).found == "9 bytes");
  CHECK(problem(dir, npy(head("<f8", "False", "(4000000000, 4000000000)"), data)).expected ==
        "too many for the header's shape");
  CHECK(problem(dir, npy(head("<f8", "False", "(-1,)"), data)).place == "header");
  CHECK(problem(dir, npy(head("<f8", "maybe", "(1,)"), data)).expected == "True or False");
  CHECK(problem(dir, npy("{'descr': '<f8'}", data)).place == "header");
  CHECK(problem(dir, npy("{'descr': '<f8", data)).expected == "a string that ends");
  const std::string good = npy(head("<f8", "False", "(1,)"), data);
  CHECK(problem(dir, good.substr(0, 40)).place == "header length");
}

TEST_CASE("npy: the reference values have the shapes of their manifests") {
  const auto root = inrgene::test::fixtures_root();
  if (!root) {
    MESSAGE("skipped: no reference values (INRGENE_FIXTURES)");
    return;
  }
  int arrays = 0;
  for (const auto& seed : fs::directory_iterator(*root / "torch")) {
    for (const auto& entry : fs::directory_iterator(seed)) {
      const std::string manifest = (entry.path() / "manifest.json").string();
      const auto json = inrgene::parse_json(inrgene::read_file(manifest), manifest);
      for (const auto& item : json.at("params").items()) {
        const std::string name = item.key();
        auto shape = inrgene::get<std::vector<Index>>(item.value(), "shape", manifest, name);
        if (inrgene::get<bool>(item.value(), "complex", manifest, name)) shape.push_back(2);
        for (const char* kind : {"param.", "grad.", "adam."}) {
          const NpyArray array = inrgene::read_npy(entry.path() / (kind + name + ".npy"));
          CAPTURE(manifest);
          CAPTURE(name);
          CHECK(array.shape == shape);
          for (const double value : array.values) REQUIRE(std::isfinite(value));
          ++arrays;
        }
      }
      CHECK(inrgene::read_npy(entry.path() / "adam_losses.npy").shape == std::vector<Index>{25});
    }
  }
  CHECK(arrays > 0);
}
