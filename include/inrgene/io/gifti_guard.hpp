// Reads the elements and values of a GIFTI file. libgiftiio names the rest, but cannot be trusted
// with these: it crashes on attributes it does not expect, and goes on after data that do not
// unpack or are too few, with zeros for the rest.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/gifti_data.hpp"
#include "inrgene/io/gifti_library.hpp"
#include "inrgene/io/number_text.hpp"

namespace inrgene::detail {

/// Checks a GIFTI file's elements and the attributes of its arrays, and decodes the arrays' values,
/// piece by piece.
class GiftiGuard {
 public:
  explicit GiftiGuard(std::string file)
      : file_(std::move(file)), parser_(::XML_ParserCreate(nullptr)) {
    if (!parser_) refuse("no memory for an XML parser");
    ::XML_SetUserData(parser_.get(), this);
    ::XML_SetElementHandler(parser_.get(), &GiftiGuard::on_start, &GiftiGuard::on_end);
    ::XML_SetCharacterDataHandler(parser_.get(), &GiftiGuard::on_text);
    ::XML_SetCdataSectionHandler(parser_.get(), &GiftiGuard::on_section,
                                 &GiftiGuard::on_section_end);
  }
  GiftiGuard(const GiftiGuard&) = delete;
  GiftiGuard& operator=(const GiftiGuard&) = delete;

  /// The next bytes of the file. Throws InputError that names file and line for what is no XML, no
  /// GIFTI, or an array whose values are not those that its attributes say.
  void see(std::string_view bytes, bool is_last) {
    const auto status = ::XML_Parse(parser_.get(), bytes.data(), static_cast<int>(bytes.size()),
                                    is_last ? XML_TRUE : XML_FALSE);
    if (failure_) std::rethrow_exception(failure_);
    if (status == XML_STATUS_OK) return;
    refuse(text("no XML (", ::XML_ErrorString(::XML_GetErrorCode(parser_.get())), ")"));
  }

  /// Values of each array, in the order of storage.
  [[nodiscard]] std::vector<std::vector<double>>& values() { return values_; }

 private:
  using Attributes = std::map<std::string_view, std::string_view>;
  static constexpr Index least_key = std::numeric_limits<std::int32_t>::min();
  static constexpr std::size_t most = std::size_t{1} << 30U;  // values of an array

  /// C calls back: an exception must not pass through it.
  template <class Call>
  static void guarded(void* self, Call&& call) {
    auto& guard = *static_cast<GiftiGuard*>(self);
    if (guard.failure_) return;
    try {
      call(guard);
    } catch (...) {
      guard.failure_ = std::current_exception();
      ::XML_StopParser(guard.parser_.get(), XML_FALSE);
    }
  }
  static void XMLCALL on_start(void* self, const char* name, const char** attributes) {
    guarded(self, [&](GiftiGuard& guard) { guard.start(name, attributes); });
  }
  static void XMLCALL on_end(void* self, const char* name) {
    guarded(self, [&](GiftiGuard& guard) { guard.end(name); });
  }
  static void XMLCALL on_text(void* self, const char* bytes, int size) {
    guarded(self, [&](GiftiGuard& guard) {
      guard.refuse_after_section();
      if (!guard.open_.empty() && guard.open_.back() == "Data") {
        guard.data_.append(bytes, static_cast<std::size_t>(size));
      }
    });
  }
  static void XMLCALL on_section(void* self) {
    guarded(self, [](GiftiGuard& guard) { guard.refuse_after_section(); });
  }
  static void XMLCALL on_section_end(void* self) {
    guarded(self, [](GiftiGuard& guard) { guard.after_section_ = true; });
  }
  /// libgiftiio crashes on what follows a CDATA section in an element of text.
  void refuse_after_section() const {
    if (!after_section_ || open_.empty()) return;
    static constexpr std::array<std::string_view, 7> of_text{
        "Name", "Value", "Label", "DataSpace", "TransformedSpace", "MatrixData", "Data"};
    if (std::find(of_text.begin(), of_text.end(), open_.back()) == of_text.end()) return;
    refuse(text("more after the CDATA section in ", in_quotes(open_.back())));
  }

  void start(std::string_view name, const char** attributes) {
    // Which element may stand in which, by the format's definition (version 1.0).
    using Place = std::pair<std::string_view, std::string_view>;
    static constexpr std::array places{Place{"GIFTI", ""},
                                       Place{"MetaData", "GIFTI"},
                                       Place{"MetaData", "DataArray"},
                                       Place{"MD", "MetaData"},
                                       Place{"Name", "MD"},
                                       Place{"Value", "MD"},
                                       Place{"LabelTable", "GIFTI"},
                                       Place{"Label", "LabelTable"},
                                       Place{"DataArray", "GIFTI"},
                                       Place{"CoordinateSystemTransformMatrix", "DataArray"},
                                       Place{"DataSpace", "CoordinateSystemTransformMatrix"},
                                       Place{"TransformedSpace", "CoordinateSystemTransformMatrix"},
                                       Place{"MatrixData", "CoordinateSystemTransformMatrix"},
                                       Place{"Data", "DataArray"}};
    const std::string_view parent = open_.empty() ? std::string_view() : open_.back();
    if (std::find(places.begin(), places.end(), Place{name, parent}) == places.end()) {
      refuse(text("element ", in_quotes(name),
                  open_.empty() ? std::string(" first") : " in " + in_quotes(parent)));
    }
    open_.emplace_back(name);
    after_section_ = false;
    Attributes given;
    for (; *attributes != nullptr; attributes += 2) given.emplace(attributes[0], attributes[1]);
    if (name == "MD") names_ = values_of_name_ = 0;
    names_ += name == "Name" ? 1 : 0;
    values_of_name_ += name == "Value" ? 1 : 0;
    if (name == "Label" && !keys_.insert(whole(given, "Key", least_key)).second) {
      refuse(text("a second label of Key=", in_quotes(value(given, "Key"))));
    }
    if (name == "GIFTI") arrays_ = whole(given, "NumberOfDataArrays", 0);
    if (name == "DataArray") start_array(given);
    if (name == "Data") {
      if (has_data_) refuse("a second element 'Data' in an array");
      has_data_ = true;
    }
  }

  void end(std::string_view name) {
    open_.pop_back();
    after_section_ = false;
    if (name == "MD" && (names_ != 1 || values_of_name_ != 1)) {
      refuse(text("an entry of ", names_, " names and ", values_of_name_, " values"));
    }
    if (name == "GIFTI" && std::ssize(values_) != arrays_) {
      refuse(text(values_.size(), " arrays for the ", arrays_, " announced"));
    }
    if (name != "DataArray") return;
    if (!has_data_) refuse("an array without an element 'Data'");
    values_.push_back(decode_gifti_values(data_, form_, [&](const std::string& found) {
      refuse(text("array ", values_.size() + 1, " with ", found));
    }));
  }

  void start_array(const Attributes& given) {
    has_data_ = false;
    data_.clear();
    if (!value(given, "Intent").starts_with("NIFTI_INTENT_")) {
      refuse("Intent=" + in_quotes(value(given, "Intent")));
    }
    form_.type = one_of(given, "DataType", gifti_type_words);
    form_.is_big_endian =
        one_of(given, "Endian", std::array<std::string_view, 2>{"LittleEndian", "BigEndian"}) == 1;
    form_.encoding = static_cast<GiftiEncoding>(
        one_of(given, "Encoding",
               std::array<std::string_view, 3>{"ASCII", "Base64Binary", "GZipBase64Binary"}));
    one_of(given, "ArrayIndexingOrder",
           std::array<std::string_view, 2>{"RowMajorOrder", "ColumnMajorOrder"});
    const Index dimensions = whole(given, "Dimensionality", 1);
    if (dimensions > 6) refuse(text("an array of ", dimensions, " dimensions"));
    form_.values = 1;
    for (Index d = 0; d < dimensions; ++d) {
      form_.values *= static_cast<std::size_t>(whole(given, text("Dim", d), 1));
      if (form_.values > most) refuse(text("an array of more than ", most, " values"));
    }
  }

  [[nodiscard]] std::string_view value(const Attributes& given, std::string_view name) const {
    const auto at = given.find(name);
    if (at == given.end()) refuse(text("no attribute ", in_quotes(name)));
    return at->second;
  }
  template <std::size_t N>
  std::size_t one_of(const Attributes& given, std::string_view name,
                     const std::array<std::string_view, N>& words) const {
    const auto at = std::find(words.begin(), words.end(), value(given, name));
    if (at == words.end()) refuse(text(name, "=", in_quotes(value(given, name))));
    return static_cast<std::size_t>(at - words.begin());
  }
  [[nodiscard]] Index whole(const Attributes& given, std::string_view name, Index least) const {
    const std::string_view digits = value(given, name);
    Index number = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() || number < least ||
        number > static_cast<Index>(most)) {
      refuse(text(name, "=", in_quotes(digits)));
    }
    return number;
  }

  [[noreturn]] void refuse(std::string found) const {
    throw InputError({.file = file_,
                      .place = parser_ ? text("line ", ::XML_GetCurrentLineNumber(parser_.get()))
                                       : std::string(),
                      .found = std::move(found),
                      .expected = "a whole GIFTI file with its data inside"});
  }

  std::string file_;
  XmlParser parser_;
  std::exception_ptr failure_;
  std::vector<std::string> open_;  // elements, the outermost first
  std::vector<std::vector<double>> values_;
  Index arrays_ = 0;     // announced
  GiftiArrayForm form_;  // of the array being read
  std::string data_;     // its text
  std::set<Index> keys_;
  int names_ = 0, values_of_name_ = 0;  // of the metadata entry being read
  bool after_section_ = false;
  bool has_data_ = false;
};

}  // namespace inrgene::detail
