#include "storage/database.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "unit/storage/fake_backend.hh"

namespace opensips::storage {
namespace {

using std::chrono::milliseconds;
using State = FakeBackend::State;

Database::Options quick() {
  Database::Options options;
  options.connections = 1;
  options.limit = std::chrono::seconds(20);
  options.breaker.shortest_pause = milliseconds(1);
  options.breaker.longest_pause = milliseconds(4);
  return options;
}

class DatabaseTest : public testing::Test {
 protected:
  void open(const Database::Options& options) {
    database.emplace(backend, *Url::parse("fake://h/o"), options);
    backend.await([](const State& state) { return state.connects > 0; });
  }
  static std::vector<Query> query(const std::string& text) { return {{make_statement(text), {}}}; }
  /// What came of each job given by run(), in the order in which they were answered.
  void run(const std::string& text, std::uint64_t key = 0, milliseconds limit = milliseconds(0)) {
    database->run({.queries = query(text),
                   .key = key,
                   .limit = limit,
                   .to = worker.mailbox,
                   .done = [this, text, me = std::this_thread::get_id()](const Outcome& outcome) {
                     EXPECT_EQ(std::this_thread::get_id(), me);
                     said.push_back(
                         text + ": " +
                         (outcome ? "done" : std::string(to_string(outcome.error().kind))));
                   }});
  }
  void work_until_said(std::size_t count) {
    worker.work_until([&] { return said.size() >= count; });
  }

  FakeBackend backend;
  FakeWorker worker;
  std::vector<std::string> said;
  std::optional<Database> database;
};

using Said = std::vector<std::string>;

TEST_F(DatabaseTest, AnswersOnTheWorkerThatAsked) {
  open(quick());
  run("SELECT a");
  EXPECT_TRUE(said.empty()) << "never inside run()";
  work_until_said(1);
  EXPECT_EQ(said, Said{"SELECT a: done"});
}

TEST_F(DatabaseTest, CommandsMayWaitForIt) {
  open(quick());
  const auto outcome = database->wait(query("SELECT b"));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(std::get<std::string>(outcome->rows[0][0]), "SELECT b");
}

TEST_F(DatabaseTest, OfOneKeyEachIsDoneBeforeTheNext) {
  auto options = quick();
  options.connections = 4;
  options.batch = 2;
  open(options);
  Said expected;
  std::vector<std::string> log;
  for (int i = 0; i < 200; ++i) {
    run(fmt::format("UPDATE {}", i), 1);
    expected.push_back(fmt::format("UPDATE {}: done", i));
    log.push_back(fmt::format("UPDATE {}", i));
  }
  work_until_said(200);
  auto done = backend.log();
  std::erase_if(done, [](const std::string& one) { return !one.starts_with("UPDATE"); });
  EXPECT_EQ(done, log);
}

TEST_F(DatabaseTest, WhoWaitsTooLongHearsOfItAndOthersGoOn) {
  open(quick());
  backend.change([](State& state) { state.hangs = true; });
  run("SELECT slow", 0, milliseconds(30));
  work_until_said(1);
  EXPECT_EQ(said, Said{"SELECT slow: timed out"});
  backend.change([](State& state) { state.hangs = false; });
  run("SELECT quick");
  work_until_said(2);
  EXPECT_EQ(said[1], "SELECT quick: done");
  EXPECT_EQ(database->report().timed_out, 1U);
  EXPECT_EQ(database->report().connects, 2U) << "the first connection was given up";
}

TEST_F(DatabaseTest, WhatDoesNotFitIntoTheQueueIsRefused) {
  auto options = quick();
  options.queue_limit = 2;
  open(options);
  backend.change([](State& state) { state.hangs = true; });
  run("SELECT 0");
  backend.await([](const State& state) { return state.hanging == 1; });
  for (const auto* const text : {"SELECT 2", "SELECT 3", "SELECT 4"}) run(text);
  work_until_said(1);
  EXPECT_EQ(said, Said{"SELECT 4: busy"});
  backend.change([](State& state) { state.hangs = false; });
  work_until_said(4);
  EXPECT_EQ(database->report().refused, 1U);
}

TEST_F(DatabaseTest, NobodyWaitsForOneThatCannotBeReached) {
  backend.change([](State& state) { state.refuses = true; });
  database.emplace(backend, *Url::parse("fake://h/o"), quick());
  worker.work_until([&] { return database->report().state != Breaker::State::closed; });
  run("SELECT a");
  work_until_said(1);
  EXPECT_EQ(said, Said{"SELECT a: unavailable"});

  backend.change([](State& state) { state.refuses = false; });
  worker.work_until([&] { return database->report().state == Breaker::State::closed; });
  run("SELECT b");
  work_until_said(2);
  EXPECT_EQ(said[1], "SELECT b: done");
}

TEST_F(DatabaseTest, OneThatDoesNotAnswerIsGivenUpUntilItDoes) {
  auto options = quick();
  options.connections = 3;
  open(options);
  backend.change([](State& state) { state.hangs = state.refuses = true; });
  for (const auto* const text : {"SELECT 2", "SELECT 3", "SELECT 4", "SELECT 5", "SELECT 6"})
    run(text, 0, milliseconds(30));
  work_until_said(5);
  EXPECT_NE(database->report().state, Breaker::State::closed);
  run("SELECT 7");
  work_until_said(6);
  EXPECT_EQ(said[5], "SELECT 7: unavailable");

  backend.change([](State& state) { state.hangs = state.refuses = false; });
  worker.work_until([&] { return database->report().state == Breaker::State::closed; });
  run("SELECT 8");
  work_until_said(7);
  EXPECT_EQ(said[6], "SELECT 8: done");
}

TEST_F(DatabaseTest, AConnectionThatWasClosedMeanwhileIsMadeAnew) {
  open(quick());
  backend.change([](State& state) { state.breaks = true; });
  run("SELECT a");
  work_until_said(1);
  EXPECT_EQ(said, Said{"SELECT a: done"});
  EXPECT_EQ(backend.log(), (Said{"SELECT a", "SELECT a"}));
}

TEST_F(DatabaseTest, WritesWhatWaitsBeforeItStops) {
  open(quick());
  backend.change([](State& state) { state.hangs = true; });
  for (int i = 0; i < 10; ++i) run("UPDATE t");
  backend.change([](State& state) { state.hangs = false; });
  database->stop(std::chrono::seconds(20));
  work_until_said(10);
  EXPECT_EQ(said, Said(10, "UPDATE t: done"));
  run("UPDATE t");
  work_until_said(11);
  EXPECT_EQ(said[10], "UPDATE t: unavailable");
}

TEST_F(DatabaseTest, StopsThoughItDoesNotAnswer) {
  open(quick());
  backend.change([](State& state) { state.hangs = true; });
  run("UPDATE a");
  backend.await([](const State& state) { return state.hanging == 1; });
  run("UPDATE b");
  database->stop(milliseconds(1));
  work_until_said(2);
  std::ranges::sort(said);  // which of them is told first is a matter of threads
  EXPECT_EQ(said, (Said{"UPDATE a: timed out", "UPDATE b: unavailable"}));
}

TEST_F(DatabaseTest, AWorkerThatHasGoneIsNotTold) {
  open(quick());
  auto gone = std::make_shared<int>(0);
  {
    FakeWorker other;
    backend.change([](State& state) { state.hangs = true; });
    database->run({.queries = query("SELECT a"),
                   .to = other.mailbox,
                   .done = [gone](const Outcome&) { ++*gone; }});
  }
  backend.change([](State& state) { state.hangs = false; });
  database->stop(std::chrono::seconds(20));
  EXPECT_EQ(*gone, 0);
  EXPECT_EQ(gone.use_count(), 1);
}

}  // namespace
}  // namespace opensips::storage
