// Surfaces and their labels from GIFTI files.
#pragma once

#include <stdlib.h>  // NOLINT: mkstemps is POSIX

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/atomic_file.hpp"
#include "inrgene/io/byte_reader.hpp"
#include "inrgene/io/gifti_guard.hpp"
#include "inrgene/io/gifti_library.hpp"
#include "inrgene/io/number_text.hpp"
#include "inrgene/math/eigen.hpp"

namespace inrgene {

/// A label for every vertex of a surface.
struct GiftiLabels {
  std::vector<std::int32_t> label;                 ///< one a vertex
  std::map<std::int32_t, std::string> names = {};  ///< the file's label table; may be empty
  std::string structure = {};   ///< AnatomicalStructurePrimary, "CortexLeft", …; empty: not said
  std::string file = "labels";  ///< for messages
};

/// A triangle mesh.
struct GiftiSurface {
  Eigen::Matrix3Xd vertices_mm;                             ///< [3 x vertices], as stored
  std::vector<std::array<std::int32_t, 3>> triangles = {};  ///< vertices, from 0
  std::string structure = {};    ///< AnatomicalStructurePrimary; empty: not said
  std::string file = "surface";  ///< for messages
};

namespace detail {

/// The unpacked content of a file under a name of its own in the system's temporary folder, for a
/// library that reads by name. Gone with the object.
class UnpackedFile {
 public:
  /// Hands every piece to `see(bytes, is_last)` on the way.
  template <class See>
  UnpackedFile(ByteReader& reader, See&& see) {
    std::error_code code;
    path_ = (std::filesystem::temp_directory_path(code) / "inrgene-XXXXXX.gii").string();
    Descriptor descriptor(::mkstemps(path_.data(), 4));
    if (descriptor.get() < 0) refuse_write(path_, system_message(errno));
    try {
      std::vector<char> piece(std::size_t{1} << 18U);
      for (std::size_t got = piece.size(); got == piece.size();) {
        got = reader.read(piece.data(), piece.size());
        see(std::string_view(piece.data(), got), got < piece.size());
        write_all(descriptor.get(), {piece.data(), got}, path_);
      }
    } catch (...) {
      remove();
      throw;
    }
  }
  UnpackedFile(const UnpackedFile&) = delete;
  UnpackedFile& operator=(const UnpackedFile&) = delete;
  ~UnpackedFile() { remove(); }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  void remove() const {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  std::string path_;
};

/// A GIFTI file: what libgiftiio says about it, and the values of its arrays.
struct GiftiContent {
  GiftiImage image;
  std::vector<std::vector<double>> values;
};

/// Parses a GIFTI file, plain or gzip-compressed. Throws InputError when it cannot be read, is cut
/// short, is no GIFTI file, or an array has not the values its header says.
[[nodiscard]] inline GiftiContent open_gifti(const std::filesystem::path& path) {
  GiftiGuard guard(path.string());
  ByteReader reader(path);
  const UnpackedFile unpacked(
      reader, [&](std::string_view bytes, bool is_last) { guard.see(bytes, is_last); });
  ::gifti_set_verb(0);
  GiftiContent content{GiftiImage(::gifti_read_image(unpacked.path().c_str(), 0)),
                       std::move(guard.values())};
  if (!content.image || content.image->numDA != std::ssize(content.values)) {
    throw InputError({.file = path.string(),
                      .place = "",
                      .found = "XML that the GIFTI library cannot use",
                      .expected = "a whole GIFTI file"});
  }
  return content;
}

/// AnatomicalStructurePrimary of an array, or of the whole file; empty when neither says it.
[[nodiscard]] inline std::string gifti_structure(const ::gifti_image& image,
                                                 const ::giiDataArray& array) {
  for (const ::giiMetaData* meta : {&array.meta, &image.meta}) {
    const char* value = ::gifti_get_meta_value(meta, "AnatomicalStructurePrimary");
    if (value != nullptr) return value;
  }
  return {};
}

/// Position of the one array with this intent; -1 when there is none. Throws InputError for two.
[[nodiscard]] inline int find_gifti_array(const ::gifti_image& image, int intent,
                                          const std::string& file) {
  int found = -1;
  for (int a = 0; a < image.numDA; ++a) {
    if (image.darray[a]->intent != intent) continue;
    if (found >= 0) {
      throw InputError({.file = file,
                        .place = text("data array ", a + 1),
                        .found = "a second array of its kind",
                        .expected = "one"});
    }
    found = a;
  }
  return found;
}

/// Values of an array of n rows of three as [3 x n]. Throws InputError for another shape.
[[nodiscard]] inline Eigen::Matrix3Xd gifti_triples(const GiftiContent& content, int position,
                                                    const char* what, const std::string& file) {
  const ::giiDataArray& array = *content.image->darray[position];
  const std::vector<double>& values = content.values[static_cast<std::size_t>(position)];
  if (array.num_dim != 2 || array.dims[1] != 3) {
    throw InputError({.file = file,
                      .place = what,
                      .found = text("an array of ", array.num_dim, " dimensions, the last of ",
                                    array.dims[std::clamp(array.num_dim, 1, 6) - 1]),
                      .expected = "rows of three numbers"});
  }
  const auto rows = static_cast<std::size_t>(array.dims[0]);
  Eigen::Matrix3Xd out(3, static_cast<Index>(rows));
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < 3; ++c) {
      const bool by_columns = array.ind_ord == GIFTI_IND_ORD_COL_MAJOR;
      const double value = values[by_columns ? c * rows + r : 3 * r + c];
      if (!std::isfinite(value)) {
        throw InputError({.file = file,
                          .place = text(what, ", row ", r),
                          .found = number_text(value),
                          .expected = "finite numbers"});
      }
      out(static_cast<Index>(c), static_cast<Index>(r)) = value;
    }
  }
  return out;
}

}  // namespace detail

/// Reads the labels of a surface's vertices and the table of their names, from a plain or
/// gzip-compressed file with one array: of labels, or of any values that are all whole numbers.
/// Throws InputError for a file that is missing, cut short or no GIFTI; one without such an array
/// (a geometry) or with several; and a value that is no whole number of 32 bits (with its vertex).
/// Cost O(vertices); the file stands in memory once, unpacked in the temporary folder.
[[nodiscard]] inline GiftiLabels read_gifti_labels(const std::filesystem::path& path) {
  const detail::GiftiContent content = detail::open_gifti(path);
  const ::gifti_image* image = content.image.get();
  GiftiLabels out{.label = {}, .file = path.string()};
  const auto refuse = [&](std::string place, std::string found, std::string expected) {
    throw InputError({out.file, std::move(place), std::move(found), std::move(expected)});
  };
  if (image->numDA != 1 || image->darray[0]->intent == NIFTI_INTENT_POINTSET ||
      image->darray[0]->intent == NIFTI_INTENT_TRIANGLE) {
    refuse("data arrays",
           image->numDA == 1 ? std::string("a geometry") : text(image->numDA, " arrays"),
           "one array, a label for each vertex (a .label.gii file)");
  }
  const ::giiDataArray& array = *image->darray[0];
  if (array.nvals != array.dims[0]) {
    refuse("data array 1", text(array.nvals, " values for ", array.dims[0], " vertices"),
           "one label for each vertex");
  }
  out.label.resize(static_cast<std::size_t>(array.nvals));
  for (std::size_t v = 0; v < out.label.size(); ++v) {
    const double value = content.values[0][v];
    constexpr double low = std::numeric_limits<std::int32_t>::min();
    constexpr double high = std::numeric_limits<std::int32_t>::max();
    if (!(value >= low && value <= high && std::trunc(value) == value)) {
      refuse(text("vertex ", v), number_text(value), "a label: a whole number of at most 32 bits");
    }
    out.label[v] = static_cast<std::int32_t>(value);
  }
  const ::giiLabelTable& table = image->labeltable;
  for (int row = 0; row < table.length; ++row) {
    if (table.label[row] != nullptr) out.names.emplace(table.key[row], table.label[row]);
  }
  out.structure = detail::gifti_structure(*image, array);
  return out;
}

/// Reads a triangle mesh from a plain or gzip-compressed file. Vertices stay in the space of the
/// file; transformations that it names are not applied.
/// Throws InputError for a file that is missing, cut short or no GIFTI; one without one array of
/// points and one of triangles (a label file); a coordinate that is not finite; and a triangle with
/// a vertex that is not there. Cost O(vertices + triangles).
[[nodiscard]] inline GiftiSurface read_gifti_surface(const std::filesystem::path& path) {
  const detail::GiftiContent content = detail::open_gifti(path);
  GiftiSurface out{.vertices_mm = {}, .file = path.string()};
  const int points = detail::find_gifti_array(*content.image, NIFTI_INTENT_POINTSET, out.file);
  const int triangles = detail::find_gifti_array(*content.image, NIFTI_INTENT_TRIANGLE, out.file);
  if (points < 0 || triangles < 0) {
    throw InputError({.file = out.file,
                      .place = "data arrays",
                      .found = points < 0 ? "no array of points" : "no array of triangles",
                      .expected = "a geometry: points and triangles (a .surf.gii file)"});
  }
  out.vertices_mm = detail::gifti_triples(content, points, "points", out.file);
  const Eigen::Matrix3Xd corners = detail::gifti_triples(content, triangles, "triangles", out.file);
  const auto vertices = static_cast<double>(out.vertices_mm.cols());
  out.triangles.resize(static_cast<std::size_t>(corners.cols()));
  for (Index t = 0; t < corners.cols(); ++t) {
    for (Index c = 0; c < 3; ++c) {
      const double vertex = corners(c, t);
      if (!(vertex >= 0 && vertex < vertices && std::trunc(vertex) == vertex)) {
        throw InputError({.file = out.file,
                          .place = text("triangle ", t),
                          .found = text("vertex ", vertex),
                          .expected = text("0 to ", vertices - 1)});
      }
      out.triangles[static_cast<std::size_t>(t)][static_cast<std::size_t>(c)] =
          static_cast<std::int32_t>(vertex);
    }
  }
  out.structure = detail::gifti_structure(*content.image, *content.image->darray[points]);
  return out;
}

}  // namespace inrgene
