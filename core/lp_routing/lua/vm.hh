#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "lp_routing/lua/names.hh"
#include "lp_routing/lua/small_blocks.hh"
#include "lp_routing/object.hh"

struct lua_State;
struct lua_Debug;

namespace opensips::routing::lua {

struct VmLimits {
  std::size_t memory = 64UL << 20;      ///< bytes of all that the program keeps
  std::chrono::milliseconds time{100};  ///< that it may run before it waits or ends
};

/// A LuaJIT state that cannot take the worker with it: its memory has a limit, and so have the time
/// that a program runs in one go and the room on the thread's stack. It interprets: the count hook
/// that watches both never fires in compiled loops.
///
/// A state may be touched in lua_resume, lua_pcall or protect() only: an error outside of them,
/// even one for want of memory, ends the process. One thread at a time.
class Vm {
 public:
  /// Nothing if there is no memory for it.
  static std::unique_ptr<Vm> make(const VmLimits& limits);
  ~Vm();
  Vm(const Vm&) = delete;
  Vm& operator=(const Vm&) = delete;

  static Vm& of(lua_State* state);

  lua_State* state() const { return state_; }
  std::size_t memory() const { return used_; }

  /// The owner's pointer, for functions that Lua calls.
  void set_owner(void* owner) { owner_ = owner; }
  void* owner() const { return owner_; }

  /// Calls `body(state)` so that an error in it comes back as text.
  template <class Body>
  std::expected<void, std::string> protect(const Body& body) {
    return protect(&body, [](lua_State* state, const void* data) {
      (*static_cast<const Body*>(data))(state);
    });
  }

  /// Frees all that nothing refers to any more, in one go.
  void collect();

  /// Where in the registry the metatable for objects of each kind lies.
  std::vector<int> metatables;

  /// The server's names for the entries of tables.
  Names names;

  std::chrono::milliseconds time_limit() const { return limits_.time; }
  void set_time_limit(std::chrono::milliseconds limit) { limits_.time = limit; }

  /// The program gets the time it may take anew, and the room on the stack from here on. By the
  /// function that resumes it.
  void start_clock();
  /// Looks at clock and stack; for long work, or calls of Lua, inside a C function, which should
  /// raise an error when this is true.
  bool must_stop(lua_State* state);
  /// It has taken too much of either. What runs is interrupted again and again until its coroutine
  /// yields or fails: it must be thrown away, and start_clock() called before anything else runs.
  bool overrun() const { return overrun_; }
  /// Where it was then, "route.lua:12", and what was too much.
  const std::string& overrun_at() const { return overrun_at_; }
  std::string overrun_why() const;

  /// The innermost line of the program in a coroutine, "route.lua:12"; empty: it is in none.
  std::string place_in(lua_State* thread) const;

 private:
  using Job = void (*)(lua_State*, const void*);
  explicit Vm(const VmLimits& limits);
  std::expected<void, std::string> protect(const void* data, Job job);
  static int run_job(lua_State* state);

  static void* allocate(void* self, void* block, std::size_t old_size, std::size_t new_size);
  static void on_count(lua_State* state, lua_Debug* record);
  void pace_collector();
  bool is_small() const { return used_ < small_heap_; }
  bool time_is_over();
  bool nests_too_deeply() const;

  VmLimits limits_;
  const std::size_t small_heap_;  // bytes
  SmallBlocks blocks_;
  lua_State* state_ = nullptr;
  int runner_ = 0;     // run_job's place in the registry
  Job job_ = nullptr;  // for run_job(), and what it works on
  const void* job_data_ = nullptr;
  void* owner_ = nullptr;
  std::size_t used_ = 0;
  std::int64_t deadline_ns_ = 0;    // by the clock on the wall; 0: not asked yet
  std::int64_t cpu_start_ns_ = 0;   // of the processor's time; 0: not needed yet
  std::uintptr_t stack_begin_ = 0;  // of what runs, on the thread's own stack
  bool overrun_ = false;
  bool overrun_by_nesting_ = false;
  std::string overrun_at_;
};

}  // namespace opensips::routing::lua
