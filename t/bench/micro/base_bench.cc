#include <benchmark/benchmark.h>
#include <poll.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/counter_table.hh"
#include "base/siphash.hh"
#include "base/snapshot.hh"
#include "base/stats.hh"
#include "loop/inbox.hh"
#include "loop/timer_wheel.hh"

namespace opensips {
namespace {

using base::SipKey;
using loop::Inbox;
using loop::Timer;
using loop::TimerWheel;
using loop::Wake;

void nothing(void*) {}

void siphash_bytes(benchmark::State& state) {
  const SipKey key = SipKey::random();
  std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    benchmark::DoNotOptimize(bytes.data());
    benchmark::DoNotOptimize(base::siphash(key, bytes));
  }
}
BENCHMARK(siphash_bytes)->Arg(8)->Arg(30)->Arg(64);

/// Call-ID and From tag without joining them.
void siphash_two_pieces(benchmark::State& state) {
  const SipKey key = SipKey::random();
  const std::string call_id(30, 'c'), tag(10, 't');
  for (auto _ : state) {
    benchmark::DoNotOptimize(base::SipHasher(key).update(call_id).update(tag).finish());
  }
}
BENCHMARK(siphash_two_pieces);

/// What a limit per source costs a message: of so many sources, on so many threads.
void counter_table_add(benchmark::State& state) {
  static base::CounterTable table(1 << 18, 1000);
  const auto sources = static_cast<std::uint32_t>(state.range(0));
  std::uint32_t source = static_cast<std::uint32_t>(state.thread_index()) * 7919;
  std::uint64_t now = 0;
  for (auto _ : state) {
    source = (source + 1) % sources;
    const std::string_view key(reinterpret_cast<const char*>(&source), sizeof source);
    benchmark::DoNotOptimize(table.add(key, 1000, now += 1));
  }
}
BENCHMARK(counter_table_add)->Arg(1)->Arg(100'000)->Threads(1)->Threads(2);

void stats_add(benchmark::State& state) {
  base::Stats stats;
  const base::Counter counter = stats.counter("core:rcv_requests");
  base::StatsBlock& block = stats.new_block();
  for (auto _ : state) {
    block.add(counter);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(stats_add);

void snapshot_read(benchmark::State& state) {
  base::Snapshot<int> snapshot;
  base::SnapshotReader<int> reader(snapshot);
  for (auto _ : state) benchmark::DoNotOptimize(*reader);
}
BENCHMARK(snapshot_read);

/// Timers with random delays of up to an hour, armed.
class Armed {
 public:
  Armed(TimerWheel& wheel, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      wheel.arm(timers_.emplace_back(nothing, nullptr), random_() % 3'600'000);
    }
  }
  Timer& any() { return timers_[random_() % timers_.size()]; }
  std::uint64_t random() { return random_(); }

 private:
  std::mt19937_64 random_{1};
  std::deque<Timer> timers_;
};

/// A request that is answered: its timer is armed and cancelled, beside so many others.
void timer_arm_cancel(benchmark::State& state) {
  TimerWheel wheel(0);
  Armed others(wheel, static_cast<std::size_t>(state.range(0)));
  Timer timer(nothing, nullptr);
  for (auto _ : state) {
    wheel.arm(timer, 32'000);
    benchmark::ClobberMemory();
    timer.cancel();
  }
}
BENCHMARK(timer_arm_cancel)->Arg(0)->Arg(1'000'000);

/// A random one of so many timers is armed again: what costs is that it is not in the cache.
void timer_rearm_any(benchmark::State& state) {
  TimerWheel wheel(0);
  Armed timers(wheel, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) wheel.arm(timers.any(), timers.random() % 3'600'000);
}
BENCHMARK(timer_rearm_any)->Arg(1'000)->Arg(1'000'000);

/// All the life of a timer in the wheel: armed, dealt out at each level, fired.
void timer_million_fired(benchmark::State& state) {
  constexpr std::size_t kCount = 1'000'000;
  for (auto _ : state) {
    state.PauseTiming();
    auto wheel = std::make_unique<TimerWheel>(0);
    auto timers = std::make_unique<Armed>(*wheel, kCount);
    state.ResumeTiming();
    std::size_t fired = 0;
    for (std::uint64_t now = 0; now < 3'600'020; now += 10) fired += wheel->advance(now);
    if (fired != kCount) state.SkipWithError("lost some");
    state.PauseTiming();
    timers.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kCount));
}
BENCHMARK(timer_million_fired)->Unit(benchmark::kMillisecond);

/// A turn of the loop a millisecond after the last, with the question how long to sleep, beside a
/// thousand timers that go off within the hour.
void timer_idle_turn(benchmark::State& state) {
  TimerWheel wheel(0);
  Armed timers(wheel, 1'000);
  std::uint64_t now = 0;
  for (auto _ : state) {
    wheel.advance(++now);
    benchmark::DoNotOptimize(wheel.next_due());
  }
}
BENCHMARK(timer_idle_turn);

void wait_and_drain(Inbox& inbox) {
  pollfd entry{inbox.wake_fd(), POLLIN, 0};
  poll(&entry, 1, -1);
  inbox.drain(256);
}

/// The queue alone, in one thread: so many posted, then run, with one wake for all.
void inbox_post_and_drain(benchmark::State& state) {
  Inbox inbox(100'000);
  std::uint64_t ran = 0;
  for (auto _ : state) {
    for (int i = 0; i < state.range(0); ++i) inbox.post([&ran] { ++ran; });
    inbox.drain(100'000);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(ran));
}
BENCHMARK(inbox_post_and_drain)->Arg(1)->Arg(256);

/// Bursts of 256 messages to a worker that sleeps between the bursts and has so many rounds of a
/// busy loop to do for each message: per message, to the moment the last has run. When each message
/// wakes it, it is asleep again before the next one comes; with one flush a burst costs one wake.
void inbox_hop(benchmark::State& state) {
  constexpr unsigned kBurst = 256;
  const std::int64_t work = state.range(0);
  const Wake wake = state.range(1) != 0 ? Wake::at_flush : Wake::now;
  Inbox there(100'000);
  std::atomic<std::uint64_t> ran = 0;
  bool stop = false;  // the consumer's
  std::jthread consumer([&] {
    while (!stop) wait_and_drain(there);
  });
  std::uint64_t posted = 0;
  for (auto _ : state) {
    for (unsigned i = 0; i < kBurst; ++i) {
      auto message = [&ran, work] {
        for (std::int64_t n = 0; n < work; ++n) benchmark::DoNotOptimize(n);
        ran.store(ran.load(std::memory_order_relaxed) + 1, std::memory_order_release);
      };
      there.post(message, wake);
    }
    there.flush();
    posted += kBurst;
    while (ran.load(std::memory_order_acquire) != posted) {
    }
  }
  there.post([&stop] { stop = true; });
  state.SetItemsProcessed(static_cast<std::int64_t>(posted));
}
BENCHMARK(inbox_hop)
    ->ArgNames({"work", "at_flush"})
    ->ArgsProduct({{0, 1'000, 5'000}, {0, 1}})
    ->UseRealTime();

/// The work of inbox_hop without a hop.
void busy_loop(benchmark::State& state) {
  for (auto _ : state) {
    for (std::int64_t n = 0; n < state.range(0); ++n) benchmark::DoNotOptimize(n);
  }
}
BENCHMARK(busy_loop)->Arg(1'000)->Arg(5'000);

/// There and back between two sleeping threads.
void inbox_round_trip(benchmark::State& state) {
  Inbox there(10), back(10);
  bool stop = false;
  std::jthread other([&] {
    while (!stop) wait_and_drain(there);
  });
  for (auto _ : state) {
    bool answered = false;
    there.post([&] { back.post([&answered] { answered = true; }); });
    while (!answered) wait_and_drain(back);
  }
  there.post([&stop] { stop = true; });
}
BENCHMARK(inbox_round_trip)->UseRealTime();

}  // namespace
}  // namespace opensips

BENCHMARK_MAIN();
