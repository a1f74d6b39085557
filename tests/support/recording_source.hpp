// A table of samples that watches who reads it.
#pragma once

#include <limits>
#include <mutex>
#include <utility>
#include <vector>

#include "inrgene/training/sources/table_source.hpp"

namespace inrgene::test {

/// A TableSource that notes every row it is asked for, for sources in the host's memory.
template <Backend B>
class RecordingSource {
 public:
  using T = scalar_of<B>;

  explicit RecordingSource(TableSource<B> table) : table_(std::move(table)) {}
  [[nodiscard]] Index size() const { return table_.size(); }
  [[nodiscard]] Index in_features() const { return table_.in_features(); }
  [[nodiscard]] Index out_features() const { return table_.out_features(); }

  Batch<T> read(context_of<B>& context, RowRange rows, MatrixView<T> x, MatrixView<T> y) const {
    {
      const std::lock_guard lock(guard_);
      for (Index i = 0; i < rows.count; ++i) read_.push_back(rows[i]);
    }
    return table_.read(context, rows, x, y);
  }
  /// Rows read so far, in the order of reading.
  [[nodiscard]] const std::vector<Index>& rows() const { return read_; }

 private:
  TableSource<B> table_;
  mutable std::mutex guard_;
  mutable std::vector<Index> read_;
};

}  // namespace inrgene::test
