#include "storage/task_queue.hh"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace opensips::storage {
namespace {

using Line = TaskQueue::Line;

const auto kRead = make_statement("SELECT 1");
const auto kWrite = make_statement("DELETE FROM t");
const Task::Time kLater{std::chrono::seconds(1000)};

/// Tasks with a name each, so that a test can say which came out.
class TaskQueueTest : public testing::Test {
 protected:
  TaskPtr task(const std::string& name, const StatementRef& statement, std::uint64_t key = 0,
               std::size_t statements = 1, Task::Time deadline = kLater) {
    auto made = std::make_shared<Task>(
        Job{.queries = std::vector<Query>(statements, Query{statement, {}}), .key = key}, deadline);
    names_[made.get()] = name;
    return made;
  }
  std::string names(const std::vector<TaskPtr>& tasks) {
    std::string all;
    for (const auto& one : tasks) all += names_[one.get()];
    return all;
  }

 private:
  std::map<Task*, std::string> names_;
};

TEST_F(TaskQueueTest, HoldsNoMoreStatementsThanItsLimit) {
  TaskQueue queue(3, false);
  EXPECT_TRUE(queue.push(task("a", kWrite, 0, 2)));
  EXPECT_FALSE(queue.push(task("b", kWrite, 0, 2)));
  EXPECT_TRUE(queue.push(task("c", kWrite)));
  EXPECT_EQ(queue.size(), 3U);
  EXPECT_EQ(names(queue.take_all()), "ac");
  EXPECT_EQ(queue.size(), 0U);
}

TEST_F(TaskQueueTest, RowsToBeWrittenGoTogether) {
  TaskQueue queue(10, false);
  for (const auto* const name : {"a", "b", "c"}) ASSERT_TRUE(queue.push(task(name, kWrite)));
  EXPECT_EQ(names(queue.take(Line::main, 2)), "ab");
  EXPECT_EQ(names(queue.take(Line::main, 2)), "c");
  EXPECT_EQ(names(queue.take(Line::main, 2)), "");
}

TEST_F(TaskQueueTest, WhatOnlyLooksAndWhatIsATransactionGoesAlone) {
  TaskQueue queue(10, false);
  ASSERT_TRUE(queue.push(task("a", kRead)));
  ASSERT_TRUE(queue.push(task("b", kWrite)));
  ASSERT_TRUE(queue.push(task("c", kWrite, 0, 2)));
  ASSERT_TRUE(queue.push(task("d", kWrite)));
  for (const auto* const name : {"a", "b", "c", "d"})
    EXPECT_EQ(names(queue.take(Line::main, 10)), name);
}

TEST_F(TaskQueueTest, NobodyOvertakesAnotherOfTheSameKey) {
  TaskQueue queue(10, false);
  ASSERT_TRUE(queue.push(task("a", kWrite, 1, 2)));
  ASSERT_TRUE(queue.push(task("b", kWrite, 1)));
  ASSERT_TRUE(queue.push(task("c", kWrite, 2)));
  const auto first = queue.take(Line::main, 10);
  EXPECT_EQ(names(first), "a");
  EXPECT_EQ(names(queue.take(Line::main, 10)), "c") << "b waits for a";
  queue.release(first);
  EXPECT_EQ(names(queue.take(Line::main, 10)), "b");
}

TEST_F(TaskQueueTest, OneTransactionMayHaveAKeyTwice) {
  TaskQueue queue(10, false);
  for (const auto* const name : {"a", "b"}) ASSERT_TRUE(queue.push(task(name, kWrite, 1)));
  const auto both = queue.take(Line::main, 10);
  EXPECT_EQ(names(both), "ab");
  ASSERT_TRUE(queue.push(task("c", kWrite, 1)));
  EXPECT_EQ(names(queue.take(Line::main, 10)), "");
  queue.release(both);
  EXPECT_EQ(names(queue.take(Line::main, 10)), "c");
}

TEST_F(TaskQueueTest, WhereOneMayWriteOthersReadMeanwhile) {
  TaskQueue queue(10, true);
  ASSERT_TRUE(queue.push(task("a", kWrite)));
  ASSERT_TRUE(queue.push(task("b", kRead)));
  ASSERT_TRUE(queue.push(task("c", kRead, 7)));
  EXPECT_EQ(names(queue.take(Line::reading, 10)), "b");
  EXPECT_EQ(names(queue.take(Line::main, 10)), "a");
  EXPECT_EQ(names(queue.take(Line::main, 10)), "c") << "it has an order with what is written";
}

TEST_F(TaskQueueTest, GivesUpThoseWhoseTimeIsOver) {
  TaskQueue queue(10, true);
  ASSERT_TRUE(queue.push(task("a", kWrite, 0, 1, kLater)));
  ASSERT_TRUE(queue.push(task("b", kWrite, 0, 1, kLater - std::chrono::seconds(1))));
  ASSERT_TRUE(queue.push(task("c", kRead, 0, 1, kLater - std::chrono::seconds(1))));
  EXPECT_EQ(names(queue.take_expired(kLater - std::chrono::seconds(2))), "");
  EXPECT_EQ(names(queue.take_expired(kLater - std::chrono::seconds(1))), "bc");
  EXPECT_EQ(queue.size(), 1U);
}

}  // namespace
}  // namespace opensips::storage
