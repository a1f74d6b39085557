#include "inrgene/io/nifti.hpp"

#include <doctest/doctest.h>
#include <nifti2_io.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/io/byte_writer.hpp"
#include "support/nifti_bytes.hpp"
#include "support/paths.hpp"
#include "support/temp_dir.hpp"

namespace fs = std::filesystem;
using inrgene::Affine;
using inrgene::Index;
using inrgene::InputError;
using inrgene::InputProblem;
using inrgene::Volume;
using inrgene::test::HandMade;
using inrgene::test::nifti_problem;
using inrgene::test::TempDir;
using inrgene::test::three_shorts;

namespace {

/// A rotation about z by 30 degrees of voxels of 1 x 2 x 3 mm, mirrored in x, then moved.
/// All entries are floats, so that NIfTI-1 keeps them.
Affine rotated() {
  const auto c = static_cast<double>(static_cast<float>(std::sqrt(0.75)));
  return {{{-c, -1.0, 0, 90}, {-0.5, 2 * c, 0, -126}, {0, 0, 3, -72.5}, {0, 0, 0, 1}}};
}

template <class T>
Volume<T> numbered(std::size_t nx, std::size_t ny, std::size_t nz) {
  Volume<T> volume;
  volume.values = inrgene::Array<T, 3>({nx, ny, nz});
  for (std::size_t k = 0; k < nz; ++k) {
    for (std::size_t j = 0; j < ny; ++j) {
      for (std::size_t i = 0; i < nx; ++i) {
        volume.values(i, j, k) = static_cast<T>(i + 100 * j + 10000 * k) - T{7};
      }
    }
  }
  volume.voxel_to_mm = rotated();
  return volume;
}

template <class T>
void check_same(const Volume<T>& a, const Volume<T>& b) {
  REQUIRE(a.shape() == b.shape());
  CHECK(
      std::equal(a.values.storage().begin(), a.values.storage().end(), b.values.storage().begin()));
  CHECK(a.voxel_to_mm == b.voxel_to_mm);
}

}  // namespace

TEST_CASE_TEMPLATE("nifti: a written volume reads back the same", T, float, double, std::int32_t) {
  const TempDir dir;
  const Volume<T> volume = numbered<T>(5, 4, 3);
  for (const char* name : {"v.nii", "v.nii.gz"}) {
    inrgene::write_nifti(volume, dir / name);
    check_same(volume, inrgene::read_nifti<T>(dir / name));
  }
  CHECK(dir.entries() == 2);
  CHECK(dir.read("v.nii").size() == 352 + 60 * sizeof(T));
  inrgene::write_nifti(volume, dir / "again.nii.gz");
  CHECK(dir.read("again.nii.gz") == dir.read("v.nii.gz"));
}

TEST_CASE("nifti: libnifti's own reader sees the same voxels, sform, qform and codes") {
  const TempDir dir;
  const Volume<float> volume = numbered<float>(5, 4, 3);
  for (const char* name : {"v.nii", "v.nii.gz"}) {
    inrgene::write_nifti(volume, dir / name, inrgene::NiftiSpace::talairach);
    nifti_image* image = nifti_image_read((dir / name).c_str(), 1);
    REQUIRE(image != nullptr);
    CHECK(image->nx == 5);
    CHECK(image->ny == 4);
    CHECK(image->nz == 3);
    CHECK(image->datatype == DT_FLOAT32);
    CHECK(image->sform_code == 3);
    CHECK(image->qform_code == 3);
    CHECK(image->xyz_units == NIFTI_UNITS_MM);
    CHECK(image->dx == doctest::Approx(1.0));
    CHECK(image->dy == doctest::Approx(2.0));
    CHECK(image->dz == doctest::Approx(3.0));
    for (std::size_t r = 0; r < 3; ++r) {
      for (std::size_t c = 0; c < 4; ++c) {
        CHECK(image->sto_xyz.m[r][c] == volume.voxel_to_mm[r][c]);
        // Quaternion and voxel sizes go through single precision.
        CHECK(image->qto_xyz.m[r][c] == doctest::Approx(volume.voxel_to_mm[r][c]).epsilon(1e-5));
      }
    }
    const auto* data = static_cast<const float*>(image->data);
    CHECK(data[1 + 5 * (2 + 4 * 1)] == volume.values(1, 2, 1));
    CHECK(std::equal(data, data + 60, volume.values.data()));
    nifti_image_free(image);
  }
}

TEST_CASE("nifti: a file that libnifti wrote is read the same: qform, slope and intercept") {
  const TempDir dir;
  const fs::path path = dir / "one.nii.gz";
  const std::array<std::int64_t, 8> dims{4, 2, 3, 2, 1, 1, 1, 1};
  nifti_image* image = nifti_make_new_nim(dims.data(), DT_UINT16, 1);
  REQUIRE(image != nullptr);
  auto* data = static_cast<std::uint16_t*>(image->data);
  for (std::uint16_t v = 0; v < 12; ++v) data[v] = static_cast<std::uint16_t>(5000 * v);
  image->qform_code = NIFTI_XFORM_ALIGNED_ANAT;
  // Half a turn about z (quaternion 0, 0, 0, 1): x and y change sign.
  image->quatern_d = 1;
  image->qfac = 1;
  image->pixdim[1] = image->dx = 2;
  image->pixdim[2] = image->dy = 3;
  image->pixdim[3] = image->dz = 4;
  image->qoffset_x = 10;
  image->scl_slope = 0.5;
  image->scl_inter = -1;
  REQUIRE(nifti_set_filenames(image, path.c_str(), 0, 1) == 0);
  nifti_image_write(image);
  nifti_image_free(image);
  const auto volume = inrgene::read_nifti<double>(path);
  CHECK(volume.shape() == std::array<Index, 3>{2, 3, 2});
  CHECK(volume.values(1, 2, 1) == 0.5 * 55000 - 1);
  const Affine expected{{{-2, 0, 0, 10}, {0, -3, 0, 0}, {0, 0, 4, 0}, {0, 0, 0, 1}}};
  for (std::size_t r = 0; r < 4; ++r) {
    for (std::size_t c = 0; c < 4; ++c) {
      CHECK(volume.voxel_to_mm[r][c] == doctest::Approx(expected[r][c]));
    }
  }
}

TEST_CASE("nifti: NIfTI-2 of either byte order keeps doubles") {
  const TempDir dir;
  for (const bool swapped : {false, true}) {
    nifti_2_header header{};
    header.sizeof_hdr = 540;
    std::memcpy(header.magic, "n+2\0\r\n\032\n", 8);
    header.datatype = DT_INT64;
    header.bitpix = 64;
    const std::array<std::int64_t, 8> dims{3, 2, 1, 1, 1, 1, 1, 1};
    std::copy(dims.begin(), dims.end(), header.dim);
    header.vox_offset = 544;
    header.scl_slope = 0.1;
    header.sform_code = 2;
    header.srow_x[0] = header.srow_y[1] = header.srow_z[2] = 0.1;
    header.srow_x[3] = -1.0 / 3.0;
    std::array<std::int64_t, 2> voxels{std::int64_t{1} << 40U, -30};
    if (swapped) {
      swap_nifti_header(&header, 2);
      nifti_swap_8bytes(2, voxels.data());
    }
    inrgene::ByteWriter writer(dir / "v.nii.gz");
    writer.write({reinterpret_cast<const char*>(&header), sizeof(header)});
    writer.write(std::string(4, '\0'));
    writer.write({reinterpret_cast<const char*>(voxels.data()), sizeof(voxels)});
    writer.commit();
    const auto volume = inrgene::read_nifti<double>(dir / "v.nii.gz");
    CHECK(volume.values(0, 0, 0) == 0.1 * 0x1p40);
    CHECK(volume.values(1, 0, 0) == doctest::Approx(-3.0));
    CHECK(volume.voxel_to_mm[0][0] == 0.1);
    CHECK(volume.voxel_to_mm[0][3] == -1.0 / 3.0);
    const std::string bytes = inrgene::ByteReader(dir / "v.nii.gz").read_rest();
    CHECK(nifti_problem(dir, bytes.substr(0, 400)).found == "a file of 400 bytes");
  }
}

TEST_CASE("nifti: hand-made files of either byte order") {
  const TempDir dir;
  for (const std::endian order : {std::endian::little, std::endian::big}) {
    HandMade file = three_shorts(order);
    file.sform(rotated());
    const fs::path path = dir.write("v.nii", file.bytes());
    const auto volume = inrgene::read_nifti<std::int32_t>(path);
    CHECK(volume.shape() == std::array<Index, 3>{3, 1, 1});
    CHECK(volume.values(0, 0, 0) == 258);
    CHECK(volume.values(1, 0, 0) == -3);
    CHECK(volume.voxel_to_mm == rotated());
    CHECK(inrgene::read_nifti_header(path).swapped == (order != std::endian::native));
    file.put<float>(112, 0.5F).put<float>(116, 10.0F);
    CHECK(inrgene::read_nifti<float>(dir.write("s.nii", file.bytes())).values(0, 0, 0) == 139.0F);
  }
}

TEST_CASE("nifti: sform before qform before voxel sizes; units") {
  const TempDir dir;
  HandMade file = three_shorts();
  file.put<float>(80, 2.0F);  // pixdim[1]
  const auto affine = [&] {
    return inrgene::read_nifti<float>(dir.write("v.nii", file.bytes())).voxel_to_mm;
  };
  CHECK(affine() == Affine{{{2, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}});
  file.put<std::int16_t>(252, 1).put<float>(268, 5.0F);  // qform_code, qoffset_x
  CHECK(affine() == Affine{{{2, 0, 0, 5}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}}});
  file.sform(rotated());
  CHECK(affine() == rotated());
  file.put<std::uint8_t>(123, 1);  // metres
  CHECK(affine()[0][3] == 90000.0);
}

TEST_CASE("nifti: no scaling for slope 0 and slope NaN; NaN voxels stay") {
  const TempDir dir;
  for (const float slope : {0.0F, std::numeric_limits<float>::quiet_NaN()}) {
    HandMade file = three_shorts();
    file.put<float>(112, slope).put<float>(116, 9.0F);
    CHECK(inrgene::read_nifti<float>(dir.write("v.nii", file.bytes())).values(0, 0, 0) == 258.0F);
  }
  HandMade file(std::endian::little);
  file.type(16, 32).put<float>(352, std::numeric_limits<float>::quiet_NaN());
  CHECK(std::isnan(inrgene::read_nifti<float>(dir.write("n.nii", file.bytes())).values(0, 0, 0)));
  CHECK(nifti_problem<std::int32_t>(dir, file.bytes()).found == "nan");
}

TEST_CASE("nifti: trailing axes of one are ignored, further volumes refused") {
  const TempDir dir;
  HandMade file = three_shorts();
  file.put<std::int16_t>(40, 5);
  CHECK(inrgene::read_nifti<float>(dir.write("v.nii", file.bytes())).size() == 3);
  file.put<std::int16_t>(48, 2);
  CHECK(nifti_problem(dir, file.bytes()).place == "NIfTI header field dim[4]");
}

TEST_CASE("nifti: an axis beyond 32,767 voxels is written as NIfTI-2") {
  const TempDir dir;
  const Volume<float> volume = numbered<float>(40000, 1, 2);
  inrgene::write_nifti(volume, dir / "v.nii.gz");
  CHECK(inrgene::read_nifti_header(dir / "v.nii.gz").version == inrgene::NiftiVersion::two);
  check_same(volume, inrgene::read_nifti<float>(dir / "v.nii.gz"));
  nifti_image* image = nifti_image_read((dir / "v.nii.gz").c_str(), 1);
  REQUIRE(image != nullptr);
  CHECK(image->nx == 40000);
  CHECK(image->sform_code == 4);
  CHECK(image->sto_xyz.m[1][3] == volume.voxel_to_mm[1][3]);
  CHECK(std::equal(volume.values.storage().begin(), volume.values.storage().end(),
                   static_cast<const float*>(image->data)));
  nifti_image_free(image);
}

TEST_CASE("nifti: labels with a fraction are refused with their voxel") {
  const TempDir dir;
  Volume<float> volume = numbered<float>(3, 4, 5);
  volume.values(2, 3, 4) = 1.5F;
  inrgene::write_nifti(volume, dir / "v.nii");
  CHECK(inrgene::read_nifti<float>(dir / "v.nii").values(2, 3, 4) == 1.5F);
  const InputProblem p = nifti_problem<std::int32_t>(dir, dir.read("v.nii"));
  CHECK(p.place == "voxel (2, 3, 4)");
  CHECK(p.found == "1.5");
}

TEST_CASE("nifti: gzip cut short") {
  const TempDir dir;
  inrgene::write_nifti(numbered<float>(30, 30, 30), dir / "v.nii.gz");
  const std::string packed = dir.read("v.nii.gz");
  CHECK(nifti_problem(dir, packed.substr(0, packed.size() / 2)).place == "gzip data");
}

TEST_CASE("nifti: wrong arguments and places that cannot be written") {
  const TempDir dir;
  Volume<float> volume = numbered<float>(2, 2, 2);
  CHECK_THROWS_AS(inrgene::write_nifti(volume, dir / "v.img"), inrgene::ArgumentError);
  CHECK_THROWS_AS(inrgene::write_nifti(volume, dir / "none" / "v.nii"), InputError);
  CHECK_THROWS_AS(inrgene::write_nifti(Volume<float>{}, dir / "v.nii"), inrgene::ArgumentError);
  volume.voxel_to_mm[0][0] = std::nan("");
  CHECK_THROWS_AS(inrgene::write_nifti(volume, dir / "v.nii"), inrgene::ArgumentError);
  CHECK(dir.entries() == 0);
}

TEST_CASE("nifti: the Desikan-Killiany atlas") {
  const auto root = inrgene::test::data_root();
  if (!root) {
    MESSAGE("skipped: no real data (INRGENE_DATA)");
    return;
  }
  const auto atlas =
      inrgene::read_nifti<std::int32_t>(*root / "atlas" / "atlas-desikankilliany.nii.gz");
  CHECK(atlas.shape() == std::array<Index, 3>{146, 182, 155});
  CHECK(std::count_if(atlas.values.storage().begin(), atlas.values.storage().end(),
                      [](std::int32_t label) { return label != 0; }) == 819621);
}
