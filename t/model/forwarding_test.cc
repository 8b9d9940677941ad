// What the proxy changes on the way, and what it leaves to others: a 503 of somebody else, the
// reason of a CANCEL, times of one's own, requests without a state, provisional responses.

#include <gtest/gtest.h>

#include "model/model.hh"

namespace opensips::model {
namespace {

using Lines = std::vector<std::string>;
using Progress = routing::Engine::Progress;

const std::string kA = "127.0.0.1:5081", kB = "127.0.0.1:5082";
const std::string kUriOfA = "sip:a@" + kA;

class ForwardingTest : public ::testing::Test {
 protected:
  /// The request comes; what goes to A and B is kept.
  void arrive(const Request& request = {}) {
    model.receive(request.bytes());
    for (auto& one : model.take()) {
      const auto to = one.to.peer.to_string();
      if (to == kA) a = one.bytes;
      if (to == kB) b = one.bytes;
    }
  }
  void say(const std::string& request, unsigned code, const std::string& from) {
    model.receive(answer(request, code), from);
  }
  Lines lines() { return model.take_start_lines(); }
  /// The Reasons of the CANCELs that went out.
  Lines reasons() {
    Lines all;
    for (const auto& one : model.take()) {
      if (!one.bytes.starts_with("CANCEL ")) continue;
      const auto reason = values(one.bytes, "Reason");
      all.insert(all.end(), reason.begin(), reason.end());
      if (reason.empty()) all.emplace_back("none");
    }
    return all;
  }
  void ring_both() {
    model.program.on_request = model.fork_to({"sip:a@" + kA, "sip:b@" + kB});
    arrive();
    say(a, 180, kA);
    say(b, 180, kB);
    model.take();
  }
  void expect_end() {
    model.pass(300'000);
    EXPECT_TRUE(model.idle());
  }

  Model model;
  std::string a, b;
};

TEST_F(ForwardingTest, OverloadOfSomebodyElseGoesOnAsOurOwnFault) {
  model.program.on_request = model.relay_to("sip:a@" + kA);
  arrive();
  say(a, 503, kA);
  EXPECT_EQ(lines().back(), "SIP/2.0 500 Answer");
}

TEST_F(ForwardingTest, WhatCannotBeReachedFromHereIsStillA503) {
  model.program.on_request = model.relay_to("sip:a@" + kA);
  model.receive(Request{}.bytes());
  const auto client = model.take().back().client;
  model.fail(client);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 503 Service Unavailable"});
}

TEST_F(ForwardingTest, ProgramSeesThe503ThatItForwards) {
  model.program.on_request = model.fork_to({"sip:a@" + kA});
  model.program.on_resume = [&](routing::Run& run, const routing::Value&) {
    EXPECT_EQ(run.result->code(), 503);
    static_cast<void>(model.stack.routing.proxy().forward(run, run.result));
    return Progress::finished;
  };
  arrive();
  say(a, 503, kA);
  EXPECT_EQ(lines().back(), "SIP/2.0 500 Answer");
}

TEST_F(ForwardingTest, LosersAreToldThatTheCallWasTakenElsewhere) {
  ring_both();
  say(a, 200, kA);
  EXPECT_EQ(reasons(), Lines{"SIP;cause=200;text=\"Call completed elsewhere\""});
}

TEST_F(ForwardingTest, OthersAreToldOfARefusalForAll) {
  ring_both();
  say(a, 603, kA);
  EXPECT_EQ(reasons(), Lines{"SIP;cause=603;text=\"Decline\""});
}

TEST_F(ForwardingTest, ReasonOfTheCallersCancelGoesOn) {
  ring_both();
  const std::string reasons_given =
      "Reason: SIP;cause=480;text=\"gone\"\r\nReason: Q.850;cause=16\r\n";
  model.receive(Request{.method = "CANCEL", .extra = reasons_given}.bytes());
  const Lines both{"SIP;cause=480;text=\"gone\"", "Q.850;cause=16"};
  EXPECT_EQ(reasons(), (Lines{both[0], both[1], both[0], both[1]}));
}

TEST_F(ForwardingTest, CancelWithoutAReasonHasNone) {
  ring_both();
  model.receive(Request{.method = "CANCEL"}.bytes());
  EXPECT_EQ(reasons(), (Lines{"none", "none"}));
}

TEST_F(ForwardingTest, ReasonIsKeptForABranchThatCannotBeCancelledYet) {
  model.program.on_request = model.fork_to({"sip:a@" + kA, "sip:b@" + kB});
  arrive();
  say(a, 200, kA);
  EXPECT_EQ(reasons(), Lines{});
  say(b, 180, kB);
  EXPECT_EQ(reasons(), Lines{"SIP;cause=200;text=\"Call completed elsewhere\""});
}

TEST_F(ForwardingTest, RoundThatIsOverSaysSo) {
  model.program.on_request = model.fork_to({"sip:a@" + kA}, 2000);
  arrive();
  say(a, 180, kA);
  model.take();
  model.pass(2000);
  EXPECT_EQ(reasons(), Lines{"SIP;cause=408;text=\"Request Timeout\""});
}

TEST_F(ForwardingTest, BranchesHaveTheTimesOfTheirRound) {
  const auto fork = [&](routing::Run& run, transaction::Patience patience) {
    const routing::Target target{as_uri(kUriOfA), std::nullopt, {}};
    static_cast<void>(model.stack.routing.proxy().fork(
        run, {&target, 1}, {.timeout_ms = 0, .wait = false, .patience = patience}));
    return Progress::finished;
  };
  model.program.on_request = [&](routing::Run& run) {
    return fork(run, {.fr_timeout = 1000, .fr_inv_timeout = 5000});
  };
  arrive();
  model.pass(990);
  EXPECT_EQ(lines(), Lines{"INVITE sip:a@" + kA + " SIP/2.0"});
  model.pass(10);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 408 Request Timeout"});

  model.receive(Request{.method = "ACK", .to_tag = "x"}.bytes());

  arrive({.branch = "z9hG4bKtwo", .call_id = "call-2"});
  say(a, 180, kA);
  model.pass(4990);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 180 Answer"});
  model.pass(10);
  EXPECT_EQ(lines(), (Lines{"CANCEL sip:a@" + kA + " SIP/2.0", "SIP/2.0 408 Request Timeout"}));
}

/// A program that keeps no state of what it relays.
class StatelessTest : public ForwardingTest {
 protected:
  StatelessTest() {
    model.program.on_request = [this](routing::Run& run) {
      const routing::Target target{as_uri(kUriOfA), std::nullopt, {}};
      outcome = model.stack.routing.proxy().forward_stateless(run, target);
      return Progress::finished;
    };
  }
  base::Result<void> outcome;
  const Request message{.method = "MESSAGE"};
};

TEST_F(StatelessTest, RequestAndAnswerPassAndNothingIsKept) {
  arrive(message);
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(a.starts_with("MESSAGE sip:a@" + kA + " SIP/2.0\r\n"));
  EXPECT_EQ(values(a, "Via").size(), 2U);
  EXPECT_EQ(values(a, "Max-Forwards"), Lines{"69"});
  EXPECT_TRUE(model.idle());
  say(a, 200, kA);
  const auto sent = model.take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].bytes.starts_with("SIP/2.0 200 Answer\r\n"));
  EXPECT_EQ(sent[0].to.peer.to_string(), "127.0.0.1:5070");
  EXPECT_EQ(values(sent[0].bytes, "Via").size(), 1U);
  EXPECT_TRUE(model.idle());
  EXPECT_EQ(model.stat("tm:stateless_relayed"), 1U);
}

TEST_F(StatelessTest, CopyTakesTheSameWayWithTheSameBranch) {
  arrive(message);
  const auto first = a;
  arrive(message);
  EXPECT_EQ(a, first);
  EXPECT_EQ(model.program.started, 2);
  say(a, 503, kA);
  say(a, 503, kA);
  EXPECT_EQ(lines(), (Lines{"SIP/2.0 503 Answer", "SIP/2.0 503 Answer"}));
}

TEST_F(StatelessTest, AnswerGoesWhereTheViaBelowOursSays) {
  model.receive(Request{.method = "MESSAGE", .via = "host.example:9;rport"}.bytes(),
                "127.0.0.1:7777");
  const auto forwarded = model.take().at(0).bytes;
  say(forwarded, 200, kA);
  EXPECT_EQ(model.take().at(0).to.peer.to_string(), "127.0.0.1:7777");
}

TEST_F(StatelessTest, ForgedBranchIsForNobody) {
  arrive(message);
  auto forged = answer(a, 200);
  auto& digit = forged[forged.find("branch=z9hG4bK") + 20];
  digit = digit == '0' ? '1' : '0';
  model.receive(forged, kA);
  EXPECT_EQ(lines(), Lines{});
}

TEST_F(StatelessTest, InviteIsNotForwardedSo) {
  arrive({});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error(), base::Error::unsupported);
}

TEST_F(ForwardingTest, NonInviteHasNoProvisionalBut100WhenItIsLate) {
  model.program.on_request = model.relay_to("sip:a@" + kA);
  arrive({.method = "MESSAGE"});
  say(a, 180, kA);
  EXPECT_EQ(lines(), Lines{});
  model.pass(3490);
  lines();  // copies to A
  model.pass(10);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 100 Trying"});
  say(a, 200, kA);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 Answer"});
  expect_end();
}

TEST_F(ForwardingTest, SuccessOfTheProgramIsRepeatedUntilItsAck) {
  model.program.on_request = model.reply_with(200);
  model.receive(Request{}.bytes());
  const auto first = model.take().at(0).bytes;
  model.pass(500);
  EXPECT_EQ(model.take().at(0).bytes, first);
  model.pass(1000);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 OK"});
  const auto to = values(first, "To").at(0);
  const auto tag = to.substr(to.find(";tag=") + 5);
  model.receive(Request{.method = "ACK", .branch = "z9hG4bKack", .to_tag = "other"}.bytes());
  model.pass(2000);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 OK"});
  model.receive(Request{.method = "ACK", .branch = "z9hG4bKack", .to_tag = tag}.bytes());
  model.pass(20'000);
  EXPECT_EQ(lines(), Lines{});
  expect_end();
}

TEST_F(ForwardingTest, SuccessThatNobodyAcknowledgesIsRepeatedFor64T1) {
  model.program.on_request = model.reply_with(200);
  model.receive(Request{}.bytes());
  model.pass(100'000);
  EXPECT_EQ(lines().size(), 11U);  // at 0, 0.5, 1.5, 3.5, then every 4 s up to 31.5
  EXPECT_TRUE(model.idle());
}

TEST_F(ForwardingTest, SuccessOfTheCalleeIsTheCalleesToRepeat) {
  model.program.on_request = model.relay_to("sip:a@" + kA);
  arrive();
  say(a, 200, kA);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 Answer"});
  model.pass(31'000);
  EXPECT_EQ(lines(), Lines{});
}

}  // namespace
}  // namespace opensips::model
