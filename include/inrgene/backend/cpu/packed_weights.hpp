// Weights repacked for the kernel, once a run and direction however many tiles and workers there
// are.
#pragma once

#include <atomic>
#include <forward_list>
#include <mutex>

#include "inrgene/backend/cpu/panels.hpp"

namespace inrgene::detail {

/// How a weight W [in × out] is used: z = Wᵀx or ∂L/∂x = W̄ ∂L/∂z.
enum class WeightUse { forward, backward };

/// The weight as a factor of that.
template <class E>
[[nodiscard]] PanelSource<E> weight_source(MatrixView<const E> w, WeightUse use) {
  PanelSource<E> source{w, use == WeightUse::forward};
  if constexpr (math::is_complex<E>) source.conjugated = use == WeightUse::backward;
  return source;
}

/// The packed weights that the workers of a run share. Within a run a weight does not change
/// (backend.hpp), so that its address, shape, use and format say what was packed. The worker that
/// asks first packs; who asks meanwhile waits. Memory is kept from run to run: a training step
/// allocates nothing after the first.
class PackedWeights {
 public:
  /// What was packed before is out of date. Between runs only.
  void begin_run() { ++run_; }

  template <class Format, class E>
  [[nodiscard]] Panels<Format> get(MatrixView<const E> w, WeightUse use) {
    using Element = typename Format::element;
    const auto source = weight_source(w, use);
    const Index features = source.features();
    const Index depth = source.depth();
    const Weight weight{w.data, w.rows, w.cols, w.stride, use, &format_name<Format, E>};
    bool packs = false;
    Entry& entry = claim(weight, packs, [&](Workspace& memory) {
      memory.reserve<Element>(panel_elements<Format>(features, depth));
    });
    Element* const at = entry.memory.reserve<Element>(0);
    if (packs) {
      pack_panels<Format>(source, at);
      entry.packed_in.store(run_, std::memory_order_release);
      entry.packed_in.notify_all();
    } else {
      for (long seen = entry.packed_in.load(std::memory_order_acquire); seen != run_;
           seen = entry.packed_in.load(std::memory_order_acquire)) {
        entry.packed_in.wait(seen, std::memory_order_acquire);
      }
    }
    return {at, features, depth};
  }

  /// The same into a workspace, for who works alone.
  template <class Format, class E>
  [[nodiscard]] static Panels<Format> pack(MatrixView<const E> w, WeightUse use,
                                           Workspace& memory) {
    const auto source = weight_source(w, use);
    return pack_panels<Format>(source,
                               memory.reserve<typename Format::element>(
                                   panel_elements<Format>(source.features(), source.depth())));
  }

 private:
  /// A variable whose address stands for the two types.
  template <class Format, class E>
  static constexpr char format_name = 0;

  struct Weight {
    const void* data;
    Index rows, cols, stride;
    WeightUse use;
    const void* format;

    [[nodiscard]] bool same_shape(const Weight& o) const {
      return rows == o.rows && cols == o.cols && use == o.use && format == o.format;
    }
    [[nodiscard]] bool same(const Weight& o) const {
      return same_shape(o) && data == o.data && stride == o.stride;
    }
  };
  struct Entry {
    Weight weight{};
    long run = 0;  ///< that claimed it
    Workspace memory{};
    std::atomic<long> packed_in = 0;
  };

  /// The weight's entry; `packs` when this call is the first of the run to ask for it. Memory is
  /// taken here: a failure leaves nobody waiting.
  template <class Reserve>
  Entry& claim(const Weight& weight, bool& packs, const Reserve& reserve) {
    const std::lock_guard lock(guard_);
    Entry& entry = find(weight);
    packs = entry.run != run_;
    if (packs) {
      reserve(entry.memory);
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
    return free != nullptr ? *free : entries_.emplace_front();
  }

  std::mutex guard_;
  std::forward_list<Entry> entries_;  // whose addresses stay, and which is empty for nothing
  long run_ = 0;
};

}  // namespace inrgene::detail
