#include <gtest/gtest.h>

#include "manage/fifo_server.hh"

namespace opensips::manage {
namespace {

TEST(FifoLine, has_a_name_and_a_request) {
  FifoLine line;
  ASSERT_TRUE(line.parse(R"(:opensips_fifo_reply_7:{"jsonrpc":"2.0"})"));
  EXPECT_EQ(line.reply_to, "opensips_fifo_reply_7");
  EXPECT_EQ(line.request, R"({"jsonrpc":"2.0"})");
}

TEST(FifoLine, without_a_name_wants_no_answer) {
  FifoLine line;
  ASSERT_TRUE(line.parse("::{}"));
  EXPECT_EQ(line.reply_to, "");
  EXPECT_EQ(line.request, "{}");
  ASSERT_TRUE(line.parse("{}"));
  EXPECT_EQ(line.reply_to, "");
  EXPECT_EQ(line.request, "{}");
}

TEST(FifoLine, refuses_names_that_leave_the_directory) {
  FifoLine line;
  for (const auto* bad : {":../x:{}", ":a/b:{}", ":/etc/passwd:{}", ":.:{}", ":..:{}", ":a b:{}",
                          ":a\nb:{}", ":reply", ":"}) {
    EXPECT_FALSE(line.parse(bad)) << bad;
  }
  EXPECT_FALSE(line.parse(":" + std::string(256, 'a') + ":{}"));
  EXPECT_FALSE(line.parse({":a\0b:{}", 7}));
}

}  // namespace
}  // namespace opensips::manage
