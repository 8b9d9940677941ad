#include "loop/child_process.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <csignal>
#include <optional>

#include "base/sanitizer.hh"

namespace opensips::loop {
namespace {

using namespace std::chrono_literals;

class ChildProcessTest : public ::testing::Test {
 protected:
  /// What /bin/sh made of it; its lines are in `lines`.
  ChildProcess::Ended run(const std::string& script, std::chrono::milliseconds limit = 1h) {
    std::optional<ChildProcess::Ended> ended;
    auto child = ChildProcess::begin(
        control, {{"/bin/sh", "-c", script}, limit, 1ULL << 32},
        [this](std::string_view line) { lines.emplace_back(line); },
        [&](const ChildProcess::Ended& how) {
          ended = how;
          control.stop();
        });
    EXPECT_TRUE(child) << child.error();
    control.run();
    return ended.value_or(ChildProcess::Ended());
  }

  Control control;
  std::vector<std::string> lines;
};

TEST_F(ChildProcessTest, gives_its_lines_and_how_it_ended) {
  const auto ended = run("echo one; echo two; printf three; echo why >&2; exit 3");
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two"})) << "a line has an end";
  EXPECT_EQ(ended.status, 3);
  EXPECT_EQ(ended.errors, "why\n");
  EXPECT_FALSE(ended.is_late);
}

TEST_F(ChildProcessTest, one_that_is_killed_has_no_status) {
  const auto ended = run("kill -9 $$");
  EXPECT_EQ(ended.status, -1);
  EXPECT_EQ(ended.signal, 9);
}

TEST_F(ChildProcessTest, one_that_somebody_else_has_waited_for_has_no_status) {
  std::signal(SIGCHLD, SIG_IGN);
  EXPECT_EQ(run("exit 0").status, -1);
  std::signal(SIGCHLD, SIG_DFL);
}

TEST_F(ChildProcessTest, goes_first_and_has_a_limit_when_memory_runs_out) {
  const bool sanitized = base::kAddressSanitizer || base::kThreadSanitizer;
  const std::string limit = sanitized ? "unlimited" : "4194304";
  const auto ended = run("until [ \"$(cat /proc/$$/oom_score_adj) $(ulimit -d)\" = '1000 " + limit +
                             "' ]; do sleep 0.01; done",
                         20s);
  EXPECT_FALSE(ended.is_late);
}

TEST_F(ChildProcessTest, is_killed_when_it_takes_too_long) {
  EXPECT_TRUE(run("exec sleep 1000", 1ms).is_late);
}

TEST_F(ChildProcessTest, one_that_has_closed_its_output_is_waited_for) {
  EXPECT_EQ(run("exec >&- 2>&-; sleep 0.05; exit 4").status, 4);
}

TEST_F(ChildProcessTest, a_line_without_bounds_is_left_out) {
  const auto ended =
      run("echo first; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo last; "
          "head -c 100000 /dev/zero >&2");
  EXPECT_EQ(lines, (std::vector<std::string>{"first", "last"}));
  EXPECT_EQ(ended.errors.size(), ChildProcess::kMostErrors);
}

TEST_F(ChildProcessTest, has_no_descriptors_of_ours_and_no_blocked_signals) {
  const int mine = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC, as libraries do
  const int known = ::fcntl(mine, F_DUPFD, 77);
  run("[ -e /proc/$$/fd/77 ] && echo has it; kill -PIPE $$; echo lives");
  EXPECT_EQ(lines, std::vector<std::string>());
  ::close(mine);
  ::close(known);
}

TEST_F(ChildProcessTest, goes_with_its_object) {
  pid_t pid = 0;
  auto child = ChildProcess::begin(
      control, {{"/bin/sh", "-c", "echo $$; exec sleep 1000"}, 1h, 1ULL << 32},
      [&](std::string_view line) {
        pid = static_cast<pid_t>(std::stol(std::string(line)));
        control.stop();
      },
      [](const ChildProcess::Ended&) {});
  ASSERT_TRUE(child) << child.error();
  control.run();
  EXPECT_EQ(::kill(pid, 0), 0);
  child->reset();
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST_F(ChildProcessTest, says_why_it_cannot_begin) {
  const auto child = ChildProcess::begin(
      control, {{"/no/such/file"}, 1h, 1ULL << 32}, [](std::string_view) {}, [](const auto&) {});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error(), "/no/such/file: No such file or directory");
}

}  // namespace
}  // namespace opensips::loop
