#include "l6_location/contact_notes.hh"

#include <algorithm>

namespace opensips::location {

bool ContactNotes::add(std::uint64_t id, std::string_view aor, std::uint64_t now_ms) {
  auto state = state_.lock();
  if (state->ids.contains(id)) return true;
  if (state->waiting.size() >= kMost) return false;
  state->ids.insert(id);
  state->waiting.push_back({id, std::string(aor), now_ms});
  return true;
}

ContactNotes::Batch ContactNotes::take(std::size_t most, AorTurns& turns) {
  Batch batch;
  std::unordered_set<std::string_view> taken;
  std::vector<Note> busy;
  auto state = state_.lock();
  batch.notes.reserve(std::min(most, state->waiting.size()));  // `taken` views them
  for (auto left = state->waiting.size(); left > 0 && batch.notes.size() < most; --left) {
    Note note = std::move(state->waiting.front());
    state->waiting.pop_front();
    // AorTurns locks nothing of this while it has its own lock.
    auto turn = taken.contains(note.aor) ? std::nullopt : turns.try_take(note.aor);
    if (!turn && !taken.contains(note.aor)) {
      busy.push_back(std::move(note));
      continue;
    }
    state->ids.erase(note.id);
    state->under_way.insert(note.id);
    batch.notes.push_back(std::move(note));
    if (turn) {
      batch.turns.push_back(std::move(*turn));
      taken.insert(batch.notes.back().aor);
    }
  }
  state->oldest_under_way = batch.notes.empty() ? 0 : batch.notes.front().since_ms;
  for (auto& note : busy) state->waiting.push_back(std::move(note));
  return batch;
}

void ContactNotes::settle(Batch batch, bool written) {
  auto state = state_.lock();
  state->under_way.clear();
  if (written) return;
  for (auto note = batch.notes.rbegin(); note != batch.notes.rend(); ++note) {
    if (!state->ids.insert(note->id).second) continue;  // noted again since
    state->waiting.push_front(std::move(*note));
  }
}

bool ContactNotes::contains(std::uint64_t id) const {
  const auto state = state_.lock();
  return state->ids.contains(id) || state->under_way.contains(id);
}

std::size_t ContactNotes::size() const {
  const auto state = state_.lock();
  return state->waiting.size() + state->under_way.size();
}

std::uint64_t ContactNotes::lag(std::uint64_t now_ms) const {
  const auto state = state_.lock();
  std::uint64_t oldest = now_ms;
  if (!state->under_way.empty()) oldest = std::min(oldest, state->oldest_under_way);
  if (!state->waiting.empty()) oldest = std::min(oldest, state->waiting.front().since_ms);
  return now_ms - oldest;
}

}  // namespace opensips::location
