#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lp_routing/functions/function.hh"
#include "lp_routing/functions/program.hh"
#include "lp_routing/functions/table.hh"
#include "lp_routing/lua/vm.hh"
#include "lp_routing/traces.hh"

struct lua_State;

namespace opensips::routing::lua {

/// What runs in a state at the moment; set by who runs it.
struct Moment {
  lua_State* coroutine = nullptr;  ///< the one that may wait
  Run* run = nullptr;
  Places place = 0;
  int handler = 0;               ///< its place in the registry
  std::shared_ptr<Trace> trace;  ///< who follows what it does; mostly nobody
};

/// The fields of one kind of object, by the address of their name as lua_topointer() gives it: Lua
/// has each text only once. The names must be kept alive in the state.
class Getters {
 public:
  void add(const void* name, const Function& getter);
  const Function* find(const void* name) const {
    std::size_t at = hash(name);
    while (places_[at].name != name && places_[at].name) at = (at + 1) % kPlaces;
    return places_[at].getter;
  }

 private:
  struct Place {
    const void* name = nullptr;
    const Function* getter = nullptr;
  };
  static constexpr std::size_t kPlaces = 64;  // at least twice as many as any object has fields
  static std::size_t hash(const void* name) {
    return (reinterpret_cast<std::uintptr_t>(name) >> 4) % kPlaces;
  }

  std::array<Place, kPlaces> places_{};
  std::size_t used_ = 0;
};

/// Makes the rows of a FunctionTable callable in one state: the table `sip`, those of modules,
/// and the metatables of all objects.
class Bindings {
 public:
  Bindings(Vm& vm, Program& program, const FunctionTable& functions);

  /// Makes the metatables, and the tables of `sip` and of modules, which go to `require`. Under
  /// Vm::protect(), after open_modules().
  void install(lua_State* state);

  /// For the rest of its life. Must be set before a handler runs.
  void set_services(Services& services) { services_ = &services; }

  /// The state's moment; restore what was there when it is over.
  Moment* moment = nullptr;

  /// Why the function called last has left its coroutine: it waits, or the handler is to end.
  /// Asking takes it back.
  enum class Leaving : std::uint8_t { no, waits, ends };
  Leaving take_leaving() { return std::exchange(leaving_, Leaving::no); }
  /// What a wait brings, for as long as the coroutine is being resumed.
  Value* result = nullptr;

  /// Until the result of the call that is being made has been pushed.
  std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }

  /// Where the state that makes the present call has its stack.
  lua_State* caller() const { return caller_; }

 private:
  static Bindings& of(lua_State* state) { return *static_cast<Bindings*>(Vm::of(state).owner()); }
  static int on_index(lua_State* state);
  static int on_element(lua_State* state, const Function& row);
  static int on_assign(lua_State* state);
  static int on_call(lua_State* state);
  static int on_text(lua_State* state);
  static int on_concat(lua_State* state);
  static int on_unknown(lua_State* state);
  static int on_result(lua_State* state);

  void make_metatable(lua_State* state, ObjectKind kind);
  void make_table(lua_State* state, ObjectKind kind);
  static void put_into_sip(lua_State* state, std::string_view name);
  void push_callable(lua_State* state, const Function& function);
  int push_printed(lua_State* state, int index);

  int invoke(lua_State* state, const Function& function, const Object& self, int first);
  void note(lua_State* state, const Function& function, int first) const;
  int forbidden(lua_State* state, const Function& function, const Object& self);
  int deliver(lua_State* state, Value&& given);
  void push_run_table(lua_State* state) const;

  Vm& vm_;
  Program& program_;
  const FunctionTable& functions_;
  std::vector<Getters> getters_;  // by ObjectKind
  Services* services_ = nullptr;
  lua_State* caller_ = nullptr;
  std::deque<std::string> kept_;
  Leaving leaving_ = Leaving::no;
};

/// Puts "file:line: " of the script's line that called before the text on the top of the stack, and
/// raises it.
int raise(lua_State* state);

}  // namespace opensips::routing::lua
