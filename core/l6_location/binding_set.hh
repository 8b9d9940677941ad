#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "l6_location/binding.hh"

namespace opensips::location {

class BindingSet;
void retain(const BindingSet* set);
void release(const BindingSet* set);
using BindingSetRef = base::Ref<const BindingSet>;

/// All bindings of one AoR at one moment, highest q first, in the order they came within a q. Never
/// empty, immutable once published, one allocation besides its bindings. Any thread may hold and
/// read it.
class BindingSet {
 public:
  std::string_view aor() const {
    return {reinterpret_cast<const char*>(bindings().data() + count_), aor_size_};
  }
  std::uint64_t aor_hash() const { return aor_hash_; }
  /// Rises with every change of the AoR, also over its removal; what comes later has the higher
  /// one.
  std::uint64_t version() const { return version_; }

  /// Those that have expired since are still among them.
  std::span<const BindingRef> bindings() const {
    return {reinterpret_cast<const BindingRef*>(this + 1), count_};
  }
  std::size_t size() const { return count_; }
  std::uint64_t earliest_expiry() const { return earliest_expiry_; }
  /// One of its contacts is.
  bool behind_nat() const { return behind_nat_; }

  /// Of bindings that are there, highest q first.
  static base::Ref<BindingSet> make(std::string_view aor, std::uint64_t aor_hash,
                                    std::span<const BindingRef> bindings);

  BindingSet(const BindingSet&) = delete;
  BindingSet& operator=(const BindingSet&) = delete;

 private:
  friend class AorTable;
  friend void retain(const BindingSet* set);
  friend void release(const BindingSet* set);

  BindingSet() = default;
  ~BindingSet();
  char* aor_text() { return const_cast<char*>(aor().data()); }

  mutable std::atomic<std::uint32_t> refs_{0};
  std::uint32_t count_ = 0;
  std::uint32_t aor_size_ = 0;
  bool behind_nat_ = false;
  std::uint64_t aor_hash_ = 0;
  std::uint64_t version_ = 0;
  std::uint64_t earliest_expiry_ = 0;
};

inline void retain(const BindingSet* set) {
  set->refs_.fetch_add(1, std::memory_order_relaxed);
}

/// The next state of an AoR while it is worked out from the last one. Lives on one stack.
class BindingSetEdit {
 public:
  enum class Kind : std::uint8_t { inserted, updated, removed, expired };
  struct Change {
    Kind kind;
    BindingRef binding;  ///< the new one; of a removal the one that was
  };

  /// `before`: none if the AoR is not there.
  explicit BindingSetEdit(BindingSetRef before);

  const BindingSetRef& before() const { return before_; }
  /// As edited so far. Places stay; the place of one that went away is empty.
  std::span<const BindingRef> places() const { return places_; }
  /// How many are not empty.
  std::size_t size() const { return size_; }
  /// Whether the place is not as it was.
  bool changed(std::size_t place) const;

  void insert(BindingRef binding);
  void update(std::size_t place, BindingRef binding);
  void remove(std::size_t place) { take(place, Kind::removed); }
  /// Takes out all that have expired.
  void expire(std::uint64_t now_ms);

  /// The place of the contact with that id; behind the last one if it is not there.
  std::size_t place_of(std::uint64_t id) const;
  /// Does the same again, perhaps on a state that somebody else has changed meanwhile.
  void repeat(const Change& change);

  std::span<const Change> changes() const { return changes_; }
  /// What is left, highest q first. The places are gone after it.
  std::span<const BindingRef> finish();

 private:
  void take(std::size_t place, Kind kind);

  /// Room for a few contacts: a user with more is rare.
  static constexpr std::size_t kRoom = 128;

  BindingSetRef before_;
  alignas(BindingRef) std::array<std::byte, kRoom> room_;
  std::pmr::monotonic_buffer_resource memory_{room_.data(), room_.size()};
  std::pmr::vector<BindingRef> places_{&memory_};
  std::pmr::vector<Change> changes_{&memory_};
  std::size_t size_;
};

/// What an edit has come to, for who keeps it in no table; none if nothing is left. The edit's
/// places are gone after it.
BindingSetRef set_of(std::string_view aor, BindingSetEdit& edit);

}  // namespace opensips::location
