#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

/// The server's log. Any thread may call any function here except `log_start` and `log_stop`, which
/// belong to the control thread. A line is formatted on the calling thread, put into a bounded
/// queue (the oldest line makes room) and written by one background thread, so that no slow reader
/// ever holds a worker. Control characters are written as escapes: data from the network cannot
/// forge a line.
namespace opensips::base {

/// OpenSIPS's levels and numbers: a line is written when its number is not above `log_level`.
enum class LogLevel : std::int8_t {
  alert = -3,
  crit = -2,
  err = -1,
  warn = 1,
  notice = 2,
  info = 3,
  debug = 4,
};

inline constexpr std::size_t kLogLineMax = 16384;  ///< bytes of text in one line; the rest is cut

struct LogOptions {
  int level = static_cast<int>(LogLevel::notice);
  bool to_stderr = true;
  bool to_syslog = false;
  int syslog_facility = 3 << 3;  ///< LOG_DAEMON; see syslog_facility()
  std::string syslog_ident = "opensips";
  std::string syslog_socket = "/dev/log";
  std::string file;                ///< empty: no file; appended to, created with mode 0640
  std::size_t queue_lines = 8192;  ///< lines that wait for the log thread
};

/// Starts the log thread; call after any fork. Before it (and after `log_stop`) lines go to stderr
/// directly. Fails, with a text for the operator, when the file cannot be opened; started already:
/// starts anew.
std::expected<void, std::string> log_start(const LogOptions& options);
/// Writes what waits, ends the log thread. Does not wait for a reader that does not read.
void log_stop() noexcept;
/// Opens the log file anew before the next line (after rotation). Async-signal-safe.
void log_reopen() noexcept;

/// Lines lost because the queue was full, since the process began.
std::uint64_t log_dropped() noexcept;
/// Lines that an output did not take: disk full, reader gone or stuck, no syslog daemon.
std::uint64_t log_failed() noexcept;

/// Takes lines in place of the outputs, on the thread that logs; nullptr: no longer. For tests of
/// scripts, while no log thread runs.
using LogTap = void (*)(LogLevel level, std::string_view text);
void log_divert(LogTap tap) noexcept;

/// The number of `LOG_DAEMON`, `LOG_LOCAL0`, … (a name as in `syslog_facility=`); none for any
/// other name.
std::optional<int> syslog_facility(std::string_view name) noexcept;

namespace detail {
inline std::atomic<int> log_threshold{static_cast<int>(LogLevel::notice)};
void log_vwrite(LogLevel level, fmt::string_view format, fmt::format_args args,
                std::uint64_t left_out = 0) noexcept;
}  // namespace detail

/// Changes the level at run time.
inline void log_set_level(int level) noexcept {
  detail::log_threshold.store(level, std::memory_order_relaxed);
}
inline int log_level() noexcept {
  return detail::log_threshold.load(std::memory_order_relaxed);
}
inline bool log_on(LogLevel level) noexcept {
  return static_cast<int>(level) <= log_level();
}

/// Logs text as it is.
void log_write(LogLevel level, std::string_view text) noexcept;

/// Logs at a level known at run time. Arguments are not formatted when the level is off.
template <class... Args>
void log_at(LogLevel level, fmt::format_string<Args...> format, Args&&... args) noexcept {
  if (log_on(level)) detail::log_vwrite(level, format, fmt::make_format_args(args...));
}

template <class... Args>
void log_alert(fmt::format_string<Args...> format, Args&&... args) noexcept {
  log_at<Args...>(LogLevel::alert, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_crit(fmt::format_string<Args...> format, Args&&... args) noexcept {
  log_at<Args...>(LogLevel::crit, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) noexcept {
  log_at<Args...>(LogLevel::err, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_warn(fmt::format_string<Args...> format, Args&&... args) noexcept {
  log_at<Args...>(LogLevel::warn, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_notice(fmt::format_string<Args...> format, Args&&... args) noexcept {
  log_at<Args...>(LogLevel::notice, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) noexcept {
  log_at<Args...>(LogLevel::info, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) noexcept {
  log_at<Args...>(LogLevel::debug, format, std::forward<Args>(args)...);
}

/// Lets one line through per interval, and counts the others. One per call site (a function's
/// `static`) or per object. Any thread, without a lock.
class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;

  explicit constexpr RateLimit(std::chrono::nanoseconds interval) noexcept
      : interval_(interval.count()) {}

  /// The number of lines left out since the last one that passed; nothing: leave this one out as
  /// well.
  std::optional<std::uint64_t> pass(Clock::time_point now = Clock::now()) noexcept {
    const std::int64_t time = std::chrono::nanoseconds(now.time_since_epoch()).count();
    std::int64_t next = next_.load(std::memory_order_relaxed);
    if (time < next ||
        !next_.compare_exchange_strong(next, time + interval_, std::memory_order_relaxed)) {
      left_out_.fetch_add(1, std::memory_order_relaxed);
      return std::nullopt;
    }
    return left_out_.exchange(0, std::memory_order_relaxed);
  }

  /// Whether a line would be let through.
  bool is_open(Clock::time_point now) const noexcept {
    return std::chrono::nanoseconds(now.time_since_epoch()).count() >=
           next_.load(std::memory_order_relaxed);
  }

 private:
  std::int64_t interval_;
  std::atomic<std::int64_t> next_{INT64_MIN};
  std::atomic<std::uint64_t> left_out_{0};
};

/// A limit per key (a source address, a user, a text) in fixed memory: 256 limits, so at most so
/// many lines per interval. A key may take any of the four of its set, and shares one only with
/// what finds all four in use within the interval.
class KeyedRateLimit {
 public:
  explicit KeyedRateLimit(std::chrono::nanoseconds interval) noexcept
      : KeyedRateLimit(interval, std::make_index_sequence<kLimits>{}) {}

  RateLimit& of(std::string_view key,
                RateLimit::Clock::time_point now = RateLimit::Clock::now()) noexcept {
    const std::uint64_t hash = std::hash<std::string_view>{}(key);
    Keyed* const set = &keyed_[hash % (kLimits / kWays) * kWays];
    for (std::size_t way = 0; way < kWays; ++way) {
      if (set[way].hash.load(std::memory_order_relaxed) == hash) return set[way].limit;
    }
    for (std::size_t way = 0; way < kWays; ++way) {
      if (!set[way].limit.is_open(now)) continue;
      set[way].hash.store(hash, std::memory_order_relaxed);
      return set[way].limit;
    }
    return set->limit;
  }

 private:
  static constexpr std::size_t kLimits = 256;
  static constexpr std::size_t kWays = 4;

  struct Keyed {
    explicit Keyed(std::chrono::nanoseconds interval) noexcept : limit(interval) {}
    std::atomic<std::uint64_t> hash{0};
    RateLimit limit;
  };

  template <std::size_t... I>
  KeyedRateLimit(std::chrono::nanoseconds interval, std::index_sequence<I...>) noexcept
      : keyed_{((void)I, Keyed(interval))...} {}

  std::array<Keyed, kLimits> keyed_;
};

/// Logs when `limit` lets it, and says how many lines were left out before.
template <class... Args>
void log_limited(RateLimit& limit, LogLevel level, fmt::format_string<Args...> format,
                 Args&&... args) noexcept {
  if (!log_on(level)) return;
  if (const auto left_out = limit.pass()) {
    detail::log_vwrite(level, format, fmt::make_format_args(args...), *left_out);
  }
}

}  // namespace opensips::base
