#include "base/memory.hh"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <new>
#include <string_view>
#include <utility>

namespace opensips::base {

namespace {

std::mutex lock;  // of the next three
void* reserve = nullptr;
std::size_t reserve_size = 0;
std::uint32_t releases = 0;

std::atomic<bool> is_short = false;
std::atomic<std::uint64_t> shortages = 0;

void become_short() {
  if (!is_short.exchange(true)) ++shortages;
}

/// Without memory nothing can be formatted, and the log's thread may not get to it.
[[noreturn]] void end() {
  constexpr std::string_view kLine = "opensips: out of memory\n";
  static_cast<void>(!write(STDERR_FILENO, kLine.data(), kLine.size()));
  std::abort();
}

/// std::new_handler: returns if it is worth another try. Several threads may fail at the same
/// moment: what one has given back is there for all of them.
void on_exhausted() {
  thread_local std::uint32_t seen = 0;
  const std::lock_guard guard(lock);
  if (reserve) {
    std::free(std::exchange(reserve, nullptr));
    ++releases;
    become_short();
  } else if (seen == releases) {
    end();
  }
  seen = releases;
}

/// Memory is enough if the reserve is there, or can be set aside again. It is not touched: it
/// counts where address space does, and what a control group allows is watched by what is in use.
void restore() {
  const std::lock_guard guard(lock);
  if (!reserve && reserve_size != 0) reserve = std::malloc(reserve_size);
  if (!reserve && reserve_size != 0) return become_short();
  is_short = false;
}

}  // namespace

void keep_memory_reserve(std::size_t size) {
  {
    const std::lock_guard guard(lock);
    std::free(std::exchange(reserve, nullptr));
    reserve_size = size;
  }
  std::set_new_handler(size != 0 ? on_exhausted : nullptr);
  watch_memory(false);
}

bool memory_is_short() {
  return is_short.load(std::memory_order_relaxed);
}

void watch_memory(bool over_budget) {
  if (over_budget) return become_short();
  restore();
}

std::uint64_t memory_shortages() {
  return shortages;
}

}  // namespace opensips::base
