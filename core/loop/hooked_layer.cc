#include "loop/hooked_layer.hh"

namespace opensips::loop {
namespace {

Verdict after_all(const std::vector<AfterHook>& hooks, Walk& walk, Verdict verdict) {
  for (const auto& hook : hooks) verdict = hook(walk, verdict);
  return verdict;
}

Verdict through(const std::vector<AfterHook>& hooks, Walk& walk, Verdict verdict) {
  return verdict == Verdict::suspend ? verdict : after_all(hooks, walk, verdict);
}

std::optional<Verdict> before_all(const std::vector<BeforeHook>& hooks, Walk& walk) {
  for (const auto& hook : hooks) {
    if (const auto verdict = hook(walk)) return verdict;
  }
  return std::nullopt;
}

}  // namespace

Verdict HookedLayer::up(Walk& walk) {
  const auto before = before_all(up_.before, walk);
  return through(up_.after, walk, before ? *before : inner_.up(walk));
}

Verdict HookedLayer::down(Walk& walk) {
  const auto before = before_all(down_.before, walk);
  return through(down_.after, walk, before ? *before : inner_.down(walk));
}

Verdict HookedLayer::resumed(Walk& walk, Verdict verdict) const {
  const auto& side = walk.direction == Walk::Direction::up ? up_ : down_;
  return after_all(side.after, walk, verdict);
}

}  // namespace opensips::loop
