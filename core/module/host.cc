#include "module/host.hh"

#include "loop/control.hh"

namespace opensips::modules {
namespace {

constexpr unsigned kThreads = 4;
constexpr std::size_t kMostJobs = 10'000;  // that wait for one of them

}  // namespace

struct Host::Timers {
  std::vector<loop::Control::Watch> all;
};

Host::Host(base::Stats& statistics, manage::Commands& commands, loop::Control& control,
           storage::Storage& databases, manage::Events& events)
    : statistics_(statistics),
      commands_(commands),
      control_(control),
      storage_(databases),
      events_(events),
      control_inbox_(control.inbox()),
      timers_(std::make_unique<Timers>()) {}

Host::~Host() = default;

void Host::every(std::chrono::milliseconds period, std::function<void()> work) {
  timers_->all.push_back(control_.every(period, std::move(work)));
}

void Host::begin() {
  if (!pool_) pool_ = std::make_unique<loop::BlockingPool>(kThreads, kMostJobs);
}

void Host::end() {
  timers_->all.clear();
  if (pool_) pool_->stop(loop::BlockingPool::Rest::fail);
}

}  // namespace opensips::modules
