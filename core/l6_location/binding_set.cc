#include "l6_location/binding_set.hh"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <utility>

namespace opensips::location {

base::Ref<BindingSet> BindingSet::make(std::string_view aor, std::uint64_t aor_hash,
                                       std::span<const BindingRef> bindings) {
  static_assert(sizeof(BindingSet) % alignof(BindingRef) == 0);
  void* memory = ::operator new(sizeof(BindingSet) + bindings.size_bytes() + aor.size());
  auto* set = new (memory) BindingSet;
  set->count_ = static_cast<std::uint32_t>(bindings.size());
  set->aor_size_ = static_cast<std::uint32_t>(aor.size());
  set->aor_hash_ = aor_hash;
  auto* places = reinterpret_cast<BindingRef*>(set + 1);
  std::uninitialized_copy(bindings.begin(), bindings.end(), places);
  if (!aor.empty()) std::memcpy(set->aor_text(), aor.data(), aor.size());
  set->earliest_expiry_ = std::numeric_limits<std::uint64_t>::max();
  for (const auto& binding : bindings) {
    set->earliest_expiry_ = std::min(set->earliest_expiry_, binding->expires_at());
    set->behind_nat_ = set->behind_nat_ || binding->behind_nat();
  }
  return base::Ref<BindingSet>(set);
}

BindingSet::~BindingSet() {
  auto* places = reinterpret_cast<BindingRef*>(this + 1);
  std::destroy(places, places + count_);
}

void release(const BindingSet* set) {
  if (set->refs_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  set->~BindingSet();
  ::operator delete(const_cast<BindingSet*>(set));
}

BindingSetEdit::BindingSetEdit(BindingSetRef before) : before_(std::move(before)), size_(0) {
  changes_.reserve(1);
  if (!before_) return;
  const auto bindings = before_->bindings();
  places_.reserve(bindings.size() + 1);
  for (const auto& binding : bindings) places_.push_back(binding);
  size_ = bindings.size();
}

bool BindingSetEdit::changed(std::size_t place) const {
  if (!before_ || place >= before_->size()) return true;
  return !(places_[place] == before_->bindings()[place]);
}

void BindingSetEdit::insert(BindingRef binding) {
  changes_.push_back({Kind::inserted, binding});
  places_.push_back(std::move(binding));
  ++size_;
}

void BindingSetEdit::update(std::size_t place, BindingRef binding) {
  changes_.push_back({Kind::updated, binding});
  places_[place] = std::move(binding);
}

void BindingSetEdit::take(std::size_t place, Kind kind) {
  changes_.push_back({kind, std::move(places_[place])});
  places_[place].reset();
  --size_;
}

void BindingSetEdit::expire(std::uint64_t now_ms) {
  if (!before_ || before_->earliest_expiry() > now_ms) return;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i] && places_[i]->expired(now_ms)) take(i, Kind::expired);
  }
}

std::size_t BindingSetEdit::place_of(std::uint64_t id) const {
  std::size_t place = 0;
  while (place < places_.size() && !(places_[place] && places_[place]->id() == id)) ++place;
  return place;
}

void BindingSetEdit::repeat(const Change& change) {
  const std::size_t place = place_of(change.binding->id());
  const bool known = place < places_.size();
  if (change.kind == Kind::removed || change.kind == Kind::expired) {
    if (known) take(place, change.kind);
  } else if (known) {
    update(place, change.binding);
  } else {
    insert(change.binding);
  }
}

std::span<const BindingRef> BindingSetEdit::finish() {
  std::erase_if(places_, [](const BindingRef& binding) { return !binding; });
  const auto higher_q = [](const BindingRef& a, const BindingRef& b) { return a->q() > b->q(); };
  if (!std::is_sorted(places_.begin(), places_.end(), higher_q)) {
    std::stable_sort(places_.begin(), places_.end(), higher_q);
  }
  return places_;
}

BindingSetRef set_of(std::string_view aor, BindingSetEdit& edit) {
  const auto bindings = edit.finish();
  return bindings.empty() ? BindingSetRef()
                          : BindingSetRef(BindingSet::make(aor, 0, bindings).get());
}

}  // namespace opensips::location
