#include "cachedb_redis/redirection.hh"

#include <gtest/gtest.h>

namespace opensips::cachedb_redis {
namespace {

const Server kFrom{"192.0.2.1", 7000};

TEST(RedisSlot, IsAsTheClusterSpecificationHasIt) {
  EXPECT_EQ(slot_of("123456789"), 0x31C3 % 16384);
  EXPECT_EQ(slot_of("foo"), 12182);
  EXPECT_EQ(slot_of("{user1000}.following"), slot_of("{user1000}.followers"));
  EXPECT_EQ(slot_of("foo{}{bar}"), slot_of("foo{}{bar}"));
  EXPECT_NE(slot_of("foo{}{bar}"), slot_of("bar"));
  EXPECT_EQ(slot_of("foo{bar}{zap}"), slot_of("bar"));
  EXPECT_EQ(slot_of(""), 0);
}

TEST(RedisRedirection, IsRead) {
  const auto moved = redirection_of("MOVED 3999 192.0.2.7:6381", kFrom);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->slot, 3999);
  EXPECT_EQ(moved->to, (Server{"192.0.2.7", 6381}));
  EXPECT_FALSE(moved->once);
  EXPECT_TRUE(redirection_of("ASK 1 192.0.2.7:6381", kFrom)->once);
  EXPECT_EQ(redirection_of("MOVED 1 2001:db8::7:6381", kFrom)->to, (Server{"2001:db8::7", 6381}));
}

TEST(RedisRedirection, AHostThatIsNotSaidIsTheSame) {
  EXPECT_EQ(redirection_of("MOVED 1 :6381", kFrom)->to, (Server{"192.0.2.1", 6381}));
  EXPECT_EQ(redirection_of("MOVED 1 ?:6381", kFrom)->to, (Server{"192.0.2.1", 6381}));
}

TEST(RedisRedirection, NonsenseIsNone) {
  for (const auto* const text :
       {"", "ERR no", "MOVED", "MOVED ", "MOVED 1", "MOVED 1 ", "MOVED 1 host",
        "MOVED 1 host:", "MOVED 16384 h:1", "MOVED -1 h:1", "MOVED x h:1", "MOVED 1 h:0",
        "MOVED 1 h:65536", "MOVED 1 h:1x", "MOVEDX 1 h:1"}) {
    EXPECT_FALSE(redirection_of(text, kFrom)) << text;
  }
}

}  // namespace
}  // namespace opensips::cachedb_redis
