#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "loop/context.hh"
#include "loop/layer.hh"

namespace opensips::modules {

/// What a module has on one worker: tables, a layer, whatever needs no lock because only that
/// worker uses it. Made on the control thread before the worker runs, destroyed on the worker when
/// it has ended.
class OnWorker {
 public:
  virtual ~OnWorker() = default;
  /// The module's own layer: see Module::layer_above().
  virtual loop::Layer* layer() { return nullptr; }
};

/// A worker as modules meet it before it runs. Events are subscribed to at context().bus, hooks are
/// added to context().path, timers that fire once are armed in context().timers.
class Worker {
 public:
  explicit Worker(loop::Context& context) : context_(context) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  loop::Context& context() { return context_; }
  unsigned index() const { return context_.worker(); }

  /// Calls `work` on this worker again and again, in its turn: it may not block.
  void every(std::chrono::milliseconds period, std::function<void()> work) {
    timers_.emplace_back(context_.timers, static_cast<std::uint64_t>(period.count()),
                         std::move(work));
  }

  /// The server's own: keeps what a module has here.
  void keep(std::unique_ptr<OnWorker> part) { parts_.push_back(std::move(part)); }

 private:
  class Periodic {
   public:
    Periodic(loop::TimerWheel& wheel, std::uint64_t period, std::function<void()> work)
        : wheel_(wheel), period_(period), work_(std::move(work)) {
      wheel_.arm(timer_, period_);
    }

   private:
    void fire() {
      wheel_.arm(timer_, period_);
      work_();
    }

    loop::TimerWheel& wheel_;
    std::uint64_t period_;
    std::function<void()> work_;
    loop::Timer timer_ = loop::Timer::calling<&Periodic::fire>(this);
  };

  loop::Context& context_;
  std::vector<std::unique_ptr<OnWorker>> parts_;
  std::list<Periodic> timers_;  // what they call is of the parts: they go first
};

}  // namespace opensips::modules
