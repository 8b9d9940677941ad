#include "loop/blocking_pool.hh"

#include <pthread.h>

#include <csignal>

namespace opensips::loop {

BlockingPool::BlockingPool(unsigned threads, std::size_t limit) : limit_(limit) {
  // Signals are the control thread's: a thread inherits what is blocked when it is made.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { serve(); });
    pthread_setname_np(threads_.back().native_handle(), "blocking");
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

bool BlockingPool::enqueue(JobPtr job) {
  {
    auto state = state_.lock();
    if (state->stopping || state->queue.size() >= limit_) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    state->queue.push_back(std::move(job));
  }
  changed_.notify_one();
  return true;
}

void BlockingPool::serve() {
  for (;;) {
    JobPtr job;
    {
      auto state = state_.lock();
      state.wait(changed_, [&] { return state->stopping || !state->queue.empty(); });
      if (state->queue.empty()) return;
      job = std::move(state->queue.front());
      state->queue.pop_front();
      ++state->busy;
    }
    job->perform();
    Inbox& asker = job->asker;
    asker.post(std::move(job));
    --state_.lock()->busy;
    idle_.notify_all();
  }
}

void BlockingPool::settle() {
  auto state = state_.lock();
  state.wait(idle_, [&] { return state->queue.empty() && state->busy == 0; });
}

void BlockingPool::stop(Rest rest) {
  std::deque<JobPtr> left;
  {
    auto state = state_.lock();
    state->stopping = true;
    if (rest == Rest::fail) left.swap(state->queue);
  }
  changed_.notify_all();
  for (JobPtr& job : left) {
    job->fail("the server is stopping");
    Inbox& asker = job->asker;
    asker.post(std::move(job));
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace opensips::loop
