#include "lp_routing/lua/bindings.hh"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <iterator>
#include <new>
#include <string>
#include <utility>

#include <lua.hpp>

#include <fmt/format.h>

#include "lp_routing/functions/outside.hh"
#include "lp_routing/functions/places.hh"
#include "lp_routing/functions/printed.hh"
#include "lp_routing/functions/suggest.hh"
#include "lp_routing/lua/convert.hh"
#include "lp_routing/lua/modules.hh"
#include "lp_routing/witness.hh"

namespace opensips::routing::lua {
namespace {

constexpr int kRaise = -1;
constexpr int kYield = -2;

// Turns a function that waits into one that gives what the wait brings: a C function cannot go on
// after its yield. Its name marks its frames as none of the script's.
constexpr char kWaiter[] =
    "local result = ... return function(begin) return function(...) return result(begin(...)) end "
    "end";

/// The arguments of a call, converted; the room is on the stack.
class Arguments {
 public:
  static constexpr int kMax = 24;
  Arguments() = default;
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  ~Arguments() {
    for (int i = 0; i < size_; ++i) data()[i].~Value();
  }
  Value& add() { return *new (&room_[sizeof(Value) * static_cast<std::size_t>(size_++)]) Value; }
  Value* data() { return std::launder(reinterpret_cast<Value*>(room_)); }
  std::span<const Value> all() { return {data(), static_cast<std::size_t>(size_)}; }

 private:
  alignas(Value) unsigned char room_[sizeof(Value) * kMax];
  int size_ = 0;
};

const Function& function_of(lua_State* state) {
  return *static_cast<const Function*>(lua_touserdata(state, lua_upvalueindex(1)));
}

void push_text(lua_State* state, std::string_view text) {
  lua_pushlstring(state, text.data(), text.size());
}

int push_error(lua_State* state, const std::string& text) {
  push_text(state, text);
  return kRaise;
}

/// What invoke() asks for, when its objects have been destroyed.
int leave(lua_State* state, int results) {
  if (results == kRaise) return raise(state);
  return results == kYield ? lua_yield(state, 0) : results;
}

/// Where the script is: the innermost function that is the script's own.
bool find_line(lua_State* state, lua_Debug& record) {
  for (int level = 0; lua_getstack(state, level, &record); ++level) {
    if (!lua_getinfo(state, "Sl", &record) || record.currentline < 0) continue;
    if (std::strcmp(record.short_src, "opensips") != 0) return true;
  }
  return false;
}

/// "route.lua:12", without the folder.
std::string line_of_caller(lua_State* state) {
  lua_Debug record{};
  if (!find_line(state, record)) return {};
  std::string_view file = record.short_src;
  file.remove_prefix(file.rfind('/') + 1);
  return fmt::format("{}:{}", file, record.currentline);
}

}  // namespace

int raise(lua_State* state) {
  lua_Debug record{};
  if (find_line(state, record)) {
    lua_pushfstring(state, "%s:%d: ", record.short_src, record.currentline);
    lua_insert(state, -2);
    lua_concat(state, 2);
  }
  return lua_error(state);
}

void Getters::add(const void* name, const Function& getter) {
  ++used_;
  assert(used_ < kPlaces / 2);
  std::size_t at = hash(name);
  while (places_[at].name) at = (at + 1) % kPlaces;
  places_[at] = {name, &getter};
}

Bindings::Bindings(Vm& vm, Program& program, const FunctionTable& functions)
    : vm_(vm), program_(program), functions_(functions), getters_(functions.kinds()) {
  vm.set_owner(this);
  vm.metatables.resize(functions.kinds());
}

void Bindings::install(lua_State* state) {
  if (luaL_loadbuffer(state, kWaiter, sizeof kWaiter - 1, "=opensips") != 0) lua_error(state);
  lua_pushcfunction(state, on_result);
  lua_call(state, 1, 1);  // stays at the bottom: push_callable() uses it
  lua_insert(state, 1);
  for (unsigned number = 0; number < functions_.kinds(); ++number) {
    const auto kind = static_cast<ObjectKind>(number);
    if (!functions_.is_table(kind)) make_metatable(state, kind);
  }
  for (unsigned number = 0; number < functions_.kinds(); ++number) {
    const auto kind = static_cast<ObjectKind>(number);
    if (!functions_.is_table(kind)) continue;
    make_table(state, kind);        // it may hold objects
    if (kind == ObjectKind::sip) {  // no program does without it
      lua_pushvalue(state, -1);
      lua_setglobal(state, "sip");
    }
    put_into_sip(state, functions_.name(kind));
    add_module(state, functions_.name(kind));
  }
}

/// The table on the top of the stack, called "sip.name", becomes a field of `sip`; others are not.
void Bindings::put_into_sip(lua_State* state, std::string_view name) {
  constexpr std::string_view kPrefix = "sip.";
  if (!name.starts_with(kPrefix)) return;
  lua_getglobal(state, "sip");
  push_text(state, name.substr(kPrefix.size()));
  lua_pushvalue(state, -3);
  lua_rawset(state, -3);
  lua_pop(state, 1);
}

/// A C closure for the row; of one that waits, wrapped.
void Bindings::push_callable(lua_State* state, const Function& function) {
  if (function.waits) lua_pushvalue(state, 1);
  lua_pushlightuserdata(state, const_cast<Function*>(&function));
  lua_pushcclosure(state, on_call, 1);
  if (function.waits) lua_call(state, 1, 1);
}

void Bindings::make_metatable(lua_State* state, ObjectKind kind) {
  lua_newtable(
      state);  // what can be read: a closure for a method; a row keeps the name of a field alive
  lua_newtable(state);  // what can be assigned
  for (const Function& function : functions_.rows(kind)) {
    if (function.kind >= Function::Kind::text) continue;
    lua_pushlstring(state, function.name.data(), function.name.size());
    if (function.kind == Function::Kind::method || function.kind == Function::Kind::function) {
      push_callable(state, function);
    } else {
      if (function.kind == Function::Kind::getter) {
        getters_[static_cast<unsigned>(kind)].add(lua_topointer(state, -1), function);
      }
      lua_pushlightuserdata(state, const_cast<Function*>(&function));
    }
    lua_rawset(state, function.kind == Function::Kind::setter ? -3 : -4);
  }
  lua_createtable(state, 0, 6);
  lua_insert(state, -3);
  lua_pushinteger(state, static_cast<int>(kind));
  lua_pushcclosure(state, on_assign, 2);
  lua_setfield(state, -3, "__newindex");
  lua_pushinteger(state, static_cast<int>(kind));
  lua_pushcclosure(state, on_index, 2);
  lua_setfield(state, -2, "__index");
  lua_pushcfunction(state, on_text);
  lua_setfield(state, -2, "__tostring");
  lua_pushcfunction(state, on_concat);
  lua_setfield(state, -2, "__concat");
  push_text(state, functions_.name(kind));
  lua_setfield(state, -2, "__metatable");
  vm_.metatables[static_cast<unsigned>(kind)] = luaL_ref(state, LUA_REGISTRYINDEX);
}

/// `sip` and the like are plain tables: their functions are found without a call of C.
void Bindings::make_table(lua_State* state, ObjectKind kind) {
  lua_newtable(state);
  for (const Function& function : functions_.rows(kind)) {
    lua_pushlstring(state, function.name.data(), function.name.size());
    if (function.kind == Function::Kind::getter) {
      Call call{function, program_, nullptr, nullptr, {}};
      push_data(state, function.thunk(call, {}));
    } else {
      push_callable(state, function);
    }
    lua_rawset(state, -3);
  }
  lua_newtable(state);
  for (const char* const event : {"__index", "__newindex"}) {
    lua_pushinteger(state, static_cast<int>(kind));
    lua_pushcclosure(state, on_unknown, 1);
    lua_setfield(state, -2, event);
  }
  push_text(state, functions_.name(kind));
  lua_setfield(state, -2, "__metatable");
  lua_setmetatable(state, -2);
}

int Bindings::on_unknown(lua_State* state) {
  {
    const char* const key = luaL_checkstring(state, 2);
    const auto kind = static_cast<ObjectKind>(lua_tointeger(state, lua_upvalueindex(1)));
    push_error(state, unknown_field(of(state).functions_, kind, key));
  }
  return raise(state);
}

/// A name of the program's own: it and what may be assigned are the arguments.
int Bindings::on_element(lua_State* state, const Function& row) {
  return leave(state, of(state).invoke(state, row, *object_at(state, 1), 2));
}

int Bindings::on_index(lua_State* state) {
  const auto& self = *static_cast<const Object*>(lua_touserdata(state, 1));
  Bindings& bindings = of(state);
  const auto& getters = bindings.getters_[static_cast<unsigned>(self.kind)];
  if (const Function* const getter = getters.find(lua_topointer(state, 2))) {
    return leave(state, bindings.invoke(state, *getter, self, 3));
  }
  lua_pushvalue(state, 2);
  lua_rawget(state, lua_upvalueindex(1));
  if (!lua_isnil(state, -1)) return 1;
  if (const auto* const row = bindings.functions_.element_row(self.kind, false)) {
    lua_settop(state, 2);
    return on_element(state, *row);
  }
  {
    const char* const key = luaL_checkstring(state, 2);
    const auto kind = static_cast<ObjectKind>(lua_tointeger(state, lua_upvalueindex(2)));
    push_error(state, unknown_field(bindings.functions_, kind, key));
  }
  return raise(state);
}

int Bindings::on_assign(lua_State* state) {
  lua_pushvalue(state, 2);
  lua_rawget(state, lua_upvalueindex(1));
  if (const void* const row = lua_touserdata(state, -1)) {
    lua_pop(state, 1);
    const auto& function = *static_cast<const Function*>(row);
    return leave(state, of(state).invoke(state, function, *object_at(state, 1), 3));
  }
  if (const auto* const row = of(state).functions_.element_row(object_at(state, 1)->kind, true)) {
    lua_settop(state, 3);
    return on_element(state, *row);
  }
  {
    const char* const key = luaL_checkstring(state, 2);
    const auto kind = static_cast<ObjectKind>(lua_tointeger(state, lua_upvalueindex(2)));
    push_error(state, unassignable_field(of(state).functions_, kind, key));
  }
  return raise(state);
}

int Bindings::on_call(lua_State* state) {
  const Function& function = function_of(state);
  if (function.kind == Function::Kind::function) {
    return leave(state, of(state).invoke(state, function, {}, 1));
  }
  const Object* const self = object_at(state, 1);
  if (self && self->kind == function.object) {
    return leave(state, of(state).invoke(state, function, *self, 2));
  }
  push_error(state, fmt::format("{}: call it with a colon: {}:{}(…)", function.full_name(),
                                function.object_name(), function.name));
  return raise(state);
}

/// Pushes a value as text, an object as tostring() gives it.
int Bindings::push_printed(lua_State* state, int index) {
  const Object* const object = object_at(state, index);
  if (!object) {
    if (lua_isstring(state, index)) {
      lua_pushvalue(state, index);
      return 1;
    }
    return push_error(
        state, fmt::format("attempt to concatenate a {} value", luaL_typename(state, index)));
  }
  static constexpr Function kPrint{
      Function::Kind::text, ObjectKind::sip, "tostring", "", "", kAnywhere, false, "", {}, nullptr};
  const Call call{kPrint, program_, services_, moment ? moment->run : nullptr, *object};
  const std::string text = printed(call, *object);
  lua_pushlstring(state, text.data(), text.size());
  return 1;
}

int Bindings::on_text(lua_State* state) {
  return leave(state, of(state).push_printed(state, 1));
}

int Bindings::on_concat(lua_State* state) {
  for (const int side : {1, 2}) {
    if (of(state).push_printed(state, side) == kRaise) return raise(state);
  }
  lua_concat(state, 2);
  return 1;
}

/// Behind a wait: its marker becomes its result; what a function gave without waiting passes.
int Bindings::on_result(lua_State* state) {
  Bindings& self = of(state);
  if (lua_type(state, 1) != LUA_TLIGHTUSERDATA || !self.result) return lua_gettop(state);
  return leave(state, self.deliver(state, std::move(*std::exchange(self.result, nullptr))));
}

/// Why the call may not be made here and now; 0 if it may.
int Bindings::forbidden(lua_State* state, const Function& function, const Object& self) {
  if (self.run && (!moment->run || self.run != moment->run->id)) {
    return push_error(state, fmt::format("{}: this request has ended", function.full_name()));
  }
  if (!(function.places & moment->place)) {
    const auto where = where_is(moment->place);
    return push_error(state, fmt::format("{} cannot be used {}", function.full_name(), where));
  }
  if (function.waits && state != moment->coroutine) {
    return push_error(
        state, fmt::format("{} waits, which only the handler itself can do, not a coroutine that "
                           "the script made",
                           function.full_name()));
  }
  return 0;
}

/// For who follows what the script does. Of arguments only what goes into messages: others may be
/// secrets.
void Bindings::note(lua_State* state, const Function& function, int first) const {
  std::string arguments;
  const bool shows =
      function.object == ObjectKind::request || function.object == ObjectKind::response;
  const int last = shows && function.kind == Function::Kind::method ? lua_gettop(state) : 0;
  for (int i = first; i <= last; ++i) {
    if (i > first) arguments += ", ";
    if (lua_type(state, i) == LUA_TSTRING) {
      arguments += lua_tostring(state, i);
    } else if (lua_type(state, i) == LUA_TNUMBER) {
      arguments += fmt::format("{}", lua_tonumber(state, i));
    } else {
      arguments += luaL_typename(state, i);
    }
  }
  moment->trace->call(function, arguments, line_of_caller(state), *moment->run);
}

/// Calls the row with the arguments from `first` on. How many results are on the stack, or kRaise,
/// or kYield.
int Bindings::invoke(lua_State* state, const Function& function, const Object& self, int first) {
  if (moment->trace) [[unlikely]] {
    note(state, function, first);
  }
  const bool plain = (function.places & moment->place) && !function.waits &&
                     (!self.run || (moment->run && self.run == moment->run->id));
  if (!plain) {
    if (const int wrong = forbidden(state, function, self)) return wrong;
  }
  Call call{function, program_, services_, moment->run, self};
  caller_ = state;
  Witness* const witness = moment->run ? moment->run->witness.get() : nullptr;
  if (function.kind == Function::Kind::getter && !witness) {
    return deliver(state, function.thunk(call, {}));
  }

  const int last = lua_gettop(state);
  if (last - first >= Arguments::kMax) {
    return push_error(
        state, fmt::format("{}: more than {} arguments", function.full_name(), Arguments::kMax));
  }
  Arguments arguments;
  std::string why;
  for (int i = first; i <= last; ++i) {
    if (!value_at(state, i, arguments.add(), why)) {
      return push_error(
          state, fmt::format("{}: argument {}: {}", function.full_name(), i - first + 1, why));
    }
  }
  if (witness) [[unlikely]] {
    witness->at(line_of_caller(state));
    if (outside(function) != Outside::no) {
      return deliver(state, witness->call(call, arguments.all()));
    }
  }
  return deliver(state, function.thunk(call, arguments.all()));
}

/// Pushes what a function gives.
int Bindings::deliver(lua_State* state, Value&& given) {
  if (const auto* const text = given.get<std::string_view>()) {
    lua_pushlstring(state, text->data(), text->size());
    return 1;
  }
  if (const auto* const object = given.get<Object>()) {
    push_object(state, *object);
    return 1;
  }
  if (auto* const problem = std::get_if<Problem>(&given.any)) {
    lua_pushnil(state);
    lua_pushlstring(state, problem->text.data(), problem->text.size());
    kept_.clear();
    return 2;
  }
  if (auto* const misuse = std::get_if<Misuse>(&given.any)) return push_error(state, misuse->text);
  const bool ends = given.get<Value::End>();
  if (ends || given.get<Value::Wait>()) {
    leaving_ = ends ? Leaving::ends : Leaving::waits;
    return kYield;
  }
  if (auto* const response = std::get_if<Value::Response>(&given.any)) {
    auto& responses = moment->run->responses;
    if (responses.size() == Object::kRequest)
      return push_error(state, "too many forks for one request");
    responses.push_back(std::move(*response));
    push_object(state, {.kind = ObjectKind::response,
                        .response = static_cast<std::uint16_t>(responses.size() - 1),
                        .run = moment->run->id});
    return 1;
  }
  if (given.get<Value::RunTable>()) {
    push_run_table(state);
    return 1;
  }
  push_data(state, given);
  if (!kept_.empty()) kept_.clear();
  return 1;
}

/// The table that the program keeps with the request; made when it is first asked for.
void Bindings::push_run_table(lua_State* state) const {
  int& place = moment->run->kept_with_request().table;
  if (place != 0) return lua_rawgeti(state, LUA_REGISTRYINDEX, place);
  lua_newtable(state);
  lua_pushvalue(state, -1);
  place = luaL_ref(state, LUA_REGISTRYINDEX);
}

}  // namespace opensips::routing::lua
