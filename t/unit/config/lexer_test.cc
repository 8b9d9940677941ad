#include "config/lexer.hh"

#include <gtest/gtest.h>

namespace opensips::config {
namespace {

std::string kinds(std::string_view text) {
  std::string out;
  for (const auto& token : tokenize(text, 0)) {
    switch (token.kind) {
      case TokenKind::word: out += "w(" + token.text + ")"; break;
      case TokenKind::integer: out += "i(" + std::to_string(token.number) + ")"; break;
      case TokenKind::string: out += "s(" + token.text + ")"; break;
      case TokenKind::punctuation: out += token.text; break;
      case TokenKind::bad: out += "bad(" + token.text + ")"; break;
      case TokenKind::end: break;
    }
  }
  return out;
}

TEST(LexerTest, ReadsWordsIntegersStringsAndPunctuation) {
  EXPECT_EQ(kinds("workers = 4 # four\nlog_level=-1"), "w(workers)=i(4)w(log_level)=i(-1)");
  EXPECT_EQ(kinds("x=0x10 +3 500ms 127.0.0.1"), "w(x)=i(16)i(3)w(500ms)w(127.0.0.1)");
  EXPECT_EQ(kinds("modparam(\"a|b\", 'c', 1)"), "w(modparam)(s(a|b),s(c),i(1))");
}

TEST(LexerTest, SkipsComments) {
  EXPECT_EQ(kinds("/* a\n * \"b */c/*d*/e#f /* g\nh"), "w(c)w(e)w(h)");
  EXPECT_EQ(kinds("mpath=/usr/lib/x"), "w(mpath)=w(/usr/lib/x)");
}

TEST(LexerTest, ReadsSocketsAsOneWord) {
  EXPECT_EQ(kinds("socket=udp:[::1]:5060 as [2001:db8::1]:5070"),
            "w(socket)=w(udp:[::1]:5060)w(as)w([2001:db8::1]:5070)");
  EXPECT_EQ(kinds("socket=udp:*:5060"), "w(socket)=w(udp:*:5060)");
  EXPECT_EQ(kinds("route[x]{"), "w(route)[w(x)]{");
}

TEST(LexerTest, DoubleQuotesHaveEscapesSingleQuotesHaveNone) {
  EXPECT_EQ(kinds(R"("a\"b\\c\n\t\+")"), "s(a\"b\\c\n\t\\+)");
  EXPECT_EQ(kinds(R"('a\n"b')"), "s(a\\n\"b)");
}

TEST(LexerTest, StringsMayGoOverLines) {
  EXPECT_EQ(kinds("x=\"a\nb\"\ny=1"), "w(x)=s(a\nb)w(y)=i(1)");
}

TEST(LexerTest, StringLeftOpenEndsWithItsLine) {
  EXPECT_EQ(kinds("x=\"a\ny=1"), "w(x)=bad(string is not closed, expected \")w(y)=i(1)");
  EXPECT_EQ(kinds("x=\"a\ny=\"b\"\nz=1"),
            "w(x)=bad(string is not closed, expected \")w(y)=s(b)w(z)=i(1)");
}

TEST(LexerTest, ReportsOpenCommentsAndNumbersTooLarge) {
  EXPECT_EQ(kinds("a /* b\nc"), "w(a)bad(comment is not closed, expected */)");
  EXPECT_EQ(kinds("99999999999999999999"),
            "bad(number '99999999999999999999' is too large, expected one of 64 bits)");
}

TEST(LexerTest, CountsColumnsInCharacters) {
  const auto tokens = tokenize("\xef\xbb\xbf'\xc3\xa9\xe2\x82\xac' x\r\n\ty", 3);
  ASSERT_EQ(tokens.size(), 4U);
  EXPECT_EQ(tokens[0].at, (Position{3, 1, 1}));
  EXPECT_EQ(tokens[1].at, (Position{3, 1, 6}));
  EXPECT_EQ(tokens[2].at, (Position{3, 2, 2}));
  EXPECT_FALSE(tokens[1].first_on_line);
  EXPECT_TRUE(tokens[2].first_on_line);
}

TEST(LexerTest, AFileOfQuotesIsReadInLinearTime) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "\\\"\n";
  EXPECT_GT(tokenize(text, 0).size(), 200'000U);
}

}  // namespace
}  // namespace opensips::config
