#include "loop/control.hh"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <optional>
#include <thread>

namespace opensips::loop {
namespace {

using namespace std::chrono_literals;

class ControlTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(pipe(ends), 0); }
  void TearDown() override {
    close(ends[0]);
    close(ends[1]);
  }
  void write_one() { ASSERT_EQ(write(ends[1], "x", 1), 1); }
  void read_one() {
    char one;
    ASSERT_EQ(read(ends[0], &one, 1), 1);
  }

  Control control;
  int ends[2];
};

TEST_F(ControlTest, runs_what_another_thread_posts) {
  const auto me = std::this_thread::get_id();
  std::thread::id ran_on;
  std::jthread other([&] {
    control.inbox().post([&] {
      ran_on = std::this_thread::get_id();
      control.stop();
    });
  });
  control.run();
  EXPECT_EQ(ran_on, me);
}

TEST_F(ControlTest, calls_for_each_signal) {
  int came = 0;
  const auto watch = control.on_signals({SIGUSR1, SIGUSR2}, [&](int signal) {
    if (signal == SIGUSR2) return control.stop();
    ++came;
  });
  raise(SIGUSR1);
  const auto later = control.after(1ms, [] { raise(SIGUSR2); });
  control.run();
  EXPECT_EQ(came, 1);
}

TEST_F(ControlTest, survives_a_pipe_without_a_reader) {
  close(ends[0]);
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  ends[0] = dup(ends[1]);
}

TEST_F(ControlTest, calls_while_a_descriptor_can_be_read) {
  int calls = 0;
  const auto watch = control.on_readable(ends[0], [&] {
    read_one();
    if (++calls == 2) return control.stop();
    write_one();
  });
  write_one();
  control.run();
  EXPECT_EQ(calls, 2);
}

TEST_F(ControlTest, calls_when_a_descriptor_can_be_written) {
  const auto watch = control.on_writable(ends[1], [&] { control.stop(); });
  control.run();
}

TEST_F(ControlTest, forgets_a_watch_that_is_gone) {
  auto first = std::make_optional(control.on_readable(ends[0], [] { FAIL(); }));
  first.reset();
  write_one();
  const auto stop = control.after(10ms, [&] { control.stop(); });
  control.run();
}

TEST_F(ControlTest, lets_a_watch_go_inside_its_own_call) {
  int calls = 0;
  std::optional<Control::Watch> watch;
  watch = control.on_readable(ends[0], [&, canary = std::make_shared<int>(7)] {
    watch.reset();
    calls += *canary;
    control.stop();
  });
  write_one();
  control.run();
  EXPECT_EQ(calls, 7);
}

TEST_F(ControlTest, repeats_and_does_not_repeat) {
  int once = 0, often = 0;
  const auto one = control.after(1ms, [&] { ++once; });
  const auto many = control.every(1ms, [&] {
    if (++often == 5) control.stop();
  });
  control.run();
  EXPECT_EQ(once, 1);
  EXPECT_EQ(often, 5);
}

TEST_F(ControlTest, defers_to_the_end_of_the_turn) {
  std::string order;
  const auto watch = control.on_readable(ends[0], [&] {
    read_one();
    control.defer([&] {
      order += "2";
      control.defer([&] {
        order += "3";
        control.stop();
      });
    });
    order += "1";
  });
  write_one();
  control.run();
  EXPECT_EQ(order, "123");
}

}  // namespace
}  // namespace opensips::loop
