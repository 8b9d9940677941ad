#include "manage/load.hh"

#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace opensips::manage {
namespace {

using Threads = std::vector<Thread>;

TEST(Threads, are_found_with_their_names) {
  std::atomic<bool> stop = false;
  std::atomic<pid_t> id = 0;
  std::jthread other([&] {
    pthread_setname_np(pthread_self(), "a) b");
    id = gettid();
    while (!stop) std::this_thread::yield();
  });
  while (id == 0) std::this_thread::yield();
  const auto threads = read_threads();
  stop = true;
  const auto found = std::ranges::find(threads, id.load(), &Thread::id);
  ASSERT_NE(found, threads.end());
  EXPECT_EQ(found->name, "a) b");
  EXPECT_NE(std::ranges::find(threads, getpid(), &Thread::id), threads.end());
}

TEST(Load, is_the_share_of_the_time_in_percent) {
  Load load;
  load.sample(Threads{{7, "worker/0", 100}, {8, "worker/1", 0}, {9, "log", 0}}, 1000);
  EXPECT_EQ(load.of_thread(7), 0U);
  load.sample(Threads{{7, "worker/0", 600}, {8, "worker/1", 100}, {9, "log", 900}}, 2000);
  EXPECT_EQ(load.of_thread(7), 50U);
  EXPECT_EQ(load.of_thread(9), 90U);
  EXPECT_EQ(load.of_workers(Load::kSecond), 30U);
}

TEST(Load, is_over_as_long_as_was_asked_and_as_there_is) {
  Load load;
  for (std::uint64_t second = 0; second <= 2000; ++second) {
    // Nothing to do, but for the last half minute.
    const std::uint64_t cpu = second <= 1970 ? 0 : (second - 1970) * 1000;
    load.sample(Threads{{7, "worker/0", cpu}}, second * 1000);
    if (second == 10) {
      EXPECT_EQ(load.of_workers(Load::kTenMinutes), 0U);
    }
  }
  EXPECT_EQ(load.of_workers(Load::kSecond), 100U);
  EXPECT_EQ(load.of_workers(Load::kMinute), 50U);
  EXPECT_EQ(load.of_workers(Load::kTenMinutes), 5U);
  EXPECT_EQ(load.of_thread(7, Load::kTenMinutes), 5U);
}

TEST(Load, forgets_a_thread_that_has_ended) {
  Load load;
  load.sample(Threads{{7, "worker/0", 0}}, 0);
  load.sample(Threads{{7, "worker/0", 1000}}, 1000);
  load.sample({}, 2000);
  EXPECT_EQ(load.of_thread(7), 0U);
  EXPECT_EQ(load.of_workers(Load::kSecond), 0U);
}

TEST(Load, is_a_statistic_and_in_ps) {
  Load load;
  base::Stats stats;
  Commands commands;
  add_load_statistics(stats, load);
  add_thread_commands(commands, load);
  auto threads = read_threads();
  threads.front().name = "worker/0";
  load.sample(threads, 0);
  for (auto& thread : threads) thread.cpu_ms += 250;
  load.sample(threads, 1000);
  EXPECT_EQ(stats.value("load:load"), 25U);
  EXPECT_EQ(stats.value("load:load1m"), 25U);
  EXPECT_EQ(stats.value("load:load10m"), 25U);
  const auto first = commands.call("ps", {})->at("Processes").at(0);
  EXPECT_EQ(first["ID"], 0);
  EXPECT_EQ(first["PID"], threads.front().id);
  EXPECT_EQ(first["Load"], 25);
}

}  // namespace
}  // namespace opensips::manage
