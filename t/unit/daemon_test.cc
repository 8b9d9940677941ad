#include "daemon.hh"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace opensips {
namespace {

class DaemonTest : public ::testing::Test {
 protected:
  DaemonTest() : pid_file(::testing::TempDir() + "opensips_pid_" + std::to_string(getpid())) {
    unlink(pid_file.c_str());
  }
  ~DaemonTest() override { unlink(pid_file.c_str()); }
  std::string content() const {
    std::ifstream file(pid_file);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool is_there() const { return access(pid_file.c_str(), F_OK) == 0; }

  /// The status with which a process ends whose child in the background does `work`.
  template <class F>
  static int status_of_parent(F work) {
    const pid_t started = fork();
    if (started == 0) {
      Daemon daemon;
      daemon.detach();
      work(daemon);
      std::_Exit(0);
    }
    int status = 0;
    EXPECT_EQ(waitpid(started, &status, 0), started);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string pid_file;
};

TEST_F(DaemonTest, PidFileNamesTheProcessAndGoesWithIt) {
  {
    Daemon daemon;
    EXPECT_TRUE(daemon.ready(pid_file));
    EXPECT_EQ(content(), std::to_string(getpid()) + "\n");
  }
  EXPECT_FALSE(is_there());
}

TEST_F(DaemonTest, WithoutAPidFileNothingIsWritten) {
  Daemon daemon;
  EXPECT_TRUE(daemon.ready(""));
}

TEST_F(DaemonTest, PidFileThatCannotBeWrittenIsSaid) {
  Daemon daemon;
  const auto ready = daemon.ready(pid_file + "/nowhere");
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error(), pid_file + "/nowhere: No such file or directory");
}

TEST_F(DaemonTest, PidFileOfAnotherIsLeftAloneIfTheStartFails) {
  std::ofstream(pid_file) << "1\n";
  { Daemon daemon; }
  EXPECT_EQ(content(), "1\n");
}

TEST_F(DaemonTest, ParentLeavesWellOnceTheChildIsReady) {
  EXPECT_EQ(status_of_parent([this](Daemon& daemon) {
              if (!daemon.ready(pid_file)) std::_Exit(1);
            }),
            0);
  EXPECT_NE(content(), "");
  EXPECT_NE(content(), std::to_string(getpid()) + "\n");
}

TEST_F(DaemonTest, ParentLeavesWithAnErrorIfTheChildEndsBefore) {
  EXPECT_EQ(status_of_parent([](Daemon&) {}), 1);
}

TEST_F(DaemonTest, ChildIsInASessionOfItsOwn) {
  EXPECT_EQ(status_of_parent([](Daemon& daemon) {
              if (getsid(0) != getpid()) std::_Exit(1);
              static_cast<void>(daemon.ready(""));
            }),
            0);
}

}  // namespace
}  // namespace opensips
