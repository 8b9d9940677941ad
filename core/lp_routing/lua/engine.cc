#include "lp_routing/lua/engine.hh"

#include <algorithm>
#include <utility>

#include <lua.hpp>

#include <fmt/format.h>

#include "lp_routing/event_value.hh"
#include "lp_routing/lua/convert.hh"
#include "lp_routing/lua/modules.hh"
#include "lp_routing/lua/sandbox.hh"
#include "lp_routing/lua/script_error.hh"
#include "lp_routing/witness.hh"

namespace opensips::routing::lua {
namespace {

// What a handler's coroutine runs. The request's object is made in there: without memory for it the
// handler fails.
constexpr char kEntrance[] =
    "local enter = ... local function begin(handler, ...) return handler(...) end "
    "return function() return begin(enter()) end";

constexpr std::size_t kMaxInterned = 1000;

/// Gives a place in the registry back, and forgets it.
void unref(lua_State* state, int& place) {
  if (place != 0) luaL_unref(state, LUA_REGISTRYINDEX, std::exchange(place, 0));
}

/// Pushes the function and the arguments that Engine::keep_task() has put together.
int push_task(lua_State* state, const Run& run) {
  lua_rawgeti(state, LUA_REGISTRYINDEX, run.task);
  const int table = lua_gettop(state);
  lua_rawgeti(state, table, 0);
  const int count = static_cast<int>(lua_tointeger(state, -1));
  lua_pop(state, 1);
  luaL_checkstack(state, count, nullptr);
  for (int i = 1; i <= count; ++i) lua_rawgeti(state, table, i);
  return count;
}

}  // namespace

Engine::Engine(const Settings& settings, std::unique_ptr<Vm> vm)
    : settings_(settings),
      vm_(std::move(vm)),
      bindings_(*vm_, *this, *settings_.functions),
      coroutines_(*vm_) {}

Engine::~Engine() = default;

std::string Engine::check(const Settings& settings, Files& files) {
  const auto engine = make(settings, files);
  return engine ? std::string() : engine.error();
}

std::expected<std::unique_ptr<Engine>, std::string> Engine::load(const Settings& settings,
                                                                 Services& services, Files& files) {
  auto engine = make(settings, files);
  if (!engine) return engine;
  (*engine)->bindings_.set_services(services);
  if (auto started = (*engine)->start_up(); !started) return std::unexpected(started.error());
  (*engine)->vm_->set_time_limit(settings.limits.time);
  return engine;
}

/// The script with its top level run.
std::expected<std::unique_ptr<Engine>, std::string> Engine::make(const Settings& settings,
                                                                 Files& files) {
  const auto& source = files.read(settings.script);
  if (!source)
    return std::unexpected(fmt::format("{}: {}", settings.script, source.error().reason));
  VmLimits limits = settings.limits;
  limits.time = settings.load_time;
  auto vm = Vm::make(limits);
  if (!vm) return std::unexpected(settings.script + ": not enough memory for a Lua state");
  std::unique_ptr<Engine> engine(new Engine(settings, std::move(vm)));
  if (auto ready = engine->set_up(files); !ready) {
    return std::unexpected(fmt::format("{}: {}", settings.script, ready.error()));
  }
  if (auto ran = engine->run_script(*source); !ran) return std::unexpected(ran.error());
  if (!engine->handles(Handler::request)) {
    return std::unexpected(fmt::format(
        "{}: the script handles no requests, expected sip.on_request(function(req) … end)",
        settings.script));
  }
  return engine;
}

std::expected<void, std::string> Engine::set_up(Files& files) {
  const auto enter = [](lua_State* state) {
    auto& bindings = *static_cast<Bindings*>(Vm::of(state).owner());
    const Moment& moment = *bindings.moment;
    if (moment.place == routing::place_of(Handler::task)) return push_task(state, *moment.run);
    lua_rawgeti(state, LUA_REGISTRYINDEX, moment.handler);
    const Run* const run = moment.run;
    if (!run) return 1;
    if (run->handler == Handler::dialog) {
      push_object(state, {.kind = ObjectKind::dialog, .dialog = run->dialog});
      lua_pushlstring(state, run->event.data(), run->event.size());
      return 3;
    }
    if (run->handler == Handler::event) {
      push_data(state, table_of(*run->happened));
      push_data(state, std::string_view(run->happened->name));
      return 3;
    }
    const bool of_response = run->handler == Handler::response;
    if (of_response) {
      push_object(state, {.kind = ObjectKind::response, .response = 0, .run = run->id});
    }
    push_object(state, {.kind = ObjectKind::request, .run = run->id});
    return of_response ? 3 : 2;
  };
  return vm_->protect([&](lua_State* state) {
    open_libraries(state);
    open_modules(state, search_path(settings_.lua_path), files);
    bindings_.install(state);
    if (luaL_loadbuffer(state, kEntrance, sizeof kEntrance - 1, "=opensips") != 0) lua_error(state);
    lua_pushcfunction(state, enter);
    lua_call(state, 1, 1);
    entrance_ = luaL_ref(state, LUA_REGISTRYINDEX);
    // The list of places that were given back is made now, so that giving one back needs no memory.
    lua_pushboolean(state, 0);
    luaL_unref(state, LUA_REGISTRYINDEX, luaL_ref(state, LUA_REGISTRYINDEX));
  });
}

/// Runs the top level, in a coroutine: there it can be interrupted.
std::expected<void, std::string> Engine::run_script(const std::string& source) {
  Coroutine* const coroutine = coroutines_.take();
  if (!coroutine) return std::unexpected(settings_.script + ": not enough memory");
  lua_State* const thread = coroutine->thread;
  std::string syntax;
  const auto compile = [&](lua_State* state) {
    const std::string name = "@" + settings_.script;
    const int status = luaL_loadbufferx(state, source.data(), source.size(), name.c_str(), "t");
    if (status == 0) return lua_xmove(state, thread, 1);
    const char* const why = lua_tostring(state, -1);
    syntax = with_column(why ? why : "cannot be compiled", settings_.script, source);
  };
  if (auto compiled = vm_->protect(compile); !compiled) {
    return std::unexpected(settings_.script + ": " + compiled.error());
  }
  if (!syntax.empty()) return std::unexpected(syntax);
  coroutine->moment.place = kTopLevel;
  if (go(*coroutine, coroutine->moment, 0) == Progress::finished) return {};
  return std::unexpected(last_error_);
}

bool Engine::set_handler(Handler handler, Value::Callback function) {
  int& place = handlers_[static_cast<unsigned>(handler)];
  if (place != 0) return false;
  lua_State* const caller = bindings_.caller();
  lua_pushvalue(caller, function.number);
  place = luaL_ref(caller, LUA_REGISTRYINDEX);
  return true;
}

void Engine::set_handler(Run& run, Handler handler, std::optional<Value::Callback> function) {
  auto& kept = run.kept_with_request();
  int& place = handler == Handler::branch ? kept.on_branch : kept.on_response;
  lua_State* const caller = bindings_.caller();
  unref(caller, place);
  if (!function) return;
  lua_pushvalue(caller, function->number);
  place = luaL_ref(caller, LUA_REGISTRYINDEX);
}

void Engine::release(Run& run) {
  lua_State* const state = vm_->state();
  for (int* const place : {&run.kept.table, &run.kept.on_branch, &run.kept.on_response}) {
    unref(state, *place);
  }
}

bool Engine::set_event_handler(std::string_view event, Value::Callback function) {
  if (std::ranges::find(event_names_, event) != event_names_.end()) return false;
  lua_State* const caller = bindings_.caller();
  lua_pushvalue(caller, function.number);
  event_handlers_.push_back(luaL_ref(caller, LUA_REGISTRYINDEX));
  event_names_.emplace_back(event);
  return true;
}

std::optional<std::uint32_t> Engine::intern(std::string_view text) {
  const auto found = std::ranges::find(interned_, text);
  const auto number = static_cast<std::uint32_t>(found - interned_.begin());
  if (found != interned_.end()) return number;
  if (interned_.size() == kMaxInterned) return std::nullopt;
  interned_.emplace_back(text);
  return number;
}

void Engine::add_timer(std::chrono::milliseconds period, Value::Callback function,
                       bool each_worker) {
  timers_.push_back({period, each_worker, keep_task(function, 0)});
}

/// A table in the registry: the function and its arguments, and at 0 how many they are.
int Engine::keep_task(Value::Callback function, std::size_t arguments) {
  lua_State* const caller = bindings_.caller();
  const int count = static_cast<int>(arguments) + 1;
  lua_createtable(caller, count, 1);
  lua_pushinteger(caller, count);
  lua_rawseti(caller, -2, 0);
  for (int i = 0; i < count; ++i) {
    lua_pushvalue(caller, function.number + i);
    lua_rawseti(caller, -2, i + 1);
  }
  return luaL_ref(caller, LUA_REGISTRYINDEX);
}

bool Engine::handles(Handler handler) const {
  return handlers_[static_cast<unsigned>(handler)] != 0;
}

std::expected<void, std::string> Engine::start_up() {
  if (!handles(Handler::startup)) return {};
  Coroutine* const coroutine = coroutines_.take();
  if (!coroutine) return std::unexpected(settings_.script + ": not enough memory");
  prepare(*coroutine, Handler::startup, nullptr);
  if (go(*coroutine, coroutine->moment, 0) == Progress::finished) return {};
  return std::unexpected("in sip.on_startup: " + last_error_);
}

/// Where the function is that a run begins with: the request's own, or the program's; a task's has
/// a place of its own.
int Engine::handler_of(Handler handler, const Run* run) const {
  if (handler == Handler::event) {
    const auto name = std::ranges::find(event_names_, run->happened->name);
    return event_handlers_[static_cast<std::size_t>(name - event_names_.begin())];
  }
  if (run && run->request_run) {
    const auto& kept = run->request_run->kept;
    const int own = handler == Handler::branch ? kept.on_branch : kept.on_response;
    if (own != 0) return own;
  }
  return handlers_[static_cast<unsigned>(handler)];
}

/// Makes the coroutine ready to run a handler.
void Engine::prepare(Coroutine& coroutine, Handler handler, Run* run) {
  coroutine.moment.run = run;
  coroutine.moment.place = routing::place_of(handler);
  coroutine.moment.handler = handler_of(handler, run);
  coroutine.moment.trace = run && settings_.traces ? settings_.traces->begin(*run) : nullptr;
  lua_rawgeti(coroutine.thread, LUA_REGISTRYINDEX, entrance_);
}

Engine::Progress Engine::start(Run& run) {
  Coroutine* const coroutine = coroutines_.take();
  if (!coroutine) {
    log_failure(run, "not enough memory");
    if (run.task_once) luaL_unref(vm_->state(), LUA_REGISTRYINDEX, run.task);
    vm_->collect();
    return Progress::failed;
  }
  run.engine_state = coroutine;
  prepare(*coroutine, run.handler, &run);
  const Progress progress = go(*coroutine, coroutine->moment, 0);
  if (run.task_once) luaL_unref(vm_->state(), LUA_REGISTRYINDEX, run.task);
  return progress;
}

Engine::Progress Engine::resume(Run& run, Value result) {
  auto& coroutine = *static_cast<Coroutine*>(run.engine_state);
  if (run.witness) result = run.witness->woken(run, std::move(result));
  if (const auto& trace = coroutine.moment.trace) trace->wake(result);
  bindings_.result = &result;
  lua_pushlightuserdata(coroutine.thread, this);
  const Progress progress = go(coroutine, coroutine.moment, 1);
  bindings_.result = nullptr;
  return progress;
}

void Engine::abandon(Run& run) {
  auto* const coroutine = static_cast<Coroutine*>(std::exchange(run.engine_state, nullptr));
  if (coroutine) coroutines_.discard(*coroutine);
}

std::string Engine::place_of(const Run& run) const {
  const auto* const coroutine = static_cast<const Coroutine*>(run.engine_state);
  return coroutine ? vm_->place_in(coroutine->thread) : std::string();
}

Engine::Progress Engine::go(Coroutine& coroutine, Moment& moment, int arguments) {
  Moment* const before = std::exchange(bindings_.moment, &moment);
  vm_->start_clock();
  const int status = lua_resume(coroutine.thread, arguments);
  bindings_.moment = before;
  const auto leaving = bindings_.take_leaving();
  const bool left = status == LUA_YIELD && !vm_->overrun();
  if (left && leaving == Bindings::Leaving::waits) {
    if (moment.trace) moment.trace->wait();
    return Progress::waiting;
  }
  if (moment.run) moment.run->engine_state = nullptr;
  if (moment.trace && (status == 0 || left)) moment.trace->end({});
  if (left && leaving == Bindings::Leaving::ends) {
    coroutines_.discard(coroutine);  // it would go on behind the function
    return Progress::finished;
  }
  if (status != 0) return fail(coroutine, moment, status);
  coroutines_.give_back(coroutine);
  return Progress::finished;
}

Engine::Progress Engine::fail(Coroutine& coroutine, const Moment& moment, int status) {
  const std::string what = describe(coroutine, status);
  vm_->start_clock();
  if (moment.trace) moment.trace->end(what);
  if (moment.run) {
    log_failure(*moment.run, what);
  } else {
    last_error_ = what;
  }
  coroutines_.discard(coroutine);
  // What it has left behind should not make the next one fail.
  if (status == LUA_ERRMEM) vm_->collect();
  return Progress::failed;
}

std::string Engine::describe(Coroutine& coroutine, int status) {
  if (vm_->overrun()) {
    return fmt::format("{}: stopped, {}", vm_->overrun_at(), vm_->overrun_why());
  }
  if (status == LUA_YIELD)
    return settings_.script + ": coroutine.yield outside of a coroutine of the script's own";
  if (status == LUA_ERRMEM) {
    return fmt::format("{}: not enough memory (limit {} bytes)", settings_.script,
                       settings_.limits.memory);
  }
  std::string text;
  const auto trace = [&](lua_State* state) {
    lua_State* const thread = coroutine.thread;
    const char* why = lua_tostring(thread, -1);
    if (!why) why = lua_pushfstring(state, "an error that is a %s", luaL_typename(thread, -1));
    luaL_traceback(state, thread, nullptr, 0);
    const std::string where = one_line(lua_tostring(state, -1));
    text = where.empty() ? why : fmt::format("{} (at {})", why, where);
  };
  if (!vm_->protect(trace)) text = "not enough memory to say what went wrong";
  return text;
}

void Engine::log_failure(const Run& run, const std::string& what) {
  constexpr std::string_view kNames[] = {
      "on_request", "on_in_dialog", "on_startup",  "on_task",  "on_dialog_request",
      "on_dialog",  "on_branch",    "on_response", "on_event", "on_local_request"};
  static_assert(std::size(kNames) == kHandlers);
  const auto name = kNames[static_cast<unsigned>(run.handler)];
  // One limit for each message with its place: a frequent error does not hide another.
  auto& limit = failures_.of(what.substr(0, what.find('\n')));
  if (!run.request) {
    return base::log_limited(limit, base::LogLevel::err, "script: {} failed: {}",
                             run.handler == Handler::task ? "a function without a request" : name,
                             what);
  }
  base::log_limited(limit, base::LogLevel::err, "script: {} failed for {}, call {}: {}", name,
                    run.request->method_text(), run.request->call_id(), what);
}

}  // namespace opensips::routing::lua
