// Messages that are wrong, forged or at a limit, through all layers: nothing of them stays, and
// nobody else is hurt.

#include <gtest/gtest.h>

#include "model/model.hh"

namespace opensips::model {
namespace {

using Lines = std::vector<std::string>;

const std::string kCallee = "127.0.0.1:5080";

class BadInput : public ::testing::Test {
 protected:
  std::string invite(const Request& request = {}) {
    model.receive(request.bytes());
    const auto sent = model.take();
    return sent.empty() ? "" : sent.back().bytes;
  }
  Lines lines() { return model.take_start_lines(); }
  static std::string without_line(std::string text, const std::string& begin,
                                  std::size_t which = 0) {
    auto at = text.find("\r\n" + begin);
    for (; which > 0; --which) at = text.find("\r\n" + begin, at + 1);
    return text.erase(at, text.find("\r\n", at + 2) - at);
  }
  static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
  }

  Model model;
};

TEST_F(BadInput, ResponseWithoutAViaOfTheCallerDecidesNothing) {
  const auto forwarded = invite();
  const auto ok = answer(forwarded, 200);
  model.receive(without_line(ok, "Via", 1), kCallee);
  EXPECT_EQ(lines(), Lines{});
  EXPECT_EQ(model.stat("tm:stray_replies"), 1U);
  model.receive(ok, kCallee);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 Answer"});
}

TEST_F(BadInput, ResponseOfAnotherMethodOrCallIsNotTaken) {
  const auto forwarded = invite();
  const auto ok = answer(forwarded, 200);
  model.receive(replaced(ok, "CSeq: 1 INVITE", "CSeq: 1 BYE"), kCallee);
  model.receive(replaced(ok, "CSeq: 1 INVITE", "CSeq: 1 CANCEL"), kCallee);
  model.receive(replaced(ok, "Call-ID: call-1", "Call-ID: call-2"), kCallee);
  EXPECT_EQ(lines(), Lines{});
  EXPECT_EQ(model.stat("tm:stray_replies"), 3U);
}

TEST_F(BadInput, ViasOfOneLineComeBackWithoutOurs) {
  Request request;
  request.via = "10.0.0.9:5070;branch=z9hG4bKtop, SIP/2.0/UDP 10.0.0.8";
  const auto forwarded = invite(request);
  const auto vias = values(forwarded, "Via");
  ASSERT_EQ(vias.size(), 2U);
  // A callee may join the lines.
  auto ok = answer(forwarded, 200);
  ok = replaced(ok, "\r\nVia: " + vias[1], "");
  ok = replaced(ok, vias[0], vias[0] + " , " + vias[1]);
  model.receive(ok, kCallee);
  const auto sent = model.take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(values(sent[0].bytes, "Via"),
            Lines{"SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bKtop;received=127.0.0.1;rport=5070, "
                  "SIP/2.0/UDP 10.0.0.8;branch=z9hG4bKuac1"});
}

TEST_F(BadInput, RouteThatDoesNotParseIs400) {
  EXPECT_EQ(invite({.extra = "Route: <sip:127.0.0.1;lr\r\n"}).substr(0, 21),
            "SIP/2.0 400 Bad Route");
  EXPECT_EQ(model.program.started, 0);
}

/// The ACK that a phone sends for a refusal.
Request ack_of(const std::string& refusal, Request request = {}) {
  const auto to = values(refusal, "To").at(0);
  request.method = "ACK";
  request.to_tag = to.substr(to.find(";tag=") + 5);
  return request;
}

TEST_F(BadInput, AckOfARefusalMadeWithoutATransactionIsNotForwarded) {
  model.program.on_in_dialog = model.relay_to("sip:callee@" + kCallee);
  invite();
  const auto merged = invite({.branch = "z9hG4bKanother"});
  EXPECT_TRUE(merged.starts_with("SIP/2.0 482 "));
  model.receive(ack_of(merged, {.branch = "z9hG4bKanother"}).bytes());
  EXPECT_EQ(lines(), Lines{});

  const Request bad{.branch = "z9hG4bKbad", .call_id = "call-bad", .max_forwards = "many"};
  const auto refused = invite(bad);
  EXPECT_TRUE(refused.starts_with("SIP/2.0 400 "));
  auto ack = ack_of(refused, bad);
  ack.max_forwards = "70";
  model.receive(ack.bytes());
  EXPECT_EQ(lines(), Lines{});
  EXPECT_EQ(model.program.started, 1);
}

TEST_F(BadInput, AckOfARefusalWhoseTransactionHasEndedIsNotForwarded) {
  model.program.on_in_dialog = model.relay_to("sip:callee@" + kCallee);
  model.program.on_request = model.reply_with(486);
  const auto refusal = invite();
  model.pass(40'000);
  lines();
  model.receive(ack_of(refusal).bytes());
  EXPECT_EQ(lines(), Lines{});
  EXPECT_EQ(model.program.started, 1);
}

TEST_F(BadInput, AckOfAnUnknownDialogReachesTheProgramAndHoldsNothing) {
  model.program.on_in_dialog = model.relay_to("sip:callee@" + kCallee);
  model.receive(Request{.method = "ACK", .branch = "z9hG4bKx", .to_tag = "callee"}.bytes());
  EXPECT_EQ(lines(), Lines{"ACK sip:callee@" + kCallee + " SIP/2.0"});
  EXPECT_TRUE(model.idle());
}

TEST_F(BadInput, AckWithoutATagReachesTheProgramAndIsNeverAnswered) {
  for (const unsigned code : {200U, 404U}) {
    model.program.on_request = model.reply_with(code);
    model.receive(Request{.method = "ACK"}.bytes());
    EXPECT_EQ(lines(), Lines{});
  }
  EXPECT_TRUE(model.idle());
}

TEST_F(BadInput, RequestWithAsManyHeadersAsAllowedIsTimedOutProperly) {
  Request request;
  for (int i = 0; i < 247; ++i) request.extra += "X-Many: " + std::to_string(i) + "\r\n";
  // From, To and what else an answer repeats come last.
  auto bytes = request.bytes();
  const auto from = bytes.find("From: "), contact = bytes.find("Contact: ");
  const auto needed = bytes.substr(from, contact - from);
  bytes.erase(from, needed.size());
  bytes.insert(bytes.find("Content-Length"), needed);
  model.receive(bytes);
  const auto out = model.take();
  ASSERT_EQ(out.size(), 2U) << out.at(0).bytes;
  model.advance(32'000);
  const auto sent = model.take().back().bytes;
  EXPECT_TRUE(sent.starts_with("SIP/2.0 408 ")) << sent;
  EXPECT_EQ(values(sent, "From").size(), 1U);
  EXPECT_EQ(values(sent, "To").size(), 1U);
  EXPECT_EQ(values(sent, "Call-ID"), Lines{"call-1"});
  EXPECT_EQ(values(sent, "CSeq"), Lines{"1 INVITE"});
  EXPECT_EQ(values(sent, "Via").size(), 1U);
}

TEST_F(BadInput, RequestWithAsManyViasAsAllowedIsTimedOutProperly) {
  Request request;
  for (int i = 0; i < 69; ++i)
    request.branch += "\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx" + std::to_string(i);
  model.receive(request.bytes());
  ASSERT_EQ(model.take().size(), 2U);
  model.advance(32'000);
  const auto sent = model.take().back().bytes;
  EXPECT_TRUE(sent.starts_with("SIP/2.0 408 ")) << sent;
  EXPECT_EQ(values(sent, "Via").size(), 70U);
  EXPECT_EQ(values(sent, "CSeq"), Lines{"1 INVITE"});
}

TEST_F(BadInput, MessagesCutAnywhereLeaveNothing) {
  const auto request =
      Request{.extra = "Route: <sip:127.0.0.1:5060;lr>\r\n", .body = "body"}.bytes();
  for (std::size_t size = 0; size < request.size(); ++size) {
    model.receive(request.substr(0, size));
    for (const auto& line : lines())
      EXPECT_TRUE(line.starts_with("SIP/2.0 4")) << size << " " << line;
  }
  const auto forwarded = invite();
  const auto refusal = answer(forwarded, 404);
  for (std::size_t size = 0; size + 30 < refusal.size(); ++size) {
    model.receive(refusal.substr(0, size), kCallee);
    EXPECT_EQ(lines(), Lines{}) << size;
  }
  model.receive(refusal, kCallee);
  EXPECT_EQ(lines().back(), "SIP/2.0 404 Answer");
  model.pass(80'000);
  EXPECT_TRUE(model.idle());
}

TEST_F(BadInput, MessagesWithALineLessLeaveNothing) {
  const auto request = Request{}.bytes();
  for (auto at = request.find("\r\n"); at + 4 < request.size(); at = request.find("\r\n", at + 1)) {
    auto text = request;
    text.erase(at, request.find("\r\n", at + 2) - at);
    model.receive(text);
  }
  model.pass(80'000);
  EXPECT_TRUE(model.idle());
}

TEST_F(BadInput, UnknownMethodIsForwardedLikeAnyOther) {
  const auto forwarded = invite({.method = "FROBNICATE"});
  EXPECT_TRUE(forwarded.starts_with("FROBNICATE sip:callee@" + kCallee)) << forwarded;
  model.receive(answer(forwarded, 200), kCallee);
  EXPECT_EQ(lines(), Lines{"SIP/2.0 200 Answer"});
}

TEST_F(BadInput, BranchOfOursInARequestIsNoKeyToATransaction) {
  const auto forwarded = invite();
  auto via = values(forwarded, "Via").at(0);
  Request forged{.branch = via.substr(via.find("branch=") + 7), .call_id = "forged"};
  model.receive(forged.bytes(), kCallee);
  EXPECT_EQ(model.program.started, 2);
  EXPECT_EQ(lines().size(), 2U);
}

TEST_F(BadInput, EarlierProcessesBranchIsAStray) {
  Model before;
  before.receive(Request{}.bytes());
  const auto forwarded = before.take().back().bytes;
  model.receive(answer(forwarded, 200),
                kCallee);  // the same key: the MAC is right, the epoch is not
  EXPECT_EQ(lines(), Lines{});
  EXPECT_EQ(model.stat("tm:stray_replies"), 1U);
}

}  // namespace
}  // namespace opensips::model
