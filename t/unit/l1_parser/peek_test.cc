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

TEST(Peek, TheCallIdAloneIsTheSame) {
  const std::string start = "INVITE sip:a@b SIP/2.0\r\n";
  const std::string id = "Call-ID: x\r\n";
  for (const std::string& headers : {id,
                                     id + "\r\n",
                                     "I:  x \r\n\r\n" + id,
                                     "i : y\r\n" + id,
                                     "call-id:\r\n x\r\n" + id,
                                     "Call-ID : y\r\n" + id,
                                     "In-Reply-To: y\r\n" + id,
                                     "Call-IDs: y\r\n" + id,
                                     "X: y\r\n i: z\r\n" + id,
                                     "X: y\n" + id,
                                     "Call-ID\r\n" + id,
                                     ":\r\n" + id,
                                     "X: y\t\r\n" + id,
                                     "X: y\r" + id,
                                     "\r\n" + id,
                                     "i\r\n" + id,
                                     std::string("i"),
                                     std::string("Call-ID: x"),
                                     std::string("Call-ID: x\r"),
                                     std::string()}) {
    EXPECT_EQ(call_id_of(start + headers), peek(start + headers).call_id) << headers;
    EXPECT_EQ(call_id_of("\r\n" + start + headers), peek(start + headers).call_id) << headers;
  }
}

TEST(Peek, AgreesWithTheParserOnMutations) {
  samples::for_each_mutation(200000, [](const std::string& bytes) {
    ASSERT_STREQ(samples::peek_promise(bytes, samples::parse(bytes)), nullptr) << bytes;
  });
}

}  // namespace
}  // namespace opensips::parser
