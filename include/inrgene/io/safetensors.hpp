// The .safetensors format: length of the header (8 bytes, little-endian), header (JSON), data.
// Source: https://github.com/huggingface/safetensors (format section of its README).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/atomic_file.hpp"
#include "inrgene/io/json.hpp"
#include "inrgene/io/number_text.hpp"
#include "inrgene/io/tensor.hpp"

namespace inrgene {

namespace detail {

/// Bytes of one value of a dtype; none for a name the format does not have.
inline std::optional<Index> dtype_bytes(std::string_view dtype) {
  constexpr std::array<std::pair<std::string_view, Index>, 16> known{{{"BOOL", 1},
                                                                      {"U8", 1},
                                                                      {"I8", 1},
                                                                      {"F8_E5M2", 1},
                                                                      {"F8_E4M3", 1},
                                                                      {"I16", 2},
                                                                      {"U16", 2},
                                                                      {"F16", 2},
                                                                      {"BF16", 2},
                                                                      {"I32", 4},
                                                                      {"U32", 4},
                                                                      {"F32", 4},
                                                                      {"I64", 8},
                                                                      {"U64", 8},
                                                                      {"F64", 8},
                                                                      {"C64", 8}}};
  for (const auto& [name, bytes] : known) {
    if (name == dtype) return bytes;
  }
  return std::nullopt;
}

/// Bytes that a shape needs, or none for a negative extent or a product beyond 63 bits.
inline std::optional<Index> tensor_bytes(const std::vector<Index>& shape, Index value_bytes) {
  Index bytes = value_bytes;
  for (const Index extent : shape) {
    if (extent < 0 || __builtin_mul_overflow(bytes, extent, &bytes)) return std::nullopt;
  }
  return bytes;
}

/// Reads the parts of a file that is in memory, checking each against the others.
class SafetensorsReader {
 public:
  SafetensorsReader(std::string_view bytes, std::string file)
      : bytes_(bytes), file_(std::move(file)) {}

  [[nodiscard]] SafetensorsFile read() {
    const Json header = read_header();
    SafetensorsFile out;
    out.file = file_;
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        require_object(entry, file_, "metadata");
        for (const auto& item : entry.items()) {
          out.metadata[item.key()] = get<std::string>(entry, item.key(), file_, "metadata");
        }
      } else {
        out.tensors.emplace_back(name, read_tensor(name, entry));
      }
    }
    check_layout();
    return out;
  }

 private:
  struct Extent {
    Index begin = 0;
    Index end = 0;
    std::string name;
  };

  [[noreturn]] void refuse(std::string place, std::string found, std::string expected) const {
    throw InputError({.file = file_,
                      .place = std::move(place),
                      .found = std::move(found),
                      .expected = std::move(expected)});
  }

  Json read_header() {
    if (bytes_.size() < 8) refuse("header", text(bytes_.size(), " bytes"), "8 bytes or more");
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;) {
      length = (length << 8U) | static_cast<unsigned char>(bytes_[i]);
    }
    if (length > bytes_.size() - 8) {
      refuse("header length", text(length),
             text("at most the ", bytes_.size() - 8, " bytes that follow"));
    }
    const std::string_view header = bytes_.substr(8, static_cast<std::size_t>(length));
    data_ = bytes_.substr(8 + header.size());
    Json parsed = parse_json(header, file_);
    require_object(parsed, file_, "header");
    return parsed;
  }

  Tensor read_tensor(const std::string& name, const Json& entry) {
    const std::string place = "tensor " + in_quotes(name);
    check_keys(entry, file_, place, {"dtype", "shape", "data_offsets"});
    Tensor tensor;
    tensor.dtype = get<std::string>(entry, "dtype", file_, place);
    tensor.shape = get<std::vector<Index>>(entry, "shape", file_, place);
    const auto offsets = get<std::vector<Index>>(entry, "data_offsets", file_, place);
    const std::optional<Index> value_bytes = dtype_bytes(tensor.dtype);
    if (!value_bytes) refuse(place, "dtype " + in_quotes(tensor.dtype), "a dtype of the format");
    const auto available = static_cast<Index>(data_.size());
    if (offsets.size() != 2 || offsets[0] < 0 || offsets[1] < offsets[0] ||
        offsets[1] > available) {
      refuse(place, "data_offsets " + shape_text(offsets),
             text("[begin, end] within the ", available, " bytes of data"));
    }
    const std::optional<Index> needed = tensor_bytes(tensor.shape, *value_bytes);
    if (!needed || *needed != offsets[1] - offsets[0]) {
      refuse(place, text(offsets[1] - offsets[0], " bytes"),
             text(needed ? std::to_string(*needed) : "more than a computer can hold", " for ",
                  tensor.dtype, " of shape ", shape_text(tensor.shape)));
    }
    extents_.push_back({offsets[0], offsets[1], name});
    tensor.bytes.resize(static_cast<std::size_t>(*needed));
    if (*needed > 0) {
      std::memcpy(tensor.bytes.data(), data_.data() + offsets[0], tensor.bytes.size());
    }
    return tensor;
  }

  /// The tensors must cover the data from the first to the last byte, each byte once.
  void check_layout() {
    std::sort(extents_.begin(), extents_.end(), [](const Extent& a, const Extent& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    Index covered = 0;
    for (const Extent& extent : extents_) {
      if (extent.begin != covered) {
        refuse("tensor " + in_quotes(extent.name), text("data from byte ", extent.begin),
               text("from byte ", covered, ", where the tensor before it ends"));
      }
      covered = extent.end;
    }
    if (covered != static_cast<Index>(data_.size())) {
      refuse("data", text(data_.size(), " bytes"), text(covered, ", as the tensors need"));
    }
  }

  std::string_view bytes_;
  std::string_view data_;
  std::string file_;
  std::vector<Extent> extents_;
};

}  // namespace detail

/// Reads a .safetensors file; tensors come in the order of their names. Throws InputError naming
/// the part for anything that does not fit together: lengths, JSON, keys, dtypes, shapes, offsets
/// that overlap, leave holes or leave data over. Memory: twice the file's size.
[[nodiscard]] inline SafetensorsFile read_safetensors(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  return detail::SafetensorsReader(bytes, path.string()).read();
}

/// Writes a .safetensors file whole or not at all. Equal contents give equal bytes whatever their
/// order. The data start at a multiple of 8 bytes, wide values first, so that all are aligned.
/// Throws ArgumentError for a name that comes twice or is reserved, an unknown dtype, a shape that
/// does not match its bytes, or text that is no UTF-8; InputError when it cannot be written.
inline void write_safetensors(const SafetensorsFile& content, const std::filesystem::path& path) {
  std::vector<std::pair<Index, const std::pair<std::string, Tensor>*>> order;
  for (const auto& entry : content.tensors) {
    const auto& [name, tensor] = entry;
    require(name != "__metadata__", "name of a tensor", name, "one that is not reserved");
    const std::optional<Index> value_bytes = detail::dtype_bytes(tensor.dtype);
    require(value_bytes.has_value(), "dtype of " + name, tensor.dtype, "a dtype of the format");
    const std::optional<Index> needed = detail::tensor_bytes(tensor.shape, *value_bytes);
    require(needed == static_cast<Index>(tensor.bytes.size()), "bytes of " + name,
            tensor.bytes.size(), "the product of shape " + shape_text(tensor.shape));
    order.emplace_back(-*value_bytes, &entry);
  }
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second->first) < std::tie(b.first, b.second->first);
  });
  Json header = Json::object();
  if (!content.metadata.empty()) header["__metadata__"] = content.metadata;
  std::size_t offset = 0;
  for (const auto& [width, entry] : order) {
    const auto& [name, tensor] = *entry;
    require(!header.contains(name), "name of a tensor", name, "each name once");
    const std::size_t end = offset + tensor.bytes.size();
    header[name] = {
        {"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string bytes(8, '\0');
  try {
    bytes += header.dump();
  } catch (const Json::exception&) {
    require(false, "names and metadata of tensors", "text that is no UTF-8", "UTF-8");
  }
  bytes.resize((bytes.size() + 7) / 8 * 8, ' ');
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(((bytes.size() - 8) >> (8 * i)) & 0xFFU);
  }
  bytes.reserve(bytes.size() + offset);
  for (const auto& [width, entry] : order) {
    const std::vector<std::byte>& data = entry->second.bytes;
    bytes.append(reinterpret_cast<const char*>(data.data()), data.size());
  }
  write_file(path, bytes);
}

}  // namespace inrgene
