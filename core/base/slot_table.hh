#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "base/id.hh"

namespace opensips::base {

/// Objects of one worker behind Ids: O(1) everything, addresses never move, memory grows by chunks
/// and is reused. A slot's generation counts up at each erase, so that an old Id finds nothing. The
/// first generation is the table's `seed`, so that Ids of an earlier process do not fit either.
template <class T, class Tag = T>
class SlotTable {
 public:
  using IdType = Id<Tag>;

  explicit SlotTable(unsigned worker, std::uint32_t seed = 1) : worker_(worker), seed_(seed | 1) {}
  SlotTable(const SlotTable&) = delete;
  SlotTable& operator=(const SlotTable&) = delete;
  ~SlotTable() {
    for_each([](IdType, T& object) { object.~T(); });
  }

  /// Makes a T; the table owns it until erase(). If T's constructor takes an Id first, it gets its
  /// own.
  template <class... Args>
  std::pair<IdType, T*> emplace(Args&&... args) {
    Slot& slot = take_slot();
    const IdType id(worker_, slot.index, slot.generation);
    T* object;
    if constexpr (std::is_constructible_v<T, IdType, Args...>) {
      object = new (slot.storage) T(id, std::forward<Args>(args)...);
    } else {
      object = new (slot.storage) T(std::forward<Args>(args)...);
    }
    slot.used = true;
    ++size_;
    return {id, object};
  }

  /// The object, or nullptr if it has ended or the Id is not of this table.
  T* find(IdType id) const {
    if (!id || id.worker() != worker_) return nullptr;
    const std::uint32_t index = id.slot();
    if (index >= chunks_.size() * kChunk) return nullptr;
    Slot& slot = at(index);
    if (!slot.used || slot.generation != id.generation()) return nullptr;
    return slot.object();
  }

  /// Ends the object; false if it had ended already.
  bool erase(IdType id) {
    T* object = find(id);
    if (!object) return false;
    Slot& slot = at(id.slot());
    slot.used = false;  // before the destructor: what it calls must not find the object any more
    --size_;
    object->~T();
    if (++slot.generation == 0) slot.generation = 1;
    slot.next_free = free_;
    free_ = &slot;
    return true;
  }

  template <class F>
  void for_each(F&& visitor) {
    visit(0, static_cast<std::uint32_t>(chunks_.size() * kChunk), visitor);
  }

  /// Visits the objects in up to `most` places from `first` on, 0 at the beginning. The place to go
  /// on with, which may be done later: what has come and gone meanwhile does no harm. 0 at the end.
  template <class F>
  std::uint32_t visit(std::uint32_t first, std::uint32_t most, F&& visitor) {
    const auto places = static_cast<std::uint32_t>(chunks_.size() * kChunk);
    if (first >= places) return 0;
    const auto end = first + std::min(most, places - first);
    for (std::uint32_t i = first; i < end; ++i) {
      Slot& slot = at(i);
      if (slot.used) visitor(IdType(worker_, slot.index, slot.generation), *slot.object());
    }
    return end < places ? end : 0;
  }

  std::size_t size() const { return size_; }

 private:
  static constexpr std::uint32_t kChunk = 128;

  struct Slot {
    alignas(T) unsigned char storage[sizeof(T)];
    Slot* next_free = nullptr;
    std::uint32_t index = 0;
    std::uint32_t generation = 1;
    bool used = false;

    T* object() { return std::launder(reinterpret_cast<T*>(storage)); }
  };

  Slot& at(std::uint32_t index) const { return chunks_[index / kChunk][index % kChunk]; }

  Slot& take_slot() {
    if (!free_) add_chunk();
    Slot& slot = *free_;
    free_ = slot.next_free;
    if (free_) __builtin_prefetch(&free_->next_free, 1);  // the next one, which may be cold
    return slot;
  }

  void add_chunk() {
    const auto first = static_cast<std::uint32_t>(chunks_.size() * kChunk);
    assert(first + kChunk <= IdType::kMaxSlots);
    chunks_.push_back(std::make_unique<Slot[]>(kChunk));
    for (std::uint32_t i = kChunk; i-- > 0;) {
      Slot& slot = chunks_.back()[i];
      slot.index = first + i;
      slot.generation = seed_;
      slot.next_free = free_;
      free_ = &slot;
    }
  }

  unsigned worker_;
  std::uint32_t seed_;
  std::vector<std::unique_ptr<Slot[]>> chunks_;
  Slot* free_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace opensips::base
