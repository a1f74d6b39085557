// What a NIfTI header says, checked before anything relies on it.
//
// libnifti interprets the headers (both versions, either byte order, quaternions). It repairs
// impossible fields in silence, so these are refused here first; and it would allocate what a
// header claims, so the voxels are not read through it (see nifti.hpp).
#pragma once

#include <nifti2_io.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/byte_reader.hpp"
#include "inrgene/io/number_text.hpp"
#include "inrgene/math/volume.hpp"

namespace inrgene {

enum class NiftiVersion { one = 1, two = 2 };

/// The header's number types that hold real numbers.
enum class NiftiType {
  uint8 = 2,
  int16 = 4,
  int32 = 8,
  float32 = 16,
  float64 = 64,
  int8 = 256,
  uint16 = 512,
  uint32 = 768,
  int64 = 1024,
  uint64 = 1280
};

/// A checked header of a 3-D image.
struct NiftiHeader {
  NiftiVersion version = NiftiVersion::one;
  std::array<Index, 3> shape{};  ///< [nx, ny, nz]
  NiftiType type = NiftiType::float32;
  Index value_bytes = 4;    ///< bytes of one voxel
  Index data_offset = 352;  ///< first byte of the voxels in the (unpacked) file
  bool swapped = false;     ///< the file has the other byte order
  double slope = 1;         ///< value = slope · stored + intercept
  double intercept = 0;
  Affine voxel_to_mm = identity_affine;  ///< sform, else qform, else the voxel sizes alone

  [[nodiscard]] Index voxels() const { return shape[0] * shape[1] * shape[2]; }
  /// Bytes the unpacked file must have.
  [[nodiscard]] Index file_bytes() const { return data_offset + voxels() * value_bytes; }
};

namespace detail {

/// True when the 3 × 3 part can be inverted: its volume is not lost in the rounding of a float.
inline bool is_invertible(const Affine& a) {
  double edges = 1;
  for (std::size_t c = 0; c < 3; ++c) {
    edges *= std::hypot(a[0][c], a[1][c], a[2][c]);
  }
  return std::abs(determinant(a)) > 1e-6 * edges;
}

inline bool is_finite(const Affine& a) {
  for (const auto& row : a) {
    for (const double value : row) {
      if (!std::isfinite(value)) return false;
    }
  }
  return true;
}

/// Checks one raw header (nifti_1_header or nifti_2_header, in this machine's byte order) and
/// lets libnifti interpret it.
class NiftiHeaderChecker {
 public:
  NiftiHeaderChecker(std::string file, NiftiVersion version)
      : file_(std::move(file)), version_(version) {}

  template <class Raw>
  [[nodiscard]] NiftiHeader check(const Raw& raw) const {
    NiftiHeader header;
    header.version = version_;
    if (raw.magic[1] != '+') {
      refuse("magic", "the header of a .hdr/.img pair", "one .nii or .nii.gz file");
    }
    check_type(raw, header);
    check_shape(raw, header);
    check_offset(raw, header);
    check_transforms(raw);
    interpret(raw, header);
    return header;
  }

  [[noreturn]] void refuse(const std::string& field, std::string found,
                           std::string expected) const {
    throw InputError({.file = file_,
                      .place = "NIfTI header field " + field,
                      .found = std::move(found),
                      .expected = std::move(expected)});
  }

 private:
  template <class Raw>
  void check_type(const Raw& raw, NiftiHeader& header) const {
    constexpr std::array<std::pair<NiftiType, int>, 10> sizes{{{NiftiType::uint8, 1},
                                                               {NiftiType::int8, 1},
                                                               {NiftiType::int16, 2},
                                                               {NiftiType::uint16, 2},
                                                               {NiftiType::int32, 4},
                                                               {NiftiType::uint32, 4},
                                                               {NiftiType::float32, 4},
                                                               {NiftiType::int64, 8},
                                                               {NiftiType::uint64, 8},
                                                               {NiftiType::float64, 8}}};
    const auto known = std::find_if(sizes.begin(), sizes.end(), [&](const auto& entry) {
      return static_cast<int>(entry.first) == raw.datatype;
    });
    if (known == sizes.end()) {
      refuse("datatype", text(raw.datatype, " (", ::nifti_datatype_string(raw.datatype), ")"),
             "an integer of 8 to 64 bits, float32 or float64");
    }
    if (raw.bitpix != 8 * known->second) {
      refuse("bitpix", text(raw.bitpix), text(8 * known->second, " for this datatype"));
    }
    header.type = known->first;
    header.value_bytes = known->second;
  }

  template <class Raw>
  void check_shape(const Raw& raw, NiftiHeader& header) const {
    const auto rank = static_cast<std::int64_t>(raw.dim[0]);
    if (rank < 1 || rank > 7) refuse("dim[0]", text(rank), "1 to 7");
    header.shape = {1, 1, 1};
    std::int64_t bytes = header.value_bytes;
    for (std::size_t axis = 1; axis <= static_cast<std::size_t>(rank); ++axis) {
      const auto extent = static_cast<std::int64_t>(raw.dim[axis]);
      const std::string field = text("dim[", axis, "]");
      if (extent < 1) refuse(field, text(extent), "1 or more");
      if (axis > 3 && extent != 1) refuse(field, text(extent), "1: a single 3-D image");
      if (extent > std::numeric_limits<std::int64_t>::max() / 2 / bytes) {
        refuse(field, text(extent), "an image that fits a computer");
      }
      bytes *= extent;
      if (axis <= 3) header.shape[axis - 1] = static_cast<Index>(extent);
    }
  }

  template <class Raw>
  void check_offset(const Raw& raw, NiftiHeader& header) const {
    const auto offset = static_cast<double>(raw.vox_offset);
    const double least = version_ == NiftiVersion::one ? 352 : 544;
    if (!(offset >= least && offset < 0x1p53 && std::trunc(offset) == offset)) {
      refuse("vox_offset", number_text(offset), text("a whole number of at least ", least));
    }
    header.data_offset = static_cast<Index>(raw.vox_offset);
  }

  /// The fields of the transform that counts must be finite, and its voxels have a size.
  template <class Raw>
  void check_transforms(const Raw& raw) const {
    const auto finite = [this](const std::string& field, double value) {
      if (!std::isfinite(value)) refuse(field, number_text(value), "a finite number");
    };
    if (raw.sform_code > 0) {
      for (std::size_t c = 0; c < 4; ++c) {
        finite(text("srow_x[", c, "]"), raw.srow_x[c]);
        finite(text("srow_y[", c, "]"), raw.srow_y[c]);
        finite(text("srow_z[", c, "]"), raw.srow_z[c]);
      }
    } else {
      const auto spatial = static_cast<std::size_t>(std::min<std::int64_t>(raw.dim[0], 3));
      for (std::size_t axis = 1; axis <= spatial; ++axis) {
        const auto size = static_cast<double>(raw.pixdim[axis]);
        if (!std::isfinite(size) || size <= 0) {
          refuse(text("pixdim[", axis, "]"), number_text(size), "a voxel size above 0");
        }
      }
      if (raw.qform_code > 0) {
        finite("quatern_b", raw.quatern_b);
        finite("quatern_c", raw.quatern_c);
        finite("quatern_d", raw.quatern_d);
        finite("qoffset_x", raw.qoffset_x);
        finite("qoffset_y", raw.qoffset_y);
        finite("qoffset_z", raw.qoffset_z);
      }
    }
    // A slope of 0 says "no scaling"; so does NaN, which common writers leave for float images.
    const auto slope = static_cast<double>(raw.scl_slope);
    if (std::isinf(slope)) refuse("scl_slope", number_text(slope), "a finite number");
    if (!std::isnan(slope) && slope != 0) finite("scl_inter", raw.scl_inter);
  }

  template <class Raw>
  void interpret(const Raw& raw, NiftiHeader& header) const {
    ::nifti_image* converted = nullptr;
    if constexpr (sizeof(Raw) == sizeof(::nifti_1_header)) {
      converted = ::nifti_convert_n1hdr2nim(raw, nullptr);
    } else {
      converted = ::nifti_convert_n2hdr2nim(raw, nullptr);
    }
    const std::unique_ptr<::nifti_image, decltype(&::nifti_image_free)> image(converted,
                                                                              &::nifti_image_free);
    if (!image) refuse("sizeof_hdr", "a header that libnifti refuses", "a NIfTI header");
    if (image->scl_slope != 0) {
      header.slope = image->scl_slope;
      header.intercept = image->scl_inter;
    }
    const ::nifti_dmat44& matrix = image->sform_code > 0 ? image->sto_xyz : image->qto_xyz;
    double unit_mm = 1;  // unknown units are millimetres, as every reader takes them
    if (image->xyz_units == NIFTI_UNITS_METER) unit_mm = 1000;
    if (image->xyz_units == NIFTI_UNITS_MICRON) unit_mm = 0.001;
    for (std::size_t r = 0; r < 3; ++r) {
      for (std::size_t c = 0; c < 4; ++c) header.voxel_to_mm[r][c] = unit_mm * matrix.m[r][c];
    }
    if (!is_finite(header.voxel_to_mm) || !is_invertible(header.voxel_to_mm)) {
      refuse(image->sform_code > 0 ? "srow" : "quatern and pixdim",
             text("an affine with determinant ", determinant(header.voxel_to_mm)),
             "one that can be inverted");
    }
  }

  std::string file_;
  NiftiVersion version_;
};

template <class Raw>
NiftiHeader check_nifti_header(std::string_view bytes, const std::string& file,
                               NiftiVersion version) {
  Raw raw;
  std::memcpy(&raw, bytes.data(), sizeof(raw));
  // nifti_header_version accepted it, so a foreign size means the other byte order.
  const bool swapped = raw.sizeof_hdr != static_cast<int>(sizeof(raw));
  if (swapped) ::swap_nifti_header(&raw, static_cast<int>(version));
  NiftiHeader header = NiftiHeaderChecker(file, version).check(raw);
  header.swapped = swapped;
  return header;
}

/// Reads and checks the header at the front of `reader`, which then stands behind it.
/// `used` receives the bytes taken.
inline NiftiHeader read_nifti_header(ByteReader& reader, const std::filesystem::path& path,
                                     std::size_t& used) {
  const auto refuse = [&](std::string found) {
    throw InputError({.file = path.string(),
                      .place = "NIfTI header",
                      .found = std::move(found),
                      .expected = "a NIfTI-1 or NIfTI-2 file (.nii or .nii.gz)"});
  };
  ::nifti_set_debug_level(0);  // it would print beside our exceptions
  std::array<char, sizeof(::nifti_2_header)> bytes{};
  used = reader.read(bytes.data(), sizeof(::nifti_1_header));
  if (used < sizeof(::nifti_1_header)) refuse(text("a file of ", used, " bytes"));
  // Version 2 has its magic string in the first bytes, so that these decide.
  const int version = ::nifti_header_version(bytes.data(), used);
  if (version == 0) refuse("an ANALYZE header");
  if (version != 1 && version != 2) refuse("bytes that are no NIfTI header");
  if (version == 1) {
    return check_nifti_header<::nifti_1_header>({bytes.data(), used}, path.string(),
                                                NiftiVersion::one);
  }
  used += reader.read(bytes.data() + used, bytes.size() - used);
  if (used < bytes.size()) refuse(text("a file of ", used, " bytes"));
  return check_nifti_header<::nifti_2_header>({bytes.data(), used}, path.string(),
                                              NiftiVersion::two);
}

}  // namespace detail

/// The checked header of a .nii or .nii.gz file. Throws InputError naming the field for a file
/// that is not NIfTI, cut short, more than one 3-D image, of complex or colour values, or placed
/// by an affine that is not finite or cannot be inverted.
[[nodiscard]] inline NiftiHeader read_nifti_header(const std::filesystem::path& path) {
  ByteReader reader(path);
  std::size_t used = 0;
  return detail::read_nifti_header(reader, path, used);
}

}  // namespace inrgene
