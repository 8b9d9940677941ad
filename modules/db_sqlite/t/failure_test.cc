#include "db_sqlite/failure.hh"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace opensips::db_sqlite {
namespace {

using Kind = storage::Error::Kind;

TEST(SqliteFailure, CodesHaveAKind) {
  const auto kind = [](int code) { return error_of(nullptr, code, "f").kind; };
  EXPECT_EQ(kind(SQLITE_BUSY), Kind::locked);
  EXPECT_EQ(kind(SQLITE_BUSY_SNAPSHOT), Kind::locked);
  EXPECT_EQ(kind(SQLITE_FULL), Kind::full);
  EXPECT_EQ(kind(SQLITE_READONLY), Kind::read_only);
  EXPECT_EQ(kind(SQLITE_READONLY_DIRECTORY), Kind::read_only);
  EXPECT_EQ(kind(SQLITE_READONLY_DBMOVED), Kind::unavailable);
  EXPECT_EQ(kind(SQLITE_CORRUPT), Kind::corrupt);
  EXPECT_EQ(kind(SQLITE_NOTADB), Kind::corrupt);
  EXPECT_EQ(kind(SQLITE_CONSTRAINT_UNIQUE), Kind::constraint);
  EXPECT_EQ(kind(SQLITE_INTERRUPT), Kind::timed_out);
  EXPECT_EQ(kind(SQLITE_IOERR_READ), Kind::unavailable);
  EXPECT_EQ(kind(SQLITE_CANTOPEN), Kind::unavailable);
  EXPECT_EQ(kind(SQLITE_ERROR), Kind::statement);
  EXPECT_EQ(error_of(nullptr, SQLITE_FULL, "f").text, "f: database or disk is full");
}

TEST(SqliteFailure, SomeEndTheConnection) {
  for (const int code :
       {SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_IOERR_READ, SQLITE_CANTOPEN, SQLITE_READONLY_DBMOVED})
    EXPECT_TRUE(ends_connection(code)) << code;
  for (const int code : {SQLITE_BUSY, SQLITE_FULL, SQLITE_READONLY, SQLITE_CONSTRAINT})
    EXPECT_FALSE(ends_connection(code)) << code;
}

}  // namespace
}  // namespace opensips::db_sqlite
