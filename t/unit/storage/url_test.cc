#include "storage/url.hh"

#include <gtest/gtest.h>

namespace opensips::storage {
namespace {

TEST(StorageUrl, NamesAFile) {
  const auto url = Url::parse("sqlite:///var/lib/opensips/a.db");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "sqlite");
  EXPECT_EQ(url->host, "");
  EXPECT_EQ(url->path, "/var/lib/opensips/a.db");
  EXPECT_EQ(url->shown(), "sqlite:///var/lib/opensips/a.db");
}

TEST(StorageUrl, NamesAServer) {
  const auto url = Url::parse("mysql://me:se%40cr%3aet@db.example.com:3307/opensips");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->user, "me");
  EXPECT_EQ(url->password, "se@cr:et");
  EXPECT_EQ(url->host, "db.example.com");
  EXPECT_EQ(url->port, 3307);
  EXPECT_EQ(url->database(), "opensips");
}

TEST(StorageUrl, IsShownWithoutItsPassword) {
  EXPECT_EQ(Url::parse("mysql://me:secret@[2001:db8::1]:3307/o")->shown(),
            "mysql://me@[2001:db8::1]:3307/o");
  EXPECT_EQ(Url::parse("mysql://h/o")->shown(), "mysql://h/o");
}

TEST(StorageUrl, APasswordMayHaveAnAtSign) {
  const auto url = Url::parse("mysql://me:a@b@h/o");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->password, "a@b");
  EXPECT_EQ(url->host, "h");
}

TEST(StorageUrl, RedisHasSeveralServersAndNeedsNoPath) {
  const auto url = Url::parse("redis://me:secret@h1:7001,[2001:db8::1]:7002,h3/mymaster");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "h1");
  EXPECT_EQ(url->port, 7001);
  EXPECT_EQ(url->more, (std::vector<Url::Server>{{"2001:db8::1", 7002}, {"h3", 0}}));
  EXPECT_EQ(url->database(), "mymaster");
  EXPECT_EQ(url->shown(), "redis://me@h1:7001,[2001:db8::1]:7002,h3/mymaster");
  EXPECT_EQ(Url::parse("redis://h1")->database(), "");
  EXPECT_EQ(Url::parse("redis://h1:6379/")->database(), "");
  for (const auto* const bad : {"redis://", "redis://,h", "redis://h,", "redis://h:x", "redis:///0",
                                "redis://h:1,h:2,/0"}) {
    EXPECT_FALSE(Url::parse(bad)) << bad;
  }
}

TEST(StorageUrl, WhatIsNoneSaysWhatWasExpected) {
  for (const auto* const text :
       {"", "sqlite", "sqlite://", "sqlite:///", "SQLITE:///x", "://x/y", "mysql://h", "mysql://h/",
        "mysql://h:/o", "mysql://h:x/o", "mysql://h:99999/o", "mysql://h:1x/o", "mysql://[::1/o",
        "mysql://[::1]x/o", "mysql://%4:p@h/o", "mysql://u:%zz@h/o"}) {
    const auto url = Url::parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error(),
              "expected sqlite:///FILE, mysql://USER:PASSWORD@HOST/DATABASE or "
              "redis://HOST:PORT/NUMBER");
  }
}

}  // namespace
}  // namespace opensips::storage
