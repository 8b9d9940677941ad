#include "perl/pool.hh"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "base/guarded.hh"

namespace opensips::perl {
namespace {

using Clock = std::chrono::steady_clock;

struct Entry {
  std::shared_ptr<Pool::Job> job;
  Clock::time_point until;
  bool given_up = false;
};

struct State {
  std::deque<Entry> queue;     // from the first to be late to the last
  std::vector<Entry> running;  // by thread
  std::size_t ended = 0;       // threads
  bool stopping = false;
  Pool::Counts counts;
};

constexpr std::chrono::milliseconds kLongestStop{2'000};
/// An interrupt that comes before its job has quite begun is lost: so it comes again.
constexpr std::chrono::milliseconds kAgain{50};

/// Signals are the control thread's: a thread inherits what is blocked when it is made.
std::thread without_signals(std::function<void()> work, const char* name) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(work));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread.native_handle(), name);
  return thread;
}

}  // namespace

struct Pool::Shared {
  explicit Shared(const Options& given) : options(given) {
    state.lock()->running.resize(given.threads);
  }
  const Options options;
  base::Guarded<State> state;
  std::condition_variable work;  // there is some, or no more
  std::condition_variable end;   // the pool stops, or a thread has ended
};

Pool::Pool(const Options& options) : shared_(std::make_shared<Shared>(options)) {
  for (unsigned i = 0; i < options.threads; ++i) {
    threads_.push_back(without_signals([shared = shared_, i] { serve(shared, i); }, "perl"));
  }
  threads_.push_back(without_signals([shared = shared_] { watch(shared); }, "perl-watch"));
}

bool Pool::submit(std::shared_ptr<Job> job) {
  {
    auto state = shared_->state.lock();
    if (state->stopping || state->queue.size() >= shared_->options.queue) {
      ++state->counts.refused;
      return false;
    }
    state->queue.push_back({std::move(job), Clock::now() + shared_->options.limit});
  }
  shared_->work.notify_one();
  return true;
}

void Pool::serve(const std::shared_ptr<Shared>& shared, unsigned thread) {
  for (;;) {
    std::shared_ptr<Job> job;
    Entry done;  // goes without the lock
    {
      auto state = shared->state.lock();
      done = std::exchange(state->running[thread], {});
      state.wait(shared->work, [&] { return state->stopping || !state->queue.empty(); });
      if (state->stopping) {
        ++state->ended;
        break;
      }
      job = std::move(state->queue.front().job);
      state->queue.pop_front();
      state->running[thread] = {job, Clock::now() + shared->options.limit};
      ++state->counts.jobs;
    }
    job->perform(thread);
  }
  shared->end.notify_all();
}

/// Looks when the next one may be late. Whatever is submitted or begun meanwhile is late after
/// that, so nobody has to wake it.
void Pool::watch(const std::shared_ptr<Shared>& shared) {
  for (;;) {
    std::vector<std::shared_ptr<Job>> waited, ran;
    {
      auto state = shared->state.lock();
      auto next = Clock::now() + shared->options.limit;
      if (!state->queue.empty()) next = std::min(next, state->queue.front().until);
      for (const Entry& one : state->running) {
        if (one.job) next = std::min(next, one.given_up ? Clock::now() + kAgain : one.until);
      }
      if (state.wait_until(shared->end, next, [&] { return state->stopping; })) return;
      const auto now = Clock::now();
      while (!state->queue.empty() && state->queue.front().until <= now) {
        waited.push_back(std::move(state->queue.front().job));
        state->queue.pop_front();
      }
      for (unsigned i = 0; i < state->running.size(); ++i) {
        Entry& one = state->running[i];
        if (!one.job || one.until > now) continue;
        one.job->interrupt(i);
        if (!std::exchange(one.given_up, true)) ran.push_back(one.job);
      }
      state->counts.late += waited.size() + ran.size();
    }
    for (const auto& job : waited) job->give_up(false);
    for (const auto& job : ran) job->give_up(true);
  }
}

std::vector<unsigned> Pool::stop() {
  std::vector<unsigned> left;
  if (threads_.empty()) return left;
  std::deque<Entry> forgotten;
  {
    auto state = shared_->state.lock();
    state->stopping = true;
    forgotten.swap(state->queue);
  }
  shared_->work.notify_all();
  shared_->end.notify_all();
  threads_.back().join();  // the watch
  threads_.pop_back();
  const auto until = Clock::now() + std::min(shared_->options.limit, kLongestStop);
  bool all = false;
  do {
    auto state = shared_->state.lock();
    for (unsigned i = 0; i < state->running.size(); ++i) {
      if (state->running[i].job) state->running[i].job->interrupt(i);
    }
    all = state.wait_until(shared_->end, std::min(Clock::now() + kAgain, until),
                           [&] { return state->ended == threads_.size(); });
  } while (!all && Clock::now() < until);
  for (std::thread& thread : threads_) all ? thread.join() : thread.detach();
  threads_.clear();
  const auto state = shared_->state.lock();
  for (unsigned i = 0; i < state->running.size(); ++i) {
    if (state->running[i].job) left.push_back(i);
  }
  return left;
}

std::chrono::milliseconds Pool::limit() const {
  return shared_->options.limit;
}

Pool::Counts Pool::counts() const {
  const auto state = shared_->state.lock();
  Counts counts = state->counts;
  counts.waiting = state->queue.size();
  counts.busy = static_cast<std::uint64_t>(
      std::ranges::count_if(state->running, [](const Entry& one) { return one.job != nullptr; }));
  return counts;
}

}  // namespace opensips::perl
