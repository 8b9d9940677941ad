#include "perl/endings.hh"

#include <pthread.h>

#include <condition_variable>
#include <csignal>
#include <deque>
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

void end(const std::shared_ptr<Interpreter>& interpreter, std::chrono::milliseconds limit) {
  const bool is_done = do_apart([interpreter] { interpreter->end(); },
                                [&interpreter] { interpreter->interrupt(); }, limit);
  if (is_done) return;
  base::log_error("perl: the end of {} takes longer than {} ms, and is left to itself",
                  interpreter->file(), 2 * limit.count());
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

Endings::~Endings() {
  bool ended = false;
  {
    auto state = shared_->state.lock();
    state->stopping = true;
    shared_->changed.notify_all();
    ended = state.wait_until(shared_->changed, std::chrono::steady_clock::now() + kLongestStop,
                             [&] { return state->ended; });
  }
  ended ? thread_.join() : thread_.detach();
}

void Endings::take(Shared& shared, Gone gone) {
  {
    auto state = shared.state.lock();
    if (state->ended) {
      // Nobody ends it any more: what a script would do now is nobody's business.
      static_cast<void>(new Gone(std::move(gone)));
      return;
    }
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
    for (const auto& one : gone) end(one, shared->limit);
    gone.clear();
    --shared->state.lock()->waiting;
  }
  shared->changed.notify_all();
}

}  // namespace opensips::perl
