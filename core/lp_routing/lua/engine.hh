#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hh"
#include "lp_routing/engine.hh"
#include "lp_routing/functions/program.hh"
#include "lp_routing/functions/services.hh"
#include "lp_routing/functions/table.hh"
#include "lp_routing/language.hh"
#include "lp_routing/lua/bindings.hh"
#include "lp_routing/lua/coroutines.hh"
#include "lp_routing/lua/files.hh"
#include "lp_routing/lua/vm.hh"
#include "lp_routing/server_events.hh"
#include "lp_routing/traces.hh"
#include "manage/events.hh"

namespace opensips::routing::lua {

struct Settings {
  std::string script;  ///< the file
  std::string
      lua_path;  ///< where require looks: directories, or patterns "dir/?.lua", divided by ';'
  VmLimits limits;
  std::chrono::milliseconds load_time{
      3'000};                    ///< what the top level and the startup handler may take
  std::uint32_t generation = 1;  ///< which version of the script this is
  const FunctionTable* functions = &FunctionTable::core();  ///< what it may call
  const manage::EventTypes* events = &core_events();        ///< what the server tells it of
  std::shared_ptr<Traces> traces = nullptr;                 ///< who follows what it does
  Language* language = nullptr;                             ///< the script's, if that is not Lua
  /// What modules have for each version (Module::part_of_version()).
  using Parts = std::expected<std::vector<std::shared_ptr<void>>, std::string>;
  std::function<Parts(std::uint32_t number, bool only_checked)> parts = nullptr;
};

/// A routing script in a state of its own: one per worker and generation. Made on the control
/// thread, then belongs to its worker; destroyed on any thread.
class Engine final : public routing::Engine, private Program {
 public:
  /// Compiles the script, runs its top level, then its startup handler. The error is for the
  /// operator, as check() gives it. `services` must outlive the engine; `files` are those of its
  /// generation.
  static std::expected<std::unique_ptr<Engine>, std::string> load(const Settings& settings,
                                                                  Services& services, Files& files);
  /// The same as far as it goes without a server: what is wrong, "file:line:column: what"; empty if
  /// nothing is.
  static std::string check(const Settings& settings, Files& files);
  ~Engine() override;

  bool handles(Handler handler) const override;
  std::span<const Every> timers() const override { return timers_; }
  std::span<const std::string> events() const override { return event_names_; }
  Progress start(Run& run) override;
  Progress resume(Run& run, Value result) override;
  void abandon(Run& run) override;
  void release(Run& run) override;
  std::string place_of(const Run& run) const override;

  /// Bytes that the state holds.
  std::size_t memory() const { return vm_->memory(); }

 private:
  Engine(const Settings& settings, std::unique_ptr<Vm> vm);
  static std::expected<std::unique_ptr<Engine>, std::string> make(const Settings& settings,
                                                                  Files& files);

  bool set_handler(Handler handler, Value::Callback function) override;
  void set_handler(Run& run, Handler handler, std::optional<Value::Callback> function) override;
  bool set_event_handler(std::string_view event, Value::Callback function) override;
  const manage::EventTypes& event_types() const override { return *settings_.events; }
  std::uint32_t generation() const override { return settings_.generation; }
  const FunctionTable& functions() const override { return *settings_.functions; }
  std::string_view keep(std::string text) override { return bindings_.keep(std::move(text)); }
  std::optional<std::uint32_t> intern(std::string_view text) override;
  std::string_view interned(std::uint32_t number) const override {
    return number < interned_.size() ? std::string_view(interned_[number]) : std::string_view();
  }
  void add_timer(std::chrono::milliseconds period, Value::Callback function,
                 bool each_worker) override;
  int keep_task(Value::Callback function, std::size_t arguments) override;
  std::expected<void, std::string> set_up(Files& files);
  std::expected<void, std::string> run_script(const std::string& source);
  std::expected<void, std::string> start_up();

  int handler_of(Handler handler, const Run* run) const;
  void prepare(Coroutine& coroutine, Handler handler, Run* run);
  /// Lets the coroutine go on with what is on its stack.
  Progress go(Coroutine& coroutine, Moment& moment, int arguments);
  /// The handler is over one way or the other; its coroutine is not used again.
  Progress fail(Coroutine& coroutine, const Moment& moment, int status);
  std::string describe(Coroutine& coroutine, int status);
  void log_failure(const Run& run, const std::string& what);

  Settings settings_;
  std::unique_ptr<Vm> vm_;
  Bindings bindings_;
  Coroutines coroutines_;
  int entrance_ = 0;                       // a place in the registry: what a coroutine runs first
  std::array<int, kHandlers> handlers_{};  // likewise, by Handler; 0: there is none
  std::vector<std::string> event_names_;
  std::vector<int> event_handlers_;  // likewise, for each of those
  std::vector<Every> timers_;
  std::vector<std::string> interned_;
  base::KeyedRateLimit failures_{std::chrono::milliseconds(200)};
  std::string last_error_;  // of what ran without a request
};

}  // namespace opensips::routing::lua
