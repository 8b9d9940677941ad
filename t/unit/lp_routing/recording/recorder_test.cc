#include "lp_routing/recording/recorder.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "base/log.hh"
#include "l1_parser/message.hh"

namespace opensips::routing::recording {
namespace {

class RecorderTest : public testing::Test {
 protected:
  RecorderTest() { std::filesystem::create_directory(folder); }
  ~RecorderTest() override { std::filesystem::remove_all(folder); }

  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) all.push_back(line);
    return all;
  }
  static base::Ref<parser::Message> request(const std::string& call_id) {
    return parser::Message::parse(
               "INVITE sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKa\r\n"
               "From: <sip:alice@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: " +
                   call_id + "\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
               {})
        .message;
  }

  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("opensips-recorder-" + std::to_string(getpid()));
  const std::string path = (folder / "calls.rec").string();
  transport::Sockets sockets;
};

TEST_F(RecorderTest, AFileHasWholeLinesWhoeverAddsThem) {
  {
    auto file = RecordFile::make(path, 1'000'000);
    ASSERT_TRUE(file) << file.error();
    std::vector<std::jthread> threads;
    for (const char letter : {'a', 'b', 'c', 'd'}) {
      threads.emplace_back([&file, line = std::string(50, letter) + "\n"] {
        for (int i = 0; i < 500; ++i) EXPECT_TRUE((*file)->add(line));
      });
    }
    threads.clear();
    EXPECT_EQ((*file)->close("end\n"), "");
    EXPECT_FALSE((*file)->add("late\n"));
  }
  const auto all = lines();
  ASSERT_EQ(all.size(), 2001U);
  EXPECT_EQ(all.back(), "end");
  for (std::size_t i = 0; i < 2000; ++i) EXPECT_EQ(all[i], std::string(50, all[i][0]));
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(RecorderTest, AFileThatIsThereIsLeftAlone) {
  std::ofstream(path) << "mine";
  const auto file = RecordFile::make(path, 1000);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error(), path + ": File exists");
  EXPECT_EQ(lines().front(), "mine");
}

TEST_F(RecorderTest, WhatDoesNotFitIsCountedAndItsCallNamedAtTheEnd) {
  Recorder recorder(sockets);
  base::Stats statistics;
  recorder.add_to(statistics);
  ASSERT_TRUE(recorder.start({.path = path, .filter = {}, .most = 400}));
  const auto recording = recorder.current();
  EXPECT_TRUE(recording->takes(*request("a")));
  EXPECT_TRUE(recording->add(0, {{"call", "a"}, {"in", std::string(100, 'x')}}));
  EXPECT_FALSE(recording->add(0, {{"call", "a"}, {"in", std::string(400, 'x')}}));
  recording->lost("a");
  EXPECT_TRUE(recorder.stop());
  EXPECT_EQ(statistics.value("script:recorded_calls"), 1U);
  EXPECT_EQ(statistics.value("script:recorded_lines"), 1U);
  EXPECT_EQ(statistics.value("script:record_dropped"), 1U);
  const auto all = lines();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_TRUE(all[2].ends_with(R"("end":true,"calls":1,"lost":["a"]})")) << all[2];
}

/// A disk that takes nothing, until it is read.
class StuckDisk {
 public:
  StuckDisk() { EXPECT_EQ(pipe2(ends_, O_CLOEXEC), 0); }
  StuckDisk(const StuckDisk&) = delete;
  StuckDisk& operator=(const StuckDisk&) = delete;
  ~StuckDisk() { ::close(ends_[0]); }
  /// For the one that writes.
  int descriptor() const { return ends_[1]; }
  /// Takes all that comes until it is closed.
  std::string read_all() const {
    std::string all(1 << 16, '\0'), text;
    for (ssize_t size; (size = ::read(ends_[0], all.data(), all.size())) > 0;)
      text.append(all, 0, static_cast<std::size_t>(size));
    return text;
  }

 private:
  int ends_[2];
};

TEST_F(RecorderTest, ADiskThatHangsIsNotWaitedForForEver) {
  const StuckDisk disk;
  const std::string line = std::string(1 << 20, 'x') + "\n";
  {
    RecordFile file(disk.descriptor(), path, 1 << 30, std::chrono::milliseconds(20));
    EXPECT_TRUE(file.add(line));
    const auto trouble = file.close("end\n");
    EXPECT_TRUE(trouble.starts_with("the disk has not taken all of it within 20 ms")) << trouble;
    EXPECT_EQ(file.trouble(), trouble);
    EXPECT_EQ(file.close({}), trouble);
    EXPECT_FALSE(file.add("late\n"));
  }
  EXPECT_EQ(disk.read_all(), line + "end\n") << "when it takes something again it gets all";
}

TEST_F(RecorderTest, ACallWithAGapIsNamedBeforeWhatFollows) {
  const StuckDisk disk;
  std::string text;
  {
    Recording recording(
        1, 0, {}, 10, path,
        std::make_unique<RecordFile>(disk.descriptor(), path, std::uint64_t{1} << 30));
    const auto add = [&](const char* call, std::size_t size) {
      return recording.add(5, {{"call", call}, {"in", std::string(size, 'x')}});
    };
    while (add("a", 1 << 20)) {
    }
    recording.lost("a");
    recording.lost("a");
    while (add("b", 10)) {
    }
    std::jthread reading([&] { text = disk.read_all(); });
    while (!add("c", 10)) std::this_thread::yield();
    EXPECT_EQ(recording.close(), "");
  }
  const auto told = text.find(R"({"t":5,"call":"a","lost":true})");
  ASSERT_NE(told, std::string::npos);
  EXPECT_LT(told, text.find(R"({"t":5,"call":"c")"));
  EXPECT_EQ(text.find(R"("lost":true)", told + 20), std::string::npos) << "it is told once";
  EXPECT_TRUE(text.ends_with(R"("lost":["a"]})"
                             "\n"));
}

TEST_F(RecorderTest, TakesThoseThatAreMeantAndNoMore) {
  Recorder recorder(sockets);
  ASSERT_TRUE(recorder.start({.path = path, .filter = {.caller = "alice"}, .calls = 2}));
  const auto recording = recorder.current();
  EXPECT_TRUE(recording->takes(*request("a")));
  EXPECT_TRUE(recording->takes(*request("b")));
  EXPECT_FALSE(recording->takes(*request("c")));
  EXPECT_EQ(recorder.start({.path = path + "2", .filter = {}}).error(),
            path + " is being recorded");
  EXPECT_TRUE(*recorder.stop());
  EXPECT_EQ(*recorder.stop(), nullptr);
  ASSERT_TRUE(recorder.start({.path = path + "2", .filter = {.caller = "bob"}}));
  EXPECT_FALSE(recorder.current()->takes(*request("a")));
  EXPECT_FALSE(Recorder(sockets).start({.path = "calls.rec", .filter = {}}));
}

/// A disk that is full, as far as this process can tell.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) : handler_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, handler_);
  }

 private:
  const sighandler_t handler_;
  rlimit before_{};
};

TEST_F(RecorderTest, AFullDiskIsSaidAndWhatWasLostCounted) {
  static std::atomic<int> errors;
  errors = 0;
  base::log_divert([](base::LogLevel level, std::string_view) {
    if (level == base::LogLevel::err) ++errors;
  });
  Recorder recorder(sockets);
  {
    const SmallDisk disk(400);
    ASSERT_TRUE(recorder.start({.path = path, .filter = {}}));
    const auto recording = recorder.current();
    EXPECT_TRUE(recording->takes(*request("a")));
    EXPECT_TRUE(recording->add(0, {{"call", "a"}, {"in", std::string(500, 'x')}}));
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (recording->trouble().empty() && std::chrono::steady_clock::now() < until) {
      std::this_thread::yield();
    }
    EXPECT_EQ(recording->trouble(), "File too large");
    EXPECT_EQ(recording->dropped(), 1U);
    EXPECT_FALSE(recording->takes(*request("b")));
    EXPECT_FALSE(recording->add(0, {{"call", "a"}}));
    EXPECT_EQ(recording->dropped(), 2U);
    EXPECT_EQ(recorder.stop().error(), path + ": File too large");
  }
  base::log_divert(nullptr);
  EXPECT_EQ(errors, 1);
}

TEST_F(RecorderTest, AFileIsClosedWhenTheRecordingEnds) {
  const auto open = [] {
    using Entries = std::filesystem::directory_iterator;
    return std::distance(Entries("/proc/self/fd"), Entries());
  };
  Recorder recorder(sockets);
  const auto before = open();
  ASSERT_TRUE(recorder.start({.path = path, .filter = {}}));
  EXPECT_EQ(open(), before + 1);
  EXPECT_TRUE(recorder.stop());
  EXPECT_EQ(open(), before);
}

}  // namespace
}  // namespace opensips::routing::recording
