// CANCEL (RFC 3261 9, 16.10) and what may cross it.

#include <gtest/gtest.h>

#include <algorithm>

#include "model/model.hh"

namespace opensips::model {
namespace {

using Lines = std::vector<std::string>;
using Progress = routing::Engine::Progress;

const std::string kA = "127.0.0.1:5081", kB = "127.0.0.1:5082";
const std::string kCancelA = "CANCEL sip:a@" + kA + " SIP/2.0";
const std::string kAckA = "ACK sip:a@" + kA + " SIP/2.0";
const std::string k487 = "SIP/2.0 487 Request Terminated";

class CancelTest : public ::testing::Test {
 protected:
  CancelTest() { model.program.on_request = model.fork_to({"sip:a@" + kA}); }

  void invite(const Request& request = {}) {
    model.receive(request.bytes());
    sent = model.take();
  }
  /// The INVITE rings at A.
  void ringing() {
    invite();
    say(180);
    lines();
  }
  void say(unsigned code) { model.receive(answer(sent.at(1).bytes, code), kA); }
  void cancel() { model.receive(Request{.method = "CANCEL"}.bytes()); }
  Lines lines() { return model.take_start_lines(); }
  /// Start lines of a long time that are no copies of a request.
  Lines answers_within(std::uint64_t ms) {
    Lines found;
    for (std::uint64_t passed = 0; passed < ms; passed += 10) {
      model.pass(10);
      std::ranges::copy_if(lines(), std::back_inserter(found),
                           [](const auto& line) { return line.starts_with("SIP/2.0 "); });
    }
    return found;
  }
  void acknowledge() { model.receive(Request{.method = "ACK", .to_tag = "x"}.bytes()); }

  Model model;
  std::vector<Network::Sent> sent;
};

TEST_F(CancelTest, SuccessThatCrossesItStands) {
  ringing();
  cancel();
  EXPECT_EQ(lines(), (Lines{kCancelA, "SIP/2.0 200 OK"}));
  say(200);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 Answer"});
  EXPECT_EQ(answers_within(40'000), Lines{});
  EXPECT_TRUE(model.idle());
}

TEST_F(CancelTest, RefusalThatCrossesItIsWhatTheCallerGets) {
  ringing();
  cancel();
  lines();
  say(486);
  EXPECT_EQ(lines(), (Lines{kAckA, "SIP/2.0 486 Answer"}));
}

TEST_F(CancelTest, CopyIsAnsweredAgainAndNotForwardedAgain) {
  ringing();
  cancel();
  lines();
  cancel();
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 OK"});
}

TEST_F(CancelTest, AfterTheFinalResponseChangesNothing) {
  ringing();
  say(200);
  lines();
  cancel();
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 OK"});
  EXPECT_EQ(answers_within(40'000), Lines{});
}

TEST_F(CancelTest, AnswersToBothHaveOneTag) {
  model.program.on_request = [](routing::Run&) { return Progress::waiting; };
  invite();
  cancel();
  const auto both = model.take();
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(values(both[0].bytes, "To"), values(both[1].bytes, "To"));
  EXPECT_NE(values(both[0].bytes, "To").at(0).find(";tag="), std::string::npos);
}

TEST_F(CancelTest, FromAnotherPlaceFindsNothing) {
  ringing();
  model.receive(Request{.method = "CANCEL", .via = "127.0.0.1:5071"}.bytes(), "127.0.0.1:5071");
  EXPECT_EQ(lines(), Lines{"SIP/2.0 481 Call/Transaction Does Not Exist"});
}

TEST_F(CancelTest, WithTheBranchOfAnInviteThatItDoesNotRepeatFindsNothing) {
  ringing();
  for (const auto& other : {Request{.method = "CANCEL", .call_id = "call-2"},
                            Request{.method = "CANCEL", .from_tag = "somebody"},
                            Request{.method = "CANCEL", .cseq = 2}}) {
    model.receive(other.bytes());
    EXPECT_EQ(lines(), Lines{"SIP/2.0 481 Call/Transaction Does Not Exist"});
  }
  cancel();
  EXPECT_EQ(lines(), (Lines{kCancelA, "SIP/2.0 200 OK"}));
}

TEST_F(CancelTest, MaySpellTheRequestUriAnotherWay) {
  ringing();
  model.receive(Request{.method = "CANCEL", .uri = "sip:callee@127.0.0.1"}.bytes());
  EXPECT_EQ(lines(), (Lines{kCancelA, "SIP/2.0 200 OK"}));
}

TEST_F(CancelTest, BranchesWithoutAProvisionalAreGivenUpWithTimerB) {
  invite();
  cancel();
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 OK"});
  EXPECT_EQ(answers_within(32'000), Lines{k487});
  acknowledge();
  EXPECT_EQ(answers_within(40'000), Lines{});
  EXPECT_TRUE(model.idle());
}

TEST_F(CancelTest, BranchThatRefusesBeforeItRingsIsNotCancelled) {
  invite();
  cancel();
  lines();
  say(404);
  EXPECT_EQ(lines(), (Lines{kAckA, "SIP/2.0 404 Answer"}));
  EXPECT_EQ(model.stack.transactions.clients(), 1U);
}

TEST_F(CancelTest, CalleeThatNeverAnswersTheInviteGivesTheCallerOne487) {
  ringing();
  cancel();
  const auto request = model.take().at(0).bytes;
  model.receive(answer(request, 200), kA);
  EXPECT_EQ(answers_within(32'000), Lines{k487});
  acknowledge();
  EXPECT_EQ(answers_within(40'000), Lines{});
  EXPECT_TRUE(model.idle());
}

TEST_F(CancelTest, CalleeThatGoesOnRingingDoesNotHoldTheCallerUp) {
  ringing();
  cancel();
  lines();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(answers_within(10'000), Lines{});
    say(180);
    lines();
  }
  EXPECT_EQ(answers_within(2'000), Lines{k487});
}

TEST_F(CancelTest, IsSentAgainUntilItIsAnswered) {
  ringing();
  cancel();
  const auto request = model.take().at(0).bytes;
  model.pass(500);
  EXPECT_EQ(lines(), Lines{kCancelA});
  model.receive(answer(request, 200), kA);
  model.pass(20'000);
  EXPECT_EQ(lines(), Lines{});
}

TEST_F(CancelTest, RefusedByTheCalleeIsTheSameAsAnswered) {
  ringing();
  cancel();
  const auto request = model.take().at(0).bytes;
  model.receive(answer(request, 481), kA);
  EXPECT_EQ(lines(), Lines{});
  EXPECT_EQ(answers_within(32'000), Lines{k487});
}

TEST_F(CancelTest, EveryBranchThatRingsIsCancelledAndTheRestWhenItRings) {
  model.program.on_request = model.fork_to({"sip:a@" + kA, "sip:b@" + kB});
  ringing();
  cancel();
  EXPECT_EQ(lines(), (Lines{kCancelA, "SIP/2.0 200 OK"}));
  model.receive(answer(sent.at(2).bytes, 100), kB);
  EXPECT_EQ(lines(), Lines{"CANCEL sip:b@" + kB + " SIP/2.0"});
  say(487);
  EXPECT_EQ(lines(), Lines{kAckA});
  model.receive(answer(sent.at(2).bytes, 487), kB);
  EXPECT_EQ(lines(), (Lines{"ACK sip:b@" + kB + " SIP/2.0", "SIP/2.0 487 Answer"}));
}

TEST_F(CancelTest, ProgramThatForksAfterwardsGetsAnError) {
  base::Result<void> forked;
  model.program.on_resume = [&](routing::Run& run, const routing::Value&) {
    EXPECT_TRUE(run.cancelled);
    const routing::Target target{as_uri("sip:b@127.0.0.1:5082"), std::nullopt, {}, false};
    forked = model.stack.routing.proxy().fork(run, {&target, 1}, {0, true});
    return forked ? Progress::waiting : Progress::finished;
  };
  ringing();
  cancel();
  say(487);
  EXPECT_EQ(lines(), (Lines{kCancelA, "SIP/2.0 200 OK", kAckA, "SIP/2.0 487 Answer"}));
  ASSERT_FALSE(forked);
  EXPECT_EQ(forked.error(), base::Error::gone);
  acknowledge();
  model.pass(40'000);
  EXPECT_TRUE(model.idle());
}

TEST_F(CancelTest, ProgramWokenFromItsSleepGetsAnErrorWhenItForksOrReplies) {
  model.program.on_request = [](routing::Run&) { return Progress::waiting; };
  model.program.on_resume = [&](routing::Run& run, const routing::Value& value) {
    EXPECT_NE(value.get<routing::Problem>(), nullptr);
    const routing::Target target{as_uri("sip:b@127.0.0.1:5082"), std::nullopt, {}, false};
    EXPECT_FALSE(model.stack.routing.proxy().fork(run, {&target, 1}, {0, true}));
    EXPECT_FALSE(model.stack.routing.uas().reply(run, 480, {}));
    return Progress::finished;
  };
  invite();
  cancel();
  EXPECT_EQ(lines(), (Lines{k487, "SIP/2.0 200 OK"}));
  EXPECT_EQ(model.stack.routing.runs(), 0U);
}

TEST_F(CancelTest, BetweenTwoRoundsIsAnsweredAtOnce) {
  int woken = 0;
  model.program.on_resume = [&](routing::Run& run, const routing::Value&) {
    if (++woken > 1) return Progress::finished;
    model.context.timers.arm(run.timer, 10'000);
    return Progress::waiting;
  };
  ringing();
  say(486);
  EXPECT_EQ(lines(), Lines{kAckA});
  cancel();
  EXPECT_EQ(lines(), (Lines{k487, "SIP/2.0 200 OK"}));
  EXPECT_EQ(woken, 2);
}

TEST_F(CancelTest, OfARelayedCallWorksWithoutTheProgram) {
  model.program.on_request = model.relay_to("sip:a@" + kA);
  ringing();
  EXPECT_EQ(model.stack.routing.runs(), 0U);
  cancel();
  EXPECT_EQ(lines(), (Lines{kCancelA, "SIP/2.0 200 OK"}));
  say(487);
  EXPECT_EQ(lines(), (Lines{kAckA, "SIP/2.0 487 Answer"}));
}

TEST_F(CancelTest, OfARequestInsideADialogIsCancelledToo) {
  invite();
  const auto route = values(sent.at(1).bytes, "Record-Route").at(0);
  say(200);
  lines();
  Request again{.uri = "sip:a@" + kA, .branch = "z9hG4bKre", .to_tag = "callee", .cseq = 2};
  again.extra = "Route: " + route + "\r\n";
  invite(again);
  say(180);
  lines();
  again.method = "CANCEL";
  model.receive(again.bytes());
  EXPECT_EQ(lines(), (Lines{kCancelA, "SIP/2.0 200 OK"}));
  say(487);
  EXPECT_EQ(lines(), (Lines{kAckA, "SIP/2.0 487 Answer"}));
}

TEST_F(CancelTest, OfAnInviteThatIsNeverSentTryingIsAnsweredAllTheSame) {
  Shared::Options options;
  options.auto_100trying = false;
  Model quiet(options);
  quiet.program.on_request = [](routing::Run&) { return Progress::waiting; };
  quiet.receive(Request{}.bytes());
  EXPECT_TRUE(quiet.take().empty());
  quiet.receive(Request{.method = "CANCEL"}.bytes());
  EXPECT_EQ(quiet.take_start_lines(), (Lines{k487, "SIP/2.0 200 OK"}));
}

}  // namespace
}  // namespace opensips::model
