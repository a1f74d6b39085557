// A module's parameters as named tensors, and back: the names and shapes of PyTorch's state_dict.
#pragma once

#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/io/number_text.hpp"
#include "inrgene/io/tensor.hpp"
#include "inrgene/model/module.hpp"

namespace inrgene {

/// The shape of a parameter in a file: complex ones get a last axis (re, im).
[[nodiscard]] inline std::vector<Index> stored_shape(const ParameterInfo& parameter) {
  std::vector<Index> shape = parameter.shape;
  if (parameter.field == ParameterInfo::Field::complex) shape.push_back(2);
  return shape;
}

/// θ cut into the tensors of `layout`, in its order.
template <TensorValue T>
[[nodiscard]] std::vector<std::pair<std::string, Tensor>> state_dict(
    const std::vector<ParameterInfo>& layout, std::span<const T> theta) {
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (const ParameterInfo& p : layout) {
    tensors.emplace_back(
        p.name, make_tensor<T>(stored_shape(p), theta.subspan(static_cast<std::size_t>(p.offset),
                                                              static_cast<std::size_t>(p.count))));
  }
  return tensors;
}

/// θ put together from a file's tensors. Throws InputError, naming the tensor, when one is missing,
/// has another shape, holds a value that is not finite, or when the file holds tensors that the
/// model does not have.
template <TensorValue T>
[[nodiscard]] std::vector<T> read_state_dict(const std::vector<ParameterInfo>& layout,
                                             const SafetensorsFile& file) {
  std::vector<T> theta;
  for (const ParameterInfo& p : layout) {
    const std::vector<T> values = file.values<T>(p.name, stored_shape(p));
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i])) {
        throw InputError({file.file, text("tensor ", in_quotes(p.name), ", value ", i),
                          text(values[i]), "a finite number"});
      }
    }
    theta.insert(theta.end(), values.begin(), values.end());
  }
  for (const auto& [name, tensor] : file.tensors) {
    bool known = false;
    for (const ParameterInfo& p : layout) known = known || p.name == name;
    if (!known) {
      throw InputError({file.file, "tensors", in_quotes(name),
                        text("only the ", layout.size(), " tensors of this model, such as ",
                             layout.empty() ? "" : in_quotes(layout.back().name))});
    }
  }
  return theta;
}

}  // namespace inrgene
