#pragma once

#include <event2/event.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "loop/context.hh"
#include "loop/inbox.hh"
#include "loop/owner.hh"
#include "loop/pace.hh"
#include "loop/source_limit.hh"

namespace opensips::loop {

class Worker;

/// A descriptor that is watched for somebody who may lose interest: as long as this lives, which
/// ends outside its own `ready`. Belongs to the worker that made it.
class Watch {
 public:
  void pause() { event_del(handle_.get()); }
  void resume() { event_add(handle_.get(), nullptr); }

 private:
  friend class Worker;
  struct FreeEvent {
    void operator()(event* e) const { event_free(e); }
  };
  Watch(Worker& worker, std::function<void()> ready) : worker_(worker), ready_(std::move(ready)) {}

  Worker& worker_;
  std::function<void()> ready_;
  std::unique_ptr<event, FreeEvent> handle_;
};
using WatchPtr = std::unique_ptr<Watch>;

/// One event-loop thread with everything that is its own. Made, given its layers and destroyed by
/// the control thread; between run() and its return it belongs to its thread, and others reach it
/// through inbox() and stop().
///
/// A turn: wait for events; read the clock; fire timers; let the events work; what they deferred;
/// what the layers want at the end (L0 sends what has gathered). When messages come close upon each
/// other, the next turn is put off a little.
class Worker {
 public:
  struct Options {
    std::size_t inbox_limit = 65536;  ///< messages that wait for this worker, then they are dropped
    /// Peeks at a datagram: its Call-ID, empty if there is none. Must not allocate.
    std::string_view (*call_id_of)(std::string_view bytes) = nullptr;
    /// Most nanoseconds that a turn is put off while messages come in quick succession, so that one
    /// wake-up serves several. 0: every message wakes the worker.
    std::uint64_t gather_ns = 0;
    /// Of all workers, and outlives them; nullptr: sources are not limited.
    SourceLimit* source_limit = nullptr;
    std::uint64_t overload_limit_ms = 0;  ///< of Context::overload
  };

  Worker(unsigned index, std::uint32_t epoch, const Owners& owners, base::Stats& statistics,
         const Options& options);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  /// All workers, this one too, in the order of their indices; before run().
  void meet(std::span<const std::unique_ptr<Worker>> workers) { workers_ = workers; }

  Context& context() { return context_; }
  Inbox& inbox() { return inbox_; }

  /// Calls `ready` in a turn whenever `fd` can be read. Before run(), or on the worker.
  void on_readable(int fd, std::function<void()> ready);
  /// Calls `ready` once when `fd` can be written. On the worker.
  void once_writable(int fd, std::function<void()> ready);
  /// Calls `ready` whenever `fd` can be read, or written, until the Watch ends. As above.
  [[nodiscard]] WatchPtr watch_readable(int fd, std::function<void()> ready);
  [[nodiscard]] WatchPtr watch_writable(int fd, std::function<void()> ready);
  /// Calls `work` at the end of every turn, in the order they were given. Before run().
  void at_turn_end(std::function<void()> work) { turn_end_.push_back(std::move(work)); }

  /// Bytes from the network. The message enters its owner's path: here and now if that is this
  /// worker, else by one hop with a copy of the bytes. On the worker.
  void receive(std::string_view bytes, const base::Flow& from);
  /// Several, in their order; those of different calls go together part of their way.
  struct Arrival {
    std::string_view bytes;
    base::Flow from;
  };
  void receive(std::span<const Arrival> arrivals);

  /// Runs `work` with the context of the worker that owns the Call-ID in `bytes`, in a turn of its
  /// own making: for what comes back of a message that was sent. False if there is no Call-ID, or
  /// no room in that inbox. On the worker.
  bool tell_owner(std::string_view bytes, std::move_only_function<void(Context&)> work);

  /// Runs turns until stop().
  void run();
  /// Any thread.
  void stop();

 private:
  class Hop;

  /// So few that a processor's first cache holds them all.
  static constexpr std::size_t kTogether = 8;

  bool is_to_enter(std::string_view bytes, const base::Flow& from);
  Walk walk_of(std::string_view bytes, const base::Flow& from);
  unsigned owner_of(std::string_view bytes) const;
  bool is_admitted(const base::Address& source);
  void enter(std::string_view bytes, const base::Flow& from);
  void begin_turn();
  void end_turn();
  void gather();
  void judge_load();
  void sleep_until_due();
  WatchPtr watch(int fd, short events, std::function<void()> ready);
  static void on_event(evutil_socket_t fd, short events, void* watch);

  struct FreeBase {
    void operator()(event_base* base) const { event_base_free(base); }
  };

  const Owners& owners_;
  Options options_;
  Context context_;
  Inbox inbox_;
  std::span<const std::unique_ptr<Worker>> workers_;
  std::unique_ptr<event_base, FreeBase> base_;
  std::vector<WatchPtr> watches_;      // those that nobody else keeps
  std::array<Walk, kTogether> walks_;  // that enter together
  int due_fd_;  // a timerfd: moved rarely, where a timeout costs something in every wait
  std::uint64_t due_at_ = UINT64_MAX;  // what it is armed for
  std::vector<std::function<void()>> turn_end_;
  std::atomic<bool> stop_ = false;
  bool in_turn_ = false;
  unsigned entered_ = 0;          // messages in this turn
  std::uint64_t turn_began_ = 0;  // ns
  Pace pace_;
  base::Counter hops_;
  base::Counter refused_;
  base::Counter limited_;
};

}  // namespace opensips::loop
