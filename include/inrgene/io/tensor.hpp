// Named arrays as they stand in a .safetensors file, without the file format itself.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"
#include "inrgene/io/number_text.hpp"

namespace inrgene {

/// Types that tensors convert to and from.
template <class T>
concept TensorValue = std::same_as<T, float> || std::same_as<T, double> ||
    std::same_as<T, std::int32_t> || std::same_as<T, std::int64_t> || std::same_as<T, std::uint8_t>;

/// The name of T in a .safetensors header.
template <TensorValue T>
[[nodiscard]] constexpr std::string_view tensor_dtype() {
  if constexpr (std::same_as<T, float>) return "F32";
  if constexpr (std::same_as<T, double>) return "F64";
  if constexpr (std::same_as<T, std::int32_t>) return "I32";
  if constexpr (std::same_as<T, std::int64_t>) return "I64";
  if constexpr (std::same_as<T, std::uint8_t>) return "U8";
}

/// "[3, 16]".
[[nodiscard]] inline std::string shape_text(std::span<const Index> shape) {
  std::string out = "[";
  for (const Index extent : shape) out += (out.size() > 1 ? ", " : "") + std::to_string(extent);
  return out + "]";
}

/// An array of any rank, last axis fastest, little-endian.
struct Tensor {
  std::string dtype;         ///< "F32", "F64", "I64", …
  std::vector<Index> shape;  ///< empty for a single number
  std::vector<std::byte> bytes;

  /// Number of values: the product of the shape.
  [[nodiscard]] Index size() const {
    Index count = 1;
    for (const Index extent : shape) count *= extent;
    return count;
  }

  /// The values as T. Floating T takes F32 and F64 (rounding F64 to float), whole T its own dtype
  /// alone. Throws InputError with `file` and `place` for another dtype and for a finite F64 that
  /// a float cannot hold.
  template <TensorValue T>
  [[nodiscard]] std::vector<T> values(const std::string& file = "tensor",
                                      const std::string& place = "") const {
    if (dtype == tensor_dtype<T>()) return raw<T>();
    if constexpr (std::floating_point<T>) {
      if (dtype == "F32") {
        const std::vector<float> stored = raw<float>();
        return {stored.begin(), stored.end()};
      }
      if (dtype == "F64") {
        std::vector<T> out;
        out.reserve(bytes.size() / sizeof(double));
        for (const double value : raw<double>()) {
          if (std::isfinite(value) &&
              std::abs(value) > static_cast<double>(std::numeric_limits<T>::max())) {
            throw InputError({.file = file,
                              .place = place,
                              .found = number_text(value),
                              .expected = "numbers that fit single precision"});
          }
          out.push_back(static_cast<T>(value));
        }
        return out;
      }
    }
    throw InputError(
        {.file = file,
         .place = place,
         .found = "dtype " + dtype,
         .expected = std::floating_point<T> ? "F32 or F64" : std::string(tensor_dtype<T>())});
  }

  friend bool operator==(const Tensor&, const Tensor&) = default;

 private:
  template <class T>
  [[nodiscard]] std::vector<T> raw() const {
    static_assert(std::endian::native == std::endian::little, "tensors are little-endian");
    std::vector<T> out(bytes.size() / sizeof(T));
    if (!out.empty()) std::memcpy(out.data(), bytes.data(), out.size() * sizeof(T));
    return out;
  }
};

/// A tensor that holds a copy of `values`, last axis fastest. Throws ArgumentError when the shape
/// does not have as many values.
template <TensorValue T>
[[nodiscard]] Tensor make_tensor(std::vector<Index> shape, std::span<const T> values) {
  static_assert(std::endian::native == std::endian::little, "tensors are little-endian");
  Tensor tensor{std::string(tensor_dtype<T>()), std::move(shape), {}};
  const bool matches = tensor.size() == static_cast<Index>(values.size());
  if (!matches) {
    require(false, "values of a tensor", values.size(),
            text(tensor.size(), " for shape ", shape_text(tensor.shape)));
  }
  const auto bytes = std::as_bytes(values);
  tensor.bytes.assign(bytes.begin(), bytes.end());
  return tensor;
}

/// The content of a .safetensors file: tensors in the order of their names, and free text.
/// Complex numbers are a last axis of two (real, imaginary).
struct SafetensorsFile {
  std::vector<std::pair<std::string, Tensor>> tensors;
  std::map<std::string, std::string> metadata;
  std::string file;  ///< where it was read from, for messages

  /// The tensor of this name, or nullptr.
  [[nodiscard]] const Tensor* find(std::string_view name) const {
    for (const auto& [known, tensor] : tensors) {
      if (known == name) return &tensor;
    }
    return nullptr;
  }
  /// The tensor of this name. Throws InputError when there is none.
  [[nodiscard]] const Tensor& at(std::string_view name) const {
    if (const Tensor* tensor = find(name)) return *tensor;
    throw InputError(
        {.file = file,
         .place = "tensors",
         .found = "none named " + in_quotes(name),
         .expected = "it among the " + std::to_string(tensors.size()) + " tensors of the file"});
  }
  /// The values of a tensor that must have this shape. Throws InputError when it is missing, has
  /// another shape or a dtype that is not converted (see Tensor::values).
  template <TensorValue T>
  [[nodiscard]] std::vector<T> values(std::string_view name, std::span<const Index> shape) const {
    const Tensor& tensor = at(name);
    const std::string place = "tensor " + in_quotes(name);
    if (!std::equal(shape.begin(), shape.end(), tensor.shape.begin(), tensor.shape.end())) {
      throw InputError({.file = file,
                        .place = place,
                        .found = "shape " + shape_text(tensor.shape),
                        .expected = "shape " + shape_text(shape)});
    }
    return tensor.values<T>(file, place);
  }
  /// Text of the metadata. Throws InputError when the key is missing.
  [[nodiscard]] const std::string& meta(const std::string& key) const {
    if (const auto at = metadata.find(key); at != metadata.end()) return at->second;
    throw InputError({.file = file,
                      .place = "metadata",
                      .found = "no key " + in_quotes(key),
                      .expected = "it, as in files that inrgene writes"});
  }
};

}  // namespace inrgene
