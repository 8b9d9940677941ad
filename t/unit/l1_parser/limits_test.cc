#include <gtest/gtest.h>

#include "unit/l1_parser/samples.hh"

namespace opensips::parser {
namespace {

using samples::parse;
using samples::Request;

std::string repeated(const std::string& line, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += line;
  return result;
}

TEST(ParserLimits, GrowTheTableUpToTheirNumber) {
  for (const int more : {30, 34, 35, 36, 100, 251}) {
    const auto text = Request{.more = repeated("X: y\r\n", more), .body = "b"}.text();
    const auto parsed = parse(text);
    EXPECT_EQ(parsed.fault.code, 0) << more;
    EXPECT_EQ(parsed.message->headers().size(), more + 5U);
    EXPECT_EQ(parsed.message->body(), "b");
    EXPECT_EQ(samples::forwarded(*parsed.message), text);
  }
}

TEST(ParserLimits, RefuseTooManyHeaders) {
  for (const int more : {252, 5000}) {
    const auto parsed = parse(Request{.more = repeated("X: y\r\n", more)}.text());
    EXPECT_EQ(parsed.fault.code, 513);
    EXPECT_TRUE(parsed.answerable);
    EXPECT_EQ(parsed.message->headers().size(), 256U);
  }
}

TEST(ParserLimits, OfHeadersMayBeSmall) {
  for (std::uint32_t headers = 0; headers < 5; ++headers) {
    const auto parsed = parse(Request{}.text(), {.headers = headers});
    EXPECT_EQ(parsed.fault.code, 513);
    EXPECT_EQ(parsed.message->headers().size(), headers);
    EXPECT_EQ(parsed.answerable, headers > 0);
  }
  EXPECT_EQ(parse(Request{}.text(), {.headers = 5}).fault.code, 0);
}

TEST(ParserLimits, RefuseTooManyVias) {
  const std::string via = "Via: SIP/2.0/UDP h;branch=z9hG4bKx\r\n";
  EXPECT_EQ(parse(Request{.more = repeated(via, 69)}.text()).fault.code, 0);
  EXPECT_EQ(parse(Request{.more = repeated(via, 70)}.text()).fault.code, 513);
  const auto many = parse(Request{.more = repeated(via, 1000)}.text());
  EXPECT_STREQ(many.fault.reason, "Too Many Vias");
  EXPECT_TRUE(many.answerable);
  const auto one_line =
      parse(Request{.via = "Via: SIP/2.0/UDP h" + repeated(", SIP/2.0/UDP h", 70)}.text());
  EXPECT_STREQ(one_line.fault.reason, "Too Many Vias");
}

TEST(ParserLimits, LetComeBackWhatTheyLetThrough) {
  const Request full{.start = "SIP/2.0 200 OK",
                     .via =
                         "Via: SIP/2.0/UDP us;branch=z9hG4bKus\r\n"
                         "Via: SIP/2.0/UDP h;x=" +
                         std::string(8150, 'x') + ";received=192.0.2.1;rport=5060",
                     .more = repeated("Via: SIP/2.0/UDP h\r\n", 69) +
                             "Record-Route: <sip:us;lr>\r\nRecord-Route: <sip:us;lr>\r\n" +
                             repeated("Record-Route: <sip:h;lr>\r\n", 182)};
  const auto parsed = parse(full.text());
  EXPECT_EQ(parsed.fault.code, 0) << parsed.fault.reason;
  EXPECT_EQ(parsed.message->headers().size(), 259U);
  auto more = full;
  more.more += "Record-Route: <sip:h;lr>\r\n";
  EXPECT_EQ(parse(more.text()).fault.code, 513);
  more = full;
  more.via += "\r\nVia: SIP/2.0/UDP h";
  EXPECT_STREQ(parse(more.text()).fault.reason, "Too Many Vias");
}

TEST(ParserLimits, RefuseALineThatIsTooLong) {
  const auto fits = parse(Request{.more = "X: " + std::string(8192 - 5, 'y') + "\r\n"}.text());
  EXPECT_EQ(fits.fault.code, 0);
  for (const std::string& line :
       {"X: " + std::string(8192 - 4, 'y'), "X: " + std::string(65536, 'y'),
        std::string(65535, 'n') + ":", std::string(70000, 'n') + ": y",
        "X: a" + repeated("\r\n b", 3000), "Route: <sip:" + std::string(9000, 'r') + ">"}) {
    const auto parsed = parse(Request{.more = line + "\r\n"}.text());
    EXPECT_EQ(parsed.fault.code, 513);
    EXPECT_TRUE(parsed.answerable);
  }
}

TEST(ParserLimits, TakeALongBody) {
  const auto text =
      Request{.more = "Content-Length: 1000000\r\n", .body = std::string(1000000, '\0')};
  const auto parsed = parse(text.text());
  EXPECT_EQ(parsed.fault.code, 0);
  EXPECT_EQ(parsed.message->body().size(), 1000000U);
}

}  // namespace
}  // namespace opensips::parser
