#include "loop/worker.hh"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <utility>

#include "base/clock.hh"
#include "base/log.hh"
#include "loop/events.hh"

namespace opensips::loop {

namespace {

constexpr std::size_t kInboxItemsPerTurn = 256;

void sleep_until(std::uint64_t monotonic_ns) {
  const timespec at{static_cast<time_t>(monotonic_ns / 1'000'000'000),
                    static_cast<long>(monotonic_ns % 1'000'000'000)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
}

event_base* make_base() {
  event_config* config = event_config_new();
  // One thread uses it: others come through the inbox. No changelist: it would take a descriptor
  // out of the epoll set after that has been closed, when it may be another thread's.
  event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
  event_base* base = event_base_new_with_config(config);
  event_config_free(config);
  return base;
}

}  // namespace

/// A datagram on its way to the worker that owns its Call-ID: made by the worker that read it,
/// freed by the other.
class Worker::Hop final : public InboxItem {
 public:
  static InboxItem::Ptr make(Worker& owner, std::string_view bytes, const base::Flow& from) {
    void* memory = ::operator new(sizeof(Hop) + bytes.size());
    Hop* hop = new (memory) Hop(owner, bytes.size(), from);
    std::memcpy(reinterpret_cast<char*>(hop + 1), bytes.data(), bytes.size());
    return InboxItem::Ptr(hop);
  }
  void run() override {
    owner_.enter({reinterpret_cast<const char*>(this + 1), size_}, from_);
    drop();
  }
  void drop() override {
    this->~Hop();
    ::operator delete(this);
  }

 private:
  Hop(Worker& owner, std::size_t size, const base::Flow& from)
      : owner_(owner), size_(size), from_(from) {}
  ~Hop() override = default;

  Worker& owner_;
  std::size_t size_;
  base::Flow from_;
};

Worker::Worker(unsigned index, std::uint32_t epoch, const Owners& owners, base::Stats& statistics,
               const Options& options)
    : owners_(owners),
      options_(options),
      context_(index, epoch, base::monotonic_ms(), statistics),
      inbox_(options.inbox_limit),
      base_(make_base()),
      due_fd_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
      pace_(options.gather_ns),
      hops_(statistics.counter("core:hops")),
      refused_(statistics.counter("core:inbox_refused")),
      limited_(statistics.counter("core:limited_messages")) {
  context_.overload.set_limit(options.overload_limit_ms);
  on_readable(inbox_.wake_fd(), [this] { inbox_.drain(kInboxItemsPerTurn); });
  // That the turn has begun is all: its timers have fired by then.
  on_readable(due_fd_, [this] {
    std::uint64_t times;
    if (::read(due_fd_, &times, sizeof times) > 0) due_at_ = UINT64_MAX;
  });
}

Worker::~Worker() {
  ::close(due_fd_);
}

void Worker::on_readable(int fd, std::function<void()> ready) {
  watches_.push_back(watch_readable(fd, std::move(ready)));
}

void Worker::once_writable(int fd, std::function<void()> ready) {
  watches_.push_back(watch(fd, EV_WRITE, std::move(ready)));
}

WatchPtr Worker::watch_readable(int fd, std::function<void()> ready) {
  return watch(fd, EV_READ | EV_PERSIST, std::move(ready));
}

WatchPtr Worker::watch_writable(int fd, std::function<void()> ready) {
  return watch(fd, EV_WRITE | EV_PERSIST, std::move(ready));
}

WatchPtr Worker::watch(int fd, short events, std::function<void()> ready) {
  WatchPtr entry(new Watch(*this, std::move(ready)));
  entry->handle_.reset(event_new(base_.get(), fd, events, &Worker::on_event, entry.get()));
  event_add(entry->handle_.get(), nullptr);
  return entry;
}

void Worker::on_event(evutil_socket_t, short, void* watch) {
  auto* entry = static_cast<Watch*>(watch);
  Worker& worker = entry->worker_;
  worker.begin_turn();
  if (event_get_events(entry->handle_.get()) & EV_PERSIST) return entry->ready_();
  // Once only: forget it before it runs, since it may ask again.
  const auto ready = std::move(entry->ready_);
  std::erase_if(worker.watches_, [entry](const auto& one) { return one.get() == entry; });
  ready();
}

void Worker::receive(std::string_view bytes, const base::Flow& from) {
  if (is_to_enter(bytes, from)) enter(bytes, from);
}

void Worker::receive(std::span<const Arrival> arrivals) {
  std::size_t count = 0;
  for (const Arrival& one : arrivals) {
    if (is_to_enter(one.bytes, one.from)) walks_[count++] = walk_of(one.bytes, one.from);
    if (count < walks_.size() && &one != &arrivals.back()) continue;
    context_.path.launch(std::span(walks_).first(count));
    count = 0;
  }
}

/// False if it is dropped, or another worker's: then it is on its way there.
bool Worker::is_to_enter(std::string_view bytes, const base::Flow& from) {
  if (options_.source_limit && !is_admitted(from.peer)) {
    context_.stats.add(limited_);
    return false;
  }
  const unsigned owner = owner_of(bytes);
  if (owner == context_.worker()) return true;
  context_.stats.add(hops_);
  context_.overload.count_message();
  auto hop = Hop::make(*workers_[owner], bytes, from);
  // Woken at the end of the turn: a burst for one owner costs one system call.
  if (!workers_[owner]->inbox().try_post(hop, Wake::at_flush)) context_.stats.add(refused_);
  return false;
}

/// What names no call may be dealt with by anybody. A worker that is alone need not look.
unsigned Worker::owner_of(std::string_view bytes) const {
  if (owners_.workers() == 1) return context_.worker();
  const auto call_id = options_.call_id_of(bytes);
  return call_id.empty() ? context_.worker() : owners_.owner_of(call_id);
}

bool Worker::is_admitted(const base::Address& source) {
  std::string reported;
  const bool admitted = options_.source_limit->admits(source, context_.now(), &reported);
  if (!reported.empty()) context_.bus.publish(SourceLimited{std::move(reported)});
  return admitted;
}

void Worker::enter(std::string_view bytes, const base::Flow& from) {
  context_.path.launch(walk_of(bytes, from));
}

Walk Worker::walk_of(std::string_view bytes, const base::Flow& from) {
  context_.overload.count_message();
  ++entered_;
  Walk walk = Walk::up(LayerId::transport);
  walk.bytes = bytes;
  walk.flow = from;
  return walk;
}

bool Worker::tell_owner(std::string_view bytes, std::move_only_function<void(Context&)> work) {
  const auto call_id = options_.call_id_of(bytes);
  if (call_id.empty()) return false;
  Worker& owner = *workers_[owners_.owner_of(call_id)];
  return owner.inbox().try_post(
      [&owner, work = std::move(work)]() mutable { work(owner.context_); }, Wake::at_flush);
}

void Worker::run() {
  context_.bus.start();
  sleep_until_due();
  while (!stop_.load(std::memory_order_relaxed)) {
    event_base_loop(base_.get(), EVLOOP_ONCE);
    end_turn();
    gather();
  }
}

void Worker::stop() {
  inbox_.post([this] { stop_.store(true, std::memory_order_relaxed); });
}

/// The first event of a turn reads the clock for all of them.
void Worker::begin_turn() {
  if (std::exchange(in_turn_, true)) return;
  turn_began_ = base::monotonic_ns();
  context_.timers.advance(turn_began_ / 1'000'000);
}

void Worker::end_turn() {
  in_turn_ = false;
  context_.run_deferred();
  for (const auto& work : turn_end_) work();
  judge_load();
  for (const auto& other : workers_) {
    other->inbox().flush();  // its own too: what it told itself
  }
  sleep_until_due();
}

void Worker::judge_load() {
  static base::RateLimit limit{std::chrono::seconds(10)};
  auto& overload = context_.overload;
  const bool before = overload.is_shedding();
  std::uint64_t took_ns = 0;
  if (overload.turn_is_full()) {
    overload.add_waiting(inbox_.size());
    took_ns = base::monotonic_ns() - turn_began_;
  }
  overload.turn_ended(took_ns);
  if (before || !overload.is_shedding()) return;
  base::log_limited(limit, base::LogLevel::warn,
                    "worker {} is overloaded: new requests are answered 503", context_.worker());
}

/// While messages come close upon each other, the next ones wait in the kernel for their turn.
void Worker::gather() {
  const auto next = pace_.next_turn(turn_began_, std::exchange(entered_, 0));
  if (next > turn_began_) sleep_until(next);
}

/// Arms the timer, but only if something is due before what it is armed for: one that was cancelled
/// costs an idle turn, which is cheaper than moving the timer with every message.
void Worker::sleep_until_due() {
  const auto next = context_.has_deferred() ? context_.now() : context_.timers.next_due();
  if (!next || *next >= due_at_) return;
  due_at_ = *next;
  const auto at = std::max<std::uint64_t>(due_at_, 1);  // zero would disarm it
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(at / 1000);
  when.it_value.tv_nsec = static_cast<long>(at % 1000 * 1000000);
  timerfd_settime(due_fd_, TFD_TIMER_ABSTIME, &when, nullptr);
}

}  // namespace opensips::loop
