#include "base/clock.hh"

#include <atomic>
#include <ctime>

namespace opensips::base {
namespace {

std::atomic<std::uint64_t> held_ms = 0;  // 0: the clocks go
std::atomic<std::int64_t> held_wall = 0;

}  // namespace

std::uint64_t monotonic_ns() {
  if (const auto held = held_ms.load(std::memory_order_relaxed)) return held * 1'000'000;
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

std::int64_t wall_seconds() {
  const bool held = held_ms.load(std::memory_order_relaxed) != 0;
  return held ? held_wall.load(std::memory_order_relaxed) : std::time(nullptr);
}

std::int64_t wall_ms() {
  if (held_ms.load(std::memory_order_relaxed)) return wall_seconds() * 1000;
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

void set_clocks(std::uint64_t monotonic_ms, std::int64_t wall_seconds) {
  held_wall.store(wall_seconds, std::memory_order_relaxed);
  held_ms.store(monotonic_ms, std::memory_order_relaxed);
}

}  // namespace opensips::base
