// Weights repacked for the kernel, once a run and direction however many tiles and workers there
// are.
#pragma once

#include <atomic>
#include <deque>
#include <mutex>

#include "inrgene/backend/cpu/panels.hpp"

namespace inrgene::detail {

/// How a weight W [in × out] is used: z = Wᵀx or ∂L/∂x = W ∂L/∂z.
enum class WeightUse { forward, backward };

/// The packed weights that the workers of a run share. Within a run a weight does not change
/// (backend.hpp), so that its address, shape and use say what was packed. The worker that asks
/// first packs; who asks meanwhile waits. Memory is kept from run to run: a training step allocates
/// nothing after the first.
template <class T>
class PackedWeights {
 public:
  /// What was packed before is out of date. Between runs only.
  void begin_run() { ++run_; }

  [[nodiscard]] Panels<T> operator()(MatrixView<const T> w, WeightUse use) {
    bool packs = false;
    Entry& entry = claim({w, use}, packs);
    if (packs) {
      pack(entry.weight, entry.memory);
      entry.packed_in.store(run_, std::memory_order_release);
      entry.packed_in.notify_all();
    } else {
      for (long seen = entry.packed_in.load(std::memory_order_acquire); seen != run_;
           seen = entry.packed_in.load(std::memory_order_acquire)) {
        entry.packed_in.wait(seen, std::memory_order_acquire);
      }
    }
    return entry.weight.panels(entry.memory.reserve(0));
  }

  /// The same into a workspace, for who works alone.
  [[nodiscard]] static Panels<T> pack(MatrixView<const T> w, WeightUse use, Workspace<T>& memory) {
    const Weight weight{w, use};
    memory.reserve(weight.elements());
    return pack(weight, memory);
  }

 private:
  struct Weight {
    MatrixView<const T> w;
    WeightUse use;

    [[nodiscard]] Index features() const { return use == WeightUse::forward ? w.cols : w.rows; }
    [[nodiscard]] Index depth() const { return use == WeightUse::forward ? w.rows : w.cols; }
    [[nodiscard]] Index elements() const { return panel_elements<T>(features(), depth()); }
    [[nodiscard]] Panels<T> panels(const T* at) const { return {at, features(), depth()}; }
    [[nodiscard]] bool same_shape(const Weight& o) const {
      return w.rows == o.w.rows && w.cols == o.w.cols && use == o.use;
    }
    [[nodiscard]] bool same(const Weight& o) const {
      return same_shape(o) && w.data == o.w.data && w.stride == o.w.stride;
    }
  };
  struct Entry {
    Weight weight{};
    long run = 0;  ///< that claimed it
    Workspace<T> memory{};
    std::atomic<long> packed_in = 0;
  };

  static Panels<T> pack(const Weight& weight, Workspace<T>& memory) {
    T* to = memory.reserve(0);
    return weight.use == WeightUse::forward ? pack_transposed_panels(weight.w, to)
                                            : pack_panels(weight.w, to);
  }

  /// The weight's entry; `packs` when this call is the first of the run to ask for it. Memory is
  /// taken here: a failure leaves nobody waiting.
  Entry& claim(const Weight& weight, bool& packs) {
    const std::lock_guard lock(guard_);
    Entry& entry = find(weight);
    packs = entry.run != run_;
    if (packs) {
      entry.memory.reserve(weight.elements());
      entry.weight = weight;
      entry.run = run_;
    }
    return entry;
  }

  /// The weight's entry, else one of its shape that this run has not used (a parameter buffer that
  /// has moved), else a new one.
  Entry& find(const Weight& weight) {
    Entry* free = nullptr;
    for (Entry& entry : entries_) {
      if (weight.same(entry.weight)) return entry;
      if (free == nullptr && entry.run != run_ && weight.same_shape(entry.weight)) free = &entry;
    }
    return free != nullptr ? *free : entries_.emplace_back();
  }

  std::mutex guard_;
  std::deque<Entry> entries_;  // whose addresses stay
  long run_ = 0;
};

}  // namespace inrgene::detail
