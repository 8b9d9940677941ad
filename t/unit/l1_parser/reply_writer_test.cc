#include <gtest/gtest.h>

#include "unit/l1_parser/samples.hh"

namespace opensips::parser {
namespace {

using samples::good;
using samples::parse;
using samples::replied;
using samples::Request;

TEST(ReplyWriter, CopiesWhatAReplyRepeats) {
  EXPECT_EQ(replied(*good(samples::kInvite), 486, "ours"),
            "SIP/2.0 486 Busy Here\r\n"
            "Via: SIP/2.0/UDP 192.0.2.7:5062;branch=z9hG4bK-28815-1-0;rport\r\n"
            "Via: SIP/2.0/TCP 192.0.2.8;branch=z9hG4bKsecond\r\n"
            "From: \"Caller\" <sip:caller@192.0.2.7:5062>;tag=28815c1\r\n"
            "To: <sip:service@192.0.2.1:5060>;tag=ours\r\n"
            "Call-ID: 1-28815@192.0.2.7\r\n"
            "CSeq: 1 INVITE\r\n"
            "Content-Length: 0\r\n\r\n");
}

TEST(ReplyWriter, CopiesRecordRouteOnlyIntoWhatMakesADialog) {
  const auto has = [](const std::string& start, const std::string& cseq, unsigned code) {
    const auto request =
        good(Request{.start = start, .cseq = cseq, .more = "Record-Route: <sip:a;lr>\r\n"}.text());
    return replied(*request, code).find("Record-Route: <sip:a;lr>\r\n") != std::string::npos;
  };
  const std::string invite = "INVITE sip:b@c SIP/2.0";
  EXPECT_FALSE(has(invite, "CSeq: 1 INVITE", 100));
  EXPECT_TRUE(has(invite, "CSeq: 1 INVITE", 180));
  EXPECT_TRUE(has(invite, "CSeq: 1 INVITE", 200));
  EXPECT_FALSE(has(invite, "CSeq: 1 INVITE", 300));
  EXPECT_FALSE(has(invite, "CSeq: 1 INVITE", 486));
  EXPECT_TRUE(has("SUBSCRIBE sip:b@c SIP/2.0", "CSeq: 1 SUBSCRIBE", 202));
  EXPECT_FALSE(has("OPTIONS sip:b@c SIP/2.0", "CSeq: 1 OPTIONS", 200));
}

TEST(ReplyWriter, CopiesTimestampInto100Only) {
  const auto request = good(Request{.more = "Timestamp: 54\r\n"}.text());
  EXPECT_NE(replied(*request, 100).find("\r\nTimestamp: 54\r\n"), std::string::npos);
  EXPECT_EQ(replied(*request, 180).find("Timestamp"), std::string::npos);
}

TEST(ReplyWriter, AddsNoTagWhereOneIs) {
  const auto tagged = good(Request{.to = "To: <sip:b@c>;tag=theirs"}.text());
  EXPECT_NE(replied(*tagged, 200, "ours").find("To: <sip:b@c>;tag=theirs\r\n"), std::string::npos);
  const auto bare = good(Request{.to = "t : sip:b@c  "}.text());
  EXPECT_NE(replied(*bare, 200, "ours").find("t : sip:b@c;tag=ours\r\n"), std::string::npos);
  EXPECT_NE(replied(*bare, 100).find("t : sip:b@c\r\n"), std::string::npos);
}

TEST(ReplyWriter, TakesViasAsEditedAndTheRestAsItCame) {
  const auto request = good(samples::kInvite);
  auto& arena = request->arena();
  auto& edits = request->edits();
  edits.insert(arena, 0, "Via", "SIP/2.0/UDP for-the-way-out");
  edits.replace(arena, 0, "Via", "SIP/2.0/UDP stamped;received=192.0.2.77");
  edits.remove(arena, 1);
  edits.replace(arena, request->find(HeaderName::from), "From", "<sip:hidden@example.com>");
  const auto text = replied(*request, 404);
  EXPECT_EQ(text.find("way-out"), std::string::npos);
  EXPECT_EQ(text.find("hidden"), std::string::npos);
  EXPECT_NE(text.find("404 Not Found\r\nVia: SIP/2.0/UDP stamped;received=192.0.2.77\r\n"
                      "Via: SIP/2.0/TCP 192.0.2.8;branch=z9hG4bKsecond\r\n"),
            std::string::npos);
}

TEST(ReplyWriter, WritesWhatTheDraftHas) {
  Draft draft;
  draft.kind = Draft::Kind::reply;
  draft.code = 200;
  draft.reason = "Fine";
  draft.headers = "X-A: 1\r\nX-B: 2\r\n";
  draft.content_type = "text/plain";
  draft.body = "hello";
  const auto request = good(Request{}.text());
  const std::string text(write(*request, draft, "OpenSIPS")->view());
  EXPECT_TRUE(text.starts_with("SIP/2.0 200 Fine\r\nVia: "));
  EXPECT_TRUE(
      text.ends_with("X-A: 1\r\nX-B: 2\r\nServer: OpenSIPS\r\nContent-Type: text/plain\r\n"
                     "Content-Length: 5\r\n\r\nhello"));
  const auto response = good(text);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->reason(), "Fine");
}

TEST(ReplyWriter, AnswersAFaultyRequestWithWhatIsThere) {
  const auto parsed = parse(Request{.from = "From: \"x",
                                    .to = "To: broken;tag",
                                    .call_id = "",
                                    .more = "From: <sip:second@b>\r\nCSeq: 2 INVITE\r\n"}
                                .text());
  ASSERT_TRUE(parsed.answerable);
  EXPECT_EQ(replied(*parsed.message, parsed.fault.code, "ours"),
            "SIP/2.0 400 Bad Request\r\n"
            "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKx\r\n"
            "From: \"x\r\n"
            "To: broken;tag\r\n"
            "CSeq: 1 INVITE\r\n"
            "Content-Length: 0\r\n\r\n");
}

TEST(ReplyWriter, EndsItsLinesWithCrlfWhateverTheRequestDoes) {
  const auto request = good(samples::replaced(Request{}.text(), "\r\n", "\n"));
  const auto text = replied(*request, 200);
  EXPECT_EQ(samples::replaced(text, "\r\n", "").find('\n'), std::string::npos);
}

TEST(HopWriter, MakesTheAckOfAFinalResponse) {
  const std::string invite =
      "INVITE sip:bob@192.0.2.9 SIP/2.0\r\n"
      "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKours\r\n"
      "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKtheirs\r\n"
      "Route: <sip:r1;lr>, <sip:r2;lr>\r\n"
      "Max-Forwards: 12\r\n"
      "From: <sip:a@b>;tag=1\r\n"
      "To: <sip:bob@example.com>\r\n"
      "Call-ID: abc\r\n"
      "CSeq: 0077 INVITE\r\n"
      "Contact: <sip:a@c>\r\n"
      "Route: <sip:r3>\r\n"
      "Content-Length: 4\r\n\r\nbody";
  const auto response = good(
      Request{.start = "SIP/2.0 486 Busy Here", .to = "t: <sip:bob@example.com>;tag=busy"}.text());
  EXPECT_EQ(write_ack(invite, *response)->view(),
            "ACK sip:bob@192.0.2.9 SIP/2.0\r\n"
            "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKours\r\n"
            "Route: <sip:r1;lr>, <sip:r2;lr>\r\n"
            "From: <sip:a@b>;tag=1\r\n"
            "To: <sip:bob@example.com>;tag=busy\r\n"
            "Call-ID: abc\r\n"
            "CSeq: 77 ACK\r\n"
            "Route: <sip:r3>\r\n"
            "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(write_cancel(invite, "Reason: SIP;cause=200\r\n")->view(),
            "CANCEL sip:bob@192.0.2.9 SIP/2.0\r\n"
            "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKours\r\n"
            "Route: <sip:r1;lr>, <sip:r2;lr>\r\n"
            "From: <sip:a@b>;tag=1\r\n"
            "To: <sip:bob@example.com>\r\n"
            "Call-ID: abc\r\n"
            "CSeq: 77 CANCEL\r\n"
            "Route: <sip:r3>\r\n"
            "Reason: SIP;cause=200\r\n"
            "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n");
}

TEST(HopWriter, WhatIsOfACallIsKnownAsThatWhoeverWritesIt) {
  const auto invite = good(samples::kInvite);
  const auto call = write(*invite, Draft{})->call();
  EXPECT_NE(call, 0U);
  Draft reply;
  reply.kind = Draft::Kind::reply;
  EXPECT_EQ(write(*invite, reply)->call(), call);
  EXPECT_EQ(write_cancel(samples::kInvite)->call(), call);
  EXPECT_EQ(write_ack(samples::kInvite, *good(samples::kOk))->call(), call);
  EXPECT_NE(write(*good(Request{.call_id = "i: other"}.text()), Draft{})->call(), call);
}

TEST(HopWriter, MakesMessagesThatParse) {
  EXPECT_TRUE(good(write_cancel(samples::kInvite)->view()));
  EXPECT_TRUE(good(write_ack(samples::kInvite, *good(samples::kOk))->view()));
}

TEST(HopWriter, MakesNothingOfWhatIsNoInvite) {
  EXPECT_FALSE(write_cancel(""));
  EXPECT_FALSE(write_cancel("INVITE sip:a@b SIP/2.0\r\n\r\n"));
  EXPECT_FALSE(write_cancel(Request{.cseq = "CSeq: x"}.text()));
  EXPECT_FALSE(write_cancel(samples::kOk));
  EXPECT_FALSE(write_cancel(Request{.more = "CSeq: 1 INVITE\r\n"}.text()));
  const std::string shortest = "A sip:b SIP/2.0\nv:SIP/2.0/UDP h\nt:x\nt:x\nt:x\nCSeq:1 A\n\n";
  EXPECT_TRUE(write_cancel(shortest));
  EXPECT_TRUE(write_ack(shortest, *good(samples::kOk)));
}

}  // namespace
}  // namespace opensips::parser
