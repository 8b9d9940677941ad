#include "cachedb_redis/reply.hh"

#include <gtest/gtest.h>

#include "storage/reply_tree.hh"

namespace opensips::cachedb_redis {
namespace {

using Progress = ReplyReader::Progress;
using Rows = std::vector<storage::Row>;
using storage::list_row;
using storage::value_row;

Rows rows_of(std::string_view bytes) {
  ReplyReader reader;
  EXPECT_EQ(reader.feed(bytes), Progress::whole) << bytes << reader.problem();
  return reader.take().rows;
}

TEST(RedisReply, IsATreeOfRows) {
  EXPECT_EQ(rows_of("+OK\r\n"), Rows{value_row("OK")});
  EXPECT_EQ(rows_of(std::string_view("$5\r\na\0b\r\n\r\n", 11)),
            Rows{value_row(std::string("a\0b\r\n", 5))});
  EXPECT_EQ(rows_of(":-7\r\n"), Rows{value_row(std::int64_t{-7})});
  EXPECT_EQ(rows_of("$-1\r\n"), Rows{value_row(std::monostate())});
  EXPECT_EQ(rows_of("*-1\r\n"), Rows{value_row(std::monostate())});
  EXPECT_EQ(rows_of("*0\r\n"), Rows{list_row(0)});
  EXPECT_EQ(rows_of("*2\r\n$1\r\n0\r\n*1\r\n:5\r\n"),
            (Rows{list_row(2), value_row("0"), list_row(1), value_row(std::int64_t{5})}));
}

TEST(RedisReply, ComesInPieces) {
  const std::string_view bytes = "*2\r\n$3\r\nabc\r\n-ERR no\r\n";
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    ReplyReader reader;
    ASSERT_EQ(reader.feed(bytes.substr(0, cut)), Progress::needs_more) << cut;
    ASSERT_EQ(reader.feed(bytes.substr(cut)), Progress::whole) << cut;
    const auto reply = reader.take();
    EXPECT_EQ(reply.rows.size(), 3U);
    EXPECT_FALSE(reply.error) << "it is one inside";
  }
}

TEST(RedisReply, ARefusalIsAnError) {
  ReplyReader reader;
  ASSERT_EQ(reader.feed("-WRONGTYPE no\r\n"), Progress::whole);
  EXPECT_EQ(reader.take().error, "WRONGTYPE no");
  ASSERT_EQ(reader.feed("+OK\r\n"), Progress::whole);
  EXPECT_FALSE(reader.take().error);
}

TEST(RedisReply, WhatIsNoneOrTooLargeBreaksTheConnection) {
  for (const auto* const bytes :
       {"HTTP/1.1 200 OK\r\n\r\n", "\r\n", "*1000000000\r\n", "*99999999999999999999\r\n",
        "*-5\r\n", "$-7\r\n", "$x\r\n", ":\r\n"}) {
    ReplyReader reader;
    EXPECT_EQ(reader.feed(bytes), Progress::broken) << bytes;
    EXPECT_FALSE(reader.problem().empty());
  }
  ReplyReader deep;
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += "*1\r\n";
  EXPECT_EQ(deep.feed(bytes), Progress::broken);
}

TEST(RedisReply, IsBoundedInBytesAndValues) {
  ReplyReader reader;
  ASSERT_EQ(reader.feed("$500000000\r\n"), Progress::needs_more);
  const std::string piece(1 << 20, 'x');
  unsigned fed = 0;
  while (reader.feed(piece) == Progress::needs_more) ++fed;
  EXPECT_EQ(fed, 15U);
  EXPECT_EQ(reader.problem(), "its answer is too large");

  ReplyReader many;
  std::string lists = "*1000\r\n";
  for (int i = 0; i < 1000; ++i) {
    lists += "*1000\r\n";
    for (int j = 0; j < 1000; ++j) lists += ":1\r\n";
  }
  EXPECT_EQ(many.feed(lists), Progress::broken);
}

}  // namespace
}  // namespace opensips::cachedb_redis
