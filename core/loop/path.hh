#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "base/slot_table.hh"
#include "loop/hooked_layer.hh"
#include "loop/layer.hh"
#include "loop/walk.hh"

namespace opensips::loop {

/// The way through the layers of one worker, and the only place where a message goes from one to
/// the next. It keeps the walks that are suspended. One worker.
class Path {
 public:
  Path(unsigned worker, std::uint32_t epoch);

  /// Puts a layer in its place; before the first walk.
  void set(LayerId place, Layer& layer);
  Layer& at(LayerId place) const { return *layers_[static_cast<unsigned>(place)]; }

  /// Puts one more layer into the path, right above `below`, which is the dialog layer or one above
  /// it, and gives it a number. Layers are inserted in the same order on all workers, so that each
  /// has the same number everywhere. Nothing when there are kMaxLayers. Before the first walk.
  std::optional<LayerId> insert(Layer& layer, LayerId below);

  /// Adds a hook around a layer that is in its place; before the first walk. Of several, the first
  /// one added is asked first.
  void before(LayerId place, Walk::Direction direction, BeforeHook hook);
  void after(LayerId place, Walk::Direction direction, AfterHook hook);

  /// Asked once for each message that goes up past the dialog layer: which layers it walks through
  /// from there on (the mask of the optional ones that are off, or that an application does not
  /// want).
  void on_choose(std::function<LayerMask(const Walk&)> choose) { choose_ = std::move(choose); }

  /// Called when a walk gets its id: whoever may have to cancel it takes note.
  void on_hold(std::function<void(const Walk&)> note) { note_hold_ = std::move(note); }

  /// Starts a walk: `walk.layer` is the first layer to see it, in `walk.direction`.
  void launch(Walk walk);
  /// Starts several that rise, in three stages: through L0 and L1, to below routing, the rest of
  /// the way. The code of a stage is read into the processor's cache once for all of them. They
  /// keep their order in each; of one call, the first has gone all its way, or waits, before L2
  /// sees the next one. Afterwards they are empty.
  void launch(std::span<Walk> walks);
  /// Starts a walk down from `origin`: the layer below it is the first to see it.
  void launch_below(LayerId origin, Walk walk);

  /// Gives a walk its id, under which it can be suspended, resumed and cancelled until it ends.
  WalkId hold(Walk& walk);
  /// Goes on with a suspended walk as if its layer had just returned `verdict`. False if it has
  /// ended or is not suspended.
  bool resume(WalkId id, Verdict verdict);
  /// The suspended walk, or nullptr.
  Walk* suspended(WalkId id);
  /// Runs the walk's cancel hook, once. False if it is not suspended or has none.
  bool cancel(WalkId id);

  std::size_t held() const { return held_.size(); }

 private:
  static constexpr auto kNowhere = static_cast<LayerId>(kMaxLayers);  // no layer's number

  struct Held {
    Walk walk;
    bool suspended = false;
  };

  void go(Walk& walk) { go_to(walk, kNowhere); }
  bool go_to(Walk& walk, LayerId layer);  // false: the walk has left before
  std::span<Walk> rise_to(std::span<Walk> walks, LayerId layer);
  bool advance(Walk& walk, Verdict verdict);  // false: the walk has left
  void step_up(Walk& walk);
  bool step_down(Walk& walk);
  void park(Walk& walk);
  void end(Walk& walk);

  HookedLayer& hooked(LayerId place, Walk::Direction direction);

  std::array<Layer*, kMaxLayers> layers_{};
  std::array<Layer*, kMaxLayers> rising_{}, falling_{};  // what walks go through: hooks around it
  std::array<std::unique_ptr<HookedLayer>, kMaxLayers> hooked_;
  std::array<LayerId, kMaxLayers> above_{}, below_{};  // the neighbours of each
  unsigned count_ = kLayers;
  std::function<LayerMask(const Walk&)> choose_;
  std::function<void(const Walk&)> note_hold_;
  base::SlotTable<Held, WalkTag> held_;
};

}  // namespace opensips::loop
