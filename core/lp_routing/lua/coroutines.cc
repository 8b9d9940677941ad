#include "lp_routing/lua/coroutines.hh"

#include <lua.hpp>

namespace opensips::routing::lua {

Coroutine* Coroutines::take() {
  if (idle_.empty()) {
    int anchor = 0;
    // The place is filled now, so that emptying and filling it later needs no memory.
    const auto reserve = [&](lua_State* state) {
      lua_pushboolean(state, 0);
      anchor = luaL_ref(state, LUA_REGISTRYINDEX);
    };
    if (!vm_.protect(reserve)) return nullptr;
    all_.push_back({.anchor = anchor});
    idle_.push_back(&all_.back());
  }
  Coroutine* const coroutine = idle_.back();
  if (!coroutine->thread && !make_thread(*coroutine)) return nullptr;
  idle_.pop_back();
  return coroutine;
}

bool Coroutines::make_thread(Coroutine& coroutine) {
  const auto make = [&](lua_State* state) {
    lua_State* const thread = lua_newthread(state);
    lua_rawseti(state, LUA_REGISTRYINDEX, coroutine.anchor);
    coroutine.thread = coroutine.moment.coroutine = thread;
  };
  return vm_.protect(make).has_value();
}

void Coroutines::give_back(Coroutine& coroutine) {
  if (idle_.size() >= kMaxIdle) return discard(coroutine);
  lua_settop(coroutine.thread, 0);
  coroutine.moment.run = nullptr;
  coroutine.moment.trace.reset();
  idle_.push_back(&coroutine);
}

void Coroutines::discard(Coroutine& coroutine) {
  forget(coroutine.anchor);
  coroutine.moment.run = nullptr;
  coroutine.moment.trace.reset();
  coroutine.thread = coroutine.moment.coroutine = nullptr;
  idle_.push_back(&coroutine);
}

void Coroutines::forget(int place) {
  lua_pushboolean(vm_.state(), 0);
  lua_rawseti(vm_.state(), LUA_REGISTRYINDEX, place);
}

}  // namespace opensips::routing::lua
