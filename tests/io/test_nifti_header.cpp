#include "inrgene/io/nifti_header.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>

#include "inrgene/core/error.hpp"
#include "inrgene/io/byte_writer.hpp"
#include "support/nifti_bytes.hpp"
#include "support/temp_dir.hpp"

using inrgene::Affine;
using inrgene::InputProblem;
using inrgene::test::HandMade;
using inrgene::test::nifti_problem;
using inrgene::test::TempDir;
using inrgene::test::three_shorts;

TEST_CASE("nifti: files cut short, too long, or not NIfTI") {
  const TempDir dir;
  const std::string good = three_shorts().bytes();
  const InputProblem cut = nifti_problem(dir, good.substr(0, good.size() - 1));
  CHECK(cut.place == "image data");
  CHECK(cut.found == "357 bytes (unpacked)");
  CHECK(cut.expected.starts_with("358, as the header's 3 x 1 x 1 voxels of 2 bytes"));
  CHECK(nifti_problem(dir, good + "x").found == "more than 358 bytes (unpacked)");
  CHECK(nifti_problem(dir, good.substr(0, 200)).found == "a file of 200 bytes");
  CHECK(nifti_problem(dir, "").found == "a file of 0 bytes");
  CHECK(nifti_problem(dir, std::string(1000, 'x')).found == "bytes that are no NIfTI header");
  std::string pair = good;
  pair.replace(344, 3, "ni1");
  CHECK(nifti_problem(dir, pair).place == "NIfTI header field magic");
  pair.replace(344, 3, "???");
  CHECK(nifti_problem(dir, pair).place == "NIfTI header");
}

TEST_CASE("nifti: a header that claims 30000^3 voxels costs neither memory nor time") {
  const TempDir dir;
  HandMade file(std::endian::little);
  file.shape(30000, 30000, 30000).type(64, 64).put<std::uint8_t>(1023, 0);
  REQUIRE(file.bytes().size() == 1024);
  // 216 TB: were they asked for before the size is checked, bad_alloc would come and not this.
  const auto begin = std::chrono::steady_clock::now();
  const InputProblem p = nifti_problem<double>(dir, file.bytes());
  CHECK(p.place == "image data");
  CHECK(p.found == "1024 bytes (unpacked)");
  CHECK(p.expected.starts_with("216000000000352, "));
  inrgene::ByteWriter writer(dir / "packed.nii.gz");
  writer.write(file.bytes());
  writer.commit();
  CHECK(nifti_problem<double>(dir, dir.read("packed.nii.gz")).found == "1024 bytes (unpacked)");
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
}

TEST_CASE("nifti: header fields out of bounds") {
  const TempDir dir;
  const auto place = [&](HandMade file) { return nifti_problem(dir, file.bytes()).place; };
  const std::string field = "NIfTI header field ";
  CHECK(place(three_shorts().put<std::int16_t>(42, -3)) == field + "dim[1]");
  CHECK(place(three_shorts().put<std::int16_t>(46, 0)) == field + "dim[3]");
  CHECK(place(three_shorts().put<std::int16_t>(40, 9)) == field + "dim[0]");
  CHECK(place(three_shorts().type(128, 24)) == field + "datatype");
  CHECK(place(three_shorts().type(32, 64)) == field + "datatype");
  CHECK(place(three_shorts().type(4, 8)) == field + "bitpix");
  CHECK(place(three_shorts().put<float>(108, 100.0F)) == field + "vox_offset");
  CHECK(place(three_shorts().put<float>(108, std::nanf(""))) == field + "vox_offset");
  CHECK(place(three_shorts().put<float>(80, 0.0F)) == field + "pixdim[1]");
  CHECK(place(three_shorts().put<float>(112, HUGE_VALF)) == field + "scl_slope");
}

TEST_CASE("nifti: affines that are not finite or cannot be inverted") {
  const TempDir dir;
  const auto found = [&](double entry) {
    Affine a = inrgene::identity_affine;
    a[1][2] = entry;
    HandMade file = three_shorts();
    return nifti_problem(dir, file.sform(a).bytes());
  };
  CHECK(found(std::nan("")).place == "NIfTI header field srow_y[2]");
  CHECK(found(HUGE_VAL).found == "inf");
  HandMade flat = three_shorts();
  const InputProblem p = nifti_problem(
      dir, flat.sform({{{1, 2, 0, 0}, {2, 4, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}}).bytes());
  CHECK(p.expected == "one that can be inverted");
  HandMade turned = three_shorts();
  turned.put<std::int16_t>(252, 1).put<float>(256, std::nanf(""));
  CHECK(nifti_problem(dir, turned.bytes()).place == "NIfTI header field quatern_b");
}
