// Samples of the same structure averaged: what probes are compared by between donors.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "inrgene/core/error.hpp"
#include "inrgene/core/types.hpp"

namespace inrgene {

/// Means over the samples with the same structure id, for many rows of the same samples.
/// A sum is compensated (Kahan) and runs in the order of the samples, as pandas' does: whether two
/// structures that share samples (left and right, mirrored both ways) tie is left to that rounding.
/// Values that are all equal have exactly that mean. NaN is left out, and a structure of nothing
/// else is NaN.
class StructureMeans {
 public:
  /// Sample i has the structure `structure_id[i]` and its value at `column[i]` of a row.
  /// Throws ArgumentError for sizes that differ.
  StructureMeans(std::span<const Index> structure_id, std::span<const Index> column) {
    require(structure_id.size() == column.size(), "columns", column.size(),
            text("one a sample: ", structure_id.size()));
    std::map<Index, std::vector<std::int32_t>> samples;
    for (std::size_t i = 0; i < column.size(); ++i) {
      samples[structure_id[i]].push_back(static_cast<std::int32_t>(column[i]));
    }
    std::vector<std::pair<std::size_t, Index>> by_size;
    by_size.reserve(samples.size());
    for (const auto& [id, columns] : samples) by_size.emplace_back(columns.size(), id);
    // Structures of the same size in a row: the inner loop's length then hardly ever changes.
    std::sort(by_size.begin(), by_size.end());
    for (const auto& [size, id] : by_size) {
      ids_.push_back(id);
      const std::vector<std::int32_t>& columns = samples[id];
      column_.insert(column_.end(), columns.begin(), columns.end());
      begin_.push_back(column_.size());
    }
  }

  /// The structures in the order of the means.
  [[nodiscard]] std::span<const Index> ids() const { return ids_; }
  [[nodiscard]] Index size() const { return std::ssize(ids_); }

  /// Writes one mean a structure. Cost O(samples).
  void operator()(std::span<const double> row, std::span<double> means) const {
    const double* const values = row.data();
    const std::int32_t* const column = column_.data();
    for (std::size_t s = 0; s < ids_.size(); ++s) {
      const std::size_t begin = begin_[s], end = begin_[s + 1];
      const double first = values[column[begin]];
      double sum = first, lost = 0;
      bool differ = false;
      for (std::size_t i = begin + 1; i < end; ++i) {
        const double value = values[column[i]];
        differ |= value != first;
        const double term = value - lost;
        const double next = sum + term;
        lost = (next - sum) - term;
        sum = next;
      }
      const double mean = differ ? sum / static_cast<double>(end - begin) : first;
      means[s] = mean == mean ? mean : mean_of_known(values, begin, end);
    }
  }

 private:
  [[nodiscard]] double mean_of_known(const double* values, std::size_t begin,
                                     std::size_t end) const {
    double first = std::numeric_limits<double>::quiet_NaN(), sum = 0, lost = 0;
    Index count = 0;
    bool differ = false;
    for (std::size_t i = begin; i < end; ++i) {
      const double value = values[column_[i]];
      if (std::isnan(value)) continue;
      if (count++ == 0) first = value;
      differ |= value != first;
      const double term = value - lost;
      const double next = sum + term;
      lost = (next - sum) - term;
      sum = next;
    }
    return differ ? sum / static_cast<double>(count) : first;
  }

  std::vector<Index> ids_;
  std::vector<std::size_t> begin_ = {0};  // of each structure in column_, and its end
  std::vector<std::int32_t> column_;
};

}  // namespace inrgene
