#include "perl/apart.hh"

#include <pthread.h>

#include <csignal>
#include <future>
#include <thread>
#include <utility>

namespace opensips::perl {
namespace {

using Clock = std::chrono::steady_clock;

/// An interrupt may come where nothing heeds it, and the work may be of several parts, each of
/// which has to be.
constexpr std::chrono::milliseconds kAgain{5};

}  // namespace

bool do_apart(std::function<void()> work, const std::function<void()>& interrupt,
              std::chrono::milliseconds limit) {
  std::packaged_task<void()> task(std::move(work));
  const auto ended = task.get_future();
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(task));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread.native_handle(), "perl-apart");
  bool is_done = ended.wait_for(limit) == std::future_status::ready;
  for (const auto until = Clock::now() + limit; !is_done && Clock::now() < until;) {
    interrupt();
    is_done = ended.wait_for(std::min(kAgain, limit)) == std::future_status::ready;
  }
  is_done ? thread.join() : thread.detach();
  return is_done;
}

}  // namespace opensips::perl
