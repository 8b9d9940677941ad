#include "db_sqlite/connection.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <filesystem>
#include <fstream>
#include <thread>

#include "storage/schema.hh"

namespace opensips::db_sqlite {
namespace {

using storage::Blob;
using storage::Error;
using storage::Outcome;
using storage::Row;
using storage::Value;
using Step = storage::Connection::Step;

class SqliteTest : public testing::Test {
 protected:
  SqliteTest() {
    std::string name = std::filesystem::temp_directory_path() / "sqlite-XXXXXX";
    directory_ = ::mkdtemp(name.data());
    file = directory_ / "test.db";
  }
  ~SqliteTest() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<Connection> open(const Options& options = {}) {
    auto made = Connection::open(file, options, true);
    EXPECT_TRUE(made) << made.error().text;
    return made ? std::move(*made) : nullptr;
  }
  static Outcome run(Connection& connection, std::string text, std::vector<Value> values = {}) {
    return connection.execute(*storage::make_statement(std::move(text)), values);
  }
  static Error::Kind failure(const Outcome& outcome) {
    EXPECT_FALSE(outcome);
    return outcome ? Error::Kind::statement : outcome.error().kind;
  }

  std::string file;

 private:
  std::filesystem::path directory_;
};

TEST_F(SqliteTest, ValuesComeBackAsTheyWere) {
  const auto connection = open();
  ASSERT_TRUE(run(*connection, "CREATE TABLE t (a, b, c, d, e)"));
  const Row row{std::monostate{}, std::int64_t{INT64_MIN}, 0.5, std::string("it's \"\\ ü"),
                Blob{std::string("\0\xff", 2)}};
  const auto written = run(*connection, "INSERT INTO t VALUES (?, ?, ?, ?, ?)", row);
  ASSERT_TRUE(written) << written.error().text;
  EXPECT_EQ(written->affected, 1U);
  EXPECT_EQ(written->last_id, 1);
  const auto read = run(*connection, "SELECT a, b, c, d, e AS last FROM t");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->columns, (std::vector<std::string>{"a", "b", "c", "d", "last"}));
  ASSERT_EQ(read->rows.size(), 1U);
  EXPECT_EQ(read->rows[0], row);
}

TEST_F(SqliteTest, ValuesAreNeverPartOfTheStatement) {
  const auto connection = open();
  ASSERT_TRUE(run(*connection, "CREATE TABLE t (a)"));
  ASSERT_TRUE(run(*connection, "INSERT INTO t VALUES (?)", {"'); DROP TABLE t; --"}));
  EXPECT_EQ(run(*connection, "SELECT a FROM t")->rows[0][0], Value("'); DROP TABLE t; --"));
}

TEST_F(SqliteTest, SaysWhatKindOfFailureItIs) {
  const auto connection = open();
  ASSERT_TRUE(run(*connection, "CREATE TABLE t (a UNIQUE)"));
  ASSERT_TRUE(run(*connection, "INSERT INTO t VALUES (1)"));
  EXPECT_EQ(failure(run(*connection, "INSERT INTO t VALUES (1)")), Error::Kind::constraint);
  EXPECT_EQ(failure(run(*connection, "SELECT a FROM nowhere")), Error::Kind::missing);
  EXPECT_EQ(failure(run(*connection, "SELEKT")), Error::Kind::statement);
  EXPECT_EQ(failure(run(*connection, "SELECT ?")), Error::Kind::statement);
  EXPECT_EQ(failure(run(*connection, "SELECT 1", {std::int64_t{1}})), Error::Kind::statement);
  EXPECT_EQ(failure(run(*connection, "SELECT 1; SELECT 2")), Error::Kind::statement);
  EXPECT_EQ(failure(run(*connection, "")), Error::Kind::statement);
  EXPECT_TRUE(connection->usable());
  EXPECT_EQ(run(*connection, "SELECT elsewhere").error().text,
            file + ": no such column: elsewhere");
}

TEST_F(SqliteTest, ATransactionIsDoneOrUndone) {
  const auto connection = open();
  ASSERT_TRUE(run(*connection, "CREATE TABLE t (a)"));
  ASSERT_TRUE(connection->transaction(Step::begin));
  ASSERT_TRUE(run(*connection, "INSERT INTO t VALUES (1)"));
  ASSERT_TRUE(connection->transaction(Step::rollback));
  ASSERT_TRUE(connection->transaction(Step::begin));
  ASSERT_TRUE(run(*connection, "INSERT INTO t VALUES (2)"));
  ASSERT_TRUE(connection->transaction(Step::commit));
  EXPECT_EQ(run(*connection, "SELECT a FROM t")->rows, (std::vector<Row>{{std::int64_t{2}}}));
  EXPECT_TRUE(connection->transaction(Step::rollback)) << "there is nothing to undo";
}

TEST_F(SqliteTest, WhoReadsDoesNotWaitForWhoWrites) {
  const auto writer = open(), reader = open();
  ASSERT_TRUE(run(*writer, "CREATE TABLE t (a)"));
  ASSERT_TRUE(writer->transaction(Step::begin));
  ASSERT_TRUE(run(*writer, "INSERT INTO t VALUES (1)"));
  EXPECT_TRUE(run(*reader, "SELECT a FROM t")->rows.empty());
  ASSERT_TRUE(writer->transaction(Step::commit));
  EXPECT_EQ(run(*reader, "SELECT a FROM t")->rows.size(), 1U);
}

TEST_F(SqliteTest, ALockOfAnotherIsWaitedForAndThenAFailure) {
  const auto other = open();
  const auto connection = open({.busy_timeout = std::chrono::milliseconds(20)});
  ASSERT_TRUE(other->transaction(Step::begin));
  const auto begun = connection->transaction(Step::begin);
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().kind, Error::Kind::locked);
  EXPECT_TRUE(connection->usable());
  ASSERT_TRUE(other->transaction(Step::rollback));
  EXPECT_TRUE(connection->transaction(Step::begin));
}

TEST_F(SqliteTest, ManyOpenAtOnceAFileThatAnotherProgramMade) {
  constexpr int kRounds = 40, kThreads = 4;
  for (int round = 0; round < kRounds; ++round) {
    std::filesystem::remove(file);
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "CREATE TABLE t (a)", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(other);
    std::barrier together(kThreads);
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        together.arrive_and_wait();
        const auto connection = open({.busy_timeout = std::chrono::seconds(20)});
        ASSERT_TRUE(connection);
        EXPECT_TRUE(run(*connection, "SELECT a FROM t"));
      });
    }
  }
}

TEST_F(SqliteTest, WhatIsUnderWayCanBeInterrupted) {
  const auto connection = open();
  std::atomic<bool> has_ended = false;
  std::thread other([&] {
    // It has no effect before the statement has begun: again and again, then.
    while (!has_ended) {
      connection->interrupt();
      std::this_thread::yield();
    }
  });
  const auto endless = run(*connection,
                           "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                           "SELECT count(*) FROM n");
  has_ended = true;
  other.join();
  EXPECT_EQ(failure(endless), Error::Kind::timed_out);
}

TEST_F(SqliteTest, AFileThatIsFullSaysSoAndGoesOnWhenThereIsRoom) {
  const auto connection = open({.max_size = 1});
  ASSERT_TRUE(run(*connection, "CREATE TABLE t (a)"));
  Outcome written;
  for (int i = 0; written && i < 2000; ++i) {
    written = run(*connection, "INSERT INTO t VALUES (?)", {Blob{std::string(1000, 'x')}});
  }
  EXPECT_EQ(failure(written), Error::Kind::full);
  EXPECT_TRUE(connection->usable());
  ASSERT_TRUE(run(*connection, "DELETE FROM t"));
  EXPECT_TRUE(run(*connection, "INSERT INTO t VALUES (1)"));
}

TEST_F(SqliteTest, WhatIsNoDatabaseIsCorrupt) {
  std::ofstream(file) << std::string(5000, 'x');
  const auto made = Connection::open(file, {}, false);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, Error::Kind::corrupt);
}

TEST_F(SqliteTest, AFileThatIsNotThereIsMissingUnlessItIsToBeMade) {
  const auto made = Connection::open(file, {}, false);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, Error::Kind::missing);
  EXPECT_EQ(made.error().text, "there is no file " + file);
  EXPECT_TRUE(Connection::open(file, {}, true));
}

TEST_F(SqliteTest, ADirectoryThatIsNotThereCannotBeOpened) {
  const auto made = Connection::open("/nowhere/test.db", {}, true);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, Error::Kind::unavailable);
}

TEST_F(SqliteTest, AFileThatWasReplacedIsOpenedAnew) {
  const auto connection = open();
  ASSERT_TRUE(run(*connection, "CREATE TABLE t (a)"));
  std::filesystem::rename(file, file + ".old");
  EXPECT_EQ(failure(run(*connection, "INSERT INTO t VALUES (1)")), Error::Kind::unavailable);
  EXPECT_FALSE(connection->usable());
}

}  // namespace
}  // namespace opensips::db_sqlite
