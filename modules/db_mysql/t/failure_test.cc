#include "db_mysql/failure.hh"

#include <gtest/gtest.h>

namespace opensips::db_mysql {
namespace {

using Kind = storage::Error::Kind;

Kind kind(unsigned number) {
  return error_of(number, "x").kind;
}

TEST(MysqlFailure, ServerAndClientErrorsHaveAKind) {
  EXPECT_EQ(kind(1049), Kind::missing) << "unknown database";
  EXPECT_EQ(kind(1146), Kind::missing) << "no such table";
  EXPECT_EQ(kind(1205), Kind::locked);
  EXPECT_EQ(kind(1213), Kind::locked) << "deadlock";
  EXPECT_EQ(kind(1114), Kind::full);
  EXPECT_EQ(kind(1021), Kind::full);
  EXPECT_EQ(kind(1290), Kind::read_only);
  EXPECT_EQ(kind(1062), Kind::constraint) << "duplicate";
  EXPECT_EQ(kind(1406), Kind::constraint) << "too long";
  EXPECT_EQ(kind(1064), Kind::statement) << "syntax";
  EXPECT_EQ(kind(1969), Kind::timed_out);
  EXPECT_EQ(kind(1194), Kind::corrupt);
  for (const unsigned number : {1040U, 1045U, 1053U, 1927U, 2002U, 2003U, 2006U, 2013U})
    EXPECT_EQ(kind(number), Kind::unavailable) << number;
}

TEST(MysqlFailure, OnlyWhatWasNotSentIsUntouched) {
  EXPECT_TRUE(error_of(2006, "gone").untouched);
  EXPECT_FALSE(error_of(2013, "lost").untouched);
}

TEST(MysqlFailure, AConnectionEndsWithItsServer) {
  for (const unsigned number : {1053U, 2006U, 2013U}) EXPECT_TRUE(ends_connection(number));
  for (const unsigned number : {1062U, 1064U, 1146U, 1205U}) EXPECT_FALSE(ends_connection(number));
}

}  // namespace
}  // namespace opensips::db_mysql
