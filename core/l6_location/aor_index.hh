#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "l6_location/binding_set.hh"

namespace opensips::location {

/// The binding sets of one stripe by AoR. Open addressing with linear probing; hash and expiry
/// stand beside the pointers: with a million AoRs each thing touched is a cache miss, and here a
/// search touches one place and the set that it was looking for, and a sweep only the places. Not
/// for several threads.
class AorIndex {
 public:
  AorIndex() : slots_(kSmallest) {}

  /// The place of that AoR's set, or the empty one where it would be; good until the next change.
  std::size_t place_of(std::string_view aor, std::uint64_t hash) const;
  /// Puts a set of its AoR into the place that place_of() gave, or takes out the one that is there:
  /// none. Gives what was there.
  BindingSetRef exchange(std::size_t place, BindingSetRef set);
  /// The set of that AoR, or none.
  const BindingSetRef& find(std::string_view aor, std::uint64_t hash) const {
    return at(place_of(aor, hash));
  }

  std::size_t size() const { return size_; }
  /// Places from 0 on, to walk through all sets; an empty one is none.
  std::size_t places() const { return slots_.size(); }
  const BindingSetRef& at(std::size_t place) const { return slots_[place].set; }
  /// When something in the set at the place expires; a time after `now_ms` may be up to a second
  /// too early. Never if there is none.
  std::uint64_t due_at(std::size_t place, std::uint64_t now_ms) const {
    const Slot& slot = slots_[place];
    if (!slot.set) return kNever;
    const std::uint64_t about = std::uint64_t{slot.expires} * 1000;
    return about <= now_ms ? slot.set->earliest_expiry() : about;
  }
  static constexpr std::uint64_t kNever = UINT64_MAX;

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t expires = 0;  ///< no later than the set's earliest expiry, in whole seconds
    BindingSetRef set;
  };
  static constexpr std::size_t kSmallest = 8;

  std::size_t after(std::size_t place) const { return (place + 1) & (slots_.size() - 1); }
  std::size_t home_of(std::uint32_t hash) const { return hash & (slots_.size() - 1); }
  static Slot slot_of(BindingSetRef set);
  void close(std::size_t hole);
  void put(Slot slot);
  void grow();

  std::vector<Slot> slots_;  // as many as a power of two, at most three quarters in use
  std::size_t size_ = 0;
};

}  // namespace opensips::location
