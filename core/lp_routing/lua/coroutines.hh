#pragma once

#include <deque>
#include <vector>

#include "lp_routing/lua/bindings.hh"
#include "lp_routing/lua/vm.hh"

namespace opensips::routing::lua {

/// A coroutine that runs handlers, one after the other.
struct Coroutine {
  lua_State* thread = nullptr;  ///< none: to be made when it is needed
  int anchor = 0;               ///< the place in the registry that keeps it alive
  Moment moment;
};

/// The coroutines of one state. A handler that has ended leaves its coroutine to the next; one that
/// failed takes it with it.
class Coroutines {
 public:
  explicit Coroutines(Vm& vm) : vm_(vm) {}

  /// One with an empty stack; nullptr if there is no memory for it.
  Coroutine* take();
  /// Its handler has ended.
  void give_back(Coroutine& coroutine);
  /// What its handler has left behind is not to be touched any more.
  void discard(Coroutine& coroutine);

 private:
  static constexpr std::size_t kMaxIdle = 256;

  bool make_thread(Coroutine& coroutine);
  void forget(int place);

  Vm& vm_;
  std::deque<Coroutine> all_;
  std::vector<Coroutine*> idle_;
};

}  // namespace opensips::routing::lua
