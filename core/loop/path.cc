#include "loop/path.hh"

#include <cassert>
#include <utility>

namespace opensips::loop {

namespace {

constexpr LayerId next(LayerId layer, int step) {
  return static_cast<LayerId>(static_cast<int>(layer) + step);
}

}  // namespace

Path::Path(unsigned worker, std::uint32_t epoch) : held_(worker, epoch) {}

void Path::set(LayerId place, Layer& layer) {
  layers_[static_cast<unsigned>(place)] = &layer;
}

void Path::launch(Walk walk) {
  go(walk);
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

void Path::go(Walk& walk) {
  for (;;) {
    Layer& layer = at(walk.layer);
    const bool rising = walk.direction == Walk::Direction::up;
    if (!advance(walk, rising ? layer.up(walk) : layer.down(walk))) return;
  }
}

bool Path::advance(Walk& walk, Verdict verdict) {
  switch (verdict) {
    case Verdict::up: step_up(walk); return true;
    case Verdict::down: return step_down(walk);
    case Verdict::done: end(walk); return false;
    case Verdict::suspend: park(walk); return false;
  }
  return false;
}

void Path::step_up(Walk& walk) {
  walk.direction = Walk::Direction::up;
  if (walk.layer == LayerId::dialog && choose_) walk.mask = choose_(walk);
  do {
    assert(walk.layer != LayerId::routing);  // routing has nothing above it
    walk.layer = next(walk.layer, 1);
  } while (!(walk.mask & mask_of(walk.layer)));
}

bool Path::step_down(Walk& walk) {
  walk.direction = Walk::Direction::down;
  do {
    if (walk.layer == LayerId::transport) {
      end(walk);
      return false;
    }
    walk.layer = next(walk.layer, -1);
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
