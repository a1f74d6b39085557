#include "inrgene/io/gifti.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

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

/// Base64 (RFC 4648, section 4) of bytes, a line break after every eight characters.
std::string base64(const std::string& bytes) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned bits = 0;
    for (std::size_t b = i; b < i + 3; ++b) {
      bits = bits << 8U | (b < bytes.size() ? static_cast<unsigned char>(bytes[b]) : 0U);
    }
    for (std::size_t c = 0; c < 4; ++c) {
      out += i + c > bytes.size() ? '=' : alphabet[bits >> (18 - 6 * c) & 63U];
    }
    if (i % 6 == 3) out += '\n';
  }
  return out;
}

std::string deflated(const std::string& bytes) {
  std::string out(compressBound(bytes.size()), '\0');
  uLongf size = out.size();
  REQUIRE(compress(reinterpret_cast<Bytef*>(out.data()), &size,
                   reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()) == Z_OK);
  return out.substr(0, size);
}

/// A label file whose values are these bytes in base64.
std::string binary_labels(const std::string& type, int count, const std::string& bytes,
                          const std::string& encoding, const std::string& endian) {
  std::string out = test::gifti_text({{.type = type, .shape = {count}, .values = base64(bytes)}});
  out.replace(out.find("ASCII"), 5, encoding);
  out.replace(out.find("LittleEndian"), 12, endian);
  return out;
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

TEST_CASE("gifti: base64, packed and not, in either byte order") {
  // 1, -2 and 258 by hand, 32 bits.
  const std::string little("\x01\0\0\0\xfe\xff\xff\xff\x02\x01\0\0", 12);
  const std::string big("\0\0\0\x01\xff\xff\xff\xfe\0\0\x01\x02", 12);
  const test::TempDir dir;
  const auto read = [&](const std::string& bytes) {
    return read_gifti_labels(dir.write("a.gii", bytes)).label;
  };
  const std::vector<std::int32_t> expected{1, -2, 258};
  const std::string type = "NIFTI_TYPE_INT32";
  CHECK(read(binary_labels(type, 3, little, "Base64Binary", "LittleEndian")) == expected);
  CHECK(read(binary_labels(type, 3, big, "Base64Binary", "BigEndian")) == expected);
  CHECK(read(binary_labels(type, 3, deflated(little), "GZipBase64Binary", "LittleEndian")) ==
        expected);
  CHECK(read(binary_labels(type, 3, deflated(big), "GZipBase64Binary", "BigEndian")) == expected);
  CHECK(read(binary_labels("NIFTI_TYPE_UINT8", 4, "\x07\x01\x02\xff", "Base64Binary",
                           "LittleEndian")) == std::vector<std::int32_t>{7, 1, 2, 255});

  const auto refused = [&](int count, std::string bytes, const char* encoding) {
    return labels_message(binary_labels(type, count, bytes, encoding, "LittleEndian"));
  };
  CHECK(has(refused(4, little, "Base64Binary"), "array 1 with 12 bytes for 16"));
  CHECK(has(refused(2, deflated(little), "GZipBase64Binary"), "more than the header says"));
  CHECK(has(refused(4, deflated(little), "GZipBase64Binary"), "array 1 with 12 bytes for 16"));
  CHECK(
      has(refused(500000000, deflated(little), "GZipBase64Binary"), "packed bytes for 2000000000"));
  std::string damaged = deflated(little);
  damaged[5] = static_cast<char>(damaged[5] ^ 4);
  CHECK(has(refused(3, damaged, "GZipBase64Binary"), "packed data that are damaged"));
  std::string letters = binary_labels(type, 3, little, "Base64Binary", "LittleEndian");
  letters.replace(letters.find("<Data>") + 6, 1, "*");
  CHECK(has(labels_message(letters), "data that are not base64"));
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
  CHECK(has(labels_message("<GIFTI Version=\"1.0\" NumberOfDataArrays=\"0\"></GIFTI>"), "found "));
  CHECK(has(labels_message("<svg></svg>"), "line 1: found element 'svg' first"));
  const test::TempDir dir;
  CHECK_THROWS_AS((void)read_gifti_labels(dir / "none.gii"), InputError);
  CHECK_THROWS_AS((void)read_gifti_surface(dir.path()), InputError);
}

TEST_CASE("gifti: attributes the library would crash on or pass over") {
  const std::string good = test::gifti_labels({1, 2, 3});
  const auto with = [&](const std::string& old_part, const std::string& new_part) {
    std::string bytes = good;
    const std::size_t at = bytes.find(old_part);
    REQUIRE(at != std::string::npos);
    return labels_message(bytes.replace(at, old_part.size(), new_part));
  };
  CHECK(labels_message(good).empty());
  CHECK(
      has(with("NIFTI_TYPE_INT32", "NIFTI_TYPE_8NT32"), "line 7: found DataType='NIFTI_TYPE_8NT3"));
  CHECK(has(with("Dim0=", "Dim7="), "no attribute 'Dim0'"));
  CHECK(has(with("Dim0=\"3\"", "Dim0=\"-3\""), "found Dim0='-3'"));
  CHECK(has(with("Dim0=\"3\"", "Dim0=\"900000000\""), "array 1 with 3 numbers for 900000000"));
  CHECK(has(with("Dimensionality=\"1\"", "Dimensionality=\"7\""), "7 dimensions"));
  CHECK(has(with("\"ASCII\"", "\"ExternalFileBinary\""), "Encoding='ExternalFileBinary'"));
  CHECK(has(with("<LabelTable>", "<LabelTable><Data></Data>"), "element 'Data' in 'LabelTable'"));
  CHECK(has(with("</DataArray>", "<Data>1</Data></DataArray>"), "a second element 'Data'"));
  CHECK(has(with("<Data>1 2 3 </Data>", ""), "an array without an element 'Data'"));
  CHECK(has(with("NumberOfDataArrays=\"1\"", "NumberOfDataArrays=\"2\""),
            "1 arrays for the 2 announced"));
  CHECK(has(with("1 2 3 </Data>", "<![CDATA[1 2 3]]> </Data>"), "more after the CDATA section"));
  const std::string table = "<LabelTable>";
  CHECK(has(with(table, table + "<Label>a</Label>"), "no attribute 'Key'"));
  CHECK(has(with(table, table + "<Label Key='x'>a</Label>"), "found Key='x'"));
  CHECK(has(with(table, table + "<Label Key='1'>a</Label><Label Key='1'>b</Label>"),
            "a second label of Key='1'"));
  CHECK(
      has(with(table, table + "<Label Key='1'><![CDATA[a]]>b</Label>"), "after the CDATA section"));
  CHECK(has(with("<MetaData/>", "<MetaData><MD><Value>v</Value></MD></MetaData>"),
            "an entry of 0 names and 1 values"));
  CHECK(with(table, table + "<Label Key='-7'>a &amp; b</Label>").empty());
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
