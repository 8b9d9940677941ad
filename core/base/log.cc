#include "base/log.hh"

#include <pthread.h>
#include <syslog.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <iterator>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/sink.h>

#include "base/log_output.hh"

namespace opensips::base {
namespace {

std::atomic<std::uint64_t> failed_lines{0};
std::atomic<std::uint64_t> dropped_before{0};  // by queues that are gone

struct LevelName {
  LogLevel level;
  std::string_view name;
  int priority;
};

// In spdlog's order, most talkative first: an index here is spdlog's number of the level.
constexpr std::array<LevelName, 7> kLevels{{{LogLevel::debug, "DBG", LOG_DEBUG},
                                            {LogLevel::info, "INFO", LOG_INFO},
                                            {LogLevel::notice, "NOTICE", LOG_NOTICE},
                                            {LogLevel::warn, "WARNING", LOG_WARNING},
                                            {LogLevel::err, "ERROR", LOG_ERR},
                                            {LogLevel::crit, "CRITICAL", LOG_CRIT},
                                            {LogLevel::alert, "ALERT", LOG_ALERT}}};

std::size_t level_index(LogLevel level) {
  std::size_t i = 0;
  while (i + 1 < kLevels.size() && kLevels[i].level != level) ++i;
  return i;
}

// The text with control characters (C0, DEL, and C1 as UTF-8 writes it) as escapes.
void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const unsigned next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    if (c == '\n' || c == '\r' || c == '\t') {
      out += '\\';
      out += c == '\n' ? 'n' : c == '\r' ? 'r' : 't';
    } else if (c < 0x20 || c == 0x7f || (c == 0xc2 && next >= 0x80 && next <= 0x9f)) {
      const unsigned code = c == 0xc2 ? next : c;
      if (c == 0xc2) ++i;
      out += "\\x";
      out += kHex[code >> 4];
      out += kHex[code & 15];
    } else {
      out += static_cast<char>(c);
    }
  }
}

// Makes a line once and gives it to every output. Only the log thread calls it.
class Fanout final : public spdlog::sinks::sink {
 public:
  explicit Fanout(std::vector<std::unique_ptr<LogOutput>> outputs) : outputs_(std::move(outputs)) {}

  void log(const spdlog::details::log_msg& msg) override {
    const auto index = std::min<std::size_t>(static_cast<std::size_t>(msg.level), 6);
    put(msg.time, msg.thread_id, kLevels[index], {msg.payload.data(), msg.payload.size()});
    if (queue != nullptr && msg.time - last_note_ >= std::chrono::seconds(1)) {
      last_note_ = msg.time;
      note_dropped(queue->overrun_counter());
    }
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  void note_dropped(std::size_t total) {
    if (total == noted_) return;
    put(std::chrono::system_clock::now(), 0, kLevels[level_index(LogLevel::warn)],
        fmt::format("{} log lines were dropped: the log is slower than the server",
                    total - noted_));
    noted_ = total;
  }

  spdlog::details::thread_pool* queue = nullptr;  // whose thread calls us

 private:
  void put(std::chrono::system_clock::time_point time, std::size_t thread, const LevelName& level,
           std::string_view text) {
    stamp(time, thread);
    const std::size_t stamp_size = line_.size();
    line_ += level.name;
    line_ += ": ";
    append_escaped(line_, text);
    line_ += '\n';
    const std::string_view whole = line_;
    const std::string_view bare = whole.substr(stamp_size, whole.size() - stamp_size - 1);
    bool taken = true;
    for (const auto& output : outputs_) taken &= output->write(whole, bare, level.priority);
    if (!taken) failed_lines.fetch_add(1, std::memory_order_relaxed);
  }

  void stamp(std::chrono::system_clock::time_point time, std::size_t thread) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
    const std::time_t second = static_cast<std::time_t>(ms.count() / 1000);
    if (second != second_) {
      second_ = second;
      std::tm local{};
      ::localtime_r(&second, &local);
      std::strftime(date_.data(), date_.size(), "%F %T", &local);
    }
    line_.clear();
    fmt::format_to(std::back_inserter(line_), "{}.{:03} [{}] ", date_.data(), ms.count() % 1000,
                   thread);
  }

  std::vector<std::unique_ptr<LogOutput>> outputs_;
  std::string line_;
  std::array<char, 32> date_{};
  std::time_t second_ = -1;
  std::chrono::system_clock::time_point last_note_{};
  std::size_t noted_ = 0;
};

struct Backend {
  std::shared_ptr<Fanout> fanout;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

std::atomic<LogTap> diverted_to{nullptr};
std::atomic<Backend*> backend{nullptr};
std::atomic<int> users{0};  // threads that may hold what `backend` pointed to

// Keeps the backend alive for as long as it lives itself; log_stop waits for it.
class Use {
 public:
  Use() noexcept {
    users.fetch_add(1);
    backend_ = backend.load();
    if (backend_ == nullptr) users.fetch_sub(1);
  }
  ~Use() {
    if (backend_ != nullptr) users.fetch_sub(1);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  Backend* operator->() const { return backend_; }
  explicit operator bool() const { return backend_ != nullptr; }

 private:
  Backend* backend_;
};

void write_directly(LogLevel level, std::string_view text) {
  if (const auto tap = diverted_to.load(std::memory_order_acquire)) return tap(level, text);
  std::string line{kLevels[level_index(level)].name};
  line += ": ";
  append_escaped(line, text);
  line += '\n';
  static std::atomic<bool> stuck{false};
  StderrOutput output(stuck.load(std::memory_order_relaxed));
  if (!output.write(line, {}, 0)) failed_lines.fetch_add(1, std::memory_order_relaxed);
  stuck.store(output.is_stuck(), std::memory_order_relaxed);
}

void block_signals() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  ::pthread_setname_np(::pthread_self(), "log");
}

std::unique_ptr<Backend> make_backend(const LogOptions& options,
                                      std::vector<std::unique_ptr<LogOutput>> outputs) {
  auto made = std::make_unique<Backend>();
  made->fanout = std::make_shared<Fanout>(std::move(outputs));
  made->pool = std::make_shared<spdlog::details::thread_pool>(
      std::max<std::size_t>(options.queue_lines, 1), 1, block_signals);
  made->fanout->queue = made->pool.get();
  made->logger = std::make_shared<spdlog::async_logger>(
      "opensips", made->fanout, made->pool, spdlog::async_overflow_policy::overrun_oldest);
  made->logger->set_level(spdlog::level::trace);
  made->logger->set_error_handler(
      [](const std::string&) { failed_lines.fetch_add(1, std::memory_order_relaxed); });
  return made;
}

}  // namespace

std::expected<void, std::string> log_start(const LogOptions& options) try {
  std::vector<std::unique_ptr<LogOutput>> outputs;
  if (options.to_stderr) outputs.push_back(std::make_unique<StderrOutput>());
  if (options.to_syslog) outputs.push_back(std::make_unique<SyslogOutput>(options));
  if (!options.file.empty()) {
    auto file = std::make_unique<FileOutput>(options.file);
    if (!file->is_open()) {
      return std::unexpected(fmt::format("cannot open log file {}: {}", options.file,
                                         std::generic_category().message(errno)));
    }
    outputs.push_back(std::move(file));
  }
  log_stop();
  log_set_level(options.level);
  backend.store(make_backend(options, std::move(outputs)).release());
  return {};
} catch (const std::exception& e) {
  return std::unexpected(fmt::format("cannot start the log: {}", e.what()));
}

void log_stop() noexcept {
  const std::unique_ptr<Backend> old(backend.exchange(nullptr));
  if (!old) return;
  while (users.load() != 0) std::this_thread::yield();
  const std::size_t dropped = old->pool->overrun_counter();
  dropped_before.fetch_add(dropped, std::memory_order_relaxed);
  old->pool.reset();  // writes what waits
  old->fanout->note_dropped(dropped);
}

void log_divert(LogTap tap) noexcept {
  diverted_to.store(tap, std::memory_order_release);
}

std::uint64_t log_dropped() noexcept {
  const Use use;
  const std::uint64_t now = use ? use->pool->overrun_counter() : 0;
  return now + dropped_before.load(std::memory_order_relaxed);
}

std::uint64_t log_failed() noexcept {
  return failed_lines.load(std::memory_order_relaxed);
}

void log_write(LogLevel level, std::string_view text) noexcept try {
  if (!log_on(level)) return;
  if (text.size() > kLogLineMax) text = text.substr(0, kLogLineMax);
  const Use use;
  if (use) {
    use->logger->log(spdlog::source_loc{},
                     static_cast<spdlog::level::level_enum>(level_index(level)),
                     spdlog::string_view_t(text.data(), text.size()));
  } else {
    write_directly(level, text);
  }
} catch (...) {
  failed_lines.fetch_add(1, std::memory_order_relaxed);
}

void detail::log_vwrite(LogLevel level, fmt::string_view format, fmt::format_args args,
                        std::uint64_t left_out) noexcept try {
  fmt::memory_buffer text;
  fmt::vformat_to(std::back_inserter(text), format, args);
  if (left_out != 0) {
    if (text.size() > kLogLineMax - 64) text.resize(kLogLineMax - 64);
    fmt::format_to(std::back_inserter(text), " ({} lines like this left out)", left_out);
  }
  log_write(level, {text.data(), text.size()});
} catch (...) {
  failed_lines.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace opensips::base
