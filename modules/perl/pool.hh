#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace opensips::perl {

/// The threads that Perl runs on, with a bounded queue before them and a limit to how long a job
/// may wait there, and then run. Any thread may submit.
class Pool {
 public:
  /// What one of the threads has to do, once. Its functions may be called on several threads at a
  /// time.
  class Job {
   public:
    virtual ~Job() = default;
    /// On the pool's thread of that number.
    virtual void perform(unsigned thread) = 0;
    /// It has run for as long as it may, and has to end soon. While it performs, or is just about
    /// to; again and again until it has ended.
    virtual void interrupt(unsigned thread) = 0;
    /// Whoever waits for it has to hear that it took too long: in the queue, or since it was begun.
    virtual void give_up(bool begun) = 0;
  };

  struct Options {
    unsigned threads = 4;
    std::size_t queue = 1000;                ///< jobs that wait for a thread
    std::chrono::milliseconds limit{2'000};  ///< of the wait, and of the run
  };
  /// Begins the threads; signals are blocked on them.
  explicit Pool(const Options& options);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() { stop(); }

  /// False when too many wait, or the pool has stopped.
  [[nodiscard]] bool submit(std::shared_ptr<Job> job);

  /// Interrupts what runs, forgets what waits, and ends the threads. One that does not end for
  /// `limit` more, or 2 s, in a call of the system for one, is left to itself: those that are, by
  /// their numbers.
  std::vector<unsigned> stop();

  std::chrono::milliseconds limit() const;

  struct Counts {
    std::uint64_t jobs = 0;     ///< that were begun
    std::uint64_t refused = 0;  ///< since too many waited
    std::uint64_t late = 0;     ///< that were given up
    std::uint64_t waiting = 0;  ///< now, for a thread
    std::uint64_t busy = 0;     ///< threads, now
  };
  Counts counts() const;

 private:
  struct Shared;
  static void serve(const std::shared_ptr<Shared>& shared, unsigned thread);
  static void watch(const std::shared_ptr<Shared>& shared);

  std::shared_ptr<Shared> shared_;  // with threads that were left to themselves
  std::vector<std::thread> threads_;
};

}  // namespace opensips::perl
