#include "base/stats.hh"

#include <utility>

namespace opensips::base {

Counter Stats::place(std::string_view name, StatKind kind) {
  assert(name.find(':') != std::string_view::npos);
  auto state = state_.lock();
  for (const Entry& entry : state->entries) {
    if (entry.name != name) continue;
    assert(entry.kind == kind);
    return Counter(entry.index);
  }
  // Place 0 belongs to the counters that were not registered.
  const std::size_t index = state->entries.size() + 1;
  assert(index < StatsBlock::kCapacity);
  state->entries.push_back({std::string(name), kind, index, 0, nullptr});
  return Counter(index);
}

void Stats::function(std::string_view name, std::function<std::uint64_t()> read) {
  const Counter place_of_it = place(name, StatKind::function);
  state_.lock()->entries[place_of_it.index_ - 1].read = std::move(read);
}

StatsBlock& Stats::new_block() {
  return *state_.lock()->blocks.emplace_back(std::make_unique<StatsBlock>());
}

std::vector<const Stats::Entry*> Stats::State::select(std::string_view what) const {
  std::vector<const Entry*> selected;
  const std::size_t colon = what.find(':');
  for (const Entry& entry : entries) {
    const std::string_view name = entry.name;
    if (what == "all" || (what.ends_with(':') && name.starts_with(what))) {
      selected.push_back(&entry);
    } else if (name == what ||
               (colon == std::string_view::npos && name.substr(name.find(':') + 1) == what)) {
      return {&entry};
    }
  }
  return selected;
}

std::uint64_t Stats::State::sum(const Entry& entry) const {
  std::uint64_t total = 0;
  for (const auto& block : blocks) {
    total += block->values_[entry.index].load(std::memory_order_relaxed);
  }
  return total;
}

std::vector<Stat> Stats::read(std::string_view what) const {
  std::vector<Stat> stats;
  std::vector<std::pair<std::size_t, const std::function<std::uint64_t()>*>> functions;
  {
    const auto state = state_.lock();
    for (const Entry* entry : state->select(what)) {
      std::uint64_t value = 0;
      if (entry->kind == StatKind::function) {
        functions.emplace_back(stats.size(), &entry->read);
      } else {
        value = state->sum(*entry) - entry->base;
        // Shares are read one after the other: a thing that goes while one looks may be missed
        // where it came and seen where it went.
        if (entry->kind == StatKind::gauge && static_cast<std::int64_t>(value) < 0) value = 0;
      }
      stats.push_back({entry->name, entry->kind, value});
    }
  }
  // Outside the lock, since they may take others.
  for (const auto& [position, read] : functions) stats[position].value = (*read)();
  return stats;
}

std::optional<std::uint64_t> Stats::value(std::string_view name) const {
  if (name == "all" || name.ends_with(':')) return std::nullopt;
  const std::vector<Stat> found = read(name);
  if (found.empty()) return std::nullopt;
  return found.front().value;
}

std::size_t Stats::reset(std::string_view what) {
  std::size_t count = 0;
  auto state = state_.lock();
  for (const Entry* selected : state->select(what)) {
    if (selected->kind != StatKind::counter) continue;
    state->entries[selected->index - 1].base = state->sum(*selected);
    ++count;
  }
  return count;
}

}  // namespace opensips::base
