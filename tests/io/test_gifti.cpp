#include "inrgene/io/gifti.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "inrgene/io/byte_writer.hpp"
#include "inrgene/io/nifti.hpp"  // both of NIfTI's libraries in one translation unit
#include "support/gifti_text.hpp"
#include "support/paths.hpp"
#include "support/temp_dir.hpp"

using namespace inrgene;

namespace {

const std::vector<double> square{0, 0, 0, 2, 0, 0, 2, 2.5, 0, 0, 2.5, -1};
const std::vector<int> two_triangles{0, 1, 2, 0, 2, 3};

std::string labels_message(const std::string& bytes) {
  const test::TempDir dir;
  try {
    (void)read_gifti_labels(dir.write("a.label.gii", bytes));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string surface_message(const std::string& bytes) {
  const test::TempDir dir;
  try {
    (void)read_gifti_surface(dir.write("a.surf.gii", bytes));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool has(const std::string& words, const std::string& part) {
  return words.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("gifti labels: values, names and side") {
  const test::TempDir dir;
  const auto path =
      dir.write("lh.label.gii",
                test::gifti_labels({0, 7, 7, -1, 3}, {{0, "???"}, {7, "cuneus"}}, "CortexLeft"));
  const GiftiLabels labels = read_gifti_labels(path);
  CHECK(labels.label == std::vector<std::int32_t>{0, 7, 7, -1, 3});
  CHECK(labels.names == std::map<std::int32_t, std::string>{{0, "???"}, {7, "cuneus"}});
  CHECK(labels.structure == "CortexLeft");
  CHECK(labels.file == path.string());
}

TEST_CASE("gifti labels: whole numbers of another type and intent count as labels") {
  const test::TempDir dir;
  const auto path = dir.write("a.gii", test::gifti_text({{.intent = "NIFTI_INTENT_NONE",
                                                          .type = "NIFTI_TYPE_FLOAT32",
                                                          .shape = {3, 1},
                                                          .values = "1 2.0 0"}}));
  const GiftiLabels labels = read_gifti_labels(path);
  CHECK(labels.label == std::vector<std::int32_t>{1, 2, 0});
  CHECK(labels.names.empty());
  CHECK(labels.structure.empty());
}

TEST_CASE("gifti surface: vertices and triangles, by rows and by columns, packed and not") {
  const test::TempDir dir;
  const std::string bytes = test::gifti_surface(square, two_triangles, "CortexRight");
  const GiftiSurface surface = read_gifti_surface(dir.write("a.surf.gii", bytes));
  REQUIRE(surface.vertices_mm.cols() == 4);
  CHECK(surface.vertices_mm.col(2) == Eigen::Vector3d(2, 2.5, 0));
  CHECK(surface.vertices_mm.col(3) == Eigen::Vector3d(0, 2.5, -1));
  REQUIRE(surface.triangles.size() == 2);
  CHECK(surface.triangles[1] == std::array<std::int32_t, 3>{0, 2, 3});
  CHECK(surface.structure == "CortexRight");

  ByteWriter writer(dir / "packed.gii.gz");
  writer.write(bytes);
  writer.commit();
  const GiftiSurface packed = read_gifti_surface(dir / "packed.gii.gz");
  CHECK(packed.vertices_mm == surface.vertices_mm);
  CHECK(packed.triangles == surface.triangles);

  const auto by_columns =
      dir.write("columns.gii", test::gifti_text({{.intent = "NIFTI_INTENT_POINTSET",
                                                  .type = "NIFTI_TYPE_FLOAT64",
                                                  .shape = {3, 3},
                                                  .values = "0 1 0  0 0 1  5 6 7",
                                                  .order = "ColumnMajorOrder"},
                                                 {.intent = "NIFTI_INTENT_TRIANGLE",
                                                  .shape = {1, 3},
                                                  .values = "0 1 2",
                                                  .order = "ColumnMajorOrder"}}));
  CHECK(read_gifti_surface(by_columns).vertices_mm.col(1) == Eigen::Vector3d(1, 0, 6));
}

TEST_CASE("gifti: files that are not what they should be") {
  CHECK(has(labels_message(test::gifti_surface(square, two_triangles)),
            "data arrays: found 2 arrays, expected one array, a label for each vertex"));
  CHECK(has(surface_message(test::gifti_labels({1, 2})),
            "data arrays: found no array of points, expected a geometry"));
  CHECK(has(labels_message(test::gifti_text({})), "0 arrays"));
  const std::string fractions = labels_message(
      test::gifti_text({{.type = "NIFTI_TYPE_FLOAT32", .shape = {3}, .values = "1 2.5 0"}}));
  CHECK(has(fractions, "vertex 1: found 2.5, expected a label: a whole number"));
  CHECK(has(labels_message(test::gifti_text({{.shape = {2, 2}, .values = "1 2 3 4"}})),
            "found 4 values for 2 vertices"));
  CHECK(has(surface_message(test::gifti_surface(square, {0, 1, 4})),
            "triangle 0: found vertex 4, expected 0 to 3"));
  CHECK(has(surface_message(test::gifti_surface(square, {0, 1, -1})), "found vertex -1"));
  CHECK(has(labels_message("id,label\n1,cuneus\n"), "line 1: found no XML (syntax error)"));
  CHECK(has(labels_message(""), "line 1: found no XML (no element found)"));
  CHECK(has(labels_message("<GIFTI></GIFTI>"), "found "));
  const test::TempDir dir;
  CHECK_THROWS_AS((void)read_gifti_labels(dir / "none.gii"), InputError);
  CHECK_THROWS_AS((void)read_gifti_surface(dir.path()), InputError);
}

TEST_CASE("gifti: a file cut anywhere is refused, never half read") {
  const test::TempDir dir;
  const std::string bytes = test::gifti_surface(square, two_triangles);
  const std::size_t last = bytes.rfind("</GIFTI>");
  for (std::size_t cut = 0; cut < last + 8; cut += 7) {
    CHECK_THROWS_AS((void)read_gifti_surface(dir.write("cut.gii", bytes.substr(0, cut))),
                    InputError);
  }
  CHECK_NOTHROW((void)read_gifti_surface(dir.write("whole.gii", bytes)));
}

TEST_CASE("gifti: the surfaces and labels of fsaverage5") {
  const auto data = test::data_root();
  if (!data) {
    MESSAGE("no real data here: skipped");
    return;
  }
  const auto folder = *data / "atlas" / "surface";
  const GiftiSurface surface = read_gifti_surface(folder / "fsaverage5-pial-lh.surf.gii.gz");
  CHECK(surface.vertices_mm.cols() == 10242);
  CHECK(surface.triangles.size() == 20480);
  CHECK(surface.structure == "CortexLeft");
  const GiftiLabels labels = read_gifti_labels(folder / "atlas-desikankilliany-rh.label.gii.gz");
  CHECK(labels.label.size() == 10242);
  CHECK(labels.names.at(45) == "cuneus");
  const test::TempDir dir;
  std::string bytes = ByteReader(folder / "fsaverage5-pial-lh.surf.gii.gz").read_rest();
  for (const double part : {0.2, 0.6, 0.97}) {
    const auto size = static_cast<std::size_t>(part * static_cast<double>(bytes.size()));
    CHECK_THROWS_AS((void)read_gifti_surface(dir.write("cut.gii", bytes.substr(0, size))),
                    InputError);
  }
}
