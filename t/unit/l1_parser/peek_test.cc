#include "l1_parser/peek.hh"

#include <gtest/gtest.h>

#include "unit/l1_parser/mutations.hh"
#include "unit/l1_parser/promises.hh"

namespace opensips::parser {
namespace {

using Kind = Peek::Kind;

TEST(Peek, TellsKindsApart) {
  EXPECT_EQ(peek(samples::kInvite).kind, Kind::request);
  EXPECT_EQ(peek(samples::kOk).kind, Kind::response);
  EXPECT_EQ(peek("\r\n\r\n").kind, Kind::crlf);
  EXPECT_EQ(peek("\n").kind, Kind::crlf);
  EXPECT_EQ(peek("").kind, Kind::garbage);
  EXPECT_EQ(peek(" ").kind, Kind::garbage);
  EXPECT_EQ(peek("GET / HTTP/1.1\r\n\r\n").kind, Kind::garbage);
  EXPECT_EQ(peek("INVITE sip:a@b SIP/2.0").kind, Kind::garbage);
  EXPECT_EQ(peek("\r\nINVITE sip:a@b SIP/2.0\r\n").kind, Kind::request);
}

TEST(Peek, KnowsStun) {
  std::string stun("\0\1\0\0\x21\x12\xa4\x42", 8);
  EXPECT_EQ(peek(stun).kind, Kind::garbage);
  stun.append(12, 'x');
  EXPECT_EQ(peek(stun).kind, Kind::stun);
  stun[0] = 1;
  EXPECT_EQ(peek(stun).kind, Kind::stun);
  stun[0] = 2;
  EXPECT_EQ(peek(stun).kind, Kind::garbage);
}

TEST(Peek, FindsTheCallId) {
  EXPECT_EQ(peek(samples::kInvite).call_id, "1-28815@192.0.2.7");
  const std::string start = "INVITE sip:a@b SIP/2.0\r\n";
  EXPECT_EQ(peek(start + "i:x\r\n\r\n").call_id, "x");
  EXPECT_EQ(peek(start + "cALL-iD  :\r\n  x \r\n\r\n").call_id, "x");
  EXPECT_EQ(peek(start + "X: Call-ID: y\r\n Call-ID: z\r\nCall-ID: x\r\n").call_id, "x");
  EXPECT_EQ(peek(start + "Call-ID: x").call_id, "");
  EXPECT_EQ(peek(start + "\r\nCall-ID: x\r\n").call_id, "");
  EXPECT_EQ(peek(start + "Call-ID: x\r\nCall-ID: y\r\n").call_id, "x");
}

TEST(Peek, AgreesWithTheParserOnMutations) {
  samples::for_each_mutation(200000, [](const std::string& bytes) {
    ASSERT_STREQ(samples::peek_promise(bytes, samples::parse(bytes)), nullptr) << bytes;
  });
}

}  // namespace
}  // namespace opensips::parser
