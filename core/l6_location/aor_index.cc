#include "l6_location/aor_index.hh"

#include <algorithm>

namespace opensips::location {

std::size_t AorIndex::place_of(std::string_view aor, std::uint64_t hash) const {
  const auto short_hash = static_cast<std::uint32_t>(hash);
  std::size_t place = home_of(short_hash);
  for (; slots_[place].set; place = after(place)) {
    if (slots_[place].hash == short_hash && slots_[place].set->aor() == aor) break;
  }
  return place;
}

BindingSetRef AorIndex::exchange(std::size_t place, BindingSetRef set) {
  Slot& slot = slots_[place];
  BindingSetRef before = std::move(slot.set);
  if (set) {
    slot = slot_of(std::move(set));
    if (!before && 4 * ++size_ > 3 * slots_.size()) grow();
  } else if (before) {
    close(place);
    --size_;
  }
  return before;
}

AorIndex::Slot AorIndex::slot_of(BindingSetRef set) {
  const auto hash = static_cast<std::uint32_t>(set->aor_hash());
  const std::uint64_t expires = std::min<std::uint64_t>(set->earliest_expiry() / 1000, UINT32_MAX);
  return {hash, static_cast<std::uint32_t>(expires), std::move(set)};
}

/// What a search would no longer reach over the hole moves into it.
void AorIndex::close(std::size_t hole) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t place = after(hole); slots_[place].set; place = after(place)) {
    const std::size_t from_home = (place - home_of(slots_[place].hash)) & mask;
    if (from_home < ((place - hole) & mask)) continue;
    slots_[hole] = std::move(slots_[place]);
    slots_[place].set.reset();
    hole = place;
  }
}

void AorIndex::put(Slot slot) {
  std::size_t place = home_of(slot.hash);
  while (slots_[place].set) place = after(place);
  slots_[place] = std::move(slot);
}

void AorIndex::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  for (Slot& slot : old) {
    if (slot.set) put(std::move(slot));
  }
}

}  // namespace opensips::location
