#include "manage/memory.hh"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <utility>

#include "base/log.hh"
#include "base/memory.hh"

namespace opensips::manage {

namespace {

constexpr std::chrono::milliseconds kLook{100};
constexpr unsigned kLooksPerTrim = 10;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The number that a text begins with; none for "max".
std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() ? std::optional(value) : std::nullopt;
}

/// The least of a group's limit and those of the groups that it is in.
std::optional<std::uint64_t> least_limit(const std::filesystem::path& root, std::string_view group,
                                         const char* file) {
  std::optional<std::uint64_t> least;
  for (std::filesystem::path path(group);; path = path.parent_path()) {
    const auto limit = number(text_of(root / path.relative_path() / file));
    if (limit) least = std::min(least.value_or(*limit), *limit);
    if (!path.has_relative_path()) return least;
  }
}

std::uint64_t memory_of_the_machine() {
  return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::uint64_t find_limit(std::uint64_t configured) {
  if (configured != 0) return configured;
  const auto allowed = allowed_by_groups(text_of("/proc/self/cgroup"), "/sys/fs/cgroup");
  return std::min(allowed.value_or(UINT64_MAX), memory_of_the_machine());
}

}  // namespace

/// Lines "0::/path" (version 2) and "7:memory:/path", whose groups are in a folder `memory`
/// (version 1).
std::optional<std::uint64_t> allowed_by_groups(std::string_view groups, const std::string& root) {
  std::optional<std::uint64_t> least;
  while (!groups.empty()) {
    const auto line = groups.substr(0, groups.find('\n'));
    groups.remove_prefix(std::min(groups.size(), line.size() + 1));
    const auto kind = line.find(':');
    const auto path = kind == line.npos ? line.npos : line.find(':', kind + 1);
    if (path == line.npos) continue;
    const auto controller = line.substr(kind + 1, path - kind - 1);
    std::optional<std::uint64_t> limit;
    if (controller.empty()) {
      limit = least_limit(root, line.substr(path + 1), "memory.max");
    } else if (controller == "memory") {
      limit = least_limit(root + "/memory", line.substr(path + 1), "memory.limit_in_bytes");
    }
    if (limit) least = std::min(least.value_or(*limit), *limit);
  }
  return least;
}

/// Fields: the whole, what is in memory, what of that is shared with files; in pages.
std::uint64_t used_memory(std::string_view statm) {
  std::uint64_t pages[3] = {};
  for (auto& value : pages) {
    value = number(statm).value_or(0);
    statm.remove_prefix(std::min(statm.size(), statm.find(' ')));
    statm.remove_prefix(std::min<std::size_t>(statm.size(), 1));
  }
  const auto size = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return pages[1] > pages[2] ? (pages[1] - pages[2]) * size : 0;
}

Memory::Memory(std::uint64_t limit) : limit_(find_limit(limit)) {}

/// Over from nine tenths of the limit on, until it is less than eight. What has been freed counts
/// until the system has it again.
void Memory::look() {
  used_ = used_memory(text_of("/proc/self/statm"));
  most_ = std::max(most_.load(), used_.load());
  over_ = used_ > limit_ / 10 * (over_ ? 8 : 9);
  if (over_ && looks_++ % kLooksPerTrim == 0) malloc_trim(0);
  base::watch_memory(over_);

  const bool is_short = base::memory_is_short();
  if (is_short != std::exchange(was_short_, is_short)) {
    base::log_warn("{} of {} MiB of memory are in use: {}", used_ >> 20, limit_ >> 20,
                   is_short ? "new requests are answered 503" : "new requests are taken again");
  }
}

void Memory::watch(const std::stop_token& stop) {
  std::mutex nobodys;
  std::condition_variable_any stopping;
  std::unique_lock lock(nobodys);
  while (!stop.stop_requested()) {
    look();
    stopping.wait_for(lock, stop, kLook, [] { return false; });
  }
}

void Memory::add_to(base::Stats& stats) const {
  stats.function("shmem:total_size", [this] { return limit_; });
  stats.function("shmem:used_size", [this] { return used_.load(); });
  stats.function("shmem:max_used_size", [this] { return most_.load(); });
  stats.function("shmem:free_size", [this] { return limit_ - std::min(limit_, used_.load()); });
  stats.function("core:memory_shortages", base::memory_shortages);
}

}  // namespace opensips::manage
