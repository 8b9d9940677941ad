#include "perl/endings.hh"

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <memory>
#include <utility>

#include "base/guarded.hh"
#include "base/log.hh"
#include "perl/apart.hh"
#include "perl/interpreter.hh"

namespace opensips::perl {
namespace {

constexpr std::chrono::milliseconds kLongestStop{2'000};

struct State {
  std::deque<Endings::Gone> queue;
  std::size_t waiting = 0;
  bool stopping = false;
  bool ended = false;
};

/// One after the other, in the time of all.
void end(const Endings::Gone& gone, std::chrono::milliseconds limit) {
  const auto present = std::make_shared<std::atomic<Interpreter*>>(gone.front().get());
  const auto work = [gone, present] {
    for (const auto& one : gone) {
      *present = one.get();
      one->end();
    }
  };
  if (do_apart(
          work, [&present] { present->load()->interrupt(); }, limit))
    return;
  base::log_error("perl: the end of {} takes longer than {} ms, and is left to itself",
                  gone.front()->file(), 2 * limit.count());
}

/// Nobody ends these any more, and what a script would do now is nobody's business: they are there
/// until the process is not.
void keep_for_ever(Endings::Gone gone) {
  static auto& kept = *new base::Guarded<std::deque<Endings::Gone>>;
  kept.lock()->push_back(std::move(gone));
}

}  // namespace

struct Endings::Shared {
  explicit Shared(std::chrono::milliseconds given) : limit(given) {}
  const std::chrono::milliseconds limit;
  base::Guarded<State> state;
  std::condition_variable changed;
};

Endings::Endings(std::chrono::milliseconds limit) : shared_(std::make_shared<Shared>(limit)) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([shared = shared_] { serve(shared); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread_.native_handle(), "perl-endings");
}

void Endings::stop() {
  if (!thread_.joinable()) return;
  bool ended = false;
  std::size_t left = 0;
  {
    auto state = shared_->state.lock();
    state->stopping = true;
    shared_->changed.notify_all();
    ended = state.wait_until(shared_->changed, std::chrono::steady_clock::now() + kLongestStop,
                             [&] { return state->ended; });
    left = state->waiting;
  }
  if (left > 0)
    base::log_warn("perl: {} versions have not ended, and are left to themselves", left);
  ended ? thread_.join() : thread_.detach();
}

void Endings::take(Shared& shared, Gone gone) {
  if (gone.empty()) return;
  {
    auto state = shared.state.lock();
    if (state->ended) return keep_for_ever(std::move(gone));
    ++state->waiting;
    state->queue.push_back(std::move(gone));
  }
  shared.changed.notify_all();
}

std::size_t Endings::waiting() const {
  return shared_->state.lock()->waiting;
}

void Endings::serve(const std::shared_ptr<Shared>& shared) {
  for (;;) {
    Gone gone;
    {
      auto state = shared->state.lock();
      state.wait(shared->changed, [&] { return state->stopping || !state->queue.empty(); });
      if (state->queue.empty()) {
        state->ended = true;
        break;
      }
      gone = std::move(state->queue.front());
      state->queue.pop_front();
    }
    end(gone, shared->limit);
    gone.clear();
    --shared->state.lock()->waiting;
  }
  shared->changed.notify_all();
}

}  // namespace opensips::perl
