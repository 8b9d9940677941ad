#include "base/log.hh"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace opensips::base {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

struct Counted {
  int* formatted;
};

}  // namespace
}  // namespace opensips::base

template <>
struct fmt::formatter<opensips::base::Counted> : fmt::formatter<int> {
  template <class Context>
  auto format(const opensips::base::Counted& value, Context& context) const {
    ++*value.formatted;
    return fmt::format_to(context.out(), "counted");
  }
};

namespace opensips::base {
namespace {

class LogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "log_test_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
    options_.to_stderr = false;
    options_.file = dir_ / "log";
  }
  void TearDown() override {
    log_stop();
    log_set_level(2);
    fs::remove_all(dir_);
  }
  std::string read(const fs::path& path) const {
    std::ifstream in(path);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }
  std::string logged() const { return read(options_.file); }

  fs::path dir_;
  LogOptions options_;
};

// Puts a pipe that nobody reads in place of stderr.
class StderrPipe {
 public:
  StderrPipe() : saved_(::dup(STDERR_FILENO)) {
    if (::pipe(ends_) != 0) std::abort();
    ::dup2(ends_[1], STDERR_FILENO);
    ::close(ends_[1]);
  }
  ~StderrPipe() { restore(); }
  void restore() {
    if (saved_ < 0) return;
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
    saved_ = -1;
  }
  std::string drain() {
    restore();
    std::string all;
    char bytes[4096];
    for (ssize_t n = 0; (n = ::read(ends_[0], bytes, sizeof bytes)) > 0;) all.append(bytes, n);
    ::close(ends_[0]);
    return all;
  }

 private:
  int saved_;
  int ends_[2] = {-1, -1};
};

TEST_F(LogTest, LinesCarryLevelAndText) {
  ASSERT_TRUE(log_start(options_));
  log_error("call {} failed with {}", "abc", 503);
  log_stop();
  EXPECT_NE(logged().find("] ERROR: call abc failed with 503\n"), std::string::npos) << logged();
}

TEST_F(LogTest, LevelIsThatOfOpenSipsAndChangesAtRunTime) {
  ASSERT_TRUE(log_start(options_));
  log_info("first");
  log_set_level(4);
  log_debug("second");
  log_set_level(-1);
  log_warn("third");
  log_crit("fourth");
  log_set_level(-3);
  log_crit("fifth");
  log_alert("sixth");
  log_stop();
  const std::string all = logged();
  EXPECT_EQ(all.find("first"), std::string::npos);
  EXPECT_NE(all.find("DBG: second"), std::string::npos);
  EXPECT_EQ(all.find("third"), std::string::npos);
  EXPECT_NE(all.find("CRITICAL: fourth"), std::string::npos);
  EXPECT_EQ(all.find("fifth"), std::string::npos);
  EXPECT_NE(all.find("ALERT: sixth"), std::string::npos);
}

TEST_F(LogTest, ArgumentsAreNotFormattedWhenTheLevelIsOff) {
  ASSERT_TRUE(log_start(options_));
  int formatted = 0;
  log_debug("{}", Counted{&formatted});
  EXPECT_EQ(formatted, 0);
  log_notice("{}", Counted{&formatted});
  EXPECT_EQ(formatted, 1);
}

TEST_F(LogTest, ControlCharactersCannotForgeALine) {
  ASSERT_TRUE(log_start(options_));
  log_notice("{}", "a\r\nERROR: forged\t\0\x1b[2J\x7f\xc2\x9b\xc3\xa9"sv);
  log_stop();
  const std::string all = logged();
  EXPECT_NE(all.find("NOTICE: a\\r\\nERROR: forged\\t\\x00\\x1b[2J\\x7f\\x9b\xc3\xa9\n"),
            std::string::npos)
      << all;
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 1);
}

TEST_F(LogTest, LongLinesAreCut) {
  ASSERT_TRUE(log_start(options_));
  log_notice("{}", std::string(100'000, 'x'));
  log_stop();
  const std::string all = logged();
  EXPECT_EQ(std::count(all.begin(), all.end(), 'x'), static_cast<long>(kLogLineMax));
}

TEST_F(LogTest, FileThatCannotBeOpenedIsToldToTheOperator) {
  options_.file = dir_ / "no" / "log";
  const auto started = log_start(options_);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error(),
            "cannot open log file " + options_.file + ": No such file or directory");
}

TEST_F(LogTest, FullDiskIsCounted) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP();
  options_.file = "/dev/full";
  ASSERT_TRUE(log_start(options_));
  const auto before = log_failed();
  for (int i = 0; i < 10; ++i) log_notice("line {}", i);
  log_stop();
  EXPECT_EQ(log_failed() - before, 10U);
}

TEST_F(LogTest, ReopenFollowsRotation) {
  ASSERT_TRUE(log_start(options_));
  log_notice("old");
  log_stop();
  ASSERT_TRUE(log_start(options_));
  fs::rename(options_.file, dir_ / "log.1");
  log_reopen();
  log_notice("new");
  log_stop();
  EXPECT_NE(read(dir_ / "log.1").find("old"), std::string::npos);
  EXPECT_NE(logged().find("new"), std::string::npos);
}

TEST_F(LogTest, StuckStderrReaderHoldsNeitherCallersNorStop) {
  StderrPipe pipe;
  options_.to_stderr = true;
  options_.queue_lines = 64;
  ASSERT_TRUE(log_start(options_));
  const auto failed_before = log_failed();
  const auto dropped_before_test = log_dropped();
  const std::string text(1000, 'x');
  for (int i = 0; i < 2000; ++i) log_notice("{} {}", i, text);
  log_stop();
  const std::string seen = pipe.drain();
  const auto lines = static_cast<std::uint64_t>(std::count(seen.begin(), seen.end(), '\n'));
  EXPECT_LT(lines, 100U);
  EXPECT_GT(log_failed() - failed_before + log_dropped() - dropped_before_test, 1800U);
}

TEST_F(LogTest, StuckStderrDoesNotKeepLinesFromTheFile) {
  StderrPipe pipe;
  options_.to_stderr = true;
  ASSERT_TRUE(log_start(options_));
  const std::string text(1000, 'x');
  for (int i = 0; i < 500; ++i) log_notice("{} {}", i, text);
  log_stop();
  pipe.drain();
  const std::string all = logged();
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 500);
}

TEST_F(LogTest, OverrunDropsTheOldestCountsAndSaysSo) {
  StderrPipe pipe;  // its first wait keeps the log thread busy
  options_.to_stderr = true;
  options_.queue_lines = 8;
  ASSERT_TRUE(log_start(options_));
  const auto before = log_dropped();
  for (int i = 0; i < 20'000; ++i) log_notice("line {}", i);
  log_stop();
  pipe.drain();
  const auto dropped = log_dropped() - before;
  const std::string all = logged();
  EXPECT_GT(dropped, 0U);
  EXPECT_NE(all.find("line 19999\n"), std::string::npos);
  EXPECT_NE(all.find("log lines were dropped"), std::string::npos);
  const auto texts = static_cast<std::uint64_t>(std::count(all.begin(), all.end(), '\n'));
  EXPECT_GE(texts + dropped, 20'000U);
}

TEST_F(LogTest, BeforeStartLinesGoToStderr) {
  StderrPipe pipe;
  log_error("no\nthread");
  log_info("off");
  EXPECT_EQ(pipe.drain(), "ERROR: no\\nthread\n");
}

TEST_F(LogTest, SyslogGetsPriorityIdentAndText) {
  const std::string path = dir_ / "dev_log";
  const int daemon = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  ASSERT_EQ(::bind(daemon, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  options_.file.clear();
  options_.to_syslog = true;
  options_.syslog_socket = path;
  options_.syslog_facility = syslog_facility("LOG_LOCAL0").value();
  ASSERT_TRUE(log_start(options_));
  log_warn("hello");
  log_stop();
  char bytes[512] = {};
  const ssize_t n = ::recv(daemon, bytes, sizeof bytes, MSG_DONTWAIT);
  ::close(daemon);
  ASSERT_GT(n, 0);
  const std::string got(bytes, static_cast<std::size_t>(n));
  EXPECT_EQ(got.substr(0, 5), "<132>") << got;
  EXPECT_NE(got.find("opensips[" + std::to_string(::getpid()) + "]: WARNING: hello"),
            std::string::npos)
      << got;
}

TEST_F(LogTest, MissingSyslogDaemonIsCounted) {
  options_.file.clear();
  options_.to_syslog = true;
  options_.syslog_socket = dir_ / "nobody";
  ASSERT_TRUE(log_start(options_));
  const auto before = log_failed();
  log_warn("hello");
  log_stop();
  EXPECT_EQ(log_failed() - before, 1U);
}

TEST_F(LogTest, ThreadsMayLogWhileTheLogStartsAndStops) {
  StderrPipe pipe;  // what is logged while stopped
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&done, t] {
      for (int i = 0; i < 300 || !done; ++i) {
        log_notice("thread {} line {}", t, i);
        log_dropped();
        if (i % 50 == 0) std::this_thread::yield();
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(log_start(options_));
    log_stop();
  }
  EXPECT_TRUE(log_start(options_));
  done = true;
  for (auto& thread : threads) thread.join();
  log_stop();
  pipe.drain();
}

TEST(RateLimitTest, LetsOneThroughPerIntervalAndCountsTheRest) {
  RateLimit limit(std::chrono::seconds(1));
  const RateLimit::Clock::time_point start{};
  EXPECT_EQ(limit.pass(start), 0U);
  EXPECT_EQ(limit.pass(start + std::chrono::milliseconds(10)), std::nullopt);
  EXPECT_EQ(limit.pass(start + std::chrono::milliseconds(999)), std::nullopt);
  EXPECT_EQ(limit.pass(start + std::chrono::milliseconds(1000)), 2U);
  EXPECT_EQ(limit.pass(start + std::chrono::milliseconds(3000)), 0U);
}

TEST(RateLimitTest, KeysHaveTheirOwn) {
  KeyedRateLimit limits(std::chrono::seconds(1));
  const RateLimit::Clock::time_point start{};
  const auto passes = [&](const std::string& key, RateLimit::Clock::time_point now) {
    return limits.of(key, now).pass(now).has_value();
  };
  EXPECT_TRUE(passes("192.0.2.1", start));
  EXPECT_FALSE(passes("192.0.2.1", start));
  const auto passed = [&](const std::string& prefix, int keys, RateLimit::Clock::time_point now) {
    int count = 0;
    for (int i = 0; i < keys; ++i) count += passes(prefix + std::to_string(i), now) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(passed("198.51.100.", 20, start), 20);
  EXPECT_EQ(passed("198.51.100.", 20, start), 0);
  EXPECT_FALSE(passes("192.0.2.1", start));
  EXPECT_EQ(passed("flood ", 10'000, start), 256 - 21);
  EXPECT_EQ(passed("198.51.100.", 20, start + std::chrono::seconds(1)), 20);
}

TEST_F(LogTest, LimitedLinesSayHowManyWereLeftOut) {
  ASSERT_TRUE(log_start(options_));
  RateLimit limit(std::chrono::nanoseconds(0));
  RateLimit slow(std::chrono::hours(1));
  for (int i = 0; i < 3; ++i) log_limited(slow, LogLevel::warn, "slow {}", i);
  log_limited(limit, LogLevel::warn, "quick");
  detail::log_vwrite(LogLevel::warn, "later", {}, 7);
  log_stop();
  const std::string all = logged();
  EXPECT_NE(all.find("slow 0\n"), std::string::npos);
  EXPECT_EQ(all.find("slow 1"), std::string::npos);
  EXPECT_NE(all.find("quick\n"), std::string::npos);
  EXPECT_NE(all.find("later (7 lines like this left out)\n"), std::string::npos);
}

TEST(SyslogFacilityTest, KnowsTheNamesOfSyslog) {
  EXPECT_EQ(syslog_facility("LOG_DAEMON"), 3 << 3);
  EXPECT_EQ(syslog_facility("LOG_LOCAL7"), 23 << 3);
  EXPECT_EQ(syslog_facility("DAEMON"), std::nullopt);
}

}  // namespace
}  // namespace opensips::base
