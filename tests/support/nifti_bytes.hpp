// NIfTI-1 files made byte by byte, for tests of the reader.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "inrgene/core/error.hpp"
#include "inrgene/io/nifti.hpp"
#include "inrgene/math/volume.hpp"
#include "support/temp_dir.hpp"

namespace inrgene::test {

/// Builds a NIfTI-1 file byte by byte from the published field offsets.
class HandMade {
 public:
  explicit HandMade(std::endian order) : order_(order), bytes_(352, '\0') {
    put<std::int32_t>(0, 348);
    put<std::int16_t>(40, 3);
    for (std::size_t axis = 1; axis < 8; ++axis) put<std::int16_t>(40 + 2 * axis, 1);
    for (std::size_t axis = 1; axis < 4; ++axis) put<float>(76 + 4 * axis, 1.0F);
    put<float>(108, 352.0F);
    bytes_.replace(344, 3, "n+1");
  }
  template <class T>
  HandMade& put(std::size_t offset, T value) {
    std::array<char, sizeof(T)> raw = std::bit_cast<std::array<char, sizeof(T)>>(value);
    if (order_ != std::endian::native) std::reverse(raw.begin(), raw.end());
    if (bytes_.size() < offset + sizeof(T)) bytes_.resize(offset + sizeof(T));
    bytes_.replace(offset, sizeof(T), raw.data(), sizeof(T));
    return *this;
  }
  HandMade& shape(std::int16_t nx, std::int16_t ny, std::int16_t nz) {
    return put(42, nx).put(44, ny).put(46, nz);
  }
  HandMade& type(std::int16_t datatype, std::int16_t bits) {
    return put(70, datatype).put(72, bits);
  }
  HandMade& sform(const Affine& a) {
    put<std::int16_t>(254, 4);
    for (std::size_t r = 0; r < 3; ++r) {
      for (std::size_t c = 0; c < 4; ++c) {
        put<float>(280 + 16 * r + 4 * c, static_cast<float>(a[r][c]));
      }
    }
    return *this;
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::endian order_;
  std::string bytes_;
};

/// One row of three int16 voxels.
inline HandMade three_shorts(std::endian order = std::endian::little) {
  HandMade file(order);
  file.shape(3, 1, 1).type(4, 16);
  file.put<std::int16_t>(352, 258).put<std::int16_t>(354, -3).put<std::int16_t>(356, 0);
  return file;
}

/// What the reader says about refused bytes.
template <class T = float>
InputProblem nifti_problem(const TempDir& dir, std::string_view bytes) {
  const std::filesystem::path path = dir.write("bad.nii", bytes);
  try {
    (void)inrgene::read_nifti<T>(path);
  } catch (const InputError& error) {
    CHECK(error.problem().file == path.string());
    return error.problem();
  }
  FAIL("no InputError came");
  return {};
}

}  // namespace inrgene::test
