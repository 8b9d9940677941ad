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
    if (set) {
      set->version_ = version;
      content->due_at = std::min(content->due_at, set->earliest_expiry());
      content->behind_nat += set->behind_nat();
    }
    old = aors.exchange(place, after);
    if (old) content->behind_nat -= old->behind_nat();
  }
  if (set) lower_next_due(set->earliest_expiry());
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
  if (now_ms < next_due_.load(std::memory_order_relaxed)) return 0;
  std::size_t changed = 0;
  for (const auto& set : collect_expired(now_ms, budget)) {
    bool changes = false;
    update(set->aor(), [&](BindingSetEdit& edit) {
      edit.expire(now_ms);
      return changes = !edit.changes().empty();
    });
    changed += changes ? 1 : 0;
  }
  return changed;
}

/// Goes through the stripes once, but no further than the budget goes.
std::vector<BindingSetRef> AorTable::collect_expired(std::uint64_t now_ms, std::size_t budget) {
  std::vector<BindingSetRef> found;
  const auto at = sweep_.lock();
  // Whoever publishes in a stripe that has been looked at lowers it again: its lock comes after
  // this store.
  next_due_.store(AorIndex::kNever, std::memory_order_relaxed);
  for (std::size_t done = 0; done < stripes_.size() && budget > 0;) {
    budget -= std::min(budget, sweep(*at, now_ms, std::min(budget, kSweepStep), found));
    if (at->place == 0) ++done;
  }
  if (budget == 0) lower_next_due(now_ms);
  return found;
}

/// Looks at about `budget` places of the stripe that the sweep has come to, if something in there
/// may be due. Gives how many.
std::size_t AorTable::sweep(Sweep& at, std::uint64_t now_ms, std::size_t budget,
                            std::vector<BindingSetRef>& found) {
  const auto content = stripes_[at.stripe].content.lock();
  const auto& aors = content->aors;
  if (at.place == 0) at = {at.stripe, 0, content->last_version, AorIndex::kNever};
  const bool is_due = at.place != 0 || content->due_at <= now_ms;
  const std::size_t begin = std::min(at.place, aors.places());
  const std::size_t end = is_due ? std::min(aors.places(), begin + budget) : begin;
  for (at.place = begin; at.place < end; ++at.place) {
    const auto due_at = aors.due_at(at.place, now_ms);
    if (due_at <= now_ms) {
      found.push_back(aors.at(at.place));
    } else {
      at.due_at = std::min(at.due_at, due_at);
    }
  }
  if (is_due && at.place < aors.places()) return end - begin;
  // A change since it began may have moved an AoR to where the sweep has been: then it comes again.
  if (is_due && at.version == content->last_version) content->due_at = at.due_at;
  lower_next_due(content->due_at);
  at = {(at.stripe + 1) % stripes_.size()};
  return std::max<std::size_t>(end - begin, 1);
}

void AorTable::lower_next_due(std::uint64_t ms) {
  auto known = next_due_.load(std::memory_order_relaxed);
  while (ms < known && !next_due_.compare_exchange_weak(known, ms, std::memory_order_relaxed)) {
  }
}

std::vector<BindingSetRef> AorTable::copy_of(std::size_t stripe, Which which) const {
  const auto content = stripes_[stripe].content.lock();
  const auto& aors = content->aors;
  const std::size_t count = which == Which::all ? aors.size() : content->behind_nat;
  std::vector<BindingSetRef> sets;
  sets.reserve(count);
  for (std::size_t place = 0; sets.size() < count && place < aors.places(); ++place) {
    const BindingSetRef& set = aors.at(place);
    if (set && (which == Which::all || set->behind_nat())) sets.push_back(set);
  }
  return sets;
}

}  // namespace opensips::location
