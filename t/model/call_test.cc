// A call through all layers: what goes out for what comes in.

#include <gtest/gtest.h>

#include "model/model.hh"

namespace opensips::model {
namespace {

using ::testing::Test;
using Lines = std::vector<std::string>;

class Call : public Test {
 protected:
  /// Sends the INVITE in and gives back what went out to the callee.
  std::string invite(const Request& request = {}) {
    model.receive(request.bytes());
    const auto sent = model.take();
    return sent.empty() ? "" : sent.back().bytes;
  }

  Model model;
};

TEST_F(Call, InviteIsAnsweredTryingAndForwarded) {
  model.receive(Request{}.bytes());
  const auto sent = model.take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_TRUE(sent[0].bytes.starts_with("SIP/2.0 100 "));
  EXPECT_EQ(sent[0].to.peer.to_string(), "127.0.0.1:5070");
  EXPECT_TRUE(sent[1].bytes.starts_with("INVITE sip:callee@127.0.0.1:5080 SIP/2.0\r\n"));
  EXPECT_EQ(sent[1].to.peer.to_string(), "127.0.0.1:5080");
}

TEST_F(Call, ForwardedInviteHasOurViaOnTopRecordRouteAndOneHopLess) {
  const auto forwarded = invite();
  const auto vias = values(forwarded, "Via");
  ASSERT_EQ(vias.size(), 2U);
  EXPECT_TRUE(vias[0].starts_with("SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK"));
  EXPECT_EQ(vias[1], "SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKuac1");
  const auto routes = values(forwarded, "Record-Route");
  ASSERT_EQ(routes.size(), 1U);
  EXPECT_TRUE(routes[0].starts_with("<sip:127.0.0.1:5060;lr;did="));
  EXPECT_EQ(values(forwarded, "Max-Forwards"), Lines{"69"});
  EXPECT_NE(forwarded.find("X-Unknown:  kept as it is \r\n"), std::string::npos);
}

TEST_F(Call, ResponsesGoBackWithoutOurVia) {
  const auto forwarded = invite();
  for (const unsigned code : {180U, 200U}) {
    model.receive(answer(forwarded, code), "127.0.0.1:5080");
    const auto sent = model.take();
    ASSERT_EQ(sent.size(), 1U) << code;
    EXPECT_EQ(values(sent[0].bytes, "Via"), Lines{"SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKuac1"});
    EXPECT_EQ(sent[0].to.peer.to_string(), "127.0.0.1:5070");
  }
}

TEST_F(Call, TryingOfTheCalleeStopsHere) {
  const auto forwarded = invite();
  model.receive(answer(forwarded, 100), "127.0.0.1:5080");
  EXPECT_TRUE(model.take().empty());
}

TEST_F(Call, InDialogRequestsAreRoutedWithoutTheProgramBothWays) {
  const auto forwarded = invite();
  model.receive(answer(forwarded, 200), "127.0.0.1:5080");
  const auto route = values(model.take()[0].bytes, "Record-Route").at(0);

  Request ack{.method = "ACK",
              .uri = "sip:callee@127.0.0.1:5080",
              .branch = "z9hG4bKack",
              .to_tag = "callee"};
  ack.extra = "Route: " + route + "\r\n";
  model.receive(ack.bytes());
  auto sent = model.take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].bytes.starts_with("ACK sip:callee@127.0.0.1:5080 SIP/2.0\r\n"));
  EXPECT_TRUE(values(sent[0].bytes, "Route").empty());
  EXPECT_EQ(sent[0].to.peer.to_string(), "127.0.0.1:5080");

  Request bye{.method = "BYE",
              .uri = "sip:caller@127.0.0.1:5070",
              .via = "127.0.0.1:5080",
              .branch = "z9hG4bKbye",
              .from_tag = "callee",
              .to_tag = "caller"};
  bye.extra = "Route: " + route + "\r\n";
  model.receive(bye.bytes(), "127.0.0.1:5080");
  sent = model.take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].to.peer.to_string(), "127.0.0.1:5070");
  EXPECT_TRUE(values(sent[0].bytes, "Record-Route").empty());
  model.receive(answer(sent[0].bytes, 200), "127.0.0.1:5070");
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 200 Answer"});
  EXPECT_EQ(model.program.started, 1);
}

TEST_F(Call, RouteThatProvesNothingIsRefused) {
  Request bye{.method = "BYE", .uri = "sip:victim@127.0.0.1:9", .to_tag = "callee"};
  bye.extra = "Route: <sip:127.0.0.1:5060;lr;did=00000000.0123456789abcdef>\r\n";
  model.receive(bye.bytes());
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 403 Forbidden"});
}

TEST_F(Call, ProofOfAnotherCallIsRefused) {
  const auto route = values(invite(), "Record-Route").at(0);
  Request bye{.method = "BYE", .to_tag = "callee", .call_id = "another"};
  bye.extra = "Route: " + route + "\r\n";
  model.receive(bye.bytes());
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 403 Forbidden"});
}

TEST_F(Call, InDialogRequestWithoutRouteIsRefusedUnlessTheProgramTakesIt) {
  Request bye{.method = "BYE", .to_tag = "callee"};
  model.receive(bye.bytes());
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 481 Call/Transaction Does Not Exist"});
  model.program.on_in_dialog = model.relay_to("sip:callee@127.0.0.1:5080");
  bye.branch = "z9hG4bKother";
  bye.cseq = 2;
  model.receive(bye.bytes());
  EXPECT_EQ(model.take_start_lines(), Lines{"BYE sip:callee@127.0.0.1:5080 SIP/2.0"});
}

TEST_F(Call, PreloadedRouteElsewhereIsRefused) {
  model.receive(Request{.extra = "Route: <sip:203.0.113.9;lr>\r\n"}.bytes());
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 403 Preloaded Route Refused"});
  EXPECT_EQ(model.program.started, 0);
}

TEST_F(Call, PreloadedRouteToUsIsTakenOff) {
  const auto forwarded = invite({.extra = "Route: <sip:127.0.0.1:5060;lr>\r\n"});
  EXPECT_TRUE(forwarded.starts_with("INVITE ")) << forwarded;
  EXPECT_TRUE(values(forwarded, "Route").empty());
}

TEST_F(Call, RetransmittedInviteIsAbsorbedAndAnsweredAgain) {
  invite();
  model.receive(Request{}.bytes());
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 100 Trying"});
  EXPECT_EQ(model.program.started, 1);
}

TEST_F(Call, RetransmittedInviteIsToldTheSame100EachTime) {
  model.program.on_request = [](routing::Run&) { return routing::Engine::Progress::waiting; };
  const auto bytes = Request{.extra = "Timestamp: 54\r\n"}.bytes();
  model.receive(bytes);
  const auto first = model.take();
  ASSERT_EQ(first.size(), 1U);
  for (int i = 0; i < 3; ++i) {
    model.receive(bytes);
    const auto again = model.take();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].bytes, first[0].bytes);
    EXPECT_EQ(again[0].to.peer, first[0].to.peer);
  }
  EXPECT_EQ(model.stat("tm:retransmissions"), 3U);
  EXPECT_EQ(model.stat("tm:local_replies"), 1U);
}

TEST_F(Call, RetransmittedInviteIsToldTheProgramsOwn100) {
  model.program.on_request = [this](routing::Run& run) {
    const routing::ReplyOptions options{.headers = "X-Queue: 3\r\n"};
    EXPECT_TRUE(model.stack.routing.uas().reply(run, 100, "In The Queue", options));
    return routing::Engine::Progress::waiting;
  };
  model.receive(Request{}.bytes());
  const auto first = model.take();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_TRUE(first[0].bytes.starts_with("SIP/2.0 100 In The Queue\r\n"));
  model.receive(Request{}.bytes());
  const auto again = model.take();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].bytes, first[0].bytes);
}

TEST_F(Call, RefusalIsForwardedAndAcknowledgedHopByHop) {
  const auto forwarded = invite();
  model.receive(answer(forwarded, 486), "127.0.0.1:5080");
  EXPECT_EQ(model.take_start_lines(),
            (Lines{"ACK sip:callee@127.0.0.1:5080 SIP/2.0", "SIP/2.0 486 Answer"}));
  model.receive(Request{.method = "ACK", .to_tag = "callee"}.bytes());
  EXPECT_TRUE(model.take().empty());
  model.advance(20000);  // timer G is off
  EXPECT_TRUE(model.take().empty());
}

TEST_F(Call, AckOfARefusalHasTheInvitesViaAndTheResponsesTo) {
  const auto forwarded = invite();
  model.receive(answer(forwarded, 486), "127.0.0.1:5080");
  const auto ack = model.take()[0].bytes;
  EXPECT_EQ(values(ack, "Via"), Lines{values(forwarded, "Via")[0]});
  EXPECT_EQ(values(ack, "To"), Lines{"<sip:callee@127.0.0.1:5060>;tag=callee"});
  EXPECT_EQ(values(ack, "CSeq"), Lines{"1 ACK"});
}

TEST_F(Call, CancelReachesTheCalleeAndTheCallerGets487) {
  const auto forwarded = invite();
  model.receive(answer(forwarded, 180), "127.0.0.1:5080");
  model.take();
  model.receive(Request{.method = "CANCEL"}.bytes());
  const auto sent = model.take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_TRUE(sent[0].bytes.starts_with("CANCEL sip:callee@127.0.0.1:5080 SIP/2.0\r\n"));
  EXPECT_EQ(values(sent[0].bytes, "Via"), Lines{values(forwarded, "Via")[0]});
  EXPECT_TRUE(sent[1].bytes.starts_with("SIP/2.0 200 "));
  model.receive(answer(sent[0].bytes, 200), "127.0.0.1:5080");
  EXPECT_TRUE(model.take().empty());
  model.receive(answer(forwarded, 487), "127.0.0.1:5080");
  EXPECT_EQ(model.take_start_lines(),
            (Lines{"ACK sip:callee@127.0.0.1:5080 SIP/2.0", "SIP/2.0 487 Answer"}));
}

TEST_F(Call, CancelWaitsForAProvisionalResponse) {
  const auto forwarded = invite();
  model.receive(Request{.method = "CANCEL"}.bytes());
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 200 OK"});
  model.receive(answer(forwarded, 180), "127.0.0.1:5080");
  const auto lines = model.take_start_lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "CANCEL sip:callee@127.0.0.1:5080 SIP/2.0");
}

TEST_F(Call, CancelOfNothingIs481) {
  model.receive(Request{.method = "CANCEL"}.bytes());
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 481 Call/Transaction Does Not Exist"});
}

TEST_F(Call, CalleeThatNeverAnswersIsA408) {
  invite();
  model.advance(500);
  EXPECT_EQ(model.take_start_lines(), Lines{"INVITE sip:callee@127.0.0.1:5080 SIP/2.0"});
  for (int i = 0; i < 40; ++i) model.advance(1000);
  const auto lines = model.take_start_lines();
  EXPECT_EQ(lines.back(), "SIP/2.0 408 Request Timeout");
}

TEST_F(Call, EveryTransactionEndsAndLeavesNothing) {
  const auto forwarded = invite();
  model.receive(answer(forwarded, 486), "127.0.0.1:5080");
  model.receive(Request{.method = "ACK", .to_tag = "callee"}.bytes());
  for (int i = 0; i < 100; ++i) model.advance(1000);
  EXPECT_EQ(model.stack.transactions.servers(), 0U);
  EXPECT_EQ(model.stack.transactions.clients(), 0U);
  EXPECT_EQ(model.context.path.held(), 0U);
  EXPECT_EQ(model.stack.routing.runs(), 0U);
  EXPECT_EQ(model.stat("tm:inuse_transactions"), 0U);
}

TEST_F(Call, SecondAnswerOfAForkIsForwardedToo) {
  const auto forwarded = invite();
  model.receive(answer(forwarded, 200, "one"), "127.0.0.1:5080");
  model.receive(answer(forwarded, 200, "two"), "127.0.0.1:5080");
  EXPECT_EQ(model.take_start_lines(), (Lines{"SIP/2.0 200 Answer", "SIP/2.0 200 Answer"}));
}

TEST_F(Call, LoserOfAForkIsCancelled) {
  model.program.on_request = model.fork_to({"sip:a@127.0.0.1:5081", "sip:b@127.0.0.1:5082"});
  model.receive(Request{}.bytes());
  const auto sent = model.take();
  ASSERT_EQ(sent.size(), 3U);
  model.receive(answer(sent[1].bytes, 180), "127.0.0.1:5081");
  model.receive(answer(sent[2].bytes, 180), "127.0.0.1:5082");
  model.take();
  model.receive(answer(sent[2].bytes, 200), "127.0.0.1:5082");
  EXPECT_EQ(model.take_start_lines(),
            (Lines{"CANCEL sip:a@127.0.0.1:5081 SIP/2.0", "SIP/2.0 200 Answer"}));
  EXPECT_EQ(model.stack.routing.runs(), 0U);
}

TEST_F(Call, BestResponseOfAForkIsForwardedWhenAllHaveAnswered) {
  model.program.on_request = model.fork_to({"sip:a@127.0.0.1:5081", "sip:b@127.0.0.1:5082"});
  model.receive(Request{}.bytes());
  const auto sent = model.take();
  model.receive(answer(sent[1].bytes, 503), "127.0.0.1:5081");
  EXPECT_EQ(model.take_start_lines(), Lines{"ACK sip:a@127.0.0.1:5081 SIP/2.0"});
  model.receive(answer(sent[2].bytes, 404), "127.0.0.1:5082");
  EXPECT_EQ(model.take_start_lines(),
            (Lines{"ACK sip:b@127.0.0.1:5082 SIP/2.0", "SIP/2.0 404 Answer"}));
}

TEST_F(Call, DeclineEndsTheOtherBranches) {
  model.program.on_request = model.fork_to({"sip:a@127.0.0.1:5081", "sip:b@127.0.0.1:5082"});
  model.receive(Request{}.bytes());
  const auto sent = model.take();
  model.receive(answer(sent[1].bytes, 180), "127.0.0.1:5081");
  model.take();
  model.receive(answer(sent[2].bytes, 603), "127.0.0.1:5082");
  EXPECT_EQ(model.take_start_lines(),
            (Lines{"ACK sip:b@127.0.0.1:5082 SIP/2.0", "CANCEL sip:a@127.0.0.1:5081 SIP/2.0"}));
  model.receive(answer(sent[1].bytes, 487), "127.0.0.1:5081");
  EXPECT_EQ(model.take_start_lines(),
            (Lines{"ACK sip:a@127.0.0.1:5081 SIP/2.0", "SIP/2.0 603 Answer"}));
}

TEST_F(Call, ForkThatTimesOutGoesOnWithTheNext) {
  model.program.on_request = model.fork_to({"sip:a@127.0.0.1:5081"}, 2000);
  unsigned first = 0;
  model.program.on_resume = [&](routing::Run& run, const routing::Value&) {
    if (first) return routing::Engine::Progress::finished;
    first = run.result->code();
    return model.fork_to({"sip:b@127.0.0.1:5082"})(run);
  };
  model.receive(Request{}.bytes());
  const auto sent = model.take();
  model.receive(answer(sent[1].bytes, 180), "127.0.0.1:5081");
  model.take();
  model.advance(2100);
  EXPECT_EQ(first, 408U);
  EXPECT_EQ(model.take_start_lines(),
            (Lines{"CANCEL sip:a@127.0.0.1:5081 SIP/2.0", "INVITE sip:b@127.0.0.1:5082 SIP/2.0"}));
  model.receive(answer(sent[1].bytes, 487), "127.0.0.1:5081");
  EXPECT_EQ(model.take_start_lines(), Lines{"ACK sip:a@127.0.0.1:5081 SIP/2.0"});
}

TEST_F(Call, CancelWakesAProgramThatSleeps) {
  model.program.on_request = [](routing::Run&) { return routing::Engine::Progress::waiting; };
  bool cancelled = false;
  model.program.on_resume = [&](routing::Run& run, const routing::Value&) {
    cancelled = run.cancelled;
    return routing::Engine::Progress::finished;
  };
  model.receive(Request{}.bytes());
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 100 Trying"});
  model.receive(Request{.method = "CANCEL"}.bytes());
  EXPECT_EQ(model.take_start_lines(), (Lines{"SIP/2.0 487 Request Terminated", "SIP/2.0 200 OK"}));
  EXPECT_TRUE(cancelled);
  EXPECT_EQ(model.stack.routing.runs(), 0U);
}

TEST_F(Call, ProgramThatForgetsToAnswerIsA500) {
  model.program.on_request = [](routing::Run&) { return routing::Engine::Progress::finished; };
  model.receive(Request{}.bytes());
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 500 Server Internal Error"});
}

TEST_F(Call, NoHopsLeftIs483) {
  model.receive(Request{.max_forwards = "0"}.bytes());
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 483 Too Many Hops"});
}

TEST_F(Call, LoopIs482) {
  model.program.on_request = model.relay_to("sip:callee@127.0.0.1:5060");
  const auto forwarded = invite();
  ASSERT_TRUE(forwarded.starts_with("INVITE"));
  model.receive(forwarded, "127.0.0.1:5060");
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 482 Loop Detected"});
}

TEST_F(Call, SpiralIsNoLoop) {
  const auto forwarded = invite();
  auto back = forwarded;
  back.replace(0, back.find(" SIP/2.0"), "INVITE sip:other@127.0.0.1:5060");
  model.receive(back, "127.0.0.1:5080");
  EXPECT_EQ(model.take_start_lines().back(), "INVITE sip:callee@127.0.0.1:5080 SIP/2.0");
}

TEST_F(Call, MergedRequestIs482) {
  invite();
  model.receive(Request{.branch = "z9hG4bKanother"}.bytes());
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 482 Loop Detected"});
}

TEST_F(Call, ResponseThatNobodyWaitsForIsDropped) {
  const auto forwarded = invite();
  auto forged = answer(forwarded, 200);
  const auto digit = forged.find("branch=z9hG4bK") + 20;
  forged[digit] = forged[digit] == '0' ? '1' : '0';
  model.receive(forged, "127.0.0.1:5080");
  EXPECT_TRUE(model.take().empty());
  EXPECT_EQ(model.stat("tm:stray_replies"), 1U);
}

TEST_F(Call, NonInviteIsForwardedAndItsAnswerRepeatedForCopies) {
  const Request message{.method = "MESSAGE"};
  const auto forwarded = invite(message);
  EXPECT_TRUE(forwarded.starts_with("MESSAGE ")) << forwarded;
  EXPECT_TRUE(values(forwarded, "Record-Route").empty());
  model.receive(answer(forwarded, 200), "127.0.0.1:5080");
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 200 Answer"});
  model.receive(message.bytes());
  EXPECT_EQ(model.take_start_lines(), Lines{"SIP/2.0 200 Answer"});
  EXPECT_EQ(model.program.started, 1);
}

TEST_F(Call, NonInviteThatNobodyAnswersEndsInSilence) {
  invite({.method = "MESSAGE"});
  for (int i = 0; i < 80; ++i) model.advance(1000);
  for (const auto& line : model.take_start_lines()) {  // RFC 4320: a 100, but no 408
    EXPECT_TRUE(line.starts_with("MESSAGE ") || line == "SIP/2.0 100 Trying") << line;
  }
  EXPECT_EQ(model.stack.transactions.servers(), 0U);
}

TEST_F(Call, BetweenTwoSocketsEachSideGetsARouteItCanReach) {
  model.program.on_request = model.relay_to("sip:callee@[::1]:5080");
  const auto forwarded = invite();
  const auto routes = values(forwarded, "Record-Route");
  ASSERT_EQ(routes.size(), 2U);
  EXPECT_TRUE(routes[0].starts_with("<sip:[::1]:5060;lr")) << routes[0];
  EXPECT_TRUE(routes[1].starts_with("<sip:127.0.0.1:5060;lr")) << routes[1];

  Request bye{
      .method = "BYE", .uri = "sip:callee@[::1]:5080", .branch = "z9hG4bKbye", .to_tag = "callee"};
  bye.extra = "Route: " + routes[1] + "\r\nRoute: " + routes[0] + "\r\n";
  model.receive(bye.bytes());
  const auto sent = model.take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(values(sent[0].bytes, "Route").empty());
  EXPECT_EQ(sent[0].to.socket, 1);
}

TEST_F(Call, RportAndReceivedAreFilledIn) {
  Request request;
  request.branch = "z9hG4bKx;rport";
  request.via = "10.0.0.1:5090";
  model.receive(request.bytes(), "127.0.0.1:6000");
  const auto sent = model.take();
  EXPECT_EQ(values(sent[0].bytes, "Via"),
            Lines{"SIP/2.0/UDP 10.0.0.1:5090;branch=z9hG4bKx;received=127.0.0.1;rport=6000"});
  EXPECT_EQ(sent[0].to.peer.to_string(), "127.0.0.1:6000");
}

}  // namespace
}  // namespace opensips::model
