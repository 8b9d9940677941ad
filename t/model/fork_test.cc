// Forking through all layers (RFC 3261 16.7): what the caller gets for what the branches say.

#include <gtest/gtest.h>

#include <map>

#include "model/model.hh"

namespace opensips::model {
namespace {

using Lines = std::vector<std::string>;
using Progress = routing::Engine::Progress;

const std::string kA = "127.0.0.1:5081", kB = "127.0.0.1:5082", kC = "127.0.0.1:5083";

/// An INVITE that goes to phones at those addresses; the program waits.
class ForkTest : public ::testing::Test {
 protected:
  void fork(const Lines& phones, std::uint64_t timeout_ms = 0, const Request& request = {}) {
    Lines uris;
    for (const auto& phone : phones) uris.push_back("sip:x@" + phone);
    model.program.on_request = model.fork_to(uris, timeout_ms);
    model.receive(request.bytes());
    note();
  }
  /// Remembers the INVITEs that went out.
  void note() {
    for (auto& one : model.take()) {
      if (one.bytes.starts_with("SIP/2.0 ") || one.bytes.starts_with("CANCEL ")) continue;
      clients[one.to.peer.to_string()] = one.client;
      branches[one.to.peer.to_string()] = std::move(one.bytes);
    }
  }
  void say(const std::string& phone, unsigned code) {
    model.receive(answer(branches.at(phone), code, "tag" + phone.substr(phone.size() - 1)), phone);
  }
  Lines lines() { return model.take_start_lines(); }
  static std::string cancel(const std::string& phone) {
    return "CANCEL sip:x@" + phone + " SIP/2.0";
  }
  static std::string ack(const std::string& phone) { return "ACK sip:x@" + phone + " SIP/2.0"; }

  Model model;
  std::map<std::string, std::string> branches;
  std::map<std::string, loop::ClientId> clients;
};

TEST_F(ForkTest, EveryBranchHasAViaOfItsOwn) {
  fork({kA, kB, kC});
  ASSERT_EQ(branches.size(), 3U);
  EXPECT_NE(values(branches[kA], "Via")[0], values(branches[kB], "Via")[0]);
  EXPECT_NE(values(branches[kB], "Via")[0], values(branches[kC], "Via")[0]);
}

TEST_F(ForkTest, SuccessesOfTwoBranchesBothReachTheCaller) {
  fork({kA, kB});
  say(kA, 200);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 Answer"});
  say(kB, 200);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 Answer"});
  model.pass(40'000);
  EXPECT_TRUE(model.idle());
}

TEST_F(ForkTest, SuccessAfterADeclineReachesTheCaller) {
  fork({kA, kB});
  say(kB, 180);
  say(kA, 603);
  lines();
  say(kB, 200);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 Answer"});
}

TEST_F(ForkTest, SuccessBeforeRingingIsTheEndOfProvisionals) {
  fork({kA, kB});
  say(kA, 200);
  lines();
  say(kA, 180);
  EXPECT_EQ(lines(), Lines{});
  say(kB, 180);  // it is cancelled now that it can be, and the caller hears nothing of it
  EXPECT_EQ(lines(), Lines{cancel(kB)});
  say(kB, 487);
  EXPECT_EQ(lines(), Lines{ack(kB)});
}

TEST_F(ForkTest, RefusalRepeatedCountsOnceAndIsAcknowledgedEachTime) {
  fork({kA, kB});
  say(kA, 486);
  say(kA, 486);
  EXPECT_EQ(lines(), (Lines{ack(kA), ack(kA)}));
  say(kB, 404);
  EXPECT_EQ(lines(), (Lines{ack(kB), "SIP/2.0 486 Answer"}));
}

TEST_F(ForkTest, SuccessBehindARefusalOfTheSameBranchIsAbsorbed) {
  fork({kA, kB});
  say(kA, 486);
  lines();
  say(kA, 200);
  EXPECT_EQ(lines(), Lines{});
}

TEST_F(ForkTest, ProvisionalsOtherThanTryingReachTheCaller) {
  fork({kA, kB});
  say(kA, 100);
  EXPECT_EQ(lines(), Lines{});
  for (const unsigned code : {180U, 181U, 183U, 199U}) say(kA, code);
  EXPECT_EQ(lines(), (Lines{"SIP/2.0 180 Answer", "SIP/2.0 181 Answer", "SIP/2.0 183 Answer",
                            "SIP/2.0 199 Answer"}));
}

TEST_F(ForkTest, ChallengesOfAllBranchesReachTheCaller) {
  fork({kA, kB});
  const auto challenge = [&](const std::string& phone, const std::string& line) {
    auto text = answer(branches.at(phone), 401);
    text.insert(text.find("Contact"), line + "\r\n");
    model.receive(text, phone);
  };
  challenge(kA, "WWW-Authenticate: Digest realm=\"a\"");
  challenge(kB, "WWW-Authenticate: Digest realm=\"b\"");
  const auto sent = model.take();
  EXPECT_EQ(values(sent.back().bytes, "WWW-Authenticate"),
            (Lines{"Digest realm=\"a\"", "Digest realm=\"b\""}));
}

TEST_F(ForkTest, UnreachableTargetsAreLeftOutOfAFork) {
  fork({kA, "example.invalid"});
  EXPECT_EQ(branches.size(), 1U);
  say(kA, 404);
  EXPECT_EQ(lines(), (Lines{ack(kA), "SIP/2.0 404 Answer"}));
}

TEST_F(ForkTest, WithoutAnyReachableTargetTheAnswerIs503Or416) {
  fork({"example.invalid", "other.invalid"});
  EXPECT_TRUE(branches.empty());
  model.receive(Request{}.bytes());
  EXPECT_EQ(lines(), Lines{"SIP/2.0 503 Service Unavailable"});

  model.program.on_request = model.relay_to("tel:+1234");
  model.receive(Request{.branch = "z9hG4bKtel", .call_id = "call-2"}.bytes());
  EXPECT_EQ(lines(), Lines{"SIP/2.0 416 Unsupported URI Scheme"});
}

TEST_F(ForkTest, SipsTargetIsNotSentInTheClear) {
  model.program.on_request = model.relay_to("sips:x@127.0.0.1:5081");
  model.receive(Request{}.bytes());
  EXPECT_EQ(lines(), Lines{"SIP/2.0 503 Service Unavailable"});
}

TEST_F(ForkTest, MoreTargetsThanAllowedAreAnErrorOfTheProgram) {
  base::Result<void> forked;
  model.program.on_request = [&](routing::Run& run) {
    const std::vector<routing::Target> targets(13, {as_uri("sip:x@127.0.0.1:5081"), {}, {}});
    forked = model.stack.routing.proxy().fork(run, targets, {0, true});
    EXPECT_EQ(forked.error(), base::Error::too_large);
    static_cast<void>(model.stack.routing.uas().reply(run, 480, {}));
    return Progress::finished;
  };
  model.receive(Request{}.bytes());
  EXPECT_EQ(lines(), Lines{"SIP/2.0 480 Temporarily Unavailable"});
}

TEST_F(ForkTest, AsManyTargetsAsAllowedGoOut) {
  fork(Lines(12, kA));
  EXPECT_EQ(model.stack.transactions.clients(), 12U);
}

TEST_F(ForkTest, BreadthIsDealtOutAmongTheBranches) {
  fork({kA, kB}, 0, {.extra = "Max-Breadth: 5\r\n"});
  EXPECT_EQ(values(branches[kA], "Max-Breadth"), Lines{"3"});
  EXPECT_EQ(values(branches[kB], "Max-Breadth"), Lines{"2"});
}

TEST_F(ForkTest, MoreBranchesThanTheBreadthLeftAre440) {
  fork({kA, kB}, 0, {.extra = "Max-Breadth: 1\r\n"});
  EXPECT_TRUE(branches.empty());
  model.receive(Request{.extra = "Max-Breadth: 1\r\n"}.bytes());
  EXPECT_TRUE(lines().at(0).starts_with("SIP/2.0 440 "));
}

TEST_F(ForkTest, BranchThatCannotBeSentCountsAs503) {
  fork({kA, kB});
  model.fail(clients[kA]);
  EXPECT_EQ(lines(), Lines{});
  say(kB, 404);
  EXPECT_EQ(lines(), (Lines{ack(kB), "SIP/2.0 404 Answer"}));
}

TEST_F(ForkTest, IfNothingCanBeSentTheCallerGets503AtOnce) {
  fork({kA, kB});
  model.fail(clients[kA]);
  model.fail(clients[kB]);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 503 Service Unavailable"});
  EXPECT_EQ(model.stack.transactions.clients(), 0U);
  model.fail(clients[kA]);  // told again: nothing
  EXPECT_EQ(lines(), Lines{});
}

TEST_F(ForkTest, ClientWhoseConnectionIsGoneIsUnavailable) {
  fork({kA});
  model.fail(clients[kA], ENOTCONN);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 480 Temporarily Unavailable"});
}

TEST_F(ForkTest, InADialogItIsTheFlowThatFails) {
  model.program.on_in_dialog = model.relay_to("sip:a@" + kA);
  model.receive(Request{.method = "BYE", .to_tag = "unproven"}.bytes());
  model.fail(model.take().back().client, ENOTCONN);
  EXPECT_TRUE(lines().at(0).starts_with("SIP/2.0 430 "));
}

TEST_F(ForkTest, MessageThatCannotBeSentIs503Too) {
  fork({kA}, 0, {.method = "MESSAGE"});
  model.fail(clients[kA]);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 503 Service Unavailable"});
}

TEST_F(ForkTest, CallerWhoCannotBeReachedDoesNotFailTheBranch) {
  fork({kA});
  for (const unsigned code : {180U, 200U}) {
    say(kA, code);
    for (const auto& one : model.take()) EXPECT_FALSE(one.client) << one.bytes;
  }
}

TEST_F(ForkTest, ProgramThatRepliesWhileItForksCancelsTheBranches) {
  model.program.on_request = [this](routing::Run& run) {
    const auto progress = model.fork_to({"sip:x@" + kA, "sip:x@" + kB})(run);
    static_cast<void>(model.stack.routing.uas().reply(run, 480, {}));
    return progress;
  };
  model.receive(Request{}.bytes());
  note();
  model.receive(Request{.method = "ACK", .to_tag = "x"}.bytes());
  say(kA, 180);
  EXPECT_EQ(lines(), Lines{cancel(kA)});
  say(kA, 487);
  say(kB, 486);
  EXPECT_EQ(lines(), (Lines{ack(kA), ack(kB)}));
  model.pass(40'000);
  EXPECT_TRUE(model.idle());
}

TEST_F(ForkTest, ProgramMayAnswerOtherwiseWhenItsForkIsOver) {
  model.program.on_resume = [this](routing::Run& run, const routing::Value&) {
    EXPECT_EQ(run.result->code(), 486U);
    static_cast<void>(model.stack.routing.uas().reply(run, 480, {}));
    EXPECT_FALSE(model.stack.routing.proxy().forward(run, run.result));
    return Progress::finished;
  };
  fork({kA});
  say(kA, 486);
  EXPECT_EQ(lines(), (Lines{ack(kA), "SIP/2.0 480 Temporarily Unavailable"}));
}

TEST_F(ForkTest, BestOfSeveralRoundsIsWhatTheProgramForwards) {
  base::Ref<parser::Message> first;
  model.program.on_resume = [&](routing::Run& run, const routing::Value&) {
    if (!first) {
      first = run.result;
      return model.fork_to({"sip:x@" + kB})(run);
    }
    EXPECT_TRUE(model.stack.routing.proxy().forward(run, first));
    return Progress::finished;
  };
  fork({kA});
  say(kA, 486);
  note();
  say(kB, 503);
  EXPECT_EQ(lines(), (Lines{ack(kB), "SIP/2.0 486 Answer"}));
  model.pass(40'000);
  EXPECT_TRUE(model.idle());
}

}  // namespace
}  // namespace opensips::model
