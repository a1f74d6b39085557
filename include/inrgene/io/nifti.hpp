// Volumes from and to NIfTI-1 and NIfTI-2 files.
#pragma once

#include <nifti2_io.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/byte_reader.hpp"
#include "inrgene/io/byte_writer.hpp"
#include "inrgene/io/nifti_header.hpp"
#include "inrgene/io/number_text.hpp"
#include "inrgene/math/volume.hpp"

namespace inrgene {

/// What a volume's voxels may be: real values, or whole labels.
template <class T>
concept NiftiValue =
    std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int32_t>;

/// The space a file's affine leads to: the header's sform_code.
enum class NiftiSpace { scanner = 1, aligned = 2, talairach = 3, mni = 4 };

namespace detail {

/// Turns stored values into T, voxel by voxel, in file order.
template <NiftiValue T>
class NiftiDecoder {
 public:
  NiftiDecoder(const NiftiHeader& header, std::string file, T* out)
      : header_(header),
        file_(std::move(file)),
        out_(out),
        scaled_(header.slope != 1 || header.intercept != 0) {}

  /// Decodes whole values; `bytes` may be changed.
  void decode(char* bytes, std::size_t size) {
    const auto count = static_cast<Index>(size) / header_.value_bytes;
    if (header_.swapped) {
      for (Index i = 0; i < count; ++i) {
        char* value = bytes + i * header_.value_bytes;
        std::reverse(value, value + header_.value_bytes);
      }
    }
    switch (header_.type) {
      case NiftiType::uint8:
        return convert<std::uint8_t>(bytes, count);
      case NiftiType::int8:
        return convert<std::int8_t>(bytes, count);
      case NiftiType::uint16:
        return convert<std::uint16_t>(bytes, count);
      case NiftiType::int16:
        return convert<std::int16_t>(bytes, count);
      case NiftiType::uint32:
        return convert<std::uint32_t>(bytes, count);
      case NiftiType::int32:
        return convert<std::int32_t>(bytes, count);
      case NiftiType::uint64:
        return convert<std::uint64_t>(bytes, count);
      case NiftiType::int64:
        return convert<std::int64_t>(bytes, count);
      case NiftiType::float32:
        return convert<float>(bytes, count);
      case NiftiType::float64:
        return convert<double>(bytes, count);
    }
  }

 private:
  template <class Stored>
  void convert(const char* bytes, Index count) {
    for (Index i = 0; i < count; ++i, ++done_) {
      Stored stored{};
      std::memcpy(&stored, bytes + i * static_cast<Index>(sizeof(Stored)), sizeof(Stored));
      double value = static_cast<double>(stored);
      if (scaled_) value = header_.slope * value + header_.intercept;
      if constexpr (std::same_as<T, std::int32_t>) {
        constexpr auto low = static_cast<double>(std::numeric_limits<T>::min());
        constexpr auto high = static_cast<double>(std::numeric_limits<T>::max());
        if (!(value >= low && value <= high && std::trunc(value) == value)) {
          refuse(value, "a whole number of at most 32 bits");
        }
      } else if (std::isfinite(value) &&
                 std::abs(value) > static_cast<double>(std::numeric_limits<T>::max())) {
        refuse(value, "a number that fits single precision");
      }
      out_[done_] = static_cast<T>(value);
    }
  }

  [[noreturn]] void refuse(double value, std::string expected) const {
    const Index nx = header_.shape[0];
    const Index ny = header_.shape[1];
    throw InputError(
        {.file = file_,
         .place = text("voxel (", done_ % nx, ", ", done_ / nx % ny, ", ", done_ / (nx * ny), ")"),
         .found = number_text(value),
         .expected = std::move(expected)});
  }

  const NiftiHeader& header_;
  std::string file_;
  T* out_;
  bool scaled_;
  Index done_ = 0;
};

/// Throws InputError unless the unpacked file has exactly the bytes its header claims. Reads it in
/// pieces of 1 MiB, so that a lying header costs no memory.
inline void check_nifti_size(ByteReader& reader, std::size_t used, const NiftiHeader& header,
                             const std::filesystem::path& path) {
  std::vector<char> piece(std::size_t{1} << 20U);
  const auto claimed = static_cast<std::size_t>(header.file_bytes());
  std::size_t found = used;
  while (found <= claimed) {
    const std::size_t got = reader.read(piece.data(), piece.size());
    found += got;
    if (got < piece.size()) break;
  }
  if (found == claimed) return;
  throw InputError(
      {.file = path.string(),
       .place = "image data",
       .found =
           text(found > claimed ? "more than " : "", std::min(found, claimed), " bytes (unpacked)"),
       .expected = text(claimed, ", as the header's ", header.shape[0], " x ", header.shape[1],
                        " x ", header.shape[2], " voxels of ", header.value_bytes,
                        " bytes from byte ", header.data_offset, " need")});
}

}  // namespace detail

/// Reads a 3-D image as [nx, ny, nz] with its affine to millimetres. All real number types and
/// both byte orders are read, slope and intercept applied; NaN voxels stay NaN for float and
/// double. Throws InputError as `read_nifti_header`, when the data are shorter or longer than the
/// header says, and for a voxel whose value T cannot hold (for int32: NaN, a fraction). Nothing
/// of the image's size is allocated before its size is known to be true.
/// Cost: the file is unpacked twice, once to measure it and once to read it.
template <NiftiValue T>
[[nodiscard]] Volume<T> read_nifti(const std::filesystem::path& path) {
  NiftiHeader header;
  {
    ByteReader reader(path);
    std::size_t used = 0;
    header = detail::read_nifti_header(reader, path, used);
    detail::check_nifti_size(reader, used, header, path);
  }
  Volume<T> volume;
  volume.voxel_to_mm = header.voxel_to_mm;
  volume.values = Array<T, 3>(typename Array<T, 3>::shape_type{
      static_cast<std::size_t>(header.shape[0]), static_cast<std::size_t>(header.shape[1]),
      static_cast<std::size_t>(header.shape[2])});
  ByteReader reader(path);
  std::vector<char> piece(std::size_t{1} << 20U);
  for (auto skip = static_cast<std::size_t>(header.data_offset); skip > 0;) {
    const std::size_t got = reader.read(piece.data(), std::min(skip, piece.size()));
    if (got == 0) detail::refuse_read(path, "a file that shrank while it was read");
    skip -= got;
  }
  detail::NiftiDecoder<T> decoder(header, path.string(), volume.values.data());
  for (auto left = static_cast<std::size_t>(header.voxels() * header.value_bytes); left > 0;) {
    const std::size_t wanted = std::min(left, piece.size());
    if (reader.read(piece.data(), wanted) != wanted) {
      detail::refuse_read(path, "a file that shrank while it was read");
    }
    decoder.decode(piece.data(), wanted);
    left -= wanted;
  }
  return volume;
}

namespace detail {

/// The affine and grid as libnifti's image structure, from which it makes either header.
template <NiftiValue T>
std::unique_ptr<::nifti_image, decltype(&::nifti_image_free)> describe_nifti(
    const Volume<T>& volume, NiftiSpace space) {
  std::unique_ptr<::nifti_image, decltype(&::nifti_image_free)> image(::nifti_simple_init_nim(),
                                                                      &::nifti_image_free);
  const std::array<Index, 3> shape = volume.shape();
  image->ndim = image->dim[0] = 3;
  image->nx = image->dim[1] = shape[0];
  image->ny = image->dim[2] = shape[1];
  image->nz = image->dim[3] = shape[2];
  image->nt = image->nu = image->nv = image->nw = 1;
  image->dim[4] = image->dim[5] = image->dim[6] = image->dim[7] = 1;
  image->nvox = volume.size();
  image->nbyper = sizeof(T);
  image->datatype = std::same_as<T, float>    ? static_cast<int>(NiftiType::float32)
                    : std::same_as<T, double> ? static_cast<int>(NiftiType::float64)
                                              : static_cast<int>(NiftiType::int32);
  image->xyz_units = NIFTI_UNITS_MM;
  std::strncpy(image->descrip, "inrgene", sizeof(image->descrip) - 1);
  const Affine& a = volume.voxel_to_mm;
  for (std::size_t r = 0; r < 4; ++r) {
    for (std::size_t c = 0; c < 4; ++c) image->sto_xyz.m[r][c] = a[r][c];
  }
  image->sform_code = static_cast<int>(space);
  std::array<double, 3> size_mm{};
  for (std::size_t c = 0; c < 3; ++c) size_mm[c] = std::hypot(a[0][c], a[1][c], a[2][c]);
  image->dx = image->pixdim[1] = size_mm[0];
  image->dy = image->pixdim[2] = size_mm[1];
  image->dz = image->pixdim[3] = size_mm[2];
  // A quaternion can only say what is a rotation of scaled axes.
  double skew = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    const std::size_t d = (c + 1) % 3;
    const double dot = a[0][c] * a[0][d] + a[1][c] * a[1][d] + a[2][c] * a[2][d];
    skew = std::max(skew, std::abs(dot) / (size_mm[c] * size_mm[d]));
  }
  if (skew < 1e-6) {
    image->qform_code = static_cast<int>(space);
    double dx = 0, dy = 0, dz = 0;
    ::nifti_dmat44_to_quatern(image->sto_xyz, &image->quatern_b, &image->quatern_c,
                              &image->quatern_d, &image->qoffset_x, &image->qoffset_y,
                              &image->qoffset_z, &dx, &dy, &dz, &image->qfac);
  }
  return image;
}

}  // namespace detail

/// Writes a volume as float32, float64 or int32, whole or not at all: NIfTI-1, or NIfTI-2 when an
/// axis has more than 32,767 voxels. The sform holds the affine (NIfTI-1: rounded to single
/// precision); so does the qform when the axes are orthogonal. Equal volumes give equal bytes.
/// Throws ArgumentError for a name that ends in neither .nii nor .nii.gz, an empty volume and an
/// affine that is not finite or cannot be inverted; InputError when the file cannot be written.
template <NiftiValue T>
void write_nifti(const Volume<T>& volume, const std::filesystem::path& path,
                 NiftiSpace space = NiftiSpace::mni) {
  const std::string name = path.filename().string();
  require(name.ends_with(".nii") || name.ends_with(".nii.gz"), "file of a volume", path.string(),
          "a name that ends in .nii or .nii.gz");
  require(volume.size() > 0, "voxels of the volume", volume.size(), "at least one");
  require(detail::is_finite(volume.voxel_to_mm) && detail::is_invertible(volume.voxel_to_mm),
          "determinant of voxel_to_mm", determinant(volume.voxel_to_mm),
          "an affine of finite numbers that can be inverted");
  const auto image = detail::describe_nifti(volume, space);
  const std::array<Index, 3> shape = volume.shape();
  ByteWriter writer(path);
  const auto write_object = [&writer](const auto& header) {
    writer.write({reinterpret_cast<const char*>(&header), sizeof(header)});
    writer.write(std::string_view("\0\0\0\0", 4));  // no header extensions follow
  };
  if (*std::max_element(shape.begin(), shape.end()) <= std::numeric_limits<std::int16_t>::max()) {
    image->nifti_type = NIFTI_FTYPE_NIFTI1_1;
    image->iname_offset = 352;
    ::nifti_1_header header{};
    ::nifti_convert_nim2n1hdr(image.get(), &header);
    write_object(header);
  } else {
    image->nifti_type = NIFTI_FTYPE_NIFTI2_1;
    image->iname_offset = 544;
    ::nifti_2_header header{};
    ::nifti_convert_nim2n2hdr(image.get(), &header);
    write_object(header);
  }
  writer.write({reinterpret_cast<const char*>(volume.values.data()),
                static_cast<std::size_t>(volume.size()) * sizeof(T)});
  writer.commit();
}

}  // namespace inrgene
