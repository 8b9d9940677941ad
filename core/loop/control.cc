#include "loop/control.hh"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <limits>
#include <utility>

namespace opensips::loop {

namespace {

constexpr std::size_t kInboxItemsPerTurn = 256;

event_base* make_base() {
  event_config* config = event_config_new();
  // One thread uses it: others come through the inbox.
  event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
  event_base* base = event_base_new_with_config(config);
  event_config_free(config);
  return base;
}

timeval timeval_of(std::chrono::milliseconds time) {
  timeval value{};
  value.tv_sec = static_cast<time_t>(time.count() / 1000);
  value.tv_usec = static_cast<suseconds_t>(time.count() % 1000 * 1000);
  return value;
}

void block(const sigset_t& signals) {
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

/// A signalfd, closed with the callback that has it.
struct SignalFd {
  explicit SignalFd(const sigset_t& signals)
      : fd(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC)) {}
  SignalFd(const SignalFd&) = delete;
  SignalFd& operator=(const SignalFd&) = delete;
  ~SignalFd() { ::close(fd); }
  const int fd;
};

}  // namespace

/// Freed by its Watch; by on_event() when the Watch goes while it runs.
struct Control::Watch::State {
  event* handle = nullptr;
  std::function<void()> ready;
  bool running = false;
  bool cancelled = false;
};

void Control::Watch::Cancel::operator()(State* state) const {
  event_free(state->handle);
  state->cancelled = true;
  if (!state->running) delete state;
}

Control::Control() : base_(make_base()), inbox_(std::numeric_limits<std::size_t>::max()) {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  block(pipe);
  inbox_watch_ = on_readable(inbox_.wake_fd(), [this] { inbox_.drain(kInboxItemsPerTurn); });
}

Control::~Control() = default;

Control::Watch Control::on_readable(int fd, std::function<void()> ready) {
  return watch(fd, EV_READ | EV_PERSIST, std::chrono::milliseconds::min(), std::move(ready));
}

Control::Watch Control::on_writable(int fd, std::function<void()> ready) {
  return watch(fd, EV_WRITE | EV_PERSIST, std::chrono::milliseconds::min(), std::move(ready));
}

Control::Watch Control::after(std::chrono::milliseconds delay, std::function<void()> due) {
  return watch(-1, 0, delay, std::move(due));
}

Control::Watch Control::every(std::chrono::milliseconds interval, std::function<void()> due) {
  return watch(-1, EV_PERSIST, interval, std::move(due));
}

Control::Watch Control::on_signals(std::initializer_list<int> signals,
                                   std::function<void(int)> came) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  block(set);
  auto from = std::make_shared<const SignalFd>(set);
  const int fd = from->fd;
  return on_readable(fd, [from = std::move(from), came = std::move(came)] {
    signalfd_siginfo info;
    if (::read(from->fd, &info, sizeof info) == sizeof info) came(static_cast<int>(info.ssi_signo));
  });
}

Control::Watch Control::watch(int fd, short events, std::chrono::milliseconds timeout,
                              std::function<void()> ready) {
  Watch watch;
  watch.state_.reset(new Watch::State{.ready = std::move(ready)});
  watch.state_->handle = event_new(base_.get(), fd, events, &Control::on_event, watch.state_.get());
  const auto time = timeval_of(timeout);
  event_add(watch.state_->handle, timeout.count() < 0 ? nullptr : &time);
  return watch;
}

void Control::on_event(evutil_socket_t, short, void* watched) {
  auto* const state = static_cast<Watch::State*>(watched);
  state->running = true;
  state->ready();
  state->running = false;
  if (state->cancelled) delete state;
}

void Control::run_deferred() {
  while (!deferred_.empty()) {
    auto batch = std::exchange(deferred_, {});
    for (auto& work : batch) work();
  }
}

void Control::run() {
  while (run_deferred(), !stop_.load(std::memory_order_relaxed)) {
    event_base_loop(base_.get(), EVLOOP_ONCE);
  }
}

void Control::stop() {
  inbox_.post([this] { stop_.store(true, std::memory_order_relaxed); });
}

}  // namespace opensips::loop
