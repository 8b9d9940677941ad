#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.hh"
#include "base/stats.hh"
#include "l0_transport/sockets.hh"
#include "lp_routing/recording/recording.hh"
#include "manage/command.hh"

namespace opensips::routing::recording {

class WorkerRecorder;

/// Records calls when an operator wants it. Of the control thread, but for what workers ask; it
/// outlives them.
class Recorder {
 public:
  static constexpr std::size_t kMostCalls = 1'000'000;

  /// `sockets` are those of the server.
  explicit Recorder(const transport::Sockets& sockets) : sockets_(sockets) {}
  ~Recorder();

  struct Wish {
    std::string path;  ///< absolute; nothing is there yet
    CallFilter filter;
    std::size_t calls = 10'000;       ///< at the most
    std::uint64_t most = 1ULL << 30;  ///< bytes
  };
  /// Begins with calls that come from now on. The error is the operator's.
  std::expected<void, std::string> start(Wish wish);
  /// Ends that, with what has happened so far on all workers. What went wrong with the file, if
  /// something did; nothing if there is nothing to end.
  std::expected<std::shared_ptr<const Recording>, std::string> stop();

  /// script:record and what belongs to it.
  void add_to(manage::Commands& commands);
  void add_to(base::Stats& statistics);

  /// The number of what is recorded now; 0: nothing is. Any thread.
  std::uint64_t number() const { return number_.load(std::memory_order_acquire); }
  /// Any thread.
  std::shared_ptr<Recording> current() const { return *current_.lock(); }

  /// Before the workers run; `post` has work done on the worker.
  using Post = std::function<void(std::function<void()> work)>;
  void join(WorkerRecorder& worker, Post post);
  /// When the worker has ended.
  void leave(WorkerRecorder& worker);

 private:
  struct Member {
    WorkerRecorder* worker;
    Post post;
  };

  void detach_workers(std::uint64_t number);
  manage::CommandResult start(const manage::CommandArguments& given);
  manage::CommandResult show() const;
  std::uint64_t sum(std::uint64_t (Recording::*count)() const) const;

  const transport::Sockets& sockets_;
  std::atomic<std::uint64_t> number_ = 0;
  std::uint64_t last_ = 0;
  base::Guarded<std::shared_ptr<Recording>> current_;
  base::Guarded<std::shared_ptr<Recording>> last_one_;  // to show, also when it has ended
  base::Guarded<std::vector<Member>> members_;
  // Of recordings before the last one.
  std::atomic<std::uint64_t> calls_ = 0, lines_ = 0, dropped_ = 0;
};

}  // namespace opensips::routing::recording
