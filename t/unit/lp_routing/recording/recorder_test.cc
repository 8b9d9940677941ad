#include "lp_routing/recording/recorder.hh"

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
