#include "lp_routing/lua/vm.hh"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <lua.hpp>

#include <fmt/format.h>

#include "base/log.hh"

namespace opensips::routing::lua {
namespace {

// Instructions between two looks at the clock: some 10 us.
constexpr int kInterval = 1000;

// Bytes. LuaJIT bounds Lua's stack, but not what coroutines in coroutines, or functions that a
// string.gsub calls, need of the thread's, of 8 MB: until the next look that may be 2 MB more.
constexpr std::uintptr_t kMaxNesting = 1UL << 20;

// Bytes of a heap that is small, where its limit is no smaller than eight times that.
constexpr std::size_t kSmallHeap = 1UL << 20;

// What is used when the collector begins, in hundredths of what lived when it ended.
constexpr int kPauseOfSmall = 400;
constexpr int kPause = 150;

std::int64_t nanoseconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::uintptr_t stack_here() {
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

int on_panic(lua_State* state) {
  const char* const why = lua_tostring(state, -1);
  base::log_crit("Lua error outside of a protected call: {}", why ? why : "?");
  std::abort();
}

}  // namespace

Vm::Vm(const VmLimits& limits)
    : limits_(limits), small_heap_(std::min(kSmallHeap, limits.memory / 8)) {}

std::unique_ptr<Vm> Vm::make(const VmLimits& limits) {
  std::unique_ptr<Vm> vm(new Vm(limits));
  vm->state_ = lua_newstate(allocate, vm.get());
  if (!vm->state_) return nullptr;
  lua_atpanic(vm->state_, on_panic);
  const auto set_up = [](lua_State* state) {
    luaJIT_setmode(state, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
    lua_sethook(state, on_count, LUA_MASKCOUNT, kInterval);
    lua_pushcfunction(state, run_job);
    of(state).runner_ = luaL_ref(state, LUA_REGISTRYINDEX);
    return 0;
  };
  return lua_cpcall(vm->state_, set_up, nullptr) == 0 ? std::move(vm) : nullptr;
}

Vm::~Vm() {
  if (state_) lua_close(state_);
}

Vm& Vm::of(lua_State* state) {
  void* self = nullptr;
  lua_getallocf(state, &self);
  return *static_cast<Vm*>(self);
}

void* Vm::allocate(void* self, void* block, std::size_t old_size, std::size_t new_size) {
  Vm& vm = *static_cast<Vm*>(self);
  if (new_size == 0) {
    vm.used_ -= old_size;
    if (block) vm.blocks_.give(block, old_size);
    return nullptr;
  }
  const std::size_t used = vm.used_ + new_size - old_size;
  if (new_size > old_size && used > vm.limits_.memory) return nullptr;
  void* const moved =
      block ? vm.blocks_.resize(block, old_size, new_size) : vm.blocks_.take(new_size);
  if (!moved) return nullptr;
  const bool was_small = vm.is_small();
  vm.used_ = used;
  // A single text can make it a large one: what the collector then allows itself is at once less.
  if (was_small && !vm.is_small() && vm.state_) vm.pace_collector();
  return moved;
}

int Vm::run_job(lua_State* state) {
  const Vm& vm = of(state);
  vm.job_(state, vm.job_data_);
  return 0;
}

/// By one function for all: lua_cpcall() would make one for each call, to be collected later.
std::expected<void, std::string> Vm::protect(const void* data, Job job) {
  job_ = job;
  job_data_ = data;
  lua_rawgeti(state_, LUA_REGISTRYINDEX, runner_);
  const int status = lua_pcall(state_, 0, 0, 0);
  if (status == 0) return {};
  const char* const text =
      lua_type(state_, -1) == LUA_TSTRING ? lua_tostring(state_, -1) : "unknown error";
  std::string why(text);
  lua_pop(state_, 1);
  return std::unexpected(std::move(why));
}

void Vm::collect() {
  // Even this takes a few bytes, and there may be none left.
  constexpr std::size_t kReserve = 1UL << 16;
  limits_.memory += kReserve;
  static_cast<void>(protect([](lua_State* state) { lua_gc(state, LUA_GCCOLLECT, 0); }));
  limits_.memory -= kReserve;
}

/// To go through all that lives costs a small heap more than the memory of its garbage is worth; a
/// large one may not have much of that, or comes to its limit.
void Vm::pace_collector() {
  lua_gc(state_, LUA_GCSETPAUSE, is_small() ? kPauseOfSmall : kPause);
}

void Vm::start_clock() {
  pace_collector();
  stack_begin_ = stack_here();
  deadline_ns_ = cpu_start_ns_ = 0;
  if (!overrun_) return;
  overrun_ = false;
  lua_sethook(state_, on_count, LUA_MASKCOUNT, kInterval);
}

/// By the wall's clock first, which is cheap. When that says so, the program gets the same time
/// again by the processor's clock: it may not have been the script that took so long, but another
/// process.
bool Vm::time_is_over() {
  const std::int64_t limit = std::chrono::nanoseconds(limits_.time).count();
  const std::int64_t now = nanoseconds(CLOCK_MONOTONIC);
  if (deadline_ns_ == 0) deadline_ns_ = now + limit;
  if (now < deadline_ns_) return false;
  const std::int64_t cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
  if (cpu_start_ns_ == 0) cpu_start_ns_ = cpu;
  if (cpu - cpu_start_ns_ >= limit) return true;
  deadline_ns_ = now + limit - (cpu - cpu_start_ns_);
  return false;
}

bool Vm::nests_too_deeply() const {
  const std::uintptr_t here = stack_here();  // stacks grow downwards
  return here < stack_begin_ && stack_begin_ - here > kMaxNesting;
}

std::string Vm::place_in(lua_State* thread) const {
  lua_Debug record{};
  for (int level = 0; lua_getstack(thread, level, &record); ++level) {
    if (!lua_getinfo(thread, "Sl", &record) || record.currentline < 0) continue;
    if (std::strcmp(record.source, "=opensips") == 0) continue;
    return fmt::format("{}:{}", record.short_src, record.currentline);
  }
  return {};
}

void Vm::on_count(lua_State* state, lua_Debug*) {
  Vm& vm = of(state);
  vm.pace_collector();
  if (vm.must_stop(state)) lua_yield(state, 0);
}

std::string Vm::overrun_why() const {
  if (overrun_by_nesting_) return "its calls nest too deeply";
  return fmt::format("it ran for more than {} ms without waiting", limits_.time.count());
}

bool Vm::must_stop(lua_State* state) {
  if (overrun_) return true;
  overrun_by_nesting_ = nests_too_deeply();
  if (!overrun_by_nesting_ && !time_is_over()) return false;
  overrun_ = true;
  overrun_at_ = place_in(state);
  // From now on at every instruction: what a pcall, a sort or a coroutine of the script's catches
  // here, the next instruction outside of it meets again.
  lua_sethook(state, on_count, LUA_MASKCOUNT, 1);
  return true;
}

}  // namespace opensips::routing::lua
