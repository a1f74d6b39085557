// Small GIFTI files as text, for tests of the reader.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace inrgene::test {

/// One data array in plain digits.
struct GiftiArray {
  std::string intent = "NIFTI_INTENT_LABEL";
  std::string type = "NIFTI_TYPE_INT32";
  std::vector<int> shape = {};
  std::string values = {};
  std::string structure = {};  ///< AnatomicalStructurePrimary, when not empty
  std::string order = "RowMajorOrder";
};

/// Digits of numbers with spaces between.
template <class Numbers>
std::string digits(const Numbers& numbers) {
  std::ostringstream out;
  for (const auto& number : numbers) out << number << ' ';
  return out.str();
}

/// The text of a GIFTI file with these arrays and names of labels.
inline std::string gifti_text(const std::vector<GiftiArray>& arrays,
                              const std::map<int, std::string>& names = {}) {
  std::ostringstream out;
  out << R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE GIFTI SYSTEM "http://www.nitrc.org/frs/download.php/115/gifti.dtd">
<GIFTI Version="1.0" NumberOfDataArrays=")"
      << arrays.size() << "\">\n<MetaData/>\n";
  out << "<LabelTable>\n";
  for (const auto& [key, name] : names) {
    out << "<Label Key=\"" << key << "\"><![CDATA[" << name << "]]></Label>\n";
  }
  out << "</LabelTable>\n";
  for (const GiftiArray& array : arrays) {
    out << "<DataArray Intent=\"" << array.intent << "\" DataType=\"" << array.type
        << "\" ArrayIndexingOrder=\"" << array.order << "\" Dimensionality=\"" << array.shape.size()
        << '"';
    for (std::size_t d = 0; d < array.shape.size(); ++d) {
      out << " Dim" << d << "=\"" << array.shape[d] << '"';
    }
    out << R"( Encoding="ASCII" Endian="LittleEndian" ExternalFileName="" ExternalFileOffset="">)"
        << "\n<MetaData>";
    if (!array.structure.empty()) {
      out << "<MD><Name><![CDATA[AnatomicalStructurePrimary]]></Name><Value><![CDATA["
          << array.structure << "]]></Value></MD>";
    }
    out << "</MetaData>\n<Data>" << array.values << "</Data>\n</DataArray>\n";
  }
  out << "</GIFTI>\n";
  return out.str();
}

/// A label file.
inline std::string gifti_labels(const std::vector<int>& labels,
                                const std::map<int, std::string>& names = {},
                                const std::string& structure = {}) {
  return gifti_text({{.shape = {static_cast<int>(labels.size())},
                      .values = digits(labels),
                      .structure = structure}},
                    names);
}

/// A geometry file; three numbers a vertex and a triangle.
inline std::string gifti_surface(const std::vector<double>& vertices,
                                 const std::vector<int>& triangles,
                                 const std::string& structure = {}) {
  return gifti_text({{.intent = "NIFTI_INTENT_POINTSET",
                      .type = "NIFTI_TYPE_FLOAT32",
                      .shape = {static_cast<int>(vertices.size() / 3), 3},
                      .values = digits(vertices),
                      .structure = structure},
                     {.intent = "NIFTI_INTENT_TRIANGLE",
                      .shape = {static_cast<int>(triangles.size() / 3), 3},
                      .values = digits(triangles)}});
}

}  // namespace inrgene::test
