#include "storage/carry_out.hh"

#include <gtest/gtest.h>

#include "unit/storage/fake_backend.hh"

namespace opensips::storage {
namespace {

using Log = std::vector<std::string>;

class CarryOut : public testing::Test {
 protected:
  static TaskPtr task(const std::vector<std::string>& statements) {
    Job job;
    for (const auto& text : statements) job.queries.push_back({make_statement(text), {}});
    return std::make_shared<Task>(std::move(job), Task::Time::max());
  }
  void fail(const std::string& statement, Error::Kind kind) {
    backend.change([&](FakeBackend::State& state) {
      state.failing = statement;
      state.failure = kind;
    });
  }
  std::vector<Outcome> carry_out(const std::vector<TaskPtr>& tasks) {
    return storage::carry_out(*connection, tasks);
  }

  FakeBackend backend;
  std::unique_ptr<Connection> connection = *backend.connect({}, {});
};

TEST_F(CarryOut, OneStatementIsNoTransaction) {
  EXPECT_TRUE(carry_out({task({"a"})})[0]);
  EXPECT_EQ(backend.log(), Log{"a"});
}

TEST_F(CarryOut, SeveralAreOne) {
  const auto outcomes = carry_out({task({"a"}), task({"b"})});
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(std::get<std::string>(outcomes[1]->rows[0][0]), "b");
  EXPECT_EQ(backend.log(), (Log{"begin", "a", "b", "commit"}));
}

TEST_F(CarryOut, ARowThatIsRefusedLeavesOthersAlone) {
  fail("b", Error::Kind::constraint);
  const auto outcomes = carry_out({task({"a"}), task({"b"}), task({"c"})});
  EXPECT_TRUE(outcomes[0]);
  ASSERT_FALSE(outcomes[1]);
  EXPECT_EQ(outcomes[1].error().kind, Error::Kind::constraint);
  EXPECT_TRUE(outcomes[2]);
  EXPECT_EQ(backend.log(), (Log{"begin", "a", "b", "c", "commit"}));
}

TEST_F(CarryOut, TroubleOfTheDatabaseIsTheMatterOfAll) {
  fail("b", Error::Kind::full);
  const auto outcomes = carry_out({task({"a"}), task({"b"}), task({"c"})});
  ASSERT_EQ(outcomes.size(), 3U);
  for (const auto& outcome : outcomes) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Error::Kind::full);
  }
  EXPECT_EQ(backend.log(), (Log{"begin", "a", "b", "rollback"}));
}

TEST_F(CarryOut, ATransactionOfOneTaskIsDoneOrNot) {
  fail("b", Error::Kind::constraint);
  const auto outcomes = carry_out({task({"a", "b", "c"})});
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_FALSE(outcomes[0]);
  EXPECT_EQ(backend.log(), (Log{"begin", "a", "b", "rollback"}));
}

}  // namespace
}  // namespace opensips::storage
