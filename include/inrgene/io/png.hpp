// Pictures: 8-bit RGB to a .png file.
#pragma once

#include <png.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/atomic_file.hpp"

namespace inrgene {

namespace detail {

/// Encodes through libpng's simplified interface, which reports failure by its return value
/// instead of jumping over destructors.
inline std::string encode_png(Index width, Index height, std::span<const std::uint8_t> rgb,
                              const std::filesystem::path& path) {
  ::png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<std::uint32_t>(width);
  image.height = static_cast<std::uint32_t>(height);
  image.format = PNG_FORMAT_RGB;
  const auto refuse = [&] {
    const std::string message = image.message;
    ::png_image_free(&image);
    throw InputError({.file = path.string(),
                      .place = text("picture of ", width, " x ", height),
                      .found = message,
                      .expected = "a picture that libpng can write"});
  };
  ::png_alloc_size_t size = 0;
  // The first call measures, the second writes.
  if (::png_image_write_to_memory(&image, nullptr, &size, 0, rgb.data(), 0, nullptr) == 0) refuse();
  std::string bytes(size, '\0');
  if (::png_image_write_to_memory(&image, bytes.data(), &size, 0, rgb.data(), 0, nullptr) == 0) {
    refuse();
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace detail

/// Writes a picture, rows from the top, three bytes (red, green, blue) a pixel, whole or not at
/// all. Equal pictures give equal bytes. Throws ArgumentError when a side is not in 1 … 2^20 or
/// `rgb` has not 3 · width · height bytes; InputError when the file cannot be written.
inline void write_png(const std::filesystem::path& path, Index width, Index height,
                      std::span<const std::uint8_t> rgb) {
  constexpr Index longest = Index{1} << 20U;
  require(width >= 1 && width <= longest, "width", width, "1 to 1048576");
  require(height >= 1 && height <= longest, "height", height, "1 to 1048576");
  require(static_cast<Index>(rgb.size()) == 3 * width * height, "bytes of the picture", rgb.size(),
          "3 x width x height");
  write_file(path, detail::encode_png(width, height, rgb, path));
}

}  // namespace inrgene
