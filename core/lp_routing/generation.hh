#pragma once

#include <array>
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
  static constexpr std::size_t kAnswers = 5;  ///< classes of final ones: 2xx, 3xx, … 6xx
  using Engines = std::vector<std::unique_ptr<Engine>>;  ///< one for each worker, by its index

  /// What has become of the requests that were begun on it.
  struct Counts {
    std::uint64_t requests = 0;
    std::uint64_t errors = 0;  ///< handlers that failed
    std::array<std::uint64_t, kAnswers> answers = {};
  };

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
  void begin_run(unsigned worker) { add(shares_[worker].runs, 1); }
  /// The engine, if this was the last run of a share that is retired: for the caller to do away
  /// with. The generation may be gone when this returns, as after retire().
  [[nodiscard]] std::unique_ptr<Engine> end_run(unsigned worker);
  /// The worker begins no more runs on it. The engine, if it has none.
  [[nodiscard]] std::unique_ptr<Engine> retire(unsigned worker);

  void count_request(unsigned worker) { add(shares_[worker].requests, 1); }
  void count_error(unsigned worker) { add(shares_[worker].errors, 1); }
  void count_answer(unsigned worker, unsigned code) {
    if (code >= 200 && code < 700) add(shares_[worker].answers[code / 100 - 2], 1);
  }
  /// Sums over all workers. Any thread.
  Counts counts() const;

 private:
  using Count = std::atomic<std::uint64_t>;
  struct alignas(64) Share {
    std::unique_ptr<Engine> engine;
    bool retired = false;
    // Written by its worker only.
    Count runs = 0, requests = 0, errors = 0;
    std::array<Count, kAnswers> answers = {};
  };
  static void add(Count& count, std::uint64_t by) {
    count.store(count.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  std::unique_ptr<Engine> end_if_unused(Share& share);

  const std::uint32_t number_;
  const std::chrono::system_clock::time_point made_at_ = std::chrono::system_clock::now();
  std::vector<Share> shares_;
  std::atomic<std::size_t> shares_in_use_;
};

}  // namespace opensips::routing
