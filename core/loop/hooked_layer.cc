#include "loop/hooked_layer.hh"

namespace opensips::loop {
namespace {

Verdict after_all(const std::vector<AfterHook>& hooks, Walk& walk, Verdict verdict) {
  for (const auto& hook : hooks) verdict = hook(walk, verdict);
  return verdict;
}

}  // namespace

Verdict HookedLayer::pass(Walk& walk, const Side& side, Verdict (Layer::*layer)(Walk&)) {
  std::optional<Verdict> verdict;
  for (const auto& hook : side.before) {
    if ((verdict = hook(walk))) break;
  }
  if (!verdict) verdict = (inner_.*layer)(walk);
  return *verdict == Verdict::suspend ? *verdict : after_all(side.after, walk, *verdict);
}

Verdict HookedLayer::resumed(Walk& walk, Verdict verdict) const {
  const auto& side = walk.direction == Walk::Direction::up ? up_ : down_;
  return after_all(side.after, walk, verdict);
}

}  // namespace opensips::loop
