#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "base/stats.hh"
#include "loop/blocking_pool.hh"
#include "loop/mailbox.hh"
#include "manage/command.hh"
#include "manage/events.hh"

namespace opensips::loop {
class Control;
}
namespace opensips::storage {
class Storage;
}

namespace opensips::modules {

/// The server as its modules meet it, on the control thread; what any thread may call says so.
/// Lives as long as they do.
class Host {
 public:
  Host(base::Stats& statistics, manage::Commands& commands, loop::Control& control,
       storage::Storage& databases, manage::Events& events);
  ~Host();

  base::Stats& statistics() { return statistics_; }
  manage::Commands& commands() { return commands_; }
  /// The databases: every module's are known when the first one begins. Any thread.
  storage::Storage& storage() { return storage_; }

  /// Where a module raises its events, those of Descriptor::events: with the index of the worker
  /// that it is on, or control(). Any thread, while the server runs.
  manage::Events& events() { return events_; }

  /// Calls `work` on the control thread again and again, until the modules stop.
  void every(std::chrono::milliseconds period, std::function<void()> work);

  /// Has `work` done on a thread that may block, then `done(Outcome<its value>)` on the control
  /// thread. False when too much waits already. Any thread.
  template <class Work, class Done>
  [[nodiscard]] bool in_background(Work work, Done done) {
    return pool_ && pool_->submit(control_inbox_, std::move(work), std::move(done));
  }

  /// How many workers there are, once they have been made: not yet in Module::init().
  unsigned workers() const { return static_cast<unsigned>(workers_.size()); }
  /// Has `work` run on a worker. False if it has gone. Any thread, while the server runs.
  template <std::invocable F>
  bool post(unsigned worker, F work) {
    return workers_[worker]->post(std::move(work));
  }

  /// The server's own: begins and ends what is offered here, and adds the workers in their order.
  void begin();
  void end();
  void add_worker(std::shared_ptr<loop::Mailbox> mailbox) {
    workers_.push_back(std::move(mailbox));
  }
  loop::BlockingPool* pool() const { return pool_.get(); }

 private:
  struct Timers;

  base::Stats& statistics_;
  manage::Commands& commands_;
  loop::Control& control_;
  storage::Storage& storage_;
  manage::Events& events_;
  loop::Inbox& control_inbox_;
  std::unique_ptr<loop::BlockingPool> pool_;
  std::unique_ptr<Timers> timers_;
  std::vector<std::shared_ptr<loop::Mailbox>> workers_;
};

}  // namespace opensips::modules
