#include "inrgene/io/safetensors.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/io/tensor.hpp"
#include "support/temp_dir.hpp"

using inrgene::Index;
using inrgene::InputError;
using inrgene::InputProblem;
using inrgene::make_tensor;
using inrgene::SafetensorsFile;
using inrgene::Tensor;
using inrgene::test::TempDir;

namespace {

template <class T>
Tensor tensor(std::vector<Index> shape, const std::vector<T>& values) {
  return make_tensor<T>(std::move(shape), std::span<const T>(values));
}

std::string with_length(std::uint64_t length, const std::string& rest) {
  std::string out;
  for (unsigned i = 0; i < 8; ++i) out += static_cast<char>((length >> (8 * i)) & 0xFFU);
  return out + rest;
}

/// A file from its header text and the number of data bytes.
std::string file_of(const std::string& header, std::size_t data) {
  return with_length(header.size(), header) + std::string(data, '\0');
}

InputProblem problem(const TempDir& dir, const std::string& bytes) {
  const std::filesystem::path path = dir.write("bad.safetensors", bytes);
  try {
    (void)inrgene::read_safetensors(path);
  } catch (const InputError& error) {
    CHECK(error.problem().file == path.string());
    return error.problem();
  }
  FAIL("no InputError came");
  return {};
}

}  // namespace

TEST_CASE("safetensors: written content reads back the same") {
  const TempDir dir;
  const std::vector<float> weights{1.5F, -0.0F, 3e38F, 1e-45F, 0.1F, -7};
  SafetensorsFile content;
  content.tensors.emplace_back("net.0.weight", tensor<float>({2, 3}, weights));
  content.tensors.emplace_back("flag", tensor<std::uint8_t>({3}, {1, 2, 3}));
  content.tensors.emplace_back("step", tensor<std::int64_t>({}, {123456789012345}));
  content.tensors.emplace_back("empty", tensor<double>({0, 4}, {}));
  content.tensors.emplace_back("adam \"é\"", tensor<double>({2}, {0.1, 1.0 / 3.0}));
  content.metadata = {{"config", "{\"a\": \"b\\n\"}"}, {"", "empty key"}};
  inrgene::write_safetensors(content, dir / "m.safetensors");
  const SafetensorsFile back = inrgene::read_safetensors(dir / "m.safetensors");
  CHECK(back.metadata == content.metadata);
  REQUIRE(back.tensors.size() == 5);
  for (std::size_t i = 1; i < 5; ++i) CHECK(back.tensors[i - 1].first < back.tensors[i].first);
  for (const auto& [name, written] : content.tensors) CHECK(back.at(name) == written);
  CHECK(back.at("net.0.weight").values<float>() == weights);
  CHECK(back.at("step").size() == 1);
  CHECK(back.meta("config") == content.metadata.at("config"));
  CHECK(dir.entries() == 1);
  // The order of the caller does not reach the file.
  std::swap(content.tensors[0], content.tensors[4]);
  inrgene::write_safetensors(content, dir / "n.safetensors");
  CHECK(dir.read("n.safetensors") == dir.read("m.safetensors"));
}

TEST_CASE("safetensors: the bytes follow the format") {
  const TempDir dir;
  SafetensorsFile content;
  content.tensors.emplace_back("a", tensor<std::uint8_t>({1}, {7}));
  content.tensors.emplace_back("b", tensor<float>({1}, {1.0F}));
  inrgene::write_safetensors(content, dir / "m.safetensors");
  const std::string header = R"({"a":{"data_offsets":[4,5],"dtype":"U8","shape":[1]},)"
                             R"("b":{"data_offsets":[0,4],"dtype":"F32","shape":[1]}})";
  const std::size_t padded = (header.size() + 7) / 8 * 8;
  const std::string data("\x00\x00\x80\x3F\x07", 5);
  CHECK(dir.read("m.safetensors") ==
        with_length(padded, header + std::string(padded - header.size(), ' ') + data));
}

TEST_CASE("safetensors: values convert between F32 and F64 alone") {
  const Tensor doubles = tensor<double>({2}, {0.1, -2.0});
  CHECK(doubles.values<float>() == std::vector<float>{0.1F, -2.0F});
  CHECK(tensor<float>({1}, {0.1F}).values<double>()[0] == static_cast<double>(0.1F));
  CHECK_THROWS_AS((void)tensor<std::int64_t>({1}, {1}).values<float>(), InputError);
  CHECK_THROWS_AS((void)doubles.values<std::int64_t>(), InputError);
  CHECK_THROWS_AS((void)tensor<double>({1}, {1e300}).values<float>("f", "p"), InputError);
  CHECK(std::isnan(
      tensor<double>({1}, {std::numeric_limits<double>::quiet_NaN()}).values<float>()[0]));
  CHECK_THROWS_AS((void)tensor<float>({2, 2}, {1, 2, 3}), inrgene::ArgumentError);
}

TEST_CASE("safetensors: missing names, other shapes") {
  SafetensorsFile content;
  content.file = "m.safetensors";
  content.tensors.emplace_back("w", tensor<float>({2, 1}, {1, 2}));
  const std::vector<Index> right{2, 1};
  const std::vector<Index> wrong{1, 2};
  CHECK(content.values<double>("w", right) == std::vector<double>{1, 2});
  CHECK(content.find("v") == nullptr);
  CHECK_THROWS_AS((void)content.at("v"), InputError);
  CHECK_THROWS_AS((void)content.meta("v"), InputError);
  CHECK_THROWS_WITH_AS((void)content.values<double>("w", wrong),
                       "m.safetensors: tensor 'w': found shape [2, 1], expected shape [1, 2]",
                       InputError);
}

TEST_CASE("safetensors: a lying header length is refused before anything is taken from it") {
  const TempDir dir;
  CHECK(problem(dir, "").place == "header");
  CHECK(problem(dir, "1234567").found == "7 bytes");
  CHECK(problem(dir, with_length(UINT64_MAX, "{}")).place == "header length");
  CHECK(problem(dir, with_length(std::uint64_t{1} << 60U, "{}")).found == "1152921504606846976");
  CHECK(problem(dir, with_length(3, "{}")).expected == "at most the 2 bytes that follow");
}

TEST_CASE("safetensors: headers that are no JSON object or miss parts") {
  const TempDir dir;
  CHECK(problem(dir, file_of("", 0)).expected == "JSON");
  CHECK(problem(dir, file_of("{oops}", 0)).place == "line 1, column 2");
  CHECK(problem(dir, file_of("[]", 0)).expected == "an object { … }");
  CHECK(problem(dir, file_of(R"({"a": 3})", 0)).place == "tensor 'a'");
  CHECK(problem(dir, file_of(R"({"a":{"dtype":"F32","shape":[1]}})", 4)).found ==
        "no key 'data_offsets'");
  CHECK(problem(dir, file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})", 4))
            .found == "the unknown key 'x'");
  CHECK(problem(dir, file_of(R"({"__metadata__":{"k":1}})", 0)).place == "metadata, key 'k'");
  const std::string a = R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  CHECK(problem(dir, file_of("{" + a + "," + a + "}", 4)).found ==
        "the key 'a' twice in one object");
}

TEST_CASE("safetensors: shapes, dtypes and offsets that do not fit") {
  const TempDir dir;
  const auto one = [&](const std::string& dtype, const std::string& shape,
                       const std::string& offsets) {
    return problem(dir, file_of(R"({"a":{"dtype":")" + dtype + R"(","shape":)" + shape +
                                    R"(,"data_offsets":)" + offsets + "}}",
                                8));
  };
  CHECK(one("F33", "[2]", "[0,8]").found == "dtype 'F33'");
  CHECK(one("F32", "[3]", "[0,8]").expected == "12 for F32 of shape [3]");
  CHECK(one("F32", "[2]", "[0,12]").found == "data_offsets [0, 12]");
  CHECK(one("F32", "[2]", "[8,0]").found == "data_offsets [8, 0]");
  CHECK(one("F32", "[2]", "[-8,0]").found == "data_offsets [-8, 0]");
  CHECK(one("F32", "[2]", "[0]").found == "data_offsets [0]");
  CHECK(one("F32", "[-2]", "[0,8]").found == "8 bytes");
  CHECK(one("F32", "[4611686018427387904,4611686018427387904]", "[0,8]").found == "8 bytes");
  CHECK(one("F32", "[99999999999999999999]", "[0,8]").place == "tensor 'a', key 'shape'");
  CHECK(one("F32", "[1.0]", "[0,8]").place == "tensor 'a', key 'shape'");
  CHECK(one("F32", "[1]", "[4,8]").found == "data from byte 4");
  CHECK(one("F32", "[1]", "[0,4]").found == "8 bytes");
  const std::string overlap = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                              R"("b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}})";
  CHECK(problem(dir, file_of(overlap, 5)).found == "data from byte 3");
}

TEST_CASE("safetensors: content that cannot be written") {
  const TempDir dir;
  const auto refused = [&](const std::string& name, Tensor entry) {
    SafetensorsFile content;
    content.tensors.emplace_back("a", tensor<float>({1}, {1}));
    content.tensors.emplace_back(name, std::move(entry));
    CHECK_THROWS_AS(inrgene::write_safetensors(content, dir / "m"), inrgene::ArgumentError);
  };
  refused("a", tensor<float>({1}, {1}));
  refused("__metadata__", tensor<float>({1}, {1}));
  refused("b", Tensor{"F33", {1}, std::vector<std::byte>(4)});
  refused("b", Tensor{"F32", {2}, std::vector<std::byte>(4)});
  refused("\xFF", tensor<float>({1}, {1}));
  CHECK(dir.entries() == 0);
}
