#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "lp_routing/engine.hh"

namespace opensips::routing {

/// One version of the routing program: an engine for each worker. It lives until every worker knows
/// of a newer one and its runs have ended there.
///
/// Made on the control thread. From its publication on, a worker's share (its engine, its runs)
/// belongs to that worker; what is for any thread says so.
class Generation {
 public:
  using Engines = std::vector<std::unique_ptr<Engine>>;  ///< one for each worker, by its index

  Generation(std::uint32_t number, Engines engines);

  /// 1 at the start of the server. Any thread.
  std::uint32_t number() const { return number_; }
  std::chrono::system_clock::time_point made_at() const { return made_at_; }
  std::size_t workers() const { return shares_.size(); }
  /// Runs that have not ended, on all workers; out of date at once. Any thread.
  std::uint64_t runs() const;
  /// No worker has anything to do with it any more. Any thread.
  bool ended() const { return shares_in_use_.load(std::memory_order_acquire) == 0; }

  Engine& engine(unsigned worker) const { return *shares_[worker].engine; }
  void begin_run(unsigned worker) { count(shares_[worker], 1); }
  /// The engine, if this was the last run of a share that is retired: for the caller to do away
  /// with. The generation may be gone when this returns, as after retire().
  [[nodiscard]] std::unique_ptr<Engine> end_run(unsigned worker);
  /// The worker begins no more runs on it. The engine, if it has none.
  [[nodiscard]] std::unique_ptr<Engine> retire(unsigned worker);

 private:
  struct alignas(64) Share {
    std::unique_ptr<Engine> engine;
    std::atomic<std::uint32_t> runs = 0;  // written by its worker only
    bool retired = false;
  };
  static void count(Share& share, std::uint32_t by) {
    share.runs.store(share.runs.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  std::unique_ptr<Engine> end_if_unused(Share& share);

  const std::uint32_t number_;
  const std::chrono::system_clock::time_point made_at_ = std::chrono::system_clock::now();
  std::vector<Share> shares_;
  std::atomic<std::size_t> shares_in_use_;
};

}  // namespace opensips::routing
