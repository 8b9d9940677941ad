#include "manage/threads.hh"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

namespace opensips::manage {

namespace {

/// Fields of /proc/PID/task/TID/stat behind the name, from 0: proc(5).
constexpr unsigned kUserTime = 11;
constexpr unsigned kSystemTime = 12;

std::optional<Thread> parse(std::string_view stat) {
  const auto open = stat.find('(');
  const auto close = stat.rfind(')');  // a name may have one
  if (open == std::string_view::npos || close == std::string_view::npos) return std::nullopt;
  Thread thread;
  std::from_chars(stat.data(), stat.data() + open, thread.id);
  thread.name = stat.substr(open + 1, close - open - 1);
  std::string_view rest = stat.substr(std::min(close + 2, stat.size()));
  std::uint64_t ticks = 0;
  for (unsigned field = 0; field <= kSystemTime; ++field) {
    const auto end = std::min(rest.find(' '), rest.size());
    std::uint64_t value = 0;
    if (field >= kUserTime) std::from_chars(rest.data(), rest.data() + end, value);
    ticks += value;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  static const auto per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  thread.cpu_ms = ticks * 1000 / per_second;
  return thread;
}

}  // namespace

std::vector<Thread> read_threads() {
  std::vector<Thread> threads;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task", failed)) {
    std::ifstream file(entry.path() / "stat");
    std::string line;
    if (!std::getline(file, line)) continue;  // it has ended
    if (auto thread = parse(line)) threads.push_back(std::move(*thread));
  }
  std::ranges::sort(threads, {}, &Thread::id);
  return threads;
}

}  // namespace opensips::manage
