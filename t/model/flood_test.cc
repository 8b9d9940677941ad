// More than can be handled, and answers that a forged source must not multiply.

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "model/model.hh"

namespace opensips::model {
namespace {

using Lines = std::vector<std::string>;

const std::string kCallee = "127.0.0.1:5080";

class Flood : public ::testing::Test {
 protected:
  void overload(bool on) {
    auto& overload = model.context.overload;
    overload.set_limit(100);
    for (unsigned i = 0; on && i < loop::Overload::kFullTurn; ++i) overload.count_message();
    if (on) overload.note_pressure();
    overload.turn_ended(1000);
    ASSERT_EQ(overload.is_shedding(), on);
  }
  std::string only() {
    const auto sent = model.take();
    EXPECT_EQ(sent.size(), 1U);
    return sent.empty() ? "" : sent.back().bytes;
  }
  static std::string start_line(const std::string& bytes) {
    return bytes.substr(0, bytes.find("\r\n"));
  }
  /// The ACK for a refusal.
  static std::string ack_of(const std::string& refusal) {
    Request ack;
    ack.method = "ACK";
    const auto to = values(refusal, "To").at(0);
    ack.to_tag = to.substr(to.find(";tag=") + 5);
    return ack.bytes();
  }

  Model model;
};

TEST_F(Flood, NewRequestsAreRefusedWithoutATransaction) {
  overload(true);
  for (const auto method : {"INVITE", "REGISTER", "OPTIONS", "MESSAGE"}) {
    Request request;
    request.method = method;
    model.receive(request.bytes());
    const auto refusal = only();
    EXPECT_EQ(start_line(refusal), "SIP/2.0 503 Service Unavailable") << method;
    const auto wait = values(refusal, "Retry-After");
    ASSERT_EQ(wait.size(), 1U);
    EXPECT_GE(std::stoi(wait[0]), 1);
    EXPECT_LE(std::stoi(wait[0]), 5);
  }
  EXPECT_TRUE(model.idle());
  EXPECT_EQ(model.program.started, 0);
  EXPECT_EQ(model.stat("core:shed_requests"), 4U);
  model.pass(40'000);
  EXPECT_EQ(model.take_start_lines(), Lines{});
}

TEST_F(Flood, TheWaitIsTheSameForARetransmissionAndNotForAll) {
  overload(true);
  std::set<std::string> waits;
  for (int i = 0; i < 50; ++i) {
    Request request;
    request.call_id = "call-" + std::to_string(i);
    model.receive(request.bytes());
    const auto first = only();
    model.receive(request.bytes());
    EXPECT_EQ(only(), first);
    waits.insert(values(first, "Retry-After").at(0));
  }
  EXPECT_GE(waits.size(), 3U);
}

TEST_F(Flood, TheAckOfARefusalEndsHere) {
  overload(true);
  model.receive(Request{}.bytes());
  model.receive(ack_of(only()));
  EXPECT_EQ(model.take_start_lines(), Lines{});
  EXPECT_EQ(model.stat("sl:received_ACKs"), 1U);
}

TEST_F(Flood, WhatBelongsToAnAcceptedCallGoesOn) {
  Request request;
  model.receive(request.bytes());
  const auto sent = model.take();
  ASSERT_EQ(sent.size(), 2U);
  const auto invite = sent[1].bytes;
  overload(true);
  model.receive(request.bytes());  // again: absorbed, answered with the 100
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 100 Trying"});
  model.receive(answer(invite, 180), kCallee);
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 180 Answer"});
  model.receive(answer(invite, 200), kCallee);
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 200 Answer"});

  Request bye;
  bye.method = "BYE";
  bye.to_tag = "callee";
  bye.cseq = 2;
  bye.branch = "z9hG4bKbye";
  bye.extra = "Route: " + values(invite, "Record-Route").at(0) + "\r\n";
  bye.uri = "sip:callee@127.0.0.1:5080";
  model.receive(bye.bytes());
  EXPECT_EQ(model.take_start_lines(), Lines{"BYE sip:callee@127.0.0.1:5080 SIP/2.0"});
}

TEST_F(Flood, AToTagAloneIsNoWayRound) {
  overload(true);
  Request bye;
  bye.method = "BYE";
  bye.to_tag = "made-up";
  bye.extra = "Route: <sip:127.0.0.1:5060;lr;did=1.2>\r\n";
  model.receive(bye.bytes());
  const auto refusal = only();
  EXPECT_EQ(start_line(refusal), "SIP/2.0 503 Service Unavailable");
  EXPECT_EQ(values(refusal, "Retry-After").size(), 1U);
  EXPECT_TRUE(model.idle());
  EXPECT_EQ(model.program.started, 0);
}

TEST_F(Flood, ACancelIsHandled) {
  model.receive(Request{}.bytes());
  model.receive(answer(model.take().at(1).bytes, 180), kCallee);
  model.take();
  overload(true);
  Request cancel;
  cancel.method = "CANCEL";
  model.receive(cancel.bytes());
  EXPECT_EQ(model.take_start_lines(),
            (Lines{"CANCEL sip:callee@127.0.0.1:5080 SIP/2.0", "SIP/2.0 200 OK"}));
}

TEST_F(Flood, AfterwardsAllIsAsBefore) {
  overload(true);
  model.receive(Request{}.bytes());
  EXPECT_EQ(start_line(only()), "SIP/2.0 503 Service Unavailable");
  overload(false);
  model.receive(Request{}.bytes());
  EXPECT_EQ(model.take_start_lines(),
            (Lines{"SIP/2.0 100 Trying", "INVITE sip:callee@127.0.0.1:5080 SIP/2.0"}));
}

// Amplification (fault 6): a forged source gets one answer, and nothing is kept.

TEST_F(Flood, RefusalsThatAnybodyCanProvokeAreSentOnceAndForgotten) {
  for (const unsigned code : {400U, 401U, 407U, 482U, 483U}) {
    model.program.on_request = model.reply_with(code);
    for (const auto method : {"INVITE", "REGISTER"}) {
      Request request;
      request.method = method;
      model.receive(request.bytes());
      const auto refusal = only();
      EXPECT_TRUE(refusal.starts_with("SIP/2.0 " + std::to_string(code)));
      EXPECT_TRUE(model.idle()) << code << " " << method;
      model.pass(40'000);
      EXPECT_EQ(model.take_start_lines(), Lines{}) << code << " " << method;
      model.receive(request.bytes());  // its retransmission
      EXPECT_EQ(only(), refusal);
    }
  }
}

TEST_F(Flood, TheAckOfAForgottenRefusalEndsHere) {
  model.program.on_request = model.reply_with(407);
  model.receive(Request{}.bytes());
  const auto refusal = only();
  const int started = model.program.started;
  model.receive(ack_of(refusal));
  EXPECT_EQ(model.take_start_lines(), Lines{});
  EXPECT_EQ(model.program.started, started);
}

TEST_F(Flood, NoHopsLeftIsSuchARefusal) {
  Request request;
  request.max_forwards = "0";
  model.receive(request.bytes());
  EXPECT_TRUE(only().starts_with("SIP/2.0 483"));
  EXPECT_TRUE(model.idle());
}

/// What a callee says is delivered like every other answer.
TEST_F(Flood, AForwardedChallengeIsSentAgainUntilItIsAcknowledged) {
  model.receive(Request{}.bytes());
  model.receive(answer(model.take().at(1).bytes, 407), kCallee);
  EXPECT_EQ(model.take_start_lines().back(), "SIP/2.0 407 Answer");
  model.pass(600);
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 407 Answer"});
}

/// With the smallest request that is one.
TEST_F(Flood, AnAnswerIsNotMuchLargerThanItsRequest) {
  const std::string smallest =
      "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1;rport\r\nf:<sip:a@b>;tag=1\r\n"
      "t:<sip:a@b>\r\ni:1\r\nCSeq:1 INVITE\r\nMax-Forwards:0\r\n\r\n";
  model.receive(smallest);
  const auto refusal = only();
  EXPECT_TRUE(refusal.starts_with("SIP/2.0 483"));
  EXPECT_LE(refusal.size(), smallest.size() * 3 / 2) << refusal;
}

}  // namespace
}  // namespace opensips::model
