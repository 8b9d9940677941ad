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

/// Every message passes: `inner`, what the layer does, is called from here.
template <class Inner>
inline Verdict pass(const std::vector<BeforeHook>& before, const std::vector<AfterHook>& after,
                    Walk& walk, const Inner& inner) {
  for (const auto& hook : before) {
    if (const auto verdict = hook(walk)) return through(after, walk, *verdict);
  }
  return through(after, walk, inner());
}

}  // namespace

Verdict HookedLayer::up(Walk& walk) {
  return pass(up_.before, up_.after, walk, [&] { return inner_.up(walk); });
}

Verdict HookedLayer::down(Walk& walk) {
  return pass(down_.before, down_.after, walk, [&] { return inner_.down(walk); });
}

Verdict HookedLayer::resumed(Walk& walk, Verdict verdict) const {
  const auto& side = walk.direction == Walk::Direction::up ? up_ : down_;
  return after_all(side.after, walk, verdict);
}

}  // namespace opensips::loop
