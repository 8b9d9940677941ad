#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "loop/layer.hh"

namespace opensips::loop {

/// Sees a walk before a layer does. A verdict takes the place of the layer's, which then does not
/// see the walk; nothing lets it go on.
using BeforeHook = std::function<std::optional<Verdict>(Walk& walk)>;
/// Sees a walk when a layer is through with it, and what the layer said (never Suspend: a walk that
/// was suspended is seen when it goes on). Its own verdict counts; to observe, return the one
/// given.
using AfterHook = std::function<Verdict(Walk& walk, Verdict verdict)>;

/// A layer with hooks around it. Path puts it in the layer's place, for walks in the direction that
/// has hooks: those in the other cost nothing.
class HookedLayer final : public Layer {
 public:
  explicit HookedLayer(Layer& inner) : inner_(inner) {}

  void before(Walk::Direction direction, BeforeHook hook) {
    side(direction).before.push_back(std::move(hook));
  }
  void after(Walk::Direction direction, AfterHook hook) {
    side(direction).after.push_back(std::move(hook));
  }

  Verdict up(Walk& walk) override;
  Verdict down(Walk& walk) override;
  /// A walk suspended here goes on with `verdict`.
  Verdict resumed(Walk& walk, Verdict verdict) const;

 private:
  struct Side {
    std::vector<BeforeHook> before;
    std::vector<AfterHook> after;
  };

  Side& side(Walk::Direction direction) { return direction == Walk::Direction::up ? up_ : down_; }

  Layer& inner_;
  Side up_, down_;
};

}  // namespace opensips::loop
