#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guarded.hh"
#include "base/siphash.hh"
#include "lp_routing/generation.hh"

namespace opensips::routing {

/// The versions of the routing program that live: the current one; the one before it, kept for who
/// wants to go back; one that is tried with a share of the calls, if any; and others that still
/// have runs. Shared by all workers; the control thread changes them.
///
/// A switch is one store: a request accepted after it, on whatever worker, runs on the new version,
/// one accepted before it on the old one to its end. Then, if the old one is not kept, each worker
/// is told to retire it, in a turn of its own. It has begun no run on it since the store, and now
/// nobody can any more: when the last one has ended there, the worker gives the engine away.
class Generations {
 public:
  /// All calls, as a share.
  static constexpr std::uint64_t kAll = std::uint64_t{1} << 32;

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

  /// Makes it the current one, and keeps the one that was; what was tried is given up. The first
  /// before any message comes. Control thread.
  void publish(std::unique_ptr<Generation> next);
  /// Gives it this share of the calls, of kAll; what was tried before is given up. Control thread.
  void try_out(std::unique_ptr<Generation> next, std::uint64_t share);
  /// Another share for the one that is tried. False if there is none. Control thread.
  bool set_share(std::uint64_t share);
  /// Whether there is one that is tried. Control thread.
  bool is_trying() const { return tried_.load(std::memory_order_relaxed) != nullptr; }
  /// Makes the one that is tried the current one, and keeps the one that was. False if there is
  /// none. Control thread.
  bool promote();
  /// Gives up the one that is tried or, if there is none, the current one for the one before it.
  /// False if there is neither. Control thread.
  bool roll_back();

  /// For what comes without a call; good until the end of the worker's turn, and as long as a run
  /// that was begun on it. On a worker.
  Generation& current() const { return *current_.load(std::memory_order_acquire); }
  /// Likewise for a request of that call: the one that is tried for its share of the Call-IDs, so
  /// that a call stays with a version. On a worker.
  Generation& of(std::string_view call_id) const {
    Generation* const tried = tried_.load(std::memory_order_acquire);
    return tried && is_tried_for(call_id) ? *tried : current();
  }
  /// Whether some call's version has such a handler. On that worker.
  bool handles(Handler handler, unsigned worker) const;
  /// The answer to a request that was begun on the version of that number, if it still gets calls.
  /// On that worker.
  void count_answer(std::uint32_t number, unsigned worker, unsigned code) const;
  /// One of its runs on that worker has ended. On that worker.
  void end_run(Generation& generation, unsigned worker);

  enum class Role : std::uint8_t { current, tried, previous, ending };
  struct Live {
    std::uint32_t number;
    std::chrono::system_clock::time_point made_at;
    std::uint64_t runs;
    Role role;
    std::uint64_t share;  ///< of the calls that come now, of kAll
    Generation::Counts counts;
  };
  /// From the oldest to the newest. Any thread.
  std::vector<Live> live() const;
  std::size_t size() const { return live().size(); }
  /// Of the current one; 0 before the first. Any thread.
  std::uint32_t number() const { return number_.load(std::memory_order_relaxed); }

 private:
  struct Kept {
    std::vector<std::unique_ptr<Generation>> all;  ///< from the oldest to the newest
    Generation* previous = nullptr;
  };

  bool is_tried_for(std::string_view call_id) const;
  void keep(std::unique_ptr<Generation> next);
  void make_current(Generation& next);
  void replace_previous(Generation* next);
  void give_up_tried();
  void retire(Generation& generation);
  void tell_all(const Generation& generation, const std::function<void(unsigned worker)>& work);
  void bury(std::unique_ptr<Engine> engine) const;

  Host host_;
  std::atomic<Generation*> current_ = nullptr;
  std::atomic<Generation*> tried_ = nullptr;
  std::atomic<std::uint64_t> share_ = 0;  ///< of the one that is tried
  std::atomic<std::uint32_t> number_ = 0;
  const base::SipKey key_ = base::SipKey::random();  ///< who calls does not choose the version
  base::Guarded<Kept> kept_;
};

}  // namespace opensips::routing
