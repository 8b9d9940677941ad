#pragma once

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace opensips::base {

/// An index from 64-bit hashes to objects that live elsewhere, in one flat array (linear probing,
/// at most half full): looking for what is not there touches one cache line as a rule, and no
/// object. The key must be a keyed, uniform hash (SipHash): it is taken for the identity, and its
/// bits choose the place. One worker, or under a lock.
template <class T>
class FlatIndex {
 public:
  /// `smallest`: for how many entries it has room at least, a power of two. It never shrinks.
  explicit FlatIndex(std::size_t smallest = 512) : entries_(2 * smallest) {
    assert(std::has_single_bit(smallest));
  }

  T* find(std::uint64_t key) const {
    for (std::size_t i = home(key);; i = next(i)) {
      if (!entries_[i].object) return nullptr;
      if (entries_[i].key == key) return entries_[i].object;
    }
  }

  /// The first look at a place of a large index waits for memory: while that is fetched, the caller
  /// can do something else.
  void prefetch(std::uint64_t key) const { __builtin_prefetch(&entries_[home(key)]); }

  /// A key that is there already gets a second entry; find() gives either.
  void insert(std::uint64_t key, T& object) {
    if (2 * (size_ + 1) > entries_.size()) grow();
    place({key, &object});
    ++size_;
  }

  /// Takes out the entry of this key and object.
  void erase(std::uint64_t key, const T& object) {
    std::size_t hole = home(key);
    while (entries_[hole].object != &object || entries_[hole].key != key) {
      if (!entries_[hole].object) return;
      hole = next(hole);
    }
    --size_;
    // Entries behind the hole move up into it, so that no search stops too early.
    for (std::size_t i = next(hole); entries_[i].object; i = next(i)) {
      const std::size_t from_home = (i - home(entries_[i].key)) & mask();
      if (from_home < ((i - hole) & mask())) continue;
      entries_[hole] = entries_[i];
      hole = i;
    }
    entries_[hole] = {};
  }

  std::size_t size() const { return size_; }

 private:
  struct Entry {
    std::uint64_t key = 0;
    T* object = nullptr;
  };

  std::size_t mask() const { return entries_.size() - 1; }
  std::size_t home(std::uint64_t key) const { return key & mask(); }
  std::size_t next(std::size_t i) const { return (i + 1) & mask(); }

  void place(Entry entry) {
    std::size_t i = home(entry.key);
    while (entries_[i].object) i = next(i);
    entries_[i] = entry;
  }

  void grow() {
    std::vector<Entry> old(entries_.size() * 2);
    old.swap(entries_);
    for (const Entry& entry : old) {
      if (entry.object) place(entry);
    }
  }

  std::vector<Entry> entries_;
  std::size_t size_ = 0;
};

}  // namespace opensips::base
