#pragma once

#include <array>
#include <cstddef>
#include <functional>

#include "base/slot_table.hh"
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

  /// Asked once for each message that goes up past the dialog layer: which layers it walks through
  /// from there on (the mask of the optional ones that are off, or that an application does not
  /// want).
  void on_choose(std::function<LayerMask(const Walk&)> choose) { choose_ = std::move(choose); }

  /// Called when a walk gets its id: whoever may have to cancel it takes note.
  void on_hold(std::function<void(const Walk&)> note) { note_hold_ = std::move(note); }

  /// Starts a walk: `walk.layer` is the first layer to see it, in `walk.direction`.
  void launch(Walk walk);

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
  struct Held {
    Walk walk;
    bool suspended = false;
  };

  void go(Walk& walk);
  bool advance(Walk& walk, Verdict verdict);  // false: the walk has left
  void step_up(Walk& walk);
  bool step_down(Walk& walk);
  void park(Walk& walk);
  void end(Walk& walk);

  std::array<Layer*, kLayers> layers_{};
  std::function<LayerMask(const Walk&)> choose_;
  std::function<void(const Walk&)> note_hold_;
  base::SlotTable<Held, WalkTag> held_;
};

}  // namespace opensips::loop
