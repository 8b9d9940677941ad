#include "perl/endings.hh"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "perl/interpreters.hh"

namespace opensips::perl {
namespace {

using std::chrono::milliseconds;

class PerlEndings : public testing::Test {
 protected:
  PerlEndings() { std::filesystem::create_directory(folder_); }
  ~PerlEndings() override { std::filesystem::remove_all(folder_); }

  std::shared_ptr<Interpreters> make(const std::string& text, const Endings& endings) {
    auto made = Interpreters::make({.file = "route.pl", .text = text, .paths = {}}, 2,
                                   milliseconds(60'000), endings);
    EXPECT_TRUE(made) << made.error();
    return *made;
  }
  static bool comes(const std::function<bool()>& what) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!what()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(milliseconds(1));
    }
    return true;
  }
  /// Threads that were left to themselves.
  static bool any_left() {
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      std::ifstream file(task.path() / "comm");
      std::string name;
      if (std::getline(file, name) && name == "perl-apart") return true;
    }
    return false;
  }
  std::string path(const char* name) const { return (folder_ / name).string(); }
  /// What scripts have written there.
  std::string written() const {
    std::ifstream file(path("written"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// A sub that writes a word there.
  std::string writer() const {
    return "sub word { open my $to, '>>', '" + path("written") + "'; print $to @_ }\n";
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("opensips-endings-" + std::to_string(getpid()));
};

/// The object waits for a file, as others wait for a database.
TEST_F(PerlEndings, HoldUpNobodyWhoLetsGoOfTheLastOfAVersion) {
  const Endings endings(milliseconds(60'000));
  auto interpreters = make(writer() +
                               "package Thing; sub DESTROY {\n"
                               "  for (1 .. 2000) { last if -e '" +
                               path("go") +
                               "'; select undef, undef, undef, 0.01 }\n"
                               "  main::word(-e '" +
                               path("go") + "' ? 'in time,' : 'late,') }\n" +
                               "package main; our $thing = bless {}, 'Thing';\n",
                           endings);
  interpreters.reset();
  EXPECT_EQ(endings.waiting(), 1U);
  std::ofstream(path("go")) << "go";
  EXPECT_TRUE(comes([&] { return endings.waiting() == 0; }));
  EXPECT_EQ(written(), "in time,in time,");
}

TEST_F(PerlEndings, RunEndBlocks) {
  const Endings endings(milliseconds(60'000));
  make(writer() + "END { word('end,') }\n", endings).reset();
  EXPECT_TRUE(comes([&] { return endings.waiting() == 0; }));
  EXPECT_EQ(written(), "end,end,");
  const Script script{
      .file = "route.pl", .text = writer() + "END { word('checked') }\n", .paths = {}};
  EXPECT_EQ(Interpreters::check(script, milliseconds(60'000)), "");
  EXPECT_EQ(written(), "end,end,") << "what is only checked has run nothing";
}

/// The server's functions may have gone by then.
TEST_F(PerlEndings, HaveNoFunctionsOfTheServerButLog) {
  const Endings endings(milliseconds(60'000));
  testing::internal::CaptureStderr();
  make(writer() +
           "END { eval { OpenSIPS::hash::md5('x') }; word($@ =~ /there is but log/ ? 'no,' : "
           "'yes,');\n"
           "  eval { OpenSIPS::log('warn', [1]) }; word($@ =~ /but text/ ? 'no,' : 'yes,');\n"
           "  OpenSIPS::log('warn', 'the last', 'word') }\n",
       endings)
      .reset();
  EXPECT_TRUE(comes([&] { return endings.waiting() == 0; }));
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(written(), "no,no,no,no,");
  EXPECT_NE(said.find("the last word"), std::string::npos) << said;
}

TEST_F(PerlEndings, StopWhatTakesTooLong) {
  const Endings endings(milliseconds(500));
  make(
      "package Thing; sub DESTROY { 1 while 1 }\n"
      "package main; our $thing = bless {}, 'Thing';\n",
      endings)
      .reset();
  EXPECT_TRUE(comes([&] { return endings.waiting() == 0; }));
  EXPECT_TRUE(comes([] { return !any_left(); })) << "each of them is stopped";
}

TEST_F(PerlEndings, SayHowManyAreLeftAtTheStop) {
  Endings endings(milliseconds(60'000));
  make(
      "package Thing; sub DESTROY { sleep 4 }\n"
      "package main; our $thing = bless {}, 'Thing';\n",
      endings)
      .reset();
  testing::internal::CaptureStderr();
  endings.stop();
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("1 versions have not ended"), std::string::npos) << said;
  EXPECT_TRUE(comes([] { return !any_left(); })) << "they end by themselves";
}

/// It is the thread's that its top level keeps, and ends there: nobody else may touch it.
TEST_F(PerlEndings, AreNotForWhatStillRuns) {
  const Endings endings(milliseconds(60'000));
  const Script script{
      .file = "route.pl",
      .text = "select undef, undef, undef, 0.5; our %all; $all{$_} = {} for 1 .. 1e5;",
      .paths = {}};
  const auto made = Interpreters::make(script, 1, milliseconds(100), endings);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error(), "route.pl: its top level did not end within 100 ms");
  EXPECT_TRUE(comes([] { return !any_left(); }));
  EXPECT_TRUE(comes([&] { return endings.waiting() == 0; }));
}

TEST_F(PerlEndings, LeaveWhatCannotBeStopped) {
  const Endings endings(milliseconds(10));
  testing::internal::CaptureStderr();
  make(
      "package Thing; sub DESTROY { sleep 1 }\n"
      "package main; our $thing = bless {}, 'Thing';\n",
      endings)
      .reset();
  make("1;\n", endings).reset();
  EXPECT_TRUE(comes([&] { return endings.waiting() == 0; }));
  const auto said = testing::internal::GetCapturedStderr();
  const std::string what = "the end of route.pl takes longer than 20 ms";
  EXPECT_NE(said.find(what), std::string::npos) << said;
  EXPECT_EQ(said.find(what), said.rfind(what)) << "a version has one limit: " << said;
  EXPECT_TRUE(comes([] { return !any_left(); })) << "they end by themselves";
}

}  // namespace
}  // namespace opensips::perl
