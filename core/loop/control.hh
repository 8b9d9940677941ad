#pragma once

#include <event2/event.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "loop/inbox.hh"

namespace opensips::loop {

/// The event loop of the control thread: signals, management, and what other threads have it do.
/// Nothing of a call passes here, so that what takes its time (a file, a list of a million
/// contacts) holds up nobody but the operator. All functions but inbox() and stop() are for that
/// thread.
class Control {
 public:
  /// Something that is waited for as long as this lives. It may be destroyed by what it calls.
  class [[nodiscard]] Watch {
   public:
    Watch() = default;
    explicit operator bool() const { return static_cast<bool>(state_); }

   private:
    friend class Control;
    struct State;
    struct Cancel {
      void operator()(State* state) const;
    };
    std::unique_ptr<State, Cancel> state_;
  };

  /// Blocks SIGPIPE in this thread and those that it starts: a reader that has gone is an error of
  /// write(), not the end of the process.
  Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;
  /// No Watch may outlive it.
  ~Control();

  /// Calls `ready` whenever `fd` can be read, or written.
  Watch on_readable(int fd, std::function<void()> ready);
  Watch on_writable(int fd, std::function<void()> ready);
  /// Calls `due` once, or again and again.
  Watch after(std::chrono::milliseconds delay, std::function<void()> due);
  Watch every(std::chrono::milliseconds interval, std::function<void()> due);
  /// Blocks the signals in this thread and those that it starts later, and calls `came` for each.
  Watch on_signals(std::initializer_list<int> signals, std::function<void(int)> came);

  /// Runs `work` when the callbacks of this turn have returned: to take apart what is running.
  void defer(std::move_only_function<void()> work) { deferred_.push_back(std::move(work)); }

  /// Work for this thread. Any thread, while this lives.
  Inbox& inbox() { return inbox_; }

  /// Runs until stop().
  void run();
  /// Any thread.
  void stop();

 private:
  Watch watch(int fd, short events, std::chrono::milliseconds timeout, std::function<void()> ready);
  static void on_event(evutil_socket_t fd, short events, void* state);
  void run_deferred();

  struct FreeBase {
    void operator()(event_base* base) const { event_base_free(base); }
  };

  std::unique_ptr<event_base, FreeBase> base_;
  Inbox inbox_;
  Watch inbox_watch_;
  std::vector<std::move_only_function<void()>> deferred_;
  std::atomic<bool> stop_ = false;
};

}  // namespace opensips::loop
