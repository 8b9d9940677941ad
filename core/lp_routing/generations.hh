#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/guarded.hh"
#include "lp_routing/generation.hh"

namespace opensips::routing {

/// The versions of the routing program that live: the current one, and older ones that still have
/// runs. Shared by all workers; the control thread publishes.
///
/// The switch is one store: a request accepted after it, on whatever worker, runs on the new
/// version, one accepted before it on the old one to its end. Then each worker is told, in a turn
/// of its own. It has begun no run on the old version since the store, and now nobody can any more:
/// when the last one has ended there, the worker gives the engine away.
class Generations {
 public:
  /// The ways between threads.
  struct Host {
    /// Runs the work on that worker, in a turn of its own.
    std::function<void(unsigned worker, std::function<void()> work)> tell;
    /// Called on a worker for which another version has become the current one.
    std::function<void(unsigned worker)> began = {};
    /// Takes an engine that a worker needs no more, on that worker: destroying it may take long.
    std::function<void(std::unique_ptr<Engine> engine)> bury;
  };

  Generations() = default;
  Generations(const Generations&) = delete;
  Generations& operator=(const Generations&) = delete;

  /// Without one, all happens at once: one thread, or nothing runs yet. Before the workers run.
  void set_host(Host host) { host_ = std::move(host); }

  /// Makes it the current one. The first before any message comes. Control thread.
  void publish(std::unique_ptr<Generation> next);

  /// For the request that is being accepted; good until the end of the worker's turn, and as long
  /// as a run that was begun on it. On a worker.
  Generation& current() const { return *current_.load(std::memory_order_acquire); }
  /// One of its runs on that worker has ended. On that worker.
  void end_run(Generation& generation, unsigned worker);

  struct Live {
    std::uint32_t number;
    std::chrono::system_clock::time_point made_at;
    std::uint64_t runs;
  };
  /// From the oldest to the current one. Any thread.
  std::vector<Live> live() const;
  std::size_t size() const { return live().size(); }
  /// Of the current one; 0 before the first. Any thread.
  std::uint32_t number() const { return number_.load(std::memory_order_relaxed); }

 private:
  void bury(std::unique_ptr<Engine> engine) const;

  Host host_;
  std::atomic<Generation*> current_ = nullptr;
  std::atomic<std::uint32_t> number_ = 0;
  base::Guarded<std::vector<std::unique_ptr<Generation>>> all_;
};

}  // namespace opensips::routing
