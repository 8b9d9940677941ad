#include "manage/request_cutter.hh"

#include <gtest/gtest.h>

#include <vector>

#include "manage/rpc.hh"

namespace opensips::manage {
namespace {

using Requests = std::vector<std::string>;

Requests all_of(RequestCutter& cutter) {
  Requests all;
  while (auto one = cutter.next()) all.push_back(std::move(*one));
  return all;
}

Requests cut(std::string_view bytes) {
  RequestCutter cutter;
  cutter.feed(bytes);
  cutter.finish();
  return all_of(cutter);
}

TEST(RequestCutter, ends_a_request_with_its_line_or_its_brackets) {
  EXPECT_EQ(cut("{\"a\":1}\n{\"b\":[2]}\n"), (Requests{"{\"a\":1}", "{\"b\":[2]}"}));
  EXPECT_EQ(cut("{\"a\":{}}[1]{}"), (Requests{"{\"a\":{}}", "[1]", "{}"}));
  EXPECT_EQ(cut("{\"a\":\"}\\\"}\"}x"), (Requests{"{\"a\":\"}\\\"}\"}", "x"}));
}

TEST(RequestCutter, ends_nonsense_with_its_line) {
  EXPECT_EQ(cut("hello\r\n{\"a\n]]\n{}\n"), (Requests{"hello", "{\"a", "]]", "{}"}));
  EXPECT_EQ(cut("\"{\n{}"), (Requests{"\"{", "{}"}));
}

TEST(RequestCutter, takes_no_notice_of_blank_lines) {
  EXPECT_EQ(cut("\n\r\n  \n{}  \n\n"), (Requests{"{}"}));
  EXPECT_EQ(cut(""), (Requests{}));
}

TEST(RequestCutter, takes_a_name_in_front) {
  EXPECT_EQ(cut(":reply_1:{\"a\":1}:reply_2:{}"), (Requests{":reply_1:{\"a\":1}", ":reply_2:{}"}));
}

TEST(RequestCutter, cuts_the_same_an_octet_at_a_time) {
  const std::string bytes = "x\n{\"a\":\"\\\\\"}{\"b\":[[]]}\n:r:{}\nend";
  RequestCutter cutter;
  Requests all;
  for (const char& c : bytes) {
    cutter.feed({&c, 1});
    for (auto& one : all_of(cutter)) all.push_back(std::move(one));
  }
  EXPECT_TRUE(cutter.is_unfinished());
  cutter.finish();
  for (auto& one : all_of(cutter)) all.push_back(std::move(one));
  EXPECT_EQ(all, cut(bytes));
  EXPECT_FALSE(cutter.is_unfinished());
}

TEST(RequestCutter, gives_up_what_is_too_long) {
  RequestCutter cutter;
  cutter.feed("{\"" + std::string(kMaxRequest, 'a'));
  EXPECT_EQ(cutter.next(), std::nullopt);
  EXPECT_TRUE(cutter.is_too_long());
  cutter.skip_line();
  EXPECT_FALSE(cutter.is_too_long());
  cutter.feed("more of it");
  EXPECT_EQ(cutter.next(), std::nullopt);
  cutter.feed("and\n{}\n");
  EXPECT_EQ(cutter.next(), "{}");
}

TEST(RequestCutter, leaves_a_long_line_that_is_whole_to_be_refused) {
  const auto all = cut(std::string(kMaxRequest + 10, 'a') + "\n{}\n");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_GT(all[0].size(), kMaxRequest);
  EXPECT_EQ(all[1], "{}");
}

}  // namespace
}  // namespace opensips::manage
