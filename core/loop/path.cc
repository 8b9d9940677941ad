#include "loop/path.hh"

#include <algorithm>
#include <cassert>
#include <utility>

namespace opensips::loop {

namespace {

constexpr unsigned index(LayerId layer) {
  return static_cast<unsigned>(layer);
}

/// How many of the first ones are each of another call.
std::size_t calls_apart(std::span<const Walk> walks) {
  std::size_t count = 1;
  while (count < walks.size()) {
    const auto before = walks.first(count);
    const auto same = std::ranges::find(before, walks[count].call_id, &Walk::call_id);
    if (same != before.end()) break;
    ++count;
  }
  return count;
}

}  // namespace

Path::Path(unsigned worker, std::uint32_t epoch) : held_(worker, epoch) {
  for (unsigned i = 1; i < kLayers; ++i) {
    above_[i - 1] = static_cast<LayerId>(i);
    below_[i] = static_cast<LayerId>(i - 1);
  }
}

void Path::set(LayerId place, Layer& layer) {
  layers_[index(place)] = rising_[index(place)] = falling_[index(place)] = &layer;
}

std::optional<LayerId> Path::insert(Layer& layer, LayerId below) {
  assert(below >= LayerId::dialog && below != LayerId::routing);
  if (count_ == kMaxLayers) return std::nullopt;
  const auto place = static_cast<LayerId>(count_++);
  const auto above = above_[index(below)];
  set(place, layer);
  above_[index(below)] = below_[index(above)] = place;
  above_[index(place)] = above;
  below_[index(place)] = below;
  return place;
}

HookedLayer& Path::hooked(LayerId place, Walk::Direction direction) {
  auto& hooked = hooked_[index(place)];
  if (!hooked) hooked = std::make_unique<HookedLayer>(at(place));
  (direction == Walk::Direction::up ? rising_ : falling_)[index(place)] = hooked.get();
  return *hooked;
}

void Path::before(LayerId place, Walk::Direction direction, BeforeHook hook) {
  hooked(place, direction).before(direction, std::move(hook));
}

void Path::after(LayerId place, Walk::Direction direction, AfterHook hook) {
  hooked(place, direction).after(direction, std::move(hook));
}

void Path::launch(Walk walk) {
  go(walk);
}

void Path::launch(std::span<Walk> walks) {
  auto parsed = rise_to(walks, LayerId::transaction);
  while (!parsed.empty()) {
    const auto together = parsed.first(calls_apart(parsed));
    for (Walk& walk : rise_to(together, LayerId::routing)) {
      go(walk);
      walk = {};
    }
    parsed = parsed.subspan(together.size());
  }
}

void Path::launch_below(LayerId origin, Walk walk) {
  walk.layer = origin;
  if (step_down(walk)) go(walk);
}

WalkId Path::hold(Walk& walk) {
  if (walk.id) return walk.id;
  walk.id = held_.emplace().first;
  if (note_hold_) note_hold_(walk);
  return walk.id;
}

bool Path::resume(WalkId id, Verdict verdict) {
  Held* held = held_.find(id);
  if (!held || !held->suspended) return false;
  held->suspended = false;
  Walk walk = std::move(held->walk);
  walk.on_cancel = {};
  if (const auto& hooks = hooked_[index(walk.layer)]) verdict = hooks->resumed(walk, verdict);
  if (advance(walk, verdict)) go(walk);
  return true;
}

Walk* Path::suspended(WalkId id) {
  Held* held = held_.find(id);
  return held && held->suspended ? &held->walk : nullptr;
}

bool Path::cancel(WalkId id) {
  Walk* walk = suspended(id);
  if (!walk) return false;
  const CancelHook hook = std::exchange(walk->on_cancel, {});
  if (!hook.run) return false;
  hook.run(hook.owner, *walk);
  return true;
}

bool Path::go_to(Walk& walk, LayerId layer) {
  while (walk.layer != layer) {
    const auto place = index(walk.layer);
    const bool rising = walk.direction == Walk::Direction::up;
    const auto verdict = rising ? rising_[place]->up(walk) : falling_[place]->down(walk);
    if (!advance(walk, verdict)) return false;
  }
  return true;
}

/// Those that have not left before are then the first ones of `walks`.
std::span<Walk> Path::rise_to(std::span<Walk> walks, LayerId layer) {
  std::size_t count = 0;
  for (Walk& walk : walks) {
    Walk& rising = walks[count];
    if (&rising != &walk) rising = std::exchange(walk, {});
    if (go_to(rising, layer)) {
      ++count;
    } else {
      rising = {};  // what it holds goes with it
    }
  }
  return walks.first(count);
}

// Inline, as the two behind it: a call takes some seventy steps.
inline bool Path::advance(Walk& walk, Verdict verdict) {
  switch (verdict) {
    case Verdict::up: step_up(walk); return true;
    case Verdict::down: return step_down(walk);
    case Verdict::done: end(walk); return false;
    case Verdict::suspend: park(walk); return false;
  }
  return false;
}

inline void Path::step_up(Walk& walk) {
  walk.direction = Walk::Direction::up;
  if (walk.layer == LayerId::dialog && choose_) walk.mask = choose_(walk);
  do {
    assert(walk.layer != LayerId::routing);  // routing has nothing above it
    walk.layer = above_[index(walk.layer)];
  } while (!(walk.mask & mask_of(walk.layer)));
}

inline bool Path::step_down(Walk& walk) {
  walk.direction = Walk::Direction::down;
  do {
    if (walk.layer == LayerId::transport) {
      end(walk);
      return false;
    }
    walk.layer = below_[index(walk.layer)];
  } while (!(walk.mask & mask_of(walk.layer)));
  return true;
}

void Path::park(Walk& walk) {
  Held* held = held_.find(walk.id);
  assert(held && !held->suspended);  // a layer holds a walk before it suspends it
  held->walk = std::move(walk);
  held->suspended = true;
}

void Path::end(Walk& walk) {
  if (walk.id) held_.erase(std::exchange(walk.id, {}));
}

}  // namespace opensips::loop
