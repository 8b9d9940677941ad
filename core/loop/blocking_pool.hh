#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <expected>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/guarded.hh"
#include "loop/inbox.hh"

namespace opensips::loop {

/// What became of work that was handed to the BlockingPool: its value, or what it threw, as text.
template <class T>
using Outcome = std::expected<T, std::string>;

/// The threads for what blocks and has no other way (files, getaddrinfo, client libraries): nothing
/// blocks on a worker. Any thread may submit.
class BlockingPool {
 public:
  /// At most `limit` jobs wait for one of the threads.
  BlockingPool(unsigned threads, std::size_t limit);
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;
  ~BlockingPool() { stop(Rest::fail); }

  /// Runs `work()` on a thread of the pool, then `done(Outcome<its value>)` on the consumer of
  /// `asker`, which has to live until stop() has returned. `done` is called exactly once, unless
  /// that inbox is destroyed before. Both callables are destroyed where `done` ran, so they may
  /// hold what belongs to that worker; while it runs, `work` may not touch such things. False when
  /// too many wait or the pool has stopped: then nothing is called.
  template <class Work, class Done>
  [[nodiscard]] bool submit(Inbox& asker, Work work, Done done) {
    return enqueue(JobPtr(new JobOf<Work, Done>(asker, std::move(work), std::move(done))));
  }

  /// What becomes of jobs that no thread has begun.
  enum class Rest {
    finish,  ///< they are done
    fail,    ///< their `done` gets an error
  };
  /// Takes no more jobs, and returns when those begun have ended and every answer is posted.
  void stop(Rest rest);

  /// Waits until all that was submitted is done and its answers are posted: for tests.
  void settle();

  /// Jobs refused since the start.
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  /// In the queue first, then in the inbox of the asker: the same object all the way.
  class Job : public InboxItem {
   public:
    explicit Job(Inbox& to) : asker(to) {}
    virtual void perform() = 0;
    virtual void fail(std::string why) = 0;
    Inbox& asker;
  };
  using JobPtr = std::unique_ptr<Job, InboxItem::Drop>;

  template <class Work, class Done>
  class JobOf final : public Job {
    using Value = std::invoke_result_t<Work&>;

   public:
    JobOf(Inbox& to, Work work, Done done)
        : Job(to), work_(std::move(work)), done_(std::move(done)) {}

    void perform() override {
      try {
        if constexpr (std::is_void_v<Value>) {
          work_();
          outcome_ = {};
        } else {
          outcome_ = work_();
        }
      } catch (const std::exception& error) {
        fail(error.what());
      } catch (...) {
        fail("unknown exception");
      }
    }
    void fail(std::string why) override { outcome_ = std::unexpected(std::move(why)); }

    void run() override {
      const std::unique_ptr<JobOf> self(this);
      done_(std::move(outcome_));
    }

   private:
    Work work_;
    Done done_;
    Outcome<Value> outcome_ = std::unexpected(std::string());
  };

  struct State {
    std::deque<JobPtr> queue;
    unsigned busy = 0;  // threads that do one
    bool stopping = false;
  };

  bool enqueue(JobPtr job);
  void serve();

  const std::size_t limit_;
  std::atomic<std::uint64_t> refused_ = 0;
  base::Guarded<State> state_;
  std::condition_variable changed_;
  std::condition_variable idle_;
  std::vector<std::thread> threads_;
};

}  // namespace opensips::loop
