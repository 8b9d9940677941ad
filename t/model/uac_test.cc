// Requests of the server's own: what goes out, and what the layer above hears of it.

#include <gtest/gtest.h>

#include <set>

#include "model/uac_model.hh"

namespace opensips::model {
namespace {

TEST_F(UacTest, GoesOutWithWhatWasSaidAndIsAnswered) {
  auto options = request("OPTIONS");
  options.headers = "X-One: 1\r\n";
  options.content_type = "text/plain";
  options.body = "hello";
  ASSERT_TRUE(send(options));
  const auto bytes = take();
  EXPECT_TRUE(
      bytes.starts_with("OPTIONS sip:peer@127.0.0.1:5080 SIP/2.0\r\nVia: SIP/2.0/UDP "
                        "127.0.0.1:5060;branch=z9hG4bK"));
  EXPECT_EQ(values(bytes, "Via").size(), 1U);
  EXPECT_EQ(values(bytes, "Max-Forwards"), Lines{"70"});
  EXPECT_TRUE(values(bytes, "From").at(0).starts_with("<sip:server@example.com>;tag="));
  EXPECT_EQ(values(bytes, "To"), Lines{"<sip:peer@example.com>"});
  EXPECT_EQ(values(bytes, "CSeq"), Lines{"1 OPTIONS"});
  EXPECT_EQ(values(bytes, "X-One"), Lines{"1"});
  EXPECT_EQ(values(bytes, "User-Agent"), Lines{"Tester"});
  EXPECT_EQ(values(bytes, "Record-Route"), Lines{});
  EXPECT_TRUE(bytes.ends_with("Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"));
  EXPECT_EQ(sent.to.peer.to_string(), kPeer);
  say(bytes, 200);
  EXPECT_EQ(heard, Lines{"200"});
  EXPECT_EQ(model.stat("core:fwd_requests"), 0U);
  say(bytes, 200);  // a copy
  expect_end();
  EXPECT_EQ(heard, Lines{"200"});
}

TEST_F(UacTest, DrawsCallIdsThatThisWorkerOwns) {
  auto four = options();
  four.workers = 4;
  Model first(four);
  std::set<std::string> drawn;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(first.stack.uac.send(request("OPTIONS"), {}, {}));
    drawn.insert(values(first.take().at(0).bytes, "Call-ID").at(0));
  }
  EXPECT_EQ(drawn.size(), 100U);
  for (const auto& call_id : drawn) EXPECT_EQ(first.shared.owners.owner_of(call_id), 0U);
}

TEST_F(UacTest, InADialogGoesByItsRouteSet) {
  OwnRequest bye{.method = "BYE",
                 .uri = "sip:target@192.0.2.1",
                 .route = "<sip:127.0.0.1:5080;lr>, \"second, of them\" <sip:127.0.0.1:5090;lr>",
                 .from = "<sip:a@example.com>;tag=ours",
                 .to = "<sip:b@example.com>;tag=theirs",
                 .call_id = "call",
                 .cseq = 7};
  send(bye);
  const auto bytes = take();
  EXPECT_TRUE(bytes.starts_with("BYE sip:target@192.0.2.1 SIP/2.0\r\n"));
  EXPECT_EQ(values(bytes, "Route"), Lines{std::string(bye.route)});
  EXPECT_EQ(values(bytes, "From"), Lines{std::string(bye.from)});
  EXPECT_EQ(values(bytes, "To"), Lines{std::string(bye.to)});
  EXPECT_EQ(values(bytes, "Call-ID"), Lines{"call"});
  EXPECT_EQ(values(bytes, "CSeq"), Lines{"7 BYE"});
  EXPECT_EQ(sent.to.peer.to_string(), kPeer);

  bye.route = "<sip:127.0.0.1:5080>, <sip:127.0.0.1:5090;lr>";
  send(bye);
  const auto strict = take();
  EXPECT_TRUE(strict.starts_with("BYE sip:127.0.0.1:5080 SIP/2.0\r\n"));
  EXPECT_EQ(values(strict, "Route"), Lines{"<sip:127.0.0.1:5090;lr>, <sip:target@192.0.2.1>"});
}

TEST_F(UacTest, GoesByTheFlowOrTheNextHopInstead) {
  base::Flow flow;
  flow.peer = *base::Address::parse("127.0.0.1", 6000);
  flow.socket = 0;
  send(request("OPTIONS"), {.next_hop = {}, .flow = flow});
  EXPECT_TRUE(take().starts_with("OPTIONS sip:peer@127.0.0.1:5080 "));
  EXPECT_EQ(sent.to.peer.to_string(), "127.0.0.1:6000");
  send(request("OPTIONS"), {.next_hop = "sip:[::1]:6001", .flow = {}});
  EXPECT_TRUE(take().starts_with("OPTIONS sip:peer@127.0.0.1:5080 "));
  EXPECT_EQ(sent.to.peer.to_string(), "[::1]:6001");
}

TEST_F(UacTest, SilenceIsA408MadeHere) {
  send(request("OPTIONS"));
  model.pass(31'990);
  EXPECT_EQ(heard, Lines{});
  model.pass(10);
  EXPECT_EQ(heard, Lines{"408 made here"});
  expect_end();
}

TEST_F(UacTest, TimeOfItsOwnEndsIt) {
  send(request("OPTIONS"), {.timeout_ms = 2000});
  const auto options = take();
  model.pass(2000);
  EXPECT_EQ(heard, Lines{"408 made here"});
  say(options, 200);
  EXPECT_EQ(heard.size(), 1U);

  heard.clear();
  send(request("INVITE"), {.timeout_ms = 2000});
  const auto invite = take();
  say(invite, 180);
  model.pass(2000);
  EXPECT_EQ(heard, Lines{"408 made here"});
  EXPECT_EQ(lines(), Lines{"CANCEL sip:peer@127.0.0.1:5080 SIP/2.0"});
  say(invite, 487);
  EXPECT_EQ(lines(), Lines{"ACK sip:peer@127.0.0.1:5080 SIP/2.0"});
  expect_end();
  EXPECT_EQ(heard.size(), 1U);
}

TEST_F(UacTest, WhatCannotBeSentIsA503InALaterTurn) {
  send(request("OPTIONS"));
  lines();
  model.fail(sent.client);
  EXPECT_EQ(heard, Lines{"503 made here"});
  expect_end();
}

TEST_F(UacTest, ProvisionalAnswersComeIfTheyAreWanted) {
  send(request("INVITE"));
  const auto unwanted = take();
  say(unwanted, 180);
  EXPECT_EQ(heard, Lines{});
  say(unwanted, 486);

  heard.clear();
  send(request("INVITE"), {.provisional = true});
  const auto wanted = take();
  for (const unsigned code : {100U, 180U, 183U, 486U}) say(wanted, code);
  EXPECT_EQ(heard, (Lines{"180", "183", "486"}));
  EXPECT_EQ(lines(), Lines{"ACK sip:peer@127.0.0.1:5080 SIP/2.0"});
  say(wanted, 486);  // its ACK was lost
  EXPECT_EQ(lines(), Lines{"ACK sip:peer@127.0.0.1:5080 SIP/2.0"});
  expect_end();
  EXPECT_EQ(heard.size(), 3U);
}

TEST_F(UacTest, OwnerAcknowledgesEverySuccess) {
  const auto id = send(request("INVITE"));
  const auto invite = take();
  on_answer = [&] { model.stack.uac.acknowledge(id, *last); };
  const std::string routes =
      "Record-Route: <sip:127.0.0.1:5092;lr>\r\nRecord-Route: <sip:127.0.0.1:5091;lr>\r\n";
  say(invite, 200, routes);
  const auto ack = take();
  EXPECT_TRUE(ack.starts_with("ACK sip:callee@127.0.0.1:5080 SIP/2.0\r\n"));
  EXPECT_EQ(values(ack, "Route"), Lines{"<sip:127.0.0.1:5091;lr>, <sip:127.0.0.1:5092;lr>"});
  EXPECT_EQ(values(ack, "CSeq"), Lines{"1 ACK"});
  EXPECT_EQ(values(ack, "From"), values(invite, "From"));
  EXPECT_EQ(values(ack, "To"), Lines{"<sip:peer@example.com>;tag=peer"});
  EXPECT_EQ(sent.to.peer.to_string(), "127.0.0.1:5091");
  EXPECT_NE(values(ack, "Via"), values(invite, "Via"));
  say(invite, 200, routes);  // the ACK was lost
  EXPECT_EQ(take(), ack);
  say(invite, 200, {}, "another");  // of a fork
  EXPECT_EQ(values(take(), "To"), Lines{"<sip:peer@example.com>;tag=another"});
  EXPECT_NE(values(sent.bytes, "Via"), values(ack, "Via"));
  EXPECT_EQ(heard, (Lines{"200", "200", "200"}));
  expect_end();
}

TEST_F(UacTest, ReInviteIsAcknowledgedByTheRouteSetItHad) {
  auto invite = request("INVITE");
  invite.to = "<sip:peer@example.com>;tag=peer";
  invite.route = "<sip:127.0.0.1:5091;lr>";
  invite.call_id = "call";
  invite.cseq = 12;
  const auto id = send(invite);
  on_answer = [&] { model.stack.uac.acknowledge(id, *last); };
  say(take(), 200, "Record-Route: <sip:127.0.0.1:5099;lr>\r\n");
  const auto ack = take();
  EXPECT_EQ(values(ack, "Route"), Lines{"<sip:127.0.0.1:5091;lr>"});
  EXPECT_EQ(values(ack, "CSeq"), Lines{"12 ACK"});
  expect_end();
}

TEST_F(UacTest, CancelIsSentWhenItMayBeAndTheAnswerStillComes) {
  const auto id = send(request("INVITE"));
  const auto invite = take();
  model.stack.uac.cancel(id);
  EXPECT_EQ(lines(), Lines{});
  say(invite, 180);
  EXPECT_EQ(lines(), Lines{"CANCEL sip:peer@127.0.0.1:5080 SIP/2.0"});
  say(sent.bytes, 200);
  say(invite, 487);
  EXPECT_EQ(heard, Lines{"487"});
  model.stack.uac.cancel(id);
  expect_end();
}

TEST_F(UacTest, ForgottenInviteIsHungUpIfItIsAnsweredAfterAll) {
  const auto id = send(request("INVITE"));
  const auto invite = take();
  say(invite, 180);
  model.stack.uac.forget(id);
  EXPECT_EQ(lines(), Lines{"CANCEL sip:peer@127.0.0.1:5080 SIP/2.0"});
  say(invite, 200);
  EXPECT_EQ(lines(), (Lines{"ACK sip:callee@127.0.0.1:5080 SIP/2.0",
                            "BYE sip:callee@127.0.0.1:5080 SIP/2.0"}));
  EXPECT_EQ(values(sent.bytes, "CSeq"), Lines{"2 BYE"});
  say(sent.bytes, 200);
  say(invite, 200);  // the ACK was lost, the BYE not
  EXPECT_EQ(lines(), Lines{"ACK sip:callee@127.0.0.1:5080 SIP/2.0"});
  expect_end();
  EXPECT_EQ(heard, Lines{});
}

TEST_F(UacTest, ForgottenReInviteLeavesTheCallAlone) {
  auto invite = request("INVITE");
  invite.to = "<sip:peer@example.com>;tag=peer";
  invite.call_id = "call";
  const auto id = send(invite);
  const auto bytes = take();
  model.stack.uac.forget(id);
  say(bytes, 200);
  EXPECT_EQ(lines(), Lines{"ACK sip:callee@127.0.0.1:5080 SIP/2.0"});
  expect_end();
}

TEST_F(UacTest, ForgottenRequestIsStillDelivered) {
  const auto id = send(request("BYE"));
  lines();
  model.stack.uac.forget(id);
  EXPECT_EQ(model.stack.uac.open(), 0U);
  model.pass(500);
  EXPECT_EQ(lines(), Lines{"BYE sip:peer@127.0.0.1:5080 SIP/2.0"});
  say(sent.bytes, 200);
  EXPECT_EQ(heard, Lines{});
  expect_end();
}

TEST_F(UacTest, AnswerMayForgetItsOwnRequest) {
  UacId id;
  on_answer = [&] { model.stack.uac.forget(id); };
  id = send(request("INVITE"), {.provisional = true});
  const auto invite = take();
  say(invite, 180);
  say(invite, 183);
  EXPECT_EQ(heard, Lines{"180"});
  say(invite, 487);
  expect_end();
}

TEST_F(UacTest, NextServerOfANameIsTriedAndTheAnswerIsOne) {
  names.service("_sip._udp.example", {1, 1, 5081, "host"});
  names.service("_sip._udp.example", {2, 1, 5082, "host"});
  names.address("host", "127.0.0.1");
  auto options = request("OPTIONS");
  options.uri = "sip:example";
  send(options);
  EXPECT_EQ(lines(), Lines{});
  names.answer();
  const auto first = take();
  EXPECT_EQ(sent.to.peer.to_string(), "127.0.0.1:5081");
  say(first, 503);
  const auto second = take();
  EXPECT_EQ(sent.to.peer.to_string(), "127.0.0.1:5082");
  EXPECT_NE(values(first, "Via"), values(second, "Via"));
  EXPECT_EQ(values(first, "Call-ID"), values(second, "Call-ID"));
  say(second, 200);
  EXPECT_EQ(heard, Lines{"200"});
  expect_end();
}

TEST_F(UacTest, NameThatIsNotThereIsA503) {
  auto options = request("OPTIONS");
  options.uri = "sip:nobody:5060";
  send(options);
  names.answer();
  model.context.run_deferred();
  EXPECT_EQ(heard, Lines{"503 made here"});
  expect_end();
}

TEST_F(UacTest, CancelledWhileItsNameIsLookedUpIs487) {
  auto invite = request("INVITE");
  invite.uri = "sip:nobody:5060";
  const auto id = send(invite);
  model.stack.uac.cancel(id);
  model.context.run_deferred();
  EXPECT_EQ(heard, Lines{"487 made here"});
  EXPECT_EQ(model.stack.uac.open(), 0U);
  names.answer();
  expect_end();
}

TEST_F(UacTest, ResponseForSomebodyBehindUsIsNotTaken) {
  send(request("OPTIONS"));
  auto bytes = answer(take(), 200);
  bytes.insert(bytes.find("From:"), "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKother\r\n");
  model.receive(bytes, kPeer);
  EXPECT_EQ(heard, Lines{});
  EXPECT_EQ(model.stat("tm:stray_replies"), 1U);
}

TEST_F(UacTest, OwnRequestThatComesBackIsNoLoop) {
  auto message = request("MESSAGE");
  message.uri = "sip:callee@127.0.0.1:5060";
  send(message);
  const auto bytes = take();
  model.receive(bytes, "127.0.0.1:5060");
  EXPECT_EQ(lines(), Lines{"MESSAGE sip:callee@127.0.0.1:5080 SIP/2.0"});
}

TEST_F(UacTest, PartsThatMakeNoRequestAreRefused) {
  const auto error = [&](const OwnRequest& request) {
    const auto result = model.stack.uac.send(request, {}, [](const auto&) { ADD_FAILURE(); });
    return result ? std::string("sent") : std::string(base::to_string(result.error()));
  };
  const auto with = [&](auto change) {
    auto changed = request("OPTIONS");
    change(changed);
    return changed;
  };
  EXPECT_EQ(error(with([](auto& r) { r.method = "NO METHOD"; })), "malformed");
  EXPECT_EQ(error(with([](auto& r) { r.uri = "nothing"; })), "malformed");
  EXPECT_EQ(error(with([](auto& r) { r.uri = "tel:+1"; })), "malformed");
  EXPECT_EQ(error(with([](auto& r) { r.from = ""; })), "malformed");
  EXPECT_EQ(error(with([](auto& r) { r.to = "<sip:"; })), "malformed");
  EXPECT_EQ(error(with([](auto& r) { r.route = "<sip:a"; })), "malformed");
  EXPECT_EQ(error(with([](auto& r) { r.headers = "no header\r\n"; })), "malformed");
  EXPECT_EQ(error(with([](auto& r) { r.uri = "sip:a@127.0.0.1;transport=tcp"; })), "unreachable");
  EXPECT_EQ(model.stack.uac.open(), 0U);
  EXPECT_TRUE(model.idle());
}

}  // namespace
}  // namespace opensips::model
