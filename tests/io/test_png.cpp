#include "inrgene/io/png.hpp"

#include <doctest/doctest.h>
#include <png.h>

#include <cstdint>
#include <string>
#include <vector>

#include "inrgene/core/error.hpp"
#include "support/temp_dir.hpp"

using inrgene::test::TempDir;

TEST_CASE("png: libpng's reader gives the pixels back") {
  const TempDir dir;
  constexpr int width = 7;
  constexpr int height = 5;
  std::vector<std::uint8_t> rgb;
  for (int i = 0; i < 3 * width * height; ++i) rgb.push_back(static_cast<std::uint8_t>(i * 37));
  inrgene::write_png(dir / "p.png", width, height, rgb);
  const std::string bytes = dir.read("p.png");
  CHECK(bytes.substr(0, 8) == "\x89PNG\r\n\x1A\n");
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) != 0);
  CHECK(image.width == width);
  CHECK(image.height == height);
  image.format = PNG_FORMAT_RGB;
  std::vector<std::uint8_t> back(PNG_IMAGE_SIZE(image));
  REQUIRE(png_image_finish_read(&image, nullptr, back.data(), 0, nullptr) != 0);
  CHECK(back == rgb);
  inrgene::write_png(dir / "q.png", width, height, rgb);
  CHECK(dir.read("q.png") == bytes);
}

TEST_CASE("png: wrong sizes and places that cannot be written") {
  const TempDir dir;
  const std::vector<std::uint8_t> rgb(12);
  CHECK_THROWS_AS(inrgene::write_png(dir / "p.png", 2, 3, rgb), inrgene::ArgumentError);
  CHECK_THROWS_AS(inrgene::write_png(dir / "p.png", 0, 3, {}), inrgene::ArgumentError);
  CHECK_THROWS_AS(inrgene::write_png(dir / "p.png", -2, -2, rgb), inrgene::ArgumentError);
  CHECK_THROWS_AS(inrgene::write_png(dir / "p.png", 2000000, 1, rgb), inrgene::ArgumentError);
  CHECK_THROWS_AS(inrgene::write_png(dir / "none" / "p.png", 2, 2, rgb), inrgene::InputError);
  CHECK(dir.entries() == 0);
}
