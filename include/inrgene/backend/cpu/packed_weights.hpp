// Weights repacked for the kernel, once a run and direction however many tiles pass by.
#pragma once

#include <vector>

#include "inrgene/backend/cpu/panels.hpp"

namespace inrgene::detail {

/// How a weight W [in × out] is used: z = Wᵀx or ∂L/∂x = W ∂L/∂z.
enum class WeightUse { forward, backward };

/// One worker's packed weights. Within a run a weight does not change (backend.hpp), so that its
/// address, shape and use say what was packed. Memory is kept from run to run: a training step
/// allocates nothing after the first. Outside of a run every call packs anew.
template <class T>
class PackedWeights {
 public:
  /// What was packed before is out of date.
  void begin_run() { ++run_; }

  [[nodiscard]] Panels<T> operator()(MatrixView<const T> w, WeightUse use) {
    Entry* entry = find(w, use);
    const bool forward = use == WeightUse::forward;
    const Index features = forward ? w.cols : w.rows;
    const Index depth = forward ? w.rows : w.cols;
    if (entry->run == run_ && run_ != 0 && entry->w.data == w.data) {
      return {entry->memory.reserve(0), features, depth};
    }
    T* to = entry->memory.reserve(panel_elements<T>(features, depth));
    entry->w = w;
    entry->use = use;
    entry->run = run_;
    return forward ? pack_transposed_panels(w, to) : pack_panels(w, to);
  }

 private:
  struct Entry {
    MatrixView<const T> w;
    WeightUse use;
    long run;
    Workspace<T> memory;
  };

  /// The weight's entry, else one that this run has not used, else a new one.
  Entry* find(MatrixView<const T> w, WeightUse use) {
    Entry* free = nullptr;
    for (Entry& e : entries_) {
      const bool same_shape = e.w.rows == w.rows && e.w.cols == w.cols && e.use == use;
      if (same_shape && e.w.data == w.data && e.w.stride == w.stride) return &e;
      // Weights of the same shape at another address: a parameter buffer that has moved.
      if (run_ == 0 || (e.run != run_ && same_shape && free == nullptr)) free = &e;
    }
    if (free != nullptr) return free;
    entries_.push_back({{}, use, -1, {}});
    return &entries_.back();
  }

  std::vector<Entry> entries_;
  long run_ = 0;
};

}  // namespace inrgene::detail
