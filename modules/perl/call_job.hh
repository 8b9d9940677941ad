#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "perl/interpreters.hh"
#include "perl/pool.hh"

namespace opensips::perl {

/// Calls that died. With the jobs: one whose thread was left to itself may outlive the module.
using Errors = std::atomic<std::uint64_t>;

/// A call of a function of Perl's, on one of the pool's threads. Somebody hears of it exactly once,
/// on whatever thread: of its outcome, or that it took too long.
class CallJob final : public Pool::Job {
 public:
  /// What has become of it if it was given up.
  enum class Late : std::uint8_t { in_queue, running };
  using Done = std::move_only_function<void(std::expected<Outcome, Late>)>;

  /// Counts in `errors` if it dies, unless it was given up before.
  CallJob(std::shared_ptr<Interpreters> interpreters, std::shared_ptr<Errors> errors,
          Request request, Done done)
      : interpreters_(std::move(interpreters)),
        errors_(std::move(errors)),
        request_(std::move(request)),
        done_(std::move(done)) {}

  void perform(unsigned thread) override;
  void interrupt(unsigned thread) override;
  void give_up(bool begun) override;

 private:
  bool is_first() { return !told_.exchange(true, std::memory_order_acq_rel); }

  const std::shared_ptr<Interpreters> interpreters_;
  const std::shared_ptr<Errors> errors_;
  const Request request_;
  Done done_;
  std::atomic<bool> told_ = false;
};

}  // namespace opensips::perl
