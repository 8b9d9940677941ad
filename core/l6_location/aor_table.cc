#include "l6_location/aor_table.hh"

#include <algorithm>

namespace opensips::location {
namespace {

/// How long one lock is held by a sweep, in places of the index.
constexpr std::size_t kSweepStep = 1024;

LocationEvent::Kind kind_of(BindingSetEdit::Kind kind) {
  switch (kind) {
    case BindingSetEdit::Kind::inserted: return LocationEvent::Kind::contact_insert;
    case BindingSetEdit::Kind::updated: return LocationEvent::Kind::contact_update;
    case BindingSetEdit::Kind::removed: return LocationEvent::Kind::contact_delete;
    case BindingSetEdit::Kind::expired: break;
  }
  return LocationEvent::Kind::contact_expire;
}

}  // namespace

AorTable::AorTable(std::size_t stripes, base::SipKey key)
    : key_(key), stripes_(std::max<std::size_t>(stripes, 1)) {}

BindingSetRef AorTable::find(std::string_view aor) const {
  return find(probe_for(aor));
}

BindingSetRef AorTable::find(const Probe& probe) const {
  return content_of(probe).lock()->aors.find(probe.aor, probe.hash);
}

bool AorTable::publish(const Probe& probe, BindingSetEdit& next, Origin origin,
                       BindingSetRef& after) {
  const auto bindings = next.finish();
  base::Ref<BindingSet> set;
  if (!bindings.empty()) set = BindingSet::make(probe.aor, probe.hash, bindings);
  if (set) after = BindingSetRef(set.get());
  std::uint64_t version;
  BindingSetRef old;  // let go behind the lock
  {
    auto content = content_of(probe).lock();
    auto& aors = content->aors;
    const std::size_t place = aors.place_of(probe.aor, probe.hash);
    // The reader's reference keeps `before` alive, so that no other set can be at its address.
    if (!(aors.at(place) == next.before())) return false;
    version = ++content->last_version;
    if (set) set->version_ = version;
    old = aors.exchange(place, after);
  }
  const auto grown = bindings.size() - (old ? old->size() : 0);
  if (grown != 0) contacts_.fetch_add(grown, std::memory_order_relaxed);
  if (!old && set) users_.fetch_add(1, std::memory_order_relaxed);
  if (old && !set) users_.fetch_sub(1, std::memory_order_relaxed);
  announce(next, {probe.aor, version, origin, static_cast<bool>(set)});
  return true;
}

void AorTable::announce(const BindingSetEdit& edit, const Published& published) {
  std::uint64_t expired = 0;
  for (const auto& change : edit.changes()) {
    if (change.kind == BindingSetEdit::Kind::expired) ++expired;
  }
  if (expired != 0) expires_.fetch_add(expired, std::memory_order_relaxed);
  if (listeners_.empty()) return;
  const auto tell = [&](LocationEvent::Kind kind, const Binding* binding) {
    for (const auto& listener : listeners_) {
      listener({kind, published.aor, binding, published.version, published.origin});
    }
  };
  if (!edit.before()) tell(LocationEvent::Kind::aor_insert, nullptr);
  for (const auto& change : edit.changes()) tell(kind_of(change.kind), change.binding.get());
  if (!published.exists) tell(LocationEvent::Kind::aor_delete, nullptr);
}

bool AorTable::erase(std::string_view aor) {
  bool was_there = false;
  update(aor, [&](BindingSetEdit& edit) {
    was_there = edit.size() != 0;
    for (std::size_t i = 0; i < edit.places().size(); ++i) edit.remove(i);
    return was_there;
  });
  return was_there;
}

std::size_t AorTable::expire(std::uint64_t now_ms, std::size_t budget) {
  std::vector<BindingSetRef> due;
  Cursor cursor = *sweep_.lock();
  for (std::size_t stripes_done = 0; stripes_done < stripes_.size() && budget > 0;) {
    const std::size_t step = std::min(budget, kSweepStep);
    budget -= std::min(budget, collect_expired(cursor, now_ms, step, due));
    if (cursor.place == 0) ++stripes_done;
  }
  *sweep_.lock() = cursor;
  std::size_t changed = 0;
  for (const auto& set : due) {
    bool changes = false;
    update(set->aor(), [&](BindingSetEdit& edit) {
      edit.expire(now_ms);
      return changes = !edit.changes().empty();
    });
    changed += changes ? 1 : 0;
  }
  return changed;
}

/// Looks at about `budget` places from the cursor on, in one stripe, and moves the cursor. Places
/// that are missed because the stripe has grown meanwhile are found in the next round.
std::size_t AorTable::collect_expired(Cursor& cursor, std::uint64_t now_ms, std::size_t budget,
                                      std::vector<BindingSetRef>& found) const {
  const auto content = stripes_[cursor.stripe].content.lock();
  const auto& aors = content->aors;
  const std::size_t end = std::min(aors.places(), cursor.place + budget);
  const std::size_t begin = std::min(cursor.place, end);
  for (cursor.place = begin; cursor.place < end; ++cursor.place) {
    if (aors.is_due(cursor.place, now_ms)) found.push_back(aors.at(cursor.place));
  }
  if (cursor.place >= aors.places()) cursor = {(cursor.stripe + 1) % stripes_.size(), 0};
  return std::max<std::size_t>(end - begin, 1);
}

std::vector<BindingSetRef> AorTable::copy_of(std::size_t stripe) const {
  const auto content = stripes_[stripe].content.lock();
  std::vector<BindingSetRef> sets;
  sets.reserve(content->aors.size());
  for (std::size_t place = 0; place < content->aors.places(); ++place) {
    if (const BindingSetRef& set = content->aors.at(place)) sets.push_back(set);
  }
  return sets;
}

}  // namespace opensips::location
